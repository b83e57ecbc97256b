"""Every function: its example, its values on awkward rows in Python and on both databases, and where it refuses."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from itertools import islice, product
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from engine.expressions.complaint import ExpressionError
from engine.expressions.kinds import (
    ANY,
    BOOL,
    DATE,
    DATETIME,
    DURATION,
    INT,
    STRING,
    TIME,
    DecimalKind,
    Kind,
    MoneyKind,
)
from engine.expressions.literals import (
    literal_date,
    literal_decimal,
    literal_duration,
    literal_moment,
    literal_money,
    literal_zone,
)
from engine.expressions.registry import Function
from engine.functions.pattern_match import matches, rewritten
from engine.functions.patterns import pattern_problem
from engine.functions.text import lower, upper
from engine.store.database import Database
from engine.to_python.compile import to_python
from engine.to_python.roots import Surroundings
from engine.typecheck.check import check
from engine.types.folding import Folded
from tests.expressions.agree import FUNCTIONS, WORLD, compare
from tests.expressions.world import ROOTS, Data, fill, make_data

ALL = FUNCTIONS.all

FIELDS: dict[Kind, tuple[str, ...]] = {
    INT: ("record.count", "record.size", "3", "-2"),
    STRING: ("record.title", "record.code", "'a'", "''"),
    BOOL: ("record.maybe",),
    DATE: ("record.due", "date('2026-03-31')"),
    DATETIME: ("record.at", "record.made"),
    DURATION: ("record.lasts",),
    TIME: ("record.clock",),
    DecimalKind(2): ("record.price", "record.factor"),
    MoneyKind(""): ("record.budget", "record.cost"),
}
LITERALS = {
    "pattern": ("'^a'", "'[A-Z]+'", "'b$'"),
    "unit": ("'week'", "'month'", "'quarter'", "'year'", "'day'", "'hour'"),
    "zone": ("'Europe/Bucharest'", "'-03:30'"),
    "n": ("0", "1", "4"),
}
MOST = 60


def evaluate(text: str, around: Surroundings | None = None) -> Any:
    node = check(text, ROOTS, WORLD, FUNCTIONS).node
    return to_python(node).evaluate({}, around or Surroundings())


def calls(function: Function) -> Iterator[str]:
    """Calls of a function with properties of a record."""
    least = len(function.parameters) - function.optional
    for count in range(least, len(function.parameters) + 1):
        choices = []
        for parameter in function.parameters[:count]:
            if parameter.literal:
                choices.append(LITERALS[parameter.name])
                continue
            kinds = [kind for kind in FIELDS if parameter.takes.accepts(kind)]
            choices.append(tuple(field for kind in kinds for field in FIELDS[kind]))
        for arguments in islice(product(*choices), MOST):
            if function.usage == "method":
                yield f"{arguments[0]}.{function.name}({', '.join(arguments[1:])})"
            else:
                yield f"{function.name}({', '.join(arguments)})"


@pytest.fixture
def filled(database_url: str) -> Iterator[tuple[sa.Connection, Data]]:
    data = make_data(7)
    with closing(Database.open(database_url)) as database, database.write() as connection:
        fill(connection, data)
        yield connection, data


# ---- the catalogue


@pytest.mark.parametrize("function", ALL, ids=lambda each: f"{each.name}-{each.parameters[0].takes.word}")
def test_an_example_is_what_it_says(function: Function) -> None:
    assert function.summary.endswith(".")
    if function.parameters[0].takes.accepts(TIME) and not function.parameters[0].takes.accepts(ANY):
        return
    if function.example[0]:
        assert evaluate(function.example[0]) == evaluate(function.example[1])


def test_every_function_is_alike_on_every_row(filled: tuple[sa.Connection, Data]) -> None:
    connection, data = filled
    texts = [text for function in ALL if function.in_sql for text in calls(function)]
    tried = compare([connection], data, texts, zone="America/New_York")
    assert not tried.differences, "\n".join(map(str, tried.differences[:20]))
    assert tried.compared > 0.8 * len(texts)


def test_what_has_no_sql_is_known() -> None:
    """Everything else has it."""
    without = {(function.name, function.parameters[0].takes.word) for function in ALL if not function.in_sql}
    floating = {(function.name, "a floating number") for function in ALL if not function.in_sql}
    conversions = {("decimal", "a text"), ("date", "a text"), ("timestamp", "a text"), ("duration", "a text")}
    doubles = {("double", word) for word in ("a text", "a whole number", "a decimal number")}
    assert without - floating == {("split", "a text"), *conversions, *doubles}


# ---- texts


CASE_POINTS = [number for number in range(1, 0x1F000) if not 0xD800 <= number <= 0xDFFF]


def test_letters_change_alike_in_python_and_in_postgresql(postgres_url: str) -> None:
    with closing(Database.open(postgres_url)) as database, database.read() as connection:
        points = sa.func.unnest(sa.literal(CASE_POINTS, sa.ARRAY(sa.Integer))).column_valued("point")
        sign = sa.func.chr(points)
        small = Folded(sign)
        large = sa.func.upper(sa.func.replace(sign, "ß", "SS").collate("default"))
        rows = connection.execute(sa.select(points, small, large)).all()
    wrong = [hex(point) for point, one, two in rows if lower(chr(point)) != one or upper(chr(point)) != two]
    assert wrong == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("'tacocat'.substring(4)", "cat"),
        ("'tacocat'.substring(7)", ""),
        ("'tacocat'.substring(8)", None),
        ("'tacocat'.substring(3, 2)", None),
        ("'😀x'.size()", 2),
        ("'hello'.charAt(5)", ""),
        ("'hello'.charAt(6)", None),
        ("'hello'.indexOf('')", 0),
        ("'hello'.indexOf('l', 3)", 3),
        ("'hello'.indexOf('l', 9)", None),
        ("'hello'.lastIndexOf('')", 5),
        ("'hello'.lastIndexOf('l', 2)", 2),
        ("'ab'.replace('', '-')", "-a-b-"),
        ("'a,b,'.split(',')", ("a", "b", "")),
        ("'abc'.split('')", ("a", "b", "c")),
        ("'Straße'.upper()", "STRASSE"),
        ("'ΟΔΟΣ'.lower()", "οδοσ"),
        ("'\\u00a0a\\u3000'.trim()", "a"),
    ],
)
def test_texts(text: str, expected: Any) -> None:
    assert evaluate(text) == expected


# ---- patterns


@pytest.mark.parametrize(
    ("pattern", "problem"),
    [
        ("(?i)a", "of the groups that begin with (? only (?:…) is portable: no flags, names or look-around"),
        ("a**", "* follows another repetition: put a group around the first"),
        ("*a", "there is nothing before * to repeat: write \\* for the character"),
        ("{", "a { repeats what is before it: write \\{ for the character"),
        ("a{300}", "nothing is repeated more than 255 times"),
        ("a{3,2}", "{3,2} repeats at most less often than at least"),
        ("a{x}", "a repetition is written {2}, {2,} or {2,5}"),
        ("(a{200}){200}", "this pattern is too large: its repetitions come to 40,402 steps, more than 3,000"),
        ("(a", "a ( is not closed"),
        ("a)", "a ) has no ( before it: write \\) for the character"),
        ("[a", "a [ is not closed"),
        ("[[:alpha:]]", "[[:alpha:]] and its like are not portable: write [A-Za-z]"),
        ("[z-a]", "the range z-a goes backwards"),
        ("^*", "^ can't be repeated"),
        ("a\\", "it ends in a single backslash"),
        ("\\x{}", "a character by its number is written \\x41 or \\x{1F600}"),
    ],
)
def test_patterns_that_are_refused(pattern: str, problem: str) -> None:
    assert pattern_problem(pattern) == problem


@pytest.mark.parametrize("pattern", ["\\1", "\\b", "\\pL", "\\z"])
def test_what_engines_do_not_agree_on_is_not_portable(pattern: str) -> None:
    assert "not portable" in (pattern_problem(pattern) or "")


PATTERNS = (
    "", "a", "^a", "a$", "^$", ".", "^.$", "a.b", "[ab]+", "[^a]", "(a|b)*c", "a{2,3}", "(?:ab)?", "\\d+", "\\D",
    "\\s", "[\\d.]+", "[a\\]]", "é", "[à-ü]", "\\x{1F600}", "(a*)*b", "a|^b|c$", "(a|ab)(c|bcd)", "[-a]", "[\\^]",
    "\\.\\$", "x*?y", "(|a)b", "\\w\\W",
)  # fmt: skip
SUBJECTS = (
    "", "a", "b", "ab", "abc", "aab", "a\nb", "\n", "b\n", "é", "ü", "😀", "12", "1.5", "a]", "^", ".$", "abcd", "-",
    "xxy", "Ab 9_", "aaaa",
)  # fmt: skip


def test_patterns_match_alike_in_postgresql(postgres_url: str) -> None:
    with closing(Database.open(postgres_url)) as database, database.read() as connection:
        for pattern in PATTERNS:
            found = [
                connection.scalar(
                    sa.select(
                        sa.literal(subject, sa.Text()).op("~")(sa.literal(rewritten(pattern), sa.Text()))
                    )
                )
                for subject in SUBJECTS
            ]
            assert found == [matches(subject, pattern) for subject in SUBJECTS], pattern


def test_no_pattern_explodes() -> None:
    assert not matches("a" * 20_000, "(a*)*b")
    assert not matches("a" * 20_000, "(a|a|aa)*$b")


# ---- days and clocks

SYDNEY = ZoneInfo("Australia/Lord_Howe")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("add_months(date('2026-01-31'), 1)", date(2026, 2, 28)),
        ("add_months(date('2026-03-31'), -13)", date(2025, 2, 28)),
        ("add_years(date('2024-02-29'), 1)", date(2025, 2, 28)),
        ("add_days(date('9999-12-31'), 1)", None),
        ("add_months(date('9999-12-31'), 9223372036854775807)", None),
        ("end_of(date('9999-12-31'), 'week')", None),
        ("end_of(date('9999-12-31'), 'year')", date(9999, 12, 31)),
        ("start_of(date('0001-01-03'), 'week')", date(1, 1, 1)),
        ("add_workdays(date('2026-01-31'), 1)", date(2026, 2, 2)),
        ("add_workdays(date('2026-01-31'), -1)", date(2026, 1, 30)),
        ("add_workdays(date('2026-01-31'), 0)", date(2026, 1, 31)),
        ("workdays_between(date('2026-01-30'), date('2026-02-02'))", 1),
        ("workdays_between(date('2026-01-31'), date('2026-01-30'))", -1),
        ("week(date('2027-01-01'))", 53),
        ("timestamp('2026-07-31T23:30:00Z').getHours('Europe/Bucharest')", 2),
        ("timestamp('2026-07-31T23:30:00Z').getHours('-02:30')", 21),
        ("in_zone(timestamp('2026-07-31T23:30:00Z'), 'Europe/Bucharest')", date(2026, 8, 1)),
        ("duration('-1.5s').getSeconds()", -1),
        ("duration('123.321456s').getMilliseconds()", 321),
        ("string(duration('-1.5s'))", "-1.5s"),
        ("string(timestamp('2026-01-31T12:00:00.120Z'))", "2026-01-31T12:00:00.12Z"),
        ("int('9223372036854775808')", None),
        ("timestamp(253402300800)", None),
    ],
)
def test_days(text: str, expected: Any) -> None:
    assert evaluate(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("date(timestamp('2026-07-31T15:00:00Z'))", date(2026, 8, 1)),
        ("hour(timestamp('2026-07-31T15:00:00Z'))", 1),
        ("start_of(timestamp('2026-04-04T15:10:00Z'), 'hour')", datetime(2026, 4, 4, 14, 30, tzinfo=UTC)),
        ("start_of(timestamp('2026-04-04T15:10:00Z'), 'day')", datetime(2026, 4, 4, 13, tzinfo=UTC)),
        ("add_days(timestamp('2026-04-04T03:00:00Z'), 1)", datetime(2026, 4, 5, 3, 30, tzinfo=UTC)),
        ("timestamp('2026-04-04T03:00:00Z') + duration('24h')", datetime(2026, 4, 5, 3, tzinfo=UTC)),
    ],
)
def test_days_begin_in_the_zone_of_who_asks(text: str, expected: Any) -> None:
    """On Lord Howe Island clocks go back half an hour on 5 April 2026."""
    assert evaluate(text, Surroundings(zone=SYDNEY)) == expected


# ---- literals

READERS = {
    "date": literal_date,
    "moment": literal_moment,
    "duration": literal_duration,
    "decimal": literal_decimal,
    "zone": literal_zone,
}


@pytest.mark.parametrize(
    ("reader", "text", "message"),
    [
        ("date", "2026-2-1", "'2026-2-1' is no date: write it as '2026-01-31'"),
        ("date", "2026-02-30", "there is no day 2026-02-30"),
        ("moment", "2026-01-31T12:00:00", "'2026-01-31T12:00:00' has no zone: write 2026-01-31T12:00:00Z"),
        ("moment", "soon", "'soon' is no moment: write it as '2026-01-31T12:00:00Z'"),
        ("moment", "2026-01-31T25:00:00Z", "there is no time 25:00:00 Z"),
        ("moment", "0001-01-01T00:00:00+01:00", "'0001-01-01T00:00:00+01:00' is outside the years 1 to 9999"),
        ("duration", "2 days", "'2 days' is no length of time: write '48h', '1h30m', '90s', '500ms'"),
        ("duration", "1ns", "'1ns' is finer than a microsecond"),
        ("duration", "9999999999h", "'9999999999h' is too long: at most 292,000 years"),
        ("decimal", "1,5", "'1,5' is no decimal number: write it as '10.50'"),
        ("decimal", "0.1234567890123456789", "'0.1234567890123456789' has more than 18 decimals"),
        (
            "decimal",
            "99999999999999999999",
            "'99999999999999999999' has too many digits: at most 18 are sure to fit",
        ),
        ("zone", "Mars", "there is no time zone 'Mars': write 'Europe/Bucharest', 'UTC' or '+02:00'"),
    ],
)
def test_literals_that_are_refused(reader: str, text: str, message: str) -> None:
    with pytest.raises(ValueError) as refused:  # noqa: PT011 (its words are compared)
        READERS[reader](text)
    assert str(refused.value) == message


def test_literals() -> None:
    assert literal_duration("-1h30m") == -timedelta(minutes=90)
    assert literal_duration("2d") == timedelta(days=2)
    assert literal_moment("2026-01-31T12:00:00.5+02:00") == datetime(2026, 1, 31, 10, 0, 0, 500_000, UTC)
    assert literal_money("10.5", "EUR").amount == literal_decimal("10.50")


@pytest.mark.parametrize(
    ("amount", "currency", "message"),
    [
        ("1", "EURO", "there is no currency 'EURO': did you mean 'EUR'?"),
        ("1.005", "EUR", "amounts of EUR have at most 2 decimals, not 1.005"),
        ("1.5", "JPY", "amounts of JPY have at most 0 decimals, not 1.5"),
    ],
)
def test_amounts_that_are_refused(amount: str, currency: str, message: str) -> None:
    with pytest.raises(ValueError) as refused:  # noqa: PT011 (its words are compared)
        literal_money(amount, currency)
    assert str(refused.value) == message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("record.title.matches('(?i)a')", "of the groups that begin with (? only (?:…) is portable"),
        ("start_of(record.due, 'hour')", "there is no 'hour': it is one of day, week, month, quarter, year"),
        ("round(record.price, 19)", "round takes 0 to 18 decimals, not 19"),
        ("record.at.getHours('Mars')", "there is no time zone 'Mars'"),
        ("start_of(record.due, record.title)", "unit of start_of has to be written out"),
    ],
)
def test_calls_that_are_refused(text: str, message: str) -> None:
    with pytest.raises(ExpressionError) as refused:
        check(text, ROOTS, WORLD, FUNCTIONS)
    assert message in str(refused.value)
