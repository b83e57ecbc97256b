"""Values at random: numbers, amounts, texts, dates, moments, lengths of time."""

from __future__ import annotations

from collections.abc import Callable

from engine.types.currency import digits
from tests.expressions.generate_names import (
    DATE_LITERALS,
    DECIMAL_LITERALS,
    INT_LITERALS,
    LENGTH_LITERALS,
    MOMENT_LITERALS,
    TEXT_LITERALS,
    UNITS,
    ZONES,
    Names,
)


class Values(Names):
    """Writes values of every kind but conditions."""

    def any_int(self, depth: int) -> str:
        if depth <= 0:
            return self.leaf("int", INT_LITERALS if depth == 0 else INT_LITERALS[:8])
        if self.random.random() < 0.1:
            return self.choice("int", depth)
        if self.random.random() < 0.15:
            made = self.aggregated("int", depth)
            if made is not None:
                return made
        options: tuple[Callable[[int], str | None], ...] = (
            self.int_arithmetic,
            self.int_arithmetic,
            self.int_of_text,
            self.int_of_time,
            self.int_function,
            self.counted,
        )
        return self.random.choice(options)(depth) or self.any_int(0)

    def int_arithmetic(self, depth: int) -> str:
        operator = self.pick(("+", "-", "*", "/", "%"))
        right = self.any_int(depth - 1)
        if operator in "/%" and right in ("0",):
            right = "3"
        return f"({self.any_int(depth - 1)} {operator} {right})"

    def int_of_text(self, depth: int) -> str:
        text = self.any_text(depth - 1)
        return self.pick(
            (
                f"size({text})",
                f"{text}.indexOf({self.pick(TEXT_LITERALS)})",
                f"{text}.lastIndexOf({self.pick(TEXT_LITERALS)})",
                f"{text}.indexOf({self.pick(TEXT_LITERALS)}, {self.any_int(0)})",
                f"{text}.lastIndexOf({self.pick(TEXT_LITERALS)}, {self.any_int(0)})",
                f"int({text})",
            )
        )

    def int_of_time(self, depth: int) -> str:
        day, moment, length = (self.of(kind, depth - 1) for kind in ("date", "moment", "length"))
        name = self.pick(("year", "month", "day", "weekday", "week", "quarter"))
        getter = self.pick(
            (
                "getFullYear",
                "getMonth",
                "getDate",
                "getDayOfMonth",
                "getDayOfWeek",
                "getDayOfYear",
                "getHours",
                "getMinutes",
                "getSeconds",
                "getMilliseconds",
            )
        )
        zone = self.pick(("", f"'{self.pick(ZONES)}'"))
        return self.pick(
            (
                f"{name}({day})",
                f"{name}({moment})",
                f"{self.pick(('hour', 'minute', 'second'))}({moment})",
                f"{moment}.{getter}({zone})",
                f"{length}.{self.pick(('getHours', 'getMinutes', 'getSeconds', 'getMilliseconds'))}()",
                f"days_between({day}, {self.any_date(0)})",
                f"workdays_between({day}, {self.any_date(0)})",
                f"days_between({moment}, {self.any_date(0)})",
                f"int({moment})",
            )
        )

    def int_function(self, depth: int) -> str:
        a, b = self.any_int(depth - 1), self.any_int(depth - 1)
        return self.pick(
            (
                f"abs({a})",
                f"min({a}, {b})",
                f"max({a}, {b}, {self.any_int(0)})",
                f"math.sign({a})",
                f"-({a})",
                f"int({self.any_decimal(depth - 1)})",
                f"math.least({a}, {b})",
                f"round({a})",
                f"ceil({a})",
            )
        )

    def counted(self, depth: int) -> str | None:
        def write(items: str, variable: str, entity: str) -> str:
            if self.random.random() < 0.5:
                return f"{items}.size()"
            body = self.of(self.pick(("int", "text", "date")), depth - 2)
            return f"{items}.map({variable}, {body}).{self.pick(('count', 'size'))}()"

        return self.over(depth, write)

    def any_decimal(self, depth: int) -> str:
        if depth <= 0:
            return self.leaf("decimal", DECIMAL_LITERALS)
        if self.random.random() < 0.1:
            return self.choice("decimal", depth)
        if self.random.random() < 0.15:
            made = self.aggregated("decimal", depth)
            if made is not None:
                return made
        a = self.any_decimal(depth - 1)
        b = self.any_decimal(depth - 1) if self.random.random() < 0.7 else self.any_int(depth - 1)
        amount = self.of(self.pick(("eur", "money")), depth - 1)
        if amount.startswith("0") or amount.isdigit():
            amount = self.any_eur(0)
        return self.pick(
            (
                f"({a} + {b})",
                f"({a} - {b})",
                f"({a} * {b})",
                f"({a} / {b})",
                f"({a} % {b})",
                f"abs({a})",
                f"-({a})",
                f"round({a}, {self.pick(('0', '1', '2', '4'))})",
                f"round({a})",
                f"ceil({a})",
                f"floor({a})",
                f"math.trunc({a})",
                f"min({a}, {b})",
                f"max({b}, {a})",
                f"math.sign({a})",
                f"decimal({self.any_int(depth - 1)})",
                f"({amount}).amount",
                f"({self.any_eur(0)} / {self.any_eur(0)})",
            )
        )

    def any_eur(self, depth: int) -> str:
        if depth <= 0:
            currency = self.vocabulary.currency
            amounts = ("10" if digits(currency) == 0 else "10.50", "-3", "0")
            return self.leaf("eur", [f"money('{amount}', '{currency}')" for amount in amounts], 0.85)
        return self.amount("eur", depth)

    def any_money(self, depth: int) -> str:
        if depth <= 0:
            return self.leaf("money", self.own("money"), 1.0)
        return self.amount("money", depth)

    def amount(self, kind: str, depth: int) -> str:
        if self.random.random() < 0.1:
            return self.choice(kind, depth)
        if self.random.random() < 0.2:
            made = self.aggregated(kind, depth)
            if made is not None:
                return made
        a, b = self.of(kind, depth - 1), self.of(kind, depth - 1)
        number = self.of(self.pick(("int", "decimal")), depth - 1)
        return self.pick(
            (
                f"({a} + {b})",
                f"({a} - {b})",
                f"({a} * {number})",
                f"({number} * {a})",
                f"({a} / {number})",
                f"-({a})",
                f"abs({a})",
                f"round({a})",
                f"min({a}, {b})",
                f"max({a}, {b})",
                f"({a} + 0)",
                f"coalesce({a}, 0)",
                f"({a} * 0.19)",
            )
        )

    def any_text(self, depth: int) -> str:
        if depth <= 0:
            return self.leaf("text", TEXT_LITERALS, 0.8)
        if self.random.random() < 0.1:
            return self.choice("text", depth)
        if self.random.random() < 0.12:
            made = self.aggregated("text", depth)
            if made is not None:
                return made
        text, other = self.any_text(depth - 1), self.any_text(depth - 1)
        kind = self.pick(("int", "decimal", "bool", "date", "moment", "length"))
        return self.pick(
            (
                f"({text} + {other})",
                f"{text}.lower()",
                f"upper({text})",
                f"{text}.lowerAscii()",
                f"{text}.upperAscii()",
                f"trim({text})",
                f"{text}.substring({self.any_int(0)})",
                f"{text}.substring({self.any_int(0)}, {self.any_int(0)})",
                f"{text}.charAt({self.any_int(0)})",
                f"{text}.replace({self.pick(TEXT_LITERALS)}, {self.pick(TEXT_LITERALS)})",
                f"string({self.of(kind, depth - 1)})",
                f"min({text}, {other})",
                f"max({text}, {other})",
                f"({self.of('stage', 0)} + 'x')",
                f"string({text})",
            )
        )

    def any_date(self, depth: int) -> str:
        if depth <= 0:
            return self.leaf("date", DATE_LITERALS)
        if self.random.random() < 0.1:
            return self.choice("date", depth)
        if self.random.random() < 0.1:
            made = self.aggregated("date", depth)
            if made is not None:
                return made
        day, moment, number = self.any_date(depth - 1), self.any_moment(depth - 1), self.any_int(0)
        length = self.any_length(0)
        return self.pick(
            (
                f"add_days({day}, {number})",
                f"add_months({day}, {number})",
                f"add_years({day}, {number})",
                f"start_of({day}, '{self.pick(UNITS)}')",
                f"end_of({day}, '{self.pick(UNITS)}')",
                f"({day} + {length})",
                f"({day} - {length})",
                f"add_workdays({day}, {number})",
                f"date({moment})",
                f"in_zone({moment}, '{self.pick(ZONES)}')",
                f"min({day}, {self.any_date(0)})",
            )
        )

    def any_moment(self, depth: int) -> str:
        if depth <= 0:
            return self.leaf("moment", MOMENT_LITERALS)
        if self.random.random() < 0.1:
            return self.choice("moment", depth)
        if self.random.random() < 0.1:
            made = self.aggregated("moment", depth)
            if made is not None:
                return made
        moment, number, length = self.any_moment(depth - 1), self.any_int(0), self.any_length(depth - 1)
        unit = self.pick((*UNITS, "hour", "minute"))
        return self.pick(
            (
                f"add_days({moment}, {number})",
                f"add_months({moment}, {number})",
                f"start_of({moment}, '{unit}')",
                f"end_of({moment}, '{unit}')",
                f"({moment} + {length})",
                f"({moment} - {length})",
                f"timestamp({self.any_int(depth - 1)})",
                f"max({moment}, {self.any_moment(0)})",
            )
        )

    def any_length(self, depth: int) -> str:
        if depth <= 0:
            return self.leaf("length", LENGTH_LITERALS)
        if self.random.random() < 0.1:
            made = self.aggregated("length", depth)
            if made is not None:
                return made
        a, b = self.any_length(depth - 1), self.any_length(depth - 1)
        return self.pick(
            (
                f"({a} + {b})",
                f"({a} - {b})",
                f"-({a})",
                f"({self.any_moment(depth - 1)} - {self.any_moment(0)})",
                f"({self.any_date(depth - 1)} - {self.any_date(0)})",
            )
        )

    def any_clock(self, depth: int) -> str:
        return self.leaf("clock", self.own("clock"), 1.0)
