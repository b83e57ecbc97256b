"""The layers of an application: the folders it is made of, the lowest first, and their files as documents."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib import resources
from importlib.util import find_spec
from pathlib import Path

from engine.documents import schemas
from engine.documents.complaints import Complaints
from engine.errors import Place, Problem
from engine.text.source import Source, decode
from engine.text.suggest import did_you_mean
from engine.text.yaml_reader import read_documents
from engine.text.yaml_tree import Map

FOLDERS = ("metadata", "entities", "workflows", "ui_schema")
SUFFIXES = (".yaml", ".yml")
DECLARED = re.compile(
    rf"^({'|'.join((*schemas.KINDS, 'extend'))}):[ \t]*['\"]?([A-Za-z_][\w-]*)", re.MULTILINE
)
"""What a file that could not be read declares, as far as it can be told."""

INVERSE = re.compile(r"\binverse:[ \t]*['\"]?(\w+)")


@dataclass
class Layer:
    """One folder's documents in order of file.

    `lost` are the (kind, name) of what could not be read, `lost_inverses` the inverses it would have given.
    """

    folder: Path
    documents: list[Map] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)
    lost: set[tuple[str, str]] = field(default_factory=set)
    lost_inverses: set[str] = field(default_factory=set)


def read_layers(folder: Path, complaints: Complaints) -> list[Layer]:
    """The engine's own layer, what the application uses, and the application; each once."""
    base = Path(str(resources.files("engine"))) / "base"
    own = Layer(base)
    _read_files(own, sorted(_yaml_files(base)), base.parent, complaints)
    layers: dict[Path, Layer] = {}
    _add(folder, folder, (), layers, complaints)
    return [own, *layers.values()]


def layer_folders(folder: Path) -> tuple[Path, ...]:
    """The folders of all that an application uses, each before what builds on it, and its own as the last.

    As far as files tell that may be wrong.
    """
    done: dict[Path, None] = {}
    _add_folder(folder, set(), done)
    return tuple(done)


def _add_folder(layer: Path, begun: set[Path], done: dict[Path, None]) -> None:
    begun.add(layer)
    for file in sorted(_yaml_files(layer / "metadata")):
        for name in _used(file):
            below = _find(layer, name)
            if below is not None and below not in begun:
                _add_folder(below, begun, done)
    done[layer] = None


def _used(file: Path) -> Iterator[str]:
    """The names under `uses` of a file; none where it can't be read."""
    try:
        source, problems = decode(file.name, file.read_bytes())
    except OSError:
        return
    if not problems and "uses" in source.text:
        for document in read_documents(source)[0]:
            yield from (name for name in document.seq("uses") if "app" in document and isinstance(name, str))


def _add(
    folder: Path, root: Path, above: tuple[Path, ...], layers: dict[Path, Layer], complaints: Complaints
) -> None:
    """Add what a folder builds on, then the folder itself."""
    layer = Layer(folder)
    files = sorted(file for name in FOLDERS for file in _yaml_files(folder / name))
    _read_files(layer, files, root, complaints)
    _misplaced(folder, root, complaints)
    for document in layer.documents:
        uses = document.seq("uses")
        for position, name in enumerate(uses if "app" in document else ()):
            below = _find(folder, name) if isinstance(name, str) else None
            if below is None:
                hint = "name a folder by its path from this one, or an installed package"
                complaints.at_value(
                    uses, position, "unknown-layer", f"there is no application {name!r}", hint
                )
            elif below in (*above, folder):
                message = f"{name!r} uses this application itself"
                complaints.at_value(uses, position, "layer-cycle", message, "take it out")
            elif below not in layers:
                _add(below, root, (*above, folder), layers, complaints)
    layers[folder] = layer


def _find(folder: Path, name: str) -> Path | None:
    """The folder of an application by its relative path, or by the name of an installed package."""
    beside = (folder / name).resolve()
    if (beside / "metadata").is_dir():
        return beside
    spec = find_spec(name) if name.isidentifier() and name != "__main__" else None
    for place in (spec.submodule_search_locations or ()) if spec else ():
        if (Path(place) / "metadata").is_dir():
            return Path(place)
    return None


def _yaml_files(folder: Path) -> Iterator[Path]:
    for file in folder.rglob("*"):
        if file.suffix in SUFFIXES and not file.name.startswith(".") and file.is_file():
            yield file


def _read_files(layer: Layer, files: list[Path], root: Path, complaints: Complaints) -> None:
    for file in files:
        layer.files.append(file)
        name = shown(file, root)
        try:
            data = file.read_bytes()
        except OSError as error:
            message = f"this file can't be read: {error.strerror}"
            complaints.problems.append(
                Problem("unreadable-file", message, Place(name), "check its permissions")
            )
            layer.lost.add(("entity", file.stem))
            continue
        source, problems = decode(name, data)
        read: list[Map] = []
        if not problems:
            read, problems = read_documents(source)
        complaints.problems += problems
        layer.documents += read
        if any(problem.code != "empty-file" for problem in problems):
            layer.lost |= _lost(source, file, read)
            layer.lost_inverses |= set(INVERSE.findall(source.text))


def _lost(source: Source, file: Path, read: list[Map]) -> set[tuple[str, str]]:
    """What a file with mistakes probably declares and could not be read, so that nobody calls it unknown."""
    found = {(kind, name) for kind, name in DECLARED.findall(source.text)}
    kept = {(kind, str(document[kind])) for document in read for kind in document if kind in schemas.KINDS}
    return found - kept or ({("entity", file.stem)} if not read else set())


def _misplaced(folder: Path, root: Path, complaints: Complaints) -> None:
    """Warn of metadata in a folder that is not read: its name is misspelt, or it lies beside the folders."""
    if not folder.is_dir():
        return
    for entry in sorted(folder.iterdir()):
        if entry.is_dir() and entry.name not in FOLDERS and not entry.name.startswith((".", "_")):
            folders = did_you_mean(entry.name, FOLDERS)
            files = [file for file in sorted(entry.glob("*")) if file.suffix in SUFFIXES] if folders else []
        else:
            folders, files = None, [entry] if entry.suffix in SUFFIXES and entry.is_file() else []
        for file in files:
            _not_read(file, folders, root, complaints)


def _not_read(file: Path, guess: str | None, root: Path, complaints: Complaints) -> None:
    name = shown(file, root)
    try:
        source, problems = decode(name, file.read_bytes())
    except OSError:
        return
    found = None if problems else DECLARED.search(source.text)
    if found is None:
        return
    hint = f"move it to {guess or 'entities'}/"
    message = f"this file is not read: metadata stands in {', '.join(f'{each}/' for each in FOLDERS)}"
    place = Place(name, source.text.count("\n", 0, found.start()) + 1, 1, len(found.group()))
    complaints.problems.append(source.problem("file-not-read", message, place, hint, level="warning"))


def shown(file: Path, root: Path) -> str:
    """A file's name in problems: from the application's folder, or whole where it lies elsewhere."""
    return file.relative_to(root).as_posix() if file.is_relative_to(root) else str(file)
