"""Telling people and other systems, and actions of plugins: what leaves waits for the commit; nobody is told twice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import sqlalchemy as sa

from engine.app import open_app
from engine.checked import check
from engine.errors import Invalid, PluginError
from engine.outbox.running import Runner
from engine.process import telling, webhooks
from engine.service import records
from engine.store.system import job
from engine.work.context import SYSTEM
from engine.work.gateway import Gateway

APP = """
app: telling
settings: {base_url: "https://crm.example"}
---
role: agent
---
role: fan
---
entity: case
title: "{name}"
properties:
  name:  {type: text, required: true}
  owner_name: {type: text}
  customer: {type: email}
  further:  {type: text}
relations:
  keeper: {to: user}
  fans:   {to: user, kind: many_to_many}
access:
  agent: {create: true, read: all, update: all}
  fan: {read: all}
---
automation: told
on: case.created
do:
  - notify:
      to: record.keeper
      roles: [agent]
      subject: "{name} is new"
      text: "{name}, kept by {keeper}"
      mail: true
  - notify: {to: record.fans, subject: "{name}"}
  - webhook: {url: "http://127.0.0.1:PORT/cases", with: {name: {cel: record.name}, keeper: {cel: record.keeper}}}
  - mail: {to: record.customer, subject: "{name} is looked into", text: "{name} is number {id}."}
  - mail: {to: "[record.further, record.customer] + record.fans.map(f, f.email)", subject: "{name}", text: Hello}
    when: record.further != null
  - call: {name: stamp, with: {mark: "{name}!"}}
"""

PLUGIN = """
from engine import Invalid, FieldError, action
from engine.service import records


@action("stamp")
def stamp(context, call):
    if call.values["mark"] == "bad!":
        raise Invalid([FieldError("name", "bad", "Not this one.")])
    if call.values["mark"] == "broken!":
        raise KeyError("nothing")
    records.update(context, call.entity, call.id, {"owner_name": call.values["mark"]})
