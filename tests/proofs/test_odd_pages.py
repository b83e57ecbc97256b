"""Every page and list of odd metadata answers, with sample data in it: names of languages, trees, rows, singletons."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import yaml

from engine.app import Engine, open_app
from engine.identity import identity
from engine.sampling.order import portions
from engine.sampling.sampler import Sampler
from engine.work.context import SYSTEM
from tests.proofs.test_odd_metadata import WORDS
from tests.support.library import PASSWORD
from tests.support.metadata import write
from tests.web.conftest import Visitor

SOME = WORDS[::4]
LABELS = ['"quoted" & <b>', "{braces}", "Größe / % of 'x'", "a: b # c", "日本語", "\\backslash\\"]


def entity(position: int, name: str) -> dict[str, Any]:
    """One of a circle of entities: each points to the next, to itself, and to one of several; every third owns rows."""
    following = SOME[(position + 1) % len(SOME)]
    further = SOME[(position + 2) % len(SOME)]
    label = LABELS[position % len(LABELS)]
    relations: dict[str, Any] = {
        "next": {"to": following, "inverse": f"before_{position}", "inverse_label": label},
        "parent": {"to": name, "kind": "tree", "inverse": "children"},
        "about": {"to": [following, further], "label": label},
    }
    if position % 3 == 0:
        relations["lines"] = {"to": "row_of_many", "kind": "composition", "inverse": f"whole_{position}"}
    if position % 5 == 0:
        relations["links"] = {"to": further, "kind": "many_to_many", "inverse": f"linked_{position}"}
    properties: dict[str, Any] = {
        "order": {"type": "integer", "index": True, "label": label},
        "group": {"type": "choice", "options": ["select", "<b>", "3", "no"], "default": "no"},
        "from": {"type": "datetime"},
        "to": {"type": "date"},
    }
    if position % 4:
        properties["values"] = {"type": "text", "required": True, "unique": True, "help": label}
    return {"entity": name, "label": f"{label} {name}", "properties": properties, "relations": relations}


def documents() -> list[dict[str, Any]]:
    return [
        *(entity(position, name) for position, name in enumerate(SOME)),
        {"entity": "row_of_many", "properties": {"key": {"type": "text"}, "rows": {"type": "money"}}},
        {"entity": "all_there_is", "singleton": True, "properties": {"class": {"type": "text"}}},
        {"entity": "nothing_at_all", "relations": {"only": {"to": "all_there_is"}}},
    ]


@pytest.fixture
def odd(tmp_path: Path, database_url: str) -> Iterator[Engine]:
    """The application with three records of each entity, and an administrator."""
    write(tmp_path, yaml.safe_dump_all(documents(), sort_keys=False, allow_unicode=True))
    engine = open_app(tmp_path, database=database_url, apply=True)
    gateway = engine.gateway
    now = datetime(2026, 3, 1, 12, tzinfo=UTC)
    sampler = Sampler(gateway.runtime, lambda: gateway.write(SYSTEM, "sample"), 1, now, lambda *told: None)
    made = sampler.run(portions(gateway.runtime, 3))
    assert [name for name, count in made.items() if not count] == []
    with gateway.write(SYSTEM) as context:
        identity.create_user(context, "ada", PASSWORD, ["administrator"])
    yield engine
    engine.close()


def test_every_page_of_odd_metadata_answers(odd: Engine) -> None:
    visitor = Visitor(odd)
    visitor.sign_in("ada")
    runtime = odd.gateway.runtime
    for name, declared in runtime.entities.items():
        table = runtime.table(name).table
        with odd.gateway.read(SYSTEM) as context:
            number = context.connection.execute(sa.select(table.c.id).limit(1)).scalar_one()
        paths = [f"/{name}/{number}", f"/{name}/{number}/edit", f"/{name}/{number}/history", f"/api/{name}"]
        if not declared.singleton:
            paths += [f"/{name}", f"/{name}?q=a", f"/{name}?q=1"]
        if not declared.child_of and not declared.singleton:
            paths += [f"/{name}/new"]
        for path in paths:
            response = visitor.client.get(path)
            assert response.status_code == 200, f"{path}: {response.status_code}\n{response.text[-1500:]}"
            assert " <b>" not in response.text or path.startswith("/api"), f"{path}: a label is not escaped"
    assert visitor.client.get("/").status_code == 200
    assert visitor.client.get("/api/openapi.json").status_code == 200
