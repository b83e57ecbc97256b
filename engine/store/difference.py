"""The difference between what a database is remembered to be and what the metadata says, in words.

What only adds (and what concerns plain indexes, which hold nothing of their own) comes as changes that
can be made; everything else is refused, each difference with a message that names it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import sqlalchemy as sa

from engine.build.table import EntityTable, Tables, parent_rule
from engine.store import change
from engine.store.definition import ColumnDefinition, Definition, RuleDefinition
from engine.store.retired import RETIRED

Make = Callable[[sa.Connection], None]
Known = Mapping[str, Definition | None]
"""The remembered definition by table; None where this version can't read it."""

GONE = "in the database, but no longer in the metadata"

MOST_DUPLICATES = 3
"""How many duplicates a message names."""


@dataclass(frozen=True)
class Change:
    """A difference that only adds: what it is in words, and how it is made.

    `only_quicker` says that it makes pages quick, and that nothing is wrong without it.
    """

    words: str
    make: Make
    only_quicker: bool = False


@dataclass(frozen=True)
class Difference:
    """What the metadata says beyond the database: additions, in the order they are made, and refusals.

    `tables` are the new tables; they are named among the additions, and made before them.
    """

    additions: tuple[Change, ...] = ()
    refused: tuple[str, ...] = ()
    tables: tuple[sa.Table, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.additions or self.refused)


def compare(
    connection: sa.Connection, tables: Tables, known: Known, wanted: Mapping[str, Definition]
) -> Difference:
    """What differs between the remembered and the wanted tables."""
    inspector = sa.inspect(connection)
    found = [
        _gone(known, wanted),
        _new(tables, [name for name in wanted if name not in known], wanted, inspector),
    ]
    for name, new in wanted.items():
        old = known.get(name)
        if old is not None and old != new:
            actual = frozenset(str(column["name"]) for column in inspector.get_columns(name))
            found.append(_Comparison(connection, tables, name, old, new, actual).answer())
        elif name in known and old is None:
            found.append(
                Difference((), (f"{name}: made by another version of the engine; begin a new database",))
            )
    return Difference(
        tuple(change for each in found for change in each.additions),
        tuple(line for each in found for line in each.refused),
        tuple(table for each in found for table in each.tables),
    )


def _gone(known: Known, wanted: Mapping[str, Definition]) -> Difference:
    names = sorted(known.keys() - wanted.keys())
    lines = [f"{_thing(known[name], name)}: {GONE}" for name in names if name not in RETIRED]
    carried = [Change(f"{name}: {RETIRED[name][0]}", RETIRED[name][1]) for name in names if name in RETIRED]
    return Difference(tuple(carried), tuple(lines))


def _new(
    tables: Tables, names: Sequence[str], wanted: Mapping[str, Definition], inspector: sa.Inspector
) -> Difference:
    taken = set(inspector.get_table_names()) & set(names)
    free = [tables.metadata.tables[name] for name in names if name not in taken]
    return Difference(
        tuple(Change(f"{_thing(wanted[table.name], table.name)}: new", _made) for table in free),
        tuple(
            f"{name}: the database has a table of this name that the engine did not make; "
            "rename that table, or name the entity differently"
            for name in sorted(taken)
        ),
        tuple(free),
    )


def _thing(definition: Definition | None, name: str) -> str:
    if definition is not None and definition.kind == "link":
        return f"{name.replace('$', '.')} (a many-to-many relation)"
    return f"{name} (an entity)" if definition is not None and definition.kind == "entity" else name


def _at_once(words: Sequence[str], make: Make) -> list[Change]:
    """Several changes that are made together: the first makes them all."""
    return [Change(line, make if position == 0 else _made) for position, line in enumerate(words)]


def _made(connection: sa.Connection) -> None:
    """Nothing is left to do: another change has made this one with it."""


