"""What the contract test knows of each property type: an instance, its values, and how Python orders them."""

from __future__ import annotations

import string
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from engine.types.base import Choice, PropertyType
from engine.types.choices import read_choices
from engine.types.clean import INVISIBLE
from engine.types.columns import EPOCH
from engine.types.currency import digits
from engine.types.display import Display
from engine.types.duration import iso_duration
from engine.types.registry import default_registry
from engine.types.secret import MASK

PRIORITIES = read_choices(
    {"low": None, "normal": {"color": "blue"}, "High one": {"label": "High"}, "4": None}
)


class SmallScope:
    """An application with one picklist and one workflow, in Romania's currency."""

    currency = "RON"

    def picklist(self, name: str) -> Sequence[Choice] | None:
        return PRIORITIES if name == "priorities" else None

    def states(self, workflow: str) -> Sequence[Choice] | None:
        return PRIORITIES if workflow == "ticket_lifecycle" else None

    def initial_state(self, workflow: str) -> str | None:
        return "normal"

    def names(self, kind: str) -> Sequence[str]:
        return {"picklist": ("priorities",), "workflow": ("ticket_lifecycle",)}.get(kind, ())


SCOPE = SmallScope()


def made(name: str, **options: Any) -> PropertyType:
    """A type with its options as YAML would write them; an error in them fails the test."""
    cls = default_registry().get(name)
    assert cls is not None, name
    built, problems = cls.read(options, SCOPE)
    assert not problems, problems
    assert built is not None
    return built


DISPLAYS = (
    Display("en", "UTC"),
    Display("de", "Europe/Berlin"),
    Display("ro", "Europe/Bucharest"),
    Display("en_IN", "Asia/Kolkata"),
)

LINE = st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=40)
LINES = st.text(
    st.one_of(st.characters(exclude_categories=("Cc", "Cs")), st.sampled_from("\n\t")),
    min_size=1,
    max_size=60,
)
WORD = st.text(string.ascii_lowercase, min_size=1, max_size=10)


