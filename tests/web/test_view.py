"""The page of one record: values, related lists, history; and what is done from it."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import event

from engine.app import Engine
from engine.reading.query import Record
from tests.web.browsing import Page, fields_of
from tests.web.conftest import Create, Visitor, stored


def sections(page: Page) -> list[str]:
    return [head.text for head in page.all("h2") if head.attributes.get("id", "").startswith(("s-", "r-"))]


def test_the_page_tells_the_record(librarian: Visitor, book: Record) -> None:
    page = librarian.get(f"/book/{book.id}")
    assert page.heading == book.title
    assert sections(page) == ["Details", "More", "Texts", "Copies", "Places", "Prequels", "History", "Tags"]


def test_empty_values_are_told_apart_from_no(librarian: Visitor, book: Record) -> None:
    values = {
        line.one("dt").text: line.one("dd").text
        for line in librarian.get(f"/book/{book.id}").all("div", css="prop")
    }
    assert values["Pages"] == "—"
    assert values["Lent"] == "No"
    assert values["Author"] == "Ursula Le Guin"


def test_related_lists_lead_on_and_add_with_the_parent(
    librarian: Visitor, book: Record, author: Record
) -> None:
    page = librarian.get(f"/author/{author.id}")
    related = next(each for each in page.all("section", css="related") if each.one("h2").text == "Books")
    assert [row.one("th", css="col-title").text for row in related.one("tbody").all("tr")] == [
        "Always Coming Home"
    ]
    add = related.one("a", aria_label="Add book").attributes["href"]
    form = librarian.get(add)
    assert form.one("select", name="author").one("option", selected="").text == "Ursula Le Guin"
    assert form.submit(librarian, "form", name="Lavinia").location == f"/author/{author.id}"


def test_a_polymorphic_list_adds_with_its_entity(librarian: Visitor, author: Record) -> None:
    page = librarian.get(f"/author/{author.id}")
    related = next(each for each in page.all("section", css="related") if each.one("h2").text == "Gifts")
    chosen = librarian.get(related.one("a", aria_label="Add book").attributes["href"])
    assert (
        chosen.one("select", name="given_by").one("option", selected="").attributes["value"]
        == f"author:{author.id}"
    )


def test_a_long_list_shows_its_start_and_leads_to_the_rest(
    librarian: Visitor, create: Create, author: Record
) -> None:
    for number in range(12):
        create("book", name=f"Volume {number:02}", author=author.id)
    page = librarian.get(f"/author/{author.id}")
    related = next(each for each in page.all("section", css="related") if each.one("h2").text == "Books")
    assert len(related.one("tbody").all("tr")) == 10
    assert related.one("span", css="num").text == "10+"
    rest = librarian.get(related.all("a", css="btn")[0].attributes["href"])
    assert "Rows 1–12 of 12" in rest.words
    assert rest.one("span", css="is-on").text == "Author: Ursula Le Guin"


def test_rows_of_the_record_are_added_in_its_form(librarian: Visitor, book: Record) -> None:
    page = librarian.get(f"/book/{book.id}")
    assert page.one("a", aria_label="Add copy").attributes["href"] == f"/book/{book.id}/edit"
    row = next(each for each in page.all("a") if each.text == "first").attributes["href"]
    crumbs = librarian.get(row).one("nav", css="crumbs")
    assert crumbs.all("a")[0].text == book.title


def test_linked_records_have_a_page_of_their_own(librarian: Visitor, create: Create, book: Record) -> None:
    page = librarian.get(f"/author/{book.values['author'].id}/related/books")
    assert page.heading == "Books of Ursula Le Guin"
    librarian.get(f"/author/{book.values['author'].id}/related/nix", status=404)


def test_history_tells_who_changed_what(admin: Visitor, book: Record) -> None:
    admin.get(f"/book/{book.id}/edit").submit(admin, "form", name="Renamed", pages="7")
    timeline = admin.get(f"/book/{book.id}").one("ol", css="timeline").all("li")
    newest = timeline[0]
    assert newest.one("b").text == "Ada Min"
    assert "changed 2 properties" in newest.text
    changes = {
        line.one("span", css="name").text: line.text for line in newest.one("ul", css="changes").all("li")
    }
    assert changes == {"Name": "Name Always Coming Home Renamed", "Pages": "Pages 7"}
    assert newest.one("time").attributes["title"]


def test_history_hides_what_a_reader_may_not_read(librarian: Visitor, visitor: Visitor, book: Record) -> None:
    librarian.get(f"/book/{book.id}/edit").submit(
        librarian, "form", cost__amount="99.50", cost__currency="EUR"
    )
    assert "99.50" in librarian.get(f"/book/{book.id}").words
    hidden = visitor.get(f"/book/{book.id}")
    assert "99.50" not in hidden.text
    assert "Cost" not in hidden.words


def test_the_history_goes_back_page_by_page(librarian: Visitor, create: Create) -> None:
    number = create("author", last_name="Busy").id
    for step in range(55):
        librarian.get(f"/author/{number}/edit").submit(librarian, "form", first_name=f"Step {step}")
    shown = librarian.get(f"/author/{number}")
    assert len(shown.one("ol", css="timeline").children) == 15
    first = librarian.get(f"/author/{number}/history")
    assert len(first.one("ol", css="timeline").children) == 50
    earlier = next(link for link in first.all("a") if link.text == "Show earlier")
    last = librarian.get(earlier.attributes["href"])
    assert len(last.one("ol", css="timeline").children) == 6
    assert "created this" in last.words


def test_only_what_is_allowed_is_offered(visitor: Visitor, librarian: Visitor, book: Record) -> None:
    def actions(who: Visitor) -> list[str]:
        return [each.text for each in who.get(f"/book/{book.id}").one("div", css="actions").all("a")]

    assert actions(librarian) == ["Edit", "Duplicate", "History", "Delete"]
    assert actions(visitor) == ["History", "Why can't I edit this?"]
    assert not visitor.get(f"/book/{book.id}").all("a", aria_label="Add copy")


@pytest.mark.parametrize(
    "path",
    [
        "/book/999999",
        "/book/nix",
        "/book/0",
        "/book/-1",
        "/book/99999999999999999999999",
        "/book/%00",
        "/nix/1",
    ],
)
def test_a_record_that_is_not_there(librarian: Visitor, path: str) -> None:
    page = librarian.get(path, status=404)
    assert page.heading == "Not found"


def test_what_may_not_be_seen_answers_like_what_is_not_there(
    visitor: Visitor, create: Create, admin: Visitor
) -> None:
    there = create("opening", text="x").id
    assert (
        visitor.get(f"/opening/{there}", status=404).one("div", css="fault").text
        == visitor.get("/opening/4242", status=404).one("div", css="fault").text
    )
    assert admin.get("/opening", status=303).location == f"/opening/{there}"
    assert admin.get(f"/opening/{there}").heading


# ---- deleting and coming back


def test_delete_asks_does_and_can_be_undone(engine: Engine, librarian: Visitor, book: Record) -> None:
    asked = librarian.get(f"/book/{book.id}/delete")
    assert asked.one("h1", id="dialog-title").text == f"Delete book {book.title}?"
    assert "2 copies will be deleted with it." in asked.words
    done = librarian.post(f"/book/{book.id}/delete", fields(asked))
    listed = librarian.follow(done)
    assert listed.one("div", css="toast").one("span").text == f"Book {book.title} was deleted."
    assert (
        librarian.get(f"/book/{book.id}").one("p", css="notice").text.startswith("This book is in the trash")
    )
    undo = listed.one("div", css="toast").one("form")
    back = librarian.post(undo.attributes["action"], fields_of(undo))
    assert librarian.follow(back).one("div", css="toast").one("span").text == "1 book is back."
    assert len(children(engine, book.id)) == 2


def fields(page: Page) -> dict[str, Any]:
    """What the confirmation on a page would send."""
    return fields_of(page.one("section", css="confirm").one("form"))


def children(engine: Engine, number: int) -> tuple[Record, ...]:
    return stored(engine, "book", number).children["copies"]


def test_a_toast_is_shown_once(librarian: Visitor, create: Create) -> None:
    number = create("author", last_name="Once").id
    librarian.get(f"/author/{number}/edit").submit(librarian, "form", first_name="Shown")
    assert librarian.get("/author").all("div", css="toast")
    assert not librarian.get("/author").all("div", css="toast")


def test_a_forged_toast_is_ignored(librarian: Visitor) -> None:
    librarian.client.cookies.set("engine_toast", "eyJ0ZXh0IjogIkhpIn0.forged")
    assert not librarian.get("/author").all("div", css="toast")


def test_what_is_referred_to_can_t_be_deleted(librarian: Visitor, book: Record, author: Record) -> None:
    asked = librarian.get(f"/author/{author.id}/delete")
    assert "1 book refers to it as author: change or delete it first." in asked.one("div", role="alert").text
    assert not asked.one("section", css="confirm").all("button")
    there = asked.one("div", role="alert").one("a")
    assert there.text == "Show it"
    shown = librarian.get(there.attributes["href"]).one("tbody").all("tr")
    assert len(shown) == 1
    assert str(book.values["number"]) in shown[0].text
    token = asked.one("meta", name="csrf").attributes["content"]
    refused = librarian.post(f"/author/{author.id}/delete", {"_csrf": token, "_version": str(author.version)})
    assert refused.status == 422
    assert librarian.get(f"/author/{author.id}").heading == "Ursula Le Guin"


def test_a_record_changed_meanwhile_is_not_deleted(librarian: Visitor, create: Create) -> None:
    number = create("author", last_name="Careful").id
    asked = librarian.get(f"/author/{number}/delete")
    librarian.get(f"/author/{number}/edit").submit(librarian, "form", first_name="Very")
    refused = librarian.post(f"/author/{number}/delete", fields(asked))
    assert refused.status == 409
    assert "Somebody changed it while you were looking." in refused.words


def test_deleting_for_good_where_there_is_no_trash(librarian: Visitor, create: Create) -> None:
    number = create("member", record_type="person", name="Gone").id
    asked = librarian.get(f"/member/{number}/delete")
    assert "This can't be undone." in asked.words
    done = librarian.follow(librarian.post(f"/member/{number}/delete", fields(asked)))
    assert not done.one("div", css="toast").all("form")
    librarian.get(f"/member/{number}", status=404)
    assert not librarian.get("/member").all("a", href="/member?trash=1")


def test_the_trash_lists_restores_and_purges(librarian: Visitor, create: Create) -> None:
    first, second = create("author", last_name="Trash one").id, create("author", last_name="Trash two").id
    token = librarian.get("/author").one("meta", name="csrf").attributes["content"]
    for number in (first, second):
        librarian.post(f"/author/{number}/delete", fields(librarian.get(f"/author/{number}/delete")))
    trash = librarian.get("/author?trash=1&q=trash")
    assert [row.attributes["data-id"] for row in trash.one("tbody", role="rowgroup").all("tr")] == [
        str(second),
        str(first),
    ]
    gone = librarian.get(trash.one("th", css="col-title").one("a").attributes["href"])
    offered = [button.text for button in gone.one("div", css="actions").all("button")]
    assert offered == ["Restore", "Delete for good", "Delete author for good"]
    assert librarian.post(f"/author/{first}/restore", {"_csrf": token}).location == f"/author/{first}"
    assert librarian.get(f"/author/{first}").all("a", href=f"/author/{first}/edit")
    librarian.post(f"/author/{second}/purge", {"_csrf": token})
    librarian.get(f"/author/{second}", status=404)


# ---- several


def test_several_are_deleted_after_asking_and_undone_together(librarian: Visitor, create: Create) -> None:
    ids = [str(create("author", last_name=f"Many {number}").id) for number in range(3)]
    page = librarian.get("/author?q=many")
    bulk = page.one("form", id="bulk")
    data = {**fields_of(bulk), "id": ids, "action": "delete"}
    asked = librarian.post(bulk.attributes["action"], data)
    assert asked.one("h1", id="dialog-title").text == "Delete 3 authors?"
    assert [line.text for line in asked.one("ul", css="titles").all("li")] == ["Many 2", "Many 1", "Many 0"]
    assert "Many 0" in librarian.get("/author?q=many").words
    done = librarian.follow(librarian.post(bulk.attributes["action"], fields(asked)))
    assert done.one("div", css="toast").one("span").text == "3 authors were deleted."
    undo = done.one("div", css="toast").one("form")
    librarian.post(undo.attributes["action"], fields_of(undo))
    assert len(librarian.get("/author?q=many").one("tbody", role="rowgroup").all("tr")) == 3


def test_what_was_refused_is_told(librarian: Visitor, create: Create, book: Record, author: Record) -> None:
    free = create("author", last_name="Free").id
    token = librarian.get("/author").one("meta", name="csrf").attributes["content"]
    data = {"_csrf": token, "action": "delete", "confirmed": "yes", "id": [str(free), str(author.id)]}
    told = librarian.follow(librarian.post("/author/bulk", data)).one("div", css="toast")
    assert told.attributes["data-tone"] == "amber"
    assert told.one("span").text.startswith("1 author was deleted. 1 author could not be deleted: ")
    assert "refers to it as author" in told.text


def test_nothing_selected_is_said(librarian: Visitor) -> None:
    token = librarian.get("/author").one("meta", name="csrf").attributes["content"]
    told = librarian.follow(librarian.post("/author/bulk", {"_csrf": token, "action": "delete"}))
    assert told.one("div", css="toast").one("span").text == "Select at least one row first."


def test_a_reader_can_t_delete(visitor: Visitor, book: Record) -> None:
    token = visitor.get("/").one("meta", name="csrf").attributes["content"]
    assert visitor.get(f"/book/{book.id}/delete", status=403).heading == "Not allowed"
    assert visitor.post(f"/book/{book.id}/delete", {"_csrf": token}).status == 403
    assert visitor.post("/book/bulk", {"_csrf": token, "action": "delete", "id": str(book.id)}).status == 403
    assert visitor.post("/book/bulk", {"_csrf": token, "action": "nix", "id": str(book.id)}).status == 400
    assert visitor.get(f"/book/{book.id}").heading == book.title


# ---- what a page costs


def test_the_number_of_statements_does_not_grow_with_what_is_related(
    engine: Engine, librarian: Visitor, create: Create, author: Record
) -> None:
    seen: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        seen.append(statement)

    counts = []
    for _ in range(2):
        for number in range(4):
            create("book", name=f"Volume {number}", author=author.id, copies=[{"label": "first"}])
        librarian.get(f"/author/{author.id}")
        event.listen(engine.gateway.database._reader, "before_cursor_execute", note)
        try:
            seen.clear()
            assert "Volume 3" in librarian.get(f"/author/{author.id}").text
            counts.append(len(seen))
        finally:
            event.remove(engine.gateway.database._reader, "before_cursor_execute", note)
    assert counts[0] == counts[1]


def test_nothing_is_asked_twice_and_all_in_one_transaction(
    engine: Engine, librarian: Visitor, book: Record
) -> None:
    asked: list[tuple[str, str]] = []

    def note(connection: Any, cursor: Any, statement: str, given: Any, *rest: Any) -> None:
        asked.append((statement, repr(given)))

    librarian.get(f"/book/{book.id}")
    event.listen(engine.gateway.database._reader, "before_cursor_execute", note)
    try:
        librarian.get(f"/book/{book.id}")
    finally:
        event.remove(engine.gateway.database._reader, "before_cursor_execute", note)
    assert len(asked) > 5
    assert len(asked) == len(set(asked))


def test_addresses_that_are_not_there_leave_nothing_behind(engine: Engine, librarian: Visitor) -> None:
    known = set()
    for number in range(5):
        librarian.get(f"/nothing-{number}", 404)
        librarian.get(f"/nothing-{number}/1", 404)
        librarian.get(f"/book?view=nothing-{number}", 400)
        known.add(len(engine.gateway.runtime.plans))
    assert len(known) == 1
