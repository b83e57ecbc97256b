"""Layers put together: a later document changes an earlier one; every value knows where it stands."""

from __future__ import annotations

from typing import Any

from engine.documents.complaints import Complaints
from engine.documents.wording import written
from engine.text.yaml_tree import Entry, Map, Seq


def merge(base: Map, change: Map, keys: list[str], complaints: Complaints) -> Map:
    """A mapping changed by another: by key; null takes away, a list replaces or adds and removes."""
    made = Map(base.source, base.node, base.path)
    made.update(base)
    made.broken = base.broken | change.broken
    entries = dict(base.entries)
    for key in keys:
        value, entry, old = change[key], change.entries[key], made.get(key)
        if value is None and key in made:
            del made[key], entries[key]
            continue
        if isinstance(value, Map) and isinstance(old, Map):
            value, entry = merge(old, value, list(value), complaints), entries[key]
        elif _is_list_change(value) and isinstance(old, Seq | None):
            value = _changed_list(old, value, complaints)
        made[key], entries[key] = value, entry
    made.with_entries(entries)
    return made


def _is_list_change(value: Any) -> bool:
    """Whether a mapping is `{add: […], remove: […]}`."""
    return (
        isinstance(value, Map)
        and bool(value)
        and all(key in ("add", "remove") and isinstance(item, Seq) for key, item in value.items())
    )


def _changed_list(old: Seq | None, change: Map, complaints: Complaints) -> Seq:
    """A list with items taken away and added, each remembering its own place."""
    add, remove = change.seq("add"), change.seq("remove")
    some = add or remove
    made = Seq(some.source, some.node, change.path)
    entries: list[Entry] = []
    for position, item in enumerate(remove):
        if item not in (old or ()):
            message = f"{written(item)!r} is not in the list"
            complaints.at_value(remove, position, "removes-nothing", message, "take it out")
    for item, entry in zip(old or (), old.entries if old is not None else (), strict=True):
        if item not in remove:
            made.append(item)
            entries.append(entry)
    for item, entry in zip(add, add.entries, strict=True):
        if item not in made:
            made.append(item)
            entries.append(entry)
    made.with_entries(entries)
    return made
