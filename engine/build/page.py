"""Plans of pages: what a grid, a view and a form hold, from `ui_schema/` or derived from the entity.

Pure data over an application: no database, no HTML, no reader. A page leaves out what its reader may
not read; `Member.steps` names every (entity, member) that a path passes through, so that it can.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from engine.declared.application import Application
from engine.metamodel.entity import Entity
from engine.metamodel.expression import Expression
from engine.metamodel.page import Column, ViewAction
from engine.metamodel.property import Property
from engine.metamodel.relation import Inverse, Relation

ADMINISTRATIVE = ("user", "group", "unit", "organization", "absence", "tag")
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
        led = self.relation or self.inverse
        return led is not None and led.to_one and not led.polymorphic


@dataclass(frozen=True, kw_only=True)
class ColumnPlan:
    """A column of a list. `role` says how it is drawn; `minor` ones go first when room is short.

    `part` marks one of several columns that make up the title together (forename, surname).
    """

    member: Member
    role: Role
    minor: bool = False
    part: bool = False
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
    where: Expression | None = None
    default_for: frozenset[str] = frozenset()  # the roles that the grid opens with it for


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

    def opening(self, roles: frozenset[str]) -> ViewTab | None:
        """The tab that the grid opens with for somebody of these roles: the first that is meant for one of them."""
        return next((tab for tab in self.tabs if not tab.default_for.isdisjoint(roles)), None)


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
    actions: tuple[ViewAction, ...] | None = None  # the buttons; None: what leads on


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


def resolve(
    application: Application, entity: str, path: str, label: str = "", widget: str = ""
) -> Member | None:
    """Where a path leads, or None where it leads nowhere."""
    current = application.entities[entity]
    steps: list[tuple[str, str]] = []
    names = path.split(".")
    for name in names[:-1]:
        led = current.to_one(name)
        if led is None or led.polymorphic:
            return None
        steps.append((led.source, led.relation) if isinstance(led, Inverse) else (current.name, name))
        current = application.entities[led.target]
    last = names[-1]
    steps.append((current.name, last))
    prop, relation, inverse = (
        current.properties.get(last),
        current.relations.get(last),
        current.inverses.get(last),
    )
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


def members_of(application: Application, entity: str, columns: Iterable[Column]) -> tuple[Member, ...]:
    found = (resolve(application, entity, column.path, column.label, column.widget) for column in columns)
    return tuple(member for member in found if member is not None)


def named_members(application: Application, entity: Entity, names: Iterable[str]) -> tuple[Member, ...]:
    found = (resolve(application, entity.name, name) for name in names)
    return tuple(member for member in found if member is not None)
