"""What expressions at random are made of: names of the world, literals, lists."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

from tests.expressions.vocabulary import Vocabulary
from tests.expressions.world import TEXTS

Variables = tuple[tuple[str, str], ...]  # name and entity (or kind, after a colon)

TEXT_LITERALS = tuple(repr(text) for text in TEXTS if text is not None)
UNITS = ("day", "week", "month", "quarter", "year")
ZONES = ("UTC", "Europe/Bucharest", "America/New_York", "+05:30", "Australia/Lord_Howe")
PATTERNS = ("^a", "b$", "[A-Z]", "^[^a]*$", r"\\d+", "a|b", "(ab)+", ".", "^.{2,3}$", r"\\s")
INT_LITERALS = (
    "0",
    "1",
    "2",
    "3",
    "5",
    "7",
    "-1",
    "100",
    "9223372036854775807",
    "-9223372036854775808",
    "10",
)
DECIMAL_LITERALS = ("0.5", "1.25", "2.0", "-0.01", "100.0", "0.000001", "decimal('3')", "99.999")
DATE_LITERALS = (
    "date('2026-01-31')",
    "date('1970-01-01')",
    "date('9999-12-31')",
    "date('0001-01-01')",
    "today()",
)
MOMENT_LITERALS = ("timestamp('2026-03-29T01:00:00Z')", "timestamp('1970-01-01T00:00:00Z')", "now()")
LENGTH_LITERALS = (
    "duration('1h')",
    "duration('-36h')",
    "duration('1.5s')",
    "duration('0s')",
    "duration('2400000h')",
)


class Names:
    """Finds names and lists; `of` writes an expression of a kind, no deeper than asked."""

    def __init__(self, random: Random, vocabulary: Vocabulary) -> None:
        self.random = random
        self.vocabulary = vocabulary
        self.fields = vocabulary.fields
        self.count = 0
        self.records: list[tuple[str, str]] = [("record", vocabulary.base)]
        self.values: list[tuple[str, str]] = []
        self.nested = 0

    def one(self, *options: Callable[[int], str]) -> Callable[[int], str]:
        return self.random.choice(options)

    def pick(self, options: Sequence[str]) -> str:
        return self.random.choice(options)

    def of(self, kind: str, depth: int) -> str:
        """An expression of a kind."""
        if kind == "stage":
            kind = self.any_options()
        if kind in self.vocabulary.options:
            return self.any_stage(kind, depth)
        made: str = getattr(self, f"any_{kind}")(depth)
        return made

    def any_options(self) -> str:
        """One of the lists of options."""
        return self.pick([*self.vocabulary.options])

    def any_stage(self, options: str, depth: int) -> str:
        literals = [repr(name) for name in self.vocabulary.options[options]]
        return self.leaf(options, literals, 0.6 if depth >= 0 else 0.2)

    # ---- names

    def record(self, depth: int) -> tuple[str, str]:
        """A path to a record, and its entity."""
        path, entity = self.random.choice(self.records)
        while depth > 0 and self.random.random() < 0.25 and self.fields[entity].one:
            name, entity = self.random.choice(self.fields[entity].one)
            path = f"{path}.{name}"
            depth -= 1
        return path, entity

    def field(self, kind: str) -> str | None:
        own = [name for name, found in self.values if found == kind]
        if own and self.random.random() < 0.5:
            return self.random.choice(own)
        for _ in range(4):
            path, entity = self.record(2)
            names = self.fields[entity].by_kind.get(kind)
            if names:
                return f"{path}.{self.random.choice(names)}"
        return None

    def own(self, kind: str) -> list[str]:
        """The record's own members of a kind; it has one of each."""
        return [f"record.{name}" for name in self.fields[self.vocabulary.base].by_kind[kind]]

    def leaf(self, kind: str, literals: Sequence[str], share: float = 0.75) -> str:
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
            if self.fields[entity].many:
                name, target = self.random.choice(self.fields[entity].many)
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
            "int": ("sum", "min", "max", "first"),
            "decimal": ("sum", "min", "max", "avg", "first"),
            "eur": ("sum", "min", "max", "avg", "first"),
            "money": ("sum", "min", "max", "avg", "first"),
            "text": ("min", "max", "first", "join"),
            "date": ("min", "max", "first"),
            "moment": ("min", "max", "first"),
            "length": ("sum", "min", "max", "avg"),
            "bool": ("first",),
        }[kind]
        name = self.pick(names)
        separator = self.pick(("', '", "''")) if name == "join" else ""

        def write(items: str, variable: str, entity: str) -> str:
            return f"{items}.map({variable}, {self.of(kind, depth - 2)}).{name}({separator})"

        return self.over(depth, write)

    def any_bool(self, depth: int) -> str:
        raise NotImplementedError
