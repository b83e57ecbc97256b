"""Plans of pages: what a grid, a view and a form hold, from `ui_schema/` or derived from the entity.

Pure data over an application: no database, no HTML, no reader. A page leaves out what its reader may
not read; `Member.steps` names every (entity, member) that a path passes through, so that it can.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from engine.errors import Place
from engine.metamodel.application import Application
from engine.metamodel.entity import Entity
from engine.metamodel.page import Column, NavigationItem, Related, Section, Timeline
from engine.metamodel.property import Property
from engine.metamodel.relation import Inverse, Relation
from engine.types.base import Control

ADMINISTRATIVE = ("user", "group", "unit", "organization", "tag")
"""Entities of the engine's own that people administer rather than work with."""

PERSON = "user"
TAGS = "tags"
MOST_COLUMNS = 8
MOST_MAJOR = 6
MOST_INLINE = 6
"""A child row with more inputs than this is edited as a card, not as a row of a table."""

Role = Literal["title", "number", "link", "person", "plain"]


@dataclass(frozen=True, kw_only=True)
class Member:
    """Where a path ends. Exactly one of `prop`, `relation`, `inverse` is set; none for the record's title."""

    path: str
    label: str
    steps: tuple[tuple[str, str], ...]
    prop: Property | None = None
    relation: Relation | None = None
    inverse: Inverse | None = None
    widget: str = ""

    @property
    def help(self) -> str:
        member = self.prop or self.relation
        return member.help if member else ""

    @property
    def wide(self) -> bool:
        return self.prop is not None and self.prop.type.control().wide

    @property
    def targets(self) -> tuple[str, ...]:
        if self.relation is not None:
            return self.relation.targets
        return (self.inverse.source,) if self.inverse else ()

    @property
    def many(self) -> bool:
        return self.relation is not None and self.relation.kind == "many_to_many"

    @property
    def sortable(self) -> bool:
        if self.prop is not None:
            return self.prop.type.sortable
        return self.relation is not None and self.relation.holds_key and not self.relation.polymorphic


@dataclass(frozen=True, kw_only=True)
class ColumnPlan:
    """A column of a list. `role` says how it is drawn and stacked; `minor` ones go first when room is short."""

    member: Member
    role: Role
    minor: bool = False
    sort: str = ""  # the path to sort by, "" where it can't be

    @property
    def path(self) -> str:
        return self.member.path

    @property
    def label(self) -> str:
        return self.member.label

    @property
    def numeric(self) -> bool:
        return self.member.prop is not None and self.member.prop.type.numeric


@dataclass(frozen=True, kw_only=True)
class ViewTab:
    """A named preset of a grid: equality filters, and where given its own columns and order."""

    name: str
    label: str
    columns: tuple[ColumnPlan, ...]
    sort: tuple[str, ...]
    filters: Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class GridPlan:
    """The list page of an entity."""

    entity: str
    columns: tuple[ColumnPlan, ...]
    sort: tuple[str, ...]
    filters: tuple[Member, ...]
    tabs: tuple[ViewTab, ...]
    page_size: int

    def tab(self, name: str) -> ViewTab | None:
        return next((tab for tab in self.tabs if tab.name == name), None)


@dataclass(frozen=True, kw_only=True)
class SectionPlan:
    """A titled block of members."""

    title: str
    members: tuple[Member, ...]
    columns: int = 2
    aside: bool = False


@dataclass(frozen=True, kw_only=True)
class RelatedPlan:
    """A list of related records on a view page; `back` is the other side's relation that points here."""

    name: str
    label: str
    target: str
    columns: tuple[ColumnPlan, ...]
    sort: tuple[str, ...]
    rows: int
    back: str
    kind: Literal["composition", "inverse", "many_to_many"]


@dataclass(frozen=True, kw_only=True)
class ViewPlan:
    """The page of one record: sections and related lists in order, and what stands beside them."""

    entity: str
    body: tuple[SectionPlan | RelatedPlan, ...]
    aside: tuple[SectionPlan, ...]
    timeline: str  # its title


