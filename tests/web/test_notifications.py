"""The page of what processes told somebody: theirs alone, with links to what they may read, read one by one or all."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import sqlalchemy as sa
from starlette.applications import Starlette

from engine.identity import identity
from engine.site.app import pages
from engine.store.system import notification
from tests.support.library import PASSWORD
from tests.support.tickets import House, house
from tests.web.conftest import Visitor

__all__ = ["house"]


@pytest.fixture
def ana(house: House) -> Visitor:
    """Ana, signed in."""
    with house.as_() as context:
        identity.set_password(context, house.users["ana"], PASSWORD)
    visitor = Visitor(SimpleNamespace(asgi=Starlette(routes=pages(house.gateway))))
    visitor.sign_in("ana")
    return visitor


def told(house: House, login: str, entity: str, number: int, subject: str) -> int:
    with house.as_() as context:
        row = {
            "user_id": house.users[login],
            "at": context.now,
            "subject": subject,
            "text": "<b>so</b>",
            "entity": entity,
            "record_id": number,
        }
        made = sa.insert(notification).values(row).returning(notification.c.id)
        return int(context.connection.execute(made).scalar_one())


def test_somebody_sees_what_they_were_told_and_nobody_elses(house: House, ana: Visitor) -> None:
    ticket = house.make("ticket", subject="Help").id
    mine = told(house, "ana", "ticket", ticket, "Yours now")
    told(house, "alin", "ticket", ticket, "Not for Ana")
    hidden = told(house, "ana", "offer", 999, "Gone")
    page = ana.get("/notifications")
    assert "Yours now" in page.text
    assert "Not for Ana" not in page.text
    assert "&lt;b&gt;so&lt;/b&gt;" in page.text
    assert page.root.one("a", css="bell").attributes["aria-label"] == "Notifications, 2 new"
    csrf = page.root.one("input", name="_csrf").attributes["value"]
    going = ana.post("/notifications", {"_csrf": csrf, "id": mine, "go": "1"})
    assert (going.status, going.location) == (303, f"/ticket/{ticket}")
    gone = ana.post("/notifications", {"_csrf": csrf, "id": hidden, "go": "1"})
    assert gone.location == "/notifications"
    assert ana.get("/notifications").root.one("a", css="bell").attributes["aria-label"] == "Notifications"


def test_all_are_read_at_once(house: House, ana: Visitor) -> None:
    for number in range(3):
        told(house, "ana", "ticket", 999, f"Number {number}")
    assert ana.post("/notifications", {"_csrf": "no"}).status == 403
    page = ana.get("/notifications")
    csrf = page.root.one("input", name="_csrf").attributes["value"]
    ana.post("/notifications", {"_csrf": csrf})
    assert not [line for line in ana.get("/notifications").root.all("li") if "data-new" in line.attributes]
