"""Every expression of the cookbook, on the reference application's sample data: Python, SQLite and PostgreSQL agree."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from engine.build.sources import StoredTables
from engine.declared.rules import CONDITIONS, JUDGING, Named, roots_of
from engine.declared.shapes import Shapes
from engine.expressions.kinds import BOOL
from engine.expressions.reads import Need, reads
from engine.sampling.order import portions
from engine.sampling.sampler import Sampler
from engine.to_python.compile import to_python
from engine.to_python.roots import Surroundings
from engine.to_sql.compile import Over, to_sql
from engine.to_sql.source import Scope
from engine.typecheck.check import Checked, Purpose, check
from engine.work.context import SYSTEM, Actor, Context
from engine.work.facts import NOBODY, stored_facts
from engine.work.gateway import Gateway
from engine.work.surroundings import surroundings
from tests.docs.examples import DOCS
from tests.support.crm import open_crm

PAGE = DOCS / "how-to" / "expressions-cookbook.md"
RECIPE = re.compile(r"^```cel (?P<entity>\w+) (?P<key>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
RECORDS = 60


@dataclass(frozen=True)
class Recipe:
    """One expression of the page."""

    entity: str
    key: str
    text: str


RECIPES = [
    Recipe(found["entity"], found["key"], found["text"].rstrip())
    for found in RECIPE.finditer(PAGE.read_text(encoding="utf-8"))
]


@pytest.fixture
def crm(tmp_path: Path, database_url: str) -> Iterator[Gateway]:
    gateway = open_crm(tmp_path, database_url)
    sampler = Sampler(
        gateway.runtime, lambda: gateway.write(SYSTEM, "sample"), 1, datetime.now(UTC), lambda *told: None
    )
    sampler.run(portions(gateway.runtime, RECORDS))
    yield gateway
    gateway.close()


@dataclass(frozen=True)
class Trial:
    """A recipe on all the records of its entity."""

    context: Context
    recipe: Recipe

    def checked(self) -> Checked:
        application = self.context.runtime.application
        entity, key = self.recipe.entity, self.recipe.key
        roots = roots_of(
            application.entities,
            Named(frozenset(application.roles), frozenset(application.capabilities)),
            entity,
            key,
        )
        shapes, functions = Shapes(application.entities), self.context.runtime.functions
        return check(self.recipe.text, roots, shapes, functions, Purpose(condition=key in CONDITIONS))

    def around(self, checked: Checked, **more: Any) -> Surroundings:
        shared = self.recipe.key == "computed"
        return surroundings(self.context, reads(checked.node), shared=shared, **more)

    def in_python(self, checked: Checked) -> dict[int, Any]:
        table = self.context.runtime.table(self.recipe.entity).table
        ids = self.context.connection.execute(sa.select(table.c.id)).scalars()
        needs = reads(checked.node)
        need = Need()
        for root in ("record", "old"):
            need.add(needs.get(root, Need()))
        facts = stored_facts(self.context, self.recipe.entity, ids, need)
        around, evaluate = self.around(checked), to_python(checked.node).evaluate
        if "old" in needs:
            return {n: evaluate(each, self.around(checked, old=each)) for n, each in facts.items()}
        return {number: evaluate(each, around) for number, each in facts.items()}

    def in_sql(self, checked: Checked) -> dict[int, Any]:
        runtime = self.context.runtime
        base = runtime.table(self.recipe.entity).table
        scope = Scope(StoredTables(runtime.tables), base)
        made = to_sql(checked.node, "value", Over(scope, self.recipe.entity), runtime.dialect)
        around = self.around(checked)
        zone = getattr(around.zone, "key", "UTC")
        values = made.parameters(lambda node: to_python(node).evaluate(NOBODY, around), zone)
        statement = sa.select(base.c.id, *made.columns).select_from(scope.source)
        rows = self.context.connection.execute(statement, values)
        return {number: made.read(*cells) for number, *cells in rows}


def test_there_are_more_than_forty() -> None:
    assert len(RECIPES) > 40
    assert len({recipe.text for recipe in RECIPES}) == len(RECIPES)


def test_each_gives_the_same_everywhere(crm: Gateway) -> None:
    wrong = []
    with crm.read(SYSTEM) as context:
        table = context.runtime.table("user").table
        row = context.connection.execute(sa.select(table).order_by(table.c.id)).first()
        assert row is not None
    actor = Actor(row.id, row.login, row.name, frozenset({"sales_rep"}), unit=row.unit)
    with crm.read(actor) as context:
        for recipe in RECIPES:
            trial = Trial(context, recipe)
            checked = trial.checked()
            found = trial.in_python(checked)
            assert found, recipe
            if recipe.key not in JUDGING or "old" not in reads(checked.node):
                there = trial.in_sql(checked)
                different = {n: (value, there[n]) for n, value in found.items() if value != there[n]}
                wrong += [f"{recipe.text}: {different}"] if different else []
            if checked.kind is not BOOL and set(found.values()) == {None}:
                wrong.append(f"{recipe.text}: null for every record")
    assert wrong == []