@dataclass(frozen=True, kw_only=True)
class RowsPlan:
    """Child rows edited inside their parent's form."""

    relation: Relation
    label: str
    target: str
    members: tuple[Member, ...]
    inline: bool  # a row of a table; otherwise a card of fields


@dataclass(frozen=True, kw_only=True)
class FormPlan:
    """The page that creates and edits a record."""

    entity: str
    blocks: tuple[SectionPlan | RowsPlan, ...]

    @property
    def members(self) -> tuple[Member, ...]:
        return tuple(
            member for block in self.blocks if isinstance(block, SectionPlan) for member in block.members
        )

    @property
    def rows(self) -> tuple[RowsPlan, ...]:
        return tuple(block for block in self.blocks if isinstance(block, RowsPlan))


# ---- paths


def resolve(application: Application, entity: str, path: str, label: str = "", widget: str = "") -> Member | None:
    """Where a path leads, or None where it leads nowhere."""
    current = application.entities[entity]
    steps: list[tuple[str, str]] = []
    names = path.split(".")
    for name in names[:-1]:
        relation = current.relations.get(name)
        if relation is None or not relation.holds_key or relation.polymorphic:
            return None
        steps.append((current.name, name))
        current = application.entities[relation.target]
    last = names[-1]
    steps.append((current.name, last))
    prop, relation, inverse = current.properties.get(last), current.relations.get(last), current.inverses.get(last)
    found = prop or relation or inverse
    if found is None:
        return None
    if inverse is not None and prop is None and relation is None:
        steps[-1] = (inverse.source, inverse.relation)
    return Member(
        path=path,
        label=label or found.label,
        steps=tuple(steps),
        prop=prop,
        relation=relation if prop is None else None,
        inverse=inverse if prop is None and relation is None else None,
        widget=widget,
    )


def _members(application: Application, entity: str, columns: Iterable[Column]) -> tuple[Member, ...]:
    found = (resolve(application, entity, column.path, column.label, column.widget) for column in columns)
    return tuple(member for member in found if member is not None)


def _named(application: Application, entity: Entity, names: Iterable[str]) -> tuple[Member, ...]:
    found = (resolve(application, entity.name, name) for name in names)
    return tuple(member for member in found if member is not None)


# ---- grids


def grid_plan(application: Application, name: str) -> GridPlan:
    """The grid of an entity."""
    entity = application.entities[name]
    grid = application.grids.get(name)
    columns = _columns(application, entity, _members(application, name, grid.columns)) if grid else ()
    columns = columns or _derived_columns(application, entity)
    sort = _sort(application, name, grid.sort if grid else ()) or ("-updated_at",)
    filters = _members(application, name, _paths(grid.filters, grid.place)) if grid else ()
    tabs = []
    for view in grid.views.values() if grid else ():
        own = _columns(application, entity, _members(application, name, view.columns))
        tabs.append(
            ViewTab(
                name=view.name,
                label=view.label,
                columns=own or columns,
                sort=_sort(application, name, view.sort) or sort,
                filters=view.filters,
            )
        )
    return GridPlan(
        entity=name,
        columns=columns,
        sort=sort,
        filters=tuple(filter(_filterable, filters)) if grid and grid.filters else _derived_filters(application, entity),
        tabs=tuple(tabs),
        page_size=grid.page_size if grid else 50,
    )


def _paths(paths: Iterable[str], place: Place) -> list[Column]:
    return [Column(path=path, place=place) for path in paths]


def _sort(application: Application, entity: str, entries: Iterable[str]) -> tuple[str, ...]:
    """The entries that can be sorted by."""
    found = []
    for entry in entries:
        member = resolve(application, entity, entry.removeprefix("-"))
        if member is not None and member.sortable:
            found.append(entry)
    return tuple(found)


def _columns(application: Application, entity: Entity, members: tuple[Member, ...]) -> tuple[ColumnPlan, ...]:
    """Columns as declared: the title is the first that the entity's title is made of, or the first at all."""
    if not members:
        return ()
    titled = [member.path for member in members if member.path in entity.title.paths]
    typed = [path for path in titled if not _automatic(entity, path)]
    first = (typed or titled or [member.path for member in members if not _picture(member)] or [members[0].path])[0]
    made = []
    for position, member in enumerate(members):
        minor = position >= MOST_MAJOR and member.path != first
        made.append(_column(entity, member, "title" if member.path == first else None, minor))
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


