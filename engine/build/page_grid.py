"""How a grid is planned: its columns, order, filters and tabs, as declared or derived."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from engine.build.page import (
    MOST_COLUMNS,
    MOST_MAJOR,
    PERSON,
    TAGS,
    ColumnPlan,
    GridPlan,
    Member,
    Role,
    ViewTab,
    members_of,
    named_members,
    resolve,
)
from engine.declared.application import Application
from engine.errors import Place
from engine.metamodel.entity import Entity
from engine.metamodel.page import Column


def grid_plan(application: Application, name: str) -> GridPlan:
    """The grid of an entity."""
    entity = application.entities[name]
    grid = application.grids.get(name)
    columns = columns_of(application, entity, members_of(application, name, grid.columns)) if grid else ()
    columns = columns or derived_columns(application, entity)
    sort = sortable(application, name, grid.sort if grid else ()) or ("-updated_at",)
    filters = members_of(application, name, _paths(grid.filters, grid.place)) if grid else ()
    tabs = []
    for view in grid.views.values() if grid else ():
        own = columns_of(application, entity, members_of(application, name, view.columns))
        tabs.append(
            ViewTab(
                name=view.name,
                label=view.label,
                columns=own or columns,
                sort=sortable(application, name, view.sort) or sort,
                filters=view.filters,
                where=view.where,
                default_for=frozenset(view.default_for),
            )
        )
    return GridPlan(
        entity=name,
        columns=columns,
        sort=sort,
        filters=tuple(filter(_filterable, filters))
        if grid and grid.filters
        else _derived_filters(application, entity),
        tabs=tuple(tabs),
        page_size=grid.page_size if grid else 50,
    )


def _paths(paths: Iterable[str], place: Place) -> list[Column]:
    return [Column(path=path, place=place) for path in paths]


def sortable(application: Application, entity: str, entries: Iterable[str]) -> tuple[str, ...]:
    """The entries that can be sorted by."""
    found = []
    for entry in entries:
        member = resolve(application, entity, entry.removeprefix("-"))
        if member is not None and member.sortable:
            found.append(entry)
    return tuple(found)


def columns_of(
    application: Application, entity: Entity, members: tuple[Member, ...]
) -> tuple[ColumnPlan, ...]:
    """Columns as declared: the title is the first that the entity's title is made of, or the first at all."""
    if not members:
        return ()
    titled = [member.path for member in members if member.path in entity.title.paths]
    typed = [path for path in titled if not _automatic(entity, path)]
    first = (
        typed or titled or [member.path for member in members if not _picture(member)] or [members[0].path]
    )[0]
    made = []
    for position, member in enumerate(members):
        minor = position >= MOST_MAJOR and member.path != first
        column = _column(entity, member, "title" if member.path == first else None, minor)
        made.append(replace(column, part=len(typed) > 1 and member.path in typed))
    return tuple(made)


def _column(entity: Entity, member: Member, role: Role | None = None, minor: bool = False) -> ColumnPlan:
    return ColumnPlan(
        member=member,
        role=role or _role(entity, member),
        minor=minor,
        sort=member.path if member.sortable else "",
    )


def _role(entity: Entity, member: Member) -> Role:
    if member.targets == (PERSON,) and not member.many:
        return "person"
    if member.targets:
        return "link"
    return "number" if _automatic(entity, member.path) else "plain"


def _automatic(entity: Entity, path: str) -> bool:
    """Whether a path is a number that the engine gives, by which records are known."""
    prop = entity.properties.get(path)
    return prop is not None and not prop.type.writable and path in entity.title.paths


def _picture(member: Member) -> bool:
    return member.prop is not None and not member.prop.type.sortable


def derived_columns(application: Application, entity: Entity) -> tuple[ColumnPlan, ...]:
    """A grid nobody described: numbers, the title, what is most telling, who owns it or when it changed."""
    titled = [path for path in entity.title.paths if path in entity.properties]
    numbers = [path for path in titled if _automatic(entity, path)]
    named = [path for path in titled if path not in numbers]
    if not named and numbers:
        named, numbers = numbers[:1], numbers[1:]
    columns = [_column(entity, member, "number") for member in named_members(application, entity, numbers)]
    columns.append(_title_column(application, entity, named))
    ranked = sorted(
        (
            member
            for member in declared_members(application, entity)
            if _gridable(member) and member.path not in titled
        ),
        key=_rank,
    )
    room = MOST_COLUMNS - len(columns) - 1
    kept = {member.path for member in ranked[:room]}
    ordered = [member for member in declared_members(application, entity) if member.path in kept]
    weak = {member.path for member in ranked[MOST_MAJOR - len(columns) :]}
    columns += [_column(entity, member, minor=member.path in weak) for member in ordered]
    last = resolve(application, entity.name, "owner") or resolve(application, entity.name, "updated_at")
    if last is not None:
        columns.append(_column(entity, last))
    return tuple(columns)


def _title_column(application: Application, entity: Entity, named: list[str]) -> ColumnPlan:
    """The column that leads to the record: its one naming property, or its whole title."""
    if len(named) == 1:
        member = resolve(application, entity.name, named[0])
        assert member is not None
        return _column(entity, member, "title")
    sort = next(iter(sortable(application, entity.name, named)), "")
    return ColumnPlan(member=Member(path="", label=entity.label, steps=()), role="title", sort=sort)


def declared_members(application: Application, entity: Entity) -> list[Member]:
    """What the configurator declared, in order: properties, then keys and links."""
    names = [prop.name for prop in entity.properties.values() if not prop.system]
    keys = [relation for relation in entity.relations.values() if not relation.system]
    names += [relation.name for relation in keys if relation.kind != "composition"]
    return list(named_members(application, entity, names))


def _gridable(member: Member) -> bool:
    if member.prop is not None:
        control = member.prop.type.control()
        return not (
            control.wide or control.kind == "group" or member.prop.type.secret or member.prop.sensitive
        )
    return member.relation is not None and not member.many


def _rank(member: Member) -> int:
    """Smaller is more telling."""
    if member.relation is not None:
        return 0 if member.relation.required or member.relation.owner_of_row else 3
    prop = member.prop
    assert prop is not None
    if prop.required:
        return 1
    if prop.type.control().options and prop.type.sortable:
        return 2
    if prop.search or prop.index:
        return 3
    return 4 if prop.type.sortable and (prop.type.numeric or prop.type.searchable) else 5


def _filterable(member: Member) -> bool:
    """Whether equality with an offered value can be asked for."""
    if member.relation is not None:
        return member.relation.holds_key or member.many
    if member.prop is None:
        return False
    control = member.prop.type.control()
    offered = bool(control.options) or control.kind == "checkbox"
    return offered and "eq" in member.prop.type.operators


def _derived_filters(application: Application, entity: Entity) -> tuple[Member, ...]:
    members = [member for member in declared_members(application, entity) if _filterable(member)]
    owner = resolve(application, entity.name, "owner")
    tags = resolve(application, entity.name, TAGS)
    return tuple(member for member in (*members[:6], owner, tags) if member is not None)
