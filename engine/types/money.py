"""An amount of a currency, exact in its minor units."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from random import Random
from typing import Any, ClassVar, Self

import sqlalchemy as sa

from engine.text.suggest import did_you_mean
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
from engine.types.clean import kind_of, quoted, typed_line
from engine.types.columns import CodePointText, MinorUnits
from engine.types.conditions import Columns, composite_condition, plain_condition
from engine.types.currency import MOST_DIGITS, currencies, digits, show_amount
from engine.types.display import Display
from engine.types.number import (
    NUMBER_OPTION,
    PLAIN,
    crossed,
    decimals_of,
    exact_limit,
    plain_pattern,
    read_number,
    read_plain,
    read_typed,
    scaled,
    step,
    within,
)

WHOLE = 14
"""Digits before the point, so that with four decimals an amount has 18 and fits 64 bits."""

LARGEST = Decimal(10**WHOLE)
CODE = re.compile(r"[A-Za-z]{3}")


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount of a currency (ISO 4217 code), as exact as the currency's minor unit."""

    amount: Decimal
    currency: str


@dataclass(frozen=True, kw_only=True)
class MoneyType(PropertyType):
    """An amount with its currency.

    The currency is fixed by the metadata (`currency: EUR`), follows a property or path (`currency:
    account.currency`), or is chosen per record; where it is not fixed it is stored beside the amount,
    and an amount written without one is in the application's. Where it follows, an amount written without
    one is a Money whose currency is "", until the record service has looked up which it is (`in_currency`).
    """

    name = "money"
    summary = (
        "An exact amount of money. Without `currency` each record has its own, the application's at first."
    )
    example: ClassVar[Mapping[str, Any]] = {"type": "money", "currency": "EUR", "min": 0}
    expression_type = "money"
    operators = (*EQUALITY, *ORDER)
    numeric = True

    currency: str = option(
        "",
        schema={"type": "string", "pattern": "^([A-Z]{3}|[a-z][a-z0-9_]*([.][a-z][a-z0-9_]*)*)$"},
        description="A currency's code, or the path of the text or choice that holds one (`account.currency`).",
        example="EUR",
    )
    min: Decimal | None = option(  # noqa: RUF009 (a field)
        None, schema=NUMBER_OPTION, description="The smallest amount.", example=0
    )
    max: Decimal | None = option(  # noqa: RUF009 (a field)
        None, schema=NUMBER_OPTION, description="The largest amount.", example=1000000
    )
    usual: str = "EUR"  # what an amount without a currency is taken to be

    def __post_init__(self) -> None:
        exact_limit(self, "min")
        exact_limit(self, "max")

    @classmethod
    def read(cls, options: Mapping[str, Any], scope: Scope) -> tuple[Self | None, list[OptionProblem]]:
        made = replace(cls(**options), usual=scope.currency)
        return made, list(made.problems())

    @property
    def fixed(self) -> str:
        """The one currency of every record, or "" where each record has its own."""
        return self.currency if self.currency.isupper() else ""

    @property
    def follows(self) -> str:
        """The path of the property whose currency is taken, or "" where there is none."""
        return "" if self.currency.isupper() else self.currency

    @property
    def unsaid(self) -> str:
        """What an amount without a currency is taken to be in; "" where that is looked up later."""
        return "" if self.follows else self.fixed or self.usual

    @property
    def expression_options(self) -> Mapping[str, Any]:
        return {"currency": self.fixed}

    def problems(self) -> Iterator[OptionProblem]:
        if self.fixed and self.fixed not in currencies():
            meant = did_you_mean(self.fixed, sorted(currencies()))
            hint = f"did you mean {meant!r}?" if meant else "use an ISO 4217 code: EUR, USD, RON"
            yield OptionProblem("currency", "unknown-currency", f"no currency {self.fixed!r}", hint)
        yield from crossed(self.min, self.max)

    # ---- storage

    def columns(self) -> tuple[ColumnSpec, ...]:
        amount = ColumnSpec("", MinorUnits())
        return (amount,) if self.fixed else (amount, ColumnSpec("currency", CodePointText()))

    @property
    def stored_unit(self) -> str:
        return f"minor units of {self.fixed}" if self.fixed else ""

    def check(self, columns: Sequence[sa.ColumnElement[Any]]) -> sa.ColumnElement[bool] | None:
        """Amount and currency are there both or not at all."""
        if self.fixed:
            return None
        amount, currency = columns
        neither = sa.and_(amount.is_(None), currency.is_(None))
        return sa.or_(neither, sa.and_(amount.is_not(None), currency.is_not(None)))

    def store(self, value: Money) -> tuple[Any, ...]:
        if not value.currency:  # a default, where there is no record that could say
            value = self.in_currency(value, self.usual)
        minor = int(value.amount.scaleb(digits(value.currency)))
        return (minor,) if self.fixed else (minor, value.currency)

    def load(self, cells: Sequence[Any]) -> Money:
        currency = self.fixed or cells[1]
        return Money(Decimal(cells[0]).scaleb(-digits(currency)), currency)

    def empty(self, value: Any) -> bool:
        return False

    # ---- from outside

    def parse(self, raw: Any) -> Money:
        if isinstance(raw, Money):
            code = self._code(raw.currency) if raw.currency else self.unsaid
            return self._exact(read_number(raw.amount), code)
        if not isinstance(raw, Mapping):
            return self._exact(read_number(raw), self.unsaid)
        unknown = sorted(set(map(str, raw)) - {"amount", "currency"})
        if unknown or "amount" not in raw:
            wrong = f"there is no {quoted(unknown[0])} in it" if unknown else "its amount is missing"
            message = f'Money is written as {{"amount": "10.50", "currency": "EUR"}}: {wrong}.'
            raise Refused("bad-money", message)
        code = self._code(raw["currency"]) if "currency" in raw else self.unsaid
        return self._exact(read_number(raw["amount"]), code)

    def parse_text(self, text: str, display: Display) -> Money:
        """An amount in the reader's language, with a currency's code before or after it, or without."""
        typed = typed_line(text)
        for code, rest in ((typed[:3], typed[3:]), (typed[-3:], typed[:-3])):
            if CODE.fullmatch(code):
                return self._exact(read_typed(rest, display), self._code(code.upper()))
        return self._exact(read_typed(typed, display), self.unsaid)

    def parse_form(self, parts: Mapping[str, Any], display: Display) -> Money | None:
        """Parts `amount` and, where it is not fixed, `currency`."""
        amount = str(parts.get("amount", parts.get("", "")) or "").strip()
        if not amount:
            return None
        number = read_plain(amount) if PLAIN.fullmatch(amount) else read_typed(amount, display)
        chosen = "" if self.follows else parts.get("currency")
        return self._exact(number, self._code(str(chosen)) if chosen else self.unsaid)

    def parse_operand(self, raw: Any) -> Money:
        unlimited = replace(self, min=None, max=None, currency=self.fixed)
        return unlimited.from_export(raw) if isinstance(raw, str) else unlimited.parse(raw)

    def from_export(self, text: str) -> Money:
        amount, _, code = text.strip().partition(" ")
        return self._exact(read_plain(amount), self._code(code) if code else self.unsaid)

    def in_currency(self, value: Money, currency: str) -> Money:
        """The same amount in the currency that a property or path says; raises Refused if it can't be."""
        return self._exact(value.amount, self._code(currency))

    def _code(self, code: Any) -> str:
        if not isinstance(code, str):
            raise Refused(
                "unknown-currency", f"A currency is a code such as EUR, not {kind_of(code)}.", "currency"
            )
        if self.fixed and code != self.fixed:
            raise Refused(
                "unknown-currency", f"This is always in {self.fixed}, not in {quoted(code)}.", "currency"
            )
        if code not in currencies():
            message = f"{quoted(code)} is no currency: use a code of three capitals, such as EUR."
            raise Refused("unknown-currency", message, "currency")
        return code

    def _exact(self, number: Decimal, currency: str) -> Money:
        places = digits(currency) if currency else MOST_DIGITS
        try:
            amount = scaled(number, places, LARGEST - step(places))
        except Refused as refused:
            if refused.code != "too-many-decimals":
                raise
            which = f"An amount in {currency} has" if currency else "An amount has at most"
            message = f"{which} {decimals_of(places)}."
            raise Refused(refused.code, message) from refused
        within(amount, self.min, self.max)
        return Money(amount, currency)

    # ---- to outside

    def to_json(self, value: Money) -> dict[str, str]:
        shown = {"amount": f"{value.amount:f}"}
        return {**shown, "currency": value.currency} if value.currency else shown

    def json_schema(self) -> dict[str, Any]:
        """An object; a bare amount, in the usual currency, is taken too."""
        places = digits(self.fixed) if self.fixed else 4
        text = {"type": "string", "maxLength": 41, "pattern": plain_pattern(WHOLE, places)}
        number = {"type": "number", "exclusiveMinimum": -float(LARGEST), "exclusiveMaximum": float(LARGEST)}
        currency = {"enum": [self.fixed] if self.fixed else sorted(currencies())}
        whole = {
            "type": "object",
            "properties": {"amount": {"anyOf": [text, number]}, "currency": currency},
            "required": ["amount"],
            "additionalProperties": False,
        }
        return {"anyOf": [whole, text, number]}

    def to_text(self, value: Money, display: Display) -> str:
        return show_amount(value.amount, value.currency or self.usual, display.language)

    def to_form(self, value: Money, display: Display) -> dict[str, Any]:
        return self.to_json(value)

    def to_export(self, value: Money) -> str:
        return f"{value.amount:f} {value.currency}"

    def control(self) -> Control:
        attributes = {"inputmode": "decimal", "step": f"{step(digits(self.fixed or self.usual)):f}"}
        if self.min is not None:
            attributes["min"] = f"{self.min:f}"
        if self.max is not None:
            attributes["max"] = f"{self.max:f}"
        if not self.fixed:
            attributes["step"] = "any"  # its decimals depend on the currency
        amount = ("amount", "Amount", Control("number", attributes))
        if self.fixed:
            return Control("money", {"currency": self.fixed}, parts=(amount,))
        if self.follows:
            return Control("money", parts=(amount, ("currency", "Currency", Control("suffix"))))
        first = [code for code in COMMON if code != self.usual]
        rest = sorted(currencies() - {self.usual, *first})
        offered = tuple(Choice(code, code) for code in (self.usual, *first, *rest))
        return Control("money", parts=(amount, ("currency", "Currency", Control("select", options=offered))))

    # ---- comparing

    def condition(self, operator: str, columns: Columns, operand: Any) -> sa.ColumnElement[bool]:
        """Amounts of different currencies are never less or more than one another."""
        if not self.fixed and operator not in ORDER:
            return composite_condition(operator, columns, operand, self.store)
        if operand is None or isinstance(operand, sa.BindParameter):
            return plain_condition(operator, columns[0], operand)
        if operator == "in":
            return plain_condition(operator, columns[0], [self.store(each)[0] for each in operand])
        cells = self.store(operand)
        ordered = plain_condition(operator, columns[0], cells[0])
        return ordered if self.fixed else sa.and_(columns[1] == cells[1], ordered)

    def sort_columns(self, columns: Sequence[sa.ColumnElement[Any]]) -> tuple[sa.ColumnElement[Any], ...]:
        """By currency, then by amount."""
        return tuple(reversed(columns))

    def sample(self, random: Random, number: int) -> Money:
        places = digits(self.fixed or self.usual)
        low = self.min if self.min is not None else min(Decimal(0), self.max or Decimal(0))
        high = self.max if self.max is not None else min(low + 5000, LARGEST - 1)
        whole = Decimal(random.randint(int(low), max(int(high), int(low))))
        part = Decimal(random.choice((0, 0, 50, 90, 99))).scaleb(-2) if places >= 2 else Decimal(0)
        amount = min(max(whole + part, low), high)
        return self._exact(amount, self.fixed or self.usual)


COMMON = ("EUR", "USD", "GBP", "CHF", "JPY", "RON", "PLN", "SEK")
