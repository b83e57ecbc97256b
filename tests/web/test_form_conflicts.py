"""A form that somebody else was quicker with: both values are shown, and nothing of either is lost unasked."""

from __future__ import annotations

from engine.app import Engine
from engine.reading.query import Record
from tests.web.browsing import fields_of
from tests.web.conftest import Visitor, stored


def test_a_conflict_shows_both_values(
    engine: Engine, librarian: Visitor, admin: Visitor, book: Record
) -> None:
    mine = admin.get(f"/book/{book.id}/edit")
    librarian.get(f"/book/{book.id}/edit").submit(librarian, "form", name="Theirs", pages="10")
    clash = mine.submit(admin, "form", name="Mine", notes="My notes")
    assert clash.status == 409
    assert "Libby Rarian changed this book while you were editing" in clash.words
    assert "Libby Rarian set this to: Theirs" in clash.one("fieldset", css="clash").text
    data = fields_of(clash.form("form"))
    assert (data["name"], data["notes"], data["pages"]) == (["Mine"], ["My notes"], ["10"])
    assert len(clash.all("fieldset", css="clash")) == 1
    clash.submit(admin, "form")
    values = stored(engine, "book", book.id).values
    assert (values["name"], values["notes"], values["pages"]) == ("Mine", "My notes", 10)


def test_taking_theirs_keeps_the_rest(
    engine: Engine, librarian: Visitor, admin: Visitor, book: Record
) -> None:
    mine = librarian.get(f"/book/{book.id}/edit")
    admin.get(f"/book/{book.id}/edit").submit(admin, "form", name="Theirs")
    clash = mine.submit(librarian, "form", name="Mine", notes="My notes")
    clash.submit(librarian, "form", _take__name="theirs")
    values = stored(engine, "book", book.id).values
    assert (values["name"], values["notes"]) == ("Theirs", "My notes")


def test_changes_apart_are_kept_both(
    engine: Engine, librarian: Visitor, admin: Visitor, book: Record
) -> None:
    mine = librarian.get(f"/book/{book.id}/edit")
    admin.get(f"/book/{book.id}/edit").submit(admin, "form", pages="10")
    clash = mine.submit(librarian, "form", name="Mine")
    assert clash.status == 409
    assert "Changed meanwhile: Pages." in clash.words
    assert clash.submit(librarian, "form").status == 303
    values = stored(engine, "book", book.id).values
    assert (values["name"], values["pages"]) == ("Mine", 10)


def test_a_second_conflict_is_told_again(librarian: Visitor, admin: Visitor, book: Record) -> None:
    mine = librarian.get(f"/book/{book.id}/edit")
    admin.get(f"/book/{book.id}/edit").submit(admin, "form", name="Theirs")
    clash = mine.submit(librarian, "form", name="Mine")
    admin.get(f"/book/{book.id}/edit").submit(admin, "form", name="Theirs again")
    again = clash.submit(librarian, "form")
    assert again.status == 409
    assert "Theirs again" in again.one("fieldset", css="clash").text
