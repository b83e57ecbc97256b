"""The SQL of expressions: the statements of each mode, indexes that are used, parameters, and what has no SQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from itertools import pairwise
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from engine.expressions.nodes import Node
from engine.store.database import Database
from engine.to_python.compile import to_python
from engine.to_sql.base import row_of
from engine.to_sql.compile import Compiled, Mode, Over, to_sql
from engine.to_sql.limits import NotInSql, sql_problem
from engine.to_sql.source import Scope, Way
from engine.typecheck.check import check
from tests.expressions.agree import FUNCTIONS, WORLD
from tests.expressions.world import ROOTS, TABLES, Data, WorldTables, fill, make_data, surroundings

COUNTS = {"user": 20, "account": 200, "deal": 3000, "line": 3000, "tag": 3}


def node_of(text: str) -> Node:
    return check(text, ROOTS, WORLD, FUNCTIONS).node


def compiled(
    text: str, mode: Mode, dialect: Any, tables: WorldTables | None = None
) -> tuple[Compiled, Scope]:
    tables = tables or WorldTables()
    scope = Scope(tables, TABLES.tables["deal"].alias("d"))
    return to_sql(node_of(text), mode, Over(scope, "deal"), dialect), scope


def written(text: str, mode: Mode = "true", dialect: str = "postgresql") -> str:
    """The condition of a SELECT."""
    made, scope = compiled(text, mode, dialect)
    statement = sa.select(scope.base.c.id).select_from(scope.source).where(made.clause)
    shown = statement.compile(dialect=postgresql.dialect() if dialect == "postgresql" else None)
    return " ".join(str(shown).split("WHERE", 1)[1].split())


# ---- what is written


LINES = "EXISTS (SELECT 1 FROM line AS line_1 WHERE (line_1.deal = d.id AND line_1._gone IS false AND"


@pytest.mark.parametrize(
    ("text", "mode", "sql"),
    [
        ("record.size == 5", "true", "(d.size = %(param_1)s::BIGINT)"),
        ("record.count == 5", "true", "(d.count = %(param_1)s::BIGINT)"),
        ("record.count == 5", "false", "(d.count IS DISTINCT FROM %(param_1)s::BIGINT)"),
        ("record.count == null", "true", "(d.count IS NULL)"),
        ("record.count == record.owner.unit", "true",
         "(d.count = user_1.unit OR (d.count IS NULL AND user_1.unit IS NULL))"),
        ("record.count > 5", "false", "(d.count <= %(param_1)s::BIGINT)"),
        ("!record.open", "true", "(d.open = false)"),
        ("record.code < 'b'", "true", """(d.code COLLATE "C" < %(param_1)s::VARCHAR COLLATE "C")"""),
        ("record.count in [1, 2, null]", "true",
         "((d.count IN (%(param_1)s::BIGINT, %(param_2)s::BIGINT)) OR (d.count IS NULL))"),
        ("record.count in [1, 2]", "false",
         "((d.count IS NULL) OR (d.count NOT IN (%(param_1)s::BIGINT, %(param_2)s::BIGINT)))"),
        ("record.count in [1, null]", "false", "(d.count NOT IN (%(param_1)s::BIGINT))"),
        ("record.count in []", "true", "(1 = 0)"),
        ("has(record.count) && record.open", "true", "((d.count IS NOT NULL) AND (d.open = true))"),
        ("record.owner == user", "true", "(d.owner = %(e_0)s::BIGINT)"),
        ("record.due > today()", "true", "(d.due > %(e_0)s::DATE)"),
        ("record.lines.exists(x, x.done)", "true",
         f"{LINES} (line_1.done = true)))"),
        ("record.lines.all(x, x.amount > 1)", "true",
         f"(NOT {LINES} (((line_1.amount > %(param_1)s::BIGINT)) IS NOT TRUE))))"),
    ],
)  # fmt: skip
def test_what_is_written(text: str, mode: Mode, sql: str) -> None:
    assert written(text, mode) == sql


def test_a_value_is_never_written_into_sql() -> None:
    shown = written("record.title == 'secret' || record.count == 424242 || record.title.startsWith('hidden')")
    assert not any(value in shown for value in ("secret", "424242", "hidden"))


def test_a_path_is_joined_once_and_what_is_hidden_is_not_there() -> None:
    text = "record.account.name == 'a' && record.account.owner.name == record.account.owner.boss.name"
    _, scope = compiled(text, "true", "postgresql")
    assert [alias.element.name for alias, _ in scope.joined] == ["account", "user", "user"]  # type: ignore[attr-defined]
    assert "_gone IS false" in str(scope.source.compile(dialect=postgresql.dialect()))


def test_a_key_is_its_column_where_everything_is_seen() -> None:
    """Without a condition on the target no join is needed to compare a record, or with null."""
    _, hidden = compiled("has(record.account)", "true", "sqlite")
    _, seen = compiled("has(record.account)", "true", "sqlite", WorldTables(hidden=frozenset()))
    assert (len(hidden.joined), len(seen.joined)) == (1, 0)


def test_a_scope_lends_the_joins_of_its_select() -> None:
    """Whoever selects an account already is asked for it."""
    tables, base = WorldTables(), TABLES.tables["deal"].alias("d")
    account = TABLES.tables["account"].alias("mine")

    class Lent(Scope):
        def join(self, alias: sa.FromClause, entity: str, relation: str, way: Way) -> sa.FromClause:
            return account if relation == "account" else super().join(alias, entity, relation, way)

    scope = Lent(tables, base)
    made = to_sql(node_of("record.account.name == 'a'"), "true", Over(scope, "deal"), "sqlite")
    assert str(made.clause) == "(mine.name = :param_1)"
    assert scope.joined == []


def test_sql_does_not_grow_beyond_measure() -> None:
    """Guards name their operand once: each level adds, none doubles."""
    text = "record.count"
    lengths = []
    for _ in range(7):
        text = f"abs({text} + record.size)"
        lengths.append(len(written(f"{text} > 0")))
    _, *steps = [after - before for before, after in pairwise(lengths)]  # the first names nothing yet
    assert max(steps) < 1.5 * min(steps)


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_the_rows_of_an_aggregate_are_read_once(dialect: str) -> None:
    """What guards a sum against leaving its type names it: short as it is, it costs as much as its rows."""
    assert written("record.lines.map(x, x.amount).sum() > 5", dialect=dialect).count("FROM line") == 1


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_a_share_is_compared_with_the_limits_once(dialect: str) -> None:
    """Between a product and its division by a hundred nothing is rounded, or brought to a whole number and back."""
    clause = written("(record.cost * record.price / 100) > 1", dialect=dialect)
    assert clause.count(".cost") <= 3
    assert clause.count("AS BIGINT") == (dialect == "postgresql")


# ---- parameters


def test_what_reads_no_record_is_a_parameter() -> None:
    text = "record.count > settings.limit && record.title in user.roles && record.owner in user.subordinates"
    data = make_data(1)
    made, _ = compiled(text, "true", "sqlite")
    assert [bound.shape for bound in made.ambient.values()] == ["value", "list", "list"]
    around = surroundings(data)
    found = made.parameters(lambda node: to_python(node).evaluate({}, around), "Europe/Bucharest")
    assert found == {"e_0": 5, "e_1": '["sales", "a", "won"]', "e_2": "[2, 3]", "e_zone": "Europe/Bucharest"}


def test_the_same_expression_is_the_same_statement() -> None:
    """Whoever asks, and whenever: the compiled statement is found again."""
    keys = set()
    for _ in range(2):
        text = "record.count + 1 > settings.limit && abs(round(record.factor, 2)) > abs(record.price / 3)"
        made, scope = compiled(text, "true", "sqlite")
        key = sa.select(scope.base.c.id).select_from(scope.source).where(made.clause)._generate_cache_key()
        assert key is not None
        keys.add(key.key)
    assert len(keys) == 1


# ---- indexes


@pytest.fixture(scope="module")
def many() -> Data:
    return make_data(3, COUNTS)


@pytest.fixture
def connection(database_url: str, many: Data) -> Iterator[sa.Connection]:
    with closing(Database.open(database_url)) as database, database.write() as opened:
        fill(opened, many)
        opened.exec_driver_sql("ANALYZE deal")
        yield opened


def plan(connection: sa.Connection, text: str, parameters: dict[str, Any] | None = None) -> str:
    made, scope = compiled(text, "true", connection.dialect.name)
    statement = sa.select(scope.base.c.id).select_from(scope.source).where(made.clause)
    values = parameters or {}
    shown = str(
        statement.compile(connection, compile_kwargs={"literal_binds": True}).string if not values else ""
    )
    if values:
        shown = str(statement.params(**values).compile(connection, compile_kwargs={"literal_binds": True}))
    word = "EXPLAIN QUERY PLAN" if connection.dialect.name == "sqlite" else "EXPLAIN"
    rows = connection.exec_driver_sql(f"{word} {shown}").all()
    return "\n".join(str(row[-1]) for row in rows)


INDEXES = {
    "record.count == 999999": "ix_deal_count",
    "record.count == null": "ix_deal_count",
    "record.count in [123456, 123457]": "ix_deal_count",
    "record.count > 9223372036854775806": "ix_deal_count",
    "record.code == 'zzz'": "ix_deal_code",
    "record.code.startsWith('zzz')": "ix_deal_code",
    "record.count == 123456 && record.open && has(record.title)": "ix_deal_count",
    "record.count == 123456 && record.lines.exists(x, x.amount == 3)": "ix_deal_count",
}


def test_indexes_are_used(connection: sa.Connection) -> None:
    plans = {text: plan(connection, text) for text in INDEXES}
    assert {text: found for text, found in plans.items() if INDEXES[text] not in found} == {}


def test_a_choice_of_conditions_is_a_statement(connection: sa.Connection) -> None:
    assert plan(connection, "record.open ? record.count == 123456 : record.count == 123457")


# ---- what has no SQL


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("record.title.split(',')[0] == 'a'", "split of this is computed in Python only"),
        ("double(record.price) > 1.5", "double of this is computed in Python only"),
        ("record.colours", "a list is no single value"),
        (
            "[record.count, record.size].exists(x, x > 3)",
            "a list that is written out is walked in Python only",
        ),
        ("record.tags[record.size].name == 'a'", "an index is computed in Python only: write the number"),
        ("record.colours == ['red']", "a list is compared in Python only"),
        ("(record.open ? record.budget : 5) > 1", "it is not known in which currency this number is meant"),
        ("decimal(record.title) > 1", "decimal of this is computed in Python only"),
    ],
)
def test_what_has_no_sql(text: str, reason: str) -> None:
    problem = sql_problem(node_of(text))
    assert problem is not None
    assert problem.reason == reason
    with pytest.raises(NotInSql):
        compiled(text, "value", "sqlite")


def test_what_reads_no_record_needs_no_sql() -> None:
    assert sql_problem(node_of("settings.word.split(',')[0] == record.title")) is None


def test_a_budget() -> None:
    """Too many joins, lists, or lists within lists are told with their number."""
    joins = " && ".join(
        f"{path}.name == 'a'"
        for path in (
            *(
                "record.account",
                "record.owner",
                "record.account.owner",
                "record.owner.boss",
                "record.account.owner.boss",
            ),
            *("record.owner.boss.boss", "record.owner.boss.boss.boss", "record.account.owner.boss.boss"),
            "record.owner.boss.boss.boss.boss",
        )
    )
    problem = sql_problem(node_of(joins))
    assert problem is not None
    assert problem.reason == "this walks 9 relations, more than 8"
    lists = " || ".join(f"record.lines.exists(x, x.amount == {number})" for number in range(7))
    problem = sql_problem(node_of(lists))
    assert problem is not None
    assert problem.reason == "this looks through 7 lists, more than 6"


def test_a_root_that_is_scanned_under_another_name() -> None:
    """A picker scans options; what it reads of the record is computed once."""
    roots = type(ROOTS)(records={"record": ("deal",), "option": ("user",)})
    node = check("option.unit == record.size", roots, WORLD, FUNCTIONS).node
    scope = Scope(WorldTables(), TABLES.tables["user"].alias("o"))
    made = to_sql(node, "true", Over(scope, "user", "option"), "sqlite")
    assert str(made.clause) == "(o.unit = :e_0)"
    assert (
        made.parameters(lambda found: to_python(found).evaluate({"size": 4}, surroundings(make_data(1))))[
            "e_0"
        ]
        == 4
    )
    assert row_of(scope, scope.base, "user").keys["user"] is scope.base.c.id


NESTED = {
    "sum": ("record.count", "(record.size + {})"),
    "quotient": ("record.count", "(record.size / {})"),
    "product": ("record.price", "({} * record.factor)"),
    "amount": ("record.budget", "(record.budget + {})"),
    "rounded": ("record.factor", "(ceil({}) * 1.1)"),
    "choice": ("record.count", "(record.maybe ? record.size : {})"),
    "condition": ("record.maybe", "(record.open && (record.maybe || {}))"),
    "moved": ("record.due", "({} + record.lasts)"),
    "text": ("record.title", "({}.endsWith('a') ? record.title : record.code)"),
    "length": ("record.lasts", "(record.lasts - {})"),
}


@pytest.mark.parametrize("name", NESTED)
def test_what_is_accepted_is_not_too_deep_for_sqlite(sqlite_url: str, name: str) -> None:
    """SQLite's parser gives up at a hundred open symbols: an expression is refused before, with a number."""
    text, template = NESTED[name]
    with closing(Database.open(sqlite_url)) as database, database.write() as connection:
        TABLES.create_all(connection)
        levels = 0
        while (problem := sql_problem(node_of(text))) is None:
            made, scope = compiled(text, "value", "sqlite")
            shown = sa.func.coalesce(sa.func.nullif(*made.columns[:1], sa.null()), sa.null())
            connection.execute(sa.select(shown).select_from(scope.source), made.parameters(lambda node: None))
            text = template.format(text)
            levels += 1
    assert levels > 5
    assert "deep" in problem.reason
