"""Lists of records: the columns a reader may see, compiled once into functions that make finished rows.

A grid page draws thousands of cells; each column's cell is a closure made once per runtime, reader and
language, and remembers the values it has drawn. A template macro per cell is five times slower.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from markupsafe import Markup, escape

from engine.access import access
from engine.build.page import ColumnPlan, Member
from engine.pages import cells
from engine.reading.query import Link, Row
from engine.types.display import Display
from engine.work.context import Context
from engine.work.plans import kept

Cell = Callable[[Row], str]

MOST_REMEMBERED = 500
"""Values of a column whose cells are kept, as many as the longest page has rows; beyond that it begins anew."""

LONGEST_REMEMBERED = 100


@dataclass(frozen=True)
class Listing:
    """A compiled list: `fields` is what to ask the record service for, `row` makes a finished `<tr>`."""

    columns: tuple[ColumnPlan, ...]
    fields: tuple[str, ...]
    row: Cell

    def rows(self, found: Iterable[Row]) -> Markup:
        return Markup("".join(map(self.row, found)))

    @cached_property
    def head(self) -> Markup:
        """The cells of a plain header, that sorts nothing."""
        return Markup("".join(map(_head_cell, self.columns)))


def visible(context: Context, member: Member) -> bool:
    """Whether the reader may see a path: every step of it, and some of what it leads to."""
    if not all(name in access.readable(context, entity) for entity, name in member.steps):
        return False
    return not member.targets or any(access.may(context, target, "read") for target in member.targets)


def compiled(
    context: Context, entity: str, columns: Sequence[ColumnPlan], *, select: bool = False, suffix: str = ""
) -> Listing:
    """The listing of some columns for a reader, from the runtime's cache where it was made before.

    `select` begins each row with a checkbox; `suffix` follows the addresses of records.
    """
    display = context.actor.display
    paths = tuple((column.path, column.label, column.role, column.minor, column.part) for column in columns)
    key = ("listing", entity, paths, context.actor.roles, display, select, suffix)

    def made() -> Listing:
        seen = tuple(column for column in columns if visible(context, column.member))
        return _compile(entity, seen, display, select, suffix)

    return kept(context.runtime, key, made)


def _compile(
    entity: str, columns: tuple[ColumnPlan, ...], display: Display, select: bool, suffix: str
) -> Listing:
    fields = tuple(column.path for column in columns if column.path)
    places = {path: position for position, path in enumerate(fields)}
    made = [_cell(entity, column, places.get(column.path, -1), display, suffix) for column in columns]

    def row(record: Row) -> str:
        inner = "".join([cell(record) for cell in made])
        return f'<tr role="row" data-id="{record.id}">{_checkbox(record) if select else ""}{inner}</tr>'

    return Listing(columns, fields, row)


def _head_cell(column: ColumnPlan) -> str:
    css = " ".join(name for name, has in (("num", column.numeric), ("col-minor", column.minor)) if has)
    given = f' class="{css}"' if css else ""
    return f'<th role="columnheader" scope="col"{given}>{escape(column.label)}</th>'


def _checkbox(record: Row) -> str:
    label = f"Select {escape(record.title)}"
    return (
        '<td role="cell" class="col-check"><input type="checkbox" form="bulk" name="id" '
        f'value="{record.id}" aria-label="{label}" autocomplete="off"></td>'
    )


def _cell(entity: str, column: ColumnPlan, position: int, display: Display, suffix: str) -> Cell:
    """How a column's cell is made from a row: the whole element, values drawn once and remembered."""
    if column.role == "title":
        return _title_cell(entity, column, position, display, suffix)
    draw = _relation_cell(column) if column.member.targets else _property_cell(column, display)
    empty = f'<td role="cell"{_classes(column, "col-empty")}></td>'

    def cell(record: Row) -> str:
        value = record.cells[position]
        return empty if value is None or value == () else draw(value)

    return cell


def _classes(column: ColumnPlan, *more: str) -> str:
    named = {
        "num": column.numeric,
        "col-id": column.role == "number",
        "col-minor": column.minor,
        "col-part": column.part,
    }
    css = " ".join((*(name for name, has in named.items() if has), *more))
    return f' class="{css}"' if css else ""


def _relation_cell(column: ColumnPlan) -> Callable[[Any], str]:
    if column.member.many:
        head = f'<td role="cell"{_classes(column, "col-tags")}>'
        return remembering(lambda value: f"{head}{cells.links(value)}</td>")
    if column.role == "person":
        head = f'<td role="cell"{_classes(column, "col-person")}>'
        return remembering(lambda value: f"{head}{cells.person(value)}</td>")
    head = f'<td role="cell"{_classes(column, "col-rel")}>'

    def fresh(value: Link) -> str:
        title = escape(value.title)
        return f'{head}<a class="truncate" href="/{value.entity}/{value.id}" title="{title}">{title}</a></td>'

    return remembering(fresh)


def _property_cell(column: ColumnPlan, display: Display) -> Callable[[Any], str]:
    prop = column.member.prop
    assert prop is not None
    show, css = prop.type.show, _classes(column)
    named = f' data-label="{escape(column.label)}"'

    def fresh(value: Any) -> str:
        shown = show(value, display)
        label = named if shown.kind in ("text", "check", "due", "code") else ""
        return f'<td role="cell"{css}{label}>{cells.drawn_briefly(shown)}</td>'

    return remembering(fresh)


def remembering(fresh: Callable[[Any], str]) -> Callable[[Any], str]:
    """The same function, keeping what it answered for some values: a column has few, or the same page is asked for."""
    remembered: dict[Hashable, str] = {}

    def cell(value: Any) -> str:
        try:
            found = remembered.get(value)
        except TypeError:  # a value that can't be hashed (JSON)
            return fresh(value)
        if found is None:
            found = fresh(value)
            short = not isinstance(value, str) or len(value) <= LONGEST_REMEMBERED
            if short:
                if len(remembered) >= MOST_REMEMBERED:
                    remembered.clear()
                remembered[value] = found
        return found

    return cell


def _title_cell(entity: str, column: ColumnPlan, position: int, display: Display, suffix: str) -> Cell:
    """The cell that leads to the record. Where its property is empty, the record's whole title stands."""
    prop = column.member.prop

    def words(record: Row) -> str:
        value = record.cells[position] if position >= 0 else None
        if value is None or value == "":
            return record.title
        if isinstance(value, Link):
            return value.title
        return prop.type.to_text(value, display) if prop is not None else record.title

    def cell(record: Row) -> str:
        text = escape(words(record))
        return (
            '<th role="rowheader" scope="row" class="col-title">'
            f'<a class="truncate" href="/{entity}/{record.id}{suffix}" title="{text}">{text}</a></th>'
        )

    def cell_of_part(record: Row) -> str:
        """Beside the other parts only its own; on a phone, where they are left out, the whole title."""
        address = f"/{entity}/{record.id}{suffix}"
        own = f'<span class="not-phone">{escape(words(record))}</span>'
        whole = f'<span class="only-phone">{escape(record.title)}</span>'
        return (
            '<th role="rowheader" scope="row" class="col-title is-part">'
            f'<a class="truncate" href="{address}">{own}{whole}</a></th>'
        )

    return cell_of_part if column.part else cell
