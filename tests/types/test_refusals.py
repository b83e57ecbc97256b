"""What people and programs are told, word for word, when a value can't be taken."""

# ruff: noqa: E501 (a case is a row)

from __future__ import annotations

import math
from datetime import datetime
from typing import Any

import pytest

from engine.types.base import Refused
from engine.types.display import Display
from tests.types.catalogue import made

KEY = "0" * 32
TWO = {"options": ("low", "high")}
THREE = {"options": ("a", "b", "c")}


def upload(**changed: Any) -> dict[str, Any]:
    return {"key": KEY, "name": "a.txt", "size": 1, "media_type": "text/plain", **changed}


REFUSALS: list[tuple[str, dict[str, Any], Any, str, str, str]] = [
    ("text", {}, 5, "not-a-text", "This takes a text, not a number.", ""),
    ("text", {}, "a\x00", "bad-character", "This text holds a control character (U+0000): take it out.", ""),
    ("text", {}, "a\nb", "bad-character", "This is a text on one line: take out the line breaks and tabs.", ""),
    ("text", {}, "\ud800", "bad-character", "This text holds half a character (a lone surrogate): type it again.", ""),
    ("text", {"max_length": 3}, "abcd", "too-long", "This takes at most 3 characters; these are 4.", ""),
    ("text", {}, "a" * 10**7, "too-long", "This takes at most 255 characters; these are 10,000,000.", ""),
    ("text", {"min_length": 3}, "ab", "too-short", "This takes at least 3 characters; these are 2.", ""),
    ("text", {"pattern": "[A-Z]+"}, "ab", "no-match", "“ab” does not have the form [A-Z]+.", ""),
    ("long_text", {}, "a\x1b", "bad-character", "This text holds a control character (U+001B): take it out.", ""),
    ("rich_text", {"max_length": 10}, "<b>&&&&&&", "too-long", "This takes at most 10 characters; as clean HTML these are 37.", ""),
    ("email", {}, "jon@", "bad-email", "“jon@” is not an e-mail address, such as name@example.com.", ""),
    ("email", {}, "jon@localhost", "bad-email", "“jon@localhost” is not an e-mail address, such as name@example.com.", ""),
    ("email", {}, "a\u202eb@x.com", "bad-character", "This holds an invisible character (U+202E, right-to-left override): take it out.", ""),
    ("phone", {}, "0722 123 456", "bad-phone", "“0722 123 456” has no country code: begin with + and the country code, such as +40 21 345 6789.", ""),
    ("phone", {"region": "RO"}, "12", "bad-phone", "“12” has too few or too many digits for a phone number.", ""),
    ("phone", {}, "call me", "bad-phone", "“call me” is not a phone number.", ""),
    ("url", {}, "javascript:alert(1)", "bad-url", "“javascript:alert(1)” is not a web address: it begins with https:// or http:// and names a host.", ""),
    ("url", {}, "https://", "bad-url", "“https://” is not a web address: it begins with https:// or http:// and names a host.", ""),
    ("url", {"schemes": ("ftp",)}, "https://x.org", "bad-url", "“https://x.org” is not a web address: it begins with ftp:// and names a host.", ""),
    ("url", {}, "https://me:pw@x.org/", "bad-url", "A web address is kept without a name and password: take out what is before the @.", ""),
    ("integer", {}, "5", "not-a-number", "This takes a number, not a text.", ""),
    ("integer", {}, True, "not-a-number", "This takes a number, not true or false.", ""),
    ("integer", {}, math.nan, "not-a-number", "This takes a number, not NaN.", ""),
    ("integer", {}, 1.5, "not-whole", "This takes a whole number.", ""),
    ("integer", {}, 2**63, "too-large", "This number is too large: it is between -9,223,372,036,854,775,808 and 9,223,372,036,854,775,807.", ""),
    ("integer", {"min": 0}, -1, "too-small", "This is at least 0.", ""),
    ("integer", {"max": 1000}, 1001, "too-large", "This is at most 1,000.", ""),
    ("decimal", {}, "1,5", "not-a-number", "“1,5” is not a number.", ""),
    ("decimal", {}, math.inf, "not-a-number", "This takes a number, not Infinity.", ""),
    ("decimal", {}, "1.005", "too-many-decimals", "This takes at most 2 decimals.", ""),
    ("decimal", {"scale": 0}, "1.5", "too-many-decimals", "This takes no decimals.", ""),
    ("decimal", {"scale": 1}, "1.55", "too-many-decimals", "This takes at most one decimal.", ""),
    ("decimal", {"precision": 5}, "1000", "too-large", "This number is too large: it is at most 999.99.", ""),
    ("decimal", {"min": "0.5"}, 0, "too-small", "This is at least 0.5.", ""),
    ("money", {}, {"amount": "1" * 20}, "too-large", "This number is too large: it is at most 99,999,999,999,999.99.", ""),
    ("money", {}, {"amount": "1.005", "currency": "EUR"}, "too-many-decimals", "An amount in EUR has at most 2 decimals.", ""),
    ("money", {}, {"amount": "1.5", "currency": "JPY"}, "too-many-decimals", "An amount in JPY has no decimals.", ""),
    ("money", {}, {"currency": "EUR"}, "bad-money", 'Money is written as {"amount": "10.50", "currency": "EUR"}: its amount is missing.', ""),
    ("money", {}, {"amount": 1, "value": 1}, "bad-money", 'Money is written as {"amount": "10.50", "currency": "EUR"}: there is no “value” in it.', ""),
    ("money", {"currency": "EUR"}, {"amount": 1, "currency": "USD"}, "unknown-currency", "This is always in EUR, not in “USD”.", "currency"),
    ("money", {}, {"amount": 1, "currency": "eur"}, "unknown-currency", "“eur” is no currency: use a code of three capitals, such as EUR.", "currency"),
    ("money", {}, {"amount": 1, "currency": 5}, "unknown-currency", "A currency is a code such as EUR, not a number.", "currency"),
    ("boolean", {}, 1, "not-a-boolean", "This takes true or false, not a number.", ""),
    ("date", {}, "31.01.2026", "bad-date", "“31.01.2026” is not a date: write it as 2026-01-31.", ""),
    ("date", {}, "2026-02-30", "bad-date", "There is no 2026-02-30 in the calendar.", ""),
    ("date", {}, "0000-01-01", "bad-date", "There is no year 0: years go from 1 to 9999.", ""),
    ("date", {}, "10000-01-01", "bad-date", "“10000-01-01” is not a date: write it as 2026-01-31.", ""),
    ("date", {}, datetime(2026, 1, 1), "bad-date", "This takes a day alone, without a time.", ""),  # noqa: DTZ001
    ("date", {"min": "2026-01-01"}, "2025-12-31", "too-small", "This is 2026-01-01 or later.", ""),
    ("date", {"max": "2026-01-01"}, "2026-12-31", "too-large", "This is 2026-01-01 or earlier.", ""),
    ("time", {}, "9:30", "bad-time", "“9:30” is not a time of day: write it as 14:30.", ""),
    ("time", {}, "24:00", "bad-time", "There is no “24:00”: times go from 00:00 to 23:59.", ""),
    ("time", {}, "23:59:60", "leap-second", "A leap second (:60) can't be kept: use :59, or the next second.", ""),
    ("datetime", {}, "2026-03-29T03:30:00", "no-zone", "“2026-03-29T03:30:00” needs its time zone: put Z or an offset such as +02:00 at the end.", ""),
    ("datetime", {}, datetime(2026, 1, 1), "no-zone", "A date and time needs its zone.", ""),  # noqa: DTZ001
    ("datetime", {}, "29.3.2026 3:30", "bad-date", "“29.3.2026 3:30” is not a date and time: write it as 2026-01-31T14:30:00Z.", ""),
    ("datetime", {}, "2016-12-31T23:59:60Z", "leap-second", "A leap second (:60) can't be kept: use :59, or the next second.", ""),
    ("datetime", {}, "2026-01-01T00:00:00+99:99", "bad-date", "There is no zone “+99:99”: zones go from -23:59 to +23:59.", ""),
    ("datetime", {}, "0001-01-01T00:00:00+14:00", "bad-date", "This moment is outside the years 1 to 9999.", ""),
    ("duration", {}, "soon", "bad-duration", "“soon” is not a length of time: write it as 2d 4h 30m, or PT52H30M.", ""),
    ("duration", {}, 5, "not-a-text", "This takes a length of time such as 1h 30m, not a number.", ""),
    ("duration", {"min": "0m"}, "-5m", "too-small", "This is at least 0m.", ""),
    ("duration", {"max": "2d"}, "49h", "too-large", "This is at most 2d.", ""),
    ("duration", {}, "999999999w", "too-large", "A length of time is at most 3,652,500 days.", ""),
    ("choice", TWO, "hgih", "unknown-option", "“hgih” is not one of low, high. Did you mean “high”?", ""),
    ("choice", TWO, [], "unknown-option", "This takes one of low, high, not a list.", ""),
    ("multi_choice", TWO, "low", "not-a-list", "This takes a list of options, not a text.", ""),
    ("multi_choice", TWO, ["low", "low"], "twice", "Each option can be chosen once.", ""),
    ("multi_choice", {**THREE, "min_items": 2}, ["a"], "too-few", "Choose at least 2; these are 1.", ""),
    ("multi_choice", {**THREE, "max_items": 1}, ["a", "b"], "too-many", "Choose at most 1; these are 2.", ""),
    ("color", {}, "red", "bad-color", "“red” is not a colour: write it as #1f57b0.", ""),
    ("rating", {}, 6, "too-large", "A rating here is between 1 and 5.", ""),
    ("rating", {}, 0, "too-small", "A rating here is between 1 and 5.", ""),
    ("json", {}, {"a": math.nan}, "not-json", "NaN and Infinity are no JSON numbers.", ""),
    ("json", {}, "a\x00", "bad-character", "A text in this JSON holds U+0000 or half a character: take it out.", ""),
    ("json", {}, 2**64, "too-large", "A whole number in this JSON needs more than 64 bits.", ""),
    ("json", {"max_length": 8}, "abcdefg", "too-long", "This takes at most 8 characters of JSON; these are 9.", ""),
    ("json", {}, {1: 2}, "not-json", "The keys of a JSON object are texts, not a number.", ""),
    ("file", {}, "x", "bad-file", "A file is given by what its upload answered, an object, not a text.", ""),
    ("file", {}, {"key": KEY}, "bad-file", "A file is given by all its upload answered: name is missing.", ""),
    ("file", {}, upload(path="/etc"), "bad-file", "A file has no “path”; it has key, name, size, media_type.", ""),
    ("file", {}, upload(key="../x"), "bad-file", "A file's key is the 32 hexadecimal digits that its upload answered.", ""),
    ("file", {}, upload(name="a/b"), "bad-file", "“a/b” is not a file's name.", ""),
    ("file", {"max_mb": 1}, upload(size=3 * 2**20), "too-large", "A file here has at most 1 MB; this has 3.0 MB.", ""),
    ("file", {"accept": ("image/*", "text/csv")}, upload(), "wrong-media-type", "This takes image/*, text/csv, not text/plain.", ""),
    ("image", {}, upload(media_type="image/svg+xml"), "wrong-media-type", "This takes image/png, image/jpeg, image/gif, image/webp, image/avif, not image/svg+xml.", ""),
    ("address", {}, "x", "bad-address", "An address is an object of street, street2, city, region, postcode, country, not a text.", ""),
    ("address", {}, {"stret": "x"}, "bad-address", "An address has no “stret”. Did you mean “street”?", ""),
    ("address", {}, {"zip": "x"}, "bad-address", "An address has no “zip”. It has street, street2, city, region, postcode, country.", ""),
    ("address", {}, {"country": "Romania"}, "unknown-country", "“Romania” is no country: use its code of two capitals, such as RO.", "country"),
    ("address", {}, {"postcode": "1" * 30}, "too-long", "This takes at most 20 characters; these are 30.", "postcode"),
    ("geo_point", {}, "x", "bad-point", 'A point is written as {"lat": "46.77", "lon": "23.59"}, not as a text.', ""),
    ("geo_point", {}, {"lat": 91, "lon": 0}, "too-large", "A latitude is between -90 and 90 degrees.", "lat"),
    ("geo_point", {}, {"lat": 0, "lon": -181}, "too-large", "A longitude is between -180 and 180 degrees.", "lon"),
    ("geo_point", {}, {"lat": 1}, "bad-point", "A point needs both lat and lon: lon is missing.", "lon"),
    ("geo_point", {}, {"lat": 1, "lon": 2, "alt": 3}, "bad-point", "A point has lat and lon, but no “alt”.", ""),
    ("secret", {}, "••••••••", "masked", "This is the mask shown in place of the secret: leave it out to keep what is stored.", ""),
    ("uuid", {}, "x", "bad-uuid", "“x” is not a UUID, such as 123e4567-e89b-12d3-a456-426614174000.", ""),
    ("uuid", {}, 5, "bad-uuid", "This takes a UUID as a text, not a number.", ""),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "options", "raw", "code", "message", "part"),
    REFUSALS,
    ids=[f"{name}: {code} {number}" for number, (name, _, _, code, _, _) in enumerate(REFUSALS)],
)
def test_a_program_is_told(
    name: str, options: dict[str, Any], raw: Any, code: str, message: str, part: str
) -> None:
    with pytest.raises(Refused) as caught:
        made(name, **options).parse(raw)
    assert (caught.value.code, str(caught.value), caught.value.part) == (code, message, part)


