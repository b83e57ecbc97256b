"""Values as the databases keep them: the type of each kind's column, and Python's values brought there and back."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Literal

import sqlalchemy as sa

from engine.expressions.kinds import (
    BOOL,
    DATE,
    DATETIME,
    DOUBLE,
    DURATION,
    LARGEST_INT,
    TIME,
    UUID,
    DecimalKind,
    Kind,
    MoneyKind,
    RecordKind,
    is_text,
)
from engine.sql.phrase import BIGINT, BOOLEAN, NUMERIC, TEXT, Clause
from engine.types.columns import EPOCH, MICROSECOND, UtcDateTime
from engine.types.currency import digits
from engine.types.money import Money

Dialect = Literal["sqlite", "postgresql"]

MOMENT = UtcDateTime()


@dataclass(frozen=True, slots=True)
class Wide:
    """What a value was before it was compared with the limits of 64 bits: `clause` times ten to the power of `shift`.

    `fits` is the comparison, with `{0}` for the clause.
    """

    clause: Clause
    shift: int
    fits: str


@dataclass(frozen=True, slots=True)
class Value:
    """A value in SQL. `currency` is that of an amount whose kind does not say it; `keys` are a record's ids by
    entity. `most` bounds its size without decimals; `loose`: where SQLite's arithmetic overflowed it is REAL;
    `wide`: what PostgreSQL computed it from.
    """

    clause: Clause
    currency: Clause | None = None
    keys: Mapping[str, Clause] = field(default_factory=dict)
    most: int = LARGEST_INT + 1
    loose: bool = False
    wide: Wide | None = None


def scale_of(kind: Kind) -> int:
    """Decimals of a number's kind; an amount's beyond its currency's."""
    if isinstance(kind, DecimalKind):
        return kind.scale
    return kind.extra if isinstance(kind, MoneyKind) else 0


def places_of(kind: MoneyKind, currency: str) -> int:
    """Decimals of an amount: those of its currency, and what arithmetic has added."""
    return (digits(currency) if currency else 0) + kind.extra


def storage(kind: Kind, dialect: Dialect) -> sa.types.TypeEngine[Any]:
    """The column type that values of a kind are bound as."""
    if isinstance(kind, DecimalKind):
        return BIGINT if dialect == "sqlite" else NUMERIC
    if is_text(kind):
        return TEXT
    plain: Mapping[Kind, sa.types.TypeEngine[Any]] = {
        BOOL: BOOLEAN,
        DATE: sa.Date(),
        TIME: sa.Time(),
        DATETIME: MOMENT,
        DOUBLE: sa.Double(),
        UUID: sa.Uuid(),
    }
    return plain.get(kind, BIGINT) if not isinstance(kind, RecordKind | MoneyKind) else BIGINT


def stored(kind: Kind, value: Any, dialect: Dialect) -> Any:
    """A value of Python as it is bound. Raises ValueError for a number that does not fit 64 bits."""
    if value is None:
        return None
    if isinstance(kind, DecimalKind):
        unscaled = whole(Decimal(value).scaleb(kind.scale))
        return unscaled if dialect == "sqlite" else value
    if isinstance(kind, MoneyKind):
        return whole(value.amount.scaleb(places_of(kind, value.currency or kind.currency)))
    if kind is DURATION:
        return value // MICROSECOND
    if isinstance(kind, RecordKind):
        return value["id"]
    return value


def whole(value: Decimal) -> int:
    number = int(value)
    if number != value or not -LARGEST_INT - 1 <= number <= LARGEST_INT:
        raise ValueError(f"{value} does not fit 64 bits")
    return number


# ---- what SQLite's functions get, and give back


@dataclass(frozen=True, slots=True)
class Form:
    """How a kind looks among SQLite's own values: a letter for signatures, and the ways there and back."""

    load: Callable[[Any], Any]
    store: Callable[[Any], Any]


def _decimal(scale: int) -> Form:
    return Form(lambda cell: Decimal(cell).scaleb(-scale), lambda value: int(Decimal(value).scaleb(scale)))


def _money(kind: MoneyKind) -> Form:
    places = places_of(kind, kind.currency)
    return Form(
        lambda cell: Money(Decimal(cell).scaleb(-places), kind.currency),
        lambda value: int(value.amount.scaleb(places)),
    )


PLAIN_FORMS: Mapping[Kind, Form] = {
    BOOL: Form(bool, int),
    DATE: Form(date.fromisoformat, date.isoformat),
    TIME: Form(time.fromisoformat, lambda value: value.isoformat("microseconds")),
    DATETIME: Form(
        lambda cell: EPOCH + timedelta(microseconds=cell),
        lambda value: (value.astimezone(UTC) - EPOCH) // MICROSECOND,
    ),
    DURATION: Form(lambda cell: timedelta(microseconds=cell), lambda value: value // MICROSECOND),
    UUID: Form(uuid.UUID, lambda value: value.hex),
}
AS_IT_IS = Form(lambda cell: cell, lambda value: value)


def form(kind: Kind) -> Form:
    """How SQLite keeps a kind."""
    if isinstance(kind, DecimalKind):
        return _decimal(kind.scale)
    if isinstance(kind, MoneyKind):
        return _money(kind)
    return PLAIN_FORMS.get(kind, AS_IT_IS) if not isinstance(kind, RecordKind) else AS_IT_IS


# ---- what a row gives back


def read(kind: Kind, cells: tuple[Any, ...], dialect: Dialect) -> Any:
    """The value of Python that the cells of a compiled value hold: one, or an amount and its currency."""
    cell = cells[0]
    if cell is None:
        return None
    if isinstance(kind, MoneyKind):
        currency = kind.currency or (cells[1] if len(cells) > 1 else None) or ""
        return Money(Decimal(cell).scaleb(-places_of(kind, currency)), currency)
    if isinstance(kind, DecimalKind):
        return Decimal(cell).scaleb(-kind.scale) if dialect == "sqlite" else Decimal(cell)
    if kind is DURATION:
        return timedelta(microseconds=int(cell))
    if kind is BOOL:
        return bool(cell)
    if kind is DATETIME and isinstance(cell, datetime):
        return cell.astimezone(UTC)
    return cell
