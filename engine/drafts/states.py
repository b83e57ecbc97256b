"""What the state of a record does to it: members that are frozen, hidden or required, and what can't be done at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.build.processes import Process
from engine.drafts.draft import Draft
from engine.metamodel.entity import Entity
from engine.metamodel.workflow import State
from engine.work.context import Context
from engine.work.stored import Stored, load


@dataclass
class Restrictions:
    """Members by name, with the state that says so."""

    fixed: dict[str, State] = field(default_factory=dict)
    hidden: dict[str, State] = field(default_factory=dict)
    required: dict[str, State] = field(default_factory=dict)


def restrictions(context: Context, draft: Draft) -> Restrictions:
    """What the states of a draft say of its members: it comes out of the old ones, and into the new ones."""
    found = Restrictions()
    kind, before = _kind(draft), draft.old.values.get("record_type") if draft.old is not None else None
    for process in context.runtime.processes.of(draft.entity.name):
        if not process.workflow.restricts:
            continue
        member = process.workflow.member
        if draft.old is not None and not draft.moving and process.workflow.moves(before):
            here = process.state(draft.old.values.get(member))
            found.fixed |= dict.fromkeys(_frozen(draft.entity, here), here) if here is not None else {}
        there = process.state(draft.value(member)) if process.workflow.moves(kind) else None
        if there is not None:
            found.hidden |= dict.fromkeys(there.hide, there)
            found.required |= dict.fromkeys(there.require, there)
    return found


def _frozen(entity: Entity, state: State) -> Iterator[str]:
    """The members that nobody changes in a state."""
    if state.frozen or "update" in state.forbid:
        yield from (name for name, prop in entity.properties.items() if not (prop.system or prop.computed))
        yield from (name for name in entity.relations if name not in ("created_by", "updated_by"))
    yield from state.freeze
    if "rows" in state.forbid:
        yield from (name for name, each in entity.relations.items() if each.kind == "composition")


def why_fixed(entity: Entity, label: str, state: State) -> str:
    """The sentence that tells why a member can't be changed."""
    return f"{label} can't be changed while the {entity.label.lower()} is {state.label}."


# ---- the workflow of a type of record


def _kind(draft: Draft) -> Any:
    return draft.value("record_type") if draft.entity.record_types else None


def begin_by_type(context: Context, draft: Draft) -> None:
    """Where a record's type says which workflow it follows: its first state, and where it stands if the type changes.

    Complains of a change of type that leaves a record in a state which the workflow of the new one does not have.
    """
    processes, entity = context.runtime.processes, draft.entity.name
    for member in processes.by_type.get(entity, ()):
        if draft.old is None:
            _begin(draft, member, processes.mover(entity, member, _kind(draft)))
        elif "record_type" in draft.values:
            before = processes.mover(entity, member, draft.old.values.get("record_type"))
            now = processes.mover(entity, member, _kind(draft))
            if now is not before:
                _switch(draft, member, now)
    for rows in draft.children.values():
        for row in rows:
            begin_by_type(context, row)


def _begin(draft: Draft, member: str, process: Process | None) -> None:
    """A new record is in the first state, unless a transition that makes it says another."""
    if process is None:
        draft.values[member] = None
    elif not (draft.moving and process.state(draft.values.get(member)) is not None):
        draft.values[member] = process.workflow.initial


def _switch(draft: Draft, member: str, process: Process | None) -> None:
    state = draft.value(member)
    if process is None:
        draft.values[member] = None
    elif state is None:
        draft.values[member] = process.workflow.initial
    elif process.state(state) is None:
        label = draft.entity.properties["record_type"].label
        options = getattr(draft.entity.properties[member].type, "options", ())
        shown = next((each.label for each in options if each.name == state), state)
        message = f"{label} can't be changed: {process.workflow.label} has no state {shown}."
        draft.refuse("record_type", "other-workflow", message)


# ---- whole records


@dataclass
class Closed:
    """What can't be done to a record at all while it is in its states: a sentence each, "" where it can."""

    update: str = ""
    delete: str = ""


def closed(context: Context, entity: Entity, values: Mapping[str, Any]) -> Closed:
    """What the states of a record forbid altogether."""
    found = Closed()
    for process in context.runtime.processes.moving(entity.name, values):
        state = process.state(values.get(process.workflow.member))
        if state is None:
            continue
        if state.frozen or "update" in state.forbid:
            sentence = f"A {entity.label.lower()} that is {state.label} can't be changed."
            found.update = found.update or sentence
        if "delete" in state.forbid:
            found.delete = found.delete or why_kept(entity, state)
    return found


def hidden_members(context: Context, entity: Entity, values: Mapping[str, Any]) -> frozenset[str]:
    """The members that the states of a record hide."""
    states = [
        process.state(values.get(process.workflow.member))
        for process in context.runtime.processes.moving(entity.name, values)
    ]
    return frozenset(name for state in states if state is not None for name in state.hide)


def frozen_members(context: Context, entity: Entity, values: Mapping[str, Any]) -> frozenset[str]:
    """The members that the states of a record freeze."""
    states = [
        process.state(values.get(process.workflow.member))
        for process in context.runtime.processes.moving(entity.name, values)
    ]
    return frozenset(name for state in states if state is not None for name in _frozen(entity, state))


def why_kept(entity: Entity, state: State) -> str:
    """The sentence that tells why a record can't be deleted."""
    return f"A {entity.label.lower()} that is {state.label} can't be deleted."


def refuse_delete(context: Context, draft: Draft) -> None:
    """Complain where a state forbids that its records are deleted."""
    for process in context.runtime.processes.moving(draft.entity.name, {"record_type": _kind(draft)}):
        state = process.state(draft.value(process.workflow.member))
        if state is not None and "delete" in state.forbid:
            draft.refuse("", "frozen", why_kept(draft.entity, state))


def refuse_row(context: Context, draft: Draft) -> None:
    """Complain of a row that is changed by itself while the state of the record it belongs to freezes it."""
    for owner in draft.entity.relations.values():
        key = draft.key(owner.name) if owner.owner_of_row else None
        if key is None:
            continue
        processes = [each for each in context.runtime.processes.of(key[0]) if each.workflow.restricts]
        parent = load(context, key[0], [key[1]], lock=True).get(key[1]) if processes else None
        if parent is not None:
            _refuse_of(context.runtime.entities[key[0]], processes, parent, owner.inverse, draft)


def _refuse_of(
    entity: Entity, processes: list[Process], parent: Stored, composition: str, draft: Draft
) -> None:
    kind = parent.values.get("record_type")
    for process in (each for each in processes if each.workflow.moves(kind)):
        state = process.state(parent.values.get(process.workflow.member))
        if state is not None and composition in set(_frozen(entity, state)):
            draft.refuse("", "frozen", why_fixed(entity, entity.relations[composition].label, state))
