"""What one type alone does: clocks that change, forms that carry more than they show, numbers that count."""

# ruff: noqa: E501 (a case is a row)

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random

import pytest

from engine.samples.specimen import specimen
from engine.types.address import Address
from engine.types.base import UNCHANGED, PropertyType, Refused
from engine.types.country import countries, country_named
from engine.types.currency import currencies, digits
from engine.types.display import Display
from engine.types.file import FileType, FileValue
from engine.types.folding import fold
from engine.types.money import Money, MoneyType
from engine.types.registry import Registry, default_registry
from engine.types.secret import MASK
from engine.types.text import TextType
from tests.types.catalogue import SCOPE, made

CLUJ = Display("ro", "Europe/Bucharest")
EN = Display()


# ---- moments


def test_both_of_two_equal_times_survive_a_form() -> None:
    """03:30 comes twice on the night the clocks go back: saving a form must not move the second to the first."""
    kind = made("datetime")
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    for moment in (first, first + timedelta(hours=1)):
        parts = kind.to_form(moment, CLUJ)
        assert parts[""] == "2026-10-25T03:30:00"
        assert kind.parse_form(parts, CLUJ) == moment
        assert (
            kind.parse_form({**parts, "": "2026-10-25T03:30"}, CLUJ) == moment
        )  # browsers drop zero seconds


def test_what_is_typed_over_a_moment_counts() -> None:
    kind = made("datetime")
    parts = kind.to_form(datetime(2026, 1, 31, 12, 30, 5, 123456, tzinfo=UTC), CLUJ)
    assert parts == {"": "2026-01-31T14:30:05", "exact": "2026-01-31T12:30:05.123456Z"}
    typed = {**parts, "": "2026-01-31T15:00"}
    assert kind.parse_form(typed, CLUJ) == datetime(2026, 1, 31, 13, 0, tzinfo=UTC)
    assert kind.parse_form({**parts, "": ""}, CLUJ) is None


def test_a_moment_is_kept_to_the_microsecond_and_no_finer() -> None:
    kind = made("datetime")
    assert kind.parse("2026-01-31T12:30:05.123456000Z").microsecond == 123456
    with pytest.raises(Refused):
        kind.parse("2026-01-31T12:30:05.1234567Z")


def test_limits_of_days_and_moments_hold() -> None:
    kind = made("date", min="2026-01-01", max="2026-12-31")
    assert kind.parse("2026-12-31") == date(2026, 12, 31)
    assert kind.parse_operand("1999-01-01") == date(1999, 1, 1)  # one may ask for what can't be entered
    moments = made("datetime", min="2026-01-01T00:00:00Z")
    with pytest.raises(Refused) as caught:
        moments.parse_text("31.12.2025 14:00", CLUJ)
    assert str(caught.value) == "This is 1 ian. 2026, 02:00 or later."


def test_a_time_with_microseconds_survives_a_form() -> None:
    kind = made("time")
    assert kind.parse_form(kind.to_form(time(9, 5, 7, 123456), EN), EN) == time(9, 5, 7, 123456)


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("48h", "P2D"),
        ("30m", "PT30M"),
        ("300s", "PT5M"),
        ("2d", "P2D"),
        ("1h 30m", "PT1H30M"),
        ("0m", "PT0S"),
    ],
)
def test_a_duration_is_written_in_metadata_and_answered_as_iso(text: str, iso: str) -> None:
    kind = made("duration")
    assert kind.to_json(kind.parse(text)) == iso


# ---- amounts


def test_the_decimals_of_currencies_are_those_of_iso_4217() -> None:
    assert {code: digits(code) for code in ("EUR", "JPY", "KWD", "CLF", "HUF", "ISK")} == {
        "EUR": 2, "JPY": 0, "KWD": 3, "CLF": 4, "HUF": 2, "ISK": 0,
    }  # fmt: skip
    assert {"EUR", "RON", "USD"} <= currencies()


def test_an_amount_alone_is_in_the_usual_currency() -> None:
    kind = made("money")
    assert kind.parse("10.5") == Money(Decimal("10.50"), "RON")
    assert kind.parse(10.1) == Money(Decimal("10.10"), "RON")
    assert made("money", currency="JPY").parse(10) == Money(Decimal(10), "JPY")


