"""The page of mails that arrived: what became of each, what to try again; for administrators only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from engine.app import Engine, duties
from engine.identity import identity
from engine.outbox.running import Runner
from engine.store.system import mailbox
from engine.work.context import SYSTEM
from tests.support.post_office import all_of, bring, letter, open_office
from tests.web.browsing import Page
from tests.web.conftest import Visitor

PASSWORD = "correct horse"


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    folder: Path = tmp_path_factory.mktemp("office")
    made = open_office(folder, f"sqlite:///{folder / 'office.db'}")
    made.works = False
    with made.gateway.write(SYSTEM, "cli") as context:
        identity.create_user(context, "admin", PASSWORD, ["administrator"], "Ad Min")
        identity.create_user(context, "agent", PASSWORD, ["agent"], "A Gent")
    bring(made, letter())
    bring(made, letter("<b>Let</b> me in", "I am a stranger.\n", From="Dan <dan@other.example>"))
    bring(made, letter("hello", From="Dan <dan@nodot>"))
    bring(made, letter("out of office", Auto_Submitted="auto-replied"))
    yield made
    made.close()


@pytest.fixture
def admin(engine: Engine) -> Visitor:
    visitor = Visitor(engine)
    visitor.sign_in("admin", PASSWORD)
    return visitor


def lines(page: Page) -> list[str]:
    return [" ".join(each.text.split()) for each in page.one("ul", css="jobs").all("li")]


def test_it_says_what_became_of_each(admin: Visitor) -> None:
    page = admin.get("/settings/mail")
    automatic, failed, kept, done = lines(page)
    assert automatic.startswith("Ignored out of office ana.pop@acme.example · Desk · ")
    assert "No person wrote it: Auto-Submitted: auto-replied." in automatic
    assert failed.startswith("Failed hello dan@nodot")
    assert "by “Strangers”" in failed
    assert "dan@nodot” is not an e-mail address" in failed
    assert "Taken by no rule <b>Let</b> me in dan@other.example" in kept
    assert "I am a stranger." in kept
    assert "C-0001 The lamp by “Questions”" in done
    assert page.one("a", href="/case/1").text == "C-0001 The lamp"
    assert "Failed: 1 · Taken by no rule: 1 · Done: 1 · Ignored: 1" in page.text


def test_it_can_be_asked_for_some_of_them(admin: Visitor) -> None:
    assert len(lines(admin.get("/settings/mail?state=kept"))) == 1
    assert len(lines(admin.get("/settings/mail?mailbox=desk&before=3"))) == 2
    assert "No mail is in this state" in admin.get("/settings/mail?state=discarded").text


def test_the_administration_counts_what_somebody_has_to_look_at(admin: Visitor) -> None:
    areas = [" ".join(each.text.split()) for each in admin.get("/settings").all("div", css="area")]
    assert any(each.startswith("Mail 2 What arrived") for each in areas)


def test_a_mail_is_tried_again_and_another_discarded(engine: Engine, admin: Visitor) -> None:
    page = admin.get("/settings/mail?state=failed")
    csrf = page.one("input", name="_csrf").attributes["value"]
    said = {"_csrf": csrf, "id": "3", "state": "failed"}
    answered = admin.follow(admin.post("/settings/mail", {**said, "do": "retry"}))
    assert "The mail goes through the rules again." in answered.text
    Runner(engine.gateway, duties(engine.gateway).handlers).run_due()
    assert len(lines(admin.get("/settings/mail?state=failed"))) == 1  # and is refused for the same reason
    answered = admin.follow(admin.post("/settings/mail", {**said, "do": "discard"}))
    assert "The mail is discarded." in answered.text
    answered = admin.follow(admin.post("/settings/mail", {**said, "do": "retry"}))
    assert "Nothing was changed" in answered.text
    assert len(all_of(engine, "case", "number")) == 1


def test_it_says_which_mailbox_is_read_and_which_is_not(engine: Engine, admin: Visitor) -> None:
    declared = engine.gateway.runtime.application.mailboxes
    assert "takes what is delivered" in admin.get("/settings/mail").text
    declared["desk"] = replace(declared["desk"], reads=True)  # type: ignore[index]
    (box,) = admin.get("/settings/mail").one("ul", css="mailboxes").all("li")
    assert "not fetched" in box.text
    assert box.one("code").text == "ENGINE_MAILBOX_DESK_URL"
    engine.gateway.mail_sources = {"desk": object()}
    now = engine.gateway.clock()
    row = {"name": "desk", "next_at": now, "read_at": now, "error": "no route", "failing_since": now}
    with engine.gateway.database.write() as connection:
        connection.execute(sa.insert(mailbox).values(row))
    page = admin.get("/settings/mail")
    (alert,) = page.all("div", css="alert")
    assert "Desk can't be read since" in alert.text
    assert "no route" in alert.text


def test_nobody_else_sees_or_does_anything(engine: Engine) -> None:
    agent = Visitor(engine)
    agent.sign_in("agent", PASSWORD)
    assert "The lamp" not in agent.get("/settings/mail", 403).text
    csrf = agent.get("/preferences").one("input", name="_csrf").attributes["value"]
    answered = agent.post("/settings/mail", {"_csrf": csrf, "id": "2", "do": "discard"})
    assert answered.status == 403
