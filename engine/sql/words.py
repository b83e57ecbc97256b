"""How functions say their SQL: words with `{0}` for the arguments, which are computed once however often named."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from engine.expressions.registry import Sql, SqlCall
from engine.sql.phrase import PLACE, Clause, let, phrase

LARGEST_INTEGER = 2**31 - 2


def words(dialect: str, template: str, kind: sa.types.TypeEngine[Any]) -> Sql:
    """SQL in which `{0}`, `{1}` … are the arguments."""

    def made(call: SqlCall) -> Clause:
        return fill(dialect, template, kind, call.arguments)

    return made


def sqlite(template: str, kind: sa.types.TypeEngine[Any]) -> Sql:
    return words("sqlite", template, kind)


def postgresql(template: str, kind: sa.types.TypeEngine[Any]) -> Sql:
    return words("postgresql", template, kind)


def fill(dialect: str, template: str, kind: sa.types.TypeEngine[Any], clauses: Sequence[Clause]) -> Clause:
    """A phrase; a clause that it names several times is computed once."""
    times = Counter(int(place) for place in PLACE.findall(template))

    def after(done: list[Clause], rest: Sequence[Clause]) -> Clause:
        if not rest:
            return phrase(template, kind, *done)
        if times[len(done)] < 2:
            return after([*done, rest[0]], rest[1:])
        return let(rest[0], lambda named: after([*done, named], rest[1:]), dialect)

    return after([], clauses)


def integer(clause: Clause) -> Clause:
    """A whole number as PostgreSQL's 32 bits, brought into their range first: a cast must not fail."""
    limit = LARGEST_INTEGER
    return phrase(f"CAST(least(greatest({{0}}, -{limit}), {limit}) AS INTEGER)", sa.Integer(), clause)
