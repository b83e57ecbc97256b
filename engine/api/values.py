"""Records as JSON: properties by their type, relations as id and title, child rows nested."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from engine.build.runtime import Runtime
from engine.metamodel.entity import Entity
from engine.metamodel.property import Property
from engine.metamodel.relation import Inverse, Relation
from engine.reading.query import HistoryEntry, Link, Page, Record, RunStep
from engine.types.display import Shown


def link_json(link: Link | None, relation: Relation | Inverse) -> dict[str, Any] | None:
    """A related record: its id and title, and its entity where the relation leads to several."""
    if link is None:
        return None
    shown: dict[str, Any] = {"id": link.id, "title": link.title}
    return {"entity": link.entity, **shown} if relation.polymorphic else shown


def record_json(runtime: Runtime, record: Record) -> dict[str, Any]:
    """A whole record: `id`, `version`, then every member its reader may see."""
    entity = runtime.entities[record.entity]
    body: dict[str, Any] = {"id": record.id, "version": record.version}
    for name, value in record.values.items():
        body[name] = member_json(entity, name, value)
    for name, links in record.many.items():
        body[name] = [link_json(link, entity.relations[name]) for link in links]
    for name, rows in record.children.items():
        body[name] = [record_json(runtime, row) for row in rows]
    return body


def member_json(entity: Entity, name: str, value: Any) -> Any:
    """The value of a property, or of what leads to one record."""
    prop = entity.properties.get(name)
    if prop is not None:
        return None if value is None else prop.type.to_json(value)
    return link_json(value, _led(entity, name))


def _led(entity: Entity, name: str) -> Relation | Inverse:
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
        entity = runtime.entities[_led(entity, step).target]
    prop: Property | None = entity.properties.get(last)
    if prop is not None:
        return prop.type.to_json
    relation = _led(entity, last)
    if relation.to_one:
        return lambda link: link_json(link, relation)
    return lambda links: [link_json(link, relation) for link in links]


def history_json(entries: list[HistoryEntry]) -> dict[str, Any]:
    """The operations on a record, each with its changes inside."""
    return {
        "items": [
            {
                "number": entry.number,
                "at": entry.at.isoformat().replace("+00:00", "Z"),
                "actor": None if entry.actor is None else {"id": entry.actor.id, "title": entry.actor.title},
                "actor_name": entry.actor_name,
                "action": entry.action,
                "source": entry.source,
                "transition": entry.transition,
                "cause": entry.cause,
                "note": entry.note,
                "steps": [_step_json(step) for step in entry.steps],
                "changes": [
                    {
                        "name": change.name,
                        "label": change.label,
                        "old": _text(change.old),
                        "new": _text(change.new),
                    }
                    for change in entry.changes
                ],
            }
            for entry in entries
        ]
    }


def _step_json(step: RunStep) -> dict[str, Any]:
    """What a process did in one action; a record that the reader may not see is null."""
    return {
        "kind": step.kind,
        "done": step.done,
        "skipped": step.skipped,
        "records": [
            {"did": each.did, "own": each.own, "record": None if each.record is None else _link(each.record)}
            for each in step.records
        ],
        "more_records": step.more_records,
        "told": [_link(each) for each in step.told],
        "others_told": step.others_told,
        "jobs": dict(step.jobs),
        "place": step.place,
    }


def _link(link: Link) -> dict[str, Any]:
    return {"entity": link.entity, "id": link.id, "title": link.title}


def _text(shown: Shown | None) -> str | None:
    return None if shown is None else shown.text


def plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """A request's values without the keys that speak of the record itself."""
    return {name: value for name, value in values.items() if name != "version"}
