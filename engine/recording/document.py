"""A test made of what was done with a record: its history, told as givens, steps and what came of them.

What processes did by themselves is no step: it has to happen again. Values that nobody may read back (secrets) and
operations that tests have no words for are left out, and said to be.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil
from typing import Any

import sqlalchemy as sa
import yaml

from engine.build.access import OWNING
from engine.errors import NotFound
from engine.metamodel.entity import Entity
from engine.metamodel.property import Property
from engine.metamodel.relation import Relation
from engine.metamodel.workflow import Transition
from engine.process.forms import COMMENT
from engine.reading.query import Query, Record
from engine.recording.heard import Span, heard, noted, words, words_of
from engine.service.auditing import BESIDE, CAUSE, MASK, REFUSED, TRANSITION
from engine.service.records import get, related
from engine.store import audit
from engine.store.audit import Entry
from engine.work.context import ADMINISTRATOR, Context
from engine.work.parameters import settings_of
from engine.work.stored import load

MOST_RELATED = 20
"""Of the records that lead to one, so many of each kind are given."""

MOST_ENTRIES = 1_000
"""A longer history is no test."""

DEEPEST = 3
"""How far records that are needed need further ones."""

NAME = "it"
"""What the record is called in its test."""

Plain = dict[str, Any]


@dataclass
class Recording:
    """The test that is being made of one record."""

    context: Context
    entity: Entity
    number: int
    given: dict[str, Plain] = field(default_factory=dict)
    since: int = 0  # entries of the history that are not told, for the record is given as they left it
    left_out: dict[str, None] = field(default_factory=dict)
    last: datetime | None = None
    at: datetime | None = None  # of the last step
    waiting: bool = False

    def document(self) -> str:
        """The document; raises NotFound for a record without a history."""
        entries = self._entries()
        steps = []
        for entry in entries:
            step = self._step(entry)
            if step is not None:
                steps.append(step)
                self.at = entry.at
        span = Span(self.at or entries[-1].at) if entries else None
        if self.waiting and steps:  # what time did last has to be waited for
            steps.append(self._wait(entries[-1], {"on": NAME}))
            span = Span(entries[-1].at, self.at)
        if not steps or span is None:
            raise NotFound(f"history of {self.entity.name}", self.number)
        *before, deed = steps
        heard = self._heard(entries, deed, span)
        actor = before[0]["as"] if before else deed["as"]
        for step in (*before, deed):
            if step.get("as") == actor:
                del step["as"]
        made: Plain = {"test": f"{self.entity.name} {self.number}, as it was done", "as": actor}
        made |= {"parameters": parameters} if (parameters := self._parameters()) else {}
        made |= {"given": self.given} if self.given else {}
        made |= {"steps": before} if before else {}
        made |= {"when": deed, "then": {"expect": list(self._expected(deed)), **heard}}
        text = yaml.safe_dump(made, sort_keys=False, allow_unicode=True, width=110, default_flow_style=None)
        notes = "".join(f"# left out: {each}\n" for each in self.left_out)
        return notes + text

    def _parameters(self) -> Plain:
        """What the parameters of the record's workflows are set to now."""
        mine = {each.workflow.name for each in self.context.runtime.processes.of(self.entity.name)}
        found: Plain = {}
        for each in settings_of(self.context):
            if each.set and each.workflow in mine:
                value = None if each.value is None else each.prop.type.to_json(each.value)
                found.setdefault(each.workflow, {})[each.name] = value
        return found

    def _entries(self) -> list[Entry]:
        """What is told, in order: the record's history, and what was made for it meanwhile."""
        connection, entity, number = self.context.connection, self.entity.name, self.number
        own = [
            each for each in audit.read(connection, entity, number, MOST_ENTRIES) if each.number > self.since
        ]
        if NAME not in self.given:
            return own[::-1]
        made = (key for key in self._for_it() if f"{key[0]}_{key[1]}" not in self.given)
        further = [each for key in made for each in audit.read(connection, *key, MOST_ENTRIES)]
        creations = [each for each in further if each.action == "create" and not each.changes.get(TRANSITION)]
        return sorted([*own, *creations], key=lambda each: each.id)

    def _for_it(self) -> Iterator[tuple[str, int]]:
        """Records that lead to this one, of each kind the first."""
        for inverse in self.entity.inverses.values():
            if inverse.source in self.context.runtime.entities and inverse.source != "user":
                query = Query(limit=MOST_RELATED)
                found = related(self.context, self.entity.name, self.number, inverse.name, query)
                yield from ((inverse.source, row.id) for row in found.rows)

    def present(self) -> None:
        """Give the record as it is, with its rows and the records that lead to it."""
        self.given[NAME] = {self.entity.name: {}}
        record = get(self.context, self.entity.name, self.number)
        values = self._values_of(self.entity, self.number, 0)
        for relation in self.entity.relations.values():
            if relation.kind == "composition":
                rows = [self._row(each) for each in record.children.get(relation.name, ())]
                values |= {relation.name: rows} if rows else {}
            elif not relation.holds_key and record.many.get(relation.name) and _writable(relation):
                links = record.many[relation.name]
                values[relation.name] = [self._given(each.entity, each.id) for each in links]
        del self.given[NAME]  # so that it comes after what it needs
        self.given[NAME] = {self.entity.name: values}
        for entity, number in self._for_it():
            self._given(entity, number)

    def _row(self, row: Record) -> Plain:
        """A row as a test gives it."""
        values = self._values_of(self.context.runtime.entities[row.entity], row.id, DEEPEST)
        owner = [
            each.name
            for each in self.context.runtime.entities[row.entity].relations.values()
            if each.owner_of_row
        ]
        return {name: value for name, value in values.items() if name not in owner}

    # ---- steps

    def _step(self, entry: Entry) -> Plain | None:
        """An entry as a step; None for what a process did, and for what tests have no words for."""
        self.last = self.last or entry.at
        if (entry.entity, entry.record_id) != (self.entity.name, self.number):
            return self._made_for_it(entry)
        if entry.changes.get(CAUSE) or entry.source == "job":
            self.waiting = self.waiting or entry.source == "job"
            return None
        told = entry.changes.get(TRANSITION)
        if told is not None and told.get(REFUSED):
            return None  # where a refused approval leads
        if told is not None:
            step = self._process(entry, told)
        elif entry.action == "create":
            step = {"create": self.entity.name, "with": self._values(entry.changes), "named": NAME}
        elif entry.action == "update":
            step = {"update": NAME, "with": self._values(entry.changes)}
        elif entry.action == "delete":
            step = {"delete": NAME}
        else:
            self.left_out[entry.action] = None
            return None
        made = self._wait(entry, step) if self.waiting else step
        self.last, self.waiting = entry.at, False
        actor = self._actor(entry)
        if entry.action == "create":
            given = made["with"].items()
            made["with"] = {key: each for key, each in given if not self._usual(made, key, each, actor)}
        return {**{key: value for key, value in made.items() if value}, "as": actor}

    def _made_for_it(self, entry: Entry) -> Plain | None:
        """A record that somebody made meanwhile, which leads to this one."""
        if entry.changes.get(CAUSE) or entry.source == "job":
            return None
        entity = self.context.runtime.entities[entry.entity]
        values = {
            name: value for name, value in self._values(entry.changes, entity).items() if value is not None
        }
        name = f"{entry.entity}_{entry.record_id}"
        return {"create": entry.entity, "with": values, "named": name, "as": self._actor(entry)}

    def _usual(self, step: Plain, name: str, value: Any, actor: str) -> bool:
        """Whether a new record has a value anyway: its default, or that it belongs to whoever makes it."""
        prop = self.entity.properties.get(name)
        if prop is None:
            return name in OWNING and value == actor
        return "create" in step and prop.default is not None and value == prop.type.to_json(prop.default)

    def _wait(self, entry: Entry, step: Plain) -> Plain:
        """A step after as much time as passed: in whole hours."""
        passed = entry.at - self.last if self.last is not None else timedelta()
        hours = max(1, ceil(passed / timedelta(hours=1)))
        return {**step, "at": f"+{hours}h"}

    def _process(self, entry: Entry, told: Mapping[str, Any]) -> Plain:
        """A button that was used, an answer to an approval, or a transition."""
        if entry.action == "action":
            return self._button(entry, told)
        if told.get("vote") == "refused":
            return {"reject": told["name"], "on": NAME, "with": {COMMENT: told["form"].get("Comment", "")}}
        return self._transition(entry, told)

    def _button(self, entry: Entry, told: Mapping[str, Any]) -> Plain:
        found = self.context.runtime.processes.button(self.entity.name, told["name"])
        values = dict(self._answers(entry, told, found)) if found is not None else {}
        return {"press": told["name"], "on": NAME, "with": values}

    def _transition(self, entry: Entry, told: Mapping[str, Any]) -> Plain:
        found = self.context.runtime.processes.transition(self.entity.name, told["name"])
        values: Plain = {}
        if found is None:
            self.left_out[f"the form of {told['name']}, which is no transition any more"] = None
        else:
            values = dict(self._answers(entry, told, found[1]))
        if entry.action == "create":
            return {"transition": told["name"], "on": self.entity.name, "with": values, "named": NAME}
        return {"transition": told["name"], "on": NAME, "with": values}

    def _answers(
        self, entry: Entry, told: Mapping[str, Any], transition: Transition
    ) -> Iterator[tuple[str, Any]]:
        """What was answered in a form: its own values by their labels, members by what they became."""
        changed = self._values(entry.changes)
        for asked in transition.form:
            if asked.own is None and asked.name in changed:
                yield asked.name, changed[asked.name]
            elif asked.own is not None and asked.own.label in told.get("form", {}):
                value = told["form"][asked.own.label]
                if value == MASK:
                    self.left_out[f"{asked.name}, which is kept secret"] = None
                else:
                    yield asked.name, value

    # ---- values

    def _values(self, changes: Mapping[str, Any], entity: Entity | None = None) -> Plain:
        """The new values among changes, as a test writes them."""
        found: Plain = {}
        about = entity or self.entity
        for name, pair in changes.items():
            member = about.properties.get(name) or about.relations.get(name)
            if name in BESIDE or member is None or not _writable(member):
                continue
            if isinstance(member, Relation):
                found[name] = self._related(member, pair[1])
            elif pair[1] == MASK:
                self.left_out[f"{name}, which is kept secret"] = None
            else:
                found[name] = pair[1]
        return found

    def _related(self, relation: Relation, value: Any) -> Any:
        if relation.kind == "composition":
            return [row.get("values", {}) for row in value or () if not row.get("removed")]
        if isinstance(value, list):
            return [self._given(each["entity"], each["id"]) for each in value]
        return None if value is None else self._given(value["entity"], value["id"])

    def _given(self, entity: str, number: int, depth: int = 0) -> str:
        """The name of a further record, which is given with its values."""
        if entity == "user":
            return self._user(number)
        if (entity, number) == (self.entity.name, self.number) and NAME in self.given:
            return NAME
        name = f"{entity}_{number}"
        if name in self.given:
            return name
        self.given[name] = {entity: {}}
        values = self._values_of(self.context.runtime.entities[entity], number, depth)
        self.given[name] = {entity: values}
        return name

    def _values_of(self, entity: Entity, number: int, depth: int) -> Plain:
        """The values of a record as it is, with the records it needs."""
        stored = load(self.context, entity.name, [number]).get(number)
        values: Plain = {}
        if stored is None:
            return values
        states = {each.workflow.member: each for each in self.context.runtime.processes.of(entity.name)}
        for prop in entity.properties.values():
            value = stored.values.get(prop.name)
            open_ = _writable(prop) and not (prop.sensitive or prop.type.secret)
            moved = prop.name in states and value != states[prop.name].workflow.initial
            if value is not None and (moved or (open_ and value != prop.default)):
                values[prop.name] = prop.type.to_json(value)
            elif value is not None and _writable(prop) and not open_:
                self.left_out[f"{prop.name} of {entity.name} {number}, which is kept secret"] = None
        for relation in entity.relations.values():
            key = stored.keys.get(relation.name) if relation.holds_key else None
            if key is not None and _writable(relation) and (relation.required or depth < DEEPEST):
                values[relation.name] = self._given(*key, depth=depth + 1)
        return values

    # ---- people

    def _actor(self, entry: Entry) -> str:
        number = entry.behind_id or entry.actor_id
        if number is not None:
            return self._user(number)
        self.given.setdefault("engine_itself", {"user": {"roles": [ADMINISTRATOR]}})
        return "engine_itself"

    def _user(self, number: int) -> str:
        """The name of a user, who is given with their roles."""
        table = self.context.runtime.table("user").table
        statement = sa.select(table.c.login, table.c.roles).where(table.c.id == number)
        row = self.context.connection.execute(statement).one_or_none()
        name = f"user_{number}"
        self.given.setdefault(name, {"user": {"roles": list(row.roles or ()) if row is not None else []}})
        return name

    # ---- what came of it

    def _heard(self, entries: list[Entry], deed: Plain, span: Span) -> Plain:
        """Who was told and mailed what by the last step, and what processes noted on the record."""
        told = heard(self.context, self.entity.name, self.number, span)
        users = {each.user: self._user(each.user) for each in told}
        names = self._names()
        for each in told:
            if each.mailed:
                self.given[users[each.user]]["user"]["email"] = f"{users[each.user]}@example.org"
        own = deed.get("create", self.entity.name) == self.entity.name
        found: dict[str, list[Any]] = {
            "notified": [_told(users[each.user], words(each.subject, names)) for each in told],
            "mailed": [_told(users[each.user], words(each.subject, names)) for each in told if each.mailed],
            "comments": [words_of(each, names) for each in noted(entries, span)] if own else [],
        }
        return {key: once for key, said in found.items() if (once := _once(said))}

    def _names(self) -> list[str]:
        """What the users of the test are called here; there, they are called otherwise."""
        table = self.context.runtime.table("user").table
        numbers = [int(name.removeprefix("user_")) for name in self.given if re.fullmatch(r"user_\d+", name)]
        statement = sa.select(table.c.name, table.c.login).where(table.c.id.in_(numbers))
        return [str(each) for row in self.context.connection.execute(statement) for each in row if each]

    def _expected(self, deed: Plain) -> Iterator[str]:
        """The states the record is in now, and the short values that the last step wrote."""
        stored = load(self.context, self.entity.name, [self.number]).get(self.number)
        if stored is None or "delete" in deed:
            return
        for process in self.context.runtime.processes.moving(self.entity.name, stored.values):
            member = process.workflow.member
            yield f"{NAME}.{member} == '{stored.values.get(member)}'"
        for name, value in deed.get("with", {}).items():
            prop = self.entity.properties.get(name)
            if prop is not None and (type(value) in (bool, int) or prop.type.expression_type == "enum"):
                yield f"{NAME}.{name} == {_literal(value)}"


