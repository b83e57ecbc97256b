"""Well-typed expressions at random: texts over everything the language has."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from tests.expressions.world import CURRENCIES, TEXTS

Variables = tuple[tuple[str, str], ...]  # name and entity (or kind, after a colon)

TEXT_LITERALS = tuple(repr(text) for text in TEXTS if text is not None)
STAGES = ("'new'", "'won'", "'lost'", "'on hold'")
UNITS = ("day", "week", "month", "quarter", "year")
ZONES = ("UTC", "Europe/Bucharest", "America/New_York", "+05:30", "Australia/Lord_Howe")
PATTERNS = ("^a", "b$", "[A-Z]", "^[^a]*$", r"\\d+", "a|b", "(ab)+", ".", "^.{2,3}$", r"\\s")
INT_LITERALS = ("0", "1", "2", "3", "5", "7", "-1", "100", "9223372036854775807", "-9223372036854775808", "10")
DECIMAL_LITERALS = ("0.5", "1.25", "2.0", "-0.01", "100.0", "0.000001", "decimal('3')", "99.999")
DATE_LITERALS = ("date('2026-01-31')", "date('1970-01-01')", "date('9999-12-31')", "date('0001-01-01')", "today()")
MOMENT_LITERALS = ("timestamp('2026-03-29T01:00:00Z')", "timestamp('1970-01-01T00:00:00Z')", "now()")
LENGTH_LITERALS = ("duration('1h')", "duration('-36h')", "duration('1.5s')", "duration('0s')", "duration('2400000h')")

FIELDS = {
    "deal": {
        "bool": ("open", "maybe"), "int": ("count", "size", "id"), "decimal": ("price", "factor"), "eur": ("cost",),
        "money": ("budget",), "text": ("title", "code"), "stage": ("stage",), "date": ("due",), "moment": ("at", "made"),
        "length": ("lasts",), "clock": ("clock",), "colours": ("colours",), "place": ("place",),
        "one": (("account", "account"), ("owner", "user")), "many": (("lines", "line"), ("tags", "tag")),
    },
    "line": {
        "bool": ("done",), "int": ("amount", "id"), "decimal": ("price",), "eur": ("cost",), "money": ("value",),
        "text": ("name",), "stage": ("kind",), "date": ("day",), "moment": ("at",), "length": ("lasts",),
        "one": (("deal", "deal"), ("owner", "user")), "many": (),
    },
    "account": {
        "int": ("score", "id"), "decimal": ("rate",), "text": ("name",), "date": ("since",),
        "one": (("owner", "user"),), "many": (("deals", "deal"),),
    },
    "user": {"bool": ("active",), "int": ("unit", "id"), "text": ("name",), "one": (("boss", "user"),), "many": ()},
    "tag": {"int": ("id",), "text": ("name",), "one": (), "many": (("deals", "deal"),)},
}  # fmt: skip


class Generator:
    """Writes expressions of a kind, no deeper than asked."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.count = 0
        self.records: list[tuple[str, str]] = [("record", "deal")]
        self.values: list[tuple[str, str]] = []
        self.nested = 0

    def one(self, *options: Callable[[int], str]) -> Callable[[int], str]:
        return self.random.choice(options)

    def pick(self, options: tuple[str, ...]) -> str:
        return self.random.choice(options)

    def of(self, kind: str, depth: int) -> str:
        """An expression of a kind."""
        made: str = getattr(self, f"any_{kind}")(depth)
        return made

    # ---- names

    def record(self, depth: int) -> tuple[str, str]:
        """A path to a record, and its entity."""
        path, entity = self.random.choice(self.records)
        while depth > 0 and self.random.random() < 0.25 and FIELDS[entity]["one"]:
            name, entity = self.random.choice(FIELDS[entity]["one"])  # type: ignore[assignment]
            path = f"{path}.{name}"
            depth -= 1
        return path, entity

    def field(self, kind: str) -> str | None:
        own = [name for name, found in self.values if found == kind]
        if own and self.random.random() < 0.5:
            return self.random.choice(own)
        for _ in range(4):
            path, entity = self.record(2)
            names = FIELDS[entity].get(kind)
            if names:
                return f"{path}.{self.random.choice(names)}"
        return None

    def leaf(self, kind: str, literals: tuple[str, ...], share: float = 0.75) -> str:
        found = self.field(kind) if self.random.random() < share else None
        return found or self.pick(literals)

    def choice(self, kind: str, depth: int) -> str:
        a, b = self.of(kind, depth - 1), self.of(kind, depth - 1)
        if self.random.random() < 0.5:
            return f"({self.any_bool(depth - 1)} ? {a} : {b})"
        return f"coalesce({a}, {b})"

    # ---- lists

    def many(self) -> tuple[str, str] | None:
        for _ in range(4):
            path, entity = self.record(1)
            if FIELDS[entity]["many"]:
                name, target = self.random.choice(FIELDS[entity]["many"])  # type: ignore[assignment]
                return f"{path}.{name}", target
        return None

    def over(self, depth: int, write: Callable[[str, str, str], str]) -> str | None:
        """Something over the rows of a list; `write` gets the list, a variable, and the variable's entity."""
        if self.nested >= 2 or depth <= 0:
            return None
        found = self.many()
        if found is None:
            return None
        items, entity = found
        self.nested += 1
        if self.random.random() < 0.3:
            variable = self.name()
            self.records.append((variable, entity))
            items = f"{items}.filter({variable}, {self.any_bool(depth - 2)})"
            self.records.pop()
        variable = self.name()
        self.records.append((variable, entity))
        made = write(items, variable, entity)
        self.records.pop()
        self.nested -= 1
        return made

    def name(self) -> str:
        self.count += 1
        return f"x{self.count}"

    def aggregated(self, kind: str, depth: int) -> str | None:
        names = {
            "int": ("sum", "min", "max", "first"), "decimal": ("sum", "min", "max", "avg", "first"),
            "eur": ("sum", "min", "max", "avg", "first"), "money": ("sum", "min", "max", "avg", "first"),
            "text": ("min", "max", "first", "join"), "date": ("min", "max", "first"), "moment": ("min", "max", "first"),
            "length": ("sum", "min", "max", "avg"), "bool": ("first",),
        }[kind]  # fmt: skip
        name = self.pick(names)
        separator = self.pick(("', '", "''")) if name == "join" else ""

        def write(items: str, variable: str, entity: str) -> str:
            return f"{items}.map({variable}, {self.of(kind, depth - 2)}).{name}({separator})"

        return self.over(depth, write)

    # ---- kinds

    def any_bool(self, depth: int) -> str:
        if depth <= 0:
            return self.leaf("bool", ("true", "false", "(record.count > 2)"), 0.9)
        options = [
            self.compared, self.compared, self.compared, self.logic, self.logic, self.among, self.special, self.of_text,
            self.tested, self.with_null, self.same_record, self.of_colours,
        ]  # fmt: skip
        made = self.random.choice(options)(depth)
        if made is None or self.random.random() < 0.1:
            return self.leaf("bool", ("true",), 0.95) if made is None else f"!({made})"
        if self.random.random() < 0.05:
            return self.choice("bool", depth)
        return made

    def compared(self, depth: int) -> str:
        kind = self.pick(
            ("int", "int", "decimal", "eur", "money", "text", "text", "stage", "date", "moment", "length", "clock", "bool")
        )
        operator = self.pick(("==", "!=", "<", "<=", ">", ">="))
        if kind in ("stage", "clock"):
            operator = self.pick(("==", "!=")) if kind == "stage" else operator
            return f"({self.of(kind, depth - 1)} {operator} {self.of(kind, depth - 1)})"
        left, right = self.of(kind, depth - 1), self.of(kind, depth - 1)
        if kind in ("int", "decimal") and self.random.random() < 0.3:
            right = self.of("decimal" if kind == "int" else "int", depth - 1)
        if kind in ("eur", "money") and self.random.random() < 0.3:
            right = self.pick(("0", "5", "2.5", "10.005", "money('10', 'USD')" if kind == "money" else "1"))
        return f"({left} {operator} {right})"

    def logic(self, depth: int) -> str:
        operator = self.pick((" && ", " || "))
        return "(" + operator.join(self.any_bool(depth - 1) for _ in range(self.random.choice((2, 2, 3)))) + ")"

    def among(self, depth: int) -> str:
        kind = self.pick(("int", "text", "stage", "decimal", "date", "eur"))
        item = self.of(kind, depth - 1)
        if kind == "text" and self.random.random() < 0.3:
            return f"({item} in user.roles)"
        if kind in ("int", "text", "date") and self.random.random() < 0.3:
            made = self.over(depth, lambda items, variable, entity: f"({item} in {items}.map({variable}, {self.of(kind, 0)}))")
            if made is not None:
                return made
        items = [self.of(kind, 0 if self.random.random() < 0.3 else -1) for _ in range(self.random.choice((1, 2, 3)))]
        if self.random.random() < 0.3:
            items.append("null")
        return f"({item} in [{', '.join(items)}])"

    def special(self, depth: int) -> str:
        name = self.pick(("has", "empty", "truthy"))
        if self.random.random() < 0.2:
            found = self.many()
            if found is not None and self.nested < 2:
                return f"{name}({found[0]})"
        kind = self.pick(("int", "text", "decimal", "eur", "money", "date", "moment", "bool", "stage", "length", "colours", "place"))
        if kind in ("colours", "place"):
            return f"{name}(record.{kind})"
        return f"{name}({self.of(kind, depth - 1)})"

    def of_text(self, depth: int) -> str:
        text, part = self.any_text(depth - 1), self.any_text(depth - 2)
        name = self.pick(("contains", "startsWith", "endsWith", "matches"))
        if name == "matches":
            return f"{text}.matches('{self.pick(PATTERNS)}')"
        return f"{text}.{name}({part if self.random.random() < 0.5 else self.pick(TEXT_LITERALS)})"

    def tested(self, depth: int) -> str | None:
        name = self.pick(("exists", "all", "exists", "all", "exists_one"))
        return self.over(depth, lambda items, variable, entity: f"{items}.{name}({variable}, {self.any_bool(depth - 1)})")

    def with_null(self, depth: int) -> str:
        kind = self.pick(("int", "text", "date", "money", "decimal", "stage"))
        if self.random.random() < 0.4:
            path, _ = self.record(2)
            if path != "record" and path not in [name for name, _ in self.records]:
                return f"({path} {self.pick(('==', '!='))} null)"
        return f"({self.of(kind, depth - 1)} {self.pick(('==', '!='))} null)"

    def same_record(self, depth: int) -> str:
        paths = [f"{path}.owner" for path, entity in self.records if entity != "user" and entity != "tag"]
        left = self.random.choice(paths)
        right = self.pick(("user", self.random.choice(paths), f"{self.random.choice(paths)}.boss"))
        if self.random.random() < 0.3:
            return f"({left} in user.subordinates)"
        return f"({left} {self.pick(('==', '!='))} {right})"

    def of_colours(self, depth: int) -> str:
        items = "record.colours"
        variable = self.name()
        return self.pick((
            f"('red' in {items})", f"('blue' in {items})", f"({items}.size() > {self.pick(('0', '1', '2'))})",
            f"{items}.exists({variable}, {variable} == 'green')", f"{items}.all({variable}, {variable} != 'red')",
            f"({items}.join('+') == 'red+blue')", f"(size({items}) == 2)", f"({items}[0] == 'green')",
            f"({items}.first() != 'red')", f"user.roles.exists({variable}, {variable} == record.title)",
        ))  # fmt: skip

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
            self.int_arithmetic, self.int_arithmetic, self.int_of_text, self.int_of_time, self.int_function, self.counted,
        )  # fmt: skip
        return self.random.choice(options)(depth) or self.any_int(0)

    def int_arithmetic(self, depth: int) -> str:
        operator = self.pick(("+", "-", "*", "/", "%"))
        right = self.any_int(depth - 1)
        if operator in "/%" and right in ("0",):
            right = "3"
        return f"({self.any_int(depth - 1)} {operator} {right})"

    def int_of_text(self, depth: int) -> str:
        text = self.any_text(depth - 1)
        return self.pick((
            f"size({text})", f"{text}.indexOf({self.pick(TEXT_LITERALS)})", f"{text}.lastIndexOf({self.pick(TEXT_LITERALS)})",
            f"{text}.indexOf({self.pick(TEXT_LITERALS)}, {self.any_int(0)})",
            f"{text}.lastIndexOf({self.pick(TEXT_LITERALS)}, {self.any_int(0)})", f"int({text})",
        ))  # fmt: skip

    def int_of_time(self, depth: int) -> str:
        day, moment, length = (self.of(kind, depth - 1) for kind in ("date", "moment", "length"))
        name = self.pick(("year", "month", "day", "weekday", "week", "quarter"))
        getter = self.pick((
            "getFullYear", "getMonth", "getDate", "getDayOfMonth", "getDayOfWeek", "getDayOfYear", "getHours", "getMinutes",
            "getSeconds", "getMilliseconds",
        ))  # fmt: skip
        zone = self.pick(("", f"'{self.pick(ZONES)}'"))
        return self.pick((
            f"{name}({day})", f"{name}({moment})", f"{self.pick(('hour', 'minute', 'second'))}({moment})",
            f"{moment}.{getter}({zone})", f"{length}.{self.pick(('getHours', 'getMinutes', 'getSeconds', 'getMilliseconds'))}()",
            f"days_between({day}, {self.any_date(0)})", f"workdays_between({day}, {self.any_date(0)})",
            f"days_between({moment}, {self.any_date(0)})", f"int({moment})",
        ))  # fmt: skip

    def int_function(self, depth: int) -> str:
        a, b = self.any_int(depth - 1), self.any_int(depth - 1)
        return self.pick((
            f"abs({a})", f"min({a}, {b})", f"max({a}, {b}, {self.any_int(0)})", f"math.sign({a})", f"-({a})",
            f"int({self.any_decimal(depth - 1)})", f"math.least({a}, {b})", f"round({a})", f"ceil({a})",
        ))  # fmt: skip

    def counted(self, depth: int) -> str | None:
        def write(items: str, variable: str, entity: str) -> str:
            if self.random.random() < 0.5:
                return f"{items}.size()"
            return f"{items}.map({variable}, {self.of(self.pick(('int', 'text', 'date')), depth - 2)}).{self.pick(('count', 'size'))}()"

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
            amount = "record.cost"
        return self.pick((
            f"({a} + {b})", f"({a} - {b})", f"({a} * {b})", f"({a} / {b})", f"({a} % {b})", f"abs({a})", f"-({a})",
            f"round({a}, {self.pick(('0', '1', '2', '4'))})", f"round({a})", f"ceil({a})", f"floor({a})",
            f"math.trunc({a})", f"min({a}, {b})", f"max({b}, {a})", f"math.sign({a})", f"decimal({self.any_int(depth - 1)})",
            f"({amount}).amount", f"(record.cost / {self.any_eur(0)})",
        ))  # fmt: skip

    def any_eur(self, depth: int) -> str:
        if depth <= 0:
            return self.leaf("eur", ("money('10.50', 'EUR')", "money('-3', 'EUR')", "money('0', 'EUR')"), 0.85)
        return self.amount("eur", depth)

    def any_money(self, depth: int) -> str:
        if depth <= 0:
            return self.leaf("money", ("record.budget",), 1.0)
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
        return self.pick((
            f"({a} + {b})", f"({a} - {b})", f"({a} * {number})", f"({number} * {a})", f"({a} / {number})", f"-({a})",
            f"abs({a})", f"round({a})", f"min({a}, {b})", f"max({a}, {b})", f"({a} + 0)", f"coalesce({a}, 0)",
            f"({a} * 0.19)",
        ))  # fmt: skip

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
        return self.pick((
            f"({text} + {other})", f"{text}.lower()", f"upper({text})", f"{text}.lowerAscii()", f"{text}.upperAscii()",
            f"trim({text})", f"{text}.substring({self.any_int(0)})", f"{text}.substring({self.any_int(0)}, {self.any_int(0)})",
            f"{text}.charAt({self.any_int(0)})", f"{text}.replace({self.pick(TEXT_LITERALS)}, {self.pick(TEXT_LITERALS)})",
            f"string({self.of(kind, depth - 1)})", f"min({text}, {other})", f"max({text}, {other})", "record.place.city",
            "record.budget.currency", f"({self.any_stage(0)} + 'x')", f"string({text})",
        ))  # fmt: skip

    def any_stage(self, depth: int) -> str:
        return self.leaf("stage", STAGES, 0.6 if depth >= 0 else 0.2)

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
        return self.pick((
            f"add_days({day}, {number})", f"add_months({day}, {number})", f"add_years({day}, {number})",
            f"start_of({day}, '{self.pick(UNITS)}')", f"end_of({day}, '{self.pick(UNITS)}')", f"({day} + {length})",
            f"({day} - {length})", f"add_workdays({day}, {number})", f"date({moment})", f"in_zone({moment}, '{self.pick(ZONES)}')",
            f"min({day}, {self.any_date(0)})",
        ))  # fmt: skip

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
        return self.pick((
            f"add_days({moment}, {number})", f"add_months({moment}, {number})", f"start_of({moment}, '{unit}')",
            f"end_of({moment}, '{unit}')", f"({moment} + {length})", f"({moment} - {length})", f"timestamp({self.any_int(depth - 1)})",
            f"max({moment}, {self.any_moment(0)})",
        ))  # fmt: skip

    def any_length(self, depth: int) -> str:
        if depth <= 0:
            return self.leaf("length", LENGTH_LITERALS)
        if self.random.random() < 0.1:
            made = self.aggregated("length", depth)
            if made is not None:
                return made
        a, b = self.any_length(depth - 1), self.any_length(depth - 1)
        return self.pick((
            f"({a} + {b})", f"({a} - {b})", f"-({a})", f"({self.any_moment(depth - 1)} - {self.any_moment(0)})",
            f"({self.any_date(depth - 1)} - {self.any_date(0)})",
        ))  # fmt: skip

    def any_clock(self, depth: int) -> str:
        return "record.clock"


KINDS = ("bool", "bool", "bool", "bool", "int", "decimal", "eur", "money", "text", "date", "moment", "length")
assert CURRENCIES


def expressions(seed: int, number: int) -> list[str]:
    """Texts of expressions, the same for the same seed."""
    random = Random(seed)
    made = []
    for _ in range(number):
        generator = Generator(random)
        made.append(generator.of(random.choice(KINDS), random.choice((1, 2, 2, 3, 3, 4))))
    return made
