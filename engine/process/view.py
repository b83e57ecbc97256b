"""How a process sees the record it is about: every expression and text of it is evaluated from here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from engine.build.rules import Compiled
from engine.drafts.draft import Draft, Parsed
from engine.drafts.facts import draft_facts
from engine.expressions.reads import Need, reads
from engine.metamodel.action import ITEM, Value
from engine.metamodel.entity import Entity
from engine.metamodel.expression import Expression
from engine.metamodel.mailbox import MAIL, field_of
from engine.metamodel.property import Property
from engine.metamodel.workflow import input_of, parameter_of
from engine.reading import titles
from engine.service.notes import Note, Source, part, shown
from engine.text.template import Template
from engine.to_python.trace import Step, trace
from engine.types.base import Refused
from engine.types.file import FileValue
from engine.types.money import Money
from engine.work.context import Context
from engine.work.facts import NOBODY, Record, stored_facts
from engine.work.parameters import setting_of
from engine.work.plans import kept
from engine.work.stored import Key
from engine.work.surroundings import NO_NEED, rooted, surroundings


@dataclass(frozen=True)
class Ready:
    """An expression ready to be evaluated, and what it reads."""

    compiled: Compiled
    needs: Mapping[str, Need]


@dataclass(frozen=True)
class View:
    """A record as a process sees it, with who acts and everything else it may speak of.

    `draft` is what the record will be, as long as it is not written; then it is read from the database. `old` is the
    record as it was, `asked` the values of a form, `named` the records that have a name (None: there is none),
    `added` what somebody said of records that are going to be made, by their names.
    """

    context: Context
    entity: Entity
    number: int
    draft: Draft | None = None
    old: Record | None = None
    asked: Mapping[str, Any] = field(default_factory=dict)
    inputs: Mapping[str, Property] = field(default_factory=dict)  # what `asked` are
    named: Mapping[str, Key | None] = field(default_factory=dict)
    added: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    bound: bool = False  # whether what the record's state freezes binds what is done to it
    known: Record | None = None  # the record, where everything that is asked of it has been read already
    mail: Mapping[str, Any] | None = None  # the mail that led to it, by field

    def written(self) -> View:
        """The same once the draft is written."""
        return replace(self, draft=None, number=self.number or (self.draft.number if self.draft else 0) or 0)

    def with_record(self, name: str, key: Key | None) -> View:
        """The same with a record that has got a name."""
        return replace(self, named={**self.named, name: key})

    def looking(self, asking: Iterable[Expression | Template]) -> View:
        """The same while several expressions and texts are evaluated one after the other: the record is read once."""
        several = tuple(asking)
        if len(several) < 2:
            return self
        key = ("process reads", self.entity.name, several)
        need = kept(self.context.runtime, key, lambda: self._need(several))
        return replace(self, known=self.record(need)) if need.members else self

    def _need(self, asking: Iterable[Expression | Template]) -> Need:
        """What several expressions and texts read of the record."""
        need = Need()
        for each in asking:
            if isinstance(each, Template):
                need.add(self._told_of(each))
            else:
                need.add(self._ready(each).needs.get("record", NO_NEED))
        return need

    # ---- expressions

    def holds(self, condition: Expression | None) -> bool:
        """Whether a condition is true; what is not said holds."""
        return condition is None or bool(self.value(condition))

    def value(self, expression: Expression) -> Any:
        """The value of an expression; None for null and unknown."""
        ready = self._ready(expression)
        record, roots = self._facts(ready)
        return ready.compiled.evaluate(record, roots)

    def traced(self, expression: Expression) -> tuple[Step, ...]:
        """An expression part by part, with the values that decided."""
        ready = self._ready(expression)
        record, roots = self._facts(ready)
        return tuple(trace(ready.compiled.node, record, roots))

    def reads_of(self, expression: Expression) -> Mapping[str, Need]:
        """What an expression reads, by root."""
        return self._ready(expression).needs

    def ways_of(self, expression: Expression, item: str = "") -> Iterator[tuple[str, str]]:
        """What an expression reads of records, each as entity and path; `item` is the entity of that root."""
        known = {name: key[0] for name, key in self.named.items() if key is not None}
        about = dict.fromkeys(("record", "old"), self.entity.name)
        entities = {"user": "user", **about, **known, **({ITEM: item} if item else {})}
        for root, need in self.reads_of(expression).items():
            if root in entities:
                yield from ((entities[root], path) for path in need.paths())

    def records(self, expression: Expression) -> list[Key]:
        """The records that an expression gives: one, several, or none."""
        found = self.value(expression)
        several = [found] if isinstance(found, Mapping) else found or ()
        entities = self.entities(expression)
        return [(each.get("_entity") or entities[0], each["id"]) for each in several if each and each["id"]]

    def entities(self, expression: Expression) -> tuple[str, ...]:
        kind: Any = self.context.runtime.rule_of[expression].checked.kind
        entities: tuple[str, ...] = getattr(getattr(kind, "item", kind), "entities", ())
        return entities

    def _ready(self, expression: Expression) -> Ready:
        def make() -> Ready:
            compiled = Compiled(self.context.runtime.rule_of[expression])
            return Ready(compiled, reads(compiled.node))

        return kept(self.context.runtime, ("process", expression), make)

    def _facts(self, ready: Ready) -> tuple[Record, Any]:
        needs = ready.needs
        is_new = self.draft is not None and self.draft.old is None
        around = surroundings(self.context, needs, is_new=is_new, old=self.old if "old" in needs else None)
        named = {name: self._fact(key, needs[name]) for name, key in self.named.items() if name in needs}
        asked = {f"form.{name}": value for name, value in self.asked.items()}
        asked |= {f"{MAIL}.{name}": value for name, value in (self.mail or {}).items()}
        return self.record(needs.get("record", NO_NEED)), rooted(around, named, asked)

    def record(self, need: Need) -> Record:
        """The record, with what is needed of it."""
        if self.known is not None:
            return self.known
        if self.draft is not None:
            return draft_facts(self.context, self.draft, need)
        if not need.members:
            return {"id": self.number, "_entity": self.entity.name}
        found = stored_facts(self.context, self.entity.name, [self.number], need)
        return found.get(self.number, NOBODY)

    def _fact(self, key: Key | None, need: Need) -> Record | None:
        if key is None:
            return None
        return stored_facts(self.context, key[0], [key[1]], need).get(key[1])

    # ---- values

    def given(self, values: Mapping[str, Value], target: Entity) -> dict[str, Parsed | Refused]:
        """Values for the members of an entity, as the record service takes them; a value may be one it refuses."""
        read = [each.expression or each.template for each in values.values()]
        view = self.looking(each for each in read if each is not None)
        return {name: view._parsed(value, name, target) for name, value in values.items()}

    def _parsed(self, value: Value, name: str, target: Entity) -> Parsed | Refused:
        found = self.plain(value)
        prop = target.properties.get(name)
        if prop is not None and found is not None and value.literal is None:
            if self.mail is not None and isinstance(found, str):
                found = shortened(prop, found)
            try:
                return Parsed(_fitting(prop, found), by_engine=True)
            except Refused as refused:
                return refused
        if name in target.relations and isinstance(found, Mapping):
            entity = found.get("_entity") or target.relations[name].targets[0]
            found = {"entity": entity, "id": found["id"]} if found["id"] else None
        return Parsed(found, by_engine=True)

    def plain(self, value: Value) -> Any:
        """A value as it is: the literal, what the expression gives, the text."""
        if value.expression is not None:
            return self.value(value.expression)
        if value.template is not None:
            return self.text(value.template) or None
        return value.literal

    # ---- texts

    def text(self, template: Template) -> str:
        """A text with the record's data in it, in the language of the application."""
        return shown(self.note(template), lambda *_: True)

    def note(self, template: Template) -> Note:
        """The same for people who may read more or less of the record."""
        record = self.record(self._told_of(template))
        return [each if isinstance(each, str) else self._told(record, each.path) for each in template.parts]

    def _told_of(self, template: Template) -> Need:
        """What a text reads of the record."""
        need = Need()
        for path in template.paths:
            elsewhere = self.mail is not None and field_of(path) is not None
            asked = input_of(path, self.entity) is not None or parameter_of(path, self.entity) is not None
            if elsewhere or asked:
                continue
            below = need
            for step in path.split("."):
                below = below.member(step)
        return need

    def _told(self, record: Record | None, path: str) -> str | dict[str, Any]:
        """What a path of a text leads to: a value of the form, a parameter, one of the mail, or one of the record."""
        if self.mail is not None and (told := field_of(path)) is not None:
            return str(self.mail.get(told) or "")
        name, parameter = input_of(path, self.entity), parameter_of(path, self.entity)
        if name is None and parameter is None:
            return self._part(record, path.split("."))
        prop: Property | None
        if parameter is not None:
            prop, value = setting_of(self.context, parameter)
        else:
            value, prop = self.asked.get(name or ""), self.inputs.get(name or "")
        return "" if value is None or prop is None else prop.type.to_text(value, self.context.actor.display)

    def _part(self, record: Record | None, way: list[str]) -> dict[str, Any]:
        """What a path leads to as a text, and where it was read on the way."""
        entity, sources = self.entity, list[Source]()
        for step in way:
            if record is None:
                return part("", sources)
            sources.append((entity.name, record["id"] or self.number, step))
            found = record[step]
            prop: Property | None = entity.properties.get(step)
            if prop is not None:
                told = "" if found is None else prop.type.to_text(found, self.context.actor.display)
                return part(told, sources)
            member = entity.to_one(step)
            assert member is not None, way
            entity, record = self.context.runtime.entities[member.target], found
        if record is None:
            return part("", sources)
        key = (entity.name, record["id"])
        title = titles.of(self.context, [key], seen=False).get(key, "")
        return part(title, [*sources, (*key, "")])


def _fitting(prop: Property, value: Any) -> Any:
    """What an expression gave, as the property keeps it: within its limits, and clean; raises Refused."""
    if isinstance(value, Money) and not value.currency:
        value = replace(value, currency=getattr(prop.type, "unsaid", ""))
        if not value.currency:
            return value  # the currency is settled with the record
    return prop.type.parse(value if isinstance(value, FileValue) else prop.type.to_json(value))


def shortened(prop: Property, text: str) -> str:
    """What stands in a mail as a property can hold it: strangers don't know how long a subject may be."""
    if prop.type.name == "text":
        text = " ".join(text.split())
    longest = getattr(prop.type, "max_length", None)
    return text if longest is None or len(text) <= longest else f"{text[: longest - 1].rstrip()}…"


def items(view: View, expression: Expression | None) -> list[View]:
    """The views by which something is done for each record of a list; the view itself where there is no list."""
    if expression is None:
        return [view]
    return [view.with_record(ITEM, key) for key in view.records(expression)]
