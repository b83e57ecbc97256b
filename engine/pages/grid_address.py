"""What the address of a list says: which view, sorted and filtered how, and where in it one stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.datastructures import QueryParams

from engine.build.page import ViewTab
from engine.reading import filters
from engine.reading.query import Filter
from engine.web.visit import query_string

PAGE_SIZES = (25, 50, 100, 200)
NOTHING = "-"
"""The value of a filter that asks for records without one; no name and no id is written so."""

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
