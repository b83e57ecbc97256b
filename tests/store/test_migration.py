"""The database brought to the metadata: what is added, what is refused and in which words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from engine.build.table import Dialect
from engine.errors import SchemaDiffers
from engine.store import migration
from engine.store.database import Database
from tests.store.applications import LIBRARY, changed, tables_of
from tests.support.spares import SPARES

NOW = "2026-03-01 12:00:00+00"

AUTHOR_NAME = "  name:    {type: text, required: true}\n"
EMAIL = "  email:   {type: email}\n"
PAGES = "  pages:   {type: integer}\n"
PRICE = "  price:   {type: money, currency: EUR}\n"
ABOUT = "  about:   {to: [author, book], on_delete: clear, inverse: mentions}\n"


class Library:
    """A database of the library, and the ways its metadata changes."""

    def __init__(self, folder: Path, database: Database) -> None:
        self.folder, self.database = folder, database
        self.become()

    def become(self, *replacements: tuple[str, str], apply: bool = True) -> tuple[str, ...]:
        """Change the library's text so, and bring the database to it; answers what was done."""
        text = changed(*replacements)
        self.tables = tables_of(self.folder, self.database.dialect, text)
        return migration.ensure(self.database, self.tables, apply=apply)

    def refused(self, *replacements: tuple[str, str]) -> list[str]:
        """What is refused of a change, without the name of the database's types; nothing must have happened."""
        before = self.schema()
        with pytest.raises(SchemaDiffers) as error:
            self.become(*replacements)
        assert self.schema() == before
        return list(error.value.refused)

    def insert(self, table: str, **values: Any) -> int:
        made = self.tables.metadata.tables[table]
        row = dict(values)
        if "version" in made.c:
            stamp = sa.func.now() if self.database.dialect == "postgresql" else sa.literal_column("0")
            row |= {"created_at": stamp, "updated_at": stamp, "version": 1}
        with self.database.write() as connection:
            return int(connection.execute(sa.insert(made).values(row).returning(made.c.id)).scalar_one())

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with self.database.read() as connection:
            return [tuple(row) for row in connection.execute(sa.text(sql))]

    def run(self, sql: str) -> None:
        with self.database.write() as connection:
            connection.execute(sa.text(sql))

    def schema(self) -> dict[str, Any]:
        """What the database really has: columns, keys, CHECKs and indexes of every table."""
        with self.database.read() as connection:
            inspector = sa.inspect(connection)
            checks, indexes = inspector.get_multi_check_constraints(), inspector.get_multi_indexes()
            return {
                str(name): (
                    sorted((column["name"], str(column["type"]), column["nullable"]) for column in columns),
                    foreign_keys(connection, str(name)),
                    sorted(str(check["name"]) for check in checks[schema, name]),
                    sorted(
                        (index["name"], index["column_names"], bool(index["unique"]))
                        for index in indexes[schema, name]
                    ),
                )
                for (schema, name), columns in inspector.get_multi_columns().items()
            }


def foreign_keys(connection: sa.Connection, table: str) -> list[tuple[Any, ...]]:
    """The keys of a table, as the database tells them: column, target, what happens on delete."""
    if connection.dialect.name == "sqlite":  # SQLAlchemy does not find keys whose name has a dollar
        sql = 'SELECT "from", "table", on_delete FROM pragma_foreign_key_list(:table)'
    else:
        sql = (
            "SELECT conname, confrelid::regclass::text, confdeltype::text FROM pg_constraint "
            "WHERE contype = 'f' AND conrelid = to_regclass(quote_ident(:table))"
        )
    return sorted(tuple(row) for row in connection.execute(sa.text(sql), {"table": table}))


@pytest.fixture
def library(tmp_path: Path, database_url: str) -> Iterator[Library]:
    dialect: Dialect = "sqlite" if database_url.startswith("sqlite") else "postgresql"
    SPARES.prepare(database_url, LIBRARY, lambda: tables_of(tmp_path, dialect))
    database = Database.open(database_url)
    yield Library(tmp_path, database)
    database.close()


@pytest.fixture
def filled(library: Library) -> Library:
    """A library with two authors."""
    library.insert("author", name="Ann", email="a@x.org")
    library.insert("author", name="Bob", email="a@x.org")
    return library


# ---- what is made


