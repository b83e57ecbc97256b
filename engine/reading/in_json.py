"""Lists of records as JSON, for every face that answers in it: properties by their type, relations as id and title."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.build.runtime import Runtime
from engine.metamodel.entity import Entity
from engine.metamodel.property import Property
from engine.metamodel.relation import Inverse, Relation
from engine.reading.query import Link, Page


def link_json(link: Link | None, relation: Relation | Inverse) -> dict[str, Any] | None:
    """A related record: its id and title, and its entity where the relation leads to several."""
    if link is None:
        return None
    shown: dict[str, Any] = {"id": link.id, "title": link.title}
    return {"entity": link.entity, **shown} if relation.polymorphic else shown


def led(entity: Entity, name: str) -> Relation | Inverse:
    """What leads to other records by a name that a page or record has been read by."""
    return entity.relations.get(name) or entity.inverses[name]


def page_json(runtime: Runtime, page: Page) -> dict[str, Any]:
    """A page of records: each with its id, version and the fields asked for, by their paths."""
    entity = runtime.entities[page.entity]
    writers = [_writer(runtime, entity, path) for path in page.fields]
    items = []
    for row in page.rows:
        item: dict[str, Any] = {"id": row.id, "version": row.version}
        for path, write, cell in zip(page.fields, writers, row.cells, strict=True):
            item[path] = None if cell is None else write(cell)
        items.append(item)
    body: dict[str, Any] = {"items": items, "next": page.next}
    if page.count is not None:
        body["count"] = {"value": page.count.value, "exact": page.count.exact}
    return body


def _writer(runtime: Runtime, entity: Entity, path: str) -> Callable[[Any], Any]:
    """How the values at the end of a path are written, found once per page."""
    *steps, last = path.split(".")
    for step in steps:
        entity = runtime.entities[led(entity, step).target]
    prop: Property | None = entity.properties.get(last)
    if prop is not None:
        return prop.type.to_json
    relation = led(entity, last)
    if relation.to_one:
        return lambda link: link_json(link, relation)
    return lambda links: [link_json(link, relation) for link in links]
