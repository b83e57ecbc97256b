"""A small world for expressions: entities, their tables on both databases, rows, and the same rows in Python."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import sqlalchemy as sa

from engine.expressions.kinds import (
    BOOL,
    DATE,
    DATETIME,
    DURATION,
    INT,
    STRING,
    TIME,
    DecimalKind,
    EnumKind,
    Kind,
    ListKind,
    MoneyKind,
    RecordKind,
    StructKind,
)
from engine.to_python.roots import Surroundings
from engine.to_sql.source import Between, Way
from engine.typecheck.schema import MemberShape, Roots
from engine.types.columns import CodePointText, Json, Microseconds, MinorUnits, ScaledDecimal, UtcDateTime
from engine.types.currency import digits
from engine.types.money import Money

STAGE = EnumKind(
    ("new", "won", "lost", "on hold"),
    attributes={
        "weight": {"new": 10, "won": 100},
        "share": {"new": Decimal("0.25"), "won": 1, "lost": 0},
        "final": {"won": True, "lost": True, "new": False},
        "word": {"new": "fresh", "lost": "gone"},
    },
)
COLOURS = ListKind(EnumKind(("red", "green", "blue")))
ADDRESS = StructKind("address", {"street": STRING, "city": STRING})


@dataclass(frozen=True)
class Prop:
    kind: Kind
    required: bool = False


@dataclass(frozen=True)
class Link:
    """A relation: to-one by `key`, to-many by the target's `back`, or through a table."""

    target: str
    many: bool = False
    key: str = ""
    back: str = ""
    through: str = ""


PROPERTIES: Mapping[str, Mapping[str, Prop]] = {
    "user": {"id": Prop(INT, True), "name": Prop(STRING), "unit": Prop(INT), "active": Prop(BOOL, True)},
    "account": {
        "id": Prop(INT, True),
        "name": Prop(STRING, True),
        "score": Prop(INT),
        "rate": Prop(DecimalKind(4)),
        "since": Prop(DATE),
    },
    "deal": {
        "id": Prop(INT, True),
        "title": Prop(STRING),
        "code": Prop(STRING, True),
        "stage": Prop(STAGE),
        "open": Prop(BOOL, True),
        "maybe": Prop(BOOL),
        "count": Prop(INT),
        "size": Prop(INT, True),
        "price": Prop(DecimalKind(2)),
        "factor": Prop(DecimalKind(6)),
        "cost": Prop(MoneyKind("EUR")),
        "budget": Prop(MoneyKind("")),
        "due": Prop(DATE),
        "at": Prop(DATETIME),
        "made": Prop(DATETIME, True),
        "clock": Prop(TIME),
        "lasts": Prop(DURATION),
        "colours": Prop(COLOURS),
        "place": Prop(ADDRESS),
    },
    "line": {
        "id": Prop(INT, True),
        "name": Prop(STRING),
        "amount": Prop(INT),
        "price": Prop(DecimalKind(2)),
        "cost": Prop(MoneyKind("EUR")),
        "value": Prop(MoneyKind("")),
        "kind": Prop(STAGE),
        "day": Prop(DATE),
        "done": Prop(BOOL, True),
        "at": Prop(DATETIME),
        "lasts": Prop(DURATION),
    },
    "tag": {"id": Prop(INT, True), "name": Prop(STRING, True)},
}

LINKS: Mapping[str, Mapping[str, Link]] = {
    "user": {"boss": Link("user", key="boss")},
    "account": {"owner": Link("user", key="owner"), "deals": Link("deal", many=True, back="account")},
    "deal": {
        "account": Link("account", key="account"),
        "owner": Link("user", key="owner"),
        "lines": Link("line", many=True, back="deal"),
        "tags": Link("tag", many=True, through="deal$tags"),
    },
    "line": {"deal": Link("deal", key="deal"), "owner": Link("user", key="owner")},
    "tag": {"deals": Link("deal", many=True, through="deal$tags")},
}


