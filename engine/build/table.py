"""Tables from metadata: types, NOT NULL, CHECK, UNIQUE, foreign keys, and the indexes that pages need."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa

from engine.build.naming import database_name
from engine.declared.application import Application
from engine.metamodel.entity import Entity
from engine.metamodel.property import Property
from engine.metamodel.relation import OnDelete, Relation
from engine.types.columns import UtcDateTime

Dialect = Literal["sqlite", "postgresql"]

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
"""Type of ids and keys: 64 bits on both (SQLite only numbers an INTEGER PRIMARY KEY by itself)."""

ON_DELETE: Mapping[OnDelete, str | None] = {"restrict": None, "cascade": "CASCADE", "clear": "SET NULL"}
"""`restrict` is the database's NO ACTION: checked at the end of the statement, after cascades."""


@dataclass(frozen=True)
class EntityTable:
    """An entity's table; `cells` gives each property's and key relation's columns by its name.

    A property that is computed whenever it is read has none.

    A polymorphic relation has one column per target, in the order of `relation.targets`.
    """

    entity: Entity
    table: sa.Table
    cells: Mapping[str, tuple[sa.Column[Any], ...]]


@dataclass(frozen=True)
class Tables:
    """Every table of an application; `links` are the many-to-many tables by (entity, relation)."""

    metadata: sa.MetaData
    entities: Mapping[str, EntityTable]
    links: Mapping[tuple[str, str], sa.Table]


def build_tables(application: Application, dialect: Dialect = "sqlite") -> Tables:
    """The tables of an application; the engine's own are added by the store."""
    metadata = sa.MetaData()
    entities = {
        name: _entity_table(metadata, entity, dialect, _page_indexes(application, entity))
        for name, entity in application.entities.items()
    }
    links = {
        (entity.name, relation.name): _link_table(metadata, entity, relation)
        for entity in application.entities.values()
        for relation in entity.relations.values()
        if relation.kind == "many_to_many" and not relation.through
    }
    return Tables(metadata, entities, links)


# ---- columns


def _entity_table(
    metadata: sa.MetaData, entity: Entity, dialect: Dialect, indexes: list[tuple[str, ...]]
) -> EntityTable:
    cells: dict[str, tuple[sa.Column[Any], ...]] = {}
    for prop in entity.properties.values():
        if not prop.virtual:
            cells[prop.name] = _property_columns(prop)
    for relation in entity.relations.values():
        if relation.holds_key:
            cells[relation.name] = _key_columns(relation)
    columns = [column for group in cells.values() for column in group]
    table = sa.Table(
        entity.name,
        metadata,
        *columns,
        *_engine_columns(entity),
        *_checks(entity, cells),
        sqlite_autoincrement=True,
    )
    made = EntityTable(entity, table, cells)
    _add_uniques(made, dialect)
    _add_indexes(made, dialect, indexes)
    return made


def _property_columns(prop: Property) -> tuple[sa.Column[Any], ...]:
    if prop.system and prop.name == "id":
        return (sa.Column("id", KEY, primary_key=True),)
    specs = prop.type.columns()
    return tuple(
        sa.Column(
            database_name(prop.name, spec.suffix) if spec.suffix else prop.name,
            spec.type,
            nullable=not (prop.required and position == 0),
        )
        for position, spec in enumerate(specs)
    )


def _key_columns(relation: Relation) -> tuple[sa.Column[Any], ...]:
    return tuple(
        sa.Column(
            database_name(relation.name, target) if relation.polymorphic else relation.name,
            KEY,
            sa.ForeignKey(
                f"{target}.id",
                ondelete=ON_DELETE[relation.on_delete],
                name=database_name("fk", relation.name, target),
            ),
            nullable=relation.polymorphic or not relation.required,
        )
        for target in relation.targets
    )


def _engine_columns(entity: Entity) -> Iterator[sa.Column[Any]]:
    if entity.features.trash:
        yield sa.Column("_deleted_at", UtcDateTime(), nullable=True)
        yield sa.Column("_deleted_by", KEY, nullable=True)
        yield sa.Column("_deleted_batch", sa.String(32), nullable=True)
    if entity.child_of:
        yield sa.Column("_position", sa.Integer(), nullable=False, server_default="0")


def _checks(entity: Entity, cells: Mapping[str, tuple[sa.Column[Any], ...]]) -> Iterator[sa.CheckConstraint]:
    for prop in entity.properties.values():
        if prop.virtual:
            continue
        condition = prop.type.check(cells[prop.name])
        if condition is not None:
            yield sa.CheckConstraint(condition, name=database_name("ck", entity.name, prop.name))
    for relation in entity.relations.values():
        if relation.holds_key and relation.polymorphic:
            yield _one_of(entity, relation, cells[relation.name])
        elif relation.kind == "tree":
            column = cells[relation.name][0]
            yield sa.CheckConstraint(
                column != sa.column("id"), name=database_name("ck", entity.name, relation.name)
            )
    parents = [cells[relation.name][0] for relation in entity.relations.values() if relation.owner_of_row]
    if len(parents) > 1:
        yield sa.CheckConstraint(_filled(parents) == ONE, name=parent_rule(entity.name))


def parent_rule(entity: str) -> str:
    """The name of the CHECK that a row of several compositions belongs to exactly one record."""
    return database_name("ck", entity, "_parent")


ONE: sa.ColumnElement[Any] = sa.literal_column("1")
NONE: sa.ColumnElement[Any] = sa.literal_column("0")


