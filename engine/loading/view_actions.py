"""Reading which buttons a view shows, and in which order: once it is known which transitions and buttons there are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from engine.declared.paths import Fault, resolve
from engine.declared.rules import Rules
from engine.documents.complaints import Complaints, meant
from engine.documents.documents import Documents, uncertain
from engine.loading.steps import Scope, StepReader
from engine.metamodel.action import Value
from engine.metamodel.entity import Entity
from engine.metamodel.page import WORDS, View, ViewAction
from engine.metamodel.workflow import Transition, Workflow
from engine.text.yaml_tree import Map, Seq

GIVEN = re.compile(r"record(\.[a-z_][a-z0-9_]*)?")
"""What a new record is given of the one it is made from: that one, or a member of it."""


@dataclass(frozen=True)
class ViewActions:
    """Reads the `actions` of views."""

    found: Documents
    checker: Rules
    workflows: Mapping[str, Workflow]
    buttons: Mapping[str, Mapping[str, Transition]]

    @property
    def complaints(self) -> Complaints:
        return self.checker.complaints

    def read(self, views: Mapping[str, View]) -> dict[str, View]:
        """The views, each with its actions."""
        return {name: self._of(view) for name, view in views.items()}

    def _of(self, view: View) -> View:
        root, entity = self.found.by_kind["view"][view.entity], self.checker.entities[view.entity]
        if root.get("actions") is None:
            return view
        return replace(view, actions=tuple(self._actions(root.seq("actions"), entity)))

    def _actions(self, declared: Seq, entity: Entity) -> Iterator[ViewAction]:
        told: set[str] = set()
        for position, each in enumerate(declared):
            if isinstance(each, Map):
                made = self._create(each, entity)
            elif str(each) in told:
                message = f"{str(each)!r} is in the list already"
                self.complaints.at_value(declared, position, "duplicate-name", message, "name it once")
                made = None
            else:
                told.add(str(each))
                made = self._named(declared, position, str(each), entity)
            if made is not None:
                yield made

    def _named(self, declared: Seq, position: int, name: str, entity: Entity) -> ViewAction | None:
        """A transition or button by its name, or what is done to every record."""
        transitions = self._transitions(entity)
        transition = transitions.get(name)
        if transition is not None and not _offered(transition):
            what = "is fired by actions only" if transition.hidden else "makes a record"
            message, hint = f"{name!r} {what}: no record's page offers it", "take it out"
            self.complaints.at_value(declared, position, "bad-layout", message, hint)
            return None
        offered = [each.name for each in transitions.values() if _offered(each)]
        known = [*offered, *self.buttons.get(entity.name, ())]
        place = declared.place_of(position)
        if name in known:
            return ViewAction(name=name, place=place)
        if name in WORDS:
            return ViewAction(name=name, word=True, place=place)
        lost = self.found.lost["workflow"] or uncertain(entity.document, ("actions",), name)
        if not lost and not self._written(entity, name):
            message = f"{entity.name} has no transition, button or page {name!r}"
            hint = meant(name, [*known, *WORDS])
            self.complaints.at_value(declared, position, "unknown-transition", message, hint)
        return None

    def _transitions(self, entity: Entity) -> dict[str, Transition]:
        mine = (each for each in self.workflows.values() if each.entity == entity.name)
        return {name: made for each in mine for name, made in each.transitions.items()}

    def _written(self, entity: Entity, name: str) -> bool:
        """Whether a transition is declared, though it could not be read: that has been said."""
        roots = (root for root in self.found.by_kind["workflow"].values() if root["entity"] == entity.name)
        return any(name in root.map("transitions") for root in roots)

    # ---- new records

    def _create(self, declared: Map, entity: Entity) -> ViewAction | None:
        if declared.broken:
            return None
        target = self.checker.entities.get(declared["create"])
        if target is None:
            if declared["create"] not in self.found.lost["entity"]:
                known = self.checker.entities
                self.complaints.unknown_name(declared, "create", "entity", declared["create"], known)
            return None
        if target.child_of or target.singleton:
            message = f"no {target.name} is created on a form of its own"
            self.complaints.at_value(declared, "create", "bad-layout", message, "take it out")
            return None
        holder = declared.map("with")
        values = StepReader(self.checker, entity, Scope(), f"view {entity.name}").values(holder, target)
        return ViewAction(
            name=declared["create"],
            create=True,
            label=declared.get("label") or f"New {target.label.lower()}",
            icon=declared.get("icon") or "plus",
            values={name: each for name, each in values.items() if self._given(holder, name, each, entity)},
            place=declared.place,
        )

    def _given(self, holder: Map, name: str, value: Value, entity: Entity) -> bool:
        """Whether a form can be given a value as its reader sees it: what they may not read is not in it."""
        if value.template is None and value.expression is None:
            return True
        text = value.expression.text.strip() if value.expression is not None else ""
        member = text.removeprefix("record").removeprefix(".")
        if GIVEN.fullmatch(text):
            return not member or not isinstance(resolve(member, entity, self.checker.entities), Fault)
        message = "the form of a new record is given this record, a value of it, or a constant"
        hint = "write {cel: record} or {cel: record.MEMBER}"
        self.complaints.at_value(holder, name, "bad-value", message, hint)
        return False


def _offered(transition: Transition) -> bool:
    """Whether the page of a record ever offers a transition."""
    return bool(transition.sources) and not transition.hidden
