"""The list page of an entity: what its address says, the query that follows, and the page."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from starlette.datastructures import QueryParams
from starlette.responses import Response

from engine.access import access
from engine.build.page import ColumnPlan, GridPlan, ViewTab
from engine.build.page_board import boards_of
from engine.build.page_grid import grid_plan
from engine.errors import BadExpression, BadQuery, ExpressionFault
from engine.metamodel.entity import Entity
from engine.pages.filter_menus import filter_menus
from engine.pages.grid_address import PAGE_SIZES, PREFIX, State, chosen_filters, state_of
from engine.pages.listing import Listing, compiled
from engine.process.several import firable, pressable
from engine.reading.query import Page, Query
from engine.reading.quick import has_texts
from engine.service import records
from engine.web.visit import Visit
from engine.work.context import Actor, Context
from engine.work.plans import kept

EVERYTHING = "-"
"""The view of all records, for readers whom the bare address shows another; no view can be called so."""


@dataclass(frozen=True)
class Header:
    """The head of a column. `direction` is `ascending`, `descending` or ""."""

    label: str
    sort: str
    direction: str
    url: str
    numeric: bool
    minor: bool


def plan_of(context: Context, entity: str) -> GridPlan:
    """The plan of an entity's grid, made once per runtime."""
    return kept(context.runtime, ("grid", entity), lambda: grid_plan(context.runtime.application, entity))


def show_grid(visit: Visit, context: Context) -> Response:
    """GET /{entity}"""
    entity = visit.entity
    access.require(context, entity.name, "read")
    if entity.singleton:
        return _only_record(visit, context, entity)
    plan = plan_of(context, entity.name)
    opening = plan.opening(context.actor.roles)
    state, tab = _opened(plan, opening, state_of(entity.name, visit.request.query_params))
    columns = tab.columns if tab else plan.columns
    listing = compiled(context, entity.name, columns, select=True, suffix="?trash=1" if state.trash else "")
    sort = state.sort or readable_sort(context, tab.sort if tab else plan.sort, entity)
    page, faults = _found(context, entity, state, _query(context, state, plan, tab, listing.fields, sort))
    menus = tuple(filter_menus(context, plan.filters, state)) if not state.trash else ()
    response = visit.page(
        context,
        "grid.html",
        title=f"{entity.plural} in the trash" if state.trash else entity.plural,
        entity=entity,
        state=state,
        plan=plan,
        tab=tab,
        tabs=_tabs(plan, state, opening),
        headers=[_header(state, sort, column) for column in listing.columns],
        sorted_by=_sorted_by(listing, sort),
        rows=listing.rows(page.rows),
        page=page,
        count=_count(page),
        range=_range(state, page),
        menus=menus,
        filtered=bool(state.text or state.filters or state.where),
        faults=faults,
        clear={PREFIX + path: "" for path in state.filters},
        searchable=has_texts(entity),
        sizes=PAGE_SIZES,
        size=_size(state, plan),
        next_url=_next_url(state, plan, page),
        previous_url=_previous_url(state, plan, page),
        creates=access.may(context, entity.name, "create") and not entity.child_of,
        deletes=access.may(context, entity.name, "delete"),
        exports=access.may(context, entity.name, "export"),
        imports=_imports(context, entity.name) and not state.trash,
        boards=[] if state.trash else board_links(context, entity, state),
        transitions=() if state.trash else firable(context, entity.name),
        buttons=() if state.trash else pressable(context, entity.name),
    )
    if visit.partial:
        response.headers["HX-Push-Url"] = _address(state)
    return response


def _imports(context: Context, entity: str) -> bool:
    may = {action: access.may(context, entity, action) for action in ("import", "create", "update")}
    return may["import"] and (may["create"] or may["update"])


def _opened(plan: GridPlan, opening: ViewTab | None, state: State) -> tuple[State, ViewTab | None]:
    """The view that an address means; the bare one means that which the grid opens with."""
    if opening is not None and state.bare:
        state = replace(state, view=opening.name)
    tab = plan.tab(state.view)
    if state.view not in ("", EVERYTHING) and tab is None:
        known = ", ".join(each.name for each in plan.tabs) or "none"
        raise BadQuery(
            "unknown-view", state.view, f"There is no view {state.view!r} here; there are: {known}."
        )
    return state, tab


def asked_at(context: Context, actor: Actor, entity: str, parameters: QueryParams) -> Query:
    """What the list at an address asks of its records when somebody looks at it."""
    plan = plan_of(context, entity)
    state, tab = _opened(plan, plan.opening(actor.roles), state_of(entity, parameters))
    seen = replace(context, actor=actor, kept={})
    listing = compiled(seen, entity, tab.columns if tab else plan.columns, select=True)
    return replace(_query(context, state, plan, tab, (), ()), looks=listing.fields)


def query_shown(context: Context, entity: Entity, parameters: QueryParams) -> Query:
    """What the list at an address asks when the reader looks at it, with its columns and its order."""
    plan = plan_of(context, entity.name)
    state, tab = _opened(plan, plan.opening(context.actor.roles), state_of(entity.name, parameters))
    listing = compiled(context, entity.name, tab.columns if tab else plan.columns, select=True)
    sort = state.sort or readable_sort(context, tab.sort if tab else plan.sort, entity)
    return _query(context, state, plan, tab, listing.fields, sort)


def _address(state: State) -> str:
    """This very page's address, without what is empty."""
    if state.paged:
        return state.url(after=state.after, before=state.before, row=state.row)
    return state.url()


def _only_record(visit: Visit, context: Context, entity: Entity) -> Response:
    found = records.find(context, entity.name, Query(limit=1))
    return visit.go(f"/{entity.name}/{found.rows[0].id}" if found.rows else f"/{entity.name}/new")


