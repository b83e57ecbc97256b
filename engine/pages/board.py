"""The board of an entity: its records as cards in columns, moved by transitions, or by a change of the choice."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from markupsafe import Markup
from starlette.responses import HTMLResponse, Response

from engine.access import access
from engine.build.page_board import BoardPlan, board_plan
from engine.errors import BadExpression, Conflict, Invalid, NotFound
from engine.pages.board_cards import Cards, by_type, cards_of
from engine.pages.filter_menus import filter_menus
from engine.pages.grid import Fault, board_links, faults_of, readable_sort
from engine.pages.grid_address import NOTHING, State, chosen_filters, state_of
from engine.pages.processes import asks, needs_page
from engine.process.several import firable
from engine.reading.query import Filter, Page, Query
from engine.reading.quick import has_texts
from engine.reading.totals import Totals, totals
from engine.service import records
from engine.web.markup import render
from engine.web.toast import Toast
from engine.web.visit import Visit, whole_number
from engine.work.context import Context
from engine.work.plans import kept

Ways = Mapping[str, list[dict[str, Any]]]
"""What moves a card out of a column: for each column it can go to, the transitions that lead there."""


@dataclass(frozen=True)
class Column:
    """A column with its first cards. `sums` are what a number of its records adds up to; `ways` lead out of it."""

    name: str
    label: str
    tone: str
    count: str
    sums: str
    cards: Markup
    empty: bool
    more_url: str
    all_url: str
    ways: Ways

    @property
    def ways_json(self) -> str:
        return json.dumps(self.ways, separators=(",", ":"))


@dataclass(frozen=True)
class Asked:
    """What the reader asked for, of a board they may see."""

    plan: BoardPlan
    state: State
    sort: tuple[str, ...]
    cards: Cards


def show_board(visit: Visit, context: Context) -> Response:
    """GET /{entity}/board/{name}; with `?column=&after=` further cards of one column, for scripts."""
    asked = asked_of(visit, context)
    ways = ways_of(context, asked.plan)
    if visit.query("column"):
        return _further(context, asked, visit.query("column"), ways)
    columns, faults = _columns(context, asked, ways)
    entity, state, plan = visit.entity, asked.state, asked.plan
    return visit.page(
        context,
        "board.html",
        title=plan.label,
        entity=entity,
        state=state,
        columns=columns,
        labels={each.name: each.label for each in columns},
        address=state.path,
        example=plan.by.path,
        moved_by="transition" if _by_state(context, plan) else "change",
        menus=tuple(filter_menus(context, plan.filters, state)),
        filtered=bool(state.text or state.filters or state.where),
        clear={"filter." + path: "" for path in state.filters},
        faults=faults,
        searchable=has_texts(entity),
        boards=board_links(context, entity, state),
        creates=access.may(context, entity.name, "create") and not entity.child_of,
    )


def asked_of(visit: Visit, context: Context, below: str = "") -> Asked:
    """The board that the address names, or a page below it; raises NotFound where the reader sees no columns."""
    entity, name = visit.entity, visit.request.path_params["name"]
    access.require(context, entity.name, "read")
    plan = _plan_of(context, entity.name, name)
    path = f"/{entity.name}/board/{name}{below}"
    state = replace(
        state_of(entity.name, visit.request.query_params), path=path, view="", sort=(), limit=0, trash=False
    )
    return Asked(plan, state, readable_sort(context, plan.sort, entity), cards_of(context, plan))


def _plan_of(context: Context, entity: str, name: str) -> BoardPlan:
    board = context.runtime.application.boards.get(name)
    if board is None or board.entity != entity or board.by not in access.readable(context, entity):
        raise NotFound(entity, name)
    return kept(context.runtime, ("board", name), lambda: board_plan(context.runtime.application, name))


# ---- what is on it


def _columns(context: Context, asked: Asked, ways: Mapping[str, Ways]) -> tuple[list[Column], list[Fault]]:
    """The columns; without cards where the condition somebody wrote is wrong, and what is wrong with it."""
    plan = asked.plan
    summed = (
        plan.total.path if plan.total and plan.total.path in access.readable(context, plan.entity) else ""
    )
    try:
        found = totals(context, plan.entity, plan.by.path, summed, query_of(context, asked, ()))
        return list(_each_column(context, asked, found, ways)), []
    except BadExpression as error:
        return [], faults_of(error)


def _each_column(context: Context, asked: Asked, found: Totals, ways: Mapping[str, Ways]) -> Iterator[Column]:
    plan = asked.plan
    named = [(choice.name, choice.label, choice.color, choice.active) for choice in plan.columns]
    if plan.whole and None in found.of:
        named.insert(0, (NOTHING, f"No {plan.by.label.lower()}", "", True))
    for name, label, tone, active in named:
        value = None if name == NOTHING else name
        if not active and value not in found.of:
            continue
        page = _page(context, asked, name, None) if value in found.of else None
        out = ways.get(name, {})
        yield Column(
            name=name,
            label=label,
            tone=tone,
            count=found.count(value),
            sums=_sums(context, plan, found, value),
            cards=asked.cards.drawn(page.rows, flows_of(out)) if page else Markup(""),
            empty=not (page and page.rows),
            more_url=_more(asked, name, page),
            all_url=replace(asked.state, path="").url(**{f"filter.{plan.by.path}": name}),
            ways=out,
        )


def query_of(context: Context, asked: Asked, more: Sequence[Filter], after: str | None = None) -> Query:
    state, plan = asked.state, asked.plan
    return Query(
        fields=asked.cards.fields,
        sort=asked.sort,
        filters=(*more, *chosen_filters(state)),
        text=state.text,
        where=(state.where,) if state.where else (),
        rules=(context.runtime.rule_of[plan.where],) if plan.where is not None else (),
        limit=plan.cards,
        after=after,
    )


def _page(context: Context, asked: Asked, column: str, after: str | None) -> Page:
    path = asked.plan.by.path
    mine = Filter(path, "empty") if column == NOTHING else Filter(path, "eq", column)
    return records.find(context, asked.plan.entity, query_of(context, asked, (mine,), after))


def _sums(context: Context, plan: BoardPlan, found: Totals, value: str | None) -> str:
    prop = plan.total.prop if plan.total is not None else None
    total = found.of.get(value)
    if prop is None or total is None:
        return ""
    return " + ".join(prop.type.to_text(each, context.actor.display) for each in total.sums)


def _more(asked: Asked, column: str, page: Page | None) -> str:
    return asked.state.url(column=column, after=page.next) if page is not None and page.next else ""


def _further(context: Context, asked: Asked, column: str, ways: Mapping[str, Ways]) -> Response:
    """The next cards of a column, and where those after them are."""
    known = {choice.name for choice in asked.plan.columns} | {NOTHING}
    if column not in known:
        raise NotFound(asked.plan.entity, column)
    page = _page(context, asked, column, asked.state.after or None)
    cards = asked.cards.drawn(page.rows, flows_of(ways.get(column, {})))
    return HTMLResponse(render("board_more.html", cards=cards, more_url=_more(asked, column, page)))


# ---- what moves a card


def flows_of(ways: Ways) -> frozenset[str]:
    """The workflows that lead out of a column; "" where all records are moved by the same."""
    return frozenset(way["flow"] for several in ways.values() for way in several)


def _by_state(context: Context, plan: BoardPlan) -> bool:
    return plan.by.prop is not None and plan.by.prop.type.moved


def ways_of(context: Context, plan: BoardPlan) -> dict[str, Ways]:
    """By column, what leads out of it as far as the reader's roles go; what one card lacks is told when it is moved."""
    return _transitions(context, plan) if _by_state(context, plan) else _changes(context, plan)


