"""The SQL conditions of filters: on one column, and on the several of a composite value."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import ROUND_FLOOR, Decimal
from typing import Any

import sqlalchemy as sa

from engine.types.folding import contains, starts

Columns = Sequence[sa.ColumnElement[Any]]
Condition = Callable[[sa.ColumnElement[Any], Any], sa.ColumnElement[bool]]

CONDITIONS: Mapping[str, Condition] = {
    "eq": lambda column, operand: column == operand,
    "ne": lambda column, operand: column.is_distinct_from(operand),
    "in": lambda column, operand: column.in_(operand),
    "lt": lambda column, operand: column < operand,
    "le": lambda column, operand: column <= operand,
    "gt": lambda column, operand: column > operand,
    "ge": lambda column, operand: column >= operand,
    "empty": lambda column, operand: column.is_(None),
    "not_empty": lambda column, operand: column.is_not(None),
    "contains": contains,
    "starts": starts,
}


def plain_condition(operator: str, column: sa.ColumnElement[Any], operand: Any) -> sa.ColumnElement[bool]:
    """The condition of a filter on one column; `operand` is what the column holds."""
    return CONDITIONS[operator](column, operand)


def stored_condition(
    operator: str, column: sa.ColumnElement[Any], operand: Any, cell: Callable[[Any], Any]
) -> sa.ColumnElement[bool]:
    """The condition on one column that holds `cell(value)` instead of the value; null is never asked for."""
    if operand is None or isinstance(operand, sa.BindParameter):
        return plain_condition(operator, column, operand)
    held = [cell(value) for value in operand] if operator == "in" else cell(operand)
    return plain_condition(operator, column, held)


def decimal_condition(
    operator: str, column: sa.ColumnElement[Any], operand: Any, step: Decimal, largest: Decimal
) -> sa.ColumnElement[bool]:
    """The condition on a column of decimals `step` apart, for operands that may lie between two of them.

    Such an operand equals nothing; less than it is what is at most the number below it. One beyond
    ±`largest` is brought to the first number beyond, which the column never holds.
    """
    if operator == "in":
        return plain_condition(operator, column, [each for each in operand if _held(each, step, largest)])
    if not isinstance(operand, Decimal) or _held(operand, step, largest):
        return plain_condition(operator, column, operand)
    if operator in ("eq", "ne"):
        return sa.false() if operator == "eq" else sa.true()
    beyond = largest + step
    below = max(-beyond, min(beyond, operand)).quantize(step, ROUND_FLOOR)
    return plain_condition("le" if operator in ("lt", "le") else "gt", column, below)


def _held(number: Decimal, step: Decimal, largest: Decimal) -> bool:
    """Whether a column of such decimals can hold the number."""
    return abs(number) <= largest and number == number.quantize(step, ROUND_FLOOR)


def composite_condition(
    operator: str, columns: Columns, operand: Any, cells: Callable[[Any], tuple[Any, ...]]
) -> sa.ColumnElement[bool]:
    """The condition on all columns together of a value that takes several: equality, or being there."""
    if operator in ("empty", "not_empty"):
        return plain_condition(operator, columns[0], None)
    if operator == "in":
        return sa.or_(sa.false(), *(_same(columns, cells(value)) for value in operand))
    same = _same(columns, cells(operand))
    if operator == "eq":
        return same
    assert operator == "ne", f"no {operator} between composite values"
    pairs = zip(columns, cells(operand), strict=True)
    return sa.or_(*(column.is_distinct_from(cell) for column, cell in pairs))


def _same(columns: Columns, cells: tuple[Any, ...]) -> sa.ColumnElement[bool]:
    pairs = zip(columns, cells, strict=True)
    return sa.and_(*(column == cell if cell is not None else column.is_(None) for column, cell in pairs))
