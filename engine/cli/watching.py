"""What `engine serve --watch` does: see each change of an application's files, and let it serve."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import watchfiles

from engine.app import Engine
from engine.cli.applying import tell_added
from engine.documents.layers import FOLDERS, layer_folders
from engine.text import report

WATCHED = (*FOLDERS, "plugins")
SUFFIXES = (".yaml", ".yml", ".py")
PAUSE = 0.5
"""Seconds after which files are looked at in any case: for folders that come later, or that nobody reports."""

State = frozenset[tuple[Path, int, int]]
"""The files of an application, each with the time of its last change and its size."""


class _Metadata(watchfiles.DefaultFilter):
    """Which changes of files concern the application: its YAML and its plugins."""

    def __call__(self, change: watchfiles.Change, path: str) -> bool:
        return super().__call__(change, path) and path.endswith(SUFFIXES)


def folders_of(root: Path) -> list[Path]:
    """The folders that hold an application's files and are there now, those of its layers included."""
    return [place for layer in layer_folders(root) for name in WATCHED if (place := layer / name).is_dir()]


def state_of(root: Path) -> State:
    """The files of an application as they are now; empty where one goes while it is looked at."""
    try:
        return frozenset(
            (file, (stat := file.stat()).st_mtime_ns, stat.st_size)
            for folder in folders_of(root)
            for file in folder.rglob("*")
            if file.suffix in SUFFIXES
        )
    except OSError:
        return frozenset()


def watch(engine: Engine, stop: threading.Event, read: State) -> None:
    """Reload whenever a file of the application changes; what is wrong is printed, and the last good one serves.

    `read` is the state that was opened: what changed between then and the start of watching counts too.
    """
    for _ in _ticks(engine.folder, stop):
        now = state_of(engine.folder)
        if now != read:
            read = now
            _reload(engine)


def _reload(engine: Engine) -> None:
    served = engine.reload()
    problems = engine.gateway.problems
    if served:
        print(f"reloaded: {report.summary(problems)}", flush=True)
        tell_added(engine)
    else:
        print(report.as_text(problems), flush=True)
        print(f"not reloaded: {report.summary(problems)}; the last good metadata serves on", flush=True)


def _ticks(root: Path, stop: threading.Event) -> Iterator[None]:
    """A moment to look at the files: when the system reports a change, and at least once every PAUSE."""
    while not stop.is_set():
        folders = folders_of(root)
        try:
            for _ in _reported(folders, stop):
                yield
                if folders_of(root) != folders:
                    break
        except (OSError, RuntimeError):  # a folder went meanwhile, or the system can't watch so many
            yield
            stop.wait(PAUSE)


def _reported(folders: list[Path], stop: threading.Event) -> Iterator[set[watchfiles.main.FileChange]]:
    return watchfiles.watch(
        *folders,
        stop_event=stop,
        watch_filter=_Metadata(),
        debounce=200,
        step=50,
        rust_timeout=int(PAUSE * 1000),
        yield_on_timeout=True,
    )
