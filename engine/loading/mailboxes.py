"""Reading mailboxes: what they look for, and their rules, each expression checked where it is read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from engine.declared.rules import Rules
from engine.documents.complaints import Complaints, meant
from engine.documents.documents import Documents, document_of, uncertain
from engine.errors import Problem
from engine.loading.actions import ActionReader
from engine.loading.steps import MEMBERS, Scope
from engine.loading.workflows import Processes
from engine.metamodel.action import ITEM, Action, Create
from engine.metamodel.action import Set as SetAction
from engine.metamodel.entity import Entity
from engine.metamodel.expression import Expression
from engine.metamodel.mailbox import FIELDS, FILES, Find, Mailbox, MailRule, Reply, file_of, shapes_of
from engine.metamodel.property import Property
from engine.metamodel.relation import Relation
from engine.text.labels import words
from engine.text.yaml_tree import Map
from engine.typecheck.names import EVERY_ROOT
from engine.types.duration import read_duration

ENDS = ("create", "answer", "ignore")
"""What becomes of a mail; a rule says one of them."""

WITH_RECORDS = ("attachments", "do", "reply")
OFTENEST = timedelta(seconds=10)
OF_IMAP = ("folder", "done_folder", "every")


def read_mailboxes(found: Documents, checker: Rules, processes: Processes) -> dict[str, Mailbox]:
    """Every mailbox that is right, as far as it is; its expressions are kept with those of the processes."""
    made = {
        name: _Reader(checker, processes, root).mailbox() for name, root in found.by_kind["mailbox"].items()
    }
    _check_addresses(found, made, checker.complaints)
    return made


def _check_addresses(found: Documents, made: dict[str, Mailbox], complaints: Complaints) -> None:
    """No two mailboxes have the same address."""
    taken: dict[str, str] = {}
    for name, mailbox in made.items():
        for address in mailbox.addresses:
            if address in taken:
                message = f"{address} is the mailbox {taken[address]!r} already"
                root = found.by_kind["mailbox"][name]
                complaints.at_value(root, "address", "bad-mailbox", message, "give each its own")
            taken.setdefault(address, name)


@dataclass
class _Reader:
    """Reads one mailbox."""

    checker: Rules
    processes: Processes
    root: Map

    @property
    def complaints(self) -> Complaints:
        return self.checker.complaints

    def mailbox(self) -> Mailbox:
        root, name = self.root, self.root["mailbox"]
        headers = self._headers()
        scope = Scope(mail=shapes_of(headers), recordless=True)
        finds = tuple(self._finds(scope))
        for each in finds:
            scope = scope.with_record(each.name, each.entity)
        read = [
            (made, declared)
            for position, declared in enumerate(root.seq("rules"))
            if isinstance(declared, Map) and (made := self._rule(declared, position, scope)) is not None
        ]
        self._check_order(read)
        address = root.get("address") or ()
        return Mailbox(
            name=name,
            label=root.get("label") or words(name),
            description=root.get("description", ""),
            place=root.key_place("mailbox"),
            addresses=tuple(each.lower() for each in ([address] if isinstance(address, str) else address)),
            reads=self._reads(),
            folder=root.get("folder", "INBOX"),
            done_folder=root.get("done_folder", ""),
            every=self._every(),
            max_mb=root.get("max_mb", 25),
            headers=headers,
            finds=finds,
            rules=tuple(rule for rule, _ in read),
        )

    # ---- where it is read

    def _reads(self) -> bool:
        reads = bool(self.root.get("source") == "imap")
        for key in OF_IMAP:
            if key in self.root and not reads and "source" not in self.root.broken:
                message, hint = f"{key!r} goes with `source: imap`", "add that, or take it out"
                self.complaints.at_key(self.root, key, "bad-mailbox", message, hint)
        return reads

    def _every(self) -> timedelta:
        every = read_duration(self.root.get("every", "1m"))
        if every < OFTENEST:
            message = "a mailbox is not looked at oftener than every 10 seconds"
            self.complaints.at_value(self.root, "every", "bad-mailbox", message, "write every: 10s, or more")
        return every

    def _headers(self) -> dict[str, str]:
        declared, found = self.root.map("headers"), {}
        for name, header in declared.items():
            if name in FIELDS:
                message = f"mail.{name} is known already"
                self.complaints.at_key(declared, name, "reserved-name", message, "choose another name")
            found[name] = str(header)
        return found

    # ---- what is looked for

    def _finds(self, scope: Scope) -> Iterator[Find]:
        declared = self.root.map("find")
        for name, said in declared.items():
            if name in (*EVERY_ROOT, ITEM):
                message = f"{name!r} means something else here"
                self.complaints.at_key(declared, name, "reserved-name", message, "choose another name")
                continue
            target = self._entity(said, "entity", said.get("entity")) if isinstance(said, Map) else None
            if target is None:
                continue
            reader = self._reader(target, scope, name)
            by = reader.values(said.map("by"), target)
            if not said.get("by"):
                message = "what it is found by is not said"
                self.complaints.at_key(
                    said, "by", "bad-action", message, "for example by: {email: {cel: mail.from}}"
                )
            self.processes.rules += reader.rules
            yield Find(name=name, entity=target.name, by=by, place=declared.key_place(name))

    # ---- rules

    def _rule(self, declared: Map, position: int, scope: Scope) -> MailRule | None:
        end = self._end(declared)
        if end is None:
            return None
        common: dict[str, Any] = {
            "name": declared.get("label") or f"Rule {position + 1}",
            "place": declared.place,
            "automatic": declared.get("automatic", False),
        }
        if end == "ignore":
            nobody = next(iter(self.checker.entities.values()))
            return MailRule(ignore=True, when=self._when(declared, nobody, scope), **common)
        written = declared[end]
        holder, key = (written, "entity") if isinstance(written, Map) else (declared, end)
        target = self._entity(holder, key, holder[key])
        if target is None:
            return None
        made = (
            self._answering(declared, target, scope)
            if end == "answer"
            else self._making(declared, target, scope)
        )
        return replace(made, **common)

    def _end(self, declared: Map) -> str | None:
        """What becomes of the mails a rule takes."""
        ends = [each for each in ENDS if each in declared]
        if len(ends) != 1:
            if not declared.broken:
                message = (
                    f"a rule does one thing with a mail, not {len(ends)}"
                    if ends
                    else "this rule takes mails for nothing"
                )
                self.complaints.at_map(declared, "bad-mailbox", message, f"one of {', '.join(ENDS)}")
            return None
        (end,) = ends
        pointless = WITH_RECORDS if end == "ignore" else ()
        for key in (*pointless, *(("before",) if end != "create" else ())):
            if key in declared:
                message = f"{key!r} goes with `create`" + (" or `answer`" if key in WITH_RECORDS else "")
                self.complaints.at_key(declared, key, "bad-mailbox", message, "take it out")
        return end

    def _making(self, declared: Map, target: Entity, scope: Scope) -> MailRule:
        """A rule that makes a record."""
        when = self._when(declared, target, scope)
        before, scope = self._before(declared, target, scope)
        reader = self._reader(target, scope, target.name)
        said = declared["create"]
        make = Create(
            place=declared.key_place("create"),
            kind="create",
            entity=target.name,
            values=reader.values(said.map("with"), target),
        )
        self.processes.rules += reader.rules
        rule = self._done(declared, target, replace(scope, recordless=False))
        return replace(rule, when=when, before=before, make=make)

    def _answering(self, declared: Map, target: Entity, scope: Scope) -> MailRule:
        """A rule whose mails answer a record."""
        scope = replace(scope, recordless=False)
        when = self._when(declared, target, scope)
        said = declared["answer"]
        number = said.get("number", "") if isinstance(said, Map) else ""
        if number:
            self._number(said, target, number)
        rule = self._done(declared, target, scope)
        return replace(rule, when=when, answers=True, number=number)

    def _done(self, declared: Map, target: Entity, scope: Scope) -> MailRule:
        """What rules with a record have in common."""
        reader = self._reader(target, scope, target.name)
        made = MailRule(
            name="",
            place=declared.place,
            entity=target.name,
            attachments=self._attachments(declared, target),
            do=reader.actions(declared.seq("do")),
            reply=self._reply(declared, reader),
        )
        self.processes.rules += reader.rules
        return made

    def _when(self, declared: Map, about: Entity, scope: Scope) -> Expression | None:
        reader = self._reader(about, scope, "when")
        found = reader.optional(declared, "when", "when")
        self.processes.rules += reader.rules
        return found

    def _before(self, declared: Map, target: Entity, scope: Scope) -> tuple[tuple[Action, ...], Scope]:
        """What is found or made before the record; and the scope with the names of those."""
        reader = self._reader(target, scope, target.name)
        said = declared.seq("before")
        made = reader.actions(said)
        self.processes.rules += reader.rules
        for each in made:
            if isinstance(each, Create) or (isinstance(each, SetAction) and each.record is not None):
                continue
            message = f"there is no record yet for {each.kind!r}"
            position = next(at for at, one in enumerate(said) if isinstance(one, Map) and each.kind in one)
            hint = "put it into `do`; before the record go create, find_or_create and update"
            self.complaints.at_key(said[position], each.kind, "bad-action", message, hint)
        return made, reader.scope

    def _reply(self, declared: Map, reader: ActionReader) -> Reply | None:
        if not declared.get("reply"):
            return None
        said = declared["reply"]
        subject, text = reader.template(said, "subject"), reader.template(said, "text")
        return None if subject is None or text is None else Reply(subject=subject, text=text)

    def _check_order(self, read: list[tuple[MailRule, Map]]) -> None:
        """A rule behind one that takes every mail takes none."""
        takes_all: list[MailRule] = []
        for rule, declared in read:
            for first in takes_all:
                if first.automatic or not rule.automatic:
                    message = f"no mail comes to this rule: {first.name!r} takes every one before"
                    self.complaints.problems.append(_warning(self.root, rule, message))
                    break
            if "when" not in declared and "when" not in declared.broken and not rule.answers:
                takes_all.append(rule)

    # ---- members

    def _number(self, said: Map, target: Entity, name: str) -> None:
        prop = target.properties.get(name)
        if prop is None:
            self._no_property(said, "number", target, name)
        elif prop.type.name not in ("autonumber", "text"):
            message = f"{target.name}.{name} is no number of its records"
            self.complaints.at_value(said, "number", "bad-mailbox", message, "name an autonumber, or a text")

    def _attachments(self, declared: Map, target: Entity) -> str:
        name = declared.get("attachments")
        if not name:
            return ""
        member: Property | Relation | None = target.properties.get(name) or target.relations.get(name)
        if member is None:
            self._no_property(declared, "attachments", target, name)
        elif isinstance(member, Property):
            if member.type.name not in FILES or member.computed:
                message = f"{target.name}.{name} takes no file"
                self.complaints.at_value(
                    declared, "attachments", "bad-mailbox", message, "name a property of type file"
                )
        elif member.kind != "composition" or file_of(self.checker.entities[member.target]) is None:
            message = f"{target.name}.{name} is no composition whose rows have one file"
            self.complaints.at_value(
                declared,
                "attachments",
                "bad-mailbox",
                message,
                "name a property, or rows with one property of type file",
            )
        return str(name)

    def _no_property(self, holder: Map, key: str, target: Entity, name: str) -> None:
        if not uncertain(document_of(target), MEMBERS, name):
            known = [*target.properties, *target.relations]
            message = f"no property {name!r} on {target.name}"
            self.complaints.at_value(holder, key, "unknown-property", message, meant(name, known))

    def _reader(self, about: Entity, scope: Scope, owner: str) -> ActionReader:
        return ActionReader(self.checker, about, scope, owner, self.processes.names)

    def _entity(self, holder: Map, key: str, name: Any) -> Entity | None:
        if name not in self.checker.entities and name not in self.processes.names.lost:
            self.complaints.unknown_name(holder, key, "entity", str(name), self.checker.entities)
        return self.checker.entities.get(name)


def _warning(root: Map, rule: MailRule, message: str) -> Problem:
    hint = "put it before that one, or give that one a `when`"
    return root.source.problem("bad-mailbox", message, rule.place, hint, level="warning", path=root.path)