def test_a_fresh_database_is_created_whole_and_found_unchanged(library: Library) -> None:
    names = set(library.schema())
    assert {"author", "book", "shelf", "shelf$books", "user", "_engine_audit", "_engine_meta"} <= names
    assert library.become(apply=False) == ()
    assert len(migration.secret(library.database)) == 32


def test_the_secret_stays(library: Library) -> None:
    before = migration.secret(library.database)
    library.become((EMAIL, EMAIL + "  note: {type: text}\n"))
    assert migration.secret(library.database) == before


ADDITIONS: list[tuple[str, tuple[str, str], list[str]]] = [
    (
        "an entity",
        ("entity: shelf\n", "entity: loan\nproperties: {days: {type: integer}}\n---\nentity: shelf\n"),
        ["loan (an entity): new"],
    ),
    ("a property", (EMAIL, EMAIL + "  born: {type: date}\n"), ["author.born: new (date)"]),
    (
        "a property with a default",
        (EMAIL, EMAIL + "  stars: {type: integer, default: 3}\n"),
        ["author.stars: new (integer)"],
    ),
    (
        "a required property with a default",
        (EMAIL, EMAIL + "  stars: {type: integer, required: true, default: 3}\n"),
        ["author.stars: new (integer)"],
    ),
    (
        "a required property of two columns",
        (EMAIL, EMAIL + "  fee: {type: money, required: true, default: {amount: 5, currency: USD}}\n"),
        ["author.fee: new (money)"],
    ),
    ("a property of two columns", (EMAIL, EMAIL + "  fee: {type: money}\n"), ["author.fee: new (money)"]),
    (
        "a unique property",
        (EMAIL, EMAIL + "  code: {type: text, unique: true}\n"),
        ["author.code: new (text)", "author: code unique"],
    ),
    (
        "a relation",
        (EMAIL, EMAIL + "relations: {best: {to: book, on_delete: clear, inverse: best_of}}\n"),
        ["author.best: new (relation to book)", "author: best with an index"],
    ),
    (
        "a tree",
        (EMAIL, EMAIL + "relations: {teacher: {to: author, kind: tree, inverse: pupils}}\n"),
        ["author.teacher: new (relation to author)", "author: teacher with an index"],
    ),
    (
        "a relation to one of several",
        (EMAIL, EMAIL + "relations: {liked: {to: [book, shelf], on_delete: clear}}\n"),
        [
            "author.liked: new (relation to book)",
            "author: liked.book with an index",
            "author: liked.shelf with an index",
        ],
    ),
    (
        "a many-to-many relation",
        (EMAIL, EMAIL + "relations: {liked: {to: book, kind: many_to_many}}\n"),
        ["author.liked (a many-to-many relation): new"],
    ),
    (
        "an index",
        (EMAIL, "  email:   {type: email, index: true}\n"),
        ["author: email, id with an index"],
    ),
    (
        "a unique key",
        (AUTHOR_NAME, "  name:    {type: text, required: true, unique: true}\n"),
        ["author: name unique"],
    ),
]


@pytest.mark.parametrize(
    ("change", "words"), [row[1:] for row in ADDITIONS], ids=[row[0] for row in ADDITIONS]
)
def test_what_only_adds_is_made(
    filled: Library, tmp_path: Path, change: tuple[str, str], words: list[str]
) -> None:
    with pytest.raises(SchemaDiffers) as unasked:
        filled.become(change, apply=False)
    assert (list(unasked.value.additions), unasked.value.refused) == (words, ())
    assert list(filled.become(change)) == words
    assert filled.become(change, apply=False) == ()
    assert filled.rows("SELECT id, name FROM author ORDER BY id") == [(1, "Ann"), (2, "Bob")]


@pytest.mark.parametrize("change", [row[1] for row in ADDITIONS], ids=[row[0] for row in ADDITIONS])
def test_an_extended_database_is_like_one_created_so(
    filled: Library, tmp_path: Path, change: tuple[str, str], fresh_like: Callable[[str], Library]
) -> None:
    filled.become(change)
    assert filled.schema() == fresh_like(changed(change)).schema()


