"""Workflows by type of record: each record follows that of its type, whatever way it comes; on both databases."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from starlette.applications import Starlette
from starlette.testclient import TestClient

from engine.api.app import api
from engine.errors import Invalid
from engine.identity.events import Origin
from engine.identity.identity import SESSION_COOKIE, begin_session, create_token
from engine.importing.columns import Options
from engine.importing.running import Job, run
from engine.importing.table import Table
from engine.process import firing
from engine.process.explaining import accounts
from engine.process.opening import openings
from engine.process.several import fire_many
from engine.reading.query import Query
from engine.sampling.order import portions
from engine.sampling.sampler import Sampler
from engine.service import records, stays
from engine.site.app import pages
from engine.work.context import SYSTEM
from engine.work.gateway import Gateway
from tests.support.metadata import complaints
from tests.support.shop import opened
from tests.web.browsing import parse

SALES = """
app: sales
---
entity: deal
title: "{name}"
properties:
  name:  {type: text, required: true}
  note:  {type: text}
  stage: {type: state, workflow: usual}
record_types:
  private:  {}
  business: {workflow: of_firms}
  tender:   {workflow: of_tenders}
---
workflow: usual
entity: deal
property: stage
initial: new
states: {new: {}, won: {final: true, freeze: [note]}, lost: {final: true}}
transitions:
  win:  {from: new, to: won}
  lose: {from: new, to: lost, on: updated, changed: [name], when: "record.name == 'No'", roles: [administrator]}
---
workflow: of_firms
entity: deal
property: stage
initial: asked
states: {asked: {require: [note]}, new: {freeze: [name]}, won: {final: true}}
transitions:
  answer: {from: asked, to: new}
  sign:   {from: new, to: won, approval: {roles: [administrator]}}
---
workflow: of_tenders
entity: deal
property: stage
initial: published
states: {published: {}, handed_in: {final: true}}
transitions:
  publish: {from: start, to: published, form: [{name: required}]}
  hand_in: {from: published, to: handed_in, after: 2h}
