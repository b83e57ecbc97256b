"""The list page of an entity: what its address says, the query that follows, and the page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from starlette.datastructures import QueryParams
from starlette.responses import Response

from engine.access import access
from engine.build.page import ColumnPlan, GridPlan, Member, ViewTab
from engine.build.page_board import boards_of
from engine.build.page_grid import grid_plan
from engine.errors import BadExpression, BadQuery, ExpressionFault
from engine.metamodel.entity import Entity
from engine.pages.entries import reference
from engine.pages.listing import Listing, compiled, visible
from engine.process.several import firable, pressable
from engine.reading import filters
from engine.reading.query import Filter, Page, Query
from engine.reading.quick import has_texts
from engine.service import records
from engine.web.visit import Visit, query_string
from engine.work.context import Actor, Context
from engine.work.plans import kept

PAGE_SIZES = (25, 50, 100, 200)
NOTHING = "-"
"""The value of a filter that asks for records without one; no name and no id is written so."""

MOST_OFFERED = 30
PREFIX = "filter."


@dataclass(frozen=True)
class State:
    """What a grid's address says. `changed` gives the address of another state."""

    entity: str
    view: str = ""
    sort: tuple[str, ...] = ()
    text: str = ""
    where: str = ""
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    limit: int = 0
    after: str = ""
    before: str = ""
    row: int = 1  # the number of the first row, as far as it is known
    trash: bool = False
    path: str = ""  # of another page than the grid that has the same filters
    offering: bool = False  # relation filters offer records at once: what scripts ask for when one is opened

    @property
    def bare(self) -> bool:
        """Whether the address says nothing of which records are meant."""
        return not (self.view or self.text or self.where or self.filters or self.trash or self.paged)

    @property
    def paged(self) -> bool:
        return bool(self.after or self.before)

    def parameters(self) -> dict[str, Any]:
        return {
            "view": self.view,
            "q": self.text,
            "where": self.where,
            **{PREFIX + path: list(values) for path, values in self.filters.items()},
            "sort": ",".join(self.sort),
            "limit": self.limit or "",
            "trash": 1 if self.trash else "",
        }

    def url(self, **changes: Any) -> str:
        """The address with some parameters changed; paging starts anew unless it is what changes."""
        text = query_string({**self.parameters(), **changes})
        return (self.path or f"/{self.entity}") + (f"?{text}" if text else "")

    @property
    def export_url(self) -> str:
        """Where all of the list is a file."""
        path, _, query = self.url().partition("?")
        return f"{path}/export" + (f"?{query}" if query else "")


EVERYTHING = "-"
"""The view of all records, for readers whom the bare address shows another; no view can be called so."""


@dataclass(frozen=True)
class Option:
    """One value a filter offers."""

    value: str
    label: str
    chosen: bool
    tone: str = ""


@dataclass(frozen=True)
class FilterMenu:
    """A filter of the bar: its options, and what it says when something is chosen."""

    path: str
    label: str
    options: tuple[Option, ...]
    chosen: str
    clear_url: str
    picker: str  # where more options are searched, "" where all are there


@dataclass(frozen=True)
class Header:
    """The head of a column. `direction` is `ascending`, `descending` or ""."""

    label: str
    sort: str
    direction: str
    url: str
    numeric: bool
    minor: bool


def state_of(entity: str, query: QueryParams) -> State:
    """Read the address."""
    chosen: dict[str, tuple[str, ...]] = {}
    for name in query:
        values = tuple(value for value in query.getlist(name) if value)
        if name.startswith(PREFIX) and values:
            chosen[name.removeprefix(PREFIX)] = values
    return State(
        entity=entity,
        view=query.get("view", ""),
        sort=tuple(entry for entry in query.get("sort", "").split(",") if entry),
        text=query.get("q", "").strip()[: filters.LONGEST_TEXT],
        where=query.get("where", "").strip(),
        filters=chosen,
        limit=_number(query.get("limit", ""), PAGE_SIZES),
        after=query.get("after", ""),
        before=query.get("before", ""),
        row=max(_number(query.get("row", "")), 1),
        trash=query.get("trash", "") == "1",
        offering=query.get("offer", "") == "1",
    )


def _number(text: str, allowed: tuple[int, ...] | None = None) -> int:
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
    return number if allowed is None or number in allowed else 0


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


def chosen_filters(state: State, tab: ViewTab | None = None) -> Iterator[Filter]:
    """What was chosen, and of the tab's own filters those that nothing was chosen for."""
    for path, values in state.filters.items():
        if values == (NOTHING,):
            yield Filter(path, "empty")
        elif len(values) == 1:
            yield Filter(path, "eq", values[0])
        else:
            yield Filter(path, "in", [value for value in values if value != NOTHING])
    for path, value in (tab.filters if tab else {}).items():
        if path not in state.filters:
            several = isinstance(value, list | tuple)
            yield Filter(path, "in" if several else "eq", value)


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


# ---- filters


def filter_menus(context: Context, members: Iterable[Member], state: State) -> Iterator[FilterMenu]:
    """The filters of the bar, as far as the reader may see what they are by."""
    for member in members:
        if visible(context, member):
            chosen = state.filters.get(member.path, ())
            options = tuple(_options(context, member, chosen, state.offering))
            yield FilterMenu(
                path=member.path,
                label=member.label,
                options=options,
                chosen=_said(options, chosen),
                clear_url=state.url(**{PREFIX + member.path: ""}),
                picker="/{}/options/{}".format(*member.steps[-1]) if member.relation else "",
            )


def _said(options: tuple[Option, ...], chosen: tuple[str, ...]) -> str:
    labels = {option.value: option.label for option in options}
    words = [labels.get(value, value) for value in chosen]
    return ", ".join(words[:2]) + (f" and {len(words) - 2} more" if len(words) > 2 else "")


def _options(context: Context, member: Member, chosen: tuple[str, ...], offering: bool) -> Iterator[Option]:
    if member.prop is not None:
        control = member.prop.type.control()
        if not control.options:
            yield from (
                Option(value, label, value in chosen) for value, label in (("true", "Yes"), ("false", "No"))
            )
        for choice in control.options:
            if choice.active or choice.name in chosen:
                yield Option(choice.name, choice.label, choice.name in chosen, choice.color)
        required = member.prop.required
    else:
        yield from _records(context, member, chosen, offering)
        required = member.relation is not None and member.relation.required
    if not required and (member.prop is None or "empty" in member.prop.type.operators):
        yield Option(NOTHING, f"No {member.label.lower()}", NOTHING in chosen)


def _records(context: Context, member: Member, chosen: tuple[str, ...], offering: bool) -> Iterator[Option]:
    """The records chosen, and where they are asked for the first of all."""
    for value in chosen:
        if value != NOTHING:
            yield Option(value, title_of(context, member, value), True)
    if offering:
        entity, name = member.steps[-1]
        for link in records.options(context, entity, name, "", MOST_OFFERED):
            if (value := reference(member, link)) not in chosen:
                yield Option(value, link.title, False)


def title_of(context: Context, member: Member, value: str) -> str:
    """The title of a record written as `reference` writes it; the text itself where there is none to be seen."""
    entity, _, number = value.rpartition(":")
    target = entity or member.targets[0]
    if target not in member.targets or not number.isascii() or not number.isdigit() or len(number) > 18:
        return value
    if not access.may(context, target, "read"):
        return f"#{number}"
    found = records.find(context, target, Query(filters=(Filter("id", "eq", int(number)),), limit=1))
    return found.rows[0].title if found.rows else f"#{number}"
