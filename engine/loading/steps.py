"""Reading what happens to records by a process: expressions over what is at hand there, and the values given.

An expression of a process may start from more than the record: from the values of a form, from the record a list
is at, from records that earlier actions made. So each is checked where it is read, while it is known what there is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from engine.cron import BadCron, next_after
from engine.declared.paths import Fault, resolve
from engine.declared.rules import Rule, Rules
from engine.declared.shapes import kind_of
from engine.documents.complaints import Complaints, meant
from engine.documents.documents import document_of, uncertain
from engine.expressions.kinds import STRING, Kind, ListKind, RecordKind
from engine.loading.members import expression
from engine.loading.parameters import NONE, Parameters
from engine.metamodel.action import Value
from engine.metamodel.entity import Entity
from engine.metamodel.expression import Expression
from engine.metamodel.mailbox import MAIL, field_of
from engine.metamodel.property import Property
from engine.metamodel.relation import Relation
from engine.metamodel.workflow import PARAMETERS, input_of, parameter_of
from engine.text.labels import with_article
from engine.text.template import Field, Template, TemplateError, parse_template
from engine.text.yaml_tree import Map, Seq
from engine.typecheck.names import EVERY_ROOT
from engine.typecheck.schema import MemberShape, Roots
from engine.types.base import Refused

MEMBERS = ("properties", "relations")


@dataclass(frozen=True)
class Scope:
    """What the expressions of a process may start from, beside the record and who acts.

    `named` are records by name, with their entities; `asked` the values of a form; `before` says that the record
    as it was before is at hand.
    """

    named: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    asked: Mapping[str, MemberShape] = field(default_factory=dict)
    before: bool = False
    inputs: Mapping[str, Property] = field(default_factory=dict)  # what `asked` are, for texts
    mail: Mapping[str, MemberShape] = field(default_factory=dict)  # of a mail that arrived; then nobody acts
    recordless: bool = False  # there is no record yet
    parameters: Parameters = NONE  # those of the workflow

    def with_record(self, name: str, entity: str) -> Scope:
        """The scope of what comes after a record has got a name."""
        return replace(self, named={**self.named, name: (entity,)})


def asked_shapes(inputs: Mapping[str, Property]) -> dict[str, MemberShape]:
    """The values of a form that are no members of the record, as expressions see them below `form`."""
    kinds = ((name, each, kind_of(each.type)) for name, each in inputs.items())
    return {name: MemberShape(name, kind, each.required) for name, each, kind in kinds if kind is not None}


class StepReader:
    """Reads expressions and values for the records of one entity; what is right is kept in `rules`."""

    def __init__(self, checker: Rules, about: Entity, scope: Scope, owner: str) -> None:
        self.checker, self.about, self.scope, self.owner = checker, about, scope, owner
        self.rules: list[Rule] = []

    @property
    def entities(self) -> Mapping[str, Entity]:
        return self.checker.entities

    @property
    def complaints(self) -> Complaints:
        return self.checker.complaints

    # ---- expressions

    def read(self, holder: Map | Seq, key: Any, what: str, wanted: Kind | None = None) -> Expression | None:
        """The expression below a key; None where it is wrong, and has been complained of."""
        rule = self.rule(holder, key, what, wanted)
        return rule.expression if rule is not None else None

    def optional(self, holder: Map, key: str, what: str) -> Expression | None:
        return self.read(holder, key, what) if holder.get(key) is not None else None

    def rule(self, holder: Map | Seq, key: Any, what: str, wanted: Kind | None = None) -> Rule | None:
        """The same, with what it was checked to be; `what` is the kind of rule."""
        found = self.checker.check_from(
            self._roots(key if isinstance(key, str) else what),
            self.about.name,
            what,
            self.owner,
            expression(holder, key),
            wanted,
        )
        if found is not None:
            self.rules.append(found)
        return found

    def record_of(self, holder: Map | Seq, key: Any) -> tuple[Expression, str] | None:
        """An expression that gives one record, and its entity."""
        rule = self.rule(holder, key, "record")
        if rule is None:
            return None
        kind = rule.checked.kind
        if isinstance(kind, RecordKind) and len(kind.entities) == 1:
            return rule.expression, kind.entities[0]
        self._no_record(holder, key, kind, "a record of one entity is needed here")
        return None

    def records_of(self, holder: Map | Seq, key: Any) -> tuple[Expression, str] | None:
        """An expression that gives several records, and their entity."""
        rule = self.rule(holder, key, "record")
        if rule is None:
            return None
        kind = rule.checked.kind
        item = kind.item if isinstance(kind, ListKind) else None
        if isinstance(item, RecordKind) and len(item.entities) == 1:
            return rule.expression, item.entities[0]
        self._no_record(holder, key, kind, "records are needed here, for example record.lines")
        return None

    def _no_record(self, holder: Map | Seq, key: Any, kind: Kind, hint: str) -> None:
        self.complaints.at_value(holder, key, "type-mismatch", f"this gives {kind.word}", hint)

    def _roots(self, key: str) -> Roots:
        records: dict[str, tuple[str, ...]] = {"record": (self.about.name,), **self.scope.named}
        if self.scope.recordless:
            del records["record"]
        optional = set(self.scope.named)
        if "user" in self.entities and not self.scope.mail:
            records["user"] = ("user",)
        if self.scope.before:
            records["old"] = (self.about.name,)
            optional.add("old")
        named = self.checker.named
        values = {
            "form": self.scope.asked,
            PARAMETERS: self.scope.parameters.shapes,
            MAIL: self.scope.mail,
        }
        return Roots(
            records=records,
            optional=frozenset(optional),
            values={root: known for root, known in values.items() if known},
            roles=named.roles,
            capabilities=named.capabilities,
            changes=self.scope.before,
            key=key,
        )

    # ---- members

    def members(self, holder: Map, key: str) -> tuple[str, ...]:
        """The names of members that a list below a key holds; those that are none are complained of."""
        names = holder.seq(key)
        for position, name in enumerate(names):
            if name not in self.about.properties and name not in self.about.relations:
                self._no_member(names, position, str(name))
        return tuple(names)

    def _no_member(self, names: Seq, position: int, name: str) -> None:
        if not uncertain(document_of(self.about), MEMBERS, name):
            known = [*self.about.properties, *self.about.relations]
            message = f"no property {name!r} on {self.about.name}"
            self.complaints.at_value(names, position, "unknown-property", message, meant(name, known))

    def check_schedule(self, holder: Map) -> None:
        """A schedule is a cron expression whose moments come."""
        if "schedule" not in holder:
            return
        try:
            next_after(holder["schedule"], "UTC", datetime(2026, 1, 1, tzinfo=UTC))
        except BadCron as error:
            message, _, hint = str(error).partition(": ")
            self.complaints.at_value(holder, "schedule", "bad-schedule", message, hint)

    # ---- values

    def values(self, holder: Map, target: Entity) -> dict[str, Value]:
        """The values of members of an entity; those that are right."""
        read = {name: self._value(holder, name, target) for name in holder}
        return {name: value for name, value in read.items() if value is not None}

    def free(self, holder: Map) -> dict[str, Value]:
        """Values for whoever takes them: JSON, expressions, texts with data."""
        found: dict[str, Value] = {}
        for name, written in holder.items():
            place = holder.place_of(name)
            if isinstance(written, Map) and list(written) == ["cel"]:
                found[name] = Value(place=place, expression=self.read(written, "cel", "value"))
            elif isinstance(written, str) and "{" in written:
                found[name] = Value(place=place, template=self.template(holder, name))
            else:
                found[name] = Value(place=place, literal=written)
        return found

    def _value(self, holder: Map, name: str, target: Entity) -> Value | None:
        member = target.properties.get(name) or target.relations.get(name)
        if member is None:
            self._unknown(holder, name, target)
            return None
        reason = unwritable(member)
        if reason is not None:
            self.complaints.at_key(
                holder, name, "not-writable", f"{target.name}.{name} {reason[0]}", reason[1]
            )
            return None
        return self.value(holder, name, member, target)

    def value(
        self, holder: Map, key: str, member: Property | Relation, target: Entity | None = None
    ) -> Value | None:
        """What stands below a key, as a value of a member."""
        written, place = holder[key], holder.place_of(key)
        if isinstance(written, Map) and list(written) == ["cel"]:
            found = self.read(written, "cel", "value", self._wanted(member, target))
            return None if found is None else Value(place=place, expression=found)
        if written is None:
            return Value(place=place)
        if isinstance(member, Relation):
            message, hint = (
                f"{member.name!r} is given a record",
                "an expression gives it, such as {cel: record}",
            )
            self.complaints.at_value(holder, key, "bad-value", message, hint)
            return None
        if isinstance(written, str) and "{" in written and member.type.expression_type == "string":
            made = self.template(holder, key)
            return None if made is None else Value(place=place, template=made)
        return self._literal(holder, key, member)

    def _wanted(self, member: Property | Relation, target: Entity | None) -> Kind | None:
        if target is not None:
            shape = self.checker.stored.member(target.name, member.name)
            return shape.kind if shape is not None else None
        return kind_of(member.type) if isinstance(member, Property) else RecordKind(member.targets)

    def _literal(self, holder: Map, key: str, prop: Property) -> Value | None:
        said: Any = ""
        for attempt in (holder[key], holder.raw(key)):
            try:
                return Value(place=holder.place_of(key), literal=prop.type.parse(attempt))
            except Refused as refused:
                said = said or refused
        message = f"{prop.name!r} can't be given this: {said}"
        self.complaints.at_value(holder, key, "bad-value", message, _as_expression(holder[key]))
        return None

    def _unknown(self, holder: Map, name: str, target: Entity) -> None:
        if not uncertain(document_of(target), MEMBERS, name):
            known = [*target.properties, *target.relations]
            message = f"no property {name!r} on {target.name}"
            self.complaints.at_key(holder, name, "unknown-property", message, meant(name, known))

    # ---- texts

    def template(self, holder: Map, key: str) -> Template | None:
        """A text with data of the record in it; None where it is wrong, and has been complained of."""
        try:
            made = parse_template(str(holder[key]))
        except TemplateError as error:
            message = f"this text can't be read: {error}"
            self.complaints.at_word(holder, key, error.offset, "{", "bad-template", message)
            return None
        good = [self._field(holder, key, part) for part in made.parts if isinstance(part, Field)]
        return self._with_parameters(made) if all(good) else None

    def _with_parameters(self, made: Template) -> Template:
        """The text with the parameters it tells called as they are everywhere: by workflow and name."""
        known, about = self.scope.parameters, self.about
        parts = tuple(
            replace(part, path=f"{PARAMETERS}.{known.workflow}.{name}")
            if isinstance(part, Field) and (name := parameter_of(part.path, about)) is not None
            else part
            for part in made.parts
        )
        return replace(made, parts=parts)

    def _field(self, holder: Map, key: str, part: Field) -> bool:
        if self.scope.mail and (self.scope.recordless or field_of(part.path) is not None):
            return self._of_mail(holder, key, part)
        if input_of(part.path, self.about) is not None:
            return self._input(holder, key, part)
        if parameter_of(part.path, self.about) is not None:
            return self._parameter(holder, key, part)
        found = resolve(part.path, self.about, self.entities)
        if isinstance(found, Fault):
            if found.code:
                at = part.offset + found.offset
                self.complaints.at_word(holder, key, at, found.word, found.code, found.message, found.hint)
            return False
        told = (
            not found.type.secret if isinstance(found, Property) else found.to_one and not found.polymorphic
        )
        if not told:
            message = f"{part.path!r} can't be told in a text"
            self.complaints.at_word(holder, key, part.offset, part.path, "bad-template", message)
        return told

    def _of_mail(self, holder: Map, key: str, part: Field) -> bool:
        """A field of the mail, as `{mail.subject}`."""
        name, hint = field_of(part.path), ""
        shape = self.scope.mail.get(name or "")
        texts = [each for each, found in self.scope.mail.items() if found.kind is STRING]
        if name is None:
            message, hint = (
                f"{part.path!r}: there is no record yet",
                "say what stands in the mail: {mail.subject}",
            )
        elif shape is None:
            message, hint = f"there is no mail.{name}", meant(name, texts)
        else:
            message = f"{part.path!r} can't be told in a text"
        told = shape is not None and shape.kind is STRING
        if not told:
            self.complaints.at_word(holder, key, part.offset, part.path, "bad-template", message, hint)
        return told

    def _input(self, holder: Map, key: str, part: Field) -> bool:
        """A value of the form, as `{form.reason}`."""
        name = input_of(part.path, self.about) or ""
        found = self.scope.inputs.get(name)
        hint = ""
        if found is not None:
            message = f"{part.path!r} can't be told in a text"
        elif name in self.about.properties or name in self.about.relations:
            message, hint = f"{name!r} is a member of {self.about.name}", f"write {{{name}}}"
        elif not self.scope.inputs:
            message = "no form asks for anything here"
        else:
            message, hint = f"no form here asks for {name!r}", meant(name, list(self.scope.inputs))
        told = found is not None and not (found.type.secret or found.sensitive)
        if not told:
            self.complaints.at_word(holder, key, part.offset, part.path, "bad-template", message, hint)
        return told

    def _parameter(self, holder: Map, key: str, part: Field) -> bool:
        """A parameter of the workflow, as `{parameters.limit}`."""
        name, known = parameter_of(part.path, self.about) or "", self.scope.parameters
        if name in known.shapes:
            return name in known.properties  # else it has been complained of
        hint = meant(name, list(known.shapes)) if known.shapes else "a workflow declares its own"
        message = f"there is no parameter {name!r} here"
        self.complaints.at_word(holder, key, part.offset, part.path, "bad-template", message, hint)
        return False


def _as_expression(written: object) -> str:
    """How to write what stands in place of a value, where it looks like an expression."""
    if not isinstance(written, str):
        return ""
    looks_so = written.endswith(")") or written.partition(".")[0] in EVERY_ROOT
    return f"write an expression as {{cel: {written}}}" if looks_so else "an expression is written {cel: …}"


def unwritable(member: Property | Relation) -> tuple[str, str] | None:
    """Why a process can't give a member a value, and what to do instead; None where it can."""
    if isinstance(member, Relation):
        if member.system and member.name in ("created_by", "updated_by"):
            return "is set by the engine", "take it out"
        if not member.holds_key:
            return "leads to many records", "use link, unlink, or create with the other side's relation"
        return None
    if member.computed:
        return "is computed", "change what it is computed from"
    if member.system:
        return "is set by the engine", "take it out"
    if hasattr(member.type, "workflow"):
        return "is a state: only transitions move it", "use `transition: NAME`"
    if not member.type.writable:
        return f"is {with_article(member.type.name)}: the engine sets it", "take it out"
    return None