@pytest.fixture
def fresh_like(tmp_path: Path, filled: Library, request: pytest.FixtureRequest) -> Callable[[str], Library]:
    """Another database of the same kind, created from a text."""

    def make(text: str) -> Library:
        if filled.database.dialect == "sqlite":
            url = f"sqlite:///{tmp_path / 'other.db'}"
        else:
            server = request.getfixturevalue("postgres_server")
            schema = server.schema(f"t_{abs(hash(str(tmp_path))) % 10**9}")
            url = schema.__enter__()
            request.addfinalizer(lambda: schema.__exit__(None, None, None))
        database = Database.open(url)
        request.addfinalizer(database.close)
        other = Library.__new__(Library)
        other.folder, other.database = tmp_path, database
        other.tables = tables_of(tmp_path, database.dialect, text)
        migration.ensure(database, other.tables, apply=False)
        return other

    return make


def test_the_records_there_are_get_a_default(filled: Library) -> None:
    filled.become(
        (
            EMAIL,
            EMAIL
            + "  stars: {type: integer, default: 3}\n  fee: {type: money, required: true, default: 5}\n",
        )
    )
    assert filled.rows('SELECT stars, fee, "fee$currency" FROM author') == [(3, 500, "EUR")] * 2


def test_a_database_that_lets_nothing_in_is_kept_that_way(filled: Library) -> None:
    """CHECKs and keys of added columns hold."""
    filled.become((EMAIL, EMAIL + "  fee: {type: money}\nrelations: {teacher: {to: author, kind: tree}}\n"))
    for wrong in ("fee = 1", "teacher = id", "teacher = 77"):
        with pytest.raises(sa.exc.IntegrityError):
            filled.run(f"UPDATE author SET {wrong} WHERE id = 1")  # noqa: S608


def test_a_required_property_may_be_added_while_there_are_no_records(library: Library) -> None:
    first = library.insert("author", name="Ann")
    library.run("DELETE FROM author")
    change = (EMAIL, EMAIL + "  code: {type: text, required: true, unique: true}\n")
    assert list(library.become(change)) == ["author.code: new (text)", "author: code unique"]
    assert library.insert("author", name="Bob", code="b") > first  # ids are never given again
    with pytest.raises(sa.exc.IntegrityError):
        library.run("UPDATE author SET code = NULL")


def test_an_index_that_no_page_needs_any_more_goes(library: Library) -> None:
    indexed = (EMAIL, "  email:   {type: email, index: true}\n")
    library.become(indexed)
    assert list(library.become()) == ["author: index on email, id no longer needed"]
    assert "ix$author$email$id" not in str(library.schema())


def test_another_type_that_is_stored_the_same_way_is_no_difference(library: Library) -> None:
    assert library.become((EMAIL, "  email:   {type: text}\n"), apply=False) == ()


def test_trash_may_be_switched_on(filled: Library) -> None:
    filled.insert("shelf", label="A")
    done = filled.become(("features: {trash: false}\n", ""))
    assert done[:3] == ("shelf (its trash): new",) * 3
    filled.run("UPDATE shelf SET _deleted_batch = 'x', _deleted_at = created_at")
    filled.insert("shelf", label="A")


# ---- what is refused

REFUSALS: list[tuple[str, list[tuple[str, str]], list[str]]] = [
    (
        "a property is gone",
        [(PRICE, "")],
        ["book.price: money in the database, but no longer in the metadata"],
    ),
    (
        "an entity is gone",
        [(LIBRARY[LIBRARY.index("---\nentity: shelf") :], "")],
        [
            "shelf (an entity): in the database, but no longer in the metadata",
            "shelf.books (a many-to-many relation): in the database, but no longer in the metadata",
        ],
    ),
    (
        "a property is renamed",
        [("  pages: ", "  leaves: ")],
        ["book.pages: integer in the database, but no longer in the metadata"],
    ),
    (
        "another type",
        [(PAGES, "  pages:   {type: text}\n")],
        ["book.pages: text in the metadata, integer in the database"],
    ),
    (
        "required by now",
        [(PAGES, "  pages:   {type: integer, required: true}\n")],
        ["book.pages: required in the metadata, optional in the database"],
    ),
    (
        "optional by now",
        [(AUTHOR_NAME, "  name:    {type: text}\n")],
        ["author.name: optional in the metadata, required in the database"],
    ),
    (
        "another on_delete",
        [("on_delete: restrict", "on_delete: cascade")],
        ["book.author: on_delete cascade in the metadata, on_delete restrict in the database"],
    ),
    (
        "another target",
        [
            (
                "{to: author, required: true, on_delete: restrict, inverse: books}",
                "{to: shelf, required: true}",
            )
        ],
        ["book.author: relation to shelf in the metadata, relation to author in the database"],
    ),
    (
        "one target less",
        [(ABOUT, "  about:   {to: author, on_delete: clear, inverse: mentions}\n")],
        [
            "book.about.author: relation to author in the database, but no longer in the metadata",
            "book.about.book: relation to book in the database, but no longer in the metadata",
        ],
    ),
    (
        "required without a default",
        [(EMAIL, EMAIL + "  code: {type: text, required: true}\n")],
        [
            (
                "author.code: new and required, but the records there are have no value for it; "
                "give it a default, or make it optional at first"
            )
        ],
    ),
    (
        "a unique key that is not one",
        [(EMAIL, "  email:   {type: email, unique: true}\n")],
        [
            "author: email can't be unique, for the records 1 and 2 have the same (a@x.org); change one of them first"
        ],
    ),
    (
        "a unique key that all records would share",
        [(EMAIL, EMAIL + "  code: {type: text, default: x, unique: true}\n")],
        ["author: code can't be unique, for the records 1 and 2 have the same; change one of them first"],
    ),
    (
        "unique no longer",
        [("  label:   {type: text, unique: true}\n", "  label:   {type: text}\n")],
        ["shelf: label unique in the database, but no longer in the metadata"],
    ),
]


