"""Texts compared without regard to case, alike in Python, on SQLite and on PostgreSQL.

A text is folded to lower case with Unicode's rules, and a final sigma to a plain one. SQLite knows
only ASCII by itself, so the store registers `fold` on each connection under the name FOLD. PostgreSQL
folds by its own locale (`C.UTF-8` knows every letter; ICU need not be compiled in).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

FOLD = "engine_fold"
"""The name SQLite knows `fold` by: `create_function(FOLD, 1, fold, deterministic=True)`."""

LONGEST_PATTERN = 1000
"""Characters of a LIKE pattern; SQLite refuses patterns of more than 50,000 bytes."""

ESCAPE = "/"


def fold(text: str | None) -> str | None:
    """A text as it is compared; null stays null. Anything else SQLite may hold is answered as it is."""
    return text.replace("İ", "i").lower().replace("ς", "σ") if isinstance(text, str) else text


class Folded(FunctionElement[str]):
    """`fold` of a column or value, in SQL."""

    name = FOLD
    inherit_cache = True
    type = sa.Text()


class Position(FunctionElement[int]):
    """Where a text first occurs in another, from 1; 0 where it does not."""

    name = "engine_position"
    inherit_cache = True
    type = sa.Integer()


class AsciiLike(FunctionElement[bool]):
    """LIKE that ignores the case of A-Z, as SQLite's does by itself."""

    name = "engine_like"
    inherit_cache = True
    type = sa.Boolean()


def _parts(element: FunctionElement[Any], compiler: SQLCompiler, **options: Any) -> Iterable[str]:
    return [compiler.process(clause, **options) for clause in element.clauses]


@compiles(Folded)
def _folded(element: Folded, compiler: SQLCompiler, **options: Any) -> str:
    (text,) = _parts(element, compiler, **options)
    return f"{FOLD}({text})"


@compiles(Folded, "postgresql")
def _folded_postgresql(element: Folded, compiler: SQLCompiler, **options: Any) -> str:
    (text,) = _parts(element, compiler, **options)
    return f"replace(lower(replace({text}, 'İ', 'i') COLLATE \"default\"), 'ς', 'σ')"


@compiles(Position)
def _position(element: Position, compiler: SQLCompiler, **options: Any) -> str:
    text, part = _parts(element, compiler, **options)
    return f"instr({text}, {part})"


@compiles(Position, "postgresql")
def _position_postgresql(element: Position, compiler: SQLCompiler, **options: Any) -> str:
    text, part = _parts(element, compiler, **options)
    return f"strpos({text}, {part})"


@compiles(AsciiLike)
def _like(element: AsciiLike, compiler: SQLCompiler, **options: Any) -> str:
    text, pattern = _parts(element, compiler, **options)
    return f"({text} LIKE {pattern} ESCAPE '{ESCAPE}')"


@compiles(AsciiLike, "postgresql")
def _like_postgresql(element: AsciiLike, compiler: SQLCompiler, **options: Any) -> str:
    text, pattern = _parts(element, compiler, **options)
    return f"({text} ILIKE {pattern} ESCAPE '{ESCAPE}')"


def contains(column: sa.ColumnElement[Any], text: str) -> sa.ColumnElement[bool]:
    """Whether a column's text holds another somewhere, whatever the case of either."""
    if _simple(text):
        return AsciiLike(column, sa.literal(f"%{_escaped(text)}%", sa.Text()))
    return Position(Folded(column), sa.literal(fold(text), sa.Text())) > 0


def starts(column: sa.ColumnElement[Any], text: str) -> sa.ColumnElement[bool]:
    """Whether a column's text begins with another, whatever the case of either."""
    if _simple(text):
        return AsciiLike(column, sa.literal(f"{_escaped(text)}%", sa.Text()))
    return Position(Folded(column), sa.literal(fold(text), sa.Text())) == 1


def _simple(text: str) -> bool:
    """Whether LIKE answers rightly and faster: letters beyond ASCII are the only ones it can't fold."""
    return text.isascii() and len(text) <= LONGEST_PATTERN


def _escaped(text: str) -> str:
    for sign in (ESCAPE, "%", "_"):
        text = text.replace(sign, ESCAPE + sign)
    return text
