"""The page of security events: for administrators, to look for a name or a kind, to go on to older ones."""

from __future__ import annotations

import pytest

from engine.app import Engine
from engine.site import security
from tests.web.conftest import Visitor


def test_administrators_see_who_failed_and_from_where(
    engine: Engine, admin: Visitor, anybody: Visitor
) -> None:
    anybody.sign_in("<b>mallory", "wrong")
    assert admin.get("/settings").one("a", href="/settings/events")
    page = admin.get("/settings/events?login=<b>mallory")
    lines = [each.text for each in page.one("ul", css="section").all("li")]
    assert len(lines) == 1
    assert lines[0].startswith("Failed to sign in <b>mallory")
    assert "testclient" in lines[0]
    assert "Nothing to tell" in admin.get("/settings/events?login=<b>mallory&kind=roles-changed").words


def test_older_events_are_a_page_away(admin: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(security, "EACH_PAGE", 2)
    newest = admin.get("/settings/events?kind=user-created")
    older = admin.get(newest.all("a", css="btn-outline")[-1].attributes["href"])
    assert [len(each.one("ul", css="section").all("li")) for each in (newest, older)] == [2, 1]


@pytest.mark.parametrize(
    "query", ["?before=x", "?before=-1", "?kind=emperor", "?login=" + "x" * 3000, "?before="]
)
def test_an_odd_address_is_no_fault(admin: Visitor, query: str) -> None:
    assert admin.get(f"/settings/events{query}").status == 200


def test_others_do_not(librarian: Visitor, anybody: Visitor) -> None:
    assert librarian.get("/settings/events", status=403).status == 403
    assert not librarian.get("/settings").all("a", href="/settings/events")
    assert anybody.get("/settings/events", status=303).location.startswith("/sign-in")