def _changes(context: Context, plan: BoardPlan) -> dict[str, Ways]:
    """The ways of a board by a choice: whoever may change it moves a card anywhere."""
    path = plan.by.path
    if path not in access.writable(context, plan.entity) or not access.may(context, plan.entity, "update"):
        return {}
    columns = [choice for choice in plan.columns if choice.active]
    return {
        source: {
            choice.name: [_way("", f"Move to {choice.label}")] for choice in columns if choice.name != source
        }
        for source in (NOTHING, *(choice.name for choice in plan.columns))
    }


def _transitions(context: Context, plan: BoardPlan) -> dict[str, Ways]:
    """The ways of a board of states: the transitions of their workflow."""
    entity, shown = context.runtime.entities[plan.entity], {choice.name for choice in plan.columns}
    typed = by_type(context, plan)
    known = {
        name: each.workflow.name if typed else ""
        for each in context.runtime.processes.of(entity.name)
        if each.workflow.member == plan.by.path
        for name in each.workflow.transitions
    }
    found: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for transition in firable(context, entity.name):
        if transition.name not in known:
            continue
        way = {
            **_way(transition.name, transition.label, known[transition.name]),
            "asks": asks(transition),
            "apart": needs_page(entity, transition),
        }
        for source in transition.sources:
            for target in shown & set(transition.targets) - {source}:
                found.setdefault(source, {}).setdefault(target, []).append(way)
    places = {choice.name: place for place, choice in enumerate(plan.columns)}
    return {
        source: dict(sorted(targets.items(), key=lambda item: places[item[0]]))
        for source, targets in found.items()
    }


def _way(name: str, label: str, flow: str = "") -> dict[str, Any]:
    """`flow` is the workflow whose records it moves, "" where it moves all of them."""
    return {"name": name, "label": label, "flow": flow, "asks": False, "apart": False}


def move_card(visit: Visit) -> Response:
    """POST /{entity}/board/{name}: `id` gets the choice `to`. Of a board of states transitions do that."""
    entity, name = visit.entity, visit.request.path_params["name"]
    number, version = whole_number(visit.text("id")), whole_number(visit.text("_version"))
    with visit.read() as context:
        plan = _plan_of(context, entity.name, name)
        choice = next((each for each in plan.columns if each.name == visit.text("to")), None)
        if number is None or choice is None or _by_state(context, plan):
            raise NotFound(entity.name, name)
    back = visit.next_path or f"/{entity.name}/board/{name}"
    values = {plan.by.path: choice.name}
    try:
        moved = visit.write(lambda unit: records.update(unit, entity.name, number, values, version))
    except (Invalid, Conflict) as refused:
        conflict = isinstance(refused, Conflict)
        reasons = [CHANGED] if isinstance(refused, Conflict) else [each.message for each in refused.errors]
        with visit.read() as context:
            return visit.page(
                context,
                "refused.html",
                title=f"It can't be moved to {choice.label}",
                status=409 if conflict else 422,
                reasons=reasons,
                back=back,
            )
    return visit.go(back, Toast(f"{entity.label} {moved.title} is now {choice.label}."))


CHANGED = "Somebody changed it while you were looking. Look again, then move it if you still mean to."
