"""The documents of an application: found in its folders, layer by layer, read, merged, by kind and name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib import resources
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from engine.errors import Place, Problem
from engine.metamodel import schemas, shape
from engine.metamodel.complaints import Complaints, meant
from engine.text.source import decode
from engine.text.yaml_tree import Entry, Map, Seq, read_documents

FOLDERS = ("metadata", "entities", "workflows", "ui_schema")
KINDS = (*schemas.KIND_KEYS, "extend")


@dataclass
class Documents:
    """Every document read, merged, by kind and name; and the names that failed to read."""

    by_kind: dict[str, dict[str, Map]] = field(
        default_factory=lambda: {kind: {} for kind in schemas.KIND_KEYS}
    )
    failed: dict[str, set[str]] = field(default_factory=lambda: {kind: set() for kind in schemas.KIND_KEYS})
    files: list[str] = field(default_factory=list)


def read(folder: Path, complaints: Complaints) -> Documents:
    """Read the engine's own layer, what the application uses, and the application."""
    found = Documents()
    base = Path(str(resources.files("engine"))) / "base"
    _layer(base, base.parent, ["."], found, complaints, own=True)
    for layer in [*_used(folder, complaints, (folder,)), folder]:
        _layer(layer, folder, FOLDERS, found, complaints, own=False)
    return found


def _used(folder: Path, complaints: Complaints, chain: tuple[Path, ...]) -> Iterator[Path]:
    """The layers below an application, the lowest first; each once."""
    file = folder / "metadata" / "app.yaml"
    if not file.is_file():
        return
    source, _ = decode(_shown(file, chain[0]), file.read_bytes())
    documents, _ = read_documents(source)
    for root in documents:
        uses = root.get("uses") if "app" in root else None
        if not isinstance(uses, Seq):
            continue
        for position, name in enumerate(uses):
            below = _folder(folder, str(name))
            if below is None:
                hint = "name a folder beside this one, or an installed package"
                complaints.at_value(
                    uses, position, "unknown-layer", f"there is no application {name!r}", hint
                )
            elif below in chain:
                complaints.at_value(
                    uses, position, "layer-cycle", f"{name!r} uses this application itself", "take it out"
                )
            else:
                yield from _used(below, complaints, (*chain, below))
                yield below


def _folder(folder: Path, name: str) -> Path | None:
    beside = (folder / name).resolve()
    if (beside / "metadata").is_dir():
        return beside
    spec = find_spec(name) if name.isidentifier() else None
    for place in spec.submodule_search_locations or () if spec else ():
        if (Path(place) / "metadata").is_dir():
            return Path(place)
    return None


def _shown(file: Path, root: Path) -> str:
    return file.relative_to(root).as_posix() if file.is_relative_to(root) else str(file)


def _layer(
    layer: Path, root: Path, folders: Any, found: Documents, complaints: Complaints, *, own: bool
) -> None:
    """Add one layer's documents; within a layer each kind and name occurs once."""
    files = sorted(
        file
        for name in folders
        for pattern in ("*.yaml", "*.yml")
        for file in ((layer / name).glob(pattern) if own else (layer / name).rglob(pattern))
    )
    here: dict[tuple[str, str], Map] = {}
    extensions: list[Map] = []
    for file in files:
        found.files.append(str(file))
        try:
            data = file.read_bytes()
        except OSError as error:
            message = f"this file can't be read: {error.strerror}"
            complaints.problems.append(
                Problem("unreadable-file", message, Place(_shown(file, root)), "check its permissions")
            )
            continue
        source, problems = decode(_shown(file, root), data)
        complaints.problems += problems
        if problems:
            continue
        documents, problems = read_documents(source)
        complaints.problems += problems
        for document in documents:
            _sort_in(document, here, extensions, found, complaints)
    for document in extensions:
        _extend(document, found, complaints)


