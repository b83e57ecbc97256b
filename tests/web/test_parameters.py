"""The pages of parameters: seen and set by who may, nothing typed is lost, the default can hold again."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from starlette.applications import Starlette
from starlette.testclient import TestClient

from engine.identity.events import Origin
from engine.identity.identity import SESSION_COOKIE, begin_session
from engine.site.app import pages
from engine.work.context import SYSTEM
from tests.process.test_parameters import now, put
from tests.support.parameters import Offers, offers, reopened
from tests.web.browsing import Page, fields_of, parse

__all__ = ["offers"]

HERE = "/settings/parameters"
As = Callable[[str], TestClient]


def visitor(offers: Offers, login: str) -> TestClient:
    """Somebody signed in at the pages."""
    with offers.gateway.write(SYSTEM, "cli") as context:
        user = context.runtime.table("user").table
        row = context.connection.execute(sa.select(user).where(user.c.login == login)).one()
        secret = begin_session(context, row, Origin())
    routes = pages(offers.gateway)
    return TestClient(Starlette(routes=routes), cookies={SESSION_COOKIE: secret}, follow_redirects=False)


def page(client: TestClient, path: str, status: int = 200) -> Page:
    answer = client.get(path)
    assert answer.status_code == status
    return parse(answer)


def told(shown: Page, *words: str) -> bool:
    """Whether one line of a list, or one alert, tells all of this."""
    lines = [*shown.all("li"), *shown.all("div", css="alert")]
    return any(all(word in line.text for word in words) for line in lines)


def save(client: TestClient, **typed: object) -> Page:
    form = page(client, f"{HERE}/sale").all("form", css="own-form")[0]
    return parse(client.post(f"{HERE}/sale", data={**fields_of(form), **typed}))


def test_who_finds_them(offers: Offers) -> None:
    for login, may in (("ada", True), ("cora", True), ("sam", False)):
        client = visitor(offers, login)
        assert bool(page(client, "/settings").all("a", href=HERE)) == may
        assert client.get(HERE).status_code == client.get(f"{HERE}/sale").status_code == (200 if may else 403)
    assert visitor(offers, "ada").get(f"{HERE}/none").status_code == 404


def test_they_are_set_and_told(offers: Offers) -> None:
    client = visitor(offers, "cora")
    assert told(page(client, HERE), "Free discount:", "10%", "the default")
    answer = save(client, limit="25", patient="true", levels=["low", "high"])
    assert (answer.status, answer.location) == (303, f"{HERE}/sale")
    found = now(offers)
    assert {name for name, each in found.items() if each.set} == {"limit", "patient", "levels"}
    assert found["levels"].value is not None
    for path in (HERE, f"{HERE}/sale"):
        assert told(page(client, path), "Free discount:", "25%", "default 10% · Cora")


def test_only_what_was_touched_is_set(offers: Offers) -> None:
    client = visitor(offers, "ada")
    form = fields_of(page(client, f"{HERE}/sale").all("form", css="own-form")[0])
    put(offers, "cora", wish="Meanwhile")
    parse(client.post(f"{HERE}/sale", data={**form, "limit": "30"}))
    assert now(offers)["wish"].value == "Meanwhile"
    assert save(client).status == 303
    assert now(offers)["limit"].by == "Ada"


def test_nothing_typed_is_lost(offers: Offers) -> None:
    client = visitor(offers, "ada")
    answer = save(client, limit="250", wish="Something new")
    assert answer.status == 422
    assert "1 thing to correct" in answer.words.replace("One", "1")
    assert answer.one("input", name="limit").attributes["value"] == "250"
    assert answer.one("input", name="wish").attributes["value"] == "Something new"
    assert not any(each.set for each in now(offers).values())


def test_the_default_holds_again(offers: Offers) -> None:
    put(offers, limit=25)
    client = visitor(offers, "ada")
    shown = page(client, f"{HERE}/sale")
    assert shown.one("button", name="_reset").attributes["value"] == "limit"
    data = {"_csrf": shown.one("meta", name="csrf").attributes["content"], "_reset": "limit"}
    assert client.post(f"{HERE}/sale", data=data).status_code == 303
    assert not now(offers)["limit"].set
    shown = page(client, f"{HERE}/sale")
    assert told(shown, "Free discount:", "the default again", "Ada")
    assert not shown.all("button", name="_reset")


def test_a_value_that_no_longer_fits_is_told(
    offers: Offers, tmp_path_factory: pytest.TempPathFactory, database_url: str
) -> None:
    put(offers, limit=80)
    folder = tmp_path_factory.mktemp("later")
    after = reopened(folder, database_url, "min: 0, max: 100, label", "min: 0, max: 50, label")
    try:
        shown = page(visitor(after, "ada"), f"{HERE}/sale")
        assert told(
            shown, "Free discount", "was set to 80.00, which no longer fits: the default is in effect."
        )
        assert told(page(visitor(after, "ada"), HERE), "Free discount:", "80.00 was set and no longer fits")
    finally:
        after.gateway.close()


def test_a_closed_transition_tells_the_value_that_decided(offers: Offers) -> None:
    put(offers, least=100)
    number = offers.make("offer", "sam", subject="Lamps", worth=99).id
    shown = page(visitor(offers, "sam"), f"/offer/{number}/transitions/submit").one("dl", css="reason-values")
    assert "Worth" in shown.text
    assert "Least" in shown.text
    assert "€100" in shown.text
