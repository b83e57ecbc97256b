"""The start page, administration, problems and faults."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.app import Engine, open_app
from engine.errors import OperatorError, Place, Problem
from engine.identity import identity
from engine.reading.query import Record
from engine.service import records
from engine.site.home import MOST_PLACES
from engine.work.context import SYSTEM
from tests.support.library import PASSWORD
from tests.support.metadata import write
from tests.web.conftest import Create, Visitor


def test_the_start_page_tells_what_is_new(librarian: Visitor, create: Create, book: Record) -> None:
    page = librarian.get("/")
    assert page.heading == "Welcome, Libby"
    news = [line.one("a").text for line in page.one("ul", css="news").all("li")]
    assert news[0] == book.title
    places = {
        line.one("a").text: line.one("span", css="num").text
        for line in page.one("ul", css="places").all("li")
    }
    assert set(places) == {"Books", "Authors", "Members"}
    assert places["Books"].isdigit()


def test_the_start_page_shows_nothing_that_may_not_be_read(visitor: Visitor, create: Create) -> None:
    create("member", record_type="person", name="Private person")
    assert "Private person" not in visitor.get("/").text


def test_administration_lists_what_one_may_see(admin: Visitor, visitor: Visitor) -> None:
    areas = [area.one("a").text for area in admin.get("/settings").all("div", css="area")]
    of_records = ["Users", "Groups", "Units", "Organizations", "Absences", "Tags"]
    told = ["Security events", "Sessions", "Jobs", "Problems"]
    assert areas == [*of_records, "Access", "Invitations", "Act as somebody", *told]
    assert not visitor.get("/settings").all("div", css="area")


@pytest.fixture
def problems(engine: Engine) -> Iterator[tuple[Problem, ...]]:
    """A metadata that could not be reloaded."""
    before = engine.gateway.problems
    engine.gateway.problems = (
        Problem(
            "unknown-property",
            "no property 'prioriti' on ticket",
            Place("entities/ticket.yaml", 14, 9, 8),
            "did you mean 'priority'?",
            source="  guard: prioriti",
        ),
        Problem(
            "unused-picklist",
            "nothing uses the picklist 'old'",
            Place("metadata/lists.yaml", 3),
            level="warning",
        ),
    )
    yield engine.gateway.problems
    engine.gateway.problems = before


def test_administrators_see_the_problems_of_the_metadata(
    problems: tuple[Problem, ...], admin: Visitor, visitor: Visitor
) -> None:
    assert "The metadata has 1 error; what runs is the last version without." in admin.get("/").words
    page = admin.get("/settings/problems")
    first, second = page.all("article")
    assert first.one("code").text == "entities/ticket.yaml:14:9"
    assert first.one("pre").texts[0] == "  guard: prioriti\n        ^^^^^^^^"
    assert "did you mean 'priority'?" in first.text
    assert second.one("span", css="badge").text == "Warning"
    assert "The metadata has" not in visitor.get("/").words
    assert visitor.get("/settings/problems", status=403).heading == "Not allowed"


def test_no_problems(admin: Visitor) -> None:
    assert "No problems" in admin.get("/settings/problems").words


def test_a_fault_shows_a_number_and_no_traceback(
    admin: Visitor, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(records, "find", broken)
    with caplog.at_level(logging.ERROR, "engine.web"):
        page = admin.get("/book", status=500)
    assert page.heading == "Something went wrong"
    assert "secret detail" not in page.text
    number = page.words.partition("(Fault ")[2][:8]
    assert f"fault {number}" in caplog.text
    assert "secret detail" in caplog.text


def test_a_database_that_is_away_is_told_apart(admin: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object, **__: object) -> None:
        raise OperatorError("the database does not answer")

    monkeypatch.setattr(records, "find", away)
    assert admin.get("/book", status=503).heading == "Not available"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("post", "/book", 405),
        ("put", "/book/1", 405),
        ("get", "/a/b/c/d/e", 404),
    ],
)
def test_addresses_that_lead_nowhere(admin: Visitor, method: str, path: str, status: int) -> None:
    response = getattr(admin.client, method)(path)
    assert response.status_code == status
    assert response.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize("text", ["\0", "%", "_", "' OR 1=1 --", "x" * 5000, "\u202e"])
def test_any_text_may_be_searched_for(librarian: Visitor, text: str) -> None:
    response = librarian.client.get("/book", params={"q": text})
    assert response.status_code in (200, 400)
    assert librarian.client.get("/book/options/author", params={"q": text}).status_code == 200


def test_the_start_page_of_very_many_entities_tells_of_the_first(tmp_path: Path) -> None:
    """It asked each of a thousand entities twice, for half a minute."""
    names = [f"thing_{n:03}" for n in range(80)]
    write(tmp_path, "---\n".join(f"entity: {name}\nproperties: {{name: {{type: text}}}}\n" for name in names))
    engine = open_app(tmp_path, database=f"sqlite:///{tmp_path / 'many.db'}", apply=True)
    try:
        with engine.gateway.write(SYSTEM) as context:
            identity.create_user(context, "ada", PASSWORD, ["administrator"])
        visitor = Visitor(engine)
        visitor.sign_in("ada")
        page = visitor.get("/").text
        places = page[page.index('<ul class="places">') :]
        assert places.count("<li>") == MOST_PLACES == 60
        assert 'href="/thing_000"' in places
        assert 'href="/thing_079"' not in places
        assert 'href="/thing_079"' in page  # the menu has them all
    finally:
        engine.close()
