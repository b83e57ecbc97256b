"""An amount of a currency, exact in its minor units."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from random import Random
from typing import Any, Self

import sqlalchemy as sa
from babel.core import get_global
from babel.numbers import format_currency, get_currency_precision

from engine.types.base import (
    EQUALITY,
    ORDER,
    Choice,
    ColumnSpec,
    Control,
    OptionProblem,
    PropertyType,
    Refused,
    Scope,
    option,
)
from engine.types.clean import kind_of
from engine.types.columns import CodePointText
from engine.types.display import Display
from engine.types.numbers import NUMBER, exact_limits, localised, read_decimal, within

LARGEST = Decimal(10) ** 15


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount of a currency (ISO 4217 code), as exact as the currency's minor unit."""

    amount: Decimal
    currency: str


@lru_cache(maxsize=1)
def currencies() -> frozenset[str]:
    """Every ISO 4217 code that is or was in use."""
    return frozenset(get_global("all_currencies"))


@lru_cache(maxsize=256)
def digits(currency: str) -> int:
    """Decimals of a currency: 2 for EUR, 0 for JPY, 3 for KWD."""
    return int(get_currency_precision(currency))


@dataclass(frozen=True, kw_only=True)
class MoneyType(PropertyType):
    """An amount with its currency: fixed by the metadata, or chosen per record and stored beside it."""

    name = "money"
    summary = "An exact amount of money. Without `currency` each record has its own, the application's at first."
    example = {"type": "money", "currency": "EUR", "min": 0}
    expression_type = "money"
    operators = (*EQUALITY, *ORDER)
    numeric = True

    currency: str = option(
        "",
        schema={"type": "string", "pattern": "^([A-Z]{3}|[a-z][a-z0-9_.]*)$"},
        description="A currency's code, or the path of the property that holds it.",
        example="EUR",
    )
    min: Decimal | None = option(None, schema=NUMBER, description="The smallest amount.", example=0)
    max: Decimal | None = option(None, schema=NUMBER, description="The largest amount.", example=1000000)
    usual: str = "EUR"  # what a number without a currency is taken to be

    def __post_init__(self) -> None:
        exact_limits(self)

    @classmethod
    def read(cls, options: Mapping[str, Any], scope: Scope) -> tuple[Self | None, list[OptionProblem]]:
        made = replace(cls(**options), usual=scope.currency)
        return made, list(made.problems())

    @property
    def fixed(self) -> str:
        """The one currency of every record, or "" where each record has its own."""
        return self.currency if self.currency.isupper() else ""

    def problems(self) -> Iterator[OptionProblem]:
        if self.fixed and self.fixed not in currencies():
            yield OptionProblem("currency", "unknown-currency", f"no currency {self.fixed!r}", "use an ISO 4217 code: EUR, USD, RON")
        if self.min is not None and self.max is not None and self.min > self.max:
            yield OptionProblem("min", "bad-option", f"min {self.min} is above max {self.max}", "make it smaller")

    def columns(self) -> tuple[ColumnSpec, ...]:
        amount = ColumnSpec("", sa.BigInteger())
        return (amount,) if self.fixed else (amount, ColumnSpec("currency", CodePointText()))

    def check(self, columns: Sequence[sa.ColumnElement[Any]]) -> sa.ColumnElement[bool] | None:
        """Amount and currency are there both or not at all."""
        if self.fixed:
            return None
        amount, currency = columns
        return sa.or_(
            sa.and_(amount.is_(None), currency.is_(None)), sa.and_(amount.is_not(None), currency.is_not(None))
        )

    def store(self, value: Money) -> tuple[Any, ...]:
        minor = int(value.amount.scaleb(digits(value.currency)))
        return (minor,) if self.fixed else (minor, value.currency)

    def load(self, cells: Sequence[Any]) -> Money:
        currency = self.fixed or cells[1]
        return Money(Decimal(cells[0]).scaleb(-digits(currency)), currency)

    def empty(self, value: Any) -> bool:
        return False

    def parse(self, raw: Any) -> Money:
        if isinstance(raw, Money):
            raw = {"amount": raw.amount, "currency": raw.currency}
        currency = self.fixed or self.usual
        if isinstance(raw, Mapping):
            unknown = set(raw) - {"amount", "currency"}
            if unknown or "amount" not in raw:
                raise Refused("bad-money", 'Money is written as {"amount": "10.50", "currency": "EUR"}.')
            currency = self._currency(raw.get("currency") or currency)
            raw = raw["amount"]
        elif isinstance(raw, str) and " " in raw.strip():
            text, _, code = raw.strip().rpartition(" ")
            currency, raw = self._currency(code), text
        return self._exact(read_decimal(raw), currency)

    def _currency(self, code: Any) -> str:
        if not isinstance(code, str):
            raise Refused("unknown-currency", f"A currency is a code such as EUR, not {kind_of(code)}.", "currency")
        code = code.strip().upper()
        if self.fixed and code != self.fixed:
            raise Refused("wrong-currency", f"This is always in {self.fixed}.", "currency")
        if code not in currencies():
            raise Refused("unknown-currency", f"{code[:10]!r} is no currency: use a code such as EUR.", "currency")
        return code

    def _exact(self, number: Decimal, currency: str) -> Money:
        if abs(number) >= LARGEST:
            raise Refused("out-of-range", "This amount is too large.")
        amount = number.quantize(Decimal(1).scaleb(-digits(currency)))
        if amount != number:
            raise Refused("too-precise", f"{currency} has {digits(currency)} decimals.")
        within(amount, self.min, self.max)
        return Money(amount, currency)

    def parse_form(self, parts: Mapping[str, Any], display: Display) -> Money | None:
        amount = str(parts.get("amount", parts.get("", "")) or "").strip()
        if not amount:
            return None
        return self.parse({"amount": localised(amount, display), "currency": parts.get("currency") or None})

    def parse_text(self, text: str, display: Display) -> Money:
        return self.parse(text if " " in text.strip() else localised(text, display))

    def to_json(self, value: Money) -> dict[str, str]:
        return {"amount": f"{value.amount:f}", "currency": value.currency}

    def json_schema(self) -> dict[str, Any]:
        currency: dict[str, Any] = {"enum": [self.fixed]} if self.fixed else {"type": "string", "pattern": "^[A-Z]{3}$"}
        return {
            "type": "object",
            "properties": {"amount": {"type": "string", "pattern": r"^-?[0-9]{1,15}(\.[0-9]{1,4})?$"}, "currency": currency},
            "required": ["amount", "currency"],
            "additionalProperties": False,
        }

    def to_text(self, value: Money, display: Display) -> str:
        return format_currency(value.amount, value.currency, locale=display.locale)

    def to_form(self, value: Money, display: Display) -> dict[str, Any]:
        return {"amount": f"{value.amount:f}", "currency": value.currency}

    def to_export(self, value: Money) -> str:
        return f"{value.amount:f} {value.currency}"

    def control(self) -> Control:
        amount = Control("number", {"inputmode": "decimal", "placeholder": "0.00"})
        if self.fixed:
            return Control("money", {"currency": self.fixed}, parts=(("amount", "Amount", amount),))
        codes = dict.fromkeys((self.usual, "EUR", "USD", "GBP", "CHF", "RON", "JPY", "PLN", "SEK"))
        offered = tuple(Choice(code, code) for code in codes)
        return Control(
            "money", parts=(("amount", "Amount", amount), ("currency", "Currency", Control("select", options=offered)))
        )

    def parse_operand(self, raw: Any) -> Money:
        return replace(self, min=None, max=None).parse(raw)

    def condition(self, operator: str, columns: Sequence[sa.ColumnElement[Any]], operand: Any) -> sa.ColumnElement[bool]:
        """Amounts of different currencies are never less, equal or more than one another."""
        if operator in ("empty", "not_empty"):
            return super().condition(operator, columns, operand)
        if operator == "in":
            return sa.or_(*(self.condition("eq", columns, each) for each in operand)) if operand else sa.false()
        cells = self.store(operand)
        if self.fixed:
            return super().condition(operator, columns, cells[0])
        same = sa.and_(columns[1] == cells[1], super().condition("eq" if operator == "ne" else operator, columns, cells[0]))
        return sa.not_(sa.func.coalesce(same, sa.false())) if operator == "ne" else same

    def sort_columns(self, columns: Sequence[sa.ColumnElement[Any]]) -> tuple[sa.ColumnElement[Any], ...]:
        return tuple(columns[::-1])

    def sample(self, random: Random, number: int) -> Money:
        low = self.min if self.min is not None else Decimal(0)
        high = min(self.max if self.max is not None else low + 5000, LARGEST - 1)
        currency = self.fixed or self.usual
        whole = Decimal(random.randint(int(low), max(int(high), int(low))))
        return self._exact(min(whole + random.choice((Decimal(0), Decimal("0.5")) if digits(currency) else (Decimal(0),)), high), currency)
