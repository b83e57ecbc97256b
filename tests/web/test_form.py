"""The form: every type goes in and comes back, nothing typed is lost, errors and conflicts stand at the field."""

from __future__ import annotations

import re
from typing import Any

import pytest

from engine.app import Engine
from engine.reading.query import Record
from tests.web.browsing import Page, fields_of
from tests.web.conftest import Create, Visitor, stored


def number_of(answered: Page) -> int:
    found = re.fullmatch(r"/\w+/(\d+)", answered.location)
    assert found, (answered.status, answered.location, answered.words[-500:])
    return int(found[1])


TYPED: dict[str, str | list[str]] = {
    "name": "The Left Hand of Darkness",
    "kind": "travel",
    "themes": ["love", "sea"],
    "pages": "304",
    "price__amount": "12.50",
    "price__currency": "EUR",
    "cost__amount": "7.20",
    "discount": "5",
    "weight": "0.25",
    "lent": "true",
    "published": "1969-03-01",
    "due_at": "2026-05-01T10:30",
    "opens": "09:15",
    "loan": "14d",
    "stars": "4",
    "shade": "#ff8800",
    "site": "https://example.org/book",
    "contact": "info@example.org",
    "call": "+40 21 123 4567",
    "code": "6d0a1f0e-9c0b-4d6a-8f5e-2f8f4f6f0a11",
    "data": '{"a": [1, 2]}',
    "secret": "hush",
    "place__lat": "46.77",
    "place__lon": "23.59",
    "origin__street": "Market Street 1",
    "origin__city": "Cluj-Napoca",
    "origin__country": "RO",
    "notes": "Two\r\nlines",
    "summary": "<p>Rich <b>text</b><script>alert(1)</script></p>",
    "review": "**Good**",
}


def test_every_type_goes_in_and_comes_back(engine: Engine, librarian: Visitor, author: Record) -> None:
    """What is typed is stored; the edit form shows it; sent back unchanged it changes nothing."""
    made = librarian.get("/book/new").submit(librarian, "form", author=str(author.id), **TYPED)
    number = number_of(made)
    before = stored(engine, "book", number)
    empty = [name for name in ("scan", "cover", "sequel", "given_by") if before.values[name] is not None]
    filled = [name.partition("__")[0] for name in TYPED if before.values[name.partition("__")[0]] is None]
    assert (empty, filled) == ([], [])
    assert before.values["notes"] == "Two\nlines"
    assert "script" not in str(before.values["summary"])
    edited = librarian.get(f"/book/{number}/edit").submit(librarian, "form")
    assert librarian.follow(edited).one("div", css="toast").text.startswith("Nothing was changed.")
    assert stored(engine, "book", number).version == before.version


def test_the_view_shows_what_was_typed(librarian: Visitor, author: Record) -> None:
    made = librarian.get("/book/new").submit(librarian, "form", author=str(author.id), **TYPED)
    words = librarian.follow(made).words
    for shown in (
        "The Left Hand of Darkness",
        "Travel",
        "€12.50",
        "1969",
        "Cluj-Napoca",
        "info@example.org",
        "304",
    ):
        assert shown in words
    assert "hush" not in words


def test_clearing_every_field_clears_every_value(engine: Engine, librarian: Visitor, author: Record) -> None:
    number = number_of(librarian.get("/book/new").submit(librarian, "form", author=str(author.id), **TYPED))
    page = librarian.get(f"/book/{number}/edit")
    kept = {"name", "kind", "author", "secret", "lent"}
    blank: dict[str, Any] = {
        name: "" for name in fields_of(page.form("form")) if not name.startswith("_") and name not in kept
    }
    cleared = page.submit(librarian, "form", leave_out=("themes", "lent", "readers", "tags"), **blank)
    values = stored(engine, "book", number_of(cleared)).values
    left = {name.partition("__")[0] for name in TYPED} - kept
    assert {name: values[name] for name in left if values[name] is not None} == {}
    assert values["lent"] is False


