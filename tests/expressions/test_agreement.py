"""Python, SQLite and PostgreSQL give the same answer on every record: at random, and for all that ever differed.

`ENGINE_TEST_EXPRESSIONS=1000000 pytest tests/expressions/test_agreement.py` asks for longer, `ENGINE_TEST_SEED`
for others; a difference that is found becomes a case here.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, closing

import pytest
import sqlalchemy as sa

from engine.store.database import Database
from tests.expressions.agree import compare
from tests.expressions.generate import expressions
from tests.expressions.world import Data, fill, make_data

EXPRESSIONS = int(os.environ.get("ENGINE_TEST_EXPRESSIONS", "20000"))
FIRST_SEED = int(os.environ.get("ENGINE_TEST_SEED", "1"))
SEEDS = 8

ZONES = ("UTC", "Europe/Bucharest", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu")

COUNTS = {"user": 4, "account": 6, "deal": 20, "line": 50, "tag": 3}

CASES = {
    "a whole number with more decimals than 64 bits hold": "max(record.size, 2.0)",
    "such a number added": "(-0.01 + record.size)",
    "such a number compared": "(record.size > 2.5)",
    "such numbers on both sides": "(ceil(record.price) in [record.account.rate, record.price, null])",
    "brought to more decimals twice": "(record.factor in [record.account.rate, record.account.rate, record.price])",
    "compared with null after it was brought to more decimals": "(record.price in [record.factor, 2.0, null])",
    "computed in Python and beyond 64 bits": "!((decimal(9223372036854775807) in [record.price, record.factor]))",
    "an overflow looked for in a list": "((record.owner.unit - record.size) in record.lines.map(x, record.count))",
    "seconds of a moment, exactly": "int(record.at)",
    "the last moment there is": "int(record.made)",
    "an amount of any currency with decimals of all": "((record.budget * 0.19)).amount",
    "the least of amounts, one of them without a currency": "record.lines.map(x, coalesce(x.value, 0)).min()",
    "a condition that is bound": "(('a' < settings.word) ? record.cost : money('1', 'EUR'))",
    "the sign of a decimal is one": "round(floor(math.sign(record.account.rate)), 0)",
    "a filter of unknown items": "record.lines.map(x, x.amount + 1).filter(y, true).exists(z, z > 0)",
    "a moment of a year far away": "(record.at + record.lasts)",
    "a date as text beside a number as text": "(min(record.title, record.title) < string(record.due))",
    "a literal with more decimals than 64 bits hold": "coalesce(-9223372036854775808, 0.5) + record.price",
    "capitals of Greek letters": "upper('ᾳ' + record.code)",
}
"""What differed once, by what was wrong."""

TRAPS = {
    "a share of an amount of one currency": "(record.cost * record.price / 100)",
    "a share of a share": "(record.cost * record.price / 100 * record.factor / 100)",
    "a product of decimals with its point moved": "(record.price * record.factor / 100)",
    "a product of whole numbers with its point moved": "(record.size * record.price / 10)",
    "halves of either sign": "round(record.price * record.factor, 1)",
    "null is a value": "(record.title == null)",
    "null equals null": "(record.title == record.owner.name)",
    "unequal to null": "(record.title != record.owner.name)",
    "an unknown equals nothing": "((record.count + 1) == null)",
    "a value and an unknown": "((record.count + 0) != record.owner.unit)",
    "null in a list": "!(record.count in [1, null])",
    "an empty list": "(record.count in [])",
    "an empty list and an unknown": "((record.count + 1) in [])",
    "negation of unknown": "!(record.count > 3)",
    "code points": "('a' < record.title && record.title < 'b')",
    "signs of LIKE": "record.title.contains('%') || record.title.startsWith('a_')",
    "an empty suffix": "record.title.endsWith('')",
    "capitals beyond ASCII": "(record.title.lower() == 'Ärger'.lower())",
    "division by zero": "(record.size / (record.count - record.count))",
    "the smallest number by minus one": "(record.count / -1) == (record.count * -1)",
    "remainder of the smallest": "(record.count % -1)",
    "signs of a quotient": "(record.size / 3) + (record.size % 3)",
    "brackets of sums": "(record.count - (record.size - (record.count + 1)))",
    "rounding half away from zero": "round(record.factor, 0)",
    "decimal quotient": "(record.price / 3)",
    "a share of an amount": "record.budget * record.factor / 100",
    "a share of a product": "((record.price * record.factor) / 100)",
    "digits that leave 64 bits": "(record.price * 1000000)",
    "digits that come back": "((record.price * 1000000) / 1000000)",
    "an amount of a power of ten": "(record.budget * 10) == (record.budget / 0.1)",
    "digits of a whole number": "(record.size * 100) / 100 == record.size",
    "a sum beyond 64 bits": "record.lines.map(x, x.amount).sum()",
    "a sum of nothing": "record.lines.filter(x, x.done && !x.done).map(x, x.price).sum()",
    "different currencies": "record.lines.map(x, x.value).sum()",
    "amounts of different currencies are not less": "(record.budget < money('10', 'USD'))",
    "but not equal": "(record.budget != money('10', 'USD'))",
    "a plain number in any currency": "(record.budget > 2.5)",
    "all of unknown": "record.lines.all(x, x.amount > 0)",
    "exactly one": "record.lines.exists_one(x, x.amount > 0)",
    "an element meets the whole condition": "record.lines.exists(x, x.amount > 0 && x.done)",
    "a path over one that is gone": "(record.account.name == null)",
    "a path used twice": "(record.account.name + record.account.name)",
    "a row sees its parent": "record.lines.exists(x, x.deal.size == record.size && x.deal.account == record.account)",
    "nested lists": "record.account.deals.exists(d, d.lines.exists(x, x.price > record.price))",
    "records": "(record.owner == user || record.owner.boss == record.account.owner)",
    "a record of a list": "(record.lines.first().owner.name == record.owner.name)",
    "a chosen record": "((record.open ? record.owner : record.account.owner).name)",
    "a list that is bound": "(record.owner in user.subordinates)",
    "a bound list walked": "user.roles.exists(r, record.title.contains(r))",
    "clocks change": "start_of(record.at, 'day')",
    "a repeated hour": "end_of(record.at, 'hour')",
    "the offset of a zone": "record.at.getHours('+05:30')",
    "a day is not 24 hours": "(add_days(record.at, 1) - record.at)",
    "workdays over weekends": "workdays_between(record.due, record.account.since)",
    "parts of an address": "(record.place.city == null)",
    "the order of options": "record.colours.join(',')",
    "truthy": "truthy(record.title) || truthy(record.count) || truthy(record.tags)",
    "what an option says": "record.stage.weight + record.count",
    "what an option does not say": "(record.stage.weight == null)",
    "a decimal that an option says": "record.stage.share * record.price",
    "a yes or no that an option says": "!record.stage.final || record.open",
    "such a yes or no as a value": "(record.stage.final == record.maybe)",
    "a text that an option says": "coalesce(record.stage.word, 'none') + record.code",
    "what the options of rows say": "record.lines.map(x, x.kind.weight).sum()",
    "what options of a list say": "record.lines.exists(x, x.kind.final && x.kind.share > 0.5)",
    "lines end": "record.title.matches('^line.break$')",
}  # fmt: skip
"""The traps of the two databases' SQL, by name."""


