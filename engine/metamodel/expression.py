"""An expression as written: its text and its place, kept until the expression language compiles it."""

from __future__ import annotations

from dataclasses import dataclass

from engine.errors import Place


@dataclass(frozen=True, slots=True)
class Expression:
    """The source text of an expression and where its first character stands."""

    text: str
    place: Place