@pytest.mark.parametrize(("change", "words"), [row[1:] for row in REFUSALS], ids=[row[0] for row in REFUSALS])
def test_what_would_lose_or_reinterpret_data_is_refused(
    filled: Library, change: list[tuple[str, str]], words: list[str]
) -> None:
    assert filled.refused(*change) == words


def test_one_more_target_of_a_polymorphic_relation_is_refused(filled: Library) -> None:
    (line,) = filled.refused(
        (ABOUT, "  about:   {to: [author, book, shelf], on_delete: clear, inverse: mentions}\n")
    )
    assert line.startswith("book.about: its values keep to ")


def test_a_currency_that_was_fixed_is_refused(filled: Library) -> None:
    lines = filled.refused((PRICE, "  price:   {type: money}\n"))
    assert all(line.startswith("book.price") for line in lines), lines


def test_another_fixed_currency_is_refused(filled: Library) -> None:
    """The stored 1250 would be read as another amount of another currency."""
    (line,) = filled.refused((PRICE, "  price:   {type: money, currency: JPY}\n"))
    units = "money in minor units of JPY in the metadata, money in minor units of EUR in the database"
    assert line == f"book.price: {units}"


def test_nothing_is_made_when_something_is_refused(filled: Library) -> None:
    words = filled.refused((PRICE, ""), (EMAIL, EMAIL + "  born: {type: date}\n"))
    assert len(words) == 1
    assert filled.become(apply=False) == ()


def test_foreign_tables_are_left_alone(filled: Library) -> None:
    filled.run("CREATE TABLE theirs (id integer)")
    assert filled.become(apply=False) == ()
    filled.become((EMAIL, EMAIL + "  born: {type: date}\n"))
    assert filled.rows("SELECT count(*) FROM theirs") == [(0,)]


def test_a_foreign_table_is_not_taken_for_an_entity(filled: Library) -> None:
    filled.run("CREATE TABLE loan (id integer)")
    assert filled.refused(
        ("entity: shelf\n", "entity: loan\nproperties: {days: {type: integer}}\n---\nentity: shelf\n")
    ) == [
        (
            "loan: the database has a table of this name that the engine did not make; "
            "rename that table, or name the entity differently"
        )
    ]


def test_a_column_that_was_dropped_by_hand_is_noticed_before_more_is_built_on_it(filled: Library) -> None:
    filled.run("ALTER TABLE author DROP COLUMN email")
    assert filled.refused((AUTHOR_NAME, AUTHOR_NAME + "  born: {type: date}\n")) == [
        "author.email: gone from the database, and not by the engine; bring it back"
    ]


def test_the_message_says_what_to_do(filled: Library) -> None:
    with pytest.raises(SchemaDiffers) as unasked:
        filled.become((EMAIL, EMAIL + "  born: {type: date}\n"), apply=False)
    assert str(unasked.value) == (
        "the database differs from the metadata:\n"
        "  author.born: new (date)\n"
        "What to do: run `engine apply`, or start with `engine serve --apply`."
    )
