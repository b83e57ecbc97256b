"""Reading of tests of the configuration: what is done, on which record, with which values, and how much later."""

from __future__ import annotations

import keyword
from collections.abc import Mapping
from datetime import timedelta

from engine.documents.complaints import meant
from engine.documents.documents import uncertain
from engine.documents.schemas.trials import ACTS
from engine.loading.forms import COMMENT
from engine.loading.trial_givens import RESERVED, GivenReader
from engine.metamodel.entity import Entity
from engine.metamodel.trial import Act, Deed, Given
from engine.text.yaml_tree import Map
from engine.types.duration import read_duration

ON_RECORDS = ("transition", "reject", "press")
"""What is done on the record that `on` names."""

ALLOWED: Mapping[str, tuple[str, ...]] = {
    "create": ("with", "named"),
    "update": ("with",),
    "transition": ("on", "with", "named"),
    "reject": ("on", "with"),
    "press": ("on", "with"),
    "mail": ("to", "makes", "on", "named"),
    "wait": ("on",),
}
"""What goes with each thing that can be done, beside `at` and `as`."""


class DeedReader(GivenReader):
    """Reads one thing that is done."""

    def deed(self, when: Map, who: str) -> Deed | None:
        """One thing that is done; None where it is wrong, and has been complained of."""
        before = len(self.complaints.problems)
        act = self._act(when, who)
        if act is None:
            return None
        entity, target = self._mail(when) if act == "mail" else self._target(when, act)
        actor = self._somebody(when, when["as"], f"as_{when['as']}") if "as" in when else ""
        if entity is not None and when.get("with"):
            self._answers(when, act, entity)
        if "named" in when and entity is not None:
            self._name(when, entity, target)
        if len(self.complaints.problems) > before:
            return None
        wait = when.get("at", "")
        return Deed(
            act=act,
            place=when.key_place(act if act in when else "at"),
            entity=entity.name if entity is not None else "",
            target=target,
            values=(when["mail"] if act == "mail" else when.get("with")) or {},
            transition=when.get(act, "") if act in ON_RECORDS else "",
            wait=read_duration(wait.removeprefix("+")) if wait else timedelta(),
            actor=actor,
            mailbox=when.get("to", ""),
            named=when.get("named", ""),
        )

    def _act(self, when: Map, who: str) -> Act | None:
        acts: list[Act] = [each for each in ACTS if each in when]  # type: ignore[misc]
        if not acts and "at" in when:
            acts = ["wait"]
        if not acts and when.broken:
            return None  # what is wrong with it has been said
        if len(acts) != 1:
            message = f"{who} does one thing, not {len(acts)}" if acts else f"{who} does nothing"
            hint = f"it takes one of {', '.join(ACTS)}; or `at: +3d`, where time passes"
            self.complaints.at_map(when if when else self.root, "bad-test", message, hint)
            return None
        (act,) = acts
        for key in when:
            if key not in (act, "at", "as", *ALLOWED.get(act, ())):
                message = f"{key!r} says nothing for {act!r}"
                self.complaints.at_key(when, key, "bad-test", message, "take it out")
        return act

    def _target(self, when: Map, act: Act) -> tuple[Entity | None, str | None]:
        """The entity that is acted upon, and the given record."""
        key = "on" if act in (*ON_RECORDS, "wait") else act
        if key not in when:
            if act != "wait":
                what = "a button is pressed" if act == "press" else "a transition is fired"
                message, hint = f"{what} on a record", "add `on: NAME` with that of a given record"
                self.complaints.at_key(when, act, "bad-test", message, hint)
            return None, None
        name = when[key]
        if act in ("create", "list"):
            if name not in self.entities and name not in self.known.found.known("entity"):
                self.complaints.unknown_name(when, key, "entity", name, self.entities)
            return self.entities.get(name), None
        if act == "transition" and name in self.entities and name not in self.given:
            self._transition(when, self.entities[name], act, start=True)
            return self.entities[name], None
        made = self.given.get(name)
        if made is None and (name in self._lost or name in self.root.map("given")):
            return None, None  # what is wrong with it has been said
        if made is None:
            hint = meant(name, list(self.given))
            self.complaints.at_value(when, key, "unknown-given", f"no given record {name!r}", hint)
            return None, None
        entity = self.entities[made.entity]
        if act == "press":
            self._button(when, entity)
        elif act in ON_RECORDS:
            self._transition(when, entity, act, start=False)
        return entity, name

    def _mail(self, when: Map) -> tuple[Entity | None, str | None]:
        """The entity that a mail makes a record of, or the given record that it joins."""
        name, mailboxes = when.get("to"), self.known.mailboxes
        if name is None:
            message, hint = "a mail arrives in a mailbox", "add `to: NAME`"
            self.complaints.at_key(when, "mail", "bad-test", message, hint)
        elif name not in mailboxes and name not in self.known.found.known("mailbox"):
            self.complaints.unknown_name(when, "to", "mailbox", name, mailboxes)
        said = when["mail"]
        if isinstance(said, Map) and "answers" in said:
            self._record_there(said, "answers")
        if "makes" in when and "on" in when:
            message = "a mail makes a record, or it joins one"
            self.complaints.at_key(when, "makes", "bad-test", message, "take one of `makes` and `on` out")
        elif "makes" in when:
            if when["makes"] not in self.entities and when["makes"] not in self.known.found.known("entity"):
                self.complaints.unknown_name(when, "makes", "entity", when["makes"], self.entities)
            return self.entities.get(when["makes"]), None
        elif "on" in when:
            made = self._record_there(when, "on")
            return (self.entities[made.entity], when["on"]) if made is not None else (None, None)
        return None, None

    def _record_there(self, holder: Map, key: str) -> Given | None:
        """The given record that a key names."""
        name = holder[key]
        made = self.given.get(name)
        if made is None and name not in self._lost:
            hint = meant(name, list(self.given))
            self.complaints.at_value(holder, key, "unknown-given", f"no given record {name!r}", hint)
        return made

    def _button(self, when: Map, entity: Entity) -> None:
        """The button is one there is."""
        name = when["press"]
        if self.known.button(entity.name, name) is None and not uncertain(
            entity.document, ("actions",), name
        ):
            known = list(self.known.buttons.get(entity.name, ()))
            message = f"{entity.name} has no button {name!r}"
            self.complaints.at_value(when, "press", "unknown-action", message, meant(name, known))

    def _transition(self, when: Map, entity: Entity, act: Act, *, start: bool) -> None:
        """The transition is one there is; it makes a record where it is fired on an entity, and only there."""
        name, known = when[act], self.known.transitions(entity.name)
        found = self.known.transition(entity.name, name)
        if found is None:
            if not self.known.found.lost["workflow"]:
                message = f"{entity.name} has no transition {name!r}"
                self.complaints.at_value(when, act, "unknown-transition", message, meant(name, known))
        elif found.start != start:
            message = f"{name!r} makes a record" if found.start else f"{name!r} is fired on a record"
            hint = f"write on: {entity.name}" if found.start else "add `on: NAME` with that of a given record"
            self.complaints.at_value(when, "on", "bad-test", message, hint)
        elif act == "reject" and found.approval is None:
            message, hint = f"{name!r} needs nobody's approval", "only what needs approval is refused"
            self.complaints.at_value(when, act, "bad-test", message, hint)

    def _answers(self, when: Map, act: Act, entity: Entity) -> None:
        """The values are those of members, or of what the form of a transition asks for."""
        if act not in ON_RECORDS:
            self._members(when["with"], entity)
            return
        find = self.known.button if act == "press" else self.known.transition
        found = find(entity.name, when[act])
        asked = [each.name for each in found.form] if found is not None and act != "reject" else [COMMENT]
        given = when["with"]
        for name in given if found is not None else ():
            if name not in asked:
                message = f"the form of {when[act]!r} does not ask for {name!r}"
                self.complaints.at_key(given, name, "unknown-property", message, meant(name, asked))
            elif name in entity.relations and given[name] is not None:
                self._related_to(given, name, given[name], entity.relations[name])

    def _name(self, when: Map, entity: Entity, target: str | None) -> None:
        name = when["named"]
        if target is not None:
            message = f"{target!r} has its name already"
            self.complaints.at_key(when, "named", "bad-test", message, "take it out")
        elif name in RESERVED or keyword.iskeyword(name) or name in self.given:
            message = f"{name!r} means something else here"
            self.complaints.at_value(when, "named", "reserved-name", message, "choose another name")
        else:
            self.given[name] = Given(entity=entity.name, values={}, place=when.key_place("named"), later=True)
