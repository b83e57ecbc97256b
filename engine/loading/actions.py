"""Reading actions: what transitions, states, automations and buttons do."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from engine.declared.rules import Rules
from engine.documents.complaints import meant
from engine.documents.documents import document_of, uncertain
from engine.documents.schemas.actions import KINDS
from engine.expressions.kinds import STRING, Kind, ListKind, RecordKind
from engine.loading.steps import MEMBERS, Scope, StepReader
from engine.metamodel.action import (
    ITEM,
    Action,
    Call,
    Comment,
    Convert,
    Create,
    Delete,
    Fire,
    Link,
    Mail,
    Notify,
    Set,
    Tag,
    Value,
    Webhook,
)
from engine.metamodel.entity import Entity
from engine.metamodel.expression import Expression
from engine.text.yaml_tree import Map, Seq
from engine.typecheck.names import EVERY_ROOT

Common = dict[str, Any]


@dataclass(frozen=True)
class Names:
    """Names that actions may use: transitions of each entity, mappings; and entities that could not be read."""

    transitions: Mapping[str, Collection[str]]
    conversions: Mapping[str, tuple[str, str]]  # each with the entities it leads from and to
    calls: frozenset[str] = frozenset()  # what plugins offer
    calendars: frozenset[str] = frozenset()
    lost: frozenset[str] = frozenset()


class ActionReader(StepReader):
    """Reads the actions done on records of one entity."""

    def __init__(self, checker: Rules, about: Entity, scope: Scope, owner: str, names: Names) -> None:
        super().__init__(checker, about, scope, owner)
        self.names = names

    def actions(self, declared: Seq) -> tuple[Action, ...]:
        """Every action that is right, in order."""
        made = (self._action(each) for each in declared if isinstance(each, Map))
        return tuple(each for each in made if each is not None)

    def _action(self, declared: Map) -> Action | None:
        kinds = [name for name in declared if name in KINDS]
        if len(kinds) != 1:
            if not (declared.broken - {"when", "for_each"}):
                message = (
                    f"an action does one thing, not {len(kinds)}" if kinds else "this action does nothing"
                )
                self.complaints.at_map(declared, "bad-action", message, f"one of {', '.join(KINDS)}")
            return None
        (kind,) = kinds
        if isinstance(declared[kind], Map) and declared[kind].broken:
            return None  # what is left of it can't be read
        outside = self.scope
        common: Common = {
            "place": declared.key_place(kind),
            "kind": kind,
            "for_each": self._for_each(declared),
        }
        if common["for_each"] is None and "for_each" in declared:
            return None  # what it is done for is wrong, so nothing more can be said of it
        common["when"] = self.optional(declared, "when", "when")
        made = READERS[kind](self, declared, common)
        self.scope = outside
        if isinstance(made, Create | Convert) and made.name:
            self._name(declared[kind], made)
        return made

    def _for_each(self, declared: Map) -> Expression | None:
        if declared.get("for_each") is None:
            return None
        found = self.records_of(declared, "for_each")
        if found is not None:
            self.scope = self.scope.with_record(ITEM, found[1])
        return found[0] if found is not None else None

    def _name(self, said: Map, made: Create | Convert) -> None:
        """Let later actions know what was made by its name."""
        if made.name in (*EVERY_ROOT, ITEM) or made.name in self.scope.named:
            message = f"{made.name!r} means something else here"
            self.complaints.at_value(said, "as", "reserved-name", message, "choose another name")
        elif made.for_each is not None:
            message = "of several records none can have the name"
            self.complaints.at_key(said, "as", "bad-action", message, "take `as` out")
        else:
            self.scope = self.scope.with_record(made.name, made.entity)

    # ---- kinds

    def set(self, declared: Map, common: Common) -> Action:
        return Set(values=self.values(declared["set"], self.about), **common)

    def create(self, declared: Map, common: Common) -> Action | None:
        said = declared["create"]
        target = self._entity(said)
        if target is None:
            return None
        return Create(
            entity=target.name,
            values=self.values(said.map("with"), target),
            name=said.get("as", ""),
            **common,
        )

    def find_or_create(self, declared: Map, common: Common) -> Action | None:
        said = declared["find_or_create"]
        target = self._entity(said)
        if target is None:
            return None
        by = self.values(said.map("by"), target)
        if not said["by"]:
            message = "what it is found by is not said"
            self.complaints.at_key(said, "by", "bad-action", message, "for example by: {name: …}")
        return Create(
            entity=target.name,
            values=self.values(said.map("with"), target),
            by=by,
            name=said.get("as", ""),
            **common,
        )

    def convert(self, declared: Map, common: Common) -> Action | None:
        written = declared["convert"]
        holder, key = (written, "mapping") if isinstance(written, Map) else (declared, "convert")
        name = holder[key]
        found = self.names.conversions.get(name)
        if found is None:
            self.complaints.unknown_name(holder, key, "mapping", name, self.names.conversions)
            return None
        source, target = found
        if source != self.about.name:
            message = f"{name!r} converts {source}, and this is about {self.about.name}"
            self.complaints.at_value(holder, key, "bad-action", message, "choose another mapping")
        if target not in self.entities:
            return None
        if not isinstance(written, Map):
            return Convert(mapping=name, entity=target, **common)
        values = self.values(written.map("with"), self.entities[target])
        return Convert(mapping=name, entity=target, values=values, name=written.get("as", ""), **common)

    def update(self, declared: Map, common: Common) -> Action | None:
        said = declared["update"]
        found = self.record_of(said, "record")
        if found is None:
            return None
        values = self.values(said.map("with"), self.entities[found[1]])
        return Set(values=values, record=found[0], **common)

    def delete(self, declared: Map, common: Common) -> Action | None:
        found = self.record_of(declared, "delete")
        return None if found is None else Delete(record=found[0], **common)

    def link(self, declared: Map, common: Common, *, remove: bool = False) -> Action | None:
        said = declared["unlink" if remove else "link"]
        name = said["relation"]
        relation = self.about.relations.get(name)
        if relation is None or relation.kind != "many_to_many":
            if relation is not None or not uncertain(document_of(self.about), MEMBERS, name):
                many = [each.name for each in self.about.relations.values() if each.kind == "many_to_many"]
                message = f"{self.about.name} has no many_to_many relation {name!r}"
                self.complaints.at_value(said, "relation", "unknown-relation", message, meant(name, many))
            return None
        to = self.read(said, "to", "record", RecordKind(relation.targets))
        return None if to is None else Link(relation=name, to=to, remove=remove, **common)

    def unlink(self, declared: Map, common: Common) -> Action | None:
        return self.link(declared, common, remove=True)

    def tag(self, declared: Map, common: Common, *, remove: bool = False) -> Action | None:
        key = "untag" if remove else "tag"
        if not self.about.features.tags:
            message, hint = f"{self.about.name} has no tags", "add `features: {tags: true}` to it"
            self.complaints.at_key(declared, key, "bad-action", message, hint)
            return None
        return Tag(names=tuple(declared[key]), remove=remove, **common)

    def untag(self, declared: Map, common: Common) -> Action | None:
        return self.tag(declared, common, remove=True)

    def assign(self, declared: Map, common: Common) -> Action | None:
        owner = self.about.relations.get("owner")
        if owner is None or not owner.system:
            message, hint = f"{self.about.name} has no owner", "add `ownership: user` to it"
            self.complaints.at_key(declared, "assign", "bad-action", message, hint)
            return None
        to = self.read(declared, "assign", "value", RecordKind(("user",)))
        value = Value(place=declared.place_of("assign"), expression=to)
        return None if to is None else Set(values={"owner": value}, **common)

    def comment(self, declared: Map, common: Common) -> Action | None:
        text = self.template(declared, "comment")
        return None if text is None else Comment(text=text, **common)

    def notify(self, declared: Map, common: Common) -> Action | None:
        said = declared["notify"]
        subject = self.template(said, "subject")
        text = self.template(said, "text") if "text" in said else subject
        roles = said.seq("roles")
        for position, role in enumerate(roles):
            if role not in self.checker.named.roles:
                self.complaints.unknown_name(roles, position, "role", role, self.checker.named.roles)
        if "to" not in said and not roles:
            message, hint = "nobody is told", "say whom: `to: record.owner`, or `roles: […]`"
            self.complaints.at_map(said, "bad-action", message, hint)
        if subject is None or text is None:
            return None
        return Notify(
            subject=subject,
            text=text,
            to=self._people(said, "to") if "to" in said else None,
            roles=tuple(roles),
            mail=said.get("mail", False),
            **common,
        )

    def mail(self, declared: Map, common: Common) -> Action | None:
        said = declared["mail"]
        to = self._one_or_several(said, "to", STRING, "give an address, or addresses: record.contact.email")
        subject, text = self.template(said, "subject"), self.template(said, "text")
        if to is None or subject is None or text is None:
            return None
        return Mail(to=to, subject=subject, text=text, **common)

    def _people(self, said: Map, key: str) -> Expression | None:
        return self._one_or_several(said, key, RecordKind(("user",)), "give a user, or users")

    def _one_or_several(self, said: Map, key: str, wanted: Kind, hint: str) -> Expression | None:
        """An expression that gives one of a kind, or a list of them."""
        rule = self.rule(said, key, "record")
        if rule is None:
            return None
        kind = rule.checked.kind
        if (kind.item if isinstance(kind, ListKind) else kind) == wanted:
            return rule.expression
        self.complaints.at_value(said, key, "type-mismatch", f"this gives {kind.word}", hint)
        return None

    def call(self, declared: Map, common: Common) -> Action:
        said = declared["call"]
        holder, key = (said, "name") if isinstance(said, Map) else (declared, "call")
        if holder[key] not in self.names.calls:
            hint = meant(holder[key], sorted(self.names.calls))
            if not self.names.calls:
                hint = "a plugin offers one with @action"
            message = f"no plugin offers the action {holder[key]!r}"
            self.complaints.at_value(holder, key, "unknown-action", message, hint)
        values = self.free(said.map("with")) if isinstance(said, Map) else {}
        return Call(name=holder[key], values=values, **common)

    def webhook(self, declared: Map, common: Common) -> Action:
        said = declared["webhook"]
        return Webhook(url=said["url"], values=self.free(said.map("with")), **common)

    def transition(self, declared: Map, common: Common) -> Action | None:
        said = declared["transition"]
        if not isinstance(said, Map):
            self._transition(declared, "transition", self.about.name)
            return Fire(transition=said, entity=self.about.name, **common)
        found = self.record_of(said, "record") if "record" in said else None
        if "record" in said and found is None:
            return None
        self._transition(said, "name", found[1] if found is not None else self.about.name)
        return Fire(
            transition=said["name"],
            record=found[0] if found is not None else None,
            entity=found[1] if found is not None else self.about.name,
            values=self.free(said.map("with")),
            **common,
        )

    # ---- what they name

    def _transition(self, holder: Map, key: str, entity: str) -> None:
        known = self.names.transitions.get(entity, ())
        if holder[key] not in known:
            message = f"{entity} has no transition {holder[key]!r}"
            self.complaints.at_value(
                holder, key, "unknown-transition", message, meant(holder[key], list(known))
            )

    def _entity(self, said: Map) -> Entity | None:
        name = said["entity"]
        if name not in self.entities and name not in self.names.lost:
            self.complaints.unknown_name(said, "entity", "entity", name, self.entities)
        return self.entities.get(name)


Read = Callable[[ActionReader, Map, Common], Action | None]
READERS: Final[Mapping[str, Read]] = {
    "set": ActionReader.set,
    "create": ActionReader.create,
    "find_or_create": ActionReader.find_or_create,
    "convert": ActionReader.convert,
    "update": ActionReader.update,
    "delete": ActionReader.delete,
    "link": ActionReader.link,
    "unlink": ActionReader.unlink,
    "tag": ActionReader.tag,
    "untag": ActionReader.untag,
    "assign": ActionReader.assign,
    "comment": ActionReader.comment,
    "notify": ActionReader.notify,
    "mail": ActionReader.mail,
    "call": ActionReader.call,
    "webhook": ActionReader.webhook,
    "transition": ActionReader.transition,
}