def _filled(columns: Sequence[sa.Column[Any]]) -> sa.ColumnElement[Any]:
    """How many of some columns hold something."""
    filled = NONE
    for column in columns:
        filled = filled + sa.case((column.is_not(None), ONE), else_=NONE)
    return filled


def _one_of(entity: Entity, relation: Relation, columns: tuple[sa.Column[Any], ...]) -> sa.CheckConstraint:
    """At most one target of a polymorphic relation is set; exactly one where it is required."""
    filled = _filled(columns)
    condition = filled == ONE if relation.required else filled <= ONE
    return sa.CheckConstraint(condition, name=database_name("ck", entity.name, relation.name))


# ---- unique keys and indexes


def alive_only(made: EntityTable) -> dict[str, Any]:
    """The arguments that restrict an index to the records not in the trash."""
    if not made.entity.features.trash:
        return {}
    alive = made.table.c["_deleted_at"].is_(None)
    return {"sqlite_where": alive, "postgresql_where": alive}


def _add_uniques(made: EntityTable, dialect: Dialect) -> None:
    keys: list[tuple[str, ...]] = [
        (prop.name,) for prop in made.entity.properties.values() if prop.unique and prop.name != "id"
    ]
    keys += [(relation.name,) for relation in made.entity.relations.values() if relation.kind == "one_to_one"]
    keys += [key.names for key in made.entity.unique if key.where is None]
    for names in dict.fromkeys(keys):
        for suffix, columns in unique_columns(made, names):
            name = database_name("uq", made.entity.name, *names, *suffix)
            sa.Index(name, *columns, unique=True, **alive_only(made))


def unique_columns(
    made: EntityTable, names: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], list[sa.Column[Any]]]]:
    """The columns of a unique key; a polymorphic member gives one key per target (null never equals null)."""
    combinations: list[tuple[tuple[str, ...], list[sa.Column[Any]]]] = [((), [])]
    for name in names:
        relation = made.entity.relations.get(name)
        if relation is not None and relation.polymorphic:
            combinations = [
                ((*suffix, target), [*columns, column])
                for suffix, columns in combinations
                for target, column in zip(relation.targets, made.cells[name], strict=True)
            ]
        else:
            combinations = [(suffix, [*columns, *made.cells[name]]) for suffix, columns in combinations]
    yield from combinations


def _page_indexes(application: Application, entity: Entity) -> list[tuple[str, ...]]:
    """What an entity's grid and boards sort and filter by, as names in order; each is completed with the id."""
    grid = application.grids.get(entity.name)
    sort = grid.sort if grid and grid.sort else ("-updated_at",)
    first = sort[0].removeprefix("-")
    wanted: list[tuple[str, ...]] = [] if entity.child_of else [(first,)]
    for name in grid.filters if grid else ():
        if name != first:
            wanted.append((name, first))
    for view in grid.views.values() if grid else ():
        if view.sort:
            wanted.append((view.sort[0].removeprefix("-"),))
    for board in application.boards.values():
        if board.entity == entity.name:
            wanted.append((board.by, (board.sort or sort)[0].removeprefix("-")))
    return wanted


def _add_indexes(made: EntityTable, dialect: Dialect, pages: list[tuple[str, ...]]) -> None:
    entity = made.entity
    for relation in entity.relations.values():
        if (
            relation.holds_key
            and relation.index
            and relation.kind != "one_to_one"
            and not _rarely_walked(relation)
        ):
            for column in made.cells[relation.name]:
                sa.Index(database_name("ix", entity.name, column.name), column)
    wanted: list[tuple[str, ...]] = [
        (prop.name,) for prop in entity.properties.values() if prop.index and not prop.unique
    ]
    wanted += [*entity.indexes, *pages]
    for names in dict.fromkeys(wanted):
        columns = _index_columns(made, names)
        if columns:
            ordered = [_ordered(column, dialect) for column in (*columns, made.table.c.id)]
            sa.Index(database_name("ix", entity.name, *names, "id"), *ordered, **alive_only(made))


def _rarely_walked(relation: Relation) -> bool:
    return relation.system and relation.name in ("created_by", "updated_by")


def _index_columns(made: EntityTable, names: tuple[str, ...]) -> list[sa.Column[Any]]:
    """The columns of an index, or none where a name is a path or no single column of this table."""
    columns: list[sa.Column[Any]] = []
    for name in names:
        prop = made.entity.properties.get(name)
        if name == "id" or name not in made.cells or (prop is not None and not prop.type.indexable):
            return []
        columns += made.cells[name]
    return columns


def _ordered(column: sa.Column[Any], dialect: Dialect) -> Any:
    """A column as an index holds it: null is the smallest value, as SQLite has it by itself."""
    return column.asc().nulls_first() if dialect == "postgresql" and column.nullable else column


# ---- many to many


def _link_table(metadata: sa.MetaData, entity: Entity, relation: Relation) -> sa.Table:
    """The table of a many-to-many relation: a pair once, gone with either record."""
    name = database_name(entity.name, relation.name)
    return sa.Table(
        name,
        metadata,
        _end("source", entity.name, name),
        _end("target", relation.target, name),
        sa.PrimaryKeyConstraint("source", "target"),
        sa.Index(database_name("ix", name, "target"), "target", "source"),
    )


def _end(role: str, entity: str, table: str) -> sa.Column[Any]:
    key = sa.ForeignKey(f"{entity}.id", ondelete="CASCADE", name=database_name("fk", table, role))
    return sa.Column(role, KEY, key, nullable=False)
