"""Metadata as public systems have it, odd but right: read without a complaint, created, written to, and found."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from engine.app import Engine, open_app
from engine.checked import check
from engine.reading.query import Filter, Query
from engine.service import records
from engine.work.context import SYSTEM, Context
from tests.support.metadata import write

WORDS = """
abort all and any array as asc assert async await begin between break by call case cast check class close
collation column columns commit concurrently constraint continue copy count create cross current_user cursor
database date default del delete desc describe distinct do domain drop elif else end escape except exec
exists explain external false fetch filter finally first float for foreign from function global grant group_
having if import in index indexes inner insert integer interval into is items join json key keys kwargs
lambda language last lateral left like limit link list localtime lock match meta metadata method name names
natural new next no none nonlocal not nothing null number object of offset oid old on only or order outer
over package page partition pass path plan position pragma primary print private procedure property public
query raise range rank read record recursive references reindex relation release rename replace return
returning right role rollback row rowid rows savepoint schema select self sequence session set show some
source sql start state static_ sum system system_user table tables tablesample target temp text then time
timestamp title to transaction trigger true truncate try type union unique update user_ using vacuum value
values version_ view void volatile when where while window with yield zone
""".split()  # noqa: SIM905


@pytest.fixture
def opened(tmp_path: Path, database_url: str) -> Iterator[Any]:
    """Opens metadata given as entities by name, after making sure that there is nothing to say against it."""
    engines: list[Engine] = []

    def start(entities: dict[str, dict[str, Any]]) -> Engine:
        documents = [
            yaml.safe_dump({"entity": name, **declared}, sort_keys=False, default_flow_style=None)
            for name, declared in entities.items()
        ]
        write(tmp_path, "---\n".join(documents))
        checked = check(tmp_path)
        assert [str(p.place) + " " + p.message for p in checked.problems if p.level == "error"] == []
        engines.append(open_app(tmp_path, database=database_url, apply=True))
        return engines[-1]

    yield start
    for engine in engines:
        engine.close()


def create(context: Context, entity: str, **values: Any) -> int:
    return records.create(context, entity, values).id


def found_again(engine: Engine, entity: str, values: dict[str, Any], **query: Any) -> int:
    """Create a record, find it, read it, change it, and read its history; answers its id."""
    with engine.gateway.write(SYSTEM) as context:
        number = create(context, entity, **values)
    with engine.gateway.write(SYSTEM) as context:
        rows = records.find(context, entity, Query(limit=500, **query)).rows
        assert number in [row.id for row in rows], entity
        records.get(context, entity, number)
        assert records.update(context, entity, number, values).id == number
        assert records.history(context, entity, number)
    return number


def text_of(entity: str) -> dict[str, Any]:
    return {"properties": {"name": {"type": "text"}}, "relations": {"other": {"to": entity}}}


def test_words_of_sql_and_python_name_entities(opened: Any) -> None:
    """Each refers to the next, so that every name stands in keys, constraints, inverses and joins.

    All are tables on both databases; each one's records are walked through on one of them.
    """
    names = [f"{word}" for word in WORDS]
    entities = {
        name: {
            "properties": {
                "name": {"type": "text", "unique": True},
                "rank": {"type": "integer", "index": True},
            },
            "relations": {
                "next": {"to": names[(n + 1) % len(names)], "inverse": f"before_{name}"},
                "parent": {"to": name, "kind": "tree", "inverse": "children"},
            },
        }
        for n, name in enumerate(names)
    }
    engine = opened(entities)
    for name in names[engine.gateway.runtime.dialect == "sqlite" :: 2]:
        number = found_again(
            engine,
            name,
            {"name": "x", "rank": 3},
            sort=("-rank",),
            fields=("name", "next", "parent.name"),
            filters=(Filter("rank", "ge", "2"),),
            text="x",
        )
        if name in names[:60]:
            with engine.gateway.write(SYSTEM) as context:
                records.delete(context, name, number)
                records.restore(context, name, number)


def test_words_of_sql_and_python_name_members(opened: Any) -> None:
    properties = {word: {"type": "integer" if n % 2 else "text"} for n, word in enumerate(WORDS)}
    members = {"properties": properties, "relations": {f"to_{word}": {"to": "thing"} for word in WORDS[:30]}}
    keys = {"relations": {word: {"to": "thing", "inverse": f"of_{word}"} for word in WORDS}}
    lines = {
        "properties": {"name": {"type": "text"}},
        "relations": {"values": {"to": "row_of_it", "kind": "composition", "inverse": "whole"}},
    }
    engine = opened(
        {"thing": members, "keys_only": keys, "whole": lines, "row_of_it": {"properties": properties}}
    )
    values = {word: 7 if n % 2 else "seven" for n, word in enumerate(WORDS)}
    thing = found_again(engine, "thing", values, fields=tuple(WORDS), sort=("order", "-from"))
    with engine.gateway.read(SYSTEM) as context:
        got = records.get(context, "thing", thing).values
        assert {word: got[word] for word in WORDS} == values
        for word in WORDS:
            query = Query(filters=(Filter(word, "eq", str(values[word])),), sort=(f"-{word}",))
            assert len(records.find(context, "thing", query).rows) == 1, word
    found_again(
        engine, "keys_only", dict.fromkeys(WORDS, thing), fields=tuple(f"{word}.order" for word in WORDS[:40])
    )
    found_again(engine, "whole", {"name": "w", "values": [values, values]})


def test_a_table_of_140_properties(opened: Any) -> None:
    kinds = ["text", "integer", "date", "datetime", "boolean", "decimal", "money", "email", "json", "address"]
    properties: dict[str, Any] = {f"field_{n}": {"type": kinds[n % 10]} for n in range(140)}
    engine = opened({"wide": {"properties": properties}})
    number = found_again(engine, "wide", {f"field_{n}": n for n in range(1, 140, 10)}, sort=("field_1",))
    with engine.gateway.read(SYSTEM) as context:
        assert records.get(context, "wide", number).values["field_131"] == 131


def test_names_as_long_as_they_may_be(opened: Any) -> None:
    """Names alike in their first fifty letters: constraints and indexes are cut, and must not meet."""
    names = [f"{'long' * 12}_{n:06}" for n in range(3)]
    assert {len(name) for name in names} == {55}
    members = [f"{'deep' * 12}_{n:06}" for n in range(4)]
    entities = {
        name: {
            "properties": {
                members[0]: {"type": "text", "unique": True},
                members[1]: {"type": "money", "index": True},
                members[2]: {"type": "choice", "options": ["a", "b"], "index": True},
            },
            "relations": {
                members[3]: {"to": names, "inverse": f"{'back' * 12}_{n:06}"},
                f"{'many' * 12}_{n:06}": {
                    "to": names[0],
                    "kind": "many_to_many",
                    "inverse": f"{'link' * 12}_{n:06}",
                },
                f"{'tree' * 12}_{n:06}": {"to": name, "kind": "tree", "inverse": f"{'kids' * 12}_{n:06}"},
            },
            "indexes": [[members[0], members[2]], [members[2], members[0]]],
        }
        for n, name in enumerate(names)
    }
    engine = opened(entities)
    first = found_again(engine, names[0], {members[0]: "first"})
    for n, name in enumerate(names):
        number = found_again(
            engine,
            name,
            {
                members[0]: "one",
                members[1]: {"amount": "3", "currency": "EUR"},
                members[2]: "a",
                members[3]: {"entity": names[0], "id": first},
                f"{'many' * 12}_{n:06}": [first],
            },
            fields=(f"{'many' * 12}_{n:06}", members[3]),
            sort=(members[2],),
        )
        found_again(engine, name, {members[0]: "two", f"{'tree' * 12}_{n:06}": number})


def test_entities_without_text_and_with_relations_only(opened: Any) -> None:
    engine = opened(
        {
            "tick": {"properties": {"at": {"type": "datetime"}, "count": {"type": "integer"}}},
            "bond": {"relations": {"first": {"to": "tick"}, "second": {"to": "bond"}}},
            "knot": {
                "relations": {
                    "bond": {"to": "bond", "required": True},
                    "knots": {"to": "knot", "kind": "many_to_many"},
                }
            },
            "setup_of_it": {"singleton": True, "properties": {"level": {"type": "integer"}}},
            "bare": {"relations": {"parent": {"to": "bare", "kind": "tree"}}},
        }
    )
    tick = found_again(engine, "tick", {"at": "2026-01-01T00:00:00Z", "count": 0})
    bond = found_again(engine, "bond", {"first": tick}, fields=("first.count", "second"))
    knot = found_again(engine, "knot", {"bond": bond})
    found_again(engine, "knot", {"bond": bond, "knots": [knot]}, fields=("knots",))
    found_again(engine, "setup_of_it", {"level": 1})
    bare = found_again(engine, "bare", {})
    found_again(engine, "bare", {"parent": bare})
    with engine.gateway.read(SYSTEM) as context:
        assert records.options(context, "knot", "bond", "", 10)
        assert [link.id for link in records.options(context, "bare", "parent", f"#{bare}", 10)] == [bare]
        assert [link.id for link in records.options(context, "bare", "parent", str(bare), 10)] == [bare]
        assert len(records.options(context, "bare", "parent", "a", 10)) == 2  # "Bare #1" has one
        assert records.options(context, "bare", "parent", "x", 10) == []
        assert records.options(context, "bare", "parent", "9" * 30, 10) == []


def test_a_relation_to_forty_entities(opened: Any) -> None:
    """An activity about anything; and one that is required."""
    names = [f"kind_{n}" for n in range(40)]
    entities: dict[str, dict[str, Any]] = {name: {"properties": {"name": {"type": "text"}}} for name in names}
    entities["activity"] = {
        "properties": {"name": {"type": "text"}},
        "relations": {
            "about": {"to": names, "required": True, "on_delete": "cascade", "inverse": "activities"},
            "also": {"to": [*names, "activity"], "on_delete": "clear", "inverse": "also_in"},
        },
    }
    engine = opened(entities)
    for name in names[::13]:
        number = found_again(engine, name, {"name": name})
        found_again(
            engine,
            "activity",
            {"name": "a", "about": {"entity": name, "id": number}, "also": {"entity": name, "id": number}},
            fields=("about", "also"),
        )
        with engine.gateway.write(SYSTEM) as context:
            assert len(records.related(context, name, number, "activities", Query()).rows) == 1
            records.delete(context, name, number)


def test_more_relations_than_a_database_joins(opened: Any) -> None:
    """Seventy keys, each to what is named by a third: 140 joins, where SQLite makes 64."""
    names = [f"key_{n}" for n in range(70)]
    engine = opened(
        {
            "leaf": {"properties": {"name": {"type": "text"}}},
            "middle": {"title": "of {leaf}", "relations": {"leaf": {"to": "leaf"}}},
            "wide": {"relations": {name: {"to": "middle"} for name in names}},
        }
    )
    with engine.gateway.write(SYSTEM) as context:
        leaves = [create(context, "leaf", name=name) for name in ("a", "b")]
        middles = [create(context, "middle", leaf=leaf) for leaf in leaves]
        wide = [create(context, "wide", **dict.fromkeys(names, middle)) for middle in middles]
    query = Query(
        fields=(*names, "key_3.leaf.name", "key_69.leaf.name", "key_69.leaf"),
        sort=("-key_69.leaf.name", "key_68"),
        count="exact",
    )
    with engine.gateway.read(SYSTEM) as context:
        rows = records.find(context, "wide", query).rows
        assert [row.id for row in rows] == wide[::-1]
        assert [link.title for link in rows[0].cells[:70]] == ["of b"] * 70
        assert rows[1].cells[70:72] == ("a", "a")
        assert rows[1].cells[72].title == "a"
        filters = tuple(Filter(f"{name}.leaf.name", "eq", "a") for name in names)
        assert [row.id for row in records.find(context, "wide", Query(filters=filters)).rows] == wide[:1]
        assert records.get(context, "wide", wide[0]).values["key_69"].title == "of a"


def test_two_hundred_entities_in_circles(opened: Any) -> None:
    """Two thousand relations, every entity within circles of keys; through-entities and compositions among them."""
    names = [f"table_{n}" for n in range(200)]
    entities: dict[str, dict[str, Any]] = {}
    for n, name in enumerate(names):
        relations: dict[str, Any] = {
            f"ref_{k}": {"to": names[(n * 7 + k * 13 + 1) % 200], "inverse": f"ref_{k}_of_{n}"}
            for k in range(9)
        }
        if n % 4 == 0:
            relations["rows"] = {"to": f"row_{n}", "kind": "composition", "inverse": "owner_of_it"}
            entities[f"row_{n}"] = {"properties": {"text": {"type": "text"}}}
        elif n % 4 == 1:
            relations["friends"] = {
                "to": names[n - 1],
                "kind": "many_to_many",
                "through": f"between_{n}",
                "inverse": f"friends_{n}",
            }
            entities[f"between_{n}"] = {
                "properties": {"since": {"type": "date"}},
                "relations": {
                    "left": {"to": name, "required": True, "on_delete": "cascade"},
                    "right": {"to": names[n - 1], "required": True, "on_delete": "cascade"},
                },
            }
        else:
            relations["parent"] = {"to": name, "kind": "tree", "inverse": "children"}
        entities[name] = {"properties": {"title": {"type": "text", "required": True}}, "relations": relations}
    engine = opened(entities)
    ids: dict[str, int] = {}
    with engine.gateway.write(SYSTEM) as context:
        for name in names:
            ids[name] = create(context, name, title=name)
    for n, name in enumerate(names):
        values: dict[str, Any] = {"title": f"again {n}"}
        values |= {f"ref_{k}": ids[names[(n * 7 + k * 13 + 1) % 200]] for k in range(9)}
        if n % 4 == 0:
            values["rows"] = [{"text": "a"}, {"text": "b"}]
        elif n % 4 == 1:
            values["friends"] = [ids[names[n - 1]]]
        else:
            values["parent"] = ids[name]
        if n % 5 == 0:
            found_again(engine, name, values, fields=("ref_1.ref_2.title",), sort=("title",))
    with engine.gateway.write(SYSTEM) as context:
        records.delete(context, names[1], ids[names[1]])


@pytest.mark.parametrize("name", ["pg_class", "pg_user", "order_pkey", "order_id_seq", "sqlite_master", "me"])
def test_names_that_meet_the_databases_own(tmp_path: Path, database_url: str, name: str) -> None:
    """Either told as a problem, or it works: never an error of the database."""
    write(
        tmp_path,
        yaml.safe_dump_all(
            [{"entity": "order", **text_of(name)}, {"entity": name, **text_of("order")}], sort_keys=False
        ),
    )
    if any(problem.level == "error" for problem in check(tmp_path).problems):
        return
    engine = open_app(tmp_path, database=database_url, apply=True)
    try:
        other = found_again(engine, name, {"name": "x"})
        found_again(engine, "order", {"name": "x", "other": other}, fields=("other.name",))
    finally:
        engine.close()