"""


@pytest.fixture
def sales(tmp_path: Path, database_url: str) -> Iterator[Gateway]:
    gateway = opened(tmp_path, database_url, SALES)
    yield gateway
    gateway.close()


def make(gateway: Gateway, kind: str, **values: Any) -> int:
    with gateway.write(SYSTEM, "cli") as context:
        return records.create(context, "deal", {"name": "Deal", "record_type": kind, **values}).id


def stage(gateway: Gateway, number: int) -> object:
    with gateway.read(SYSTEM, "cli") as context:
        return records.get(context, "deal", number).values["stage"]


def update(gateway: Gateway, number: int, **values: Any) -> None:
    with gateway.write(SYSTEM, "cli") as context:
        records.update(context, "deal", number, values)


def fire(gateway: Gateway, number: int, name: str) -> None:
    with gateway.write(SYSTEM, "cli") as context:
        firing.fire(context, "deal", number, name, {})


def codes(refused: pytest.ExceptionInfo[Invalid]) -> set[tuple[str, str]]:
    return {(each.at, each.code) for each in refused.value.errors}


def test_a_record_begins_where_its_type_does(sales: Gateway) -> None:
    private, firm, tender = make(sales, "private"), make(sales, "business", note="x"), make(sales, "tender")
    assert [stage(sales, each) for each in (private, firm, tender)] == ["new", "asked", "published"]
    with pytest.raises(Invalid) as refused:
        make(sales, "business")
    assert codes(refused) == {("note", "required")}


def test_only_its_transitions_are_told_and_made(sales: Gateway) -> None:
    private, firm = make(sales, "private"), make(sales, "business", note="x")
    fire(sales, firm, "answer")
    with sales.read(SYSTEM, "cli") as context:
        assert [each.transition.name for each in openings(context, "deal", firm)] == ["answer", "sign"]
        assert [each.transition.name for each in openings(context, "deal", private)] == ["win", "lose"]
        (told,) = accounts(context, "deal", firm, "win")
    assert not told.open
    with pytest.raises(Invalid) as refused:  # in a state of this name, of another workflow
        fire(sales, firm, "win")
    assert codes(refused) == {("", "not-open")}
    assert "does not follow" in refused.value.errors[0].message


def test_states_of_one_name_hold_what_their_own_workflow_says(sales: Gateway) -> None:
    private, firm = make(sales, "private"), make(sales, "business", note="x")
    fire(sales, firm, "answer")
    update(sales, private, name="Other")
    with pytest.raises(Invalid) as refused:
        update(sales, firm, name="Other")
    assert codes(refused) == {("name", "frozen")}
    fire(sales, private, "win")
    with pytest.raises(Invalid):
        update(sales, private, note="More")


def test_an_event_moves_only_those_that_follow_the_workflow(sales: Gateway) -> None:
    private, tender = make(sales, "private"), make(sales, "tender")
    update(sales, private, name="No")
    update(sales, tender, name="No")
    assert [stage(sales, each) for each in (private, tender)] == ["lost", "published"]


def test_a_transition_that_makes_a_record_makes_one_of_its_type(sales: Gateway) -> None:
    with sales.write(SYSTEM, "cli") as context:
        made = firing.start(context, "deal", "publish", {"name": "Bridge"})
    assert (made.values["record_type"], made.values["stage"]) == ("tender", "published")
    with sales.read(SYSTEM, "cli") as context:
        process = context.runtime.processes.mover("deal", "stage", "tender")
        assert process is not None
        assert [each.state for each in stays.of(context, process, made.id)] == ["published"]


def test_of_several_those_are_moved_that_follow_it(sales: Gateway) -> None:
    numbers = [make(sales, "private"), make(sales, "tender"), make(sales, "private")]
    with sales.write(SYSTEM, "cli") as context:
        report = fire_many(context, "deal", numbers, "win", {})
    assert (list(report.done), list(report.refused)) == ([numbers[0], numbers[2]], [numbers[1]])


def test_who_becomes_of_another_type_follows_its_workflow(sales: Gateway) -> None:
    number = make(sales, "private", note="x")
    update(sales, number, record_type="business")
    assert stage(sales, number) == "new"
    with sales.read(SYSTEM, "cli") as context:
        usual, firms = (context.runtime.processes.mover("deal", "stage", each) for each in (None, "business"))
        assert usual is not None
        assert firms is not None
        assert [each.left_at is None for each in stays.of(context, usual, number)] == [False]
        assert [(each.state, each.left_at) for each in stays.of(context, firms, number)] == [("new", None)]
    with pytest.raises(Invalid) as refused:
        update(sales, number, record_type="tender")
    assert codes(refused) == {("record_type", "other-workflow")}
    assert refused.value.errors[0].message == "Kind can't be changed: Of tenders has no state New."


def test_imported_rows_come_to_states_of_their_types(sales: Gateway) -> None:
    text = "name,record_type,note,stage\nA,private,,won\nB,business,x,new\nC,tender,,won\n"
    table = Table(io.BytesIO(text.encode()), "csv")
    report = run(sales, Job(SYSTEM, "deal", table, Options(skip=True)))
    assert report.created == 2
    assert [(each.line, each.column, each.code) for each in report.errors] == [(4, "stage", "no-transition")]
    assert [stage(sales, each) for each in (1, 2)] == ["won", "new"]


def test_the_api_tells_what_is_open_by_type_and_describes_all(sales: Gateway) -> None:
    tender = make(sales, "tender")
    with sales.write(SYSTEM, "cli") as context:
        records.create(context, "user", {"login": "max", "name": "Max", "roles": ["administrator"]})
    headers = {"Authorization": f"Bearer {create_token(sales, 'max', 'tests')}"}
    client = TestClient(Starlette(routes=api(sales)), headers=headers)
    found = client.get(f"/api/deal/{tender}/transitions").json()["items"]
    assert [each["name"] for each in found] == ["hand_in"]
    assert client.post(f"/api/deal/{tender}/transitions/win", json={}).status_code == 422
    paths = client.get("/api/openapi.json").json()["paths"]
    assert {"/api/deal/{id}/transitions/win", "/api/deal/{id}/transitions/answer"} <= paths.keys()


def test_the_page_shows_the_workflow_of_the_type(sales: Gateway) -> None:
    firm, tender = make(sales, "business", note="x"), make(sales, "tender")
    with sales.write(SYSTEM, "cli") as context:
        made = records.create(context, "user", {"login": "max", "name": "Max", "roles": ["administrator"]})
        user = context.runtime.table("user").table
        row = context.connection.execute(sa.select(user).where(user.c.id == made.id)).one()
        cookies = {SESSION_COOKIE: begin_session(context, row, Origin())}
    client = TestClient(Starlette(routes=pages(sales)), cookies=cookies, follow_redirects=False)
    shown = parse(client.get(f"/deal/{firm}"))
    assert "Answer" in shown.text
    assert "Hand in" not in shown.text
    assert "Published" not in shown.text
    assert client.get(f"/deal/{firm}/workflow/of_firms").status_code == 200
    assert client.get(f"/deal/{firm}/workflow/of_tenders").status_code == 404
    assert "does not follow Usual" in client.get(f"/deal/{tender}/transitions/win").text


def test_samples_stand_in_states_of_their_types(sales: Gateway) -> None:
    sampler = Sampler(sales.runtime, lambda: sales.write(SYSTEM, "sample"), 1, sales.clock(), lambda *_: None)
    sampler.run(portions(sales.runtime, 60))
    with sales.read(SYSTEM, "cli") as context:
        query = Query(fields=("record_type", "stage"), limit=500)
        found = {row.cells for row in records.find(context, "deal", query).rows}
    assert {kind for kind, _ in found} == {"private", "business", "tender"}
    of_types = {"private": {"new", "won", "lost"}, "business": {"asked", "new", "won"}}
    of_types["tender"] = {"published", "handed_in"}
    assert all(state in of_types[kind] for kind, state in found), found


MISTAKES = [
    ("{workflow: of_tenders}", "{workflow: of_tender}", "unknown-workflow", "did you mean 'of_tenders'"),
    (
        "  tender:   {workflow: of_tenders}",
        "  tender: {}",
        "unused-workflow",
        "nothing uses workflow",
    ),
    (
        "{asked: {require: [note]}, new: {",
        "{asked: {}, new: {label: Fresh, ",
        "bad-record-type",
        "shown otherwise",
    ),
]


@pytest.mark.parametrize(("right", "wrong", "code", "words"), MISTAKES)
def test_a_mistake_is_told(right: str, wrong: str, code: str, words: str, tmp_path: Path) -> None:
    text = SALES.partition("---\n")[2]
    assert right in text
    found = [each for each in complaints(tmp_path, text.replace(right, wrong)) if f"[{code}]" in each]
    assert len(found) == 1, found
    assert words in found[0]