@dataclass(frozen=True)
class _Comparison:
    """One table, as remembered and as wanted; `actual` are the columns the database really has."""

    connection: sa.Connection
    tables: Tables
    name: str
    old: Definition
    new: Definition
    actual: frozenset[str]

    def answer(self) -> Difference:
        refused = [*self._by_hand(), *self._removed(), *self._altered(), *self._rules(), *self._unfilled()]
        refused += self._not_unique()
        if self._rebuilt:
            words = [*self._column_words(), *(each.words for each in self._index_changes())]
            additions = _at_once(words, partial(change.rebuild, table=self.table))
        else:
            additions = [*self._columns(), *self._index_changes()]
        return Difference(tuple(additions), tuple(dict.fromkeys(refused)))

    # ---- what the table is

    @property
    def table(self) -> sa.Table:
        return self.tables.metadata.tables[self.name]

    @property
    def made(self) -> EntityTable | None:
        return self.tables.entities.get(self.name)

    @property
    def added(self) -> list[str]:
        return [name for name in self.new.columns if name not in self.old.columns]

    @property
    def empty(self) -> bool:
        return not change.has_rows(self.connection, self.table)

    @property
    def _rebuilt(self) -> bool:
        """Whether the (empty) table has to be made anew: SQLite can't add what must be filled."""
        return self.connection.dialect.name == "sqlite" and bool(list(self._must_be_filled())) and self.empty

    def groups(self) -> Iterator[tuple[str, list[sa.Column[Any]]]]:
        """The added columns, by the property or relation that they belong to."""
        left = dict.fromkeys(self.added)
        for name, columns in self.made.cells.items() if self.made else ():
            group = [column for column in columns if column.name in left]
            for column in group:
                del left[column.name]
            if group:
                yield name, group
        yield from ((name, [self.table.c[name]]) for name in left)

    def values(self, name: str) -> dict[str, Any]:
        """What the records there are get for a new property, by column: its default."""
        prop = self.made.entity.properties.get(name) if self.made else None
        if prop is None or prop.default is None or self.made is None:
            return {}
        cells = zip(self.made.cells[name], prop.type.store(prop.default), strict=True)
        return {column.name: cell for column, cell in cells}

    def label(self, column: str) -> str:
        """A column as the metadata names it: `ticket.cost`, `ticket.cost.currency`."""
        if column.startswith("_deleted"):
            return f"{self.name} (its trash)"
        return f"{self.name} (the order of its rows)" if column == "_position" else self._dotted(column)

    def _dotted(self, column: str) -> str:
        return f"{self.name}.{column.replace('$', '.')}"

    def _listed(self, columns: Iterable[str]) -> str:
        return ", ".join(column.replace("$", ".") for column in columns)

    # ---- what is refused

    def _by_hand(self) -> Iterator[str]:
        """Whether what is remembered is still true, as far as the changes build on it."""
        for name in sorted(self.old.columns.keys() - self.actual):
            yield f"{self.label(name)}: gone from the database, and not by the engine; bring it back"
        for name in self.actual.intersection(self.added):
            yield f"{self.label(name)}: the database has a column of this name that the engine did not make"

    def _removed(self) -> Iterator[str]:
        gone = [name for name in self.old.columns if name not in self.new.columns]
        for name in gone:
            whole = name.partition("$")[0]
            if name == whole or whole not in gone:  # the parts of a property go with it
                yield f"{self.label(name)}: {self.old.columns[name].holds} {GONE}"

    def _altered(self) -> Iterator[str]:
        for name, new in self.new.columns.items():
            old = self.old.columns.get(name)
            if old is None:
                continue
            words = _kinds(new, old)
            if words is not None:
                yield f"{self.label(name)}: {words[0]} in the metadata, {words[1]} in the database"
            if old.required != new.required:
                wanted, present = ("required", "optional") if new.required else ("optional", "required")
                yield f"{self.label(name)}: {wanted} in the metadata, {present} in the database"

    def _rules(self) -> Iterator[str]:
        """CHECKs of columns that stay, and unique keys that are gone."""
        added, kept = set(self.added), self.new.columns.keys()
        for name in sorted(self.old.checks.keys() | self.new.checks.keys()):
            old, new = self.old.checks.get(name), self.new.checks.get(name)
            comes = old is None and new is not None and added.intersection(new.columns)
            goes = new is None and old is not None and not kept >= set(old.columns)
            if comes or goes or _plain(old) == _plain(new):
                continue
            if name == parent_rule(self.name):
                yield f"{self.name}: {self._parents(new)} in the metadata, {self._parents(old)} in the database"
                continue
            member = (new or old or RuleDefinition("", ("",))).columns[0].partition("$")[0]
            yield (
                f"{self.name}.{member}: its values keep to {new.sql if new else 'no rule'} in the metadata, "
                f"to {old.sql if old else 'no rule'} in the database"
            )
        for name, index in self.old.indexes.items():
            if index.unique and name not in self.new.indexes and kept >= set(index.columns):
                yield f"{self.name}: {self._listed(index.columns)} unique {GONE}"

    def _parents(self, rule: RuleDefinition | None) -> str:
        """What is sure of a row's parents."""
        if rule is None:
            return "nothing sure of the parents of a row"
        return f"exactly one of {', '.join(rule.columns)} for each row"

    def _must_be_filled(self) -> Iterator[sa.Column[Any]]:
        """Added columns that need a value where none is known."""
        for name, columns in self.groups():
            filled = self.values(name)
            for column in columns:
                if not column.nullable and column.server_default is None and column.name not in filled:
                    yield column

    def _unfilled(self) -> Iterator[str]:
        for name, columns in self.groups():
            whole = self.made.cells.get(name, ()) if self.made else ()
            if self.made and name in self.made.entity.properties and len(columns) < len(whole):
                parts = self._listed(column.name for column in columns)
                yield f"{self.name}.{name}: {parts} in the metadata, but not in the database"
        missing = list(self._must_be_filled())
        if missing and not self.empty:
            for column in missing:
                yield (
                    f"{self.label(column.name)}: new and required, but the records there are have no value "
                    "for it; give it a default, or make it optional at first"
                )

    def _not_unique(self) -> Iterator[str]:
        for name, index in self.new.indexes.items():
            if index.unique and self.old.indexes.get(name) != index and self._comparable(index):
                for line in self._duplicates(name, index):
                    yield f"{self.name}: {self._listed(index.columns)} can't be unique, for {line}"

    def _comparable(self, index: RuleDefinition) -> bool:
        """Whether records can be alike in these columns at all: a new one without a default is empty."""
        filled = {name for group, _ in self.groups() for name in self.values(group)}
        return all(column in filled for column in index.columns if column in self.added)

    def _duplicates(self, name: str, index: RuleDefinition) -> Iterator[str]:
        wanted = next(each for each in self.table.indexes if each.name == name)
        silent = self.made is not None and any(
            self.made.entity.properties[column].sensitive
            for column in index.columns
            if column in self.made.entity.properties
        )
        for values, first, last in change.duplicates(self.connection, wanted, self.added, MOST_DUPLICATES):
            shown = f" ({', '.join(map(str, values))})" if values and not silent else ""
            yield f"the records {first} and {last} have the same{shown}; change one of them first"

    # ---- what is added

    def _column_words(self) -> Iterator[str]:
        for name, columns in self.groups():
            holds = self.new.columns[columns[0].name].holds
            yield (
                f"{self.label(name)}: new" if name.startswith("_") else f"{self._dotted(name)}: new ({holds})"
            )

    def _columns(self) -> Iterator[Change]:
        for words, (name, columns) in zip(self._column_words(), self.groups(), strict=True):
            yield Change(words, partial(change.add_columns, columns=columns, values=self.values(name)))

    def _index_changes(self) -> Iterator[Change]:
        for name, old in self.old.indexes.items():
            if self.new.indexes.get(name) != old and not (old.unique and name not in self.new.indexes):
                words = "made anew" if name in self.new.indexes else "no longer needed"
                drop = partial(change.drop_index, name=name, table=self.name)
                line = f"{self.name}: index on {self._listed(old.columns)} {words}"
                yield Change(line, drop, only_quicker=not old.unique)
        for name, new in self.new.indexes.items():
            if self.old.indexes.get(name) != new:
                index = next(each for each in self.table.indexes if each.name == name)
                words = "unique" if new.unique else "with an index"
                create = partial(change.create_index, index=index)
                line = f"{self.name}: {self._listed(new.columns)} {words}"
                yield Change(line, create, only_quicker=not new.unique)


def _kinds(new: ColumnDefinition, old: ColumnDefinition) -> tuple[str, str] | None:
    """How two columns differ in what they hold, in the metadata's words where these tell them apart."""
    if new.type == old.type and new.unit and old.unit and new.unit != old.unit:
        return f"{new.holds} in {new.unit}", f"{old.holds} in {old.unit}"
    if (new.type, new.on_delete) == (old.type, old.on_delete) and not (_relation(new) or _relation(old)):
        return None  # another type of property that is stored in the same way
    if new.holds != old.holds:
        return new.holds, old.holds
    if new.on_delete != old.on_delete:
        return f"on_delete {new.on_delete}", f"on_delete {old.on_delete}"
    return (f"{new.holds} as {new.type}", f"{old.holds} as {old.type}") if new.type != old.type else None


def _relation(column: ColumnDefinition) -> bool:
    return column.holds.startswith("relation to ")


def _plain(rule: RuleDefinition | None) -> str:
    """A condition without what another version of a library may write differently."""
    return re.sub(r'[\s()"]', "", rule.sql).lower() if rule is not None else ""
