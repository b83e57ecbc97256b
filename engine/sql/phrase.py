"""Pieces of SQL: fixed words with clauses between them, and a value that is named once and used often.

SQLAlchemy's own operators drop parentheses they believe needless, coerce operands by their types, and have no
words for much of what is needed here. A phrase is written out, always in parentheses where it matters.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import visitors
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.visitors import InternalTraversal

Clause = sa.ColumnElement[Any]

LIGHT = {"sqlite": 10, "postgresql": 24}
"""What a clause that may be repeated weighs at most; a heavier one is named, which takes a SELECT of its own. For
PostgreSQL that costs more than computing a few operations again."""

WEIGHT = 3
"""What a phrase weighs; any other element weighs 1."""

PLACE = re.compile(r"\{(\d+)\}")

BIGINT = sa.BigInteger()
BOOLEAN = sa.Boolean()
NUMERIC = sa.Numeric()
TEXT = sa.Text()

SMALLEST = "(-9223372036854775807 - 1)"
LARGEST = "9223372036854775807"


class Phrase(sa.ColumnElement[Any]):
    """SQL words, with `{0}`, `{1}` … where its clauses stand. The words are ours, never a value's."""

    __visit_name__ = "engine_phrase"
    _traverse_internals = [  # noqa: RUF012 (as SQLAlchemy has it)
        ("words", InternalTraversal.dp_string),
        ("clauses", InternalTraversal.dp_clauseelement_tuple),
        ("type", InternalTraversal.dp_type),
    ]

    def __init__(self, words: str, kind: sa.types.TypeEngine[Any], *clauses: Clause) -> None:
        self.words = words
        self.type = kind
        self.clauses = clauses

    @property
    def _from_objects(self) -> list[sa.FromClause]:
        """The tables that its clauses read, for the FROM of a SELECT."""
        return [each for clause in self.clauses for each in clause._from_objects]

    def self_group(self, against: Any = None) -> Any:
        """Phrases bring their own parentheses."""
        return self


@compiles(Phrase)
def _phrase(element: Phrase, compiler: SQLCompiler, **options: Any) -> str:
    return _written(element, element.words, compiler, options)


def _written(element: Phrase, words: str, compiler: SQLCompiler, options: dict[str, Any]) -> str:
    for own in ("add_to_result_map", "within_columns_clause", "within_label_clause"):
        options.pop(own, None)
    written = [compiler.process(clause, **options) for clause in element.clauses]
    return "".join(piece if isinstance(piece, str) else written[piece] for piece in _pieces(words))


@cache
def _pieces(words: str) -> tuple[str | int, ...]:
    """The words between clauses, and the numbers of the clauses."""
    return tuple(int(piece) if place % 2 else piece for place, piece in enumerate(PLACE.split(words)))


QUOTED_OR_TRUTH = re.compile(r"""'[^']*'|"[^"]*"|\b(?:(true)|(false))\b""", re.IGNORECASE)


@cache
def _in_numbers(words: str) -> str:
    """The words with 1 and 0 for true and false."""
    return QUOTED_OR_TRUTH.sub(lambda found: "1" if found[1] else "0" if found[2] else found[0], words)


@compiles(Phrase, "sqlite")
def _phrase_in_numbers(element: Phrase, compiler: SQLCompiler, **options: Any) -> str:
    """SQLite takes TRUE and FALSE for columns where there are any of that name; what is true is 1 to it."""
    return _written(element, _in_numbers(element.words), compiler, options)


def phrase(words: str, kind: sa.types.TypeEngine[Any], *clauses: Clause) -> Clause:
    """A clause of SQL words and clauses."""
    return Phrase(words, kind, *clauses)


def condition(words: str, *clauses: Clause) -> Clause:
    """A phrase that is true, false or null."""
    return Phrase(words, BOOLEAN, *clauses)


def typed(clause: Clause, kind: sa.types.TypeEngine[Any]) -> Clause:
    """A clause whose result is read as of another type; the SQL stays."""
    return sa.type_coerce(clause, kind)


TRUE = condition("(1 = 1)")
FALSE = condition("(1 = 0)")
NOTHING: Clause = sa.null()


def both(conditions: Sequence[Clause]) -> Clause:
    """All of several conditions; unknown ones stay unknown, as SQL's AND has it."""
    wanted = [each for each in conditions if each is not TRUE]
    if any(each is FALSE for each in wanted):
        return FALSE
    return _joined(" AND ", wanted) if wanted else TRUE


def either(conditions: Sequence[Clause]) -> Clause:
    """Any of several conditions."""
    wanted = [each for each in conditions if each is not FALSE]
    if any(each is TRUE for each in wanted):
        return TRUE
    return _joined(" OR ", wanted) if wanted else FALSE


def _joined(word: str, conditions: Sequence[Clause]) -> Clause:
    if len(conditions) == 1:
        return conditions[0]
    return condition(f"({word.join(f'{{{index}}}' for index in range(len(conditions)))})", *conditions)


def is_not_true(clause: Clause) -> Clause:
    """False or unknown."""
    if clause is TRUE or clause is FALSE:
        return FALSE if clause is TRUE else TRUE
    return condition("(({0}) IS NOT TRUE)", clause)


def is_false(clause: Clause) -> Clause:
    return condition("(({0}) IS FALSE)", clause)


def is_null(clause: Clause) -> Clause:
    return condition("({0} IS NULL)", clause)


def is_not_null(clause: Clause) -> Clause:
    return condition("({0} IS NOT NULL)", clause)


def whole(number: int) -> Clause:
    """A number of ours, as SQL."""
    return sa.literal_column(str(number) if number >= 0 else f"({number})", BIGINT)


def text(value: str) -> Clause:
    """A bound text."""
    return sa.literal(value, TEXT)


def light(clause: Clause, dialect: str = "sqlite") -> bool:
    """Whether a clause may be written several times: it is short and reads no rows."""
    weight = 0
    for element in visitors.iterate(clause):
        weight += WEIGHT if isinstance(element, Phrase) else 1
        if weight > LIGHT[dialect] or isinstance(element, sa.SelectBase):
            return False
    return True


LET = {
    "sqlite": "(SELECT {1} FROM (SELECT {0} AS {2}) AS _let)",
    "postgresql": "(SELECT {1} FROM (SELECT {0} AS {2} OFFSET 0) AS _let)",
}


def let(clause: Clause, use: Callable[[Clause], Clause], dialect: str) -> Clause:
    """`use(clause)`, with a heavy clause computed once under a name of its own.

    Without it every guard would double its operand, and nested ones would grow beyond measure. The inner
    SELECT has no FROM: it sees the rows of those around it. OFFSET 0 keeps PostgreSQL from unfolding it again.
    """
    if light(clause, dialect):
        return use(clause)
    label = clause.label(None)
    named: Clause = sa.column(label.name, clause.type)
    used = use(named)
    made = Phrase(LET[dialect], used.type, clause, used, named)
    made.kept = label  # type: ignore[attr-defined]  # the name is made of the label's identity
    return made


def is_named(clause: Clause) -> bool:
    """Whether a clause names a heavy one."""
    return isinstance(clause, Phrase) and clause.words in LET.values()


def let_all(clauses: Sequence[Clause], use: Callable[[Sequence[Clause]], Clause], dialect: str) -> Clause:
    """`let` for several."""

    def after(done: list[Clause], rest: Sequence[Clause]) -> Clause:
        if not rest:
            return use(done)
        return let(rest[0], lambda named: after([*done, named], rest[1:]), dialect)

    return after([], clauses)
