"""What `ui_schema/` says of pages: grids, boards, views, forms and the navigation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.errors import Place
from engine.metamodel.action import Values
from engine.metamodel.expression import Expression


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column of a grid or a related list: a path (`account.owner.name`), and how it is shown."""

    path: str
    label: str = ""
    widget: str = ""  # `as:` in YAML
    place: Place


@dataclass(frozen=True, kw_only=True)
class GridView:
    """A named preset of a grid."""

    name: str
    label: str
    columns: tuple[Column, ...] = ()
    sort: tuple[str, ...] = ()
    filters: Mapping[str, object] = field(default_factory=dict)  # property -> value, by equality
    where: Expression | None = None
    default_for: tuple[str, ...] = ()
    place: Place


@dataclass(frozen=True, kw_only=True)
class Grid:
    """The list page of an entity. `sort` entries are paths, with a leading "-" for descending."""

    entity: str
    columns: tuple[Column, ...]
    sort: tuple[str, ...] = ()
    filters: tuple[str, ...] = ()
    views: Mapping[str, GridView] = field(default_factory=dict)
    page_size: int = 50
    place: Place


@dataclass(frozen=True, kw_only=True)
class Board:
    """Records as cards, in a column for each value of a state or choice (`by`); `columns` leaves some out.

    `title`, `badge`, `total` and `weighted` are paths, "" where none is declared; `funnel`: it has one.
    """

    name: str
    label: str
    entity: str
    by: str
    icon: str = ""
    columns: tuple[str, ...] = ()
    title: str = ""
    lines: tuple[Column, ...] = ()
    badge: str = ""
    total: str = ""
    funnel: bool = False
    weighted: str = ""
    where: Expression | None = None
    sort: tuple[str, ...] = ()
    filters: tuple[str, ...] = ()
    cards: int = 20
    place: Place


@dataclass(frozen=True, kw_only=True)
class Section:
    """A titled block of properties on a view or form page."""

    title: str
    fields: tuple[Column, ...]
    columns: int = 2
    aside: bool = False
    tab: str = ""
    place: Place


@dataclass(frozen=True, kw_only=True)
class Related:
    """A list of related records (a composition, an inverse, a many-to-many) on a view or form page."""

    relation: str
    label: str = ""
    columns: tuple[Column, ...] = ()
    sort: tuple[str, ...] = ()
    rows: int = 10
    tab: str = ""
    place: Place


@dataclass(frozen=True, kw_only=True)
class Timeline:
    """The history of the record, as a block of a view page."""

    title: str
    tab: str = ""
    place: Place


Block = Section | Related | Timeline


WORDS = ("edit", "copy", "history", "share", "delete")
"""What the page of every record offers, as `actions` of a view call it."""


@dataclass(frozen=True, kw_only=True)
class ViewAction:
    """A button of a view page: a transition or button of the entity by its name, or a word of `WORDS`.

    `create`: it leads to the form of a new record of the entity `name`, with `values` filled in.
    """

    name: str
    place: Place
    word: bool = False
    create: bool = False
    label: str = ""
    icon: str = ""
    values: Values = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class View:
    """The page of one record; `actions` are None where nobody says which buttons it shows."""

    entity: str
    layout: tuple[Block, ...]
    actions: tuple[ViewAction, ...] | None = None
    place: Place


@dataclass(frozen=True, kw_only=True)
class Form:
    """The page that creates and edits a record. A Related block of a composition edits child rows."""

    entity: str
    layout: tuple[Section | Related, ...]
    place: Place


@dataclass(frozen=True, kw_only=True)
class NavigationItem:
    """A link to an entity's grid (`view` names a preset) or board, or a menu with items of its own."""

    label: str
    icon: str = ""
    entity: str = ""
    view: str = ""
    board: str = ""
    items: tuple[NavigationItem, ...] = ()
    roles: frozenset[str] | None = None
    place: Place
