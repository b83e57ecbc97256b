"""Rows of a form: added, changed and removed with their record, errors at the row, and nobody else's rows."""

from __future__ import annotations

from engine.app import Engine
from engine.reading.query import Record
from tests.web.browsing import fields_of
from tests.web.conftest import Create, Visitor, stored


def test_rows_are_added_changed_and_removed_together(
    engine: Engine, librarian: Visitor, book: Record
) -> None:
    page = librarian.get(f"/book/{book.id}/edit")
    saved = page.submit(
        librarian,
        "form",
        copies__0__label="first, bound",
        copies__1___deleted="1",
        copies__7__label="third",
        copies__7__amount="3",
        copies__7___id="",
    )
    assert saved.status == 303
    rows = stored(engine, "book", book.id).children["copies"]
    assert [(row.values["label"], row.values["amount"]) for row in rows] == [
        ("first, bound", 1),
        ("third", 3),
    ]


def test_rows_nobody_touched_are_not_written(engine: Engine, librarian: Visitor, book: Record) -> None:
    versions = [row.version for row in book.children["copies"]]
    librarian.get(f"/book/{book.id}/edit").submit(librarian, "form", copies__0__label="only this")
    after = [row.version for row in stored(engine, "book", book.id).children["copies"]]
    assert (after[0] > versions[0], after[1]) == (True, versions[1])


def test_without_scripts_a_row_is_added_and_removed_by_the_server(
    engine: Engine, librarian: Visitor, book: Record
) -> None:
    page = librarian.get(f"/book/{book.id}/edit")
    added = page.submit(librarian, "form", _action="add:copies", name="Not saved yet")
    assert added.status == 200
    assert added.one("input", name="copies.2.amount").attributes["value"] == "1"
    assert fields_of(added.form("form"))["name"] == ["Not saved yet"]
    removed = added.submit(librarian, "form", _action="remove:copies.0")
    assert not removed.all("input", name="copies.0.label")
    assert stored(engine, "book", book.id).version == book.version
    saved = removed.submit(librarian, "form", copies__2__label="third")
    assert saved.status == 303
    rows = stored(engine, "book", book.id).children["copies"]
    assert [row.values["label"] for row in rows] == ["second", "third"]


def test_an_added_row_that_stays_empty_is_no_row(engine: Engine, librarian: Visitor, book: Record) -> None:
    added = librarian.get(f"/book/{book.id}/edit").submit(librarian, "form", _action="add:copies")
    added.submit(librarian, "form")
    assert len(stored(engine, "book", book.id).children["copies"]) == 2


def test_an_error_in_a_row_stands_at_that_row(librarian: Visitor, book: Record) -> None:
    page = librarian.get(f"/book/{book.id}/edit")
    refused = page.submit(
        librarian, "form", copies__9___id="", copies__9__label="x", copies__9__amount="none"
    )
    assert refused.status == 422
    assert "is-invalid" in refused.one("input", name="copies.9.amount").attributes["class"]
    assert "is-invalid" not in refused.one("input", name="copies.0.amount").attributes["class"]


def test_rows_with_large_inputs_are_cards(librarian: Visitor) -> None:
    page = librarian.get("/book/new").submit(librarian, "form", _action="add:places")
    card = page.one("div", css="row-card")
    assert card.one("input", name="places.0.where.street")


def test_another_record_s_rows_are_out_of_reach(
    engine: Engine, librarian: Visitor, create: Create, book: Record
) -> None:
    other = create("book", name="Other", author=book.values["author"].id, copies=[{"label": "theirs"}])
    theirs = other.children["copies"][0]
    page = librarian.get(f"/book/{book.id}/edit")
    refused = page.submit(librarian, "form", copies__0___id=str(theirs.id), copies__0__label="stolen")
    assert refused.status == 422
    assert stored(engine, "book", other.id).children["copies"][0].values["label"] == "theirs"
