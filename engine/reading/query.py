"""What is asked of the record service and what it answers: plain data, the same for every face."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from engine.declared.rules import Rule
from engine.errors import FieldError
from engine.types.display import Shown

CountKind = Literal["none", "capped", "exact"]

COUNT_CAP = 10_000
"""A capped count stops here: pages show "10,000+"."""


@dataclass(frozen=True, slots=True)
class Filter:
    """A condition on a path; `operand` is in JSON or text form and parsed by the property's type."""

    path: str
    operator: str = "eq"
    operand: Any = None


@dataclass(frozen=True, slots=True)
class Query:
    """Which records, in which order, with which columns.

    `fields` are paths (`account.owner.name`); `sort` paths with a leading "-" for descending (`id` is
    always added last); `after` and `before` are cursors of an earlier answer; `text` is the quick filter;
    `looks` are paths of columns into whose related records it looks too;
    `where` are conditions that the reader wrote, `rules` those of the metadata;
    `trash` asks for the deleted records instead of the living.
    """

    fields: tuple[str, ...] = ()
    sort: tuple[str, ...] = ()
    filters: tuple[Filter, ...] = ()
    text: str = ""
    looks: tuple[str, ...] = ()
    where: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()
    limit: int = 50
    after: str | None = None
    before: str | None = None
    count: CountKind = "none"
    trash: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """A related record as it is named: enough to show and to go there."""

    entity: str
    id: int
    title: str


@dataclass(frozen=True, slots=True)
class Row:
    """One record of a page; `cells[i]` belongs to `Page.fields[i]`."""

    id: int
    version: int
    title: str
    cells: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Count:
    """How many records match; `exact` is False where counting stopped at the cap."""

    value: int
    exact: bool


@dataclass(frozen=True, slots=True)
class Page:
    """One page of records; `next` and `previous` are cursors, None at the ends."""

    entity: str
    fields: tuple[str, ...]
    rows: tuple[Row, ...]
    next: str | None = None
    previous: str | None = None
    count: Count | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """One record as its reader may see it.

    `values` holds properties (domain values) and key relations (Link); `many` the many-to-many links;
    `children` the rows of compositions, in order. `allowed` are the actions open to the reader.
    """

    entity: str
    id: int
    version: int
    title: str
    values: Mapping[str, Any]
    many: Mapping[str, tuple[Link, ...]] = field(default_factory=dict)
    children: Mapping[str, tuple[Record, ...]] = field(default_factory=dict)
    deleted_at: datetime | None = None
    allowed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Change:
    """What happened to one property or relation in an operation, ready to be shown."""

    name: str
    label: str
    old: Shown | None
    new: Shown | None


@dataclass(frozen=True, slots=True)
class StepRecord:
    """A record that a step of a process wrote: what was done to it, and the record, where the reader may see it.

    `own`: it is the record whose history this is.
    """

    did: str
    record: Link | None
    own: bool = False


@dataclass(frozen=True, slots=True)
class RunStep:
    """One action of a process as it was done: how often, how often skipped, and what came of it.

    `kind` is the word it is declared with, `place` where that stands (for administrators). People whom the reader
    may not see are among `others_told`.
    """

    kind: str
    done: int
    skipped: int
    records: tuple[StepRecord, ...] = ()
    more_records: int = 0
    told: tuple[Link, ...] = ()
    others_told: int = 0
    jobs: Mapping[str, int] = field(default_factory=dict)
    place: str = ""


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One operation on a record: who, when, by which face, and the changes inside.

    `number` counts the operations on this record, the first is 1.
    """

    number: int
    at: datetime
    actor: Link | None
    actor_name: str
    action: str
    source: str
    changes: tuple[Change, ...]
    transition: str = ""  # the label of the transition that was made, or of the button
    cause: str = ""  # the process that did it
    note: str = ""  # what was written beside the changes
    steps: tuple[RunStep, ...] = ()  # what the process did


@dataclass(frozen=True, slots=True)
class BulkReport:
    """What a bulk operation did: the ids done, and why each other one was refused; `errors` where that is by place."""

    done: tuple[int, ...]
    refused: Mapping[int, str]
    errors: Mapping[int, tuple[FieldError, ...]] = field(default_factory=dict)
