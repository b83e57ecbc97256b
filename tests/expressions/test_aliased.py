"""An alias whose columns are made when asked for says what SQLAlchemy's own says."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from engine.sql.aliased import aliased

TABLE = sa.Table(
    "order",
    sa.MetaData(),
    sa.Column("id", sa.BigInteger, primary_key=True),
    sa.Column("group", sa.Text),
    sa.Column("parent", sa.ForeignKey("order.id")),
    sa.Column("at", sa.DateTime(timezone=True)),
)


def statement(first: sa.FromClause, second: sa.FromClause) -> sa.Select[tuple[object, ...]]:
    """Joins, conditions, a subquery that reads what is around it, and orders."""
    inner = sa.exists().where(TABLE.c.parent == second.c.id, TABLE.c.group == first.c.group)
    joined = first.outerjoin(second, sa.and_(second.c["parent"] == first.c.id, second.c.at.is_(None)))
    found = sa.select(first.c.id, second.c.group.label("group"), sa.func.max(second.c.at))
    return found.select_from(joined).where(inner, first.c.group.in_(["a"])).order_by(second.c.at.desc())


@pytest.mark.parametrize("dialect", [sqlite.dialect(), postgresql.dialect()], ids=lambda each: each.name)
def test_it_says_the_same(dialect: sa.Dialect) -> None:
    ours = str(statement(aliased(TABLE), aliased(TABLE)).compile(dialect=dialect))
    assert ours == str(statement(TABLE.alias(), TABLE.alias()).compile(dialect=dialect))


def test_it_knows_its_columns_and_no_others() -> None:
    columns = aliased(TABLE).c
    assert ("group" in columns, "at" in columns, "_deleted_at" in columns) == (True, True, False)
    assert [column.name for column in columns] == ["id", "group", "parent", "at"]
    assert columns.at is columns["at"]
    assert isinstance(columns.at.type, sa.DateTime)
    assert (columns.id.nullable, columns.at.nullable) == (False, True)
    with pytest.raises(AttributeError):
        _ = columns.nothing
    with pytest.raises(KeyError):
        _ = columns["nothing"]


def test_a_kept_statement_is_found_again() -> None:
    one, another = (statement(aliased(TABLE), aliased(TABLE)) for _ in range(2))
    assert one._generate_cache_key() == another._generate_cache_key()