def test_an_amount_takes_the_currency_that_its_path_says() -> None:
    kind = made("money", currency="account.currency")
    assert isinstance(kind, MoneyType)
    assert (kind.fixed, kind.follows) == ("", "account.currency")
    assert kind.in_currency(Money(Decimal("10.00"), "EUR"), "JPY") == Money(Decimal(10), "JPY")
    with pytest.raises(Refused, match="An amount in JPY has no decimals"):
        kind.in_currency(Money(Decimal("10.50"), "EUR"), "JPY")


def test_a_float_is_taken_as_it_is_written() -> None:
    assert made("decimal").parse(0.1) == Decimal("0.10")
    with pytest.raises(Refused):
        made("decimal").parse(0.1 + 0.2)


def test_minus_zero_is_zero() -> None:
    assert made("decimal").to_json(made("decimal").parse("-0.00")) == "0.00"
    assert str(made("integer").parse(-0.0)) == "0"


# ---- texts


def test_direction_marks_are_kept_in_texts() -> None:
    assert made("text").parse("\u200fשלום\u200e abc") == "\u200fשלום\u200e abc"


def test_a_text_of_spaces_is_nothing() -> None:
    kind = made("text")
    assert kind.empty(kind.parse(" \u00a0 "))
    assert made("text", min_length=3).parse_form({"": "   "}, EN) is None
    assert made("text", trim=False).parse(" a ") == " a "


@pytest.mark.parametrize(
    ("html", "kept"),
    [
        ("<script>alert(1)</script>", ""),
        ("<p><br></p>", ""),
        ("<img src=x onerror=alert(1)>", ""),
        ('<p onclick="x()" style="color:red">a</p>', "<p>a</p>"),
        ('<a href="javascript:alert(1)">a</a>', '<a rel="noopener noreferrer nofollow">a</a>'),
        ('<a href="https://x.org/?a=1&amp;b=2">a</a>', '<a href="https://x.org/?a=1&amp;b=2" rel="noopener noreferrer nofollow">a</a>'),
        ("<ul><li>a</ul>", "<ul><li>a</li></ul>"),
        ("1 < 2 & 3", "1 &lt; 2 &amp; 3"),
        ("<svg><style><img src=x onerror=alert(1)></style></svg>b", "b"),
        ("<h1>a</h1><iframe src=x></iframe>", "<h1>a</h1>"),
    ],
)  # fmt: skip
def test_rich_text_is_sanitised(html: str, kept: str) -> None:
    assert made("rich_text").parse(html) == kept


def test_markdown_shows_no_html_of_its_own() -> None:
    shown = made("markdown").show("<b onclick=x>a</b> [b](javascript:alert(1)) **c**", EN)
    assert shown.machine == (
        "<p>&lt;b onclick=x&gt;a&lt;/b&gt; [b](javascript:alert(1)) <strong>c</strong></p>\n"
    )


def test_folding_forgets_case_beyond_ascii() -> None:
    assert [fold(text) for text in ("ȘTEFAN", "ΟΔΟΣ", "İ", "Straße", None)] == [
        "ștefan",
        "οδοσ",
        "i",
        "straße",
        None,
    ]


# ---- numbers that the engine gives


def test_a_number_is_rendered_and_counts_anew_in_each_period() -> None:
    kind = made("autonumber", pattern="T-{yyyy}/{mm}-{seq:05}", start=10)
    march, april = datetime(2026, 3, 31, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)
    assert [kind.render(march, number) for number in (1, 2)] == ["T-2026/03-00010", "T-2026/03-00011"]  # type: ignore[attr-defined]
    assert (kind.scope_key(march), kind.scope_key(april)) == ("2026-03", "2026-04")  # type: ignore[attr-defined]
    assert made("autonumber").scope_key(march) == ""  # type: ignore[attr-defined]
    assert made("autonumber", pattern="{{{yy}}}{seq:3}").render(march, 7) == "{26}007"  # type: ignore[attr-defined]


@pytest.mark.parametrize(("name", "code"), [("state", "state-not-writable"), ("autonumber", "read-only")])
def test_what_the_engine_sets_says_why_it_can_not_be_written(name: str, code: str) -> None:
    cls = default_registry().get(name)
    assert cls is not None
    assert not cls.writable
    assert cls.not_writable[0] == code


