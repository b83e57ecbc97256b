"""What the CEL specification says of operators, macros and literals, case by case, and where we differ on purpose."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from engine.expressions.kinds import BOOL
from tests.expressions.desk import checked, complaints, judged, value

ERROR = None
"""What the specification calls an error is unknown here."""

CASES: list[tuple[str, Any]] = [
    # literals
    ("0xff", 255),
    ("-0x55555555", -1431655765),
    ("'\\x41\\u0042\\U00000043\\104'", "ABCD"),
    ("r'\\x41'", "\\x41"),
    ("'\\a\\b\\f\\n\\r\\t\\v\\\"\\'\\\\' == \"\\a\\b\\f\\n\\r\\t\\v\\\"\\'\\\\\"", True),
    ("'''a\n'b''' == 'a\\n\\'b'", True),
    ("'caf\u00e9' == 'cafe\u0301'", False),
    # equality and order
    ("null == null", True),
    ("null != null", False),
    ("'' == ''", True),
    ("'a' < 'b'", True),
    ("'A' < 'a'", True),
    ("'a' < 'aa'", True),
    ("'' < 'a'", True),
    ("'\u00e9' > 'z'", True),
    ("false < true", True),
    ("true <= false", False),
    ("[1, 2] == [1, 2]", True),
    ("[1, 2] == [2, 1]", False),
    ("[1] == [1, 2]", False),
    ("[] == []", True),
    ("[[1], []] == [[1], []]", True),
    ("[1] == [1.0]", True),
    ("[1.50, 2] != [1.5, 2.0]", False),
    ("[1.25] == [1, 2]", False),
    ("1 in [1, 2]", True),
    ("3 in []", False),
    ("'a' in ['b', 'c']", False),
    ("2 in [1.0, 2.0]", True),
    ("duration('60s') == duration('1m')", True),
    ("timestamp('2009-02-13T23:31:30Z') < timestamp('2009-02-13T23:31:30.5Z')", True),
    # logic: the other side decides, in both orders
    ("true || 1 / (size('a') - 1) == 1", True),
    ("1 / (size('a') - 1) == 1 || true", True),
    ("false && 1 / (size('a') - 1) == 1", False),
    ("1 / (size('a') - 1) == 1 && false", False),
    ("false || 1 / (size('a') - 1) == 1", ERROR),
    ("1 / (size('a') - 1) == 1 && true", ERROR),
    ("!(1 / (size('a') - 1) == 1)", ERROR),
    ("true ? 1 : 1 / (size('a') - 1)", 1),
    ("false ? 1 / (size('a') - 1) : 2", 2),
    ("1 / (size('a') - 1) == 1 ? 1 : 1", ERROR),
    ("true ? (false ? 1 : 2) : 3", 2),
    # whole numbers
    ("43 / -7", -6),
    ("-43 % 7", -1),
    ("42 % -5", 2),
    ("9223372036854775807 * 2", ERROR),
    ("9223372036854775807 - -1", ERROR),
    ("-(-9223372036854775808)", ERROR),
    ("5 - 3 - 1", 1),
    ("2 * 3 + 4 * 5 == 26", True),
    # texts
    ("'foo' + 'bar'", "foobar"),
    ("size('\u00e9\U0001f431')", 2),
    ("'foobar'.startsWith('foo')", True),
    ("'foobar'.startsWith('')", True),
    ("'foobar'.endsWith('bar')", True),
    ("'foobar'.contains('oob')", True),
    ("'FooBar'.contains('foo')", False),
    ("'hubba'.matches('ubb')", True),
    ("'hubba'.matches('^ubb')", False),
    ("'k\u00f6nnen'.matches('k.n')", True),
    ("'mary had'.charAt(2)", "r"),
    ("'tacocat'.indexOf('ac')", 1),
    ("'tacocat'.lastIndexOf('ac')", 1),
    ("'tacocat'.indexOf('x')", -1),
    ("'TacoCat\u00c6'.lowerAscii()", "tacocat\u00c6"),
    ("'tacocat'.substring(4)", "cat"),
    ("'tacocat'.substring(40)", ERROR),
    ("' \u2003x\\t'.trim()", "x"),
    ("'a,b'.split(',').join('-')", "a-b"),
    # lists and macros
    ("[7, 8, 9][1]", 8),
    ("[7, 8, 9][3]", ERROR),
    ("[7, 8, 9][-1]", ERROR),
    ("[1] + [2, 3] == [1, 2, 3]", True),
    ("size([] + [1])", 1),
    ("[1, 2].exists(x, x > 1)", True),
    ("[1, 2].exists(x, x / (x - 1) == 2)", True),
    ("[1, 2].exists(x, x / (x - 1) == 9)", ERROR),
    ("[1, 2].all(x, x / (x - 1) == 9)", False),
    ("[1, 2].all(x, x / (x - 1) == 2)", ERROR),
    ("[].all(x, x > 0)", True),
    ("[1, 2, 2].exists_one(x, x == 2)", False),
    ("[1, 2].existsOne(x, x == 2)", True),
    ("[1, 2].exists_one(x, x / (x - 1) == 2)", ERROR),
    ("[1, 2, 3].filter(x, x > 1) == [2, 3]", True),
    ("[1, 2].map(x, x * 2) == [2, 4]", True),
    ("[1, 2, 3].map(x, x > 1, x * 2) == [4, 6]", True),
    ("[[1], [2, 3]].map(x, size(x)) == [1, 2]", True),
    ("[1, 2].exists(x, [3, 4].exists(x, x == 4))", True),
    ("['a', 'b'].exists(y, ['b'].exists(x, x == y))", True),
    # time
    ("timestamp('2009-02-13T23:31:30Z') + duration('1h')", datetime(2009, 2, 14, 0, 31, 30, tzinfo=UTC)),
    ("duration('1h') + timestamp('2009-02-13T23:31:30Z') > timestamp('2009-02-14T00:00:00Z')", True),
    ("timestamp('2009-02-14T00:00:00Z') - timestamp('2009-02-13T00:00:00Z')", timedelta(days=1)),
    ("duration('1h') - duration('90m')", timedelta(minutes=-30)),
    ("timestamp('2009-02-13T23:31:30Z').getMonth()", 1),
    ("timestamp('2009-02-13T23:31:30Z').getDayOfWeek()", 5),
    ("timestamp('2009-02-13T23:31:30Z').getHours('Asia/Tokyo')", 8),
    ("duration('3730s').getHours()", 1),
    ("timestamp(timestamp('2009-02-13T23:31:30Z')) == timestamp('2009-02-13T23:31:30Z')", True),
]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_as_the_specification_says(text: str, expected: Any) -> None:
    assert value(text) == expected
    if checked(text).kind is BOOL:
        assert judged(text) is expected


DIFFERENT: list[tuple[str, Any]] = [
    ("0.1 + 0.2 == 0.3", True),  # fractions are exact
    ("5.5 % 2.0 == 1.5", True),
    ("timestamp('9999-12-31T00:00:00Z') - timestamp('0001-01-01T00:00:00Z') > duration('0s')", True),
    ("record.customer.name == null", True),  # a path through null is null
    ("[record.count][0] == null", None),  # an index of what is null
    ("[1, 2].map(x, 1 / (x - 1)).sum() == 1", True),  # aggregates skip what is unknown
    ("[1, 2].map(x, 1 / (x - 1)).map(y, 7) == [7, 7]", True),
    ("[1, 2].map(x, 1 / (x - 1)) == [1]", None),
]


@pytest.mark.parametrize(("text", "expected"), DIFFERENT)
def test_where_we_differ(text: str, expected: bool | None) -> None:
    assert judged(text) is expected


@pytest.mark.parametrize(
    "text",
    [
        *("1u", "b'a'", "{'a': 1}", "dyn(1)", "type(1)", "uint(1)", "record.?note", "record.lines[?0]"),
        *(
            "[1, 'a']",
            "1 == 'a'",
            "true ? 1 : 'a'",
            "false && 32",
            "'a' || true",
            "x || true",
            "f(1) || true",
        ),
        *("1 / 0", "1.5 / 0.0", "1 % 0", "[1, 2].exists(i, v, i == v)", "math.greatest(1)", "'a'.format([])"),
        "timestamp('2009-02-13T23:31:30.123456789Z')",
    ],
)
def test_what_is_refused(text: str) -> None:
    assert complaints(text)


def test_floating_numbers_are_ieee_754() -> None:
    nothing = "(record.ratio - record.ratio)"
    assert value(f"record.ratio / {nothing}", {"ratio": 1.0}) == math.inf
    assert math.isnan(value(f"record.ratio / {nothing}", {"ratio": 0.0}))
    assert judged("record.ratio == record.ratio", {"ratio": math.nan}) is False
    assert judged("record.ratio < 1", {"ratio": math.nan}) is False