def _writable(member: Property | Relation) -> bool:
    """Whether a test gives a member a value, as people do."""
    if member.system and member.name not in OWNING:
        return False
    return not (isinstance(member, Property) and (member.computed or not member.type.writable))


def _told(user: str, said: str) -> Plain:
    return {"to": user, "subject": said} if said else {"to": user}


def _once(said: list[Any]) -> list[Any]:
    """Each once, in order; nothing of what has no words."""
    return [each for place, each in enumerate(said) if each and each not in said[:place]]


def _literal(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else repr(value)


def recorded(context: Context, entity: str, number: int) -> str:
    """The test of what was done with a record; raises NotFound."""
    return Recording(context, context.runtime.entities[entity], number).document()


def given_now(context: Context, entity: str, number: int) -> Plain:
    """What a test begins with that goes on from here: the record with what it needs, and how much of its history
    is told by that; raises NotFound."""
    made = Recording(context, context.runtime.entities[entity], number)
    made.present()
    newest = audit.read(context.connection, entity, number, 1)
    return {"given": made.given, "left_out": list(made.left_out), "since": newest[0].number if newest else 0}


def recorded_since(context: Context, entity: str, number: int, start: Plain) -> str:
    """The test of what was done with a record since `given_now`; raises NotFound where that is nothing."""
    made = Recording(context, context.runtime.entities[entity], number, dict(start["given"]), start["since"])
    made.left_out = dict.fromkeys(start["left_out"])
    return made.document()
