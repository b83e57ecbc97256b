"""How the page of a record is planned: sections, related lists, what stands beside them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Literal

from engine.build.page import Member, RelatedPlan, SectionPlan, ViewPlan, members_of, named_members
from engine.build.page_grid import columns_of, declared_members, derived_columns, sortable
from engine.declared.application import Application
from engine.metamodel.entity import Entity
from engine.metamodel.page import Related, Section, Timeline


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
            section = section_of(application, name, block)
            (aside if block.aside else body).append(section)
    shown = {
        member.path for block in (*body, *aside) if isinstance(block, SectionPlan) for member in block.members
    }
    aside.append(_system_section(application, entity, shown))
    return ViewPlan(
        entity=name,
        body=tuple(body),
        aside=tuple(filter(_has_members, aside)),
        timeline=timeline,
        actions=view.actions,
    )


def _has_members(section: SectionPlan) -> bool:
    return bool(section.members)


def section_of(application: Application, entity: str, block: Section) -> SectionPlan:
    members = members_of(application, entity, block.fields)
    return SectionPlan(title=block.title, members=members, columns=block.columns, aside=block.aside)


def _system_section(application: Application, entity: Entity, shown: Collection[str] = ()) -> SectionPlan:
    """Who is responsible for a record; when and by whom it was made is told below it."""
    names = [name for name in ("owner", "unit", "organization") if name not in shown]
    members = [member for member in named_members(application, entity, names) if is_system(member)]
    return SectionPlan(title="Ownership", members=tuple(members), columns=1, aside=True)


def is_system(member: Member) -> bool:
    return member.relation is not None and member.relation.system


def _derived_view(application: Application, entity: Entity) -> ViewPlan:
    single = named_members(application, entity, [inverse.name for inverse in entity.single_inverses])
    sections = grouped(application, entity, [*declared_members(application, entity), *single])
    related = [_related(application, entity, block) for block in _derived_related(entity)]
    return ViewPlan(
        entity=entity.name,
        body=(*sections, *(block for block in related if block is not None)),
        aside=tuple(filter(_has_members, [_system_section(application, entity)])),
        timeline="History",
    )


def grouped(application: Application, entity: Entity, members: Iterable[Member]) -> list[SectionPlan]:
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
        back = owner_of_row(application.entities[target], entity.name, relation.name) if composition else ""
        kind: Literal["composition", "inverse", "many_to_many"] = (
            "composition" if composition else "many_to_many"
        )
    elif inverse is not None:
        target, label, kind = inverse.source, inverse.label, "inverse"
        source = application.entities[target].relations[inverse.relation]
        back = source.name
    else:
        return None
    other = application.entities[target]
    columns = columns_of(application, other, members_of(application, target, block.columns))
    if not columns:
        columns = tuple(column for column in derived_columns(application, other) if column.path != back)[:5]
    return RelatedPlan(
        name=block.relation,
        label=block.label or label,
        target=target,
        columns=tuple(replace(column, minor=position > 3) for position, column in enumerate(columns)),
        sort=sortable(application, target, block.sort) or (() if kind == "composition" else ("-updated_at",)),
        rows=block.rows,
        back=back,
        kind=kind,
    )


def owner_of_row(child: Entity, parent: str, composition: str) -> str:
    """The relation by which a row of this composition knows its parent."""
    keys = [each for each in child.relations.values() if each.owner_of_row and parent in each.targets]
    return next((each for each in keys if each.inverse == composition), keys[0]).name
