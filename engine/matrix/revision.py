"""The metadata as it stood at a revision of git: put into a temporary folder, and read there."""

from __future__ import annotations

import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from engine.checked import Checked, check
from engine.errors import OperatorError, UsageError


@contextmanager
def checked_at(folder: Path, revision: str) -> Iterator[Checked]:
    """The application of a folder as it was at a revision; raises UsageError where there is none to compare.

    The whole tree is unpacked, since an application may build on folders beside it. It is there until the block ends.
    """
    commit = _commit(folder, revision)
    prefix = _git(folder, "rev-parse", "--show-prefix") or "."
    with TemporaryDirectory(prefix="engine-diff-") as temporary:
        _unpack(folder, commit, Path(temporary))
        then = Path(temporary) / prefix
        if not (then / "metadata").is_dir():
            raise UsageError(f"at {revision} there was no application in {folder}: name a later revision")
        checked = check(then)
        if checked.application is None:
            errors = [each for each in checked.problems if each.level == "error"]
            raise UsageError(
                f"the metadata at {revision} can't be read by this version: {errors[0].place}: "
                f"{errors[0].message}" + (f" (and {len(errors) - 1} more)" if len(errors) > 1 else "")
            )
        yield checked


def _commit(folder: Path, revision: str) -> str:
    inside = _asked(folder, "rev-parse", "--is-inside-work-tree")
    if inside.returncode != 0 or inside.stdout.strip() != "true":
        raise UsageError(f"{folder} is in no work tree of git: `engine diff` compares with a revision of one")
    name = f"{revision}^{{commit}}"
    found = _asked(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", name)
    if found.returncode != 0:
        raise UsageError(
            f"git knows no revision {revision!r}: name a commit, branch or tag, for example main or HEAD~1"
        )
    return found.stdout.strip()


def _git(folder: Path, *words: str) -> str:
    done = _asked(folder, *words)
    if done.returncode != 0:
        raise OperatorError(f"`git {' '.join(words)}` failed: {done.stderr.strip()}")
    return done.stdout.strip()


def _asked(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    if not folder.is_dir():
        raise UsageError(f"there is no folder {folder}")
    try:
        return subprocess.run(
            ["git", "-C", str(folder), *words], capture_output=True, text=True, check=False, encoding="utf-8"
        )
    except FileNotFoundError as error:
        raise OperatorError("git is not installed: `engine diff` reads earlier metadata with it") from error


def _unpack(folder: Path, commit: str, target: Path) -> None:
    root = _git(folder, "rev-parse", "--show-toplevel")
    words = ["git", "-C", root, "archive", "--format=tar", commit]
    with subprocess.Popen(words, stdout=subprocess.PIPE) as archive:
        assert archive.stdout is not None
        with tarfile.open(fileobj=archive.stdout, mode="r|") as tar:
            tar.extractall(target, filter=_harmless)
    if archive.returncode != 0:
        raise OperatorError(f"`git archive {commit}` failed with status {archive.returncode}")


def _harmless(member: tarfile.TarInfo, path: str) -> tarfile.TarInfo | None:
    """A link that leads out of the tree belongs to no metadata, and is left out."""
    try:
        return tarfile.data_filter(member, path)
    except tarfile.FilterError:
        return None