def test_a_state_starts_where_its_workflow_says() -> None:
    assert made("state", workflow="ticket_lifecycle").initial(SCOPE) == "normal"
    assert made("boolean").initial(SCOPE) is None


# ---- forms that carry more than they show


def test_a_secret_left_masked_is_left_as_it_is() -> None:
    kind = made("secret")
    assert kind.parse_form(kind.to_form("hunter2", EN), EN) is UNCHANGED
    assert kind.parse_form({"": "new"}, EN) == "new"
    assert kind.parse_form({"": ""}, EN) is None
    assert kind.to_json("hunter2") == MASK


def test_a_form_hands_over_a_stored_file_or_nothing() -> None:
    kind = made("file")
    stored = FileValue("0" * 32, "a.pdf", 5, "application/pdf")
    assert kind.parse_form({"": stored}, EN) == stored
    assert kind.parse_form({"": None}, EN) is None
    assert kind.parse_form({"": "a.pdf"}, EN) is None


def test_a_file_name_can_not_disguise_its_ending() -> None:
    kind = made("file")
    value = kind.parse(
        {"key": "0" * 32, "name": "invoice\u202efdp.exe", "size": 1, "media_type": "text/plain"}
    )
    assert value.name == "invoicefdp.exe"


def test_uploads_are_checked_before_they_are_stored() -> None:
    kind = made("image", max_mb=1)
    assert isinstance(kind, FileType)
    kind.check_upload(2**20, "image/png")
    with pytest.raises(Refused, match="A file here has at most 1 MB"):
        kind.check_upload(2**20 + 1, "image/png")


def test_an_unticked_box_is_false() -> None:
    assert made("boolean").parse_form({}, EN) is False
    assert made("boolean").parse_form({"": "on"}, EN) is True


def test_no_star_is_no_rating() -> None:
    assert made("rating").parse_form({"": "0"}, EN) is None


# ---- places


def test_countries_have_names_in_every_language() -> None:
    assert len(countries("en")) == 250
    assert (
        country_named("românia", "ro") == country_named("Romania", "de") == country_named("ro", "en") == "RO"
    )
    assert country_named("Atlantis", "en") is None


def test_a_form_takes_a_country_by_its_name() -> None:
    kind = made("address")
    assert kind.parse_form({"city": "Graz", "country": "Österreich"}, Display("de")) == Address(
        city="Graz", country="AT"
    )
    assert kind.parse_form({"city": " ", "country": ""}, EN) is None


def test_an_address_without_parts_is_none() -> None:
    kind = made("address")
    assert kind.empty(kind.parse({}))
    assert kind.empty(kind.parse({"city": None, "street": ""}))
    assert kind.store(Address(city="Graz", country="AT"))[0] == "Graz, AT"


# ---- samples and the registry


@pytest.mark.parametrize(
    "pattern", ["[A-Z]{2}[0-9]{4}", r"\d{3}-\w+", "(?:ab|cd)?x{2,4}", "[^a-z]{3}", r"A\.B", "^T[0-9]+$"]
)
def test_a_sample_matches_its_pattern(pattern: str) -> None:
    kind = TextType(pattern=pattern)
    for number in range(30):
        assert kind.parse(kind.sample(Random(number), number))


def test_a_pattern_beyond_samples_says_so() -> None:
    with pytest.raises(ValueError, match=r"only \(\?:…\) groups are understood"):
        specimen("(?=a)b", Random(1), 0, 10)


def test_a_plugin_adds_a_type_and_can_not_replace_one() -> None:
    class IbanType(TextType):
        """An account number."""

        name = "iban"

    class OtherTextType(TextType):
        """Not the text everybody knows."""

    registry = default_registry()
    registry.register(IbanType)
    assert registry.get("iban") is IbanType
    assert registry.names()[-1] == "iban"
    with pytest.raises(ValueError, match=r"the property type .text. is already there: engine\.types\.text"):
        registry.register(OtherTextType)
    assert Registry().get("text") is None


def test_a_plain_type_needs_nothing_composed() -> None:
    assert made("text").plain
    assert made("decimal").plain
    assert not made("money").plain
    assert PropertyType().plain
