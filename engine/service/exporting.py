"""Exporting a list: what its reader may export of what they may read, a page at a time, as rows of texts.

Nothing is held between two pages: a slow reader holds up nobody, and a list of any length costs the memory of a page.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from engine.access import access
from engine.errors import BadQuery
from engine.metamodel.property import Property
from engine.metamodel.relation import Inverse, Relation
from engine.reading.filters import Restriction
from engine.reading.find import LARGEST_PAGE, find
from engine.reading.query import Link, Page, Query
from engine.reading.selection import Selection
from engine.work.context import Context

Write = Callable[[Any], tuple[str, ...]]

RISKY = re.compile(r"^[=+\-@\t\r\n＝＋－＠|%]")
"""How a cell begins that some spreadsheet takes for a formula, or what may hide one."""

NUMBER = re.compile(r"^[+-]?[0-9]+([.,][0-9]+)*(E[+-]?[0-9]+)?%?$")


@dataclass(frozen=True)
class Column:
    """A path that is exported, the heads of its cells, and how its value is written in them."""

    path: str
    heads: tuple[str, ...]
    write: Write


@dataclass(frozen=True)
class Export:
    """An export that was begun: what is asked, and its columns."""

    entity: str
    query: Query
    columns: tuple[Column, ...]


def begin(context: Context, entity: str, query: Query) -> Export:
    """An export of the query's fields, or without any of all that may be exported.

    Raises Forbidden without the grant `export`, BadQuery for what can't be listed or is not exported.
    """
    access.require(context, entity, "export")
    asked_for = query.fields or everything(context, entity)
    fields = tuple(path for path in asked_for if path != "id")  # which every row begins with
    columns = tuple(_column(path, exported(context, entity, path)) for path in fields)
    asked = replace(query, fields=fields, limit=LARGEST_PAGE, after=None, before=None, count="none")
    return Export(entity, asked, columns)


def everything(context: Context, entity: str) -> tuple[str, ...]:
    """All members that the actor may read and that are exported: properties, and relations to one record or many."""
    declared, readable = context.runtime.entities[entity], access.readable(context, entity)
    names = [prop.name for prop in declared.properties.values() if prop.name in readable and _goes_out(prop)]
    kept = [each for each in declared.relations.values() if each.holds_key or each.kind == "many_to_many"]
    return (*names, *(each.name for each in kept if each.name in readable))


def exported(context: Context, entity: str, path: str) -> Property | Relation | Inverse:
    """What stands at a path; raises BadQuery where the actor can't read it, or it never leaves."""
    member = Selection(context, entity).spot(path).member
    if isinstance(member, Property) and not _goes_out(member):
        raise BadQuery("not-exported", path, f"{path!r} is not exported")
    return member


def _goes_out(prop: Property) -> bool:
    return prop.exportable and not prop.type.secret


def rows(context: Context, export: Export, after: str | None = None) -> Page:
    """The next page: records that the actor may both read and export. `after` is the page before's `next`."""
    return find(
        context, export.entity, replace(export.query, after=after), _exportable(context, export.entity)
    )


def _exportable(context: Context, entity: str) -> Restriction:
    def condition(table: sa.FromClause) -> sa.ColumnElement[bool]:
        found = access.predicate(context, entity, "export", table)
        return sa.true() if found is None else found

    return Restriction(f"{entity} exported", condition)


# ---- CSV


def csv_head(export: Export) -> str:
    """The first line: the paths, a relation's id beside its title."""
    return _lines([["id", *(head for column in export.columns for head in column.heads)]])


def csv_rows(export: Export, page: Page) -> str:
    """The lines of a page (RFC 4180)."""
    writers = [column.write for column in export.columns]
    return _lines(_row(row.id, row.cells, writers) for row in page.rows)


def _row(number: int, cells: tuple[Any, ...], writers: list[Write]) -> list[str]:
    found = [str(number)]
    for value, write in zip(cells, writers, strict=True):
        found += map(harmless, write(value))
    return found


def _lines(several: Iterable[list[str]]) -> str:
    written = io.StringIO()
    csv.writer(written, lineterminator="\r\n").writerows(several)
    return written.getvalue()


def harmless(cell: str) -> str:
    """A cell that no spreadsheet runs: an apostrophe stands before what begins like a formula, and is no number.

    So it does before a cell that has begun with apostrophes and a formula all along: `as_it_was` gives each back.
    """
    return f"'{cell}" if _runs(cell) else cell


def as_it_was(cell: str) -> str:
    """A cell as it was before `harmless`."""
    return cell[1:] if cell.startswith("'") and _runs(cell) else cell


def _runs(cell: str) -> bool:
    bare = cell.lstrip("'")
    return RISKY.match(bare) is not None and not NUMBER.match(bare)


# ---- columns


def _column(path: str, member: Property | Relation | Inverse) -> Column:
    if isinstance(member, Property):
        write = member.type.to_export
        return Column(path, (path,), lambda value: ("" if value is None else write(value),))
    if not member.to_one:
        return Column(path, (path,), lambda links: ("; ".join(link.title for link in links or ()),))
    if member.polymorphic:
        return Column(path, (path, f"{path}.entity", f"{path}.id"), _link_of_several)
    return Column(path, (path, f"{path}.id"), _link)


def _link(link: Link | None) -> tuple[str, ...]:
    return ("", "") if link is None else (link.title, str(link.id))


def _link_of_several(link: Link | None) -> tuple[str, ...]:
    return ("", "", "") if link is None else (link.title, link.entity, str(link.id))
