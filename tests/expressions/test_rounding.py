"""Products and powers of ten lose their last digits alike in SQLite and in Python, near the limits above all."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy.dialects import sqlite

from engine.expressions.kinds import INT, LARGEST_INT, DecimalKind
from engine.sql.storage import Value
from engine.to_sql import sqlite_calls
from engine.to_sql.numbers import by_power_of_ten, multiplied

SMALLEST_INT = -LARGEST_INT - 1
DROPS = st.integers(1, 6)
NUMBERS = st.one_of(
    st.integers(SMALLEST_INT, LARGEST_INT),
    st.integers(-20_000, 20_000),
    st.integers(0, 10_000_000).map(lambda less: LARGEST_INT - less),
    st.integers(0, 10_000_000).map(lambda more: SMALLEST_INT + more),
)


@pytest.fixture(scope="module")
def connection() -> Iterator[sqlite3.Connection]:
    made = sqlite3.connect(":memory:")
    sqlite_calls.register(made)
    made.execute("CREATE TABLE pair (one INTEGER, two INTEGER)")
    yield made
    made.close()


PAIR = sa.table("pair", sa.column("one", sa.BigInteger), sa.column("two", sa.BigInteger))


def found(connection: sqlite3.Connection, value: Value, one: int, two: int) -> int | None:
    """What SQLite makes of a value, for one row."""
    text = str(sa.select(value.clause).select_from(PAIR).compile(dialect=sqlite.dialect()))
    connection.execute("DELETE FROM pair")
    connection.execute("INSERT INTO pair VALUES (?, ?)", (one, two))
    (cell,) = connection.execute(text).fetchone()
    assert cell is None or isinstance(cell, int)
    return cell


def rounded(number: int, drop: int) -> int | None:
    """Half away from zero, in Python's integers, which have no limit; None beyond 64 bits."""
    made = (abs(number) + 10**drop // 2) // 10**drop * (1 if number >= 0 else -1)
    return made if SMALLEST_INT <= made <= LARGEST_INT else None


@given(one=NUMBERS, two=NUMBERS, drop=DROPS)
@example(one=LARGEST_INT, two=1, drop=4)
@example(one=LARGEST_INT - 5_000, two=1, drop=4)
@example(one=LARGEST_INT - 4_999, two=1, drop=4)
@example(one=SMALLEST_INT, two=1, drop=4)
@example(one=-5_000, two=1, drop=4)
@example(one=-4_999, two=1, drop=4)
@example(one=LARGEST_INT, two=2, drop=4)
def test_a_product(connection: sqlite3.Connection, one: int, two: int, drop: int) -> None:
    value = multiplied(Value(PAIR.c.one), Value(PAIR.c.two), (drop, 0), DecimalKind(0), "sqlite")
    assert found(connection, value, one, two) == rounded(one * two, drop)


@given(one=NUMBERS, two=NUMBERS, drop=DROPS)
@example(one=LARGEST_INT - 4_999, two=1, drop=4)
@example(one=SMALLEST_INT, two=-1, drop=4)
def test_a_sum_by_a_power_of_ten(connection: sqlite3.Connection, one: int, two: int, drop: int) -> None:
    product = multiplied(Value(PAIR.c.one), Value(PAIR.c.two), (0, 0), INT, "sqlite")
    assert product.loose
    value = by_power_of_ten(product, -drop, INT, "sqlite")
    fits = SMALLEST_INT <= one * two <= LARGEST_INT
    assert found(connection, value, one, two) == (rounded(one * two, drop) if fits else None)
