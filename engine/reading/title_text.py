"""The title of a record in SQL: the text that is shown, for the order of lists and for what is looked for in them.

`Selection.title` reads the same title from a row. Here it is one clause, as far as the database can say it:
what is shown in the reader's own way (numbers, amounts, days) has no text there, and is told apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from engine.errors import BadQuery
from engine.metamodel.entity import Entity
from engine.metamodel.property import Property
from engine.metamodel.relation import Inverse, Relation
from engine.reading.selection import TITLE_DEPTH, Selection, Spot
from engine.text.template import ENDS, Field

Clause = sa.ColumnElement[Any]
TEXT = sa.Text()


@dataclass(frozen=True, slots=True)
class Text:
    """A part of a title that is a text in the database too. `constant`: words of the template."""

    clause: Clause
    constant: bool = False
    nullable: bool = True


@dataclass(frozen=True, slots=True)
class Valued:
    """A part whose text depends on who reads it: what orders it stands for it."""

    columns: tuple[Clause, ...]


Piece = Text | Valued


def pieces(selection: Selection, entity: Entity, step: tuple[str, ...], depth: int = 0) -> list[Piece]:
    """The parts of the title of a record that has been joined; those the actor may not read are left out."""
    found: list[Piece] = []
    for part in entity.title.parts:
        if isinstance(part, Field):
            found += _field(selection, entity, part, step, depth)
        else:
            found.append(Text(sa.literal(part, TEXT), constant=True, nullable=False))
    return found


def _field(
    selection: Selection, entity: Entity, part: Field, step: tuple[str, ...], depth: int
) -> list[Piece]:
    try:
        spot = selection.spot(part.path, entity, step)
    except BadQuery:
        return []
    if isinstance(spot.member, Property):
        return _property(selection, spot, spot.member, further=spot.step != step)
    if not spot.member.to_one or depth >= TITLE_DEPTH:
        return []
    return _related(selection, spot, spot.member, depth)


def _property(selection: Selection, spot: Spot, prop: Property, *, further: bool) -> list[Piece]:
    """`further`: of a record that may be missing, where the one the title is of is there."""
    columns = selection.columns_of(spot)
    text = prop.type.text_clause(columns)
    if text is not None:
        return [Text(text, nullable=further or getattr(text, "nullable", True))]
    return [Valued(prop.type.sort_columns(columns))] if prop.type.sortable else []


def _related(selection: Selection, spot: Spot, relation: Relation | Inverse, depth: int) -> list[Piece]:
    """The title of the record that a part leads to; of one of several entities, that of the one there is."""
    titles: list[tuple[Clause, Clause]] = []
    for position, target in enumerate(relation.targets):
        further = selection.join(spot.entity, relation, position, spot.step)
        entity = selection.runtime.entities[target]
        inner = pieces(selection, entity, further, depth + 1)
        if len(relation.targets) == 1 and any(isinstance(piece, Valued) for piece in inner):
            return inner
        there = selection.source_of(further).c["id"]
        titles.append((there.is_not(None), _put_together(selection, entity, further, inner)))
    return [Text(sa.case(*titles))]


def whole(selection: Selection, entity: Entity, step: tuple[str, ...]) -> Clause:
    """The text of a title, as far as the database can say it: as shown, where none of its parts is a value."""
    return _put_together(selection, entity, step, pieces(selection, entity, step))


def _put_together(
    selection: Selection, entity: Entity, step: tuple[str, ...], found: Sequence[Piece]
) -> Clause:
    texts = [piece for piece in found if isinstance(piece, Text)]
    lone = len(entity.title.parts) == 1 and len(texts) == 1
    if lone and not texts[0].nullable:
        return texts[0].clause
    text = shown(texts)
    if not lone:
        trim = sa.func.trim if selection.runtime.dialect == "sqlite" else sa.func.btrim
        text = trim(text, sa.literal(ENDS, TEXT))
    number = sa.cast(selection.source_of(step).c["id"], TEXT)
    unnamed = sa.literal(f"{entity.label} #", TEXT).concat(number)
    return sa.func.coalesce(sa.func.nullif(text, sa.literal("", TEXT)), unnamed, type_=TEXT)


def shown(texts: Sequence[Text]) -> Clause:
    """Several parts, one after the other; what is null is an empty text."""
    made: Clause = sa.literal("", TEXT)
    for position, piece in enumerate(texts):
        empty = sa.literal("", TEXT)
        clause = sa.func.coalesce(piece.clause, empty, type_=TEXT) if piece.nullable else piece.clause
        made = sa.type_coerce(clause, TEXT) if position == 0 else made.concat(sa.type_coerce(clause, TEXT))
    return made


def code_points(selection: Selection, text: Clause) -> Clause:
    """A text made by the database, ordered as columns of texts are."""
    return text if selection.runtime.dialect == "sqlite" else sa.collate(text, "C")