def parsed(kind: PropertyType, raw: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """The values that a type makes of what it takes: the only ones there ever are."""
    return raw.map(kind.parse).filter(lambda value: not kind.empty(value))


@dataclass(frozen=True)
class Entry:
    """One instance of a type under test.

    `raw` makes JSON forms that are taken; `key` orders values as Python does; `exact_text` says that what
    a person reads can be typed in again without loss.
    """

    label: str
    kind: PropertyType
    raw: st.SearchStrategy[Any]
    key: Callable[[Any], Any] = lambda value: value
    exact_text: bool = False
    beyond_schema: frozenset[str] = frozenset()  # refusals that JSON Schema can't express

    @property
    def values(self) -> st.SearchStrategy[Any]:
        return parsed(self.kind, self.raw)

    def __str__(self) -> str:
        return self.label


def decimals(scale: int, whole: int) -> st.SearchStrategy[Any]:
    largest = 10 ** (whole + scale) - 1
    exact = st.integers(-largest, largest).map(lambda number: Decimal(number).scaleb(-scale))
    return st.one_of(
        exact.map(lambda number: f"{number:f}"), exact, st.integers(-(10**whole) + 1, 10**whole - 1)
    )


CURRENCIES = st.sampled_from(["EUR", "RON", "JPY", "KWD", "CLF", "HUF"])


@st.composite
def amounts(draw: st.DrawFn) -> dict[str, str]:
    code = draw(CURRENCIES)
    places = digits(code)
    number = draw(st.integers(-(10 ** (14 + places)) + 1, 10 ** (14 + places) - 1))
    return {"amount": f"{Decimal(number).scaleb(-places):f}", "currency": code}


MOMENTS = st.integers(-62_135_000_000_000_000, 253_402_000_000_000_000).map(
    lambda microseconds: EPOCH + timedelta(microseconds=microseconds)
)
KEYS = st.text("0123456789abcdef", min_size=32, max_size=32)
JSON = st.recursive(
    st.one_of(
        st.booleans(),
        st.integers(-(2**63) + 1, 2**63 - 1),
        st.floats(allow_nan=False, allow_infinity=False),
        LINES,
    ),
    lambda inner: st.one_of(
        st.lists(st.none() | inner, max_size=4), st.dictionaries(LINE, st.none() | inner, max_size=4)
    ),
    max_leaves=12,
)
HTML = st.lists(
    st.one_of(
        WORD,
        LINE,
        st.sampled_from(
            ["<p>", "</p>", "<b>", "</b>", "<i>", "<ul><li>", "<script>alert(1)</script>", '<a href="javascript:x">',
             '<a href="https://x.example/?a=1&b=2">', "</a>", "<img src=x onerror=y>", "&amp;", "&lt;", "<", ">", "&",
             "<table><tr><td>", "<svg><style>", "<!--", "-->", "<math>", "<h1>", "<br>", "<hr>", "\n"]
        ),
    ),
    max_size=12,
).map("".join)  # fmt: skip


LENGTHS = st.timedeltas(timedelta(days=-100_000), timedelta(days=100_000))
FILES = st.fixed_dictionaries(
    {
        "key": KEYS,
        "name": LINE.map(lambda text: text.replace("/", "-").replace("\\", "-")),
        "size": st.integers(0, 5 * 1024 * 1024),
        "media_type": st.sampled_from(["application/pdf", "text/plain", "image/png"]),
    }
).filter(lambda raw: bool(INVISIBLE.sub("", raw["name"])))
ADDRESSES = st.fixed_dictionaries(
    {},
    optional={
        "street": LINE,
        "street2": LINE,
        "city": LINE,
        "region": LINE,
        "postcode": st.text(string.digits + " -", min_size=1, max_size=12),
        "country": st.sampled_from(["RO", "DE", "GB", "XK"]),
    },
)
DEGREES = st.fixed_dictionaries(
    {
        "lat": st.integers(-90_000_000, 90_000_000).map(lambda n: f"{Decimal(n).scaleb(-6):f}"),
        "lon": st.integers(-180_000_000, 180_000_000).map(lambda n: f"{Decimal(n).scaleb(-6):f}"),
    }
)
EMAILS = st.builds("{}.{}@{}.{}".format, WORD, WORD, WORD, st.sampled_from(["com", "EXAMPLE", "ro", "co.uk"]))
PHONES = st.integers(200_000_000, 799_999_999).map(lambda number: f"+40{number}")
URLS = st.builds(
    "{}://{}.example/{}?q={}".format, st.sampled_from(["http", "https", "HTTPS"]), WORD, WORD, WORD
)
NAMES = [choice.name for choice in PRIORITIES]
LISTS = st.lists(st.sampled_from(NAMES), unique=True, min_size=1, max_size=4)
LIMITS = frozenset({"too-small", "too-large", "too-many-decimals"})


def _place(name: str) -> int:
    return NAMES.index(name)


ENTRIES: tuple[Entry, ...] = (
    Entry("text", made("text"), LINE, exact_text=True),
    Entry("text, untrimmed", made("text", trim=False, max_length=40), LINE, exact_text=True),
    Entry(
        "text of a form",
        made("text", pattern="[A-Z]{2}[0-9]{3,5}", max_length=8),
        st.from_regex("[A-Z]{2}[0-9]{3,5}", fullmatch=True),
        exact_text=True,
    ),
    Entry(
        "text of a length",
        made("text", min_length=3, max_length=9),
        st.text("abß", min_size=3, max_size=9),
        exact_text=True,
    ),
    Entry("long_text", made("long_text"), LINES, exact_text=True),
    Entry("rich_text", made("rich_text"), HTML, beyond_schema=frozenset({"too-long"})),
    Entry("markdown", made("markdown"), LINES, exact_text=True),
    Entry(
        "email",
        made("email"),
        EMAILS,
        exact_text=True,
        beyond_schema=frozenset({"bad-email", "bad-character"}),
    ),
    Entry(
        "phone", made("phone", region="RO"), PHONES, exact_text=True, beyond_schema=frozenset({"bad-phone"})
    ),
    Entry("url", made("url"), URLS, exact_text=True, beyond_schema=frozenset({"bad-url", "bad-character"})),
    Entry("integer", made("integer"), st.integers(-(2**63), 2**63 - 1), exact_text=True),
    Entry("integer, limited", made("integer", min=-5, max=1000), st.integers(-5, 1000), exact_text=True),
    Entry("decimal", made("decimal"), decimals(2, 16), exact_text=True, beyond_schema=LIMITS),
    Entry(
        "decimal, limited",
        made("decimal", scale=4, precision=8, min=-1, max="10.5"),
        st.integers(-10_000, 105_000).map(lambda number: f"{Decimal(number).scaleb(-4):f}"),
        exact_text=True,
        beyond_schema=LIMITS,
    ),
    Entry(
        "decimal, whole",
        made("decimal", scale=0, precision=18),
        decimals(0, 18),
        exact_text=True,
        beyond_schema=LIMITS,
    ),
    Entry("percent", made("percent"), decimals(2, 5), exact_text=True, beyond_schema=LIMITS),
    Entry(
        "money",
        made("money"),
        amounts(),
        key=lambda value: (value.currency, value.amount),
        beyond_schema=LIMITS,
    ),
    Entry(
        "money in euro",
        made("money", currency="EUR"),
        decimals(2, 14),
        key=lambda value: value.amount,
        beyond_schema=LIMITS,
    ),
    Entry(
        "money in yen",
        made("money", currency="JPY", min=0),
        st.integers(0, 10**14 - 1),
        key=lambda value: value.amount,
        beyond_schema=LIMITS,
    ),
    Entry("boolean", made("boolean"), st.booleans(), exact_text=True),
    Entry("date", made("date"), st.dates().map(date.isoformat), beyond_schema=frozenset({"bad-date"})),
    Entry("time", made("time"), st.times().map(time.isoformat)),
    Entry(
        "datetime", made("datetime"), MOMENTS.map(datetime.isoformat), beyond_schema=frozenset({"bad-date"})
    ),
    Entry(
        "duration",
        made("duration"),
        LENGTHS.map(iso_duration),
        exact_text=True,
        beyond_schema=frozenset({"too-large"}),
    ),
    Entry(
        "choice", made("choice", options="priorities"), st.sampled_from(NAMES), key=_place, exact_text=True
    ),
    Entry("multi_choice", made("multi_choice", options="priorities"), LISTS, exact_text=True),
    Entry(
        "state",
        made("state", workflow="ticket_lifecycle"),
        st.sampled_from(NAMES),
        key=_place,
        exact_text=True,
    ),
    Entry("autonumber", made("autonumber", pattern="T-{yyyy}-{seq:05}"), LINE, exact_text=True),
    Entry(
        "color",
        made("color"),
        st.from_regex("#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})", fullmatch=True),
        exact_text=True,
    ),
    Entry("rating", made("rating"), st.integers(1, 5), exact_text=True),
    Entry("json", made("json"), JSON, beyond_schema=frozenset({"bad-character", "too-large"})),
    Entry("file", made("file"), FILES, beyond_schema=frozenset({"bad-file"})),
    Entry(
        "image",
        made("image"),
        FILES.map(lambda raw: {**raw, "media_type": "image/png"}),
        beyond_schema=frozenset({"bad-file"}),
    ),
    Entry("address", made("address"), ADDRESSES, key=lambda value: value.line),
    Entry("geo_point", made("geo_point"), DEGREES, exact_text=True),
    Entry(
        "secret", made("secret"), LINE.filter(lambda text: text != MASK), beyond_schema=frozenset({"masked"})
    ),
    Entry("uuid", made("uuid"), st.uuids().map(str), key=lambda value: value.hex, exact_text=True),
)
"""Every type, some of them with several sets of options."""
