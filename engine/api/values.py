"""Records as JSON: properties by their type, relations as id and title, child rows nested."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.build.runtime import Runtime
from engine.metamodel.entity import Entity
from engine.reading.in_json import led, link_json
from engine.reading.query import HistoryEntry, Link, Record, RunStep
from engine.types.display import Shown


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
    return link_json(value, led(entity, name))


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
