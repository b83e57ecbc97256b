"""The documents of an application by kind and name: recognised, merged over all layers, checked in shape."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from engine.documents import schemas
from engine.documents.complaints import Complaints, meant
from engine.documents.layers import Layer, read_layers
from engine.documents.merge import merge
from engine.documents.schemas.parts import is_name
from engine.documents.shape import document_shape
from engine.documents.wording import NAME_HINT, name_hint, written_kind
from engine.metamodel.entity import Entity
from engine.text.suggest import did_you_mean
from engine.text.yaml_tree import Map

KINDS = (*schemas.KINDS, "extend")


@dataclass
class Documents:
    """Every document, merged, by kind and name; `lost` are the names of those that could not be read."""

    by_kind: dict[str, dict[str, Map]] = field(default_factory=lambda: {kind: {} for kind in schemas.KINDS})
    lost: dict[str, set[str]] = field(default_factory=lambda: {kind: set() for kind in schemas.KINDS})
    lost_inverses: set[str] = field(default_factory=set)
    navigation: list[Map] = field(default_factory=list)
    app: Map | None = None
    files: tuple[str, ...] = ()
    base: frozenset[str] = frozenset()  # the names of the engine's own entities

    def known(self, kind: str) -> set[str]:
        """Every name of a kind that is declared, even where it could not be read."""
        return {*self.by_kind[kind], *self.lost[kind]}


def read(folder: Path, complaints: Complaints) -> Documents:
    """Read the engine's own layer, what the application uses, and the application."""
    layers = read_layers(folder, complaints)
    found = Documents(files=tuple(str(file) for layer in layers for file in layer.files))
    for layer in layers:
        _add_layer(layer, found, complaints)
        found.base = found.base or frozenset(found.by_kind["entity"])
    _check_shapes(found, complaints)
    return found


def _add_layer(layer: Layer, found: Documents, complaints: Complaints) -> None:
    here: dict[tuple[str, str], Map] = {}
    extensions: list[Map] = []
    below, found.app = found.app, None
    found.lost_inverses |= layer.lost_inverses
    for document in layer.documents:
        match _kind(document, complaints):
            case "extend":
                extensions.append(document)
            case "navigation":
                found.navigation.append(document)
            case None:
                _lose(document, found)
            case kind:
                _declare(kind, document, here, found, complaints)
    for document in extensions:
        _extend(document, found, complaints)
    for kind, name in layer.lost:
        if kind == "extend":
            _incomplete(found, "entity", name)
        else:
            found.lost[kind].add(name)
    _inherit(below, found, complaints)


def _inherit(below: Map | None, found: Documents, complaints: Complaints) -> None:
    """An application has the settings and features of the one it builds on, where it does not say."""
    app = found.app
    if app is None or below is None:
        return
    merged = merge(below, app, list(app), complaints)
    for key in [key for key in below if key not in app and key not in ("settings", "features")]:
        del merged[key]
    found.app = merged


def _lose(document: Map, found: Documents) -> None:
    """Remember what a document of no known kind probably declares, so that nobody calls it unknown."""
    names = {value for value in document.values() if is_name(value)} | {_stem(document)}
    for lost in found.lost.values():
        lost |= names
    for declared in document.map("relations").values():
        if isinstance(declared, Map):
            found.lost_inverses.add(str(declared.get("inverse", "")))


def _stem(document: Map) -> str:
    """The name of a document's file, which by convention is that of what it declares."""
    return PurePosixPath(document.source.file).name.partition(".")[0]


def _kind(document: Map, complaints: Complaints) -> str | None:
    """What a document declares: its first key says it."""
    keys = [key for key in document if not key.startswith("$")]
    if "$schema" in document:
        del document["$schema"]
    first = keys[0] if keys else None
    if first in KINDS:
        return first
    later = next((key for key in keys if key in KINDS), None)
    if first is None:
        hint = "begin it with what it declares: `entity: NAME`"
        complaints.at_map(document, "missing-kind", "this document says nothing", hint)
    elif first in schemas.LATER_KINDS:
        message = f"documents of kind {first!r} are not read by this version"
        hint = f"this version reads {', '.join(schemas.KINDS)}"
        complaints.at_key(document, first, "kind-not-available", message, hint)
    elif later is not None and did_you_mean(first, KINDS) is None:
        message = "the first key of a document says what it declares"
        complaints.at_key(document, later, "kind-not-first", message, f"put `{later}:` first")
        return later
    else:
        hint = meant(first, [*KINDS, *schemas.LATER_KINDS])
        if first in schemas.KINDS["entity"][2]:
            hint = f"{first!r} belongs to an entity: begin the document with `entity: {_stem(document)}`"
        complaints.at_key(document, first, "unknown-kind", f"unknown document kind {first!r}", hint)
    return None


