"""Transitions that nobody may fire, and members that a state requires where nobody can fill them in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from engine.build.access import OWNING
from engine.metamodel.action import Action, Create, Link, Set
from engine.metamodel.entity import Entity
from engine.metamodel.property import Property
from engine.metamodel.relation import Relation
from engine.metamodel.workflow import START, State, Transition
from engine.proving.findings import Findings, listed
from engine.proving.ways import Step, Ways


def prove_rights(found: Findings, ways: Ways) -> None:
    """Warn of what nobody but an administrator could ever do."""
    entity = ways.workflow.entity
    if not found.decided(entity):
        return  # another record decides, or nobody has any grant: then this is not where to begin
    by_hand = [
        each
        for each in ways.workflow.transitions.values()
        if not (each.hidden or each.by_itself_only or each.approval)  # who is asked to approve needs no grant
    ]
    movers = {action: found.granted(entity, action) for action in ("create", "transition")}
    if not movers["transition"] and any(not each.start for each in by_hand):
        who = f"only administrators fire the transitions of {ways.workflow.name!r}"
        message = f"no role may move {entity} records: {who}"
        hint = f"grant it, for example access: {{agent: {{transition: all}}}} on {entity}"
        found.warn(ways.workflow.place, "nobody-fires", message, hint)
        return
    for transition in by_hand:
        _who_fires(found, ways, transition, movers["create" if transition.start else "transition"])


def _who_fires(found: Findings, ways: Ways, transition: Transition, movers: frozenset[str]) -> None:
    action = "create" if transition.start else "transition"
    named = [role for role, level in (transition.roles or {}).items() if level != "none"]
    if transition.roles is None:
        return
    if not named:
        message = f"no role fires {transition.name!r}: only administrators do"
        hint = "name a role; or write `hidden: true`, where actions fire it"
        found.warn(transition.place, "nobody-fires", message, hint)
        return
    without = [role for role in named if role not in movers]
    if without:
        all_of_them = len(without) == len(named)
        who = "nobody but administrators fires" if all_of_them else "they never fire"
        source = next((each for each in transition.sources if each in ways.before), "")
        way = f" ({ways.shown(source, transition.name)})" if source else ""
        does = "create" if transition.start else "move"
        message = (
            f"{listed(without)} may not {does} {ways.workflow.entity} records: {who} {transition.name!r}{way}"
        )
        hint = f"grant `{action}` on {ways.workflow.entity}, or take the role out"
        found.warn(transition.place, "nobody-fires", message, hint)


# ---- what states require


def prove_requirements(found: Findings, ways: Ways) -> None:
    """Warn of members that a state requires, and that nobody can have filled in by then."""
    filling = Filling(found, ways)
    for name in ways.reached:
        state = ways.workflow.states[name]
        for member in sorted(state.require):
            filling.judge(state, member)


@dataclass
class Filling:
    """How the members of an entity come by their values on the way through a workflow."""

    found: Findings
    ways: Ways

    @cached_property
    def entity(self) -> Entity:
        return self.found.application.entities[self.ways.workflow.entity]

    def judge(self, state: State, name: str) -> None:
        """Whether a member that a state requires can have a value there."""
        member = self.entity.properties.get(name) or self.entity.relations.get(name)
        if member is None or self._filled_anyway(member):
            return
        if not self._anybody_writes(member):
            message = (
                f"{state.name!r} requires {name!r}, and no role may fill it in: {self.ways.shown(state.name)}"
            )
            hint = f"let a role write {name!r}, or an action set it"
            self.found.warn(state.place, "requirement-out-of-reach", message, hint)
            return
        for step in self.ways.steps:
            if step.target == state.name and step.source in self.ways.before and self._shut(step, name):
                self._tell(state, step, name)
                return

    def _tell(self, state: State, step: Step, name: str) -> None:
        assert step.transition is not None
        before = self.ways.workflow.states[step.source]
        does = "hides" if name in before.hide else "freezes"
        message = (
            f"{state.name!r} requires {name!r}: {before.name!r} {does} it, and {step.transition.name!r} does not "
            f"ask for it: {self.ways.shown(before.name, state.name)}"
        )
        hint = f"ask for it: `form: [{{{name}: required}}]`, or require it before"
        self.found.warn(state.place, "requirement-out-of-reach", message, hint)

    # ---- what fills a member

    def _filled_anyway(self, member: Property | Relation) -> bool:
        """Whether it has a value whatever anybody does: by a default, by the engine, by some action."""
        if member.required or "default" in member.conditions or member.name in self._set_somewhere:
            return True
        if isinstance(member, Relation):
            return member.system and member.name in OWNING
        return member.default is not None or not member.type.writable or bool(member.computed)

    @cached_property
    def _set_somewhere(self) -> frozenset[str]:
        """The members of the entity that any process gives a value."""
        return frozenset(_given(self.found, self.entity.name))

    def _anybody_writes(self, member: Property | Relation) -> bool:
        """Whether a role may write it, as far as roles say anything of these records."""
        if member.readonly == "always":
            return False
        if not self.found.decided(self.entity.name):
            return True
        access = self.found.access.entities[self.entity.name]
        uses = {"create": "create", "update": "update", "transition": "update"}
        return any(
            access.allowed(member.name, self.found.granted(self.entity.name, action), use)
            for action, use in uses.items()
        )

    def _shut(self, step: Step, name: str) -> bool:
        """Whether a step comes to its state without a chance to fill a member in."""
        if step.transition is None or step.source == step.target:
            return False
        here = self.ways.workflow.states[step.source]
        closed = here.frozen or name in here.freeze | here.hide or "update" in here.forbid
        return closed and not _asks(step.transition, name) and not self._had(step.source, name)

    def _had(self, state: str, name: str) -> bool:
        """Whether every record in a state surely has a value of a member: the state or every way to it requires one."""
        waiting, seen = [state], {state}
        while waiting:
            here = waiting.pop()
            if name in self.ways.workflow.states[here].require:
                continue
            for step in self.ways.steps:
                if step.target != here or (step.source != START and step.source not in self.ways.before):
                    continue
                if step.transition is not None and _asks(step.transition, name, required=True):
                    continue
                if step.source == START:
                    return False
                if step.source not in seen:
                    seen.add(step.source)
                    waiting.append(step.source)
        return True


def _asks(transition: Transition, name: str, *, required: bool = False) -> bool:
    return any(each.name == name and (each.required or not required) for each in transition.form)


def _given(found: Findings, entity: str) -> Iterator[str]:
    """Members of an entity that some action gives a value."""
    for about, action in (*every_action(found), *_of_buttons(found)):
        if isinstance(action, Set):
            rule = found.rule_of.get(action.record) if action.record is not None else None
            kind = rule.checked.kind if rule is not None else None
            targets = getattr(kind, "entities", ()) if action.record is not None else (about,)
            if entity in targets:
                yield from action.values
        elif isinstance(action, Create) and action.entity == entity:
            yield from (*action.values, *action.by)
        elif isinstance(action, Link) and about == entity:
            yield action.relation


def every_action(found: Findings) -> Iterator[tuple[str, Action]]:
    """Every action of every process, with the entity whose records it is done for."""
    for workflow in found.application.workflows.values():
        for transition in workflow.transitions.values():
            yield from ((workflow.entity, each) for each in transition.do)
        for state in workflow.states.values():
            yield from ((workflow.entity, each) for each in (*state.enter, *state.leave))
    for automation in found.application.automations.values():
        yield from ((automation.entity, each) for each in automation.do)


def _of_buttons(found: Findings) -> Iterator[tuple[str, Action]]:
    """What buttons do: nothing sets them off but people, so no process goes on by them."""
    for entity, buttons in found.application.buttons.items():
        for button in buttons.values():
            yield from ((entity, each) for each in button.do)
