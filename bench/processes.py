"""Firing a transition with two guards, a form and three actions, against the same statements written by hand.

By hand stands what a careful developer would write for this one transition: its statements are built once, and are
as many as the engine's and the same: who may, the ticket, the client, the role; the ticket written, its history and
its time in the state; the job with what it refers to, and its history; the note; what the actions did, added to the
history; the ticket as it is answered.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bench.ratio import HEADER, Ratio, in_turns
from bench.servers import databases
from engine.app import Engine, open_app
from engine.identity.identity import actor_named
from engine.process import firing
from engine.service import records
from engine.store.system import audit, stay
from engine.work.context import SYSTEM, Actor

APP = """
app: desk
---
role: agent
---
entity: client
properties: {name: {type: text, required: true}, open: {type: boolean}}
access: {agent: {read: all}}
---
entity: job
properties: {subject: {type: text, required: true}, count: {type: integer, default: 0}}
relations: {ticket: {to: ticket, inverse: jobs}, assignee: {to: user}}
access: {agent: {read: all}}
---
entity: ticket
title: "{number} · {subject}"
ownership: user
properties:
  number:    {type: autonumber, pattern: "T-{seq:05}"}
  subject:   {type: text, required: true}
  status:    {type: state, workflow: life}
  priority:  {type: choice, options: [low, high], default: low}
  answer:    {type: text}
  solved_at: {type: datetime}
  effort:    {type: integer, default: 0}
relations: {client: {to: client, inverse: tickets}}
access: {agent: {create: true, read: all, update: own, transition: own}}
---
workflow: life
entity: ticket
property: status
initial: new
states: {new: {}, solved: {final: true, freeze: [subject], require: [answer]}}
transitions:
  solve:
    from: new
    to: solved
    roles: [agent]
    guard:
      - {check: record.subject != '', message: It says nothing.}
      - {check: record.client.open, message: Their contract has ended.}
    form: [{answer: required}, priority, {hours: {type: integer, min: 0}}]
    do:
      - set: {solved_at: {cel: now()}, effort: {cel: record.effort + form.hours}}
      - create: {entity: job, with: {subject: "Check {number}", ticket: {cel: record}, assignee: {cel: record.owner}}}
      - comment: "Solved in {effort} hours"
