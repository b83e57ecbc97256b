"""Labels, suggestions and templates."""

from __future__ import annotations

import pytest

from engine.text.labels import plural, with_article, words
from engine.text.suggest import did_you_mean
from engine.text.template import Field, TemplateError, parse_template


@pytest.mark.parametrize(
    ("name", "label"),
    [("first_name", "First name"), ("order", "Order"), ("vat-number", "Vat number"), ("", "")],
)
def test_words(name: str, label: str) -> None:
    assert words(name) == label


@pytest.mark.parametrize(
    ("one", "several"),
    [
        ("Company", "Companies"),
        ("Day", "Days"),
        ("Address", "Addresses"),
        ("Box", "Boxes"),
        ("Branch", "Branches"),
        ("Equipment", "Equipment"),
        ("Sales order", "Sales orders"),
    ],
)
def test_plural(one: str, several: str) -> None:
    assert plural(one) == several


@pytest.mark.parametrize(
    ("word", "said"), [("text", "a text"), ("integer", "an integer"), ("url", "a url"), ("uuid", "a uuid")]
)
def test_with_article(word: str, said: str) -> None:
    assert with_article(word) == said


@pytest.mark.parametrize(
    ("word", "names", "meant"),
    [
        ("prioriti", ["priority", "probability"], "priority"),
        ("Priority", ["priority"], "priority"),
        ("first-name", ["last_name", "first_name"], "first_name"),
        ("xyz", ["priority"], None),
        ("name", [], None),
    ],
)
def test_did_you_mean(word: str, names: list[str], meant: str | None) -> None:
    assert did_you_mean(word, names) == meant


def test_a_template_knows_its_fields_and_where_they_stand() -> None:
    made = parse_template("{number} · {account.name:>5} {{x}}")
    assert made.paths == ("number", "account.name")
    assert made.parts == (Field("number", "", 1), " · ", Field("account.name", ">5", 12), " {x}")
    assert made.render({"number": 7, "account.name": None}) == "7 ·  {x}"
    assert parse_template("{a} · {b}").render({"a": "x"}) == "x"


@pytest.mark.parametrize(
    ("text", "offset", "message"),
    [
        ("{a", 0, "a lone '{': write '{{' for a brace"),
        ("a}", 1, "a lone '}': write '}}' for a brace"),
        ("x {}", 2, "empty braces: name a property between them"),
    ],
)
def test_templates_that_cannot_be_read(text: str, offset: int, message: str) -> None:
    with pytest.raises(TemplateError) as raised:
        parse_template(text)
    assert (raised.value.offset, str(raised.value)) == (offset, message)
