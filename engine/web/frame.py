"""What is around every page: navigation of what one may see, brand, profile, notices for administrators."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from markupsafe import Markup
from starlette.requests import Request

from engine.access import access
from engine.build.navigation import Destination, Menu, navigation_plan
from engine.build.page import ADMINISTRATIVE
from engine.errors import Problem
from engine.process import telling
from engine.process.opening import starting
from engine.web.markup import render_part
from engine.web.session import DENSITIES, THEMES, preference
from engine.work.context import Context
from engine.work.plans import kept

FALLBACK_ICON = "circle-small"
"""What an entity without an icon is drawn with."""


@dataclass(frozen=True)
class NavLink:
    """An entry of the navigation, as this reader sees it. `create` is where a new record is made, or ""."""

    label: str
    icon: str
    url: str
    entity: str
    create: str
    create_label: str
    current: bool


@dataclass(frozen=True)
class NavMenu:
    """A titled group of entries."""

    title: str
    links: tuple[NavLink, ...]


@dataclass(frozen=True)
class Start:
    """A transition by which the reader may begin a record."""

    label: str
    description: str
    icon: str
    url: str


@dataclass(frozen=True)
class Frame:
    """Everything the frame's template draws."""

    brand: str
    user: str
    login: str
    user_url: str
    navigation: Markup
    icons: tuple[str, ...]  # that the navigation needs
    preferences: Markup
    preference_icons: tuple[str, ...]
    current: str  # the entity the page is about, or ""
    create_url: str
    create_label: str
    starts: tuple[Start, ...]
    administers: bool
    in_settings: bool
    problems: int
    here: str
    behind: str = ""  # the administrator who acts as the user
    unread: int = 0  # what the reader was told and has not read


def build_frame(request: Request, context: Context, problems: Sequence[Problem]) -> Frame:
    """The frame of a page for its reader."""
    entity = context.runtime.entities.get(str(request.path_params.get("entity", "")))
    current = entity.name if entity is not None else ""
    creates = entity is not None and not entity.child_of and access.may(context, current, "create")
    view = request.query_params.get("view", "")
    user = context.actor
    board = str(request.path_params.get("name", "")) if "/board/" in request.url.path else ""
    navigation, icons = _navigation(context, Here(current, view, board))
    preferences, preference_icons = _preferences(request, context)
    may_see_self = user.id is not None and access.may(context, "user", "read")
    return Frame(
        brand=context.runtime.application.label,
        user=user.name,
        login=user.login,
        user_url=f"/user/{user.id}" if may_see_self else "",
        navigation=navigation,
        icons=icons,
        preferences=preferences,
        preference_icons=preference_icons,
        current=current,
        create_url=f"/{current}/new" if creates else "",
        create_label=f"New {entity.label.lower()}" if entity is not None else "",
        starts=starts_of(context, current) if creates else (),
        administers=user.administrator,
        in_settings=request.url.path.startswith("/settings") or current in ADMINISTRATIVE,
        problems=sum(problem.level == "error" for problem in problems) if user.administrator else 0,
        behind=user.behind_name if user.behind is not None else "",
        unread=telling.unread(context) if user.id is not None else 0,
        here=request.url.path + (f"?{request.url.query}" if request.url.query else ""),
    )


def starts_of(context: Context, entity: str) -> tuple[Start, ...]:
    """The transitions by which the reader may begin a record of an entity."""
    return tuple(
        Start(
            each.transition.label,
            each.transition.description,
            each.transition.icon or "plus",
            f"/{entity}/new/{each.transition.name}",
        )
        for each in starting(context, entity)
    )


@dataclass(frozen=True)
class Here:
    """Where in the navigation a page is: an entity, and the preset of its grid or the board that is shown."""

    entity: str
    view: str = ""
    board: str = ""

    def at(self, destination: Destination) -> bool:
        """Whether a destination leads right here."""
        there = (destination.entity, destination.view, destination.board)
        return there == (self.entity, self.view, self.board)


def _navigation(context: Context, here: Here) -> tuple[Markup, tuple[str, ...]]:
    """The navigation as HTML, kept per runtime, roles and place."""
    if here.view or here.board:
        listed = (each for menu in _allowed_menus(context) for each in menu.destinations)
        here = here if any(here.at(each) for each in listed) else Here(here.entity)
    key = ("navigation", context.actor.roles, here)
    return kept(context.runtime, key, lambda: render_part("navigation.html", menus=_menus(context, here)))


def _preferences(request: Request, context: Context) -> tuple[Markup, tuple[str, ...]]:
    """What a reader chooses for their browser as HTML, kept per choice."""
    theme, density = preference(request, "theme", THEMES), preference(request, "density", DENSITIES)
    make = partial(render_part, "preferences_menu.html", theme=theme, density=density)
    return kept(context.runtime, ("preferences", theme, density), make)


def _menus(context: Context, here: Here) -> list[NavMenu]:
    return [
        NavMenu(menu.title, tuple(_link(context, each, here) for each in menu.destinations))
        for menu in _allowed_menus(context)
    ]


def _link(context: Context, destination: Destination, here: Here) -> NavLink:
    entity = context.runtime.entities[destination.entity]
    creates = access.may(context, entity.name, "create") and not destination.board
    address = f"/{entity.name}" + (f"/board/{destination.board}" if destination.board else "")
    return NavLink(
        label=destination.label,
        icon=destination.icon or FALLBACK_ICON,
        url=address + (f"?view={destination.view}" if destination.view else ""),
        entity=entity.name,
        create=f"/{entity.name}/new" if creates else "",
        create_label=f"New {entity.label.lower()}",
        current=here.at(destination),
    )


def _allowed_menus(context: Context) -> tuple[Menu, ...]:
    """The navigation without what the reader's roles do not reach; kept per runtime and roles."""
    return kept(context.runtime, ("destinations", context.actor.roles), lambda: tuple(_narrowed(context)))


def _narrowed(context: Context) -> list[Menu]:
    menus = []
    for menu in navigation_plan(context.runtime.application):
        if not _for_roles(context, menu.roles):
            continue
        kept = tuple(
            each for each in menu.destinations if _for_roles(context, each.roles) and _may_see(context, each)
        )
        if kept:
            menus.append(Menu(title=menu.title, destinations=kept))
    return menus


def _may_see(context: Context, destination: Destination) -> bool:
    """Whether the reader may see any records there, and of a board what its columns are made of."""
    board = context.runtime.application.boards.get(destination.board)
    readable = board is None or board.by in access.readable(context, destination.entity)
    return readable and access.may(context, destination.entity, "read")


def _for_roles(context: Context, roles: frozenset[str] | None) -> bool:
    return roles is None or context.actor.administrator or bool(roles & context.actor.roles)


def destinations(context: Context) -> list[Destination]:
    """Every destination of the reader's navigation, each entity once."""
    found: dict[str, Destination] = {}
    listed = [each for menu in _allowed_menus(context) for each in menu.destinations]
    for each in sorted(listed, key=lambda each: bool(each.board)):
        found.setdefault(each.entity, each)
    return list(found.values())
