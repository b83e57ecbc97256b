"""Reading the navigation: every item leads somewhere, and only roles there are see it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace

from engine.documents.complaints import Complaints
from engine.documents.schemas.pages import LATER_ITEMS
from engine.metamodel.entity import Entity
from engine.metamodel.page import Board, Grid, NavigationItem
from engine.text.yaml_tree import Map, Seq

DESTINATIONS = ("grid", "board", "menu", *LATER_ITEMS)


@dataclass(frozen=True)
class Reached:
    """What a menu can lead to; `lost` and `lost_boards` could not be read, and nobody calls them unknown."""

    entities: Mapping[str, Entity]
    lost: Collection[str]
    grids: Mapping[str, Grid]
    boards: Mapping[str, Board]
    lost_boards: Collection[str] = ()


class NavigationReader:
    """Reads menus; an item that leads nowhere is complained of and left out."""

    def __init__(self, reached: Reached, roles: Collection[str], complaints: Complaints) -> None:
        self.entities, self.lost, self.grids = reached.entities, reached.lost, reached.grids
        self.reached, self.roles, self.complaints = reached, roles, complaints

    def items(self, declared: Seq | None) -> tuple[NavigationItem, ...]:
        return tuple(made for item in declared or () for made in self._item(item))

    def _item(self, item: Map) -> Iterator[NavigationItem]:
        self._roles(item)
        kinds = [key for key in DESTINATIONS if key in item]
        if len(kinds) != 1:
            if not item.broken:
                message = (
                    "this item leads nowhere" if not kinds else f"this item is both {' and '.join(kinds)}"
                )
                hint = "write {grid: ENTITY}, or {menu: TITLE, items: […]}"
                self.complaints.at_map(item, "bad-layout", message, hint)
        elif kinds[0] == "menu":
            yield self._made(item, item["menu"], items=self.items(item.get("items")))
        elif kinds[0] == "grid":
            yield from self._grid(item)
        elif kinds[0] == "board":
            yield from self._board(item)
        else:
            message = f"a {kinds[0]} is not shown by this version"
            self.complaints.at_key(item, kinds[0], "kind-not-available", message, "take it out of the menu")

    def _grid(self, item: Map) -> Iterator[NavigationItem]:
        name, view = item["grid"], item.get("view", "")
        entity = self.entities.get(name)
        if entity is None:
            if name not in self.lost:
                self.complaints.unknown_name(item, "grid", "entity", name, self.entities)
            return
        grid = self.grids.get(name)
        views = grid.views if grid is not None else {}
        if view and view not in views:
            self.complaints.unknown_name(item, "view", "preset", view, views)
        yield self._made(item, item.get("label") or entity.plural, entity=name, icon=entity.icon, view=view)

    def _board(self, item: Map) -> Iterator[NavigationItem]:
        name = item["board"]
        board = self.reached.boards.get(name)
        if board is not None:
            made = self._made(item, item.get("label") or board.label, entity=board.entity, icon=board.icon)
            yield replace(made, board=name)
        elif name not in self.reached.lost_boards:
            self.complaints.unknown_name(item, "board", "board", name, self.reached.boards)

    def _made(
        self,
        item: Map,
        label: str,
        *,
        entity: str = "",
        icon: str = "",
        view: str = "",
        items: tuple[NavigationItem, ...] = (),
    ) -> NavigationItem:
        return NavigationItem(
            label=label,
            icon=item.get("icon") or icon,
            entity=entity,
            view=view,
            items=items,
            roles=frozenset(item["roles"]) if "roles" in item else None,
            place=item.place,
        )

    def _roles(self, item: Map) -> None:
        names = item.seq("roles")
        for position, name in enumerate(names):
            if name not in self.roles:
                self.complaints.unknown_name(names, position, "role", str(name), sorted(self.roles))
