"""The cards of a board: drawn as finished HTML, by functions made once per reader, as the rows of lists are."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

from engine.build.page import PERSON, Member
from engine.build.page_board import BoardPlan
from engine.pages import cells
from engine.pages.listing import remembering, visible
from engine.reading.query import Link, Row
from engine.types.display import Display
from engine.web.markup import icon_use
from engine.work.context import Context
from engine.work.plans import kept

Part = Callable[[Row], str]
"""How a part of a card is drawn; "" where the record has nothing there."""

ELLIPSIS = str(icon_use("ellipsis"))


@dataclass(frozen=True)
class Cards:
    """How the cards of a board are drawn for a reader; `fields` is what to ask the record service for.

    `flow` is the workflow that moves a record, "" where all of them are moved by the same.
    """

    entity: str
    fields: tuple[str, ...]
    title: Part
    badge: Part
    lines: tuple[Part, ...]
    flow: Part

    def drawn(self, rows: Iterable[Row], moving: Collection[str]) -> Markup:
        """The cards of some records; those that a workflow of `moving` moves have a menu of where they can go."""
        return Markup("".join([self._card(row, moving) for row in rows]))

    def _card(self, row: Row, moving: Collection[str]) -> str:
        title, flow = escape(self.title(row)), self.flow(row)
        menu, moves = "", flow in moving
        if moves:
            menu = (
                '<button class="btn btn-sm btn-icon card-menu needs-script" type="button" data-card-menu '
                f'aria-haspopup="menu" aria-label="Move {title}">{ELLIPSIS}</button>'
            )
        badge, lines = self.badge(row), "".join([line(row) for line in self.lines])
        below = f'<dl class="card-lines">{lines}</dl>' if lines else ""
        foot = f'<div class="card-foot">{badge}</div>' if badge else ""
        css = "card card-moves" if moves else "card"
        follows = f' data-flow="{flow}"' if flow else ""
        return (
            f'<li class="{css}"{follows} data-id="{row.id}" data-version="{row.version}"><div class="card-head">'
            f'<a class="card-title" draggable="false" href="/{self.entity}/{row.id}">{title}</a>{menu}</div>'
            f"{below}{foot}</li>"
        )


def cards_of(context: Context, plan: BoardPlan) -> Cards:
    """How this reader sees the cards of a board; made once per runtime, roles and language."""
    key = ("cards", plan.name, context.actor.roles, context.actor.display)
    return kept(context.runtime, key, lambda: _compile(context, plan))


def _compile(context: Context, plan: BoardPlan) -> Cards:
    display = context.actor.display
    title, badge = (
        each if each is not None and visible(context, each) else None for each in (plan.title, plan.badge)
    )
    lines = [each for each in plan.lines if visible(context, each)]
    typed = by_type(context, plan)
    shown = [each.path for each in (title, badge, *lines) if each is not None]
    fields = tuple(dict.fromkeys([*shown, *(["record_type"] if typed else [])]))
    places = {path: place for place, path in enumerate(fields)}
    return Cards(
        plan.entity,
        fields,
        _title(title, places, display),
        _part(badge, places, display) if badge is not None else lambda row: "",
        tuple(_part(each, places, display, labelled=True) for each in lines),
        _flow(context, plan, places["record_type"]) if typed else lambda row: "",
    )


def by_type(context: Context, plan: BoardPlan) -> bool:
    """Whether the cards of a board are moved by the workflow of their type, each by its own."""
    return plan.by.path in context.runtime.processes.by_type.get(plan.entity, ())


def _flow(context: Context, plan: BoardPlan, place: int) -> Part:
    processes = context.runtime.processes

    def flow(row: Row) -> str:
        found = processes.mover(plan.entity, plan.by.path, row.cells[place])
        return found.workflow.name if found is not None else "-"

    return flow


def _title(member: Member | None, places: dict[str, int], display: Display) -> Part:
    """What leads to the record: a member of it, or where that is empty the record's own title."""
    if member is None:
        return lambda row: row.title
    place, prop = places[member.path], member.prop

    def title(row: Row) -> str:
        value = row.cells[place]
        if isinstance(value, Link):
            return value.title
        if value is None or value == "" or prop is None:
            return row.title
        return prop.type.to_text(value, display)

    return title


def _part(member: Member, places: dict[str, int], display: Display, *, labelled: bool = False) -> Part:
    """A value where it has one line, drawn once and remembered."""
    place = places[member.path]
    before = f'<div><dt class="visually-hidden">{escape(member.label)}</dt><dd>' if labelled else ""
    after = "</dd></div>" if labelled else ""
    draw = remembering(lambda value: f"{before}{_short(member, value, display)}{after}")

    def part(row: Row) -> str:
        value = row.cells[place]
        return "" if value is None or value == () or value == "" else draw(value)

    return part


def _short(member: Member, value: Any, display: Display) -> str:
    if member.prop is not None:
        return cells.drawn_briefly(member.prop.type.show(value, display))
    if isinstance(value, Link):
        if member.targets == (PERSON,):
            return f'<span class="person">{cells.avatar(value.title)}{escape(value.title)}</span>'
        return f'<span class="truncate">{escape(value.title)}</span>'
    return cells.links(value)