"""

FORM: Mapping[str, Any] = {"answer": "Switch it on", "priority": "high", "hours": 2}
TICKETS = 1_500


SOLVED = {
    "name": "solve",
    "label": "Solve",
    "from": "new",
    "to": "solved",
    "workflow": "life",
    "version": 1,
}
CAUSE = "ticket.solve"
FILE = "metadata/app.yaml"
FIRST_ACTION = 1 + APP.splitlines().index(next(line for line in APP.splitlines() if "- set:" in line))


def _steps(ticket: int, job: int) -> list[dict[str, Any]]:
    """What the three actions did, as the history keeps it."""
    did: list[dict[str, Any]] = [
        {"kind": "set"},
        {"kind": "create", "records": [["create", "job", job]]},
        {"kind": "comment", "records": [["comment", "ticket", ticket]]},
    ]
    return [{"at": [FILE, FIRST_ACTION + place], "done": 1, **step} for place, step in enumerate(did)]


def _iso(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


class ByHand:
    """The transition as somebody would write it for this application alone."""

    def __init__(self, engine: Engine, actor: Actor) -> None:
        self.gateway, self.actor = engine.gateway, actor
        tables = {name: made.table for name, made in engine.gateway.runtime.tables.entities.items()}
        self.ticket, self.job = tables["ticket"], tables["job"]
        ticket, user, client = self.ticket, tables["user"], tables["client"]
        number: Any = sa.bindparam("id")
        one, alive = ticket.c.id == number, ticket.c["_deleted_at"].is_(None)
        locks = engine.gateway.runtime.dialect == "postgresql"
        self.seen = sa.select(ticket.c.id).where(one, alive)
        self.own = sa.select(ticket.c.id).where(one, ticket.c.owner == sa.bindparam("user"))
        held = sa.select(ticket).where(one)
        self.held = held.with_for_update() if locks else held
        self.client = sa.select(client.c.id, client.c.open).where(client.c.id == number)
        self.written = sa.update(ticket).where(
            ticket.c.id == sa.bindparam("of"), ticket.c.version == sa.bindparam("seen")
        )
        mine = (stay.c.entity == "ticket", stay.c.workflow == "life", stay.c.left_at.is_(None))
        left = sa.update(stay).where(*mine, stay.c.record_id == sa.bindparam("of"))
        self.left = left.values(left_at=sa.bindparam("at"))
        self.again = sa.select(ticket.c.id, ticket.c.number, ticket.c.owner).where(one)
        there = sa.select(ticket.c.id).where(one, alive)
        known = sa.select(user.c.id).where(user.c.id == number, user.c["_deleted_at"].is_(None))
        self.there = there.with_for_update(read=True, key_share=True) if locks else there
        self.known = known.with_for_update(read=True, key_share=True) if locks else known
        self.title = sa.select(ticket.c.id, ticket.c.number, ticket.c.subject).where(one)
        self.name = sa.select(user.c.id, user.c.name).where(user.c.id == number)
        self.made = sa.insert(self.job).returning(self.job.c.id)
        self.entered = sa.insert(audit).returning(audit.c.id)
        self.logged = sa.update(audit).where(audit.c.id == sa.bindparam("of"))
        self.effort = sa.select(ticket.c.id, ticket.c.effort).where(one)
        joined = ticket.outerjoin(client, client.c.id == ticket.c.client).outerjoin(
            user, user.c.id == ticket.c.owner
        )
        columns = (*ticket.c, client.c.name.label("client_name"), user.c.name.label("owner_name"))
        self.answer = sa.select(*columns).select_from(joined).where(one, alive)

    def fire(self, number: int) -> Any:
        with self.gateway.database.write() as connection:
            return self._fire(connection.execute, number)

    def _allowed(self, execute: Callable[..., Any], number: int, user: int | None) -> tuple[Any, int]:
        """The ticket, and the hours of the form; raises where it is not to be solved by them."""
        if execute(self.seen, {"id": number}).first() is None:
            raise LookupError(number)
        ticket = execute(self.held, {"id": number}).one()
        if execute(self.own, {"id": number, "user": user}).first() is None:
            raise PermissionError(number)
        if ticket.status != "new" or not ticket.subject:
            raise ValueError(ticket.status)
        if not execute(self.client, {"id": ticket.client}).one().open:
            raise ValueError("Their contract has ended.")
        hours = int(FORM["hours"])
        if not FORM["answer"] or FORM["priority"] not in ("low", "high") or hours < 0:
            raise ValueError(FORM)
        return ticket, hours

    def _fire(self, execute: Callable[..., Any], number: int) -> Any:
        now, user = self.gateway.clock(), self.actor.id
        ticket, hours = self._allowed(execute, number, user)
        effort = ticket.effort + hours
        new = {
            "status": "solved", "priority": FORM["priority"], "answer": FORM["answer"], "solved_at": now,
            "effort": effort, "updated_at": now, "updated_by": user, "version": ticket.version + 1,
        }  # fmt: skip
        if execute(self.written, {"of": number, "seen": ticket.version, **new}).rowcount != 1:
            raise ValueError("changed meanwhile")
        changes = {
            "status": ["new", "solved"],
            "priority": [ticket.priority, FORM["priority"]],
            "answer": [None, FORM["answer"]],
            "solved_at": [None, _iso(now)],
            "effort": [ticket.effort, effort],
            "_transition": {**SOLVED, "form": {"Hours": hours}},
        }
        entry = execute(self.entered, self._entry("ticket", number, "transition", changes, now)).scalar_one()
        execute(self.left, {"of": number, "at": now})
        came = {
            "entity": "ticket",
            "record_id": number,
            "workflow": "life",
            "state": "solved",
            "entered_at": now,
        }
        execute(sa.insert(stay), came)
        found = execute(self.again, {"id": number}).one()
        execute(self.there, {"id": number}).one()
        execute(self.known, {"id": found.owner}).one()
        title, name = execute(self.title, {"id": number}).one(), execute(self.name, {"id": found.owner}).one()
        job = {
            "subject": f"Check {found.number}", "count": 0, "ticket": number, "assignee": found.owner, "version": 1,
            "created_at": now, "updated_at": now, "created_by": user, "updated_by": user,
        }  # fmt: skip
        made = execute(self.made, job).scalar_one()
        told = {
            "subject": [None, job["subject"]],
            "count": [None, 0],
            "ticket": [
                None,
                {"entity": "ticket", "id": number, "title": f"{title.number} · {title.subject}"},
            ],
            "assignee": [None, {"entity": "user", "id": found.owner, "title": name.name}],
            "_cause": CAUSE,
        }
        execute(sa.insert(audit), [self._entry("job", made, "create", told, now)])
        spent = execute(self.effort, {"id": number}).one().effort
        note = ["Solved in ", {"of": [["ticket", number, "effort"]], "text": str(spent)}, " hours"]
        noted = {"_note": note, "_cause": CAUSE}
        execute(sa.insert(audit), [self._entry("ticket", number, "comment", noted, now)])
        execute(self.logged, {"of": entry, "changes": {**changes, "_steps": _steps(number, made)}})
        return dict(execute(self.answer, {"id": number}).one()._mapping)

    def _entry(self, entity: str, number: int, action: str, changes: Any, now: Any) -> dict[str, Any]:
        return {
            "at": now, "entity": entity, "record_id": number, "action": action, "actor_id": self.actor.id,
            "actor_name": self.actor.name, "source": "api", "changes": changes, "batch": "", "behind_id": None,
        }  # fmt: skip


def filled(engine: Engine, tickets: int = TICKETS) -> list[int]:
    """The ids of new tickets."""
    with engine.gateway.write(SYSTEM, "cli") as context:
        user = records.make(context, "user", {"login": "ana", "name": "Ana", "roles": ["agent"]})
        client = records.make(context, "client", {"name": "Acme", "open": True})
        values = {"client": client, "owner": user}
        return [records.make(context, "ticket", {"subject": f"Help {n}", **values}) for n in range(tickets)]


def statements(engine: Engine, work: Callable[[], object]) -> int:
    """How many statements somebody executes."""
    found = count()

    def counted(*_: object) -> None:
        next(found)

    sa.event.listen(sa.Engine, "before_cursor_execute", counted)
    try:
        work()
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", counted)
    return next(found)


def measured(url: str) -> Ratio:
    """One database: both ways in turns, each on tickets of its own."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "metadata").mkdir()
        (Path(folder) / "metadata" / "app.yaml").write_text(APP, encoding="utf-8")
        engine = open_app(Path(folder), database=url, apply=True)
        try:
            new = iter(filled(engine))
            actor = actor_named(engine.gateway, "ana")
            by_hand = ByHand(engine, actor)

            def ours() -> None:
                with engine.gateway.write(actor, "api") as context:
                    firing.fire(context, "ticket", next(new), "solve", FORM)

            def theirs() -> None:
                by_hand.fire(next(new))

            for each in (ours, theirs):
                each()
            numbers = [statements(engine, each) for each in (ours, theirs)]
            name = "SQLite" if url.startswith("sqlite") else "PostgreSQL"
            what = f"a transition, {numbers[0]} statements against {numbers[1]}, {name}"
            return in_turns(what, ours, theirs, rounds=30)
        finally:
            engine.close()


def urls() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder, databases(0) as found:
        yield f"sqlite:///{Path(folder) / 'processes.db'}"
        yield from found[1:]


def table() -> None:
    """Both databases, as results.md shows them."""
    print(HEADER)
    for url in urls():
        found = measured(url)
        print(f"{found}  ({found.ours / found.theirs:.2f} times)", flush=True)


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__).parse_args()
    table()