class World:
    """The schema that the checker asks."""

    def member(self, entity: str, name: str) -> MemberShape | None:
        prop = PROPERTIES.get(entity, {}).get(name)
        if prop is not None:
            return MemberShape(name, prop.kind, prop.required)
        link = LINKS.get(entity, {}).get(name)
        if link is None:
            return None
        kind = RecordKind((link.target,))
        return MemberShape(name, ListKind(kind) if link.many else kind)

    def names(self, entity: str) -> Collection[str]:
        return [*PROPERTIES.get(entity, {}), *LINKS.get(entity, {})]

    def parent_of(self, entity: str) -> str | None:
        return "deal" if entity == "line" else None

    def named_by(self, entity: str) -> str | None:
        return None


ROOTS = Roots(
    records={"record": ("deal",), "user": ("user",)},
    values={"settings": {"limit": MemberShape("limit", INT), "word": MemberShape("word", STRING)}},
)


# ---- tables

TYPES: Mapping[Kind, sa.types.TypeEngine[Any]] = {
    BOOL: sa.Boolean(),
    INT: sa.BigInteger(),
    STRING: CodePointText(),
    DATE: sa.Date(),
    TIME: sa.Time(),
    DATETIME: UtcDateTime(),
    DURATION: Microseconds(),
}


def column_type(kind: Kind) -> sa.types.TypeEngine[Any]:
    if isinstance(kind, DecimalKind):
        return ScaledDecimal(18, kind.scale)
    if isinstance(kind, MoneyKind):
        return MinorUnits()
    if isinstance(kind, EnumKind):
        return CodePointText()
    return Json() if isinstance(kind, ListKind) else TYPES[kind]


def parts_of(kind: Kind) -> tuple[str, ...]:
    if isinstance(kind, StructKind):
        return ("", *kind.parts)
    return ("", "currency") if isinstance(kind, MoneyKind) and not kind.currency else ("",)


def part_type(kind: Kind, part: str) -> sa.types.TypeEngine[Any]:
    return CodePointText() if part or isinstance(kind, StructKind) else column_type(kind)


def column_name(name: str, part: str) -> str:
    return f"{name}${part}" if part else name


def make_tables() -> sa.MetaData:
    metadata = sa.MetaData()
    for entity, properties in PROPERTIES.items():
        columns = [
            sa.Column(column_name(name, part), part_type(prop.kind, part), primary_key=name == "id")
            for name, prop in properties.items()
            for part in parts_of(prop.kind)
        ]
        keys = [sa.Column(link.key, sa.BigInteger()) for link in LINKS[entity].values() if link.key]
        sa.Table(
            entity, metadata, *columns, *keys, sa.Column("_gone", sa.Boolean(), server_default=sa.false())
        )
    sa.Table(
        "deal$tags", metadata, sa.Column("source", sa.BigInteger()), sa.Column("target", sa.BigInteger())
    )
    for table, name in (("deal", "count"), ("deal", "code"), ("deal", "account"), ("line", "deal")):
        sa.Index(f"ix_{table}_{name}", metadata.tables[table].c[name])
    return metadata


TABLES = make_tables()


@dataclass(frozen=True)
class WorldTables:
    """Where the records stand; accounts and lines that are gone are not seen."""

    hidden: frozenset[str] = frozenset({"account", "line"})

    def table(self, entity: str) -> sa.FromClause:
        return TABLES.tables[entity]

    def columns(self, entity: str, name: str) -> Mapping[str, str]:
        return {part: column_name(name, part) for part in parts_of(PROPERTIES[entity][name].kind)}

    def ways(self, entity: str, name: str) -> Sequence[Way]:
        link = LINKS[entity][name]
        if link.through:
            ends = ("source", "target") if entity == "deal" else ("target", "source")
            return (Way(link.target, between=Between(TABLES.tables[link.through], *ends)),)
        return (Way(link.target, link.key, link.back),)

    def order(self, entity: str) -> Sequence[str]:
        return ("id",)

    def visible(self, entity: str, alias: sa.FromClause) -> Any:
        return alias.c["_gone"].is_(sa.false()) if entity in self.hidden else None

    def present(self, entity: str, alias: sa.FromClause) -> Any:
        return None

    def listed(self, entity: str, alias: sa.FromClause) -> Any:
        return alias.c["_gone"].is_(sa.false()) if entity in self.hidden else None


# ---- rows

