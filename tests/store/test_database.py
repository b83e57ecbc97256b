"""Opening a database, what a read and a write see of each other, and what is said when something is wrong."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa

from engine.errors import OperatorError, UsageError
from engine.store.database import Database, database_url_for, is_transient
from tests.store.counting import begin, count, value
from tests.store.together import at_once, broken_off, run
from tests.support.warm import PIPE, Process

ROOT = Path(__file__).parents[2]


@pytest.fixture
def counting(database: Database) -> Database:
    """A database with a table of one row that counts."""
    begin(database)
    return database


# ---- reading and writing


def test_a_write_is_whole_or_not_at_all(counting: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        broken_off(counting, lambda connection: connection.exec_driver_sql("UPDATE counting SET value = 7"))
    assert value(counting) == 0
    count(counting)
    assert value(counting) == 1


def test_even_the_making_of_a_table_is_undone(counting: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        broken_off(
            counting, lambda connection: connection.exec_driver_sql("CREATE TABLE another (id integer)")
        )
    with counting.read() as connection:
        assert not sa.inspect(connection).has_table("another")


def test_a_read_sees_one_state_throughout(counting: Database) -> None:
    with counting.read() as connection:
        assert connection.exec_driver_sql("SELECT value FROM counting").scalar_one() == 0
        count(counting)
        assert connection.exec_driver_sql("SELECT value FROM counting").scalar_one() == 0
    assert value(counting) == 1


def test_a_read_can_not_write(counting: Database) -> None:
    with pytest.raises(OperatorError), counting.read() as connection:
        connection.exec_driver_sql("UPDATE counting SET value = 7")
    count(counting)
    assert value(counting) == 1


def test_readers_do_not_wait_for_the_writer(counting: Database) -> None:
    with counting.write() as connection:
        connection.exec_driver_sql("UPDATE counting SET value = 7")
        assert value(counting) == 0


def test_foreign_keys_hold(counting: Database) -> None:
    with counting.write() as connection:
        connection.exec_driver_sql("CREATE TABLE other (counting integer REFERENCES counting (id))")
    with pytest.raises(sa.exc.IntegrityError), counting.write() as connection:
        connection.exec_driver_sql("INSERT INTO other VALUES (2)")


def test_two_hundred_writers_wait_and_none_fails(counting: Database) -> None:
    assert at_once(200, lambda _: count(counting)) == [None] * 200
    assert value(counting) == 200


def test_two_hundred_readers_share_the_connections(counting: Database) -> None:
    assert at_once(200, lambda _: value(counting)) == [0] * 200


def test_writers_of_several_processes_wait_for_each_other(counting: Database, database_url: str) -> None:
    processes = [Process("tests.store.counting", database_url, stderr=PIPE) for _ in range(3)]
    assert at_once(20, lambda _: count(counting)) == [None] * 20
    for process in processes:
        _, said = process.communicate()
        assert process.returncode == 0, said
    assert value(counting) == 80


def test_writers_get_their_turn_in_the_order_they_came(sqlite_url: str) -> None:
    database = Database.open(sqlite_url)
    came: list[int] = []
    got: list[int] = []
    assert database._turn is not None

    def write(number: int) -> None:
        came.append(number)
        with database.write():
            got.append(number)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(20)]
    with database.write():
        for number, thread in enumerate(threads):
            thread.start()
            while len(database._turn._waiting) <= number:
                pass
    for thread in threads:
        thread.join()
    assert got == came
    database.close()


def test_a_write_inside_a_write_is_our_mistake_and_said_at_once(sqlite_url: str) -> None:
    database = Database.open(sqlite_url)
    with database.write(), pytest.raises(AssertionError, match="a write inside a write"), database.write():
        pass
    with database.write():  # the turn was passed on
        pass
    database.close()


def test_every_word_that_postgresql_knows_can_be_a_name(postgres_url: str) -> None:
    """Asked of the server itself: a later version may keep more words than SQLAlchemy has heard of."""
    opened = Database.open(postgres_url)
    try:
        with opened.read() as connection:
            words = list(connection.execute(sa.text("SELECT word FROM pg_get_keywords()")).scalars())
        assert len(words) > 400
        with opened.write() as connection:
            columns = [sa.Column(word, sa.Integer) for word in words]
            sa.Table("all_words", sa.MetaData(), *columns).create(connection)
            for word in words:
                table = sa.Table(word, sa.MetaData(), sa.Column(word, sa.Integer))
                table.create(connection)
                connection.execute(sa.insert(table), {word: 7})
                assert connection.execute(sa.select(table.c[word]).order_by(table.c[word])).scalar() == 7
                table.drop(connection)  # locks of four hundred tables together are too many
    finally:
        opened.close()


def test_searching_folds_all_letters(sqlite_url: str) -> None:
    database = Database.open(sqlite_url)
    with database.read() as connection:
        assert connection.exec_driver_sql("SELECT engine_fold('ȘTEFAN'), engine_fold(NULL)").one() == (
            "ștefan",
            None,
        )
    database.close()


# ---- what is wrong outside


def refusal(url: str) -> str:
    with pytest.raises((OperatorError, UsageError)) as error:
        Database.open(url)
    return str(error.value)


def test_what_is_said_of_urls_that_are_none() -> None:
    assert refusal("oracle://x/y") == (
        "a database of the kind 'oracle' is not supported: "
        "use sqlite:////path/to/app.db or postgresql://user:password@host/database"
    )
    assert "can't be read" in refusal("app.db")
    assert "in memory is not supported" in refusal("sqlite://")
    assert "in memory is not supported" in refusal("sqlite:///:memory:")


def test_what_is_said_of_files_that_are_no_database(tmp_path: Path) -> None:
    assert (
        refusal(f"sqlite:///{tmp_path}")
        == f"the database sqlite:///{tmp_path} is a folder: name a file in it"
    )
    assert refusal(f"sqlite:///{tmp_path}/no/app.db") == (
        f"the folder {tmp_path}/no of the database does not exist: create it, or name another"
    )
    junk = tmp_path / "junk.db"
    junk.write_bytes(b"This is a letter, and no database at all. " * 100)
    assert refusal(f"sqlite:///{junk}") == (
        f"the database sqlite:///{junk}: it is not a SQLite database (or an encrypted one): "
        "name another file, or move this one away"
    )
    assert junk.read_bytes().startswith(b"This is a letter")


def test_an_old_sqlite_is_refused(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 34, 1))
    monkeypatch.setattr(sqlite3, "sqlite_version", "3.34.1")
    assert refusal(sqlite_url).startswith("SQLite 3.34.1 is too old: the engine needs 3.35 or newer")


def test_a_full_disk_is_said_and_nothing_is_half_written(sqlite_url: str) -> None:
    database = Database.open(sqlite_url)
    run(database, "CREATE TABLE notes (text text)")
    with pytest.raises(OperatorError, match="the disk is full: free some space"):
        run(
            database,
            "PRAGMA max_page_count = 1",  # which SQLite takes to mean: no more than there are
            "INSERT INTO notes VALUES ('kept?')",
            "INSERT INTO notes VALUES (zeroblob(100000))",
        )
    with database.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM notes").scalar_one() == 0
    database.close()


def test_a_file_that_may_not_be_written_is_said(sqlite_url: str) -> None:
    database = Database.open(sqlite_url)
    with pytest.raises(OperatorError, match="may not be written: check who owns"):
        run(database, "PRAGMA query_only = 1", "CREATE TABLE notes (text text)")
    database.close()


def test_what_is_said_of_servers_that_do_not_answer(tmp_path: Path) -> None:
    nothing = refusal("postgresql://ann:secret@localhost:1/crm")
    assert nothing.startswith("the database postgresql://ann:***@localhost:1/crm: nothing answers there")
    assert "secret" not in nothing
    assert "there is no such socket" in refusal(f"postgresql:///crm?host={tmp_path}")


@pytest.mark.postgres
def test_what_is_said_of_databases_and_users_that_are_not_there(postgres_url: str) -> None:
    url = sa.make_url(postgres_url)
    assert "does not exist" in refusal(url.set(database="nowhere").render_as_string(hide_password=False))
    assert "does not exist" in refusal(
        url.set(username="nobody_at_all").render_as_string(hide_password=False)
    )


@pytest.mark.postgres
def test_a_connection_that_was_cut_is_said_and_the_next_one_works(postgres_url: str) -> None:
    database = Database.open(postgres_url)

    def interrupted() -> None:
        with database.read() as connection:
            _cut(postgres_url, connection)
            connection.exec_driver_sql("SELECT 1")

    with pytest.raises(OperatorError, match=r"server was shut down|connection was lost"):
        interrupted()
    with database.read() as connection:
        assert connection.exec_driver_sql("SELECT 1").scalar_one() == 1
    database.close()


@pytest.mark.postgres
def test_connections_that_died_while_nobody_used_them_are_replaced(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.store.database.IDLE_SECONDS", -1.0)
    database = Database.open(postgres_url)
    with database.read() as connection:
        number = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
    _cut(postgres_url, number=number)
    with database.read() as connection:
        assert connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one() != number
    database.close()


def _cut(url: str, connection: sa.Connection | None = None, number: int = 0) -> None:
    if connection is not None:
        number = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
    engine = sa.create_engine(url, poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as other:
        other.execute(sa.select(sa.func.pg_terminate_backend(number, 5000)))


@pytest.mark.postgres
def test_a_deadlock_is_worth_another_attempt(postgres_url: str) -> None:
    database = Database.open(postgres_url)
    with database.write() as connection:
        connection.exec_driver_sql("CREATE TABLE two (id integer PRIMARY KEY, value integer)")
        connection.exec_driver_sql("INSERT INTO two VALUES (0, 0), (1, 0)")
    both = threading.Barrier(2)

    def cross(number: int) -> None:
        with database.write() as connection:
            connection.exec_driver_sql("SET LOCAL deadlock_timeout = '50ms'")
            update = sa.text("UPDATE two SET value = 1 WHERE id = :id")
            connection.execute(update, {"id": number})
            both.wait()
            connection.execute(update, {"id": 1 - number})

    errors = [answer for answer in at_once(2, cross) if answer is not None]
    assert len(errors) == 1
    assert isinstance(errors[0], BaseException)
    assert is_transient(errors[0])
    assert not is_transient(ValueError("ours"))
    database.close()


# ---- which database


def test_the_environment_comes_before_the_settings_and_these_before_the_usual_place(tmp_path: Path) -> None:
    named = {"ENGINE_DATABASE_URL": "postgresql://host/a"}
    assert database_url_for(tmp_path, "postgresql://host/b", named) == "postgresql://host/a"
    assert database_url_for(tmp_path, "postgresql://host/b", {}) == "postgresql://host/b"
    assert not (tmp_path / "var").exists()
    assert database_url_for(tmp_path, "", {}) == f"sqlite:///{tmp_path}/var/app.db"
    assert (tmp_path / "var").is_dir()


def test_a_relative_file_of_the_settings_is_in_the_application(tmp_path: Path) -> None:
    made = database_url_for(tmp_path, "sqlite:///data/crm.db", {})
    assert sa.make_url(made).database == str(tmp_path / "data" / "crm.db")
    absolute = database_url_for(tmp_path, f"sqlite:///{tmp_path}/x.db", {})
    assert sa.make_url(absolute).database == f"{tmp_path}/x.db"
