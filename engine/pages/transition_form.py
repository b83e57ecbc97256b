"""The form of a transition or a button: members of the record and values of its own, in the fields every form has.

Where it makes a record that lacks a required value, the form asks for that too, once it is known to be missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from engine.access import access
from engine.build.page import FormPlan, Member, RowsPlan, SectionPlan, resolve
from engine.drafts.draft import Draft, Parsed
from engine.drafts.preview import Preview, drafted
from engine.errors import FieldError
from engine.metamodel.entity import Entity, RecordType
from engine.metamodel.workflow import Asked, Transition
from engine.pages.entries import Entries, fill, of_record
from engine.pages.fields import FormReader
from engine.pages.form import blank_entries
from engine.process.acting import asking_for, required_of
from engine.process.view import View
from engine.reading import titles
from engine.reading.query import Link, Record
from engine.work.context import Context
from engine.work.stored import load


@dataclass
class TransitionForm(FormReader):
    """Who makes a transition, of which record, and what its form asks for."""

    own: frozenset[str] = field(default_factory=frozenset)  # values that are no members
    missing: tuple[str, ...] = ()  # values of records it makes, as `order.address`
    several: bool = False  # of several records: what is left empty each keeps

    def enterable(self, member: Member, entity: str = "", *, new: bool | None = None) -> bool:
        apart = member.path in self.own or member.path in self.missing
        return apart or super().enterable(member, entity, new=new)

    def narrowed(self, member: Member) -> bool:
        return member.path not in self.missing and super().narrowed(member)

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
    missing: tuple[str, ...] = (),
) -> TransitionForm:
    """The form of a transition or a button; `missing` as `lacking` answers it.

    Without a record of a transition that begins a record, or that is made of `several`.
    """
    asked = _members(context, entity, transition.form)
    members = (*asked, *_lacked(context, transition, missing))
    plan = FormPlan(
        entity=entity.name, blocks=(SectionPlan(title=transition.label, members=members, columns=1),)
    )
    own = frozenset(each.name for each in transition.form if each.own is not None)
    made = TransitionForm(context, entity, plan, record, own=own, several=several, missing=missing)
    made.preview = Preview(required=_required(context, entity, transition) | set(missing))
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


# ---- what the records lack that it makes


def lacking(
    context: Context, transition: Transition, before: Iterable[str], errors: Iterable[FieldError]
) -> tuple[str, ...]:
    """The values that are missing of records it makes, as `order.address`: those asked for before, and new ones."""
    named = [*before, *(each.at for each in errors if each.code == "required")]
    making = asking_for(transition.do)
    return tuple(dict.fromkeys(each for each in named if _can_be_said(context, making, each)))


def _can_be_said(context: Context, making: Mapping[str, str], path: str) -> bool:
    name, _, member = path.partition(".")
    entity = making.get(name, "")
    required = required_of(context.runtime.entities[entity]) if entity else frozenset()
    return member in required and member in access.readable(context, entity)


def _lacked(context: Context, transition: Transition, missing: Iterable[str]) -> Iterator[Member]:
    making = asking_for(transition.do)
    for path in missing:
        name, _, member = path.partition(".")
        target = context.runtime.entities[making[name]]
        found = resolve(context.runtime.application, target.name, member)
        if found is not None:
            yield replace(found, path=path, label=f"{found.label} of the {target.label.lower()}")


def given_apart(form: TransitionForm, values: dict[str, Any]) -> dict[str, Any]:
    """The values of a form as processes take them: those of records it makes below the name of each."""
    found = {name: value for name, value in values.items() if name not in form.missing}
    for path in form.missing:
        value = values.get(path)
        empty = value in (None, []) or (isinstance(value, Parsed) and value.value is None)
        if path in values and not empty:
            name, _, member = path.partition(".")
            found.setdefault(name, {})[member] = value
    return found


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
