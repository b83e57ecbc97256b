"""The test databases are what their fixtures promise."""

from __future__ import annotations

import sqlalchemy as sa


def _tables(url: str) -> list[str]:
    engine = sa.create_engine(url)
    try:
        return sa.inspect(engine).get_table_names()
    finally:
        engine.dispose()


def _execute(url: str, *statements: str) -> None:
    engine = sa.create_engine(url)
    try:
        with engine.begin() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)
    finally:
        engine.dispose()


def test_a_database_starts_empty_and_keeps_what_is_committed(database_url: str) -> None:
    assert _tables(database_url) == []
    _execute(database_url, "CREATE TABLE kept (id INTEGER PRIMARY KEY)")
    assert _tables(database_url) == ["kept"]


def test_schemas_do_not_see_each_other(postgres_server, postgres_url: str) -> None:
    _execute(postgres_url, "CREATE TABLE mine (id INTEGER PRIMARY KEY)")
    with postgres_server.schema("t_other") as other:
        assert _tables(other) == []


def test_a_schema_goes_even_if_a_transaction_was_left_open(postgres_server) -> None:
    with postgres_server.schema("t_left_open") as url:
        engine = sa.create_engine(url)
        connection = engine.connect()
        connection.exec_driver_sql("CREATE TABLE held (id INTEGER PRIMARY KEY)")
    with postgres_server.schema("t_left_open") as url:
        assert _tables(url) == []
    connection.invalidate()
    connection.close()
    engine.dispose()


def test_text_sorts_by_code_point_and_knows_unicode(postgres_url: str) -> None:
    engine = sa.create_engine(postgres_url)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SHOW server_encoding").scalar() == "UTF8"
        assert connection.exec_driver_sql("SELECT lower('ÄÖ')").scalar() == "äö"
        assert connection.exec_driver_sql("SELECT 'Z' < 'a'").scalar() is True
    engine.dispose()