TYPED: list[tuple[str, dict[str, Any], Display, str, str, str]] = [
    ("boolean", {}, Display(), "perhaps", "not-a-boolean", "This takes yes or no, not “perhaps”."),
    ("integer", {}, Display("de"), "1,234", "not-whole", "This takes a whole number."),
    (
        "decimal",
        {},
        Display("en"),
        "30,5",
        "not-a-number",
        "“30,5” is not a number: decimals come after “.”.",
    ),
    ("decimal", {}, Display("de"), "1.23.456", "not-a-number", "“1.23.456” is not a number."),
    ("date", {}, Display("ro"), "31/01/2026", "bad-date", "“31/01/2026” is not a date: write it as 31 ian. 2026 or 2026-01-31."),
    ("date", {}, Display("en"), "2/30/2026", "bad-date", "There is no 2026-02-30 in the calendar."),
    ("time", {}, Display("en"), "13:00 PM", "bad-time", "There is no “13:00 PM”: with AM or PM, hours go from 1 to 12."),
    ("time", {}, Display("en"), "noon", "bad-time", "“noon” is not a time of day: write it as 14:30."),
    ("duration", {}, Display(), "3 moons", "bad-duration", "“3 moons” is not a length of time: write it as 2d 4h 30m."),
    ("datetime", {}, Display("en", "Europe/Bucharest"), "2026-03-29 03:30", "no-such-time",
     "There is no 03:30 on Mar 29, 2026 in Europe/Bucharest: the clocks go forward by 60 minutes then."),
    ("datetime", {}, Display("en", "Australia/Lord_Howe"), "2026-10-04 02:15", "no-such-time",
     "There is no 02:15 on Oct 4, 2026 in Australia/Lord_Howe: the clocks go forward by 30 minutes then."),
    ("json", {}, Display(), '{"a": }', "not-json", "This is not JSON: expecting value at line 1, column 7."),
    ("json", {}, Display(), "NaN", "not-json", "NaN is no JSON number."),
    ("json", {}, Display(), "null", "not-json", "null is no value: leave this empty instead."),
    ("geo_point", {}, Display(), "46.77", "bad-point", "“46.77” is not a point: write it as 46.77, 23.59."),
]  # fmt: skip


@pytest.mark.parametrize(("name", "options", "display", "text", "code", "message"), TYPED)
def test_a_person_is_told(
    name: str, options: dict[str, Any], display: Display, text: str, code: str, message: str
) -> None:
    with pytest.raises(Refused) as caught:
        made(name, **options).parse_text(text, display)
    assert (caught.value.code, str(caught.value)) == (code, message)
