"""The pages of sharing and of why: what they show to whom, and that they do what they say."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from engine.app import Engine, open_app
from engine.identity.identity import create_user
from engine.service import records
from engine.work.context import SYSTEM
from tests.support.desk import DESK
from tests.support.library import PASSWORD
from tests.web.conftest import Visitor


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    folder = tmp_path_factory.mktemp("desk")
    (folder / "metadata").mkdir()
    (folder / "metadata" / "app.yaml").write_text(DESK, encoding="utf-8")
    made = open_app(folder, apply=True, environment={})
    with made.gateway.write(SYSTEM, "cli") as context:
        for login, role in (
            ("mara", "manager"),
            ("ana", "agent"),
            ("sorin", "agent"),
            ("root", "administrator"),
        ):
            create_user(context, login, PASSWORD, [role], login.title())
        sorin = records.find(context, "user", records.Query(where=("record.login == 'sorin'",))).rows[0].id
        records.create(context, "case", {"subject": "Broken lamp", "owner": sorin})
    yield made
    made.close()


def _in(desk: Engine, login: str) -> Visitor:
    visitor = Visitor(desk)
    visitor.sign_in(login)
    return visitor


def test_an_owner_shares_a_record_and_ends_it(desk: Engine) -> None:
    sorin, ana = _in(desk, "sorin"), _in(desk, "ana")
    ana.get("/case/1", 404)
    page = sorin.get("/case/1/share")
    assert "With nobody yet" in page.text
    answered = page.submit(sorin, "share", to="user:2", level="edit")
    assert "Ana" in sorin.follow(answered).text
    assert "Broken lamp" in ana.get("/case/1").text
    ana.get("/case/1/edit")
    assert "shared this" in sorin.get("/case/1").text
    sorin.get("/case/1/share").submit(sorin, "end-1", share="1")
    ana.get("/case/1", 404)


def test_mistakes_are_told_at_their_place(desk: Engine) -> None:
    sorin = _in(desk, "sorin")
    answered = sorin.get("/case/1/share").submit(sorin, "share", to="", level="full")
    assert answered.status == 422
    assert "Choose with whom it is shared." in answered.text
    answered = sorin.get("/case/1/share").submit(sorin, "share", to="user:2", level="full")
    assert "One shares no more than one may do oneself." in answered.text
    answered = sorin.get("/case/1/share").submit(
        sorin, "share", to="user:2", level="read", ends_at="2001-01-01"
    )
    assert "The end lies in the future." in answered.text
    for wrong in ("user:999999", "user:x", "group:1", "role:nobody", "nix", "user:2:3"):
        answered = sorin.get("/case/1/share").submit(sorin, "share", to=wrong, level="read")
        assert answered.status == 422, wrong
    answered = sorin.get("/case/1/share").submit(sorin, "share", to="user:2", ends_at="next week")
    assert answered.status == 422
    assert "With nobody yet" in sorin.get("/case/1/share").text


def test_who_may_not_share_is_not_offered_it(desk: Engine) -> None:
    mara = _in(desk, "mara")
    assert "Share" not in mara.get("/case/1").text
    mara.get("/case/1/share", 403)


def test_why_not_is_told_to_whom_it_concerns_without_what_conditions_read(desk: Engine) -> None:
    mara = _in(desk, "mara")
    assert "Why can&#39;t I edit this?" in mara.get("/case/1").text
    told = mara.get("/case/1/why?action=update").text
    assert "You may not update this case" in told
    assert "Role manager may update cases: those of their unit and the units below it" in told
    assert "under a condition" in told
    assert "urgent" not in told
    mara.get("/case/1/why?action=nix", 404)


def test_the_whole_answer_is_for_administrators(desk: Engine) -> None:
    root, ana = _in(desk, "root"), _in(desk, "ana")
    ana.get("/settings/access?user=sorin&action=read&entity=case&id=1", 403)
    told = root.get("/settings/access?user=ana&action=update&entity=case&id=1").text
    assert "ana may not update case 1" in told
    assert "metadata/app.yaml:" in told
    assert "To allow it: widen to role agent" in told
    assert "nobody" in root.get("/settings/access?user=nobody&action=read&entity=case").text.lower()
    assert (
        "prize"
        in root.get("/settings/access?user=ana&action=read&entity=case&id=1&property=prize").text.lower()
    )


def test_administrators_are_told_why_a_list_has_not_a_record(desk: Engine) -> None:
    root = _in(desk, "root")
    asked = "/settings/access?user=sorin&entity=case&id=1&list="
    told = root.get(asked + "%2Fcase%3Fq%3Dlamp%26filter.status%3Dclosed").text
    assert "sorin does not find case 1 in this list" in told
    assert "The filter: status is closed" in told
    assert "status = &#39;Open&#39;" in told
    assert "To find it: leave this out: the filter: status is closed" in told
    assert "sorin finds case 1 in this list" in root.get(asked + "q%3Dlamp".replace("q", "%3Fq")).text
    assert "this is not the address of a list of case" in root.get(asked + "%2Fuser").text.lower()
    assert "no view &#39;nix&#39;" in root.get(asked + "%3Fview%3Dnix").text