def _derived_columns(application: Application, entity: Entity) -> tuple[ColumnPlan, ...]:
    """A grid nobody described: numbers, the title, what is required or chosen from, who owns it, when it changed."""
    titled = [path for path in entity.title.paths if path in entity.properties]
    numbers = [path for path in titled if _automatic(entity, path)]
    named = [path for path in titled if path not in numbers]
    if not named and numbers:
        named, numbers = numbers[:1], numbers[1:]
    columns = [_column(entity, member, "number") for member in _named(application, entity, numbers)]
    columns.append(_title_column(application, entity, named))
    ranked = sorted(
        (member for member in _declared(application, entity) if _gridable(member) and member.path not in titled),
        key=_rank,
    )
    room = MOST_COLUMNS - len(columns) - 1
    kept = {member.path for member in ranked[:room]}
    ordered = [member for member in _declared(application, entity) if member.path in kept]
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
    sort = next(iter(_sort(application, entity.name, named)), "")
    return ColumnPlan(member=Member(path="", label=entity.label, steps=()), role="title", sort=sort)


def _declared(application: Application, entity: Entity) -> list[Member]:
    """What the configurator declared, in order: properties, then keys and links."""
    names = [prop.name for prop in entity.properties.values() if not prop.system]
    keys = [relation for relation in entity.relations.values() if not relation.system]
    names += [relation.name for relation in keys if relation.kind != "composition"]
    return list(_named(application, entity, names))


def _gridable(member: Member) -> bool:
    if member.prop is not None:
        control = member.prop.type.control()
        return not (control.wide or control.kind == "group" or member.prop.type.secret or member.prop.sensitive)
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
    members = [member for member in _declared(application, entity) if _filterable(member)]
    owner = resolve(application, entity.name, "owner")
    tags = resolve(application, entity.name, TAGS)
    return tuple(member for member in (*members[:6], owner, tags) if member is not None)


# ---- views


def view_plan(application: Application, name: str) -> ViewPlan:
    """The page of one record of an entity."""
    entity = application.entities[name]
    view = application.views.get(name)
    if view is None:
        return _derived_view(application, entity)
    body: list[SectionPlan | RelatedPlan] = []
    aside: list[SectionPlan] = []
    timeline = "History"
    for block in view.layout:
        if isinstance(block, Timeline):
            timeline = block.title or timeline
        elif isinstance(block, Related):
            related = _related(application, entity, block)
            body += [related] if related else []
        else:
            section = _section(application, name, block)
            (aside if block.aside else body).append(section)
    shown = {member.path for block in (*body, *aside) if isinstance(block, SectionPlan) for member in block.members}
    aside.append(_system_section(application, entity, shown))
    return ViewPlan(entity=name, body=tuple(body), aside=tuple(filter(_has_members, aside)), timeline=timeline)


def _has_members(section: SectionPlan) -> bool:
    return bool(section.members)


def _section(application: Application, entity: str, block: Section) -> SectionPlan:
    members = _members(application, entity, block.fields)
    return SectionPlan(title=block.title, members=members, columns=block.columns, aside=block.aside)


def _system_section(application: Application, entity: Entity, shown: Collection[str] = ()) -> SectionPlan:
    """Who is responsible for a record; when and by whom it was made is told below it."""
    names = [name for name in ("owner", "unit", "organization") if name not in shown]
    members = [member for member in _named(application, entity, names) if _is_system(member)]
    return SectionPlan(title="Ownership", members=tuple(members), columns=1, aside=True)


def _is_system(member: Member) -> bool:
    return member.relation is not None and member.relation.system


def _derived_view(application: Application, entity: Entity) -> ViewPlan:
    sections = _grouped(application, entity, _declared(application, entity))
    related = [_related(application, entity, block) for block in _derived_related(entity)]
    return ViewPlan(
        entity=entity.name,
        body=(*sections, *(block for block in related if block is not None)),
        aside=tuple(filter(_has_members, [_system_section(application, entity)])),
        timeline="History",
    )