def test_a_secret_is_never_shown_and_stays_when_left_alone(
    engine: Engine, librarian: Visitor, author: Record
) -> None:
    number = number_of(
        librarian.get("/book/new").submit(
            librarian, "form", author=str(author.id), name="Secrets", secret="hush"
        )
    )
    page = librarian.get(f"/book/{number}/edit")
    assert "hush" not in page.text
    page.submit(librarian, "form", name="More secrets")
    assert stored(engine, "book", number).values["secret"] == "hush"


def test_defaults_are_filled_in(librarian: Visitor) -> None:
    data = fields_of(librarian.get("/book/new").form("form"))
    assert data["kind"] == ["novel"]
    assert "lent" not in data
    assert librarian.get("/book/new").one("select", name="kind").one("option", selected="").text == "Novel"


def test_the_address_presets_fields(engine: Engine, librarian: Visitor, author: Record) -> None:
    page = librarian.get(
        f"/book/new?author={author.id}&name=Preset&given_by=author:{author.id}&next=/author/{author.id}"
    )
    assert page.one("select", name="author").one("option", selected="").text == "Ursula Le Guin"
    saved = page.submit(librarian, "form")
    assert saved.location == f"/author/{author.id}"
    assert "Preset" in librarian.follow(saved).words


@pytest.mark.parametrize(
    "preset", ["author=nix", "author=999999", "given_by=nix:1", "kind=nix", "_csrf=x", "nix=1"]
)
def test_a_preset_that_can_t_be_is_no_fault(librarian: Visitor, preset: str) -> None:
    assert librarian.get(f"/book/new?{preset}").heading == "New book"


# ---- errors


def test_all_errors_come_at_once_and_nothing_typed_is_lost(librarian: Visitor) -> None:
    typed = {
        "pages": "many",
        "price__amount": "1,2,3,4x",
        "site": "no site",
        "notes": "Keep me",
        "published": "1969-02-30",
    }
    page = librarian.get("/book/new").submit(librarian, "form", **typed)
    assert page.status == 422
    data = fields_of(page.form("form"))
    for name, text in typed.items():
        assert data[name.replace("__", ".")] == [text], name
    at_fields = {each.attributes["id"] for each in page.all("p", css="invalid-feedback")}
    assert at_fields == {
        f"f-{name}-error" for name in ("name", "pages", "price", "site", "published", "author")
    }
    lines = page.one("div", role="alert").all("li")
    assert len(lines) == len(at_fields)
    for link in page.one("div", role="alert").all("a"):
        assert page.all("", id=link.attributes["href"].removeprefix("#")), link.attributes["href"]


def test_an_error_is_tied_to_its_input(librarian: Visitor) -> None:
    page = librarian.get("/book/new").submit(librarian, "form", pages="many")
    pages = page.one("input", name="pages").attributes
    assert pages["aria-invalid"] == "true"
    assert pages["aria-describedby"] == "f-pages-error"
    assert "f-name-help" in page.one("input", name="name").attributes["aria-describedby"]


def test_an_error_of_a_part_marks_the_part(librarian: Visitor) -> None:
    page = librarian.get("/book/new").submit(
        librarian, "form", origin__country="Atlantis", place__lat="99", place__lon="1"
    )
    assert "is-invalid" in page.one("input", name="place.lat").attributes["class"]
    assert "is-invalid" not in page.one("input", name="place.lon").attributes["class"]
    assert "is-invalid" in page.one("select", name="origin.country").attributes["class"]
    assert fields_of(page.form("form"))["origin.country"] == ["Atlantis"]


def test_an_error_of_all_parts_marks_the_first(librarian: Visitor) -> None:
    page = librarian.get("/book/new").submit(librarian, "form", price__amount="12,x", price__currency="EUR")
    assert "is-invalid" in page.one("input", name="price.amount").attributes["class"]
    assert "is-invalid" not in page.one("select", name="price.currency").attributes["class"]


def test_a_reference_that_is_not_there_is_an_error(librarian: Visitor) -> None:
    page = librarian.get("/book/new").submit(librarian, "form", name="X", author="424242")
    assert page.status == 422
    assert page.one("p", id="f-author-error").text


