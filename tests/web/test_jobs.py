"""The page of jobs: what waits and what failed, to try again or to discard; for administrators only."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa

from engine.app import Engine
from engine.outbox import overview
from engine.outbox.queue import Job, enqueue
from engine.outbox.running import GiveUp, Retry, Runner
from engine.site import jobs
from engine.store.system import job as table
from engine.work.context import SYSTEM
from engine.work.gateway import Gateway
from tests.web.browsing import Page
from tests.web.conftest import Visitor

Put = Callable[..., int]


@pytest.fixture(autouse=True)
def none_left(engine: Engine) -> Iterator[None]:
    yield
    engine.gateway.writing(SYSTEM, "job", lambda context: context.connection.execute(sa.delete(table)))


@pytest.fixture
def put(engine: Engine) -> Put:
    """Enqueue a job, and have it fail so."""

    def make(kind: str, about: str, failed: Exception | None = None) -> int:
        def fail(gateway: Gateway, taken: Job) -> None:
            assert failed is not None
            raise failed

        number = engine.gateway.writing(
            SYSTEM, "job", lambda context: enqueue(context, kind, {}, about=about)
        )
        assert number is not None
        if failed is not None:
            Runner(engine.gateway, {kind: fail}).run_next()
        return number

    return make


def lines(page: Page) -> list[str]:
    return [each.text for each in page.one("ul", css="section").all("li")]


def numbers(engine: Engine) -> dict[str, int]:
    with engine.gateway.read(SYSTEM, "job") as context:
        return overview.numbers(context)


def send(visitor: Visitor, **data: object) -> Page:
    token = visitor.get("/settings/jobs").one("meta", name="csrf").attributes["content"]
    return visitor.post("/settings/jobs", {"_csrf": token, **data})


def test_nothing_to_do(admin: Visitor) -> None:
    assert admin.get("/settings").one("a", href="/settings/jobs")
    assert "Every job is done." in admin.get("/settings/jobs").words


def test_administrators_see_what_waits_and_why_something_failed(admin: Visitor, put: Put) -> None:
    put("mail", "Welcome, to zoe@example.com", Retry("451 come <b>back</b> later"))
    put("mail", "Welcome, to nobody@example.com", GiveUp("550 no such user"))
    put("recount", "")
    page = admin.get("/settings/jobs")
    waits, dead, failed = lines(page)
    assert waits.startswith("Waiting Recount due")
    assert dead.startswith("Given up Welcome, to nobody@example.com Mail · 1 of 8 tries · ended")
    assert "550 no such user" in dead
    assert failed.startswith("To be tried again Welcome, to zoe@example.com Mail · 1 of 8 tries · again in")
    assert "451 come <b>back</b> later" in failed
    assert "Waiting: 1 · To be tried again: 1 · Given up: 1" in page.words
    assert len(lines(admin.get("/settings/jobs?state=dead&kind=mail"))) == 1
    assert "No job is in this state" in admin.get("/settings/jobs?state=dead&kind=recount").words


def test_one_is_tried_again_and_another_discarded(engine: Engine, admin: Visitor, put: Put) -> None:
    first, second = [put("mail", "Welcome", GiveUp("550")) for _ in range(2)]
    done = send(admin, do="retry", id=first, state="dead", kind="mail")
    assert done.location == "/settings/jobs?state=dead&kind=mail"
    assert "The job is tried again." in admin.follow(done).words
    assert "The job is discarded." in admin.follow(send(admin, do="discard", id=second)).words
    assert numbers(engine) == {"waiting": 1, "discarded": 1}
    assert "Nothing was changed" in admin.follow(send(admin, do="discard", id=second)).words


def test_everything_that_was_given_up_is_tried_again(engine: Engine, admin: Visitor, put: Put) -> None:
    for kind in ("mail", "mail", "recount"):
        put(kind, "", GiveUp("no"))
    assert "Try all mail that was given up again" in admin.get("/settings/jobs?kind=mail").words
    assert "2 jobs are tried again." in admin.follow(send(admin, do="retry-all", kind="mail")).words
    assert numbers(engine) == {"waiting": 2, "dead": 1}


def test_older_ones_are_a_page_away(admin: Visitor, put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "EACH_PAGE", 2)
    for number in range(3):
        put("recount", f"Number {number}")
    newest = admin.get("/settings/jobs")
    older = admin.get(newest.all("a", css="btn-outline")[-1].attributes["href"])
    assert [len(lines(each)) for each in (newest, older)] == [2, 1]


def test_that_no_worker_runs_is_told(
    engine: Engine, admin: Visitor, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    put("recount", "")
    assert "no worker seems to take it" not in admin.get("/settings/jobs").words
    now = engine.gateway.clock() + timedelta(hours=2)
    monkeypatch.setattr(engine.gateway, "clock", lambda: now)
    assert "A job has been due for 2 hours: no worker seems to take it." in admin.get("/settings/jobs").words


@pytest.mark.parametrize("query", ["?before=x", "?state=emperor", "?kind=" + "x" * 3000, "?before=-1"])
def test_an_odd_address_is_no_fault(admin: Visitor, query: str) -> None:
    assert admin.get(f"/settings/jobs{query}").status == 200


def test_an_odd_form_changes_nothing(engine: Engine, admin: Visitor, put: Put) -> None:
    put("recount", "")
    for data in ({}, {"do": "retry"}, {"do": "retry", "id": "x"}, {"do": "discard", "id": "9" * 30}):
        assert "Nothing was changed" in admin.follow(send(admin, **data)).words
    assert admin.post("/settings/jobs", {"do": "discard", "id": 1}).status == 403
    assert numbers(engine) == {"waiting": 1}


def test_others_do_not(engine: Engine, librarian: Visitor, anybody: Visitor, put: Put) -> None:
    number = put("recount", "", GiveUp("no"))
    assert librarian.get("/settings/jobs", status=403).status == 403
    token = librarian.get("/").one("meta", name="csrf").attributes["content"]
    refused = librarian.post("/settings/jobs", {"_csrf": token, "do": "discard", "id": number})
    assert refused.status == 403
    assert anybody.get("/settings/jobs", status=303).location.startswith("/sign-in")
    assert numbers(engine) == {"dead": 1}