def _grouped(application: Application, entity: Entity, members: Iterable[Member]) -> list[SectionPlan]:
    """One section per `group`, the ungrouped first; what is wide ends its section."""
    groups: dict[str, list[Member]] = {"": []}
    for member in members:
        declared = member.prop or member.relation
        groups.setdefault(declared.group if declared else "", []).append(member)
    return [
        SectionPlan(title=title or "Details", members=tuple(sorted(found, key=lambda member: member.wide)))
        for title, found in groups.items()
        if found
    ]


def _derived_related(entity: Entity) -> list[Related]:
    compositions = [relation.name for relation in entity.relations.values() if relation.kind == "composition"]
    inverses = [inverse.name for inverse in entity.inverses.values() if inverse.many]
    return [Related(relation=name, place=entity.place) for name in dict.fromkeys((*compositions, *inverses))]


def _related(application: Application, entity: Entity, block: Related) -> RelatedPlan | None:
    relation, inverse = entity.relations.get(block.relation), entity.inverses.get(block.relation)
    if relation is not None:
        target, label = relation.target, relation.label
        composition = relation.kind == "composition"
        back = _owner_of_row(application.entities[target], entity.name) if composition else ""
        kind: Literal["composition", "inverse", "many_to_many"] = "composition" if composition else "many_to_many"
    elif inverse is not None:
        target, label, kind = inverse.source, inverse.label, "inverse"
        source = application.entities[target].relations[inverse.relation]
        back = source.name
    else:
        return None
    other = application.entities[target]
    columns = _columns(application, other, _members(application, target, block.columns))
    if not columns:
        columns = tuple(column for column in _derived_columns(application, other) if column.path != back)[:5]
    return RelatedPlan(
        name=block.relation,
        label=block.label or label,
        target=target,
        columns=tuple(replace(column, minor=position > 3) for position, column in enumerate(columns)),
        sort=_sort(application, target, block.sort) or (() if kind == "composition" else ("-updated_at",)),
        rows=block.rows,
        back=back,
        kind=kind,
    )


def _owner_of_row(child: Entity, parent: str) -> str:
    return next(
        relation.name
        for relation in child.relations.values()
        if relation.owner_of_row and parent in relation.targets
    )


# ---- forms


def form_plan(application: Application, name: str) -> FormPlan:
    """The form of an entity. What is required and was forgotten in its layout is added at the end."""
    entity = application.entities[name]
    form = application.forms.get(name)
    if form is None:
        return FormPlan(entity=name, blocks=tuple(_derived_blocks(application, entity)))
    blocks: list[SectionPlan | RowsPlan] = []
    for block in form.layout:
        if isinstance(block, Section):
            section = _section(application, name, block)
            blocks.append(replace(section, members=tuple(filter(_enterable, section.members))))
        else:
            rows = _rows(application, entity, block)
            blocks += [rows] if rows else []
    present = {member.path for block in blocks if isinstance(block, SectionPlan) for member in block.members}
    forgotten = [member for member in _declared(application, entity) if _required(member) and member.path not in present]
    if "record_type" in entity.properties and "record_type" not in present:
        blocks.insert(0, SectionPlan(title="Kind", members=_named(application, entity, ["record_type"])))
    rest = tuple(member for member in forgotten if _enterable(member) and member.path != "record_type")
    tags = () if TAGS in present else _named(application, entity, [TAGS])
    blocks += [SectionPlan(title="More", members=(*rest, *tags))] if rest or tags else []
    return FormPlan(entity=name, blocks=tuple(block for block in blocks if _filled(block)))


def _filled(block: SectionPlan | RowsPlan) -> bool:
    return bool(block.members)


def _required(member: Member) -> bool:
    declared = member.prop or member.relation
    return declared is not None and declared.required and (member.prop is None or member.prop.default is None)


