"""What people type, in their language and zone, and what is made of it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from engine.types.display import Display
from engine.types.geo_point import GeoPoint
from engine.types.money import Money
from tests.types.catalogue import made

EN, GB, DE, RO, CH, IN = (Display(language) for language in ("en", "en_GB", "de", "ro", "de_CH", "en_IN"))
CLUJ = Display("ro", "Europe/Bucharest")
YORK = Display("en", "America/New_York")

TYPED: list[tuple[str, Display, str, Any]] = [
    ("text", EN, "  two\r\nlines ", "two lines"),
    ("text", EN, "e\u0301", "é"),
    ("text", EN, "\u200fשלום", "\u200fשלום"),
    ("long_text", EN, "two\r\nlines\rthree", "two\nlines\nthree"),
    ("rich_text", EN, "Dear & near,\nhello.\n\nBye", "<p>Dear &amp; near,<br>hello.</p><p>Bye</p>"),
    ("rich_text", EN, "<p>a</p><script>b</script>", "<p>a</p>"),
    ("email", EN, " Jon.Doe@EXAMPLE.Com\n", "Jon.Doe@example.com"),
    ("email", EN, "\u202ajon@example.com\u202c", "jon@example.com"),
    ("phone", EN, "+40 (722) 123-456", "+40722123456"),
    ("phone", EN, "\u202a+40 722 123 456\u202c", "+40722123456"),
    ("phone", EN, "+1 212 555 0123 ext. 12", "+12125550123;ext=12"),
    ("phone", EN, "+12125550123;ext=12", "+12125550123;ext=12"),
    ("url", EN, "Example.com/A?b=C", "https://example.com/A?b=C"),
    ("url", EN, "example.com:8080/x", "https://example.com:8080/x"),
    ("url", EN, "HTTP://EXAMPLE.com", "http://example.com"),
    ("integer", EN, "1,234", 1234),
    ("integer", DE, "1.234", 1234),
    ("integer", RO, "1.234.567", 1234567),
    ("integer", CH, "1'234", 1234),
    ("integer", IN, "12,34,567", 1234567),
    ("integer", EN, "−5", -5),
    ("decimal", EN, "1,234.5", Decimal("1234.50")),
    ("decimal", DE, "1.234,5", Decimal("1234.50")),
    ("decimal", DE, "1234.5", Decimal("1234.50")),
    ("decimal", Display("fr"), "1\u202f234,5", Decimal("1234.50")),
    ("decimal", Display("ar"), "٣٫٥".replace("٫", "."), Decimal("3.50")),
    ("decimal", EN, "-0", Decimal("0.00")),
    ("percent", EN, "12.5 %", Decimal("12.50")),
    ("percent", DE, "12,5%", Decimal("12.50")),
    ("money", EN, "1,234.50", Money(Decimal("1234.50"), "RON")),
    ("money", DE, "1.234,50 EUR", Money(Decimal("1234.50"), "EUR")),
    ("money", EN, "usd 10", Money(Decimal("10.00"), "USD")),
    ("money", EN, "500 JPY", Money(Decimal(500), "JPY")),
    ("boolean", EN, " Yes", True),
    ("boolean", EN, "0", False),
    ("date", EN, "2026-01-31", date(2026, 1, 31)),
    ("date", EN, "1/31/26", date(2026, 1, 31)),
    ("date", EN, "1/31/2026", date(2026, 1, 31)),
    ("date", EN, "Jan 31, 2026", date(2026, 1, 31)),
    ("date", EN, "january 31 2026", date(2026, 1, 31)),
    ("date", EN, "1/31/75", date(1975, 1, 31)),
    ("date", GB, "31/01/2026", date(2026, 1, 31)),
    ("date", GB, "31 Jan 2026", date(2026, 1, 31)),
    ("date", DE, "31.1.26", date(2026, 1, 31)),
    ("date", DE, "31. Januar 2026", date(2026, 1, 31)),
    ("date", RO, "31.01.2026", date(2026, 1, 31)),
    ("date", RO, "31 ian. 2026", date(2026, 1, 31)),
    ("date", RO, "31 ianuarie 2026", date(2026, 1, 31)),
    ("date", Display("hu"), "2026. 01. 31.", date(2026, 1, 31)),
    ("date", Display("ja"), "2026年1月31日", date(2026, 1, 31)),
    ("date", Display("es"), "31 de enero de 2026", date(2026, 1, 31)),
    ("time", EN, "2:05 PM", time(14, 5)),
    ("time", EN, "12:00 am", time(0, 0)),
    ("time", EN, "12:30\u202fPM", time(12, 30)),
    ("time", DE, "14:05", time(14, 5)),
    ("time", Display("fi"), "14.05", time(14, 5)),
    ("time", EN, "9:05:07.25", time(9, 5, 7, 250_000)),
    ("datetime", EN, "2026-01-31T14:30:00+02:00", datetime(2026, 1, 31, 12, 30, tzinfo=UTC)),
    ("datetime", CLUJ, "2026-01-31 14:30", datetime(2026, 1, 31, 12, 30, tzinfo=UTC)),
    ("datetime", CLUJ, "31.01.2026, 14:30", datetime(2026, 1, 31, 12, 30, tzinfo=UTC)),
    ("datetime", CLUJ, "31 ian. 2026 14:30", datetime(2026, 1, 31, 12, 30, tzinfo=UTC)),
    ("datetime", YORK, "Jan 31, 2026, 2:30\u202fPM", datetime(2026, 1, 31, 19, 30, tzinfo=UTC)),
    ("datetime", YORK, "January 31, 2026 at 2:30 PM", datetime(2026, 1, 31, 19, 30, tzinfo=UTC)),
    ("datetime", CLUJ, "2026-07-01", datetime(2026, 6, 30, 21, 0, tzinfo=UTC)),
    ("datetime", CLUJ, "2026-10-25 03:30", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),  # comes twice: the first
    ("duration", EN, "1:30", timedelta(minutes=90)),
    ("duration", EN, "90 min", timedelta(minutes=90)),
    ("duration", EN, "2 days, 4 hours", timedelta(days=2, hours=4)),
    ("duration", EN, "1h30m", timedelta(minutes=90)),
    ("duration", EN, "0", timedelta()),
    ("duration", EN, "PT48H", timedelta(days=2)),
    ("duration", EN, "1w", timedelta(days=7)),
    ("duration", EN, "-1.5s", timedelta(seconds=-1.5)),
    ("color", EN, "1F57B0", "#1f57b0"),
    ("color", EN, "#abc", "#aabbcc"),
    ("geo_point", EN, "46.77, 23.59", GeoPoint(Decimal("46.770000"), Decimal("23.590000"))),
    ("geo_point", EN, "46.77 -23.59", GeoPoint(Decimal("46.770000"), Decimal("-23.590000"))),
    ("uuid", EN, "{123E4567E89B12D3A456426614174000}", UUID("123e4567-e89b-12d3-a456-426614174000")),
    ("json", EN, '{"b": [1, 2.0], "a": null}', {"b": [1, 2], "a": None}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "display", "text", "value"), TYPED, ids=[f"{n}: {t!r}" for n, _, t, _ in TYPED]
)
def test_what_is_typed_is_understood(name: str, display: Display, text: str, value: Any) -> None:
    assert made(name).parse_text(text, display) == value


def test_a_national_number_is_completed_with_the_region() -> None:
    assert made("phone", region="RO").parse_text("0722 123 456", EN) == "+40722123456"


def test_options_are_typed_by_label_or_name_in_any_case() -> None:
    kind = made("choice", options="priorities")
    assert [kind.parse_text(text, EN) for text in ("HIGH", "high one", "4", " Low ")] == [
        "High one",
        "High one",
        "4",
        "low",
    ]
    several = made("multi_choice", options="priorities")
    assert several.parse_text("high; LOW", EN) == ("low", "High one")
    assert several.parse_text('["4", "low"]', EN) == ("low", "4")


def test_a_number_input_sends_plain_digits_in_every_language() -> None:
    """German writes 1.234 for a thousand and more; an input of type number sends it for one and a bit."""
    kind = made("decimal", scale=3)
    assert kind.parse_form({"": "1.234"}, DE) == Decimal("1.234")
    assert kind.parse_text("1.234", DE) == Decimal("1234.000")
    assert made("money").parse_form({"amount": "1.23", "currency": "EUR"}, DE) == Money(
        Decimal("1.23"), "EUR"
    )
    assert made("integer").parse_form({"": "1234"}, DE) == 1234
