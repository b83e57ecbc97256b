"""Explaining an entity: the document as all layers made it, each value with the line it comes from."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from engine.declared.application import Application
from engine.declared.explain_computed import computed_lines
from engine.errors import Place
from engine.metamodel.entity import Entity
from engine.text.yaml_tree import Map, Seq

WIDEST = 96
"""Characters of a line's YAML; a longer mapping is written over several lines."""

Line = tuple[str, str]


def explain_entity(application: Application, name: str) -> str:
    """The merged document of an entity as YAML, with origins at the right, and what the engine adds.

    Raises KeyError for an entity that is not there.
    """
    entity = application.entities[name]
    document = entity.document
    assert isinstance(document, Map), "an entity's document is the mapping it was read from"
    lines = [*_mapping(document, 0), *_additions(entity)]
    lines += [(line, "") for line in computed_lines(application, name)]
    width = min(WIDEST, max(len(text) for text, origin in lines if origin)) + 2
    return "\n".join(f"{text:<{width - 1}} # {origin}" if origin else text for text, origin in lines)


def _mapping(holder: Map, depth: int) -> Iterator[Line]:
    for key, value in holder.items():
        start = f"{'  ' * depth}{_scalar(key)}:"
        origin = _origin(holder.key_place(key))
        flow = _flow(value)
        fits = len(start) + len(flow) < WIDEST and "\n" not in flow
        if isinstance(value, Map) and value and not (depth and fits and len(_lines_of(value)) <= 1):
            yield start, origin
            yield from _mapping(value, depth + 1)
        elif isinstance(value, Seq) and value and not fits:
            yield start, origin
            yield from _items(value, depth + 1)
        else:
            yield f"{start} {flow}", origin


def _items(holder: Seq, depth: int) -> Iterator[Line]:
    for index, value in enumerate(holder):
        yield f"{'  ' * depth}- {_flow(value)}", _origin(holder.place_of(index))


def _lines_of(value: Any) -> set[tuple[str, int]]:
    """Every file and line that a value's parts were written in."""
    found: set[tuple[str, int]] = set()
    if isinstance(value, Map):
        for key, inner in value.items():
            place = value.key_place(key)
            found |= {(place.file, place.line), *_lines_of(inner)}
    elif isinstance(value, Seq):
        for index, inner in enumerate(value):
            place = value.place_of(index)
            found |= {(place.file, place.line), *_lines_of(inner)}
    return found


def _origin(place: Place) -> str:
    return f"{place.file}:{place.line}"


def _additions(entity: Entity) -> Iterator[Line]:
    """The members that no file declares."""
    declared = {*(entity.document.get("properties") or ()), *(entity.document.get("relations") or ())}
    added = [member.name for member in entity.properties.values() if member.name not in declared]
    for relation in entity.relations.values():
        if relation.name not in declared:
            where = f" (the parent: {_origin(relation.place)})" if relation.owner_of_row else ""
            added.append(f"{relation.name} → {relation.target}{where}")
    yield "", ""
    yield f"# added by the engine: {', '.join(added)}", ""
    if entity.inverses:
        yield "# seen from the other side:", ""
        for inverse in entity.inverses.values():
            yield f"#   {inverse.name}: {inverse.source}.{inverse.relation}", ""


def _flow(value: Any) -> str:
    match value:
        case dict():
            return "{" + ", ".join(f"{_scalar(key)}: {_flow(inner)}" for key, inner in value.items()) + "}"
        case list():
            return "[" + ", ".join(_flow(inner) for inner in value) + "]"
    return _scalar(value)


PLAIN_SIGNS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./() ")
NOT_TEXT = frozenset(("", "~", "null", "true", "false"))


def _scalar(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case int() | Decimal():
            return str(value)
    text = str(value)
    begins = text[:1]
    plain = PLAIN_SIGNS.issuperset(text) and begins.isalpha() and text.strip() == text
    if plain and text.lower() not in NOT_TEXT:
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