def _enterable(member: Member) -> bool:
    """Whether a person can ever enter it."""
    if "." in member.path or member.inverse is not None:
        return False
    if member.prop is not None:
        prop = member.prop
        return prop.type.writable and prop.readonly != "always" and "computed" not in prop.conditions and not prop.system
    relation = member.relation
    assert relation is not None
    own = relation.name in ("owner", "unit", "organization", TAGS)
    return relation.kind != "composition" and relation.readonly != "always" and (own or not relation.system)


def _derived_blocks(application: Application, entity: Entity) -> list[SectionPlan | RowsPlan]:
    names = ["record_type"] if "record_type" in entity.properties else []
    declared = [*_named(application, entity, names), *_declared(application, entity)]
    unique = {member.path: member for member in declared if _enterable(member)}
    extra = [member for member in _named(application, entity, ["owner", "unit", TAGS]) if _is_system(member)]
    blocks: list[SectionPlan | RowsPlan] = list(_grouped(application, entity, unique.values()))
    for relation in entity.relations.values():
        if relation.kind == "composition":
            rows = _rows(application, entity, Related(relation=relation.name, place=entity.place))
            blocks += [rows] if rows else []
    return [*blocks, SectionPlan(title="More", members=tuple(extra))] if extra else blocks


def _rows(application: Application, entity: Entity, block: Related) -> RowsPlan | None:
    relation = entity.relations.get(block.relation)
    if relation is None or relation.kind != "composition":
        return None
    child = application.entities[relation.target]
    back = _owner_of_row(child, entity.name)
    members = _members(application, child.name, block.columns) or tuple(_declared(application, child))
    kept = [member for member in members if _enterable(member) and member.path != back]
    kept += [
        member
        for member in _declared(application, child)
        if _required(member) and _enterable(member) and member.path != back and member not in kept
    ]
    inline = len(kept) <= MOST_INLINE and all(_fits_a_cell(member) for member in kept)
    return RowsPlan(
        relation=relation,
        label=block.label or relation.label,
        target=child.name,
        members=tuple(kept),
        inline=inline,
    )


def _fits_a_cell(member: Member) -> bool:
    if member.prop is None:
        return not member.many
    control: Control = member.prop.type.control()
    return not control.wide and control.kind not in ("group", "multi_select", "file", "image", "rating")


# ---- navigation


@dataclass(frozen=True, kw_only=True)
class Destination:
    """An entry of the navigation that leads to a grid; `view` names a tab of it."""

    entity: str
    label: str
    icon: str
    view: str = ""
    roles: frozenset[str] | None = None


@dataclass(frozen=True, kw_only=True)
class Menu:
    """A titled group of destinations; the first may be without a title."""

    title: str
    destinations: tuple[Destination, ...]
    roles: frozenset[str] | None = None


def navigation_plan(application: Application) -> tuple[Menu, ...]:
    """The navigation as declared, and under More every entity that it leaves out."""
    menus: list[Menu] = []
    top: list[Destination] = []
    for item in application.navigation:
        if item.items:
            inner = [_destination(application, each) for each in item.items]
            found = tuple(each for each in inner if each is not None)
            menus.append(Menu(title=item.label, destinations=found, roles=item.roles))
        elif (single := _destination(application, item)) is not None:
            top.append(single)
    if top:
        menus.insert(0, Menu(title="", destinations=tuple(top)))
    reached = {each.entity for menu in menus for each in menu.destinations}
    links = {relation.through for entity in application.entities.values() for relation in entity.relations.values()}
    rest = [
        Destination(entity=entity.name, label=entity.plural, icon=entity.icon)
        for entity in application.entities.values()
        if entity.name not in (*reached, *links, *ADMINISTRATIVE) and not entity.child_of
    ]
    if rest:
        menus.append(Menu(title="More" if menus else "", destinations=tuple(rest)))
    return tuple(menus)


def _destination(application: Application, item: NavigationItem) -> Destination | None:
    entity = application.entities.get(item.entity)
    if entity is None:
        return None
    return Destination(
        entity=entity.name,
        label=item.label or entity.plural,
        icon=item.icon or entity.icon,
        view=item.view,
        roles=item.roles,
    )
