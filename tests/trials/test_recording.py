"""A test made of what was done with a record: it says the same again, and holds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import yaml

from engine.app import Engine, open_app
from engine.identity.identity import actor_named
from engine.process import firing
from engine.process.timers import fire_due
from engine.recording.heard import words, words_of
from engine.service import records
from engine.work.context import SYSTEM
from tests.cli.conftest import Run
from tests.cli.conftest import run as run_fixture
from tests.support.metadata import write
from tests.support.tickets import TICKETS

run = run_fixture


class Session:
    """The tickets' application, and people who do things in it."""

    def __init__(self, folder: Path, database: str) -> None:
        self.folder, self.database = folder, database
        self.engine: Engine = open_app(folder, database=database, apply=True, environment={})
        for login, role in (("ana", "agent"), ("mara", "manager")):
            self.make("system", "user", login=login, name=login, roles=[role])

    def make(self, login: str, entity: str, /, **values: object) -> int:
        with self.engine.gateway.write(self._actor(login), "page") as context:
            return records.create(context, entity, values).id

    def update(self, login: str, number: int, /, **values: object) -> None:
        with self.engine.gateway.write(self._actor(login), "page") as context:
            records.update(context, "ticket", number, values)

    def fire(self, login: str, number: int, name: str, /, **values: object) -> None:
        with self.engine.gateway.write(self._actor(login), "page") as context:
            firing.fire(context, "ticket", number, name, values)

    def _actor(self, login: str):  # type: ignore[no-untyped-def]
        return SYSTEM if login == "system" else actor_named(self.engine.gateway, login)


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    folder = write(tmp_path / "desk", f"# metadata/app.yaml\n{TICKETS.lstrip()}")
    made = Session(folder, f"sqlite:///{tmp_path / 'desk.db'}")
    yield made
    made.engine.close()


def recorded(run: Run, session: Session, target: str) -> str:
    told = run("test", session.folder, "--record", target, "--database", session.database)
    assert told.status == 0, told.err
    (session.folder / "metadata" / "tests.yaml").write_text(told.out, encoding="utf-8")
    return told.out


def test_a_session_becomes_a_test_that_holds(run: Run, session: Session) -> None:
    client = session.make("system", "client", name="Acme")
    number = session.make("ana", "ticket", subject="Help", client=client)
    session.update("ana", number, priority="high")
    session.fire("ana", number, "assign", comment="Mine")
    session.make("system", "call", ticket=number, outcome="answered")
    session.fire("mara", number, "note", comment="Go on")
    document = yaml.safe_load(recorded(run, session, f"ticket/{number}"))
    assert document["given"] == {
        f"client_{client}": {"client": {"name": "Acme"}},
        "user_1": {"user": {"roles": ["agent"]}},
        "user_2": {"user": {"roles": ["manager"]}},
    }
    assert document["as"] == "user_1"
    assert document["steps"] == [
        {"create": "ticket", "with": {"subject": "Help", "client": f"client_{client}"}, "named": "it"},
        {"update": "it", "with": {"priority": "high"}},
        {"transition": "assign", "on": "it", "with": {"comment": "Mine"}},
    ]
    assert document["when"] == {
        "transition": "note",
        "on": "it",
        "with": {"comment": "Go on"},
        "as": "user_2",
    }
    assert document["then"] == {"expect": ["it.status == 'assigned'"]}
    told = run("test", session.folder)
    assert told.status == 0, told.out


def test_what_time_did_is_waited_for(run: Run, session: Session) -> None:
    client = session.make("system", "client", name="Acme")
    number = session.make("ana", "ticket", subject="Help", client=client, priority="high")
    session.fire("ana", number, "assign", comment="Mine")
    gateway = session.engine.gateway
    now = gateway.clock
    gateway.clock = lambda: now() + timedelta(days=3)
    assert fire_due(gateway) > 0
    document = yaml.safe_load(recorded(run, session, f"ticket/{number}"))
    assert document["when"] == {"on": "it", "at": "+72h"} or document["when"] == {"on": "it", "at": "+73h"}
    assert document["then"] == {"expect": ["it.status == 'escalated'"]}
    told = run("test", session.folder)
    assert told.status == 0, told.out


def test_a_record_that_began_by_a_transition(run: Run, session: Session) -> None:
    with session.engine.gateway.write(actor_named(session.engine.gateway, "ana"), "page") as context:
        number = firing.start(context, "ticket", "call_in", {"subject": "Help"}).id
    document = yaml.safe_load(recorded(run, session, f"ticket/{number}"))
    assert document["when"]["transition"] == "call_in"
    assert document["when"]["on"] == "ticket"
    assert run("test", session.folder).status == 0


