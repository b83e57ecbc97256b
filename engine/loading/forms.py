"""Reading what the form of a transition (or of a button) asks for: members of the record, and values of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from engine.documents.complaints import meant
from engine.documents.documents import document_of, uncertain
from engine.documents.schemas.actions import CEL
from engine.documents.schemas.parts import ANYTHING, FLAG, TEXT, either, key, mapping
from engine.documents.shape import Shape
from engine.loading.members import Reading, read_property
from engine.loading.steps import MEMBERS, StepReader, unwritable
from engine.metamodel.property import Property
from engine.metamodel.relation import Relation
from engine.metamodel.workflow import Asked
from engine.text.labels import words
from engine.text.yaml_tree import Map, Seq
from engine.types.long_text import LongTextType

COMMENT = "comment"
"""What every form may ask for without saying more: a note that the history keeps."""

REQUIRED = "required"

MEMBER = Shape(
    mapping(
        {
            "required": key(FLAG, "Whether it has to be filled in.", True),
            "init": key(either(CEL, ANYTHING), "What it begins with.", {"cel": "user"}),
            "label": key(TEXT, "What it is called here.", "Who takes it"),
            "help": key(TEXT, "What is said below it.", "They will be told."),
        }
    ),
    "a member in a form",
)


class FormReader:
    """Reads the items of `form`."""

    def __init__(self, steps: StepReader, reading: Reading) -> None:
        self.steps, self.reading, self.complaints = steps, reading, steps.complaints

    def asked(self, declared: Seq) -> tuple[Asked, ...]:
        """What is asked for, in order; each once."""
        found: dict[str, Asked] = {}
        for position, written in enumerate(declared):
            for each in self._asked(declared, position, written):
                if each.name in found:
                    message = f"{each.name!r} stands here twice"
                    self.complaints.at_value(declared, position, "duplicate-name", message, "ask once")
                found.setdefault(each.name, each)
        return tuple(found.values())

    def _asked(self, declared: Seq, position: int, written: Any) -> Iterator[Asked]:
        if not isinstance(written, Map):
            if self._member(declared, position, written) is not None:
                yield Asked(name=written, place=declared.place_of(position))
            elif written == COMMENT:
                yield self._comment(Asked(name=written, place=declared.place_of(position)))
            return
        if len(written) != 1:
            return  # it has been complained of
        (name,) = written
        said = written[name]
        if said == REQUIRED or said is None:
            asked = Asked(name=name, place=written.key_place(name), required=said == REQUIRED)
            if self._member(written, name, name) is not None:
                yield asked
            elif name == COMMENT:
                yield self._comment(asked)
        elif not isinstance(said, Map):
            message = f"{name!r} is asked for with its own keys"
            hint = f"write {name}: required, or {name}: {{required: true}}"
            self.complaints.at_value(written, name, "wrong-type", message, hint)
        elif "type" in said:
            yield from self._own(written, name, said)
        else:
            yield from self._told(written, name, said)

    def _comment(self, asked: Asked) -> Asked:
        prop = Property(
            name=COMMENT, type=LongTextType(), label="Comment", place=asked.place, required=asked.required
        )
        return replace(asked, own=prop)

    def _told(self, written: Map, name: str, said: Map) -> Iterator[Asked]:
        """A member, with more about it."""
        member = self._member(written, name, name)
        if not MEMBER.check(said, self.complaints):
            return
        init = None
        if member is not None and "init" in said:
            init = self.steps.value(said, "init", member, self.steps.about)
        asked = Asked(
            name=name,
            place=written.key_place(name),
            required=said.get("required", False),
            init=init,
            label=said.get("label", ""),
            help=said.get("help", ""),
        )
        if member is not None:
            yield asked
        elif name == COMMENT:
            yield self._comment(asked)

    def _own(self, written: Map, name: str, said: Map) -> Iterator[Asked]:
        """A value that is no member: asked for, told to guards and actions, and kept in the history."""
        about = self.steps.about
        if name in about.properties or name in about.relations:
            message = f"{about.name} has {name!r}: it is asked for as it is"
            self.complaints.at_key(
                said, "type", "name-clash", message, "take `type` out, or choose another name"
            )
            return
        init, late = said.get("init"), None
        if init is not None:
            late = said.entries["init"]
            del said["init"]
        made = read_property(name, said, self.reading)
        if made is None:
            return
        if made.conditions or made.computed:
            message = "a value that is asked for once has no rules of its own"
            hint = "say `init: {cel: …}` for what it begins with, and `guard` for what has to hold"
            self.complaints.at_key(said, next(iter(made.conditions)), "bad-transition", message, hint)
            return
        value = None
        if late is not None:
            said["init"] = init
            value = self.steps.value(said, "init", made)
        yield Asked(
            name=name,
            place=written.key_place(name),
            required=made.required,
            init=value,
            own=made,
            label=made.label or words(name),
            help=made.help,
        )

    def _member(self, holder: Any, at: Any, name: str) -> Property | Relation | None:
        """The member of that name that a form can ask for; None where there is none, which has been complained of."""
        about = self.steps.about
        member = about.properties.get(name) or about.relations.get(name)
        if member is None:
            if name != COMMENT and not uncertain(document_of(about), MEMBERS, name):
                known = [*about.properties, *about.relations, COMMENT]
                guess = meant(name, known)
                hint = f"{guess} A value of the form's own has a `type`"
                if not guess.startswith("did you mean"):
                    hint = f"a value of the form's own has a type: {{{name}: {{type: text}}}}"
                self._at(holder, at, "unknown-property", f"no property {name!r} on {about.name}", hint)
            return None
        many = isinstance(member, Relation) and member.kind == "many_to_many"
        reason = None if many else unwritable(member)
        if reason is not None:
            self._at(holder, at, "not-writable", f"{about.name}.{name} {reason[0]}", "take it out")
            return None
        return member

    def _at(self, holder: Any, at: Any, code: str, message: str, hint: str) -> None:
        if isinstance(holder, Map):
            self.complaints.at_key(holder, at, code, message, hint)
        else:
            self.complaints.at_value(holder, at, code, message, hint)
