"""The form of a transition or a button: members of the record and values of its own, in the fields every form has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from engine.build.page import FormPlan, Member, RowsPlan, SectionPlan, resolve
from engine.drafts.draft import Draft
from engine.drafts.preview import Preview, drafted
from engine.metamodel.entity import Entity, RecordType
from engine.metamodel.workflow import Asked, Transition
from engine.pages.entries import Entries, fill, of_record
from engine.pages.fields import FormReader
from engine.pages.form import blank_entries
from engine.process.view import View
from engine.reading import titles
from engine.reading.query import Link, Record
from engine.work.context import Context
from engine.work.stored import load


@dataclass
class TransitionForm(FormReader):
    """Who makes a transition, of which record, and what its form asks for."""

    own: frozenset[str] = field(default_factory=frozenset)  # values that are no members
    several: bool = False  # of several records: what is left empty each keeps

    def enterable(self, member: Member, entity: str = "", *, new: bool | None = None) -> bool:
        return member.path in self.own or super().enterable(member, entity, new=new)

    def variant(self, entries: Entries) -> RecordType | None:
        return None

    def rows(self) -> list[RowsPlan]:
        return []


def transition_form(
    context: Context,
    entity: Entity,
    transition: Transition,
    record: Record | None,
    *,
    several: bool = False,
) -> TransitionForm:
    """The form of a transition or a button.

    Without a record of a transition that begins a record, or that is made of `several`.
    """
    members = tuple(_members(context, entity, transition.form))
    plan = FormPlan(
        entity=entity.name, blocks=(SectionPlan(title=transition.label, members=members, columns=1),)
    )
    own = frozenset(each.name for each in transition.form if each.own is not None)
    made = TransitionForm(context, entity, plan, record, own=own, several=several)
    made.preview = Preview(required=_required(context, entity, transition))
    if _chooses(context, entity, members):
        made.preview.draft = drafted(context, entity.name, {}, record.id if record else None)
    return made


def _members(context: Context, entity: Entity, asked: Iterable[Asked]) -> Iterator[Member]:
    for each in asked:
        if each.own is not None:
            told = replace(each.own, label=each.label or each.own.label, help=each.help or each.own.help)
            yield Member(path=each.name, label=told.label, steps=(), prop=told)
            continue
        found = resolve(context.runtime.application, entity.name, each.name, each.label)
        if found is None:
            continue
        if each.help and found.prop is not None:
            found = replace(found, prop=replace(found.prop, help=each.help))
        elif each.help and found.relation is not None:
            found = replace(found, relation=replace(found.relation, help=each.help))
        yield found


def _required(context: Context, entity: Entity, transition: Transition) -> set[str]:
    """What has to be filled in: what the form says, and what the state requires that it leads to."""
    known = context.runtime.processes.transition(entity.name, transition.name)
    there = known[0].state(transition.target) if known is not None and transition.choose is None else None
    needed = {each.name for each in transition.form if each.required}
    return needed | (set(there.require) if there is not None else set())


def _chooses(context: Context, entity: Entity, members: Iterable[Member]) -> bool:
    """Whether what a picker of the form offers depends on the record."""
    narrowed = {each.member for each in context.runtime.rules[entity.name].options_where}
    return any(member.path in narrowed for member in members)


# ---- what it begins with


def first_entries(form: TransitionForm, transition: Transition) -> Entries:
    """The form as it opens: what the record holds, or what the form is declared to begin with."""
    context, entity, record = form.context, form.entity, form.record
    display = context.actor.display
    if record is not None:
        entries = of_record(form.plan, record, display)
    else:
        entries = Entries() if form.several else blank_entries(form)
    for member in form.plan.members:
        if member.path in form.own and member.prop is not None and member.prop.default is not None:
            entries.put(member, {})
            fill(entries, member, member.prop.default, display)
    begins = [each for each in transition.form if each.init is not None and not _each_its_own(form, each)]
    if begins:
        view = _view(context, entity, record)
        members = {member.path: member for member in form.plan.members}
        for each in begins:
            if each.name in members:
                entries.put(members[each.name], {})
                fill(entries, members[each.name], _begun(view, each), display)
    return entries


def _each_its_own(form: TransitionForm, asked: Asked) -> bool:
    """Whether what the form begins with may be another thing for each of several records."""
    return form.several and asked.init is not None and asked.init.literal is None


def _view(context: Context, entity: Entity, record: Record | None) -> View:
    stored = load(context, entity.name, [record.id]).get(record.id) if record is not None else None
    return View(context, entity, record.id if record else 0, Draft(entity, stored, moving=True))


def _begun(view: View, asked: Asked) -> Any:
    """What a form begins with, as the fields take it: a value, or a link."""
    assert asked.init is not None
    if asked.own is not None or asked.name in view.entity.properties:
        return view.plain(asked.init)
    found = view.given({asked.name: asked.init}, view.entity)[asked.name]
    given: Any = getattr(found, "value", None)
    if not isinstance(given, Mapping):
        return None
    key = (str(given["entity"]), int(given["id"]))
    named = titles.of(view.context, [key])
    return Link(*key, named[key]) if key in named else None


def begins_itself(transition: Transition, seen: Mapping[str, str]) -> dict[str, str]:
    """Of what a form showed only the fingerprints of what it begins with by itself: the rest is sent as it stands."""
    return {
        each.name: seen[each.name] for each in transition.form if each.init is not None and each.name in seen
    }