def _sort_in(
    root: Map,
    here: dict[tuple[str, str], Map],
    extensions: list[Map],
    found: Documents,
    complaints: Complaints,
) -> None:
    """Recognise a document by its first key, check its shape, and put it in its place."""
    kind = next((key for key in root if key in KINDS), None)
    if kind is None:
        _unknown_kind(root, complaints)
        return
    name = root[kind] if kind != "navigation" else "navigation"
    good = shape.check_document(kind, root, complaints)
    if kind == "extend":
        if isinstance(name, str):
            extensions.append(root)
        return
    if not isinstance(name, str) or (not good and not isinstance(root.get(kind), str | list)):
        return
    if not good:
        found.failed[kind].add(name)
    first = here.get((kind, name))
    before = found.by_kind[kind].get(name)
    if first is not None:
        where = first.key_place(kind)
        complaints.at_value(
            root,
            kind,
            f"duplicate-{kind}",
            f"{kind} {name!r} is already declared at {where}",
            "rename or remove one",
        )
        return
    if before is not None and kind == "entity":
        hint = f"write `extend: {name}` to add to it"
        message = f"entity {name!r} is already there, from {before.key_place(kind)}"
        complaints.at_value(root, kind, "duplicate-entity", message, hint)
        return
    here[kind, name] = root
    found.by_kind[kind][name] = root


def _unknown_kind(root: Map, complaints: Complaints) -> None:
    first = next(iter(root), None)
    if first is None:
        complaints.at_map(
            root, "missing-kind", "this document is empty", "begin it with what it declares: `entity: NAME`"
        )
    elif first in schemas.LATER_KINDS:
        hint = f"this version reads {', '.join(schemas.KIND_KEYS)}"
        complaints.at_key(
            root,
            first,
            "kind-not-available",
            f"documents of kind {first!r} are not read by this version",
            hint,
        )
    else:
        complaints.at_key(
            root,
            first,
            "unknown-kind",
            f"unknown document kind {first!r}",
            meant(first, [*KINDS, *schemas.LATER_KINDS]),
        )


# ---- extending


def _extend(extension: Map, found: Documents, complaints: Complaints) -> None:
    name = extension["extend"]
    base = found.by_kind["entity"].get(name)
    if base is None:
        complaints.unknown_name(extension, "extend", "entity", name, found.by_kind["entity"])
        return
    without = [key for key in extension if key != "extend"]
    found.by_kind["entity"][name] = merge(base, extension, without)


def merge(base: Map, change: Map, keys: list[str] | None = None) -> Map:
    """A mapping changed by another: by key; null takes away, a list replaces or adds and removes."""
    made = Map(base.source, base.node, base.path)
    entries = dict(base.entries)
    made.update(base)
    for key in keys if keys is not None else list(change):
        value, entry = change[key], change.entries[key]
        old = made.get(key)
        if value is None:
            made.pop(key, None)
            entries.pop(key, None)
            continue
        if isinstance(value, Map) and isinstance(old, Map):
            value = merge(old, value)
        elif (
            isinstance(value, Map)
            and isinstance(old, Seq | None)
            and value
            and set(value) <= {"add", "remove"}
        ):
            value, entry = _list(old, value), entry
        made[key] = value
        entries[key] = Entry(entry.source, entry.key, entry.value)
    made._entries = entries
    return made


def _list(old: Seq | None, change: Map) -> Seq:
    """A list with items taken away and added, each remembering its own place."""
    add = change.get("add") or []
    made = Seq(change.source, change.node, change.path)  # type: ignore[arg-type]
    entries = []
    removed = change.get("remove") or []
    for item, entry in zip(old or [], old.entries if old is not None else [], strict=True):
        if item not in removed:
            made.append(item)
            entries.append(entry)
    for item, entry in zip(add, add.entries if isinstance(add, Seq) else [], strict=True):
        if item not in made:
            made.append(item)
            entries.append(entry)
    made._entries = entries
    return made
