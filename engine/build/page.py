"""Plans of pages: what a grid, view or form shows, from its document or derived where there is none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from engine.metamodel.application import Application
from engine.metamodel.entity import Entity
from engine.metamodel.page import Block, Column, Form, Grid, GridView, Related, Section, Timeline, View
from engine.metamodel.property import Property
from engine.metamodel.relation import Relation

MOST_COLUMNS = 8
LONG = ("textarea", "markdown", "rich_text", "json", "group")
"""Controls that take the whole width of a form."""


@dataclass(frozen=True)
class PagePlans:
    """The grid, view and form of an entity."""

    grid: Grid
    view: View
    form: Form


def plan_pages(application: Application, entity: Entity) -> PagePlans:
    """The pages of an entity: what its documents say, and a default for each it has not."""
    planner = _Planner(application, entity)
    grid = application.grids.get(entity.name) or planner.grid
    if not grid.columns:
        grid = Grid(**{**vars(grid), "columns": planner.grid.columns})
    return PagePlans(
        grid,
        application.views.get(entity.name) or planner.view,
        application.forms.get(entity.name) or planner.form,
    )


class _Planner:
    """Derives pages of an entity that has no documents for them."""

    def __init__(self, application: Application, entity: Entity) -> None:
        self.application, self.entity = application, entity

    def column(self, path: str) -> Column:
        return Column(path=path, place=self.entity.place)

    @cached_property
    def members(self) -> list[Property | Relation]:
        """Properties and key relations a person works with, in order of declaration."""
        properties = [prop for prop in self.entity.properties.values() if not prop.system and not prop.type.secret]
        relations = [each for each in self.entity.relations.values() if each.holds_key and not each.system]
        owners = [each for each in self.entity.relations.values() if each.system and each.name in ("owner", "unit", "organization")]
        return [*properties, *relations, *owners]

    @property
    def grid(self) -> Grid:
        """What names the record first, then what is required, searched or chosen, then the rest that is short."""
        titled = [path for path in self.entity.title.paths if "." not in path]
        ranked = sorted(self.members, key=lambda member: (member.name not in titled, _rank(member)))
        short = [member for member in ranked if _short(member)]
        columns = [self.column(member.name) for member in short[: MOST_COLUMNS - 1]]
        if not self.entity.child_of:
            columns.append(self.column("updated_at"))
        filters = tuple(
            member.name
            for member in self.members
            if (isinstance(member, Property) and member.type.control().kind in ("select", "checkbox"))
            or (isinstance(member, Relation) and not member.polymorphic)
        )[:6]
        return Grid(entity=self.entity.name, columns=tuple(columns), sort=(), filters=filters, place=self.entity.place)

    @property
    def view(self) -> View:
        return View(entity=self.entity.name, layout=tuple(self._view_blocks()), place=self.entity.place)

    def _view_blocks(self) -> Iterator[Block]:
        yield from self._sections()
        for relation in self.entity.relations.values():
            if relation.kind == "composition" or (relation.kind == "many_to_many" and not relation.system):
                yield Related(relation=relation.name, label=relation.label, place=relation.place)
        for inverse in self.entity.inverses.values():
            yield Related(relation=inverse.name, label=inverse.label, place=self.entity.place)

    @property
    def form(self) -> Form:
        blocks: list[Section | Related] = list(self._sections())
        for relation in self.entity.relations.values():
            if relation.kind == "composition":
                blocks.append(Related(relation=relation.name, label=relation.label, place=relation.place))
        return Form(entity=self.entity.name, layout=tuple(blocks), place=self.entity.place)

    def _sections(self) -> Iterator[Section]:
        """One section per `group`, in order of first mention; what has none comes first."""
        groups: dict[str, list[Column]] = {"": []}
        many = [r for r in self.entity.relations.values() if r.kind == "many_to_many"]
        for member in [*self.members, *many]:
            groups.setdefault(member.group, []).append(self.column(member.name))
        for title, columns in groups.items():
            if columns:
                yield Section(title=title or "Details", fields=tuple(columns), place=self.entity.place)


def _rank(member: Property | Relation) -> int:
    if isinstance(member, Relation):
        return 2 if not member.system else 4
    if member.required or member.search:
        return 1
    return 2 if member.type.control().kind == "select" else 3


def _short(member: Property | Relation) -> bool:
    return isinstance(member, Relation) or member.type.control().kind not in LONG


def history_of(view: View) -> Timeline | None:
    """Where a view says its history stands."""
    return next((block for block in view.layout if isinstance(block, Timeline)), None)


def preset(grid: Grid, name: str | None) -> GridView | None:
    """The named preset of a grid."""
    return grid.views.get(name) if name else None


def column_label(column: Column, entity: Entity, entities: Mapping[str, Entity]) -> str:
    """A column's heading: its own, else that of the member its path ends at."""
    if column.label:
        return column.label
    current = entity
    *steps, last = column.path.split(".")
    for step in steps:
        current = entities[current.relations[step].target]
    member = current.properties.get(last) or current.relations[last]
    return member.label
