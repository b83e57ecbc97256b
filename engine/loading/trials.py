"""Reading of the tests of the configuration; every entity, property, role, name and expression is one there is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from yaml import ScalarNode

from engine.declared.shapes import Shapes
from engine.documents.complaints import meant
from engine.documents.documents import uncertain
from engine.expressions.complaint import ExpressionError
from engine.loading.trial_deeds import DeedReader
from engine.loading.trial_givens import Known
from engine.metamodel.entity import Entity
from engine.metamodel.expression import Expression
from engine.metamodel.property import Property
from engine.metamodel.trial import ACTOR, MADE, Act, Condition, Deed, Expected, Told, Trial
from engine.metamodel.workflow import Workflow
from engine.text.alignment import Located
from engine.text.yaml_tree import Map, Seq
from engine.typecheck.check import CONDITION, check
from engine.typecheck.schema import Roots
from engine.types.base import Refused

OUTCOMES = ("visible", "hidden", "readonly", "required")
LISTED = ("listed", "not_listed")
OF_TRANSITIONS = ("open", "not_open")


def read_trials(known: Known) -> dict[str, Trial]:
    """Every test that is right."""
    read = (TrialReader(known, root).trial() for root in known.found.by_kind["test"].values())
    return {trial.name: trial for trial in read if trial is not None}


class TrialReader(DeedReader):
    """Reads one test; what is wrong has been complained of, and then there is none."""

    def trial(self) -> Trial | None:
        """The test, or None where it is wrong."""
        before = len(self.complaints.problems)
        self._givens()
        actor, now, parameters = self._actor(), self._now(), self._parameters()
        when, then = self.root.map("when"), self.root.map("then")
        steps = tuple(self.deed(each, f"step {number}") for number, each in enumerate(self._steps(), 1))
        deed = self.deed(when, "this test")
        if deed is None or len(self.complaints.problems) > before:
            return None
        entity = self.entities.get(deed.entity)
        outcomes = self._outcomes(then, deed, entity) | self._told(then, deed.act, entity)
        notified, mailed = self._notified(then), self._mailed(then)
        conditions = self._conditions(then, deed.act, entity)
        if len(self.complaints.problems) > before:
            return None
        return Trial(
            name=self.root["test"],
            place=self.root.key_place("test"),
            description=self.root.get("description", ""),
            given=self.given,
            actor=actor,
            now=now,
            parameters=parameters,
            steps=tuple(each for each in steps if each is not None),
            deed=deed,
            refused=self._refused(then),
            outcomes=outcomes,
            conditions=conditions,
            notified=notified,
            mailed=mailed,
        )

    def _notified(self, then: Map) -> tuple[Told, ...]:
        """Who is to be told what."""
        return tuple(
            _what(each)
            for each in _maps(then, "notified")
            if "to" in each and self._given(each, "to", each["to"], ("user",))
        )

    def _mailed(self, then: Map) -> tuple[Told, ...]:
        """Who is to be mailed what."""
        return tuple(
            _what(each)
            for each in _maps(then, "mailed")
            if "to" in each and ("@" in each["to"] or self._given(each, "to", each["to"], ("user",)))
        )

    def _told(self, then: Map, act: Act, entity: Entity | None) -> dict[str, tuple[Expected, ...]]:
        """Who is to be told or mailed nothing, and the comments that are to be on the record."""
        nobody, unmailed, comments = (then.seq(key) for key in ("not_notified", "not_mailed", "comments"))
        for position, name in enumerate(nobody):
            self._given(nobody, position, name, ("user",))
        for position, name in enumerate(unmailed):
            if "@" not in name:
                self._given(unmailed, position, name, ("user",))
        if comments and entity is None:
            message, hint = "'comments' are on one record", "say of which record: `on: NAME`"
            self.complaints.at_key(then, "comments", "bad-test", message, hint)
        replies = then.seq("replied")
        if replies and act != "mail":
            message, hint = "who wrote a mail is answered", "it belongs to `mail`"
            self.complaints.at_key(then, "replied", "bad-test", message, hint)
        return {
            key: tuple(Expected(text=each, place=said.place_of(at)) for at, each in enumerate(said))
            for key, said in (
                ("not_notified", nobody),
                ("not_mailed", unmailed),
                ("comments", comments),
                ("replied", replies),
            )
            if said
        }

    def _now(self) -> datetime | None:
        """When it begins, on the application's clock."""
        if not isinstance(self.root.get("now"), str):
            return None
        try:
            written = datetime.fromisoformat(self.root["now"])
        except ValueError:
            self.complaints.at_value(self.root, "now", "bad-value", "there is no such day or time", "")
            return None
        return written.replace(tzinfo=ZoneInfo(self.known.timezone)).astimezone(UTC)

    def _parameters(self) -> dict[str, dict[str, Any]]:
        """What parameters of workflows are set to."""
        said, workflows = self.root.map("parameters"), self.known.workflows
        for name in said:
            if name not in workflows and name not in self.known.found.known("workflow"):
                message, hint = f"no workflow {name!r}", meant(name, list(workflows))
                self.complaints.at_key(said, name, "unknown-workflow", message, hint)
        return {name: dict(self._set(said.map(name), workflows[name])) for name in said if name in workflows}

    def _set(self, said: Map, workflow: Workflow) -> Iterator[tuple[str, Any]]:
        for name in said:
            prop = workflow.parameters.get(name)
            declared = self.known.found.by_kind["workflow"][workflow.name].map("parameters")
            if prop is None and name in {*declared, *declared.broken}:
                continue  # what is wrong with it has been complained of there
            if prop is None:
                message = f"{workflow.name} has no parameter {name!r}"
                hint = meant(name, list(workflow.parameters))
                self.complaints.at_key(said, name, "unknown-parameter", message, hint)
                continue
            value, refusal = _value(prop, said, name)
            if refusal:
                self.complaints.at_value(said, name, "bad-value", refusal, "")
            else:
                yield name, value

    def _steps(self) -> list[Map]:
        return [each for each in self.root.seq("steps") if isinstance(each, Map)]

    # ---- what comes of it

    def _refused(self, then: Map) -> Expected | None:
        if "refused" not in then:
            return None
        said = then["refused"]
        return Expected(text="" if said is True else said, place=then.key_place("refused"))

    def _outcomes(self, then: Map, deed: Deed, entity: Entity | None) -> dict[str, tuple[Expected, ...]]:
        found: dict[str, tuple[Expected, ...]] = {}
        for key in (*OUTCOMES, *LISTED, *OF_TRANSITIONS):
            names = then.seq(key)
            of_page = deed.act == "mail" and key in OUTCOMES  # nobody has a page of it open
            if names and ((deed.act == "list") != (key in LISTED) or entity is None or of_page):
                message = f"{key!r} says nothing of {deed.act!r}"
                hint = "it belongs to `list`" if key in LISTED else "it belongs to one record"
                hint = "say of which record: `on: NAME`" if deed.act == "wait" else hint
                self.complaints.at_key(then, key, "bad-test", message, hint)
            for position, name in enumerate(names if entity is not None else ()):
                assert entity is not None
                if key in LISTED:
                    self._given(names, position, name, (entity.name,))
                elif key in OF_TRANSITIONS:
                    self._open(names, position, name, entity)
                else:
                    self._member(names, name, entity, position)
            if names:
                found[key] = tuple(
                    Expected(text=name, place=names.place_of(position)) for position, name in enumerate(names)
                )
        return found

    def _open(self, names: Seq, position: int, name: str, entity: Entity) -> None:
        known = self.known.openable(entity.name)
        lost = self.known.found.lost["workflow"] or uncertain(entity.document, ("actions",), name)
        if name not in known and not lost:
            message = f"{entity.name} has no transition or button {name!r}"
            self.complaints.at_value(names, position, "unknown-transition", message, meant(name, known))

    def _conditions(self, then: Map, act: Act, entity: Entity | None) -> tuple[Condition, ...]:
        records = {name: (made.entity,) for name, made in self.given.items()}
        records[ACTOR] = ("user",)
        if act != "list" and entity is not None:
            records[MADE] = (entity.name,)
        roots = Roots(
            records=records,
            roles=self.known.named.roles,
            capabilities=self.known.named.capabilities,
            key="expect",
        )
        names = then.seq("expect")
        return tuple(self._checked(names, position, roots) for position in range(len(names)))

    def _checked(self, holder: Seq, position: int, roots: Roots) -> Condition:
        entry = holder.entries[position]
        located = Located(entry.source, entry.value) if isinstance(entry.value, ScalarNode) else None
        said = Expression(holder.raw(position) or "", holder.text_place(position), located)
        shapes = Shapes(self.entities, loading=True)
        try:
            checked = check(said.text, roots, shapes, self.known.functions, CONDITION)
        except ExpressionError as error:
            self.complaints.at_expression(said, error.complaints)
            return Condition(expression=said, checked=None)
        return Condition(expression=said, checked=checked)


def _value(prop: Property, said: Map, name: str) -> tuple[Any, str]:
    """The value of a parameter in JSON form, and why it can't have it."""
    if said[name] is None:
        return None, f"{name!r} is required" if prop.required else ""
    refusal = ""
    for attempt in (said[name], said.raw(name)):
        try:
            return prop.type.to_json(prop.type.parse(attempt)), ""
        except Refused as refused:
            refusal = refusal or f"{name!r} can't be set to this: {refused}"
    return None, refusal


def _maps(then: Map, key: str) -> list[Map]:
    return [each for each in then.seq(key) if isinstance(each, Map)]


def _what(said: Map) -> Told:
    """Who is to be told or mailed something, and its words."""
    return Told(to=said["to"], subject=said.get("subject", ""), text=said.get("text", ""), place=said.place)
