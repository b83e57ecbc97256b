"""Reads the examples of a page: fenced blocks, each with the comment above it that says what it is.

The comments, one line each, directly above the fence::

    <!-- app: workshop file: entities/repair.yaml -->    a file of an application
    <!-- run: workshop -->                               commands, run by bash beside the application
    <!-- output -->                                      what the commands above print, exactly
    <!-- answer -->                                      JSON that the command above answers; "…" stands for anything
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

FENCE = re.compile(
    r"^<!-- (?P<mark>[^>\n]+?) -->\n+```(?P<language>\w*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL
)
ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"


@dataclass(frozen=True)
class Example:
    """One marked block: `kind` is file, run, output or answer; `app` and `file` where it says them."""

    kind: str
    app: str
    file: str
    body: str
    line: int


def pages() -> list[Path]:
    """Every page that may hold examples."""
    return [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]


def examples(page: Path) -> list[Example]:
    """The marked blocks of a page, in order."""
    text = page.read_text(encoding="utf-8")
    found = []
    for match in FENCE.finditer(text):
        words = match["mark"].split()
        said = dict(zip(words[::2], [*words[1::2], ""], strict=False))
        kind = "file" if "file:" in said else words[0].rstrip(":")
        app = said.get("app:") or said.get("run:") or ""
        line = text.count("\n", 0, match.start()) + 1
        found.append(Example(kind, app, said.get("file:", ""), match["body"], line))
    return found


def write(example: Example, folder: Path) -> None:
    """Put a file of an example where it belongs."""
    file = folder / example.app / example.file
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(example.body, encoding="utf-8")