TEXTS = (
    None, "", " ", "a", "ab", "abc", "A", "B", "b", "100%", "a_b", "%", "_", "Ärger", "straße", "ÉCOLE", "éé", "日本語",
    "😀x", "\u00a0pad\u2003", "O'Hara", 'say "x"', "back\\slash", "line\nbreak", "new", "won", "ΟΔΟΣ", "12", "-7",
    "9223372036854775808", "true", "2026-01-31", "İ",
)  # fmt: skip
INTS = (
    None,
    0,
    1,
    -1,
    2,
    3,
    5,
    7,
    10,
    100,
    -100,
    2**31,
    -(2**31),
    2**62,
    2**63 - 1,
    -(2**63),
    10**18,
    999_999,
)
DATES = (
    None, date(1, 1, 1), date(9999, 12, 31), date(1970, 1, 1), date(2024, 2, 29), date(2026, 1, 31), date(2026, 3, 29),
    date(2025, 12, 29), date(2026, 7, 31), date(2000, 1, 1), date(2026, 8, 1), date(2026, 8, 2),
)  # fmt: skip
MOMENTS = (
    None, datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, 999_999, UTC),
    datetime(1970, 1, 1, tzinfo=UTC),
    datetime(1969, 12, 31, 23, 59, 59, 999_999, UTC), datetime(2026, 3, 29, 0, 59, 59, 999_999, UTC),
    datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
    datetime(2026, 10, 25, 1, 30, tzinfo=UTC),
    datetime(2026, 7, 31, 12, 34, 56, 789_012, UTC), datetime(2024, 2, 29, 22, 30, tzinfo=UTC),
    datetime(1900, 1, 1, 5, tzinfo=UTC),
)  # fmt: skip
LENGTHS = (
    None, timedelta(0), timedelta(hours=1), timedelta(days=-1), timedelta(microseconds=1), timedelta(days=100_000),
    timedelta(seconds=90, microseconds=500_000), timedelta(microseconds=2**63 - 1),
    timedelta(microseconds=-(2**63) + 1),
    timedelta(days=4_000_000),
)  # fmt: skip
CLOCKS = (None, time(0), time(12, 30), time(23, 59, 59, 999_999), time(7, 0, 0, 5))
NUMBERS = (None, "0", "1", "-1", "0.5", "2.5", "-2.5", "10", "0.01", "3.33", "99", "-0.05", "1234567")
CURRENCIES = ("EUR", "USD", "JPY", "KWD")


def sample(kind: Kind, random: Random, required: bool = False) -> Any:
    """A value of a kind, often an awkward one."""
    if required:
        value = None
        while value is None:
            value = sample(kind, random)
        return value
    match kind:
        case DecimalKind():
            if random.random() < 0.1:
                return Decimal(random.choice((10**18 - 1, -(10**18) + 1, 10**17))).scaleb(-kind.scale)
            text = random.choice(NUMBERS)
            return None if text is None else Decimal(text).quantize(Decimal(1).scaleb(-kind.scale))
        case MoneyKind():
            if random.random() < 0.15:
                return None
            currency = kind.currency or random.choice(CURRENCIES)
            units = random.choice((0, 1, -1, 5, 100, 250, 999, -1050, 10**14, 33))
            return Money(Decimal(units).scaleb(-digits(currency)), currency)
        case EnumKind():
            return random.choice((None, *kind.names))
        case ListKind():
            assert isinstance(kind.item, EnumKind)
            chosen = [name for name in kind.item.names if random.random() < 0.5]
            return tuple(chosen)
        case StructKind():
            if random.random() < 0.3:
                return None
            return Address(random.choice(("", "Main st")), random.choice(("", "Cluj", "Paris")))
    choices: Mapping[Kind, tuple[Any, ...]] = {
        BOOL: (None, True, False), INT: INTS, STRING: TEXTS, DATE: DATES, TIME: CLOCKS, DATETIME: MOMENTS,
        DURATION: LENGTHS,
    }  # fmt: skip
    return random.choice(choices[kind])


@dataclass(frozen=True)
class Address:
    street: str
    city: str

    @property
    def line(self) -> str:
        return f"{self.street} {self.city}".strip()