def test_nothing_is_saved_when_something_is_wrong(engine: Engine, librarian: Visitor, book: Record) -> None:
    page = librarian.get(f"/book/{book.id}/edit")
    refused = page.submit(librarian, "form", name="Changed", pages="-1", copies__0__label="")
    assert refused.status == 422
    assert stored(engine, "book", book.id).values["name"] == "Always Coming Home"
    assert refused.one("p", id="f-copies-0-label-error").text == "Label must be filled in."


# ---- relations


def test_many_to_many_is_a_list_of_links(
    engine: Engine, librarian: Visitor, create: Create, book: Record
) -> None:
    one, two = create("author", last_name="One"), create("author", last_name="Two")
    page = librarian.get(f"/book/{book.id}/edit")
    page.submit(librarian, "form", readers=[str(one.id), str(two.id)])
    assert [link.title for link in stored(engine, "book", book.id).many["readers"]] == ["One", "Two"]
    again = librarian.get(f"/book/{book.id}/edit")
    assert fields_of(again.form("form"))["readers"] == [str(one.id), str(two.id)]
    again.submit(librarian, "form", readers=str(two.id))
    assert [link.title for link in stored(engine, "book", book.id).many["readers"]] == ["Two"]


def test_one_of_several_entities(engine: Engine, librarian: Visitor, book: Record, author: Record) -> None:
    page = librarian.get(f"/book/{book.id}/edit")
    page.submit(librarian, "form", given_by=f"author:{author.id}")
    link = stored(engine, "book", book.id).values["given_by"]
    assert (link.entity, link.id) == ("author", author.id)


# ---- record types


def test_a_record_type_decides_what_is_asked(engine: Engine, librarian: Visitor) -> None:
    page = librarian.get("/member/new")
    assert page.all("input", name="name")
    assert not page.all("input", name="company")
    switched = page.submit(librarian, "form", record_type="business", _action="refresh", name="Kept")
    assert switched.one("input", name="company").attributes["required"] == ""
    assert fields_of(switched.form("form"))["name"] == ["Kept"]
    refused = switched.submit(librarian, "form")
    assert refused.one("p", id="f-company-error").text == "Company must be filled in."
    saved = refused.submit(librarian, "form", company="Acme")
    values = stored(engine, "member", number_of(saved)).values
    assert (values["record_type"], values["company"], values["name"]) == ("business", "Acme", "Kept")


def test_the_first_record_type_is_chosen_at_once(engine: Engine, librarian: Visitor) -> None:
    saved = librarian.get("/member/new").submit(librarian, "form", name="Jo")
    assert stored(engine, "member", number_of(saved)).values["record_type"] == "person"


# ---- copies, files, access


def test_a_duplicate_is_filled_in_but_for_what_is_not_copied(librarian: Visitor, author: Record) -> None:
    number = number_of(librarian.get("/book/new").submit(librarian, "form", author=str(author.id), **TYPED))
    data = fields_of(librarian.get(f"/book/new?copy={number}").form("form"))
    assert data["name"] == ["The Left Hand of Darkness"]
    assert data["author"] == [str(author.id)]
    assert data["code"] == [""]
    assert data["_version"] == [""]


def test_a_duplicate_is_a_record_of_its_own(engine: Engine, librarian: Visitor, book: Record) -> None:
    number = number_of(librarian.get(f"/book/new?copy={book.id}").submit(librarian, "form"))
    copy = stored(engine, "book", number)
    assert number != book.id
    assert copy.values["name"] == "Always Coming Home"
    assert [row.values["label"] for row in copy.children["copies"]] == ["first", "second"]


PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40


def test_a_file_survives_an_error_elsewhere(engine: Engine, librarian: Visitor, author: Record) -> None:
    page = librarian.get("/book/new")
    refused = page.submit(
        librarian, "form", author=str(author.id), files={"cover": ("front.png", PNG, "image/png")}
    )
    assert refused.status == 422
    assert refused.one("div", css="file-kept").one("a").text == "front.png"
    saved = refused.submit(librarian, "form", name="With a cover")
    value = stored(engine, "book", number_of(saved)).values["cover"]
    assert (value.name, value.size, value.media_type) == ("front.png", len(PNG), "image/png")
    picture = librarian.client.get(f"/files/{value.key}")
    assert picture.content == PNG
    assert picture.headers["content-security-policy"] == "default-src 'none'; sandbox"


