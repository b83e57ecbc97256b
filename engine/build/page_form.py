"""How a form is planned: its sections, and the child rows edited inside it."""

from __future__ import annotations

from dataclasses import replace

from engine.build.page import (
    MOST_INLINE,
    TAGS,
    FormPlan,
    Member,
    RowsPlan,
    SectionPlan,
    members_of,
    named_members,
)
from engine.build.page_grid import declared_members
from engine.build.page_view import grouped, is_system, owner_of_row, section_of
from engine.declared.application import Application
from engine.metamodel.entity import Entity
from engine.metamodel.page import Related, Section


def form_plan(application: Application, name: str) -> FormPlan:
    """The form of an entity. What is required and was forgotten in its layout is added at the end."""
    entity = application.entities[name]
    form = application.forms.get(name)
    if form is None:
        return FormPlan(entity=name, blocks=tuple(_derived_blocks(application, entity)))
    blocks: list[SectionPlan | RowsPlan] = []
    for block in form.layout:
        if isinstance(block, Section):
            section = section_of(application, name, block)
            blocks.append(replace(section, members=tuple(filter(_shown, section.members))))
        else:
            rows = _rows(application, entity, block)
            blocks += [rows] if rows else []
    present = {member.path for block in blocks if isinstance(block, SectionPlan) for member in block.members}
    forgotten = [
        member
        for member in declared_members(application, entity)
        if _required(member) and member.path not in present
    ]
    if "record_type" in entity.properties and "record_type" not in present:
        blocks.insert(
            0, SectionPlan(title="Kind", members=named_members(application, entity, ["record_type"]))
        )
    rest = tuple(member for member in forgotten if _enterable(member) and member.path != "record_type")
    tags = () if TAGS in present else named_members(application, entity, [TAGS])
    _append(blocks, (*rest, *tags))
    return FormPlan(entity=name, blocks=tuple(block for block in blocks if _filled(block)))


def _append(blocks: list[SectionPlan | RowsPlan], members: tuple[Member, ...]) -> None:
    """Put members under More, which may be there already."""
    for position, block in enumerate(blocks):
        if isinstance(block, SectionPlan) and block.title == "More":
            blocks[position] = replace(block, members=(*block.members, *members))
            return
    if members:
        blocks.append(SectionPlan(title="More", members=members))


def _filled(block: SectionPlan | RowsPlan) -> bool:
    """Whether there is anything in it; a section may hold nothing but totals."""
    return any(map(_shown if isinstance(block, SectionPlan) else _enterable, block.members))


def _required(member: Member) -> bool:
    declared = member.prop or member.relation
    return declared is not None and declared.required and (member.prop is None or member.prop.default is None)


def _enterable(member: Member) -> bool:
    """Whether a person can ever enter it."""
    if "." in member.path or member.inverse is not None:
        return False
    if member.prop is not None:
        prop = member.prop
        return (
            prop.type.writable
            and prop.readonly != "always"
            and "computed" not in prop.conditions
            and not prop.system
        )
    relation = member.relation
    assert relation is not None
    own = relation.name in ("owner", "unit", "organization", TAGS)
    return relation.kind != "composition" and relation.readonly != "always" and (own or not relation.system)


def _shown(member: Member) -> bool:
    """Whether a form shows it: what can be entered, what is computed from that, and where the record stands."""
    return _enterable(member) or is_computed(member) or is_state(member)


def is_state(member: Member) -> bool:
    """Whether it is where the record itself stands in a workflow."""
    return member.prop is not None and member.prop.type.moved and "." not in member.path


def is_computed(member: Member) -> bool:
    """Whether it is a computed property of the record itself."""
    return member.prop is not None and bool(member.prop.computed) and "." not in member.path


def _derived_blocks(application: Application, entity: Entity) -> list[SectionPlan | RowsPlan]:
    names = ["record_type"] if "record_type" in entity.properties else []
    declared = [*named_members(application, entity, names), *declared_members(application, entity)]
    unique = {member.path: member for member in declared if _shown(member)}
    extra = [
        member for member in named_members(application, entity, ["owner", "unit", TAGS]) if is_system(member)
    ]
    blocks: list[SectionPlan | RowsPlan] = list(grouped(application, entity, unique.values()))
    for relation in entity.relations.values():
        if relation.kind == "composition":
            rows = _rows(application, entity, Related(relation=relation.name, place=entity.place))
            blocks += [rows] if rows else []
    _append(blocks, tuple(extra))
    return blocks


def _rows(application: Application, entity: Entity, block: Related) -> RowsPlan | None:
    relation = entity.relations.get(block.relation)
    if relation is None or relation.kind != "composition":
        return None
    child = application.entities[relation.target]
    back = owner_of_row(child, entity.name, relation.name)
    members = members_of(application, child.name, block.columns) or tuple(
        declared_members(application, child)
    )
    kept = [member for member in members if _shown(member) and member.path != back]
    kept += [
        member
        for member in declared_members(application, child)
        if _required(member) and _enterable(member) and member.path != back and member not in kept
    ]
    entered = [member for member in kept if _enterable(member)]  # a computed value takes little room
    inline = len(entered) <= MOST_INLINE and all(_fits_a_cell(member) for member in kept)
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
    control = member.prop.type.control()
    return not control.wide and control.kind not in ("group", "multi_select", "file", "image", "rating")
