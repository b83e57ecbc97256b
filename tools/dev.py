"""Makes the development environment `.venv`, and does nothing when it is up to date.

Standard library only, because it runs before anything is installed; and in words that Python 3.7 knows,
because an old interpreter has to get far enough to say that it is too old.

    python3 tools/dev.py              make or refresh the environment
    python3 tools/dev.py --force      make it anew
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
READY = VENV / "ready"

OLDEST = (3, 11)
UV = "uv==0.13.9"

# What decides what is installed. `.venv/ready` holds their hash.
INPUTS = (
    "pyproject.toml",
    "constraints.txt",
    "package.json",
    "package-lock.json",
    ".npmrc",
    "hatch_build.py",
    "tools/dev.py",
)
# What the build hook leaves: without it the pages have no script.
FRONT_END = ROOT / "engine" / "web" / "static" / "vendor" / ".stamp"


class SetupError(Exception):
    """Something is missing on this machine; the message says what and how to get it."""


def main(arguments: list[str]) -> int:
    """Make the environment if needed; the exit status is 0 or 1."""
    try:
        _use_a_new_enough_python()
        with _Lock(ROOT):
            if "--force" in arguments:
                shutil.rmtree(str(VENV), ignore_errors=True)
            wanted = _fingerprint()
            if not _is_ready(wanted):
                _make(wanted)
    except SetupError as problem:
        print(f"setup: {problem}", file=sys.stderr)
        return 1
    return 0


def _use_a_new_enough_python() -> None:
    """Go on in a newer Python of this machine if the running one is too old."""
    if sys.version_info >= OLDEST:
        return
    for minor in (13, 12, 11, 14):
        found = shutil.which(f"python3.{minor}")
        if found and subprocess.call([found, "-c", "import ensurepip"], stderr=subprocess.DEVNULL) == 0:
            os.execv(found, [found, *sys.argv])
    raise SetupError(
        f"Python {_dotted(OLDEST)} or newer is needed; this is Python {_dotted(sys.version_info[:2])}"
        f" ({sys.executable}), and no newer one is on the path."
    )


def _dotted(version: tuple[int, int]) -> str:
    return f"{version[0]}.{version[1]}"


class _Lock:
    """One set-up at a time in a folder: a second `make` waits for the first."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __enter__(self) -> None:
        try:
            import fcntl  # lazy: there is none on Windows, and there nobody waits
        except ImportError:
            return
        self._handle = os.open(str(self._folder), os.O_RDONLY)
        fcntl.flock(self._handle, fcntl.LOCK_EX)

    def __exit__(self, *_: object) -> None:
        handle = getattr(self, "_handle", None)
        if handle is not None:
            os.close(handle)


def _fingerprint() -> str:
    """A hash of everything the environment is made from: the inputs, the interpreter, the place."""
    digest = hashlib.sha256()
    digest.update(repr((sys.version_info[:2], str(ROOT))).encode())
    for name in INPUTS:
        digest.update(name.encode())
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def _is_ready(wanted: str) -> bool:
    return READY.is_file() and READY.read_text() == wanted and PYTHON.exists() and FRONT_END.is_file()


def _make(wanted: str) -> None:
    if READY.is_file():
        READY.unlink()
    if not _fits():
        shutil.rmtree(str(VENV), ignore_errors=True)
        _create()
    print("setup: installing what pyproject.toml names, as constraints.txt pins it", flush=True)
    _install()
    READY.write_text(wanted)
    print(f"setup: ready in {VENV.name}", flush=True)


def _fits() -> bool:
    """Whether there is an environment that was made here and by this version of Python."""
    question = "import sys, pip; print(repr((sys.prefix, sys.version_info[:2])))"
    try:
        answer = subprocess.check_output(
            [str(PYTHON), "-c", question], stderr=subprocess.DEVNULL, universal_newlines=True
        )
    except (OSError, subprocess.CalledProcessError):
        return False
    return answer.strip() == repr((str(VENV), sys.version_info[:2]))


def _create() -> None:
    print(f"setup: making {VENV.name} with Python {_dotted(sys.version_info[:2])}", flush=True)
    try:
        import ensurepip  # noqa: F401  # lazy: Debian ships the interpreter without it
    except ImportError:
        package = f"python{_dotted(sys.version_info[:2])}-venv"
        raise SetupError(
            "this Python has no `venv`, which Debian and Ubuntu ship apart:"
            f" run `sudo apt-get install {package}`, then the same command again."
        ) from None
    if subprocess.call([sys.executable, "-m", "venv", str(VENV)]) != 0:
        raise SetupError(f"`{sys.executable} -m venv .venv` failed; its message stands above.")


def _install() -> None:
    """By uv, which is many times faster; by pip where uv has no build or can't reach the registry."""
    what = ["--constraint", "constraints.txt", "--editable", ".[dev]"]
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    if subprocess.call([*pip, UV], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0:
        uv = [str(PYTHON), "-m", "uv", "pip", "install", "--quiet", "--python", str(PYTHON)]
        # The system's certificates, not uv's own: a company's proxy signs with one of those.
        variables = {"UV_SYSTEM_CERTS": "1", **os.environ}
        if subprocess.call(uv + what, cwd=str(ROOT), env=variables) == 0:
            return
    print("setup: uv could not do it, so pip does; this takes longer", flush=True)
    if subprocess.call(pip + what, cwd=str(ROOT)) != 0:
        raise SetupError("pip could not install the project; its message stands above.")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
