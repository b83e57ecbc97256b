"""Finds OpenLDAP's server for the tests of directories, or installs it.

    python3 tools/slapd.py             print the path of a slapd that is here; status 1 if none is
    python3 tools/slapd.py --install   the same, installing Debian's package first where there is none (as root)

Looked for: the path in `ENGINE_TEST_SLAPD`, then the path, then where Debian puts it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

USUAL = Path("/usr/sbin/slapd")


def find() -> Path | None:
    """The slapd that is here, or None."""
    named = os.environ.get("ENGINE_TEST_SLAPD") or shutil.which("slapd")
    if named:
        return Path(named)
    return USUAL if USUAL.is_file() else None


def install() -> Path | None:
    """Install Debian's package; None where that can't be."""
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        print("slapd: not root on Debian, so not Debian's package", file=sys.stderr)
        return None
    variables = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", "slapd"]):
        command = ["apt-get", *arguments]
        if subprocess.run(command, env=variables, stdout=sys.stderr.fileno(), check=False).returncode != 0:
            print(f"slapd: `{' '.join(command)}` failed", file=sys.stderr)
            return None
    return find()


def main(arguments: list[str]) -> int:
    """Print the path; the exit status is 0, or 1 where there is no slapd."""
    found = find()
    if found is None and "--install" in arguments:
        found = install()
    if found is None:
        return 1
    print(found)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