def test_a_file_is_kept_replaced_and_removed(engine: Engine, librarian: Visitor, author: Record) -> None:
    page = librarian.get("/book/new")
    number = number_of(
        page.submit(
            librarian,
            "form",
            author=str(author.id),
            name="Scans",
            files={"scan": ("a.txt", b"one", "text/plain")},
        )
    )
    first = stored(engine, "book", number).values["scan"]
    librarian.get(f"/book/{number}/edit").submit(librarian, "form", name="Scans kept")
    assert stored(engine, "book", number).values["scan"] == first
    librarian.get(f"/book/{number}/edit").submit(
        librarian, "form", files={"scan": ("b.txt", b"two", "text/plain")}
    )
    assert stored(engine, "book", number).values["scan"].name == "b.txt"
    librarian.get(f"/book/{number}/edit").submit(librarian, "form", scan__remove="1")
    assert stored(engine, "book", number).values["scan"] is None


def test_a_picture_must_be_one(librarian: Visitor) -> None:
    refused = librarian.get("/book/new").submit(
        librarian, "form", files={"cover": ("x.png", b"<script>", "image/png")}
    )
    assert refused.status == 422
    assert refused.one("p", id="f-cover-error").text


def test_somebody_else_s_upload_can_t_be_taken(
    engine: Engine, librarian: Visitor, admin: Visitor, author: Record
) -> None:
    refused = admin.get("/book/new").submit(
        admin, "form", files={"scan": ("private.txt", b"private", "text/plain")}
    )
    key = refused.one("input", name="scan.kept").attributes["value"]
    assert librarian.client.get(f"/files/{key}").status_code == 404
    saved = librarian.get("/book/new").submit(
        librarian, "form", author=str(author.id), name="Thief", scan__kept=key
    )
    assert stored(engine, "book", number_of(saved)).values["scan"] is None


def test_a_body_that_is_too_large_is_refused(librarian: Visitor) -> None:
    page = librarian.get("/book/new")
    huge = b"x" * (27 * 1024 * 1024)
    refused = page.submit(librarian, "form", files={"scan": ("huge.bin", huge, "application/octet-stream")})
    assert refused.status == 413
    assert refused.heading == "Too large"


def test_a_hidden_property_is_not_in_the_form(
    admin: Visitor, librarian: Visitor, visitor: Visitor, book: Record
) -> None:
    assert librarian.get("/book/new").all("input", name="cost.amount")
    assert visitor.get("/book/new", status=403).heading == "Not allowed"
    assert visitor.get(f"/book/{book.id}/edit", status=403).heading == "Not allowed"


def test_inputs_are_labelled(librarian: Visitor) -> None:
    """Every visible input has a label of its own, or is named by the legend of its group."""
    page = librarian.get("/book/new")
    labels = {label.attributes.get("for") for label in page.all("label")}
    for element in page.form("form").all():
        if element.tag not in ("input", "select", "textarea") or element.within("template"):
            continue
        if element.attributes.get("type") in ("hidden",):
            continue
        named = (
            element.attributes.get("id") in labels
            or "aria-label" in element.attributes
            or element.within("label")
        )
        assert named or element.within("fieldset"), element.attributes
    identities = [
        each.attributes["id"]
        for each in page.all()
        if "id" in each.attributes and not each.within("template")
    ]
    assert len(identities) == len(set(identities))


def test_a_form_without_scripts_says_where_to_go(librarian: Visitor, book: Record) -> None:
    page = librarian.get(f"/book/{book.id}/edit?next=/author")
    assert page.one("a", data_cancel="").attributes["href"] == "/author"
    assert page.submit(librarian, "form", name="Other").location == "/author"
    assert (
        librarian.get(f"/book/{book.id}/edit?next=//evil.example").one("a", data_cancel="").attributes["href"]
        == f"/book/{book.id}"
    )
