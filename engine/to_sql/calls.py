"""Calls of functions in SQL: a function's own words, or on SQLite its Python."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.expressions.kinds import INT, Kind, MoneyKind
from engine.expressions.nodes import Apply, Const
from engine.expressions.registry import SqlCall
from engine.sql.phrase import NOTHING, Clause, both, is_named, phrase, text
from engine.sql.storage import Value, storage
from engine.to_sql.limits import NotInSql
from engine.to_sql.numbers import agree, settle, shared
from engine.to_sql.sqlite_calls import CALL, key_of, signature

if TYPE_CHECKING:
    from engine.to_sql.base import SqlBase

SMALL_GROUPS = {"text": 2**31, "time": 2**54}
"""How large a whole number functions of a group can give."""


def call_of(compiler: SqlBase, node: Apply) -> Value:
    """A function applied to its arguments."""
    values = [settle(compiler.value(argument), compiler.dialect) for argument in node.arguments]
    call = SqlCall(
        tuple(value.clause for value in values),
        tuple(argument.kind for argument in node.arguments),
        tuple(argument.value if isinstance(argument, Const) else None for argument in node.arguments),
        node.kind,
        compiler.zone,
    )
    clause = _clause(compiler, node, call)
    amounts = [value for value, kind in zip(values, call.kinds, strict=True) if _has_currency(kind)]
    currency, agreed = _currency(amounts)
    if agreed:
        clause = phrase("(CASE WHEN {0} THEN {1} END)", clause.type, both(agreed), clause)
    most = (
        SMALL_GROUPS.get(node.function.group, 2**63)
        if node.kind is INT and not node.function.plugin
        else 2**63
    )
    return Value(clause, currency if _has_currency(node.kind) else None, most=most)


def _clause(compiler: SqlBase, node: Apply, call: SqlCall) -> Clause:
    function = node.function
    own = function.sqlite if compiler.sqlite else function.postgresql
    by_python = compiler.sqlite and not any(_has_currency(kind) for kind in (*call.kinds, node.kind))
    if own is not None:
        made = own(call)
        # SQLite can't nest many SELECTs: rather than name a heavy argument in one, it calls Python.
        if not (by_python and is_named(made)):
            return made
    if not by_python:
        raise NotInSql(node.span, f"{function.name} of this is computed in Python only")
    zone = call.zone if function.zoned else NOTHING
    clauses: list[Clause] = [
        text(key_of(function)),
        text(signature(call.kinds, node.kind)),
        zone,
        *call.arguments,
    ]
    places = ", ".join(f"{{{position}}}" for position in range(len(clauses)))
    return phrase(f"{CALL}({places})", storage(node.kind, compiler.dialect), *clauses)


def _has_currency(kind: Kind) -> bool:
    return isinstance(kind, MoneyKind) and not kind.currency


def _currency(amounts: list[Value]) -> tuple[Clause | None, list[Clause]]:
    """The currency that all amounts share, and the conditions that they do."""
    currency: Clause | None = None
    agreed: list[Clause] = []
    for value in amounts:
        same = agree(currency, value.currency)
        if same is not None:
            agreed.append(same)
        currency = shared(currency, value.currency)
    return currency, agreed
