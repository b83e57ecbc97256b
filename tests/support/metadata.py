"""Metadata for tests, written as text: one string holds the files of an application."""

from __future__ import annotations

import re
from pathlib import Path

from engine.checked import check as check_folder
from engine.declared.application import Application
from engine.errors import Problem
from engine.loading.load import check, load

FILE = re.compile(r"^# ([\w./-]+\.ya?ml)\n", re.MULTILINE)
APP = "app: example\n"


def write(folder: Path, text: str, default: str = "entities/example.yaml") -> Path:
    """Write an application: lines like `# entities/ticket.yaml` begin files, what stands before is `default`.

    Without metadata/app.yaml of its own it gets the smallest one.
    """
    parts = FILE.split(text)
    files = dict(zip(parts[1::2], parts[2::2], strict=True))
    if parts[0].strip() or not files:
        files[default] = parts[0]
    for name, content in {"metadata/app.yaml": APP, **files}.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding="utf-8")
    return folder


def application(folder: Path, text: str) -> Application:
    """The application of a text that has no error."""
    return load(write(folder, text))


def problems(folder: Path, text: str) -> tuple[Problem, ...]:
    """Everything there is to say against a text."""
    return check(write(folder, text))[1]


def proven(folder: Path, text: str) -> tuple[Problem, ...]:
    """Everything that `engine check` says of a text: the same, and what is proven of its processes."""
    return check_folder(write(folder, text)).problems


def complaints(folder: Path, text: str) -> list[str]:
    """The problems as short lines: place, code, message, hint."""
    return [
        f"{p.place.file.removeprefix('entities/')}:{p.place.line}:{p.place.column} {p.level}[{p.code}] {p.message}"
        + (f" -- {p.hint}" if p.hint else "")
        for p in problems(folder, text)
    ]