Connections = list[sa.Connection]


@pytest.fixture
def connections(sqlite_url: str, request: pytest.FixtureRequest) -> Iterator[Connections]:
    """Transactions on both databases; on SQLite alone where there is no PostgreSQL, which is told in the end."""
    urls, lacking = [sqlite_url], None
    try:
        urls.append(request.getfixturevalue("postgres_url"))
    except pytest.skip.Exception as reason:
        lacking = reason
    with ExitStack() as stack:
        databases = [stack.enter_context(closing(Database.open(url))) for url in urls]
        yield [stack.enter_context(database.write()) for database in databases]
    if lacking is not None:
        raise lacking


def prepared(connections: Connections, seed: int) -> Data:
    """The rows of a seed, everywhere; PostgreSQL's sessions are in a zone that is nobody's."""
    data = make_data(seed, COUNTS)
    for connection in connections:
        fill(connection, data)
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET LOCAL TIME ZONE 'America/New_York'")
    return data


@pytest.mark.postgres
@pytest.mark.parametrize("seed", [1, 2, 14])
def test_what_differed_once(connections: Connections, seed: int) -> None:
    texts = [*CASES.values(), *TRAPS.values()]
    tried = compare(connections, prepared(connections, seed), texts, zone="Europe/Bucharest")
    assert not tried.differences, "\n".join(map(str, tried.differences))
    assert (tried.compared, tried.refused, tried.not_in_sql) == (len(texts), 0, 0)


@pytest.mark.postgres
@pytest.mark.parametrize("seed", range(FIRST_SEED, FIRST_SEED + SEEDS))
def test_expressions_at_random(connections: Connections, seed: int) -> None:
    texts = expressions(seed, EXPRESSIONS // 10)
    tried = compare(connections, prepared(connections, seed), texts, zone=ZONES[seed % len(ZONES)])
    assert not tried.differences, "\n".join(map(str, tried.differences[:20]))
    assert tried.compared > 0.95 * len(texts), f"only {tried.compared} of {len(texts)} were compared"
