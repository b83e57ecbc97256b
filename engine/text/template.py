"""Texts with data in them: `"{number} · {subject}"`, parsed once, with the place of every name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

FIELD = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")

ENDS = " ·-–—,/|:"
"""What stands between parts is left out at the ends of a text, where a part is missing."""


class TemplateError(ValueError):
    """A template can't be read; `offset` counts characters from its start."""

    def __init__(self, message: str, offset: int) -> None:
        self.offset = offset
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Field:
    """A `{path}` or `{path:format}` inside a template; `offset` is where the path starts."""

    path: str
    format: str
    offset: int


@dataclass(frozen=True, slots=True)
class Template:
    """A parsed template: literal texts and fields in order."""

    text: str
    parts: tuple[str | Field, ...]

    @property
    def paths(self) -> tuple[str, ...]:
        """Every path it reads, in order, once each."""
        return tuple(dict.fromkeys(part.path for part in self.parts if isinstance(part, Field)))

    def render(self, values: Mapping[str, Any]) -> str:
        """The text with each field's value; null is an empty text, and separators left alone are trimmed."""
        filled = "".join(
            part if isinstance(part, str) else _text(values.get(part.path)) for part in self.parts
        )
        return filled.strip(ENDS)


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def parse_template(text: str) -> Template:
    """Parse a template; `{{` and `}}` stand for braces. Raises TemplateError."""
    parts: list[str | Field] = []
    literal, position = "", 0
    for match in FIELD.finditer(text):
        literal += text[position : match.start()]
        position = match.end()
        token = match.group()
        if token in ("{{", "}}"):
            literal += token[0]
        elif token in ("{", "}"):
            raise TemplateError(f"a lone {token!r}: write {token * 2!r} for a brace", match.start())
        else:
            path, _, layout = match.group(1).partition(":")
            if not path.strip():
                raise TemplateError("empty braces: name a property between them", match.start())
            if literal:
                parts.append(literal)
            literal = ""
            parts.append(Field(path.strip(), layout, match.start() + 1))
    literal += text[position:]
    if literal:
        parts.append(literal)
    return Template(text, tuple(parts))
