"""Finding the records that a row speaks of: its own by a key, related ones by id, unique key, title or path.

Only what the actor may read is found; what is hidden is, in every answer, like what is not there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from engine.access import access
from engine.errors import BadQuery
from engine.metamodel.entity import Entity
from engine.reading.filters import LONGEST_TEXT
from engine.reading.find import LARGEST_PAGE, find
from engine.reading.query import Filter, Query, Row
from engine.text.template import Field
from engine.work.context import Context

MOST_REMEMBERED = 10_000
"""Related records that are remembered, not to be looked for with every row."""

UNIQUE_ENOUGH = 2


class Unfound(Exception):
    """A cell does not lead to one record; the message says why."""

    def __init__(self, message: str, code: str = "unknown-record") -> None:
        self.code = code
        super().__init__(message)


class Lookups:
    """The lookups of one unit of work."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._found: dict[tuple[Any, ...], int] = {}

    def own(self, entity: str, filters: Sequence[Filter]) -> int | None:
        """The record of a key; raises Unfound where several have it."""
        try:
            rows = self._some(entity, Query(filters=tuple(filters)))
        except BadQuery as error:
            raise Unfound(f"{str(error)[:1].upper()}{str(error)[1:]}.", error.code) from error
        if len(rows) > 1:
            plural = self._context.runtime.entities[entity].plural.lower()
            raise Unfound(f"Several {plural} have this key.", "ambiguous")
        return rows[0].id if rows else None

    def related(self, target: str, parts: Mapping[str, Any], changing: str) -> int | None:
        """The record of an entity that parts of its title, id and paths name together; None for none.

        What is found is remembered, except of `changing`, whose records become more meanwhile. Raises Unfound
        where several are.
        """
        key = (target, *sorted(parts.items()))
        if key in self._found:
            return self._found[key]
        if not access.may(self._context, target, "read"):
            return None
        found = self._related(target, dict(parts))
        if found is not None and target != changing and len(self._found) < MOST_REMEMBERED:
            self._found[key] = found
        return found

    def _related(self, target: str, parts: dict[str, Any]) -> int | None:
        title = parts.pop("", None)
        filters = tuple(Filter(path, "eq", operand) for path, operand in parts.items())
        try:
            if title is None or "id" in parts:
                rows = self._some(target, Query(filters=filters))
                rows = [row for row in rows if title is None or row.title == title]
            else:
                rows = self._titled(self._context.runtime.entities[target], str(title), filters)
        except BadQuery:
            return None  # not a value that anything here could have
        if len(rows) > 1:
            label = self._context.runtime.entities[target].plural.lower()
            said = title if title is not None else ", ".join(map(str, parts.values()))
            raise Unfound(f"Several {label} are called {str(said)!r}: name it by its id.", "ambiguous")
        return rows[0].id if rows else None

    def _titled(self, entity: Entity, text: str, filters: tuple[Filter, ...]) -> list[Row]:
        """The records that are called so: by a unique property, by their title, by their number."""
        query = Query(filters=filters)
        found: dict[int, Row] = {}
        for name in self._unique(entity):
            try:
                rows = self._some(entity.name, replace(query, filters=(*filters, Filter(name, "eq", text))))
            except BadQuery:
                continue  # not a value that this property can have
            found |= {row.id: row for row in rows}
        if not found:
            found = {row.id: row for row in self._by_title(entity, text, query)}
        number = re.fullmatch(rf"(?:{re.escape(entity.label)} #)?([1-9][0-9]{{0,17}})", text)
        if not found and number:
            numbered = Filter("id", "eq", number[1])
            rows = self._some(entity.name, replace(query, filters=(*filters, numbered)))
            found = {row.id: row for row in rows if text.isdigit() or row.title == text}
        return list(found.values())

    def _unique(self, entity: Entity) -> list[str]:
        readable = access.readable(self._context, entity.name)
        return [
            name
            for name, prop in entity.properties.items()
            if prop.unique and name in readable and not prop.system and not prop.type.secret
        ]

    def _by_title(self, entity: Entity, text: str, query: Query) -> Iterator[Row]:
        """Records with exactly this title, at most as many as show that there are several."""
        parts = entity.title.parts
        only = parts[0] if len(parts) == 1 else None
        prop = entity.properties.get(only.path) if isinstance(only, Field) else None
        if prop is not None and prop.type.said_as_it_is and "eq" in prop.type.operators:
            exact = replace(query, filters=(*query.filters, Filter(prop.name, "eq", text)))
            yield from (row for row in self._some(entity.name, exact) if row.title == text)
            return
        narrowed = replace(query, text=_words(text), limit=LARGEST_PAGE)
        seen = 0
        while True:
            page = find(self._context, entity.name, narrowed)
            for row in page.rows:
                if row.title == text:
                    yield row
                    seen += 1
            if page.next is None or seen >= UNIQUE_ENOUGH:
                return
            narrowed = replace(narrowed, after=page.next)

    def _some(self, entity: str, query: Query) -> list[Row]:
        return list(find(self._context, entity, replace(query, limit=UNIQUE_ENOUGH)).rows)


def _words(text: str) -> str:
    """What the quick filter takes of a title: whole words."""
    return text if len(text) <= LONGEST_TEXT else text[:LONGEST_TEXT].rpartition(" ")[0]