def _declare(
    kind: str, document: Map, here: dict[tuple[str, str], Map], found: Documents, complaints: Complaints
) -> None:
    """Put a document in its place; within all layers each kind and name is declared once."""
    name = document[kind]
    if not is_name(name) and not (kind in schemas.FREELY_NAMED and isinstance(name, str) and name.strip()):
        if kind in ("entity", "grid", "view", "form"):
            found.lost[kind].add(_stem(document))
        if isinstance(name, str):
            found.lost[kind] |= {name, name.lower().replace("-", "_").replace(" ", "_")}
            complaints.at_value(document, kind, "bad-name", f"{name!r} is no name", name_hint(name))
            return
        complaints.nameless(kind)
        if kind not in document.broken:
            message = f"{kind!r} takes a name, not {written_kind(name)}"
            complaints.at_value(document, kind, "missing-name", message, NAME_HINT)
        return
    same = (kind, "" if kind == "app" else name)
    first = here.setdefault(same, document)
    before = first if first is not document else found.by_kind[kind].get(name)
    if before is None:
        if kind == "app":
            found.app = document
        else:
            found.by_kind[kind][name] = document
        return
    if kind == "app":
        message = f"this application has a name already: {first['app']!r}"
        complaints.at_value(document, kind, "duplicate-document", message, "keep one `app:` document")
        return
    where = before.key_place(kind)
    extends = f"extend: {name}" if kind == "entity" else f"extend: {{{kind}: {name}}}"
    hint = f"write `{extends}` to add to it" if first is document else "rename or remove one of them"
    complaints.at_value(
        document, kind, "duplicate-document", f"{kind} {name!r} is already declared at {where}", hint
    )


# ---- extending


def _extend(extension: Map, found: Documents, complaints: Complaints) -> None:
    """Merge a document that begins with `extend: ticket`, or `extend: {grid: ticket}`."""
    target = extension["extend"]
    holder, key, kind = extension, "extend", "entity"
    if isinstance(target, Map) and len(target) == 1 and next(iter(target)) in schemas.KINDS:
        holder, kind = target, next(iter(target))
        key, target = kind, target[kind]
    if not isinstance(target, str):
        hint = "for example extend: ticket, or extend: {grid: ticket}"
        complaints.at_value(
            holder, key, "missing-name", f"'extend' takes a name, not {written_kind(target)}", hint
        )
        return
    base = found.by_kind[kind].get(target)
    if base is None:
        if target not in found.lost[kind]:
            complaints.unknown_name(holder, key, kind, target, found.by_kind[kind])
        return
    merged = merge(base, extension, [each for each in extension if each != "extend"], complaints)
    merged.broken |= extension.broken
    found.by_kind[kind][target] = merged


def _incomplete(found: Documents, kind: str, name: str) -> None:
    """Note that something that adds to a document could not be read: what it lacks is not called unknown."""
    document = found.by_kind[kind].get(name)
    if document is not None:
        document.broken |= {"properties", "relations"}


# ---- shape


def _check_shapes(found: Documents, complaints: Complaints) -> None:
    if found.app is not None and not document_shape("app").check(found.app, complaints):
        found.app = None
        found.lost["app"].add("")
    for kind, documents in found.by_kind.items():
        shape = document_shape(kind)
        for name, document in list(documents.items()):
            if not shape.check(document, complaints):
                del documents[name]
                found.lost[kind].add(name)
    for document in found.by_kind["entity"].values():
        document.broken |= found.lost[
            "entity"
        ]  # a composition of theirs would have added a member of this name
    shape = document_shape("navigation")
    found.navigation = [each for each in found.navigation if shape.check(each, complaints)]


def document_of(entity: Entity) -> Map:
    """The merged document an entity was read from."""
    assert isinstance(entity.document, Map), entity.name
    return entity.document


IMPLIED = {
    "record_type": "record_types",
    "owner": "ownership",
    "unit": "ownership",
    "organization": "ownership",
    "tags": "features",
}
"""Members that come from another key of the entity."""


def uncertain(document: Any, names: Iterable[str], name: str) -> bool:
    """Whether a name that a document does not have may only be missing because of a mistake in it."""
    if not isinstance(document, Map):
        return False
    if name in document.broken or IMPLIED.get(name) in document.broken:
        return True
    for part in names:
        holder = document.get(part)
        if part in document.broken:
            return True
        if isinstance(holder, Map) and (name in holder or name in holder.broken):
            return True
    return False
