"""What people read: texts in their language and zone, links, badges, and nothing they should not see."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest

from engine.types.address import Address
from engine.types.display import Display, Shown
from engine.types.file import FileValue
from engine.types.geo_point import GeoPoint
from engine.types.money import Money
from tests.types.catalogue import made

EN, DE, RO, IN = (Display(language) for language in ("en", "de", "ro", "en_IN"))
CLUJ = Display("ro", "Europe/Bucharest")
MOMENT = datetime(2026, 1, 31, 12, 30, 5, tzinfo=UTC)

TEXTS: list[tuple[str, Display, Any, str]] = [
    ("integer", EN, 1234567, "1,234,567"),
    ("integer", RO, -1234567, "-1.234.567"),
    ("integer", IN, 1234567, "12,34,567"),
    ("integer", EN, 2**63 - 1, "9,223,372,036,854,775,807"),
    ("decimal", EN, Decimal("1234.50"), "1,234.50"),
    ("decimal", DE, Decimal("-0.50"), "-0,50"),
    ("percent", EN, Decimal("12.50"), "12.5%"),
    ("percent", DE, Decimal("20.00"), "20\u00a0%"),
    ("money", EN, Money(Decimal("1234.50"), "EUR"), "€1,234.50"),
    ("money", EN, Money(Decimal("-1234.50"), "RON"), "-RON\u00a01,234.50"),
    ("money", DE, Money(Decimal("1234.50"), "EUR"), "1.234,50\u00a0€"),
    ("money", EN, Money(Decimal(1234), "JPY"), "¥1,234"),
    ("money", EN, Money(Decimal("1.234"), "KWD"), "KWD\u00a01.234"),
    ("boolean", EN, True, "Yes"),
    ("date", EN, date(2026, 1, 31), "Jan 31, 2026"),
    ("date", RO, date(2026, 1, 31), "31 ian. 2026"),
    ("time", EN, time(14, 5), "2:05\u202fPM"),
    ("time", DE, time(14, 5, 7), "14:05:07"),
    ("datetime", EN, MOMENT, "Jan 31, 2026, 12:30\u202fPM"),
    ("datetime", CLUJ, MOMENT, "31 ian. 2026, 14:30"),
    ("duration", EN, timedelta(days=2, hours=4, minutes=30), "2d 4h 30m"),
    ("duration", EN, timedelta(0), "0m"),
    ("duration", EN, timedelta(seconds=-90.5), "-1m 30.5s"),
    ("choice", EN, "High one", "High"),
    ("choice", EN, "gone", "gone"),
    ("multi_choice", EN, ("low", "High one", "gone"), "Low, High, gone"),
    ("rich_text", EN, "<p>Dear &amp; <b>ne</b>ar</p><p>Bye<br>now</p>", "Dear & near Bye now"),
    (
        "address",
        RO,
        Address("Strada Mare 1", "", "Cluj", "", "400001", "DE"),
        "Strada Mare 1, 400001 Cluj, Germania",
    ),
    ("secret", EN, "hunter2", "••••••••"),
    ("phone", EN, "+40722123456", "+40 722 123 456"),
    ("phone", EN, "+12125550123;ext=12", "+1 212-555-0123 ext. 12"),
]


@pytest.mark.parametrize(("name", "display", "value", "text"), TEXTS)
def test_a_value_is_read(name: str, display: Display, value: Any, text: str) -> None:
    options = {"options": "priorities"} if "choice" in name else {}
    assert made(name, **options).to_text(value, display) == text


MAP = "https://www.openstreetmap.org"
SHOWN: list[tuple[str, Any, Shown]] = [
    ("long_text", "a\nb", Shown("a\nb", "long")),
    ("rich_text", "<p>a</p>", Shown("a", "html", machine="<p>a</p>")),
    ("markdown", "*a* <b>", Shown("*a* <b>", "html", machine="<p><em>a</em> &lt;b&gt;</p>\n")),
    ("email", "jon@example.com", Shown("jon@example.com", "link", href="mailto:jon@example.com")),
    ("phone", "+40722123456", Shown("+40 722 123 456", "link", href="tel:+40722123456")),
    ("url", "https://x.org/a/", Shown("x.org/a", "link", href="https://x.org/a/", title="https://x.org/a/")),
    ("boolean", False, Shown("No", "check", machine="false")),
    ("date", date(2026, 1, 31), Shown("Jan 31, 2026", "due", machine="2026-01-31")),
    (
        "datetime",
        MOMENT,
        Shown(
            "Jan 31, 2026, 12:30\u202fPM",
            "due",
            title="Jan 31, 2026, 12:30:05\u202fPM UTC",
            machine="2026-01-31T12:30:05Z",
        ),
    ),
    ("duration", timedelta(minutes=90), Shown("1h 30m")),
    ("duration", timedelta(seconds=-90.562772), Shown("-1m 30s", title="-1m 30.562772s")),
    ("duration", timedelta(seconds=4.562772), Shown("4.56s", title="4.562772s")),
    ("duration", timedelta(milliseconds=5), Shown("0.005s")),
    ("rating", 4, Shown("4 of 5", "rating", machine="4/5")),
    ("color", "#1f57b0", Shown("#1f57b0", "swatch", machine="#1f57b0")),
    ("json", {"b": 1}, Shown('{"b": 1}', "code")),
    (
        "file",
        FileValue("0" * 32, "a.pdf", 1_300_000, "application/pdf"),
        Shown("a.pdf", "file", href=f"/files/{'0' * 32}", title="1.2 MB"),
    ),
    (
        "image",
        FileValue("0" * 32, "a.png", 900, "image/png"),
        Shown("a.png", "image", href=f"/files/{'0' * 32}", title="900 B"),
    ),
    (
        "address",
        Address(street="Main & Co 1", country="RO"),
        Shown("Main & Co 1, Romania", "link", href=f"{MAP}/search?query=Main+%26+Co+1%2C+Romania"),
    ),
    (
        "geo_point",
        GeoPoint(Decimal("46.770000"), Decimal("23.590000")),
        Shown(
            "46.770000, 23.590000",
            "link",
            href=f"{MAP}/?mlat=46.770000&mlon=23.590000#map=14/46.770000/23.590000",
        ),
    ),
    ("secret", "hunter2", Shown("••••••••")),
]


@pytest.mark.parametrize(
    ("name", "value", "shown"), SHOWN, ids=[f"{name} {shown.text}" for name, _, shown in SHOWN]
)
def test_a_value_is_drawn(name: str, value: Any, shown: Shown) -> None:
    assert made(name).show(value, EN) == shown


def test_choices_are_badges_where_they_have_a_color() -> None:
    kind = made("choice", options="priorities")
    assert kind.show("normal", EN) == Shown("Normal", "badge", tone="blue", machine="normal")
    assert kind.show("low", EN) == Shown("Low", "text", machine="low")
    assert kind.show("gone", EN) == Shown("gone")
    several = made("multi_choice", options="priorities").show(("low", "normal"), EN)
    assert (several.kind, [item.kind for item in several.items]) == ("badges", ["text", "badge"])


def test_a_secret_shows_on_no_way_out() -> None:
    kind = made("secret")
    ways = [
        kind.to_json("hunter2"),
        kind.to_text("hunter2", EN),
        kind.to_export("hunter2"),
        kind.to_form("hunter2", EN),
    ]
    assert not any("hunter2" in str(way) for way in ways)
