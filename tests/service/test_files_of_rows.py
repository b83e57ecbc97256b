"""Files in the rows of a composition: they belong to the row that has them, and nobody puts in another's."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from engine.app import Engine, open_app
from engine.errors import Forbidden, Invalid
from engine.identity.identity import actor_named
from engine.service import files, records
from engine.work.context import SYSTEM, Actor
from tests.support.metadata import write

METADATA = """
app: papers
---
role: clerk
---
entity: case
properties: {name: {type: text}}
relations: {papers: {to: paper, kind: composition, inverse: case}}
access: {clerk: {create: true, read: all, update: all}}
---
entity: paper
properties: {file: {type: file}}
access: {clerk: {create: true, read: all, update: all}}
"""


@pytest.fixture
def engine(tmp_path: Path, database_url: str) -> Iterator[Engine]:
    made = open_app(
        write(tmp_path, METADATA, "metadata/app.yaml"), database=database_url, apply=True, environment={}
    )
    with made.gateway.write(SYSTEM, "cli") as context:
        for login in ("ann", "bob"):
            records.make(context, "user", {"login": login, "name": login, "roles": ["clerk"]})
    yield made
    made.close()


def uploaded(engine: Engine, actor: Actor) -> dict[str, object]:
    value = files.upload(engine.gateway, actor, io.BytesIO(b"words"), "a.txt", "text/plain")
    return {"key": value.key, "name": value.name, "size": value.size, "media_type": value.media_type}


def test_who_may_read_the_row_may_read_its_file(engine: Engine) -> None:
    ann, bob = (actor_named(engine.gateway, login) for login in ("ann", "bob"))
    first, second = uploaded(engine, ann), uploaded(engine, ann)
    with engine.gateway.write(ann) as context:
        number = records.make(context, "case", {"papers": [{"file": first}]})
    with engine.gateway.write(ann) as context:
        records.change(context, "case", number, {"papers": [{"file": second}]})
    with engine.gateway.read(bob) as context:
        for each in (first, second):
            assert files.readable(context, str(each["key"])).name == "a.txt"
    nobody = replace(bob, roles=frozenset())
    with engine.gateway.read(nobody) as context, pytest.raises(Forbidden):
        files.readable(context, str(first["key"]))


def test_nobody_puts_in_what_another_has_uploaded(engine: Engine) -> None:
    ann, bob = (actor_named(engine.gateway, login) for login in ("ann", "bob"))
    hers = uploaded(engine, ann)
    with pytest.raises(Invalid) as refused, engine.gateway.write(bob) as context:
        records.make(context, "case", {"papers": [{"file": hers}]})
    assert [(each.at, each.code) for each in refused.value.errors] == [("papers.0.file", "unknown-file")]
