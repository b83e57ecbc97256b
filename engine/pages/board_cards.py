"""The cards of a board: drawn as finished HTML, by functions made once per reader, as the rows of lists are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

from engine.build.page import PERSON, Member
from engine.build.page_board import BoardPlan
from engine.pages import cells
from engine.pages.listing import visible
from engine.reading.query import Link, Row
from engine.types.display import Display
from engine.web.markup import icon_use
from engine.work.context import Context
from engine.work.plans import kept


@dataclass(frozen=True)
class Cards:
    """How the cards of a board are drawn for a reader; `fields` is what to ask the record service for."""

    entity: str
    title: Member | None
    lines: tuple[Member, ...]
    badge: Member | None
    display: Display

    @property
    def fields(self) -> tuple[str, ...]:
        return tuple(member.path for member in self._members())

    def _members(self) -> list[Member]:
        return [each for each in (self.title, self.badge, *self.lines) if each is not None]

    def drawn(self, rows: Iterable[Row], moves: bool) -> Markup:
        """The cards of some records; with `moves` each has a button for the menu of where it can go."""
        return Markup("".join(self._card(row, moves) for row in rows))

    def _card(self, row: Row, moves: bool) -> str:
        values = dict(zip(self.fields, row.cells, strict=True))
        title = escape(self._title(row, values))
        menu = ""
        if moves:
            menu = (
                f'<button class="btn btn-sm btn-icon card-menu needs-script" type="button" data-card-menu '
                f'aria-haspopup="menu" aria-label="Move {title}">{icon_use("ellipsis")}</button>'
            )
        badge = _short(self.badge, values, self.display) if self.badge is not None else ""
        lines = "".join(filter(None, (_line(member, values, self.display) for member in self.lines)))
        below = f'<dl class="card-lines">{lines}</dl>' if lines else ""
        foot = f'<div class="card-foot">{badge}</div>' if badge else ""
        return (
            f'<li class="card{" card-moves" if moves else ""}" data-id="{row.id}" data-version="{row.version}">'
            f'<div class="card-head"><a class="card-title" draggable="false" href="/{self.entity}/{row.id}">{title}</a>'
            f"{menu}</div>{below}{foot}</li>"
        )

    def _title(self, row: Row, values: dict[str, Any]) -> str:
        value = values.get(self.title.path) if self.title is not None else None
        if self.title is None or value is None or value == "":
            return row.title
        if isinstance(value, Link):
            return value.title
        return self.title.prop.type.to_text(value, self.display) if self.title.prop is not None else row.title


def cards_of(context: Context, plan: BoardPlan) -> Cards:
    """How this reader sees the cards of a board; made once per runtime, roles and language."""
    key = ("cards", plan.name, context.actor.roles, context.actor.display)

    def made() -> Cards:
        seen = [each for each in plan.lines if visible(context, each)]
        title, badge = (
            each if each is not None and visible(context, each) else None for each in (plan.title, plan.badge)
        )
        return Cards(plan.entity, title, tuple(seen), badge, context.actor.display)

    return kept(context.runtime, key, made)


def _line(member: Member, values: dict[str, Any], display: Display) -> str:
    shown = _short(member, values, display)
    return (
        f'<div><dt class="visually-hidden">{escape(member.label)}</dt><dd>{shown}</dd></div>' if shown else ""
    )


def _short(member: Member, values: dict[str, Any], display: Display) -> str:
    """A value where it has one line; "" for none."""
    value = values.get(member.path)
    if value is None or value == () or value == "":
        return ""
    if member.prop is not None:
        return str(cells.drawn_briefly(member.prop.type.show(value, display)))
    if isinstance(value, Link):
        if member.targets == (PERSON,):
            return f'<span class="person">{cells.avatar(value.title)}{escape(value.title)}</span>'
        return f'<span class="truncate">{escape(value.title)}</span>'
    return cells.links(value)
