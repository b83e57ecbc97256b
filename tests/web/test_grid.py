"""The list page: columns, order, paging, filters, tabs, trash; and what a reader may not see."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import event

from engine.app import Engine
from engine.reading.query import Record
from engine.service import records
from engine.work.context import SYSTEM
from tests.web.browsing import Page
from tests.web.conftest import Create, Visitor


@pytest.fixture(scope="module", autouse=True)
def shelf(engine: Engine) -> dict[str, int]:
    """Seven books of two authors."""
    with engine.gateway.write(SYSTEM, "cli") as context:
        first = records.create(context, "author", {"first_name": "Ana", "last_name": "Blandiana"}).id
        second = records.create(context, "author", {"last_name": "Kadare", "born": "1936-01-28"}).id
        for position, name in enumerate(["Amber", "Birch", "Cedar", "Dune", "Elm", "Fir", "Gorse <b>"]):
            records.create(
                context,
                "book",
                {
                    "name": name,
                    "author": second if position % 2 else first,
                    "kind": "poetry" if position < 2 else "novel",
                    "cost": "12.50",
                    "lent": position == 3,
                    "readers": [first],
                },
            )
    return {"first": first, "second": second}


def names(page: Page) -> list[str]:
    return [row.one("th", css="col-title").text for row in page.one("tbody", role="rowgroup").all("tr")]


def test_the_title_column_leads_to_the_record(librarian: Visitor) -> None:
    page = librarian.get("/book")
    assert names(page) == ["Amber", "Birch", "Cedar", "Dune", "Elm", "Fir", "Gorse <b>"]
    link = page.one("tbody", role="rowgroup").one("th", css="col-title").one("a")
    assert librarian.get(link.attributes["href"]).heading == "B-0001 · Amber"


def test_columns_follow_the_metadata(admin: Visitor) -> None:
    heads = [head.text for head in admin.get("/book").all("th", role="columnheader")]
    assert heads == [
        "Select",
        "Number",
        "Name",
        "Author",
        "Kind",
        "Author born",
        "Cost",
        "Lent",
        "Owner",
        "Readers",
    ]


def test_values_are_drawn_by_their_kind(librarian: Visitor) -> None:
    row = librarian.get("/book?q=Dune").one("tbody", role="rowgroup").one("tr")
    assert row.one("span", css="badge").text == "Novel"
    assert row.one("span", css="badge").attributes["data-tone"] == "blue"
    assert row.one("time").attributes["datetime"] == "1936-01-28"
    assert row.one("td", css="num").text == "€12.50"
    assert row.one("td", data_label="Lent").text == "Yes"
    assert row.one("a", css="tag").text == "Ana Blandiana"


def test_a_column_that_is_hidden_from_a_reader_is_not_there(visitor: Visitor) -> None:
    page = visitor.get("/book")
    assert "Cost" not in [head.text for head in page.all("th", role="columnheader")]
    assert "12.50" not in page.text


def test_sorting_by_a_head_turns_round(librarian: Visitor) -> None:
    page = librarian.get("/book")
    head = page.one("th", aria_sort="ascending")
    assert head.text == "Name"
    turned = librarian.get(head.one("a").attributes["href"])
    assert names(turned)[0] == "Gorse <b>"
    assert turned.one("th", aria_sort="descending").text == "Name"


def test_sorting_by_several(librarian: Visitor) -> None:
    page = librarian.get("/book?sort=author,-name")
    assert names(page) == ["Gorse <b>", "Elm", "Cedar", "Amber", "Fir", "Dune", "Birch"]
    assert len(page.all("th", aria_sort="ascending")) == len(page.all("th", aria_sort="descending")) == 1
    assert page.one("caption").text == "Books, sorted by author, then name, descending"


def test_paging_by_key_goes_there_and_back(librarian: Visitor, create: Create) -> None:
    for number in range(30):
        create("author", last_name=f"Z{number:02}")
    first = librarian.get("/author?q=Z&sort=last_name&limit=25")
    assert names(first)[0] == "Z00"
    assert "Rows 1–25 of 30" in first.words
    second = librarian.get(first.one("a", rel="next").attributes["href"])
    assert names(second) == ["Z25", "Z26", "Z27", "Z28", "Z29"]
    assert "Rows 26–30 of 30" in second.words
    assert not second.all("a", rel="next")
    back = librarian.get(second.one("a", rel="prev").attributes["href"])
    assert names(back) == names(first)
    assert not back.all("a", rel="prev")


def test_the_text_filter_finds_and_counts(librarian: Visitor) -> None:
    page = librarian.get("/book?q=dun")
    assert names(page) == ["Dune"]
    assert page.one("div", id="page-head").one("span", css="num").text == "1"
    assert page.one("input", name="q").attributes["value"] == "dun"


def test_filters_by_choice_and_boolean_and_relation(librarian: Visitor, shelf: dict[str, int]) -> None:
    assert names(librarian.get("/book?filter.kind=poetry")) == ["Amber", "Birch"]
    assert len(names(librarian.get("/book?filter.kind=poetry&filter.kind=novel"))) == 7
    assert names(librarian.get("/book?filter.lent=true")) == ["Dune"]
    assert names(librarian.get(f"/book?filter.author={shelf['second']}")) == ["Birch", "Dune", "Fir"]
    assert len(names(librarian.get("/book?filter.given_by=-"))) == 7


def test_a_chosen_filter_says_so_and_can_be_taken_back(librarian: Visitor, shelf: dict[str, int]) -> None:
    page = librarian.get(f"/book?filter.author={shelf['second']}&filter.kind=novel")
    chips = [chip.text for chip in page.all("span", css="is-on")]
    assert chips == ["Kind: Novel", "Author: Kadare"]
    cleared = librarian.get(page.one("a", aria_label="Remove filter Kind").attributes["href"])
    assert [chip.text for chip in cleared.all("span", css="is-on")] == ["Author: Kadare"]


def test_without_scripts_records_are_offered_when_asked_for(librarian: Visitor) -> None:
    assert not librarian.get("/book").all("input", name="filter.author")
    offered = librarian.get("/book?offer=1")
    labels = [box.parent.text for box in offered.all("input", name="filter.author") if box.parent]
    assert "Kadare" in labels


def test_the_form_of_filters_keeps_what_is_chosen(librarian: Visitor) -> None:
    page = librarian.get("/book?filter.kind=poetry&sort=-name&q=r")
    form = page.one("form", role="search")
    kept = {each.attributes["name"]: each.attributes["value"] for each in form.all("input", type="hidden")}
    assert kept == {"sort": "-name"}
    assert [
        box.attributes["value"]
        for box in form.all("input", name="filter.kind")
        if "checked" in box.attributes
    ] == ["poetry"]


def test_tabs_are_presets(librarian: Visitor) -> None:
    page = librarian.get("/book?view=poems")
    assert names(page) == ["Birch", "Amber"]
    tabs = page.one("nav", css="tabs")
    assert [tab.text for tab in tabs.all("a")] == ["All", "Poems"]
    assert tabs.one("a", aria_current="page").text == "Poems"
    assert page.one("nav", id="nav").one("a", aria_current="page").text == "Poems"


def current_tab(page: Page) -> str:
    return page.one("nav", css="tabs").one("a", aria_current="page").text


def test_a_grid_opens_with_the_first_view_that_is_for_the_reader(visitor: Visitor) -> None:
    page = visitor.get("/author")
    assert (current_tab(page), names(page)) == ("Late", ["Kadare"])
    everything = page.one("nav", css="tabs").all("a")[0].attributes["href"]
    assert everything == "/author?view=-"
    assert current_tab(visitor.get(everything)) == "All"
    assert {"Ana Blandiana", "Kadare"} <= set(names(visitor.get(everything)))
    found = visitor.get(f"{everything}&q=Blandiana")
    assert (current_tab(found), names(found)) == ("All", ["Ana Blandiana"])


def test_an_address_that_asks_for_something_gets_that(visitor: Visitor) -> None:
    assert names(visitor.get("/author?q=Blandiana")) == ["Ana Blandiana"]
    assert names(visitor.get("/author?sort=last_name")) == ["Kadare"]


def test_others_open_all_records(librarian: Visitor) -> None:
    page = librarian.get("/author")
    assert current_tab(page) == "All"
    assert {"Ana Blandiana", "Kadare"} <= set(names(page))
    assert page.one("nav", css="tabs").all("a")[0].attributes["href"] == "/author"


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("sort=nix", "No property or relation 'nix' on book."),
        ("filter.nix=1", "No property or relation 'nix' on book."),
        ("filter.kind=nix", "is not one of novel, poetry, travel."),
        ("view=nix", "There is no view 'nix' here; there are: poems."),
        ("after=nix", "This cursor was not issued for this list"),
    ],
)
def test_a_query_that_can_t_be_answered_says_why(librarian: Visitor, query: str, says: str) -> None:
    page = librarian.get(f"/book?{query}", status=400)
    assert says in page.one("div", css="fault").text


def test_a_hidden_property_can_t_be_sorted_or_filtered_by(visitor: Visitor) -> None:
    unknown = visitor.get("/book?sort=nix", status=400).words.replace("nix", "?")
    hidden = visitor.get("/book?sort=cost", status=400).words.replace("cost", "?")
    assert hidden == unknown
    assert visitor.get("/book?filter.cost=1", status=400).status == 400


@pytest.mark.parametrize("limit", ["25", "0", "-1", "abc", "999999999999", "٣"])
def test_a_page_size_nobody_offers_is_ignored(librarian: Visitor, limit: str) -> None:
    page = librarian.get(f"/book?limit={limit}")
    size = "25 per page" if limit == "25" else "50 per page"
    assert size in page.words


def test_nothing_matches(librarian: Visitor) -> None:
    page = librarian.get("/book?q=qqqq")
    assert page.one("div", css="empty").one("h2").text == "No book matches"
    assert librarian.get(page.one("div", css="empty").one("a").attributes["href"]).heading == "Books"


def test_an_empty_grid_says_what_belongs_there(admin: Visitor) -> None:
    page = admin.get("/copy?q=")
    assert page.one("div", css="empty").one("h2").text == "No copies yet"
    assert not page.one("div", css="empty").all("a"), "a row of a composition is made in its parent's form"
    assert admin.get("/group").one("div", css="empty").one("a").text == "New group"


def test_entities_may_be_unknown_hidden_or_one(anybody: Visitor, visitor: Visitor, admin: Visitor) -> None:
    assert visitor.get("/nix", status=404).heading == "Not found"
    assert visitor.get("/member", status=403).heading == "Not allowed"
    assert admin.get("/opening", status=303).location == "/opening/new"


def test_navigation_shows_what_may_be_read(visitor: Visitor, admin: Visitor) -> None:
    def entries(page: Page) -> list[str]:
        return [link.text for link in page.one("nav", id="nav").all("a", css="nav-link")]

    assert entries(visitor.get("/")) == ["Books", "Poems", "Authors", "Administration"]
    assert entries(admin.get("/")) == ["Books", "Poems", "Authors", "Members", "Openings", "Administration"]


def test_an_htmx_request_gets_the_page_and_its_address(librarian: Visitor) -> None:
    page = librarian.get("/book?q=&sort=-name&filter.kind=", **{"HX-Request": "true"})
    assert page.headers["hx-push-url"] == "/book?sort=-name"


def test_html_in_values_is_text(librarian: Visitor, create: Create) -> None:
    create("author", last_name="<script>alert(1)</script>", first_name='"><img src=x>')
    page = librarian.get("/author?q=alert")
    assert "<script>alert" not in page.text
    assert "<img src=x>" not in page.text
    assert names(page) == ['"><img src=x> <script>alert(1)</script>']


def test_pickers_offer_what_is_typed(librarian: Visitor) -> None:
    offered = librarian.get("/book/options/author?q=kad")
    assert [(each.attributes["data-label"]) for each in offered.all("li")] == ["Kadare"]
    several = librarian.get("/book/options/given_by?q=kad")
    assert several.one("li").attributes["data-value"].startswith("author:")
    assert librarian.get("/book/options/author?q=zzzzz").one("li").attributes["aria-disabled"] == "true"
    librarian.get("/book/options/nix", status=400)


def test_the_number_of_statements_does_not_grow_with_the_rows(
    engine: Engine, librarian: Visitor, author: Record
) -> None:
    seen: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        seen.append(statement)

    librarian.get("/book?limit=25")
    event.listen(engine.gateway.database._reader, "before_cursor_execute", note)
    try:
        librarian.get("/book?q=Dune")
        few = len(seen)
        seen.clear()
        librarian.get("/book?limit=100")
        many = len(seen)
    finally:
        event.remove(engine.gateway.database._reader, "before_cursor_execute", note)
    assert many <= few
