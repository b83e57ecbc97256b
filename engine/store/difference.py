"""The difference between what a database is remembered to be and what the metadata says, in words.

What only adds (and what replaces a plain index, which holds nothing of its own) comes as changes that
can be made; everything else is refused, each difference with a message that names it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa

from engine.build.table import Tables
from engine.metamodel.property import Property
from engine.store import change
from engine.store.definition import ColumnDefinition, Definition

SHOWN_DUPLICATES = 3


@dataclass(frozen=True)
class Change:
    """A difference that only adds: what it is in words, and how it is made."""

    words: str
    make: Callable[[sa.Connection], None]


@dataclass(frozen=True)
class Difference:
    """What the metadata says beyond the database: additions, in the order they are made, and refusals."""

    additions: tuple[Change, ...]
    refused: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.additions or self.refused)


Known = Mapping[str, Definition | None]
"""The remembered definition by table; None where it can't be read."""


def compare(
    connection: sa.Connection, tables: Tables, known: Known, wanted: Mapping[str, Definition]
) -> Difference:
    """What differs between the remembered and the wanted tables."""
    inspector = sa.inspect(connection)
    present = set(inspector.get_table_names())
    refused = [f"{_thing(known[name], name)}: in the database, but no longer in the metadata"
               for name in sorted(known.keys() - wanted.keys())]  # fmt: skip
    new = [name for name in wanted if name not in known]
    refused += [
        f"{name}: the database has a table of this name that the engine did not make; "
        "rename that table, or name the entity differently"
        for name in new
        if name in present
    ]
    additions = _new_tables([tables.metadata.tables[name] for name in new if name not in present], wanted)
    for name in wanted:
        old = known.get(name)
        if name in new or old == wanted[name]:
            continue
        if old is None:
            refused.append(f"{name}: this version can't read how an earlier one has made the table")
            continue
        each = _Comparison(connection, inspector, tables, name, old, wanted[name])
        each.run()
        additions += each.additions
        refused += each.refused
    return Difference(tuple(additions), tuple(refused))


def _thing(definition: Definition | None, name: str) -> str:
    if definition is not None and definition.kind == "link":
        return f"{name.replace('$', '.')} (the links of a many-to-many relation)"
    return f"{name} (an entity)" if definition is not None and definition.kind == "entity" else name


def _new_tables(new: Sequence[sa.Table], wanted: Mapping[str, Definition]) -> list[Change]:
    def make(connection: sa.Connection) -> None:
        change.create_tables(connection, new)

    words = [f"{_thing(wanted[table.name], table.name)}: new" for table in new]
    return _made_at_once(words, make)


def _made_at_once(words: Sequence[str], make: Callable[[sa.Connection], None]) -> list[Change]:
    """Several changes in words that one act makes: the first brings the others with it."""
    return [Change(line, make if position == 0 else _nothing) for position, line in enumerate(words)]


def _nothing(connection: sa.Connection) -> None:
    """Made already, together with another change."""


@dataclass
class _Comparison:
    """One table that is not what is remembered of it."""

    connection: sa.Connection
    inspector: sa.Inspector
    tables: Tables
    name: str
    old: Definition
    new: Definition
    additions: list[Change] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def run(self) -> None:
        added = [name for name in self.new.columns if name not in self.old.columns]
        self.refused += self._by_hand(added)
        self.refused += self._removed()
        self.refused += self._altered()
        self.refused += self._checks(added)
        self._columns(added)
        self._indexes(added)

    @property
    def table(self) -> sa.Table:
        return self.tables.metadata.tables[self.name]

    def label(self, column: str) -> str:
        """A column as the metadata names it: `ticket.cost`, `ticket.cost.currency`."""
        return f"{self.name}.{column.replace('$', '.')}"

    def _by_hand(self, added: Iterable[str]) -> Iterator[str]:
        """Whether what is remembered is still true, as far as it matters to the changes."""
        actual = {str(column["name"]) for column in self.inspector.get_columns(self.name)}
        for name in sorted(self.old.columns.keys() - actual):
            yield f"{self.label(name)}: gone from the database; it was changed by something else than the engine"
        for name in added:
            if name in actual:
                yield f"{self.label(name)}: the database has a column of this name that the engine did not make"

    def _removed(self) -> Iterator[str]:
        gone = [name for name in self.old.columns if name not in self.new.columns]
        for name in gone:
            if name.partition("$")[0] not in gone or "$" not in name:  # a part goes with its property
                holds = self.old.columns[name].holds
                yield f"{self.label(name)}: {holds} in the database, but no longer in the metadata"
        for name in self.old.unique:
            if name not in self.new.indexes and not any(column in self.old.indexes[name] for column in gone):
                yield f"{self.name}: {_columns_of(name)} unique in the database, but no longer in the metadata"

    def _altered(self) -> Iterator[str]:
        for name, new in self.new.columns.items():
            old = self.old.columns.get(name)
            if old is None or old == new:
                continue
            if _named(old) != _named(new):
                yield f"{self.label(name)}: {_named(new)} in the metadata, {_named(old)} in the database"
            elif old.type != new.type:
                yield f"{self.label(name)}: {new.type} in the metadata, {old.type} in the database"
            if old.required != new.required:
                words = ("required", "optional") if new.required else ("optional", "required")
                yield f"{self.label(name)}: {words[0]} in the metadata, {words[1]} in the database"

    def _checks(self, added: Sequence[str]) -> Iterator[str]:
        fresh = {str(check.name) for check in change.checks_on(self.table, added)}
        for name, sql in self.new.checks.items():
            if name not in fresh and _plain(self.old.checks.get(name, "")) != _plain(sql):
                yield f"{_rule(name)}: its rule is {sql} in the metadata, {self.old.checks.get(name, 'none')} in the database"
        for name, sql in self.old.checks.items():
            if name not in self.new.checks and not any(column not in self.new.columns for column in self._mentioned(sql)):
                yield f"{_rule(name)}: its rule is none in the metadata, {sql} in the database"

    def _mentioned(self, sql: str) -> Iterator[str]:
        return (column for column in self.old.columns if column in sql)
