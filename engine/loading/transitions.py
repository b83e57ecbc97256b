"""Reading one transition, or button: where it leads, who may take it, what it asks, checks and does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from engine.declared.rules import Rules
from engine.documents.complaints import meant
from engine.expressions.nodes import Choose, Coalesce, Const, Node
from engine.loading.actions import ActionReader, Names
from engine.loading.forms import FormReader
from engine.loading.members import Reading
from engine.loading.parameters import NONE, Parameters
from engine.loading.steps import Scope, asked_shapes
from engine.metamodel.access import ACTIONS, Level
from engine.metamodel.entity import Entity
from engine.metamodel.workflow import ALL, SAME, START, Approval, Guard, State, Transition, Trigger
from engine.text.labels import words
from engine.text.yaml_tree import Map
from engine.types.duration import read_duration


class TransitionReader(ActionReader):
    """Reads a transition of a workflow, or a button; `root` is the document of the workflow or the entity."""

    def __init__(
        self,
        checker: Rules,
        about: Entity,
        states: Mapping[str, State],
        root: Map,
        reading: Reading,
        names: Names,
        parameters: Parameters = NONE,
    ) -> None:
        self.outset = Scope(parameters=parameters)
        super().__init__(checker, about, self.outset, "", names)
        self.states, self.root, self.reading = states, root, reading

    def transition_of(self, name: str, declared: Map | None) -> Transition | None:
        """The transition, or None where it can't be one (then it has been complained of)."""
        if declared is None or not {"from", "to"} <= declared.keys():
            return None
        self.owner, self.scope = name, self.outset
        sources, start = self._sources(declared)
        hidden_if = self.optional(declared, "hidden_if", "hidden_if")
        when = self.optional(declared, "when", "when")
        form = FormReader(self, self.reading).asked(declared.seq("form"))
        own = {each.name: each.own for each in form if each.own is not None}
        self.scope = replace(self.outset, asked=asked_shapes(own), before=not start, inputs=own)
        target = self._target(declared)
        guards = tuple(self._guards(declared))
        roles = self._roles(declared)
        do = self.actions(declared.seq("do"))
        if target is None:
            return None
        self._check_trigger(declared, start)
        return Transition(
            name=name,
            label=declared.get("label") or words(name),
            place=self.root.map("transitions").key_place(name),
            description=declared.get("description", ""),
            icon=declared.get("icon", ""),
            color=declared.get("color", ""),
            sources=sources,
            start=start,
            hidden=declared.get("hidden", False),
            hidden_if=hidden_if,
            when=when,
            guards=guards,
            form=form,
            confirm=declared.get("confirm", ""),
            roles=roles,
            do=do,
            approval=self._approval(declared),
            trigger=self._trigger(declared),
            **target,
        )

    def button_of(self, name: str, declared: Any) -> Transition | None:
        """A button of the entity: a transition that no state has a part in."""
        if not isinstance(declared, Map):
            return None
        self._check_button(name, declared)
        self.owner, self.scope = name, Scope()
        when = self.optional(declared, "when", "when")
        form = FormReader(self, self.reading).asked(declared.seq("form"))
        own = {each.name: each.own for each in form if each.own is not None}
        self.scope = Scope(asked=asked_shapes(own), inputs=own, before=True)
        return Transition(
            name=name,
            label=declared.get("label") or words(name),
            place=self.root.map("actions").key_place(name),
            description=declared.get("description", ""),
            icon=declared.get("icon", ""),
            color=declared.get("color", ""),
            when=when,
            guards=tuple(self._guards(declared)),
            form=form,
            confirm=declared.get("confirm", ""),
            roles=self._roles(declared),
            do=self.actions(declared.seq("do")),
        )

    def _check_button(self, name: str, declared: Map) -> None:
        """A button does something, and nothing else of its records is called so."""
        holder = self.root.map("actions")
        if name in ACTIONS:
            message = f"{name!r} is what every record is granted"
            self.complaints.at_key(holder, name, "reserved-name", message, "choose another name")
        elif name in self.names.transitions.get(self.about.name, ()):
            message = f"{self.about.name} has a transition {name!r} already"
            self.complaints.at_key(holder, name, "name-clash", message, "call one of them otherwise")
        elif not ({"do", "form"} & (declared.keys() | declared.broken)):
            hint = "say what it does: `do: […]`, or asks for: `form: […]`"
            self.complaints.at_key(holder, name, "bad-button", "this button does nothing", hint)

    # ---- from and to

    def _sources(self, declared: Map) -> tuple[tuple[str, ...], bool]:
        """The states it leaves, and whether it makes a record."""
        written = declared["from"]
        if written == ALL:
            return tuple(name for name, state in self.states.items() if not state.final), False
        if written == START:
            return (), True
        if isinstance(written, str):
            self._state(declared, "from", written)
            return (written,), False
        names = declared.seq("from")
        for position, name in enumerate(names):
            if name in (START, ALL):
                message = f"{name!r} stands alone"
                self.complaints.at_value(names, position, "bad-transition", message, f"write from: {name}")
            else:
                self._state(names, position, name)
        return tuple(dict.fromkeys(names)), False

    def _state(self, holder: Any, key: str | int, name: str) -> bool:
        if name in self.states or name in self.root.map("states").broken:
            return True
        self.complaints.unknown_name(holder, key, "state", name, self.states)
        return False

    def _target(self, declared: Map) -> dict[str, Any] | None:
        written = declared["to"]
        if isinstance(written, Map):
            kind = self.checker.stored.member(self.about.name, self.root["property"])
            rule = self.rule(written, "cel", "to", kind.kind if kind is not None else None)
            if rule is None:
                return None
            named = tuple(dict.fromkeys(_leaves(rule.checked.node)))
            return {"choose": rule.expression, "choices": named if None not in named else tuple(self.states)}
        if written == SAME:
            return {"target": None}
        return {"target": written} if self._state(declared, "to", written) else None

    # ---- who, and under which conditions

    def _roles(self, declared: Map) -> dict[str, Level] | None:
        written = declared.get("roles")
        if written is None:
            return None
        if isinstance(written, Map):
            for role in written:
                if role not in self.checker.named.roles:
                    hint = meant(role, sorted(self.checker.named.roles))
                    self.complaints.at_key(written, role, "unknown-role", f"no role {role!r}", hint)
            return dict(written)
        self._known_roles(declared, "roles")
        return dict.fromkeys(written, "all")

    def _known_roles(self, declared: Map, key: str) -> tuple[str, ...]:
        roles = declared.seq(key)
        for position, role in enumerate(roles):
            if role not in self.checker.named.roles:
                self.complaints.unknown_name(roles, position, "role", role, self.checker.named.roles)
        return tuple(roles)

    def _guards(self, declared: Map) -> Iterator[Guard]:
        written = declared.get("guard")
        if written is None:
            return
        if isinstance(written, str):
            yield from self._guard(declared, "guard", "")
        elif isinstance(written, Map):
            if "check" in written:
                yield from self._guard(written, "check", written.get("message", ""))
        else:
            for position, each in enumerate(declared.seq("guard")):
                if isinstance(each, Map):
                    if "check" in each:
                        yield from self._guard(each, "check", each.get("message", ""))
                else:
                    yield from self._guard(declared.seq("guard"), position, "")

    def _guard(self, holder: Any, key: Any, message: str) -> Iterator[Guard]:
        check = self.read(holder, key, "guard")
        if check is not None:
            yield Guard(check=check, message=message, place=check.place)

    def _approval(self, declared: Map) -> Approval | None:
        said = declared.get("approval")
        if said is None:
            return None
        users = self._people(said, "users") if "users" in said else None
        roles = self._known_roles(said, "roles")
        reject_to = said.get("reject_to", "")
        if reject_to:
            self._state(said, "reject_to", reject_to)
        if not roles and "users" not in said:
            message, hint = "nobody is asked", "say whom: `roles: […]`, or `users: record.account.owner`"
            self.complaints.at_key(declared, "approval", "bad-transition", message, hint)
        return Approval(
            place=declared.key_place("approval"),
            roles=roles,
            users=users,
            needed=said.get("at_least", 1),
            one_after_another=said.get("one_after_another", False),
            reject_to=reject_to,
            remind_after=read_duration(said["remind_after"]) if "remind_after" in said else None,
        )

    # ---- what fires it by itself

    def _calendar(self, declared: Map) -> str:
        name = declared.get("calendar", "")
        if name and name not in self.names.calendars:
            self.complaints.unknown_name(declared, "calendar", "calendar_of_work", name, self.names.calendars)
        return str(name)

    def _trigger(self, declared: Map) -> Trigger | None:
        kinds = [key for key in TRIGGERS if key in declared]
        if not kinds:
            return None
        return Trigger(
            place=declared.key_place(kinds[0]),
            after=read_duration(declared["after"]) if "after" in declared else None,
            calendar=self._calendar(declared),
            on=declared.get("on"),
            changed=frozenset(self.members(declared, "changed")),
            schedule=declared.get("schedule", ""),
        )

    def _check_trigger(self, declared: Map, start: bool) -> None:
        kinds = [key for key in TRIGGERS if key in declared]
        self.check_schedule(declared)
        if len(kinds) > 1:
            message = f"it fires by {kinds[0]!r} or by {kinds[1]!r}, not by both"
            self.complaints.at_key(declared, kinds[1], "bad-transition", message, "make it two transitions")
        if kinds and start:
            message = "a transition that makes a record is fired by somebody"
            self.complaints.at_key(
                declared, kinds[0], "bad-transition", message, "use an automation that creates"
            )
        needs = {"calendar": "after", "changed": "on", "when": TRIGGERS}
        for key, needed in needs.items():
            names = (needed,) if isinstance(needed, str) else needed
            if key in declared and not any(name in declared for name in names):
                message = f"{key!r} says something of transitions that fire by themselves"
                hint = f"add {' or '.join(f'`{name}`' for name in names)}, or take it out"
                if key == "when":
                    hint = "people meet conditions as `guard`, or `hidden_if`"
                self.complaints.at_key(declared, key, "bad-transition", message, hint)


TRIGGERS = ("after", "on", "schedule")


def _leaves(node: Node) -> Iterator[str | None]:
    """The constants a value is one of; None among them where it may be something else."""
    match node:
        case Const():
            yield node.value
        case Choose():
            yield from _leaves(node.yes)
            yield from _leaves(node.no)
        case Coalesce():
            for each in node.operands:
                yield from _leaves(each)
        case _:
            yield None
