"""Reading boards, each checked against the entity whose records it shows."""

from __future__ import annotations

from collections.abc import Iterator

from engine.documents.complaints import meant
from engine.loading.members import expression
from engine.loading.pages import PageReader
from engine.metamodel.page import Board
from engine.metamodel.property import Property
from engine.text.labels import words
from engine.text.yaml_tree import Map


class BoardReader(PageReader):
    """Reads the boards of one entity."""

    def board(self, name: str, root: Map) -> Board:
        by = self._by(root)
        card = root.map("card")
        where = expression(root, "where") if root.get("where") is not None else None
        return Board(
            name=name,
            label=root.get("label") or words(name),
            icon=root.get("icon") or "",
            entity=self.entity.name,
            by=by.name if by is not None else "",
            columns=tuple(self._values(root, by)) if by is not None else (),
            title=self._path(card, "title"),
            lines=self._columns(card.get("lines"), self.entity),
            badge=self._path(card, "badge"),
            total=self._total(root, "sum"),
            funnel=self._funnel(root, by),
            weighted=self._total(root.map("funnel"), "weighted"),
            where=where,
            sort=self._sort(root, self.entity),
            filters=self._filters(root),
            cards=root.get("cards", 20),
            place=root.key_place("board"),
        )

    def _by(self, root: Map) -> Property | None:
        """The property whose values are the columns."""
        name = root.get("by")
        if not isinstance(name, str):
            return None
        found = self._member(root, "by", name, self.entity)
        if isinstance(found, Property) and found.type.control().kind == "select" and not found.virtual:
            return found
        if found is not None:
            message = f"{name!r} is no state and no choice: it has no values to make columns of"
            self._bad(root, "by", message, "name a property of type state or choice")
        return None

    def _values(self, root: Map, by: Property) -> Iterator[str]:
        """The values that have a column, where they are listed."""
        known = [choice.name for choice in by.type.control().options]
        listed = root.seq("columns")
        for position, value in enumerate(listed):
            if value in known:
                yield value
            else:
                message = f"{by.name} is never {value!r}"
                self.complaints.at_value(listed, position, "bad-board", message, meant(str(value), known))

    def _path(self, card: Map, key: str) -> str:
        path = card.get(key)
        return path if isinstance(path, str) and self._member(card, key, path, self.entity) else ""

    def _funnel(self, root: Map, by: Property | None) -> bool:
        """Whether it has a funnel, which takes states: how records came on is known of those alone."""
        if not root.get("funnel"):
            return False
        if by is not None and not by.type.moved:
            message = f"{by.name} is no state: nothing tells how records came on from one to the next"
            self.complaints.at_key(
                root, "funnel", "bad-board", message, "take it out, or name a state in `by`"
            )
        return by is not None and by.type.moved

    def _total(self, root: Map, key: str) -> str:
        """What is added up: a number or amount of the record itself, that the database keeps."""
        name = root.get(key)
        if not isinstance(name, str):
            return ""
        found = self._member(root, key, name, self.entity)
        if isinstance(found, Property) and found.type.numeric and not found.virtual and "." not in name:
            return name
        if found is not None:
            hint = "name a number or amount of the record itself; a computed one needs `stored: true`"
            self._bad(root, key, f"{name!r} can't be added up", hint)
        return ""

    def _filters(self, root: Map) -> tuple[str, ...]:
        listed = root.seq("filters")
        return tuple(
            name
            for position, name in enumerate(listed)
            if self._member(listed, position, name, self.entity) is not None
        )

    def _bad(self, root: Map, key: str, message: str, hint: str) -> None:
        self.complaints.at_value(root, key, "bad-board", message, hint)