def test_what_is_not_there(run: Run, session: Session) -> None:
    told = run("test", session.folder, "--record", "ticket/99", "--database", session.database)
    assert (told.status, told.err) == (2, "engine: there is no history of ticket 99\n")


TOLD = """
# metadata/app.yaml
app: desk
---
role: agent
---
role: manager
---
entity: ticket
title: "{number}"
ownership: user
properties:
  number:  {type: autonumber, pattern: "T-{seq:05}"}
  subject: {type: text, required: true}
  status:  {type: state, workflow: life}
access:
  agent: {create: true, read: all, update: all, transition: all}
  manager: {read: all}
---
workflow: life
entity: ticket
property: status
initial: new
states: {new: {}, work: {}, done: {final: true}}
transitions:
  begin:
    from: new
    to: work
    do:
      - notify: {roles: [manager], subject: "{number} of {owner} is being worked on", text: "{subject}", mail: true}
      - notify: {to: record.owner, subject: "{subject} goes on"}
      - comment: "Given to {owner} by itself"
  finish:
    from: work
    to: done
    after: 2h
    do: [{notify: {to: record.owner, subject: "{number}: time is up"}}, {comment: Over}]
"""


@pytest.fixture
def told_desk(tmp_path: Path) -> Iterator[Session]:
    made = Session(write(tmp_path / "desk", TOLD), f"sqlite:///{tmp_path / 'desk.db'}")
    for login, name in (("bo", "Bo Boss"), ("bea", "Bea Boss")):
        email = "bo@boss.example" if login == "bo" else None
        made.make("system", "user", login=login, name=name, roles=["manager"], email=email)
    yield made
    made.engine.close()


def test_who_was_told_and_mailed_what_is_written_down(run: Run, told_desk: Session) -> None:
    for _ in range(3):  # so that its number is another one in the test
        told_desk.make("ana", "ticket", subject="Before")
    number = told_desk.make("ana", "ticket", subject="Help me")
    told_desk.update("ana", number, subject="Help")
    with told_desk.engine.gateway.write(SYSTEM, "page") as context:
        firing.fire(context, "ticket", number, "begin", {})
    document = yaml.safe_load(recorded(run, told_desk, f"ticket/{number}"))
    assert document["then"] == {
        "expect": ["it.status == 'work'"],
        "notified": [
            {"to": "user_2", "subject": "is being worked on"},
            {"to": "user_3", "subject": "is being worked on"},
            {"to": "user_4", "subject": "is being worked on"},
            {"to": "user_1", "subject": "Help goes on"},
        ],
        "mailed": [{"to": "user_3", "subject": "is being worked on"}],
        "comments": ["by itself"],
    }
    assert document["given"]["user_3"] == {"user": {"roles": ["manager"], "email": "user_3@example.org"}}
    told = run("test", told_desk.folder)
    assert told.status == 0, told.out


def test_what_time_told_is_written_down_with_the_time(run: Run, told_desk: Session) -> None:
    number = told_desk.make("ana", "ticket", subject="Help")
    told_desk.fire("ana", number, "begin")
    gateway = told_desk.engine.gateway
    now = gateway.clock
    gateway.clock = lambda: now() + timedelta(hours=3)
    assert fire_due(gateway) == 1
    document = yaml.safe_load(recorded(run, told_desk, f"ticket/{number}"))
    assert document["then"] == {
        "expect": ["it.status == 'done'"],
        "notified": [{"to": "user_1", "subject": "time is up"}],
        "comments": ["Over"],
    }
    told = run("test", told_desk.folder)
    assert told.status == 0, told.out


def test_a_step_that_tells_nobody_says_nothing_of_what_others_did(run: Run, told_desk: Session) -> None:
    number = told_desk.make("ana", "ticket", subject="Help")
    told_desk.fire("ana", number, "begin")
    told_desk.update("ana", number, subject="More")
    document = yaml.safe_load(recorded(run, told_desk, f"ticket/{number}"))
    assert set(document["then"]) == {"expect"}
    assert run("test", told_desk.folder).status == 0


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("T-00012 is yours", "is yours"),
        ("Ana Pop gave it to Bo, a banana", "gave it to"),
        ("A banana", "A banana"),
        ("12 of 13", ""),
        ("… was refused: Approve", "was refused: Approve"),
        ("", ""),
    ],
)
def test_only_words_that_come_again_are_expected(text: str, left: str) -> None:
    assert words(text, ["Ana Pop", "ana", "Bo"]) == left


def test_of_a_text_in_parts_the_declared_ones_are_expected() -> None:
    part = {"text": "Help with a long subject", "of": []}
    assert words_of(["Given: ", part], []) == "Given"
    assert words_of([part], []) == "Help with a long subject"
    assert words_of("By hand", []) == "By hand"
