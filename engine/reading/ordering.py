"""The columns a list is ordered by: those of a property, or the titles of the records a relation leads to.

Titles are compared as they are shown, which is one text put together by the database. What stands in a title
in the reader's own way (numbers, amounts, days) is compared by its value at its place: 9 comes before 10.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from engine.errors import BadQuery
from engine.metamodel.property import Property
from engine.reading.selection import Selection, Spot
from engine.reading.title_text import Text, Valued, code_points, pieces, shown, whole

SortColumn = tuple[sa.ColumnElement[Any], bool]
"""A column to order by, and whether it can be null."""


def sort_columns(selection: Selection, path: str) -> list[SortColumn]:
    """The columns a path sorts by; raises BadQuery for what has no order."""
    spot = selection.spot(path)
    if isinstance(spot.member, Property):
        return _of_property(selection, spot, spot.member, path)
    relation = spot.member
    if not relation.to_one or relation.polymorphic:
        raise _unsortable(path)
    step = selection.join(spot.entity, relation, 0, spot.step)
    return _of_title(selection, relation.targets[0], step)


def _of_property(selection: Selection, spot: Spot, prop: Property, path: str) -> list[SortColumn]:
    if not prop.type.sortable:
        raise _unsortable(path)
    columns = prop.type.sort_columns(selection.columns_of(spot))
    return [(column, spot.optional or getattr(column, "nullable", True)) for column in columns]


def _unsortable(path: str) -> BadQuery:
    return BadQuery("unsortable", path, f"records can't be sorted by {path!r}")


def _of_title(selection: Selection, target: str, step: tuple[str, ...]) -> list[SortColumn]:
    """The title of a joined record: one text, or, with values among its words, the texts and values in turn."""
    entity = selection.runtime.entities[target]
    found = pieces(selection, entity, step)
    there = selection.source_of(step).c["id"]
    if all(isinstance(piece, Text) for piece in found):
        text = whole(selection, entity, step)
        lone = not getattr(text, "nullable", True)  # a column: null itself where there is no record
        return [(text if lone else code_points(selection, sa.case((there.is_not(None), text))), True)]
    columns: list[SortColumn] = []
    for run in _runs(found):
        if isinstance(run, Valued):
            columns += [(column, True) for column in run.columns]
        else:
            present = sa.case((there.is_not(None), shown(run)))
            columns.append((code_points(selection, present), True))
    return columns


def _runs(found: Sequence[Text | Valued]) -> list[Valued | list[Text]]:
    """The pieces of a title, the texts that stand next to each other together; words alone order nothing."""
    runs: list[Valued | list[Text]] = []
    for piece in found:
        if isinstance(piece, Valued):
            runs.append(piece)
        elif runs and isinstance(runs[-1], list):
            runs[-1].append(piece)
        else:
            runs.append([piece])
    return [run for run in runs if isinstance(run, Valued) or not all(piece.constant for piece in run)]
