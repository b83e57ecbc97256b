"""The metadata and plugins of a folder, checked: its problems, or the application, without a database or a page."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from engine.declared.application import Application
from engine.errors import Problem
from engine.loading import load
from engine.plugins import Plugins, load_plugins, misdirected
from engine.proving.prove import prove
from engine.types.registry import default_registry

OF_PLUGINS = frozenset({"unknown-type", "unknown-function"})
"""Complaints about names that a plugin may bring."""


@dataclass(frozen=True)
class Checked:
    """What reading a folder gave: every problem, and the application where none of them is an error."""

    plugins: Plugins
    problems: tuple[Problem, ...]
    application: Application | None


def settle() -> None:
    """What is built by now stays: a server does not search it for garbage again, for seconds in a large application.

    For a process that serves one application to its end; not where metadata is read again.
    """
    gc.collect()
    gc.freeze()


@contextmanager
def without_collecting() -> Iterator[None]:
    """Build without the garbage collector: what is built stays, and searching it again and again doubles the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


@without_collecting()
def check(folder: str | Path) -> Checked:
    """Everything wrong with an application, plugins included. Never raises for bad metadata."""
    root = Path(folder).resolve()
    plugins = load_plugins(root, default_registry())
    application, problems = load.check(
        root, types=plugins.registry, functions=plugins.functions, actions=frozenset(plugins.hooks.actions)
    )
    if application is not None:
        problems += (*misdirected(plugins.hooks, application.entities), *prove(application))
    if plugins.problems:  # what nobody knows may be what a plugin that failed would have brought
        problems = tuple(each for each in problems if each.code not in OF_PLUGINS)
    found = tuple(sorted((*plugins.problems, *problems), key=lambda problem: problem.sort_key))
    wrong = any(problem.level == "error" for problem in found)
    return Checked(plugins, found, None if wrong else application)
