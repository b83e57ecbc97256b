"""Python, SQLite and PostgreSQL give the same answer in applications at random: read, checked, built, and filled.

The records that Python sees are read as the engine's own rules read them. `ENGINE_TEST_APPLICATIONS=200` asks for
more of them, `ENGINE_TEST_SEED` for others; a difference that is found becomes a case.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from engine.app import Engine, open_app
from engine.build.sources import StoredTables
from engine.declared.shapes import Shapes
from engine.expressions.complaint import ExpressionError
from engine.expressions.nodes import Node
from engine.expressions.reads import Need, reads
from engine.to_python.roots import Surroundings
from engine.to_sql.source import Scope
from engine.typecheck.check import check
from engine.typecheck.schema import Roots
from engine.work.context import Actor, Context
from engine.work.facts import stored_facts
from engine.work.surroundings import surroundings
from tests.expressions.agree import FUNCTIONS, compared
from tests.expressions.applications import Drawn, draw
from tests.expressions.generate import expressions
from tests.expressions.rows import NOW, rows_of
from tests.expressions.vocabulary import vocabulary_of
from tests.support.metadata import write

APPLICATIONS = int(os.environ.get("ENGINE_TEST_APPLICATIONS", "4"))
EXPRESSIONS = int(os.environ.get("ENGINE_TEST_EXPRESSIONS", "20000")) // 20
FIRST_SEED = int(os.environ.get("ENGINE_TEST_SEED", "1"))
ZONES = ("Europe/Bucharest", "America/New_York", "UTC", "Australia/Lord_Howe")
ACTOR = Actor(1, "login 1", "name 1", frozenset({"chief"}))


@dataclass(frozen=True)
class Application:
    """An application's records; what Python sees of them is read from one of the databases."""

    drawn: Drawn
    contexts: Mapping[str, Context]
    zone: str

    @property
    def entity(self) -> str:
        return self.drawn.entities[0]

    @property
    def context(self) -> Context:
        return self.contexts["sqlite"]

    @property
    def shapes(self) -> Shapes:
        return Shapes(self.context.runtime.application.entities)

    def checked(self, text: str) -> Node | None:
        roots = Roots(records={"record": (self.entity,), "user": ("user",)})
        try:
            return check(text, roots, self.shapes, FUNCTIONS).node
        except ExpressionError:
            return None

    def facts(self, nodes: Sequence[Node]) -> tuple[Sequence[Mapping[str, Any]], Surroundings]:
        needs = reads(*nodes)
        table = self.context.runtime.table(self.entity).table
        ids = [*self.context.connection.execute(sa.select(table.c.id)).scalars()]
        found = stored_facts(self.context, self.entity, ids, needs.get("record", Need()))
        around = surroundings(self.context, needs)
        zone = ZoneInfo(self.zone)
        return [found[number] for number in sorted(found)], replace(
            around, now=NOW, today=NOW.date(), zone=zone
        )

    def scope(self, connection: sa.Connection) -> Scope:
        tables = self.contexts[connection.dialect.name].runtime.tables
        return Scope(StoredTables(tables), tables.entities[self.entity].table.alias())


@contextmanager
def filled(engine: Engine, drawn: Drawn, seed: int) -> Iterator[Context]:
    """An application with its rows in it, read by somebody with colleagues below."""
    with engine.gateway.database.write() as connection:
        rows_of(engine.gateway.runtime.tables, drawn.entities, seed).put(connection)
    with engine.gateway.read(ACTOR) as context:
        if connection.dialect.name == "postgresql":
            context.connection.exec_driver_sql("SET LOCAL TIME ZONE 'America/New_York'")
        yield context


@contextmanager
def opened(folder: Path, urls: Sequence[str], drawn: Drawn, seed: int) -> Iterator[Application]:
    """An application on each database."""
    write(folder, f"# metadata/app.yaml\n{drawn.yaml}")
    with ExitStack() as stack:
        contexts = {}
        for url in urls:
            engine = open_app(folder, database=url, apply=True, environment={})
            stack.callback(engine.close)
            context = stack.enter_context(filled(engine, drawn, seed))
            contexts[context.runtime.dialect] = context
        yield Application(drawn, contexts, ZONES[seed % len(ZONES)])


@pytest.fixture
def urls(sqlite_url: str, request: pytest.FixtureRequest) -> Iterator[list[str]]:
    """Both databases; SQLite alone where there is no PostgreSQL, which is told in the end."""
    found, lacking = [sqlite_url], None
    try:
        found.append(request.getfixturevalue("postgres_url"))
    except pytest.skip.Exception as reason:
        lacking = reason
    yield found
    if lacking is not None:
        raise lacking


NAMED_AS_TRUTH = Drawn(
    "EUR",
    ["select"],
    [
        {"app": "drawn"},
        {
            "entity": "select",
            "title": "{id}",
            "properties": {
                "true": {"type": "boolean"},
                "false": {"type": "boolean"},
                "stage": {"type": "choice", "options": ["new", "won"]},
            },
            "relations": {"null": {"to": "select", "kind": "tree", "inverse": "all"}},
        },
    ],
)
"""SQLite took TRUE for a column where there is one of that name."""

CASES = {
    "a condition that is a choice": "(record.`true` ? record.`false` : record.stage == 'won')",
    "a condition as a value": "(record.stage == 'won')",
    "a condition that is bound": "(user.active ? record.id : record.version)",
    "over rows that have the name too": "record.all.exists(x, x.`true` && !x.`false`)",
    "for all of them": "record.all.all(x, x.`false` != true)",
    "over a path that has it": "(record.`null`.`true` == record.`true`)",
    "read from a text": "bool(string(record.`true`))",
}


@pytest.mark.postgres
def test_members_named_as_what_is_true(tmp_path: Path, urls: list[str]) -> None:
    with opened(tmp_path, urls, NAMED_AS_TRUTH, 1) as application:
        connections = [context.connection for context in application.contexts.values()]
        tried = compared(connections, application, [*CASES.values()])
    assert not tried.differences, "\n".join(map(str, tried.differences))
    assert tried.compared == len(CASES)


@pytest.mark.postgres
@pytest.mark.parametrize("seed", range(FIRST_SEED, FIRST_SEED + APPLICATIONS))
def test_expressions_over_applications_at_random(tmp_path: Path, urls: list[str], seed: int) -> None:
    drawn = draw(seed)
    with opened(tmp_path, urls, drawn, seed) as application:
        words = vocabulary_of(application.shapes, drawn.entities, drawn.currency)
        texts = expressions(seed, EXPRESSIONS, words)
        connections = [context.connection for context in application.contexts.values()]
        tried = compared(connections, application, texts)
    assert not tried.differences, "\n".join(map(str, tried.differences[:20]))
    assert tried.compared > 0.9 * len(texts), f"only {tried.compared} of {len(texts)} were compared"
