"""Located YAML: mappings and lists that are plain dicts and lists, and know where everything stands.

Places are worked out only when somebody asks, since most documents have nothing wrong with them.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from yaml import MappingNode, Node, ScalarNode, SequenceNode

from engine.errors import Place
from engine.text.alignment import Located
from engine.text.source import Source

NO_MAPPING: Final = MappingNode("", [])
NO_SEQUENCE: Final = SequenceNode("", [])


class Entry(NamedTuple):
    """Where a key and its value stand; a list's item has no key."""

    source: Source
    key: ScalarNode | None
    value: Node


class Map(dict[str, Any]):
    """A mapping as a dict, knowing the places of its keys and values."""

    __slots__ = ("_entries", "broken", "node", "path", "source")

    def __init__(self, source: Source, node: MappingNode, path: tuple[str | int, ...] = ()) -> None:
        self.source = source
        self.node = node
        self.path = path
        self.broken: frozenset[str] = frozenset()
        self._entries: dict[str, Entry] | None = None

    def drop(self, key: str) -> None:
        """Take a key out that has been complained of; `broken` remembers that something was meant by it."""
        self.pop(key, None)
        self.broken |= {key}

    def with_entries(self, entries: dict[str, Entry]) -> None:
        """Say where each key stands, for a mapping put together of several."""
        self._entries = entries

    @property
    def entries(self) -> dict[str, Entry]:
        """Where each key stands; a merged mapping has entries of several files."""
        if self._entries is None:
            # of duplicate keys the first counts, here as in the values
            self._entries = {
                key.value: Entry(self.source, key, value) for key, value in reversed(self.node.value)
            }
        return self._entries

    @property
    def place(self) -> Place:
        """Where the mapping begins."""
        return place_of_start(self.source, self.node, 1)

    def key_place(self, key: str) -> Place:
        """Where a key stands."""
        entry = self.entries[key]
        assert entry.key is not None, key
        return place_of_node(entry.source, entry.key)

    def place_of(self, key: str) -> Place:
        """Where a key's value stands: the value itself if it is a scalar, else the key."""
        entry = self.entries[key]
        if isinstance(entry.value, ScalarNode) and entry.value.start_mark.index < entry.value.end_mark.index:
            return place_of_node(entry.source, entry.value)
        return self.key_place(key)

    def source_of(self, key: str) -> Source:
        """The file a key's value was written in."""
        return self.entries[key].source

    def raw(self, key: str) -> str | None:
        """A scalar value as it was written, without quotes; None for a mapping or list."""
        node = self.entries[key].value
        return str(node.value) if isinstance(node, ScalarNode) else None

    def map(self, key: str) -> Map:
        """The mapping below a key; an empty one where there is none."""
        value = self.get(key)
        return value if isinstance(value, Map) else Map(self.source, NO_MAPPING, (*self.path, key))

    def seq(self, key: str) -> Seq:
        """The list below a key; an empty one where there is none."""
        value = self.get(key)
        return value if isinstance(value, Seq) else Seq(self.source, NO_SEQUENCE, (*self.path, key))

    def located(self, key: str) -> Located | None:
        """A scalar's text with the place of each of its characters; None for a mapping or list."""
        entry = self.entries[key]
        return Located(entry.source, entry.value) if isinstance(entry.value, ScalarNode) else None

    def text_place(self, key: str) -> Place:
        """Where the first character of a scalar's text stands, inside its quotes or block."""
        entry = self.entries[key]
        return _text_place(entry.source, entry.value)

    def word_place(self, key: str, offset: int, width: int) -> Place:
        """Where a part of a scalar's text stands."""
        return _word_place(self.text_place(key), offset, width)


class Seq(list[Any]):
    """A list knowing the places of its items."""

    __slots__ = ("_entries", "node", "path", "source")

    def __init__(self, source: Source, node: SequenceNode, path: tuple[str | int, ...] = ()) -> None:
        self.source = source
        self.node = node
        self.path = path
        self._entries: list[Entry] | None = None

    def drop(self, index: int) -> None:
        """Take an item out that has been complained of."""
        entries = list(self.entries)
        del self[index], entries[index]
        self._entries = entries

    def with_entries(self, entries: list[Entry]) -> None:
        """Say where each item stands, for a list put together of several."""
        self._entries = entries

    @property
    def entries(self) -> list[Entry]:
        if self._entries is None:
            self._entries = [Entry(self.source, None, node) for node in self.node.value]
        return self._entries

    @property
    def place(self) -> Place:
        return place_of_start(self.source, self.node, 1)

    def place_of(self, index: int) -> Place:
        """Where an item stands."""
        entry = self.entries[index]
        if isinstance(entry.value, ScalarNode):
            return place_of_node(entry.source, entry.value)
        return place_of_start(entry.source, entry.value, 1)

    def source_of(self, index: int) -> Source:
        return self.entries[index].source

    def raw(self, index: int) -> str | None:
        node = self.entries[index].value
        return str(node.value) if isinstance(node, ScalarNode) else None

    def located(self, index: int) -> Located | None:
        """A scalar's text with the place of each of its characters; None for a mapping or list."""
        entry = self.entries[index]
        return Located(entry.source, entry.value) if isinstance(entry.value, ScalarNode) else None

    def text_place(self, index: int) -> Place:
        entry = self.entries[index]
        return _text_place(entry.source, entry.value)

    def word_place(self, index: int, offset: int, width: int) -> Place:
        return _word_place(self.text_place(index), offset, width)


def place_of_node(source: Source, node: Node) -> Place:
    """The place of a scalar, with its width on the first line."""
    start, end = node.start_mark, node.end_mark
    last = end.column if end.line == start.line else len(source.line(start.line + 1))
    width = last - start.column
    return place_of_start(source, node, max(1, width))


def place_of_start(source: Source, node: Node, width: int) -> Place:
    return Place(source.file, node.start_mark.line + 1, node.start_mark.column + 1, width)


def _text_place(source: Source, node: Node) -> Place:
    place = place_of_node(source, node)
    style = getattr(node, "style", "")
    if style in ("'", '"'):
        return Place(place.file, place.line, place.column + 1, max(1, place.width - 2))
    if style in ("|", ">"):
        for number in range(place.line + 1, node.end_mark.line + 2):
            text = source.line(number)
            if text.strip():
                return Place(place.file, number, len(text) - len(text.lstrip()) + 1, len(text.strip()))
    return place


def _word_place(text: Place, offset: int, width: int) -> Place:
    """A part of a text; the whole where escapes or line breaks have moved it."""
    if offset + width > text.width:
        return text
    return Place(text.file, text.line, text.column + offset, width)