# ---- the query


def _size(state: State, plan: GridPlan) -> int:
    return state.limit or min(max(plan.page_size, 1), PAGE_SIZES[-1])


def readable_sort(context: Context, sort: tuple[str, ...], entity: Entity) -> tuple[str, ...]:
    """The declared order, without what this reader may not read."""
    readable = access.readable(context, entity.name)
    return tuple(entry for entry in sort if entry.removeprefix("-").partition(".")[0] in readable)


def _found(context: Context, entity: Entity, state: State, query: Query) -> tuple[Page, list[Fault]]:
    """The page of records; none where the condition somebody wrote is wrong, and what is wrong with it."""
    try:
        return records.find(context, entity.name, query), []
    except BadExpression as error:
        return Page(entity.name, query.fields, ()), faults_of(error)


@dataclass(frozen=True)
class Fault:
    """A complaint about the condition: what stands before, at and after the words it is about."""

    before: str
    word: str
    after: str
    message: str
    hint: str


def faults_of(error: BadExpression) -> list[Fault]:
    """What is wrong with the condition somebody wrote."""
    return [_fault(error.text, each) for each in error.faults]


def _fault(text: str, fault: ExpressionFault) -> Fault:
    start, end = fault.start, max(fault.end, fault.start + 1)
    return Fault(text[:start], text[start:end] or " ", text[end:], fault.message, fault.hint)


def _query(
    context: Context,
    state: State,
    plan: GridPlan,
    tab: ViewTab | None,
    fields: tuple[str, ...],
    sort: tuple[str, ...],
) -> Query:
    return Query(
        fields=fields,
        sort=sort,
        filters=tuple(chosen_filters(state, tab)),
        text=state.text,
        looks=fields,
        where=(state.where,) if state.where else (),
        rules=(context.runtime.rule_of[tab.where],) if tab and tab.where else (),
        limit=_size(state, plan),
        after=state.after or None,
        before=state.before or None,
        count="capped",
        trash=state.trash,
    )


# ---- what stands around the rows


@dataclass(frozen=True)
class Shape:
    """Another page of the same records: a board."""

    label: str
    url: str
    current: bool = False


def board_links(context: Context, entity: Entity, state: State) -> list[Shape]:
    """The grid and the boards of an entity, with what was chosen; nothing where there is no board to be seen."""
    boards = context.runtime.application.boards
    readable = access.readable(context, entity.name)
    names = [
        name for name in boards_of(context.runtime.application, entity.name) if boards[name].by in readable
    ]
    if not names:
        return []
    plain = State(entity=entity.name, text=state.text, where=state.where, filters=state.filters)
    found = [Shape("Table", plain.url(), not state.path)]
    for name in names:
        path = f"/{entity.name}/board/{name}"
        found.append(Shape(boards[name].label, replace(plain, path=path).url(), path == state.path))
        if boards[name].funnel:
            below, label = f"{path}/funnel", "Funnel" if len(names) == 1 else f"{boards[name].label}: funnel"
            found.append(Shape(label, replace(plain, path=below).url(), below == state.path))
    return found


def _tabs(plan: GridPlan, state: State, opening: ViewTab | None) -> list[dict[str, Any]]:
    """All records, which is said where the bare address leads to another tab, and then the views."""
    if not plan.tabs or state.trash:
        return []
    plain = State(entity=state.entity, limit=state.limit, text=state.text)
    all_url = plain.url(view=EVERYTHING if opening is not None else "")
    everything = {"label": "All", "url": all_url, "current": state.view in ("", EVERYTHING)}
    return [
        everything,
        *(
            {"label": tab.label, "url": plain.url(view=tab.name), "current": state.view == tab.name}
            for tab in plan.tabs
        ),
    ]


def _header(state: State, sort: tuple[str, ...], column: ColumnPlan) -> Header:
    directions = {entry.removeprefix("-"): entry.startswith("-") for entry in sort}
    falling = directions.get(column.sort) if column.sort else None
    direction = "" if falling is None else "descending" if falling else "ascending"
    following = f"-{column.sort}" if direction == "ascending" else column.sort
    return Header(
        label=column.label,
        sort=column.sort,
        direction=direction,
        url=state.url(sort=following) if column.sort else "",
        numeric=column.numeric,
        minor=column.minor,
    )


def _sorted_by(listing: Listing, sort: tuple[str, ...]) -> str:
    """The order in words, for the table's caption."""
    labels = {column.sort: column.label for column in listing.columns if column.sort}
    parts = [
        f"{labels[path].lower()}{', descending' if entry.startswith('-') else ''}"
        for entry in sort
        if (path := entry.removeprefix("-")) in labels
    ]
    return f"sorted by {', then '.join(parts)}" if parts else ""


def _count(page: Page) -> str:
    if page.count is None:
        return ""
    return f"{page.count.value:,}" if page.count.exact else f"{page.count.value:,}+"


def _range(state: State, page: Page) -> str:
    """`Rows 51–100 of 10,000+`"""
    if not page.rows:
        return ""
    first = state.row if page.previous else 1
    last = first + len(page.rows) - 1
    if page.next is None and page.count is not None and page.count.exact:
        last = page.count.value
        first = last - len(page.rows) + 1
    return f"Rows {first:,}–{last:,} of {_count(page)}"


def _next_url(state: State, plan: GridPlan, page: Page) -> str:
    row = (state.row if page.previous else 1) + len(page.rows)
    return state.url(after=page.next, row=row) if page.next else ""


def _previous_url(state: State, plan: GridPlan, page: Page) -> str:
    row = max(state.row - _size(state, plan), 1)
    return state.url(before=page.previous, row=row if row > 1 else "") if page.previous else ""