def cells(name: str, kind: Kind, value: Any) -> dict[str, Any]:
    """A value as its columns hold it."""
    if isinstance(kind, MoneyKind):
        minor = None if value is None else int(value.amount.scaleb(digits(value.currency)))
        made = {name: minor}
        if not kind.currency:
            made[f"{name}$currency"] = None if value is None else value.currency
        return made
    if isinstance(kind, StructKind):
        parts = {
            f"{name}${part}": None if value is None else getattr(value, part) or None for part in kind.parts
        }
        return {name: None if value is None else value.line, **parts}
    if isinstance(kind, ListKind):
        return {name: sorted(value) or None}
    if kind is DURATION and value is not None:
        return {name: value // timedelta(microseconds=1)}
    return {name: value}


@dataclass(repr=False)
class Data:
    """Rows by entity as the tables take them, and the records of Python (which lead to each other without end)."""

    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    records: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    pairs: list[dict[str, Any]] = field(default_factory=list)


COUNTS = {"user": 5, "account": 8, "deal": 40, "line": 80, "tag": 4}


def make_data(seed: int, counts: Mapping[str, int] = COUNTS) -> Data:
    """Rows at random, with what relations lead to."""
    random, data = Random(seed), Data()
    for entity, properties in PROPERTIES.items():
        data.rows[entity], data.records[entity] = [], []
        for number in range(1, counts[entity] + 1):
            values = {
                name: sample(prop.kind, random, prop.required)
                for name, prop in properties.items()
                if name != "id"
            }
            values["id"] = number
            row = {"_gone": random.random() < 0.25}
            for name, prop in properties.items():
                row.update(cells(name, prop.kind, values[name]))
            for link in LINKS[entity].values():
                if link.key:
                    row[link.key] = random.choice(range(counts[link.target] + 1)) or None
            data.rows[entity].append(row)
            data.records[entity].append(values)
    pairs = [
        (one["id"], two["id"])
        for one in data.rows["deal"]
        for two in data.rows["tag"]
        if random.random() < 0.3
    ]
    data.pairs = [{"source": source, "target": target} for source, target in pairs]
    _connect(data)
    return data


def _connect(data: Data) -> None:
    for entity, links in LINKS.items():
        for name, link in links.items():
            if link.key:
                _connect_one(data, entity, name, link)
            else:
                _connect_many(data, entity, name, link)


def _present(data: Data, entity: str) -> dict[int, dict[str, Any]]:
    """The records that relations lead to, by id: of some entities all, of others those that are not gone."""
    hidden = WorldTables().hidden
    pairs = zip(data.rows[entity], data.records[entity], strict=True)
    return {other["id"]: other for row, other in pairs if entity not in hidden or not row["_gone"]}


def _connect_one(data: Data, entity: str, name: str, link: Link) -> None:
    seen = _present(data, link.target)
    for row, record in zip(data.rows[entity], data.records[entity], strict=True):
        record[name] = seen.get(row[link.key])


def _connect_many(data: Data, entity: str, name: str, link: Link) -> None:
    if link.back:
        leading = [(row[link.back], row["id"]) for row in data.rows[link.target]]
    else:
        ours, theirs = ("source", "target") if entity == "deal" else ("target", "source")
        leading = [(pair[ours], pair[theirs]) for pair in data.pairs]
    found: dict[int, set[int]] = defaultdict(set)
    for number, other in leading:
        found[number].add(other)
    seen = _present(data, link.target)
    for record in data.records[entity]:
        record[name] = tuple(seen[other] for other in sorted(found[record["id"]] & seen.keys()))


def fill(connection: sa.Connection, data: Data) -> None:
    """Make the tables and put the rows in."""
    TABLES.create_all(connection)
    for entity, rows in data.rows.items():
        connection.execute(sa.insert(TABLES.tables[entity]), rows)
    if data.pairs:
        connection.execute(sa.insert(TABLES.tables["deal$tags"]), data.pairs)


def surroundings(data: Data, zone: Any = UTC) -> Surroundings:
    """Who asks, and when."""
    return Surroundings(
        now=datetime(2026, 8, 3, 10, 0, tzinfo=UTC),
        today=date(2026, 8, 3),
        zone=zone,
        user=data.records["user"][0],
        values={"settings.limit": 5, "settings.word": "a"},
        roles=("sales", "a", "won"),
        subordinates=tuple(data.records["user"][1:3]),
    )
