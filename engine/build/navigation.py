"""How the navigation is planned: as declared, and what it leaves out."""

from __future__ import annotations

from dataclasses import dataclass

from engine.build.page import ADMINISTRATIVE
from engine.declared.application import Application
from engine.metamodel.page import NavigationItem


@dataclass(frozen=True, kw_only=True)
class Destination:
    """An entry of the navigation that leads to a grid, of which `view` names a tab, or to a `board`."""

    entity: str
    label: str
    icon: str
    view: str = ""
    board: str = ""
    roles: frozenset[str] | None = None


@dataclass(frozen=True, kw_only=True)
class Menu:
    """A titled group of destinations; the first may be without a title."""

    title: str
    destinations: tuple[Destination, ...]
    roles: frozenset[str] | None = None


def navigation_plan(application: Application) -> tuple[Menu, ...]:
    """The navigation as declared, and under More every entity that it leaves out."""
    menus: list[Menu] = []
    top: list[Destination] = []
    for item in application.navigation:
        if item.items:
            inner = [_destination(application, each) for each in item.items]
            found = tuple(each for each in inner if each is not None)
            menus.append(Menu(title=item.label, destinations=found, roles=item.roles))
        elif (single := _destination(application, item)) is not None:
            top.append(single)
    if top:
        menus.insert(0, Menu(title="", destinations=tuple(top)))
    reached = {each.entity for menu in menus for each in menu.destinations}
    links = {
        relation.through for entity in application.entities.values() for relation in entity.relations.values()
    }
    rest = [
        Destination(entity=entity.name, label=entity.plural, icon=entity.icon)
        for entity in application.entities.values()
        if entity.name not in (*reached, *links, *ADMINISTRATIVE) and not entity.child_of
    ]
    if rest:
        menus.append(Menu(title="More" if menus else "", destinations=tuple(rest)))
    return tuple(menus)


def _destination(application: Application, item: NavigationItem) -> Destination | None:
    entity = application.entities.get(item.entity)
    if entity is None:
        return None
    return Destination(
        entity=entity.name,
        label=item.label or entity.plural,
        icon=item.icon or ("kanban" if item.board else entity.icon),
        view=item.view,
        board=item.board,
        roles=item.roles,
    )