"""


class Listener:
    """Another system, which answers as it is told and remembers what it was sent."""

    def __init__(self) -> None:
        self.answer, self.taken, self.asked, self.leads_to = 200, [], [], ""
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def parse_request(self) -> bool:
                parsed = super().parse_request()
                outer.asked.append(f"{self.command} {self.path}")
                return parsed

            def do_POST(self) -> None:
                length = int(self.headers["content-length"])
                outer.taken.append((self.headers["idempotency-key"], self.rfile.read(length)))
                self.send_response(outer.answer)
                if outer.leads_to:
                    self.send_header("Location", outer.leads_to)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def listener() -> Iterator[Listener]:
    made = Listener()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def gateway(tmp_path: Path, sqlite_url: str, listener: Listener) -> Iterator[Gateway]:
    (tmp_path / "app" / "metadata").mkdir(parents=True)
    (tmp_path / "app" / "plugins").mkdir()
    text = APP.replace("PORT", str(listener.server.server_port))
    (tmp_path / "app" / "metadata" / "app.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "app" / "plugins" / "stamps.py").write_text(PLUGIN, encoding="utf-8")
    engine = open_app(tmp_path / "app", database=sqlite_url, apply=True)
    yield engine.gateway
    engine.close()


def a_user(gateway: Gateway, login: str, **values: Any) -> int:
    with gateway.write(SYSTEM, "cli") as context:
        given = {"login": login, "name": login.title(), "email": f"{login}@example.com", **values}
        return records.create(context, "user", given).id


def a_case(gateway: Gateway, **values: Any) -> int:
    with gateway.write(SYSTEM, "cli") as context:
        return records.create(context, "case", values).id


def test_people_are_told_each_once_and_by_mail(gateway: Gateway) -> None:
    ana, bob = a_user(gateway, "ana", roles=["agent"]), a_user(gateway, "bob", roles=["fan"])
    number = a_case(gateway, name="Leak", keeper=ana, fans=[bob])
    found = {}
    for user in (ana, bob):
        with gateway.read(replace(SYSTEM, id=user), "cli") as context:
            found[user] = telling.told(context, 10)
            assert telling.unread(context) == 1
    assert [(each.subject, each.text) for each in found[ana]] == [("Leak is new", "Leak, kept by Ana")]
    assert [(each.subject, each.entity, each.record_id) for each in found[bob]] == [("Leak", "case", number)]
    with gateway.read(SYSTEM, "cli") as context:
        mails = (
            context.connection.execute(sa.select(job.c.payload).where(job.c.kind == "mail")).scalars().all()
        )
    assert [mail["recipient"] for mail in mails] == ["ana@example.com"]
    assert mails[0]["text"].endswith(f"https://crm.example/case/{number}\n")


def mails(gateway: Gateway) -> list[tuple[str, str, str]]:
    with gateway.read(SYSTEM, "cli") as context:
        statement = sa.select(job.c.payload).where(job.c.kind == "mail").order_by(job.c.id)
        found = context.connection.execute(statement).scalars()
        return [(each["recipient"], each["subject"], each["text"]) for each in found]


def test_an_address_is_mailed_whoever_reads_there(gateway: Gateway) -> None:
    number = a_case(gateway, name="Leak", customer="carla@example.org")
    assert mails(gateway) == [("carla@example.org", "Leak is looked into", f"Leak is number {number}.\n")]


def test_several_addresses_are_mailed_once_each_and_what_is_none_is_not(gateway: Gateway) -> None:
    fans = [
        a_user(gateway, "ann"),
        a_user(gateway, "bob", email=None),
        a_user(gateway, "cy", email="ann@example.com"),
    ]
    a_case(gateway, name="Leak", further="no address", fans=fans)
    assert mails(gateway) == [("ann@example.com", "Leak", "Hello\n")]


@pytest.mark.parametrize(
    ("to", "told"),
    [
        ("record.keeper", "this gives a record of user"),
        ("record.customers", "customers"),
        ("record.id", "a whole number"),
    ],
)
def test_what_gives_no_address_is_a_problem(tmp_path: Path, to: str, told: str) -> None:
    (tmp_path / "metadata").mkdir()
    text = APP.replace("to: record.customer,", f"to: {to},").replace(
        '  - call: {name: stamp, with: {mark: "{name}!"}}\n', ""
    )
    (tmp_path / "metadata" / "app.yaml").write_text(text, encoding="utf-8")
    (problem,) = [each for each in check(tmp_path).problems if each.level == "error"]
    assert told in problem.message
    assert "record.contact.email" in problem.hint or problem.code != "type-mismatch"


def test_what_was_read_is_not_new(gateway: Gateway) -> None:
    ana = a_user(gateway, "ana")
    a_case(gateway, name="Leak", keeper=ana)
    with gateway.write(replace(SYSTEM, id=ana), "cli") as context:
        telling.read(context)
        assert telling.unread(context) == 0


def test_other_systems_are_told_once_it_is_committed(gateway: Gateway, listener: Listener) -> None:
    ana = a_user(gateway, "ana")
    number = a_case(gateway, name="Leak", keeper=ana)
    assert listener.taken == []
    assert Runner(gateway, webhooks.HANDLERS).run_due() == 1
    ((key, body),) = listener.taken
    assert key
    assert f'"id":{number}'.encode() in body
    assert f'"keeper":{{"entity":"user","id":{ana}}}'.encode() in body


def test_a_message_that_is_not_taken_is_sent_again_with_its_key(gateway: Gateway, listener: Listener) -> None:
    a_case(gateway, name="Leak")
    listener.answer = 503
    runner = Runner(gateway, webhooks.HANDLERS)
    assert runner.run_next() == "again"
    listener.answer = 200
    with gateway.write(SYSTEM, "cli") as context:
        context.connection.execute(sa.update(job).values(due_at=context.now))
    assert runner.run_next() == "done"
    assert len({key for key, _ in listener.taken}) == 1


def test_what_would_never_be_taken_is_given_up(gateway: Gateway, listener: Listener) -> None:
    a_case(gateway, name="Leak")
    listener.answer = 404
    assert Runner(gateway, webhooks.HANDLERS).run_next() == "dead"


@pytest.mark.parametrize("answer", [301, 302, 307, 308])
def test_an_answer_that_leads_elsewhere_is_not_followed(
    gateway: Gateway, listener: Listener, answer: int
) -> None:
    """What answers could otherwise have the server ask an address of its own network (SSRF)."""
    a_case(gateway, name="Leak")
    listener.answer, listener.leads_to = answer, f"http://127.0.0.1:{listener.server.server_port}/inside"
    assert Runner(gateway, webhooks.HANDLERS).run_next() == "again"
    assert len(listener.asked) == 1


def test_a_plugins_action_is_called(gateway: Gateway) -> None:
    number = a_case(gateway, name="Leak")
    with gateway.read(SYSTEM, "cli") as context:
        assert records.get(context, "case", number).values["owner_name"] == "Leak!"


def test_what_it_refuses_leaves_nothing_and_what_breaks_is_named(gateway: Gateway) -> None:
    with pytest.raises(Invalid, match="Not this one"):
        a_case(gateway, name="bad")
    with pytest.raises(PluginError, match=r"action stamp at .*stamps\.py:11"):
        a_case(gateway, name="broken")
    with gateway.read(SYSTEM, "cli") as context:
        assert records.count(context, "case", records.Query()) == 0
        assert not context.connection.execute(sa.select(job.c.id)).all()


def test_an_action_that_no_plugin_offers_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "metadata").mkdir()
    (tmp_path / "metadata" / "app.yaml").write_text(
        APP.replace("name: stamp", "name: stmp"), encoding="utf-8"
    )
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins" / "stamps.py").write_text(PLUGIN, encoding="utf-8")
    found = [problem for problem in check(tmp_path).problems if problem.code == "unknown-action"]
    assert [problem.hint for problem in found] == ["did you mean 'stamp'?"]
