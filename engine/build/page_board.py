"""How a board is planned: its columns, what its cards show, in which order, and what it can be filtered by."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from engine.build.page import Member, members_of, resolve
from engine.build.page_grid import grid_plan, sortable
from engine.declared.application import Application
from engine.metamodel.expression import Expression
from engine.metamodel.page import Column
from engine.types.base import Choice


@dataclass(frozen=True, kw_only=True)
class BoardPlan:
    """A board. Members are None where nothing is declared; the card then shows the record's own title."""

    name: str
    label: str
    entity: str
    by: Member
    columns: tuple[Choice, ...]
    whole: bool  # every value has a column
    title: Member | None
    lines: tuple[Member, ...]
    badge: Member | None
    total: Member | None
    funnel: bool
    weighted: Member | None
    sort: tuple[str, ...]
    filters: tuple[Member, ...]
    where: Expression | None
    cards: int


def board_plan(application: Application, name: str) -> BoardPlan:
    """The plan of a board."""
    board = application.boards[name]
    entity, grid = board.entity, grid_plan(application, board.entity)
    by = resolve(application, entity, board.by)
    assert by is not None
    assert by.prop is not None
    options = by.prop.type.control().options
    listed = [option for option in options if option.name in board.columns] if board.columns else options
    filters = members_of(
        application, entity, [Column(path=path, place=board.place) for path in board.filters]
    )
    badge = _member(application, entity, board.badge)
    return BoardPlan(
        name=name,
        label=board.label,
        entity=entity,
        by=by,
        columns=tuple(listed),
        whole=not board.columns,
        title=_member(application, entity, board.title),
        lines=members_of(application, entity, board.lines),
        badge=badge,
        total=_member(application, entity, board.total),
        funnel=board.funnel,
        weighted=_member(application, entity, board.weighted),
        sort=sortable(application, entity, board.sort) or grid.sort,
        filters=tuple(_others(filters or grid.filters, board.by)),
        where=board.where,
        cards=board.cards,
    )


def boards_of(application: Application, entity: str) -> tuple[str, ...]:
    """The names of an entity's boards."""
    return tuple(name for name, board in application.boards.items() if board.entity == entity)


def _member(application: Application, entity: str, path: str) -> Member | None:
    return resolve(application, entity, path) if path else None


def _others(members: Iterable[Member], by: str) -> Iterable[Member]:
    """What can be filtered by, but for what the columns are made of."""
    return (member for member in members if member.path != by)
