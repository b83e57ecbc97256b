"""The page of one record: its sections, related lists, what stands beside them, and its history."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from markupsafe import Markup
from starlette.responses import Response

from engine.build.page import TAGS, RelatedPlan, ViewPlan
from engine.build.page_view import view_plan
from engine.drafts.states import frozen_members, hidden_members
from engine.errors import NotFound
from engine.metamodel.entity import Entity
from engine.pages.approvals import approvals_of
from engine.pages.buttons import drawn_buttons
from engine.pages.listing import Listing, compiled
from engine.pages.moments import Moment, moment_of
from engine.pages.processes import processes_of
from engine.pages.stepper import drawn_stepper
from engine.pages.timeline import timeline_of
from engine.pages.view_actions import shown_actions
from engine.pages.view_sections import SeenRelated, SeenSection, SeenView, may_see, seen_view
from engine.reading.query import Filter, Link, Query, Record
from engine.recording.running import running
from engine.service import records
from engine.web.visit import Visit, query_string, whole_number
from engine.work.context import Context
from engine.work.plans import kept

NEWEST = 15
"""Entries of the history on a view page; the rest are on its own."""


@dataclass(frozen=True)
class SectionBlock:
    """A titled block of values, drawn."""

    title: str
    slug: str
    lines: Markup


@dataclass(frozen=True)
class RelatedBlock:
    """A list of related records: its first rows, and where the rest and new ones are.

    `whole` is how many there are where these are all.
    """

    name: str
    whole: int | None
    title: str
    slug: str
    listing: Listing
    rows: Markup
    count: str
    all_url: str
    add_url: str
    add_label: str


def plan_of(context: Context, entity: str) -> ViewPlan:
    """The plan of an entity's view page, made once per runtime."""
    return kept(context.runtime, ("view", entity), lambda: view_plan(context.runtime.application, entity))


def show_record(visit: Visit, context: Context) -> Response:
    """GET /{entity}/{id}; with `?trash=1`, or where that is where it is, the record in the trash."""
    entity = visit.entity
    record = found_record(visit, context)
    plan = plan_of(context, entity.name)
    seen = seen_view(context, plan)
    reader = _Reader(context, entity, record, seen)
    related = [] if record.deleted_at else list(reader.related())
    timeline = timeline_of(context, record.entity, record.id, None, NEWEST)
    counted = {each.name: each.whole for each in related if each.whole is not None}
    processes = processes_of(context, record, counted)
    shown = shown_actions(context, plan, record, processes.buttons)
    return visit.page(
        context,
        "view.html",
        title=record.title,
        entity=entity,
        record=record,
        parent=reader.parent(),
        sections=list(reader.sections(seen.body)),
        related=related,
        aside=list(reader.sections(seen.aside)),
        tags=record.many.get(TAGS, ()) if TAGS in record.many else None,
        timeline=timeline,
        timeline_title=plan.timeline,
        audited=entity.features.audit,
        made=reader.moment("created_at"),
        maker=record.values.get("created_by"),
        changed=reader.moment("updated_at") if record.version > 1 else None,
        changer=record.values.get("updated_by"),
        approvals=approvals_of(context, record),
        steppers=[drawn_stepper(each, len(processes.steppers) > 1) for each in processes.steppers],
        blocked=processes.blocked,
        buttons=drawn_buttons(entity, record, visit.csrf, shown),
        may_delete="delete" in record.allowed,
        recording=_recording(context, record),
        deleted=moment_of(record.deleted_at, context.actor.display, context.now)
        if record.deleted_at
        else None,
    )


def _recording(context: Context, record: Record) -> Moment | None:
    """Since when the reader records a test of this record."""
    found = running(context)
    if (
        found is None
        or found.document is not None
        or (found.entity, found.number) != (record.entity, record.id)
    ):
        return None
    return moment_of(found.started_at, context.actor.display, context.now)


def found_record(visit: Visit, context: Context) -> Record:
    """The record, living or in the trash, without the rows of its compositions, which are lists of their own."""
    try:
        return records.get(context, visit.entity.name, visit.number, rows=False)
    except NotFound:
        if not visit.entity.features.trash:
            raise
        return records.get(context, visit.entity.name, visit.number, trash=True, rows=False)


def _hidden(context: Context, entity: Entity, record: Record) -> frozenset[str]:
    """What the record's type has no use for, and what its state hides."""
    variant = entity.record_types.get(str(record.values.get("record_type")))
    return (variant.hidden if variant else frozenset()) | hidden_members(context, entity, record.values)


class _Reader:
    """Draws a record for its reader."""

    def __init__(self, context: Context, entity: Entity, record: Record, seen: SeenView) -> None:
        self.context, self.entity, self.record, self.seen = context, entity, record, seen
        self.display = context.actor.display
        self.hidden = _hidden(context, entity, record)

    @cached_property
    def values(self) -> Mapping[str, Any]:
        """Every value of the page by its path: the record's own, and what is reached from it."""
        found = {**self.record.values, **self.record.many}
        if self.seen.further:  # all of them by one statement
            only = (Filter("id", "eq", self.record.id),)
            query = Query(fields=self.seen.further, filters=only, limit=1)
            page = records.find(self.context, self.entity.name, query)
            found.update(zip(page.fields, page.rows[0].cells, strict=True) if page.rows else ())
        return found

    def sections(self, seen: Iterable[SeenSection]) -> Iterator[SectionBlock]:
        for section in seen:
            lines = section.drawn(self.values, self.hidden)
            if lines:
                yield SectionBlock(section.title, section.slug, lines)

    def parent(self) -> Link | None:
        """The record this one is a row of."""
        for relation in self.entity.relations.values():
            value = self.record.values.get(relation.name)
            if relation.owner_of_row and isinstance(value, Link):
                return value
        return None

    def moment(self, name: str) -> Moment | None:
        value = self.record.values.get(name)
        return moment_of(value, self.display, self.context.now) if isinstance(value, datetime) else None

    def related(self) -> Iterator[RelatedBlock]:
        for block in self.seen.related:
            if block.plan.name not in self.hidden:
                yield self._related(block)

    def _related(self, block: SeenRelated) -> RelatedBlock:
        plan, listing = block.plan, block.listing
        query = Query(fields=listing.fields, sort=plan.sort, limit=plan.rows)
        page = records.related(self.context, self.entity.name, self.record.id, plan.name, query, seen=True)
        return RelatedBlock(
            name=plan.name,
            whole=None if page.next else len(page.rows),
            title=plan.label,
            slug=block.slug,
            listing=listing,
            rows=listing.rows(page.rows),
            count=f"{len(page.rows)}{'+' if page.next else ''}" if page.rows else "",
            all_url=self._all_url(plan) if page.next else "",
            add_url=self._add_url(block),
            add_label=self.context.runtime.entities[plan.target].label.lower(),
        )

    def _all_url(self, plan: RelatedPlan) -> str:
        if plan.kind == "many_to_many":
            return f"/{self.entity.name}/{self.record.id}/related/{plan.name}"
        return f"/{plan.target}?" + query_string({f"filter.{plan.back}": self._me(plan)})

    def _me(self, plan: RelatedPlan) -> str:
        """This record as the other side's relation writes it."""
        targets = self.context.runtime.entities[plan.target].relations[plan.back].targets
        return f"{self.entity.name}:{self.record.id}" if len(targets) > 1 else str(self.record.id)

    def _add_url(self, block: SeenRelated) -> str:
        """Where a related record is made: the parent's form for its rows, else a form with this one chosen."""
        here = f"/{self.entity.name}/{self.record.id}"
        if block.plan.kind == "composition":
            frozen = frozen_members(self.context, self.entity, self.record.values)
            may = "update" in self.record.allowed and block.plan.name not in frozen
            return f"{here}/edit" if may else ""
        if not block.adds:
            return ""
        return f"/{block.plan.target}/new?" + query_string(
            {block.plan.back: self._me(block.plan), "next": here}
        )


def show_related(visit: Visit, context: Context) -> Response:
    """GET /{entity}/{id}/related/{relation}: all of a list that is shown in part on the view page."""
    entity, name = visit.entity, visit.request.path_params["relation"]
    record = records.get(context, entity.name, visit.number, rows=False)
    plan = next(
        (
            each
            for each in plan_of(context, entity.name).body
            if isinstance(each, RelatedPlan) and each.name == name
        ),
        None,
    )
    if plan is None or not may_see(context, entity.name, plan):
        raise NotFound(entity.name, f"{record.id}/{name}")
    listing = compiled(context, plan.target, plan.columns)
    query = Query(
        fields=listing.fields,
        sort=plan.sort,
        after=visit.query("after") or None,
        before=visit.query("before") or None,
        count="capped",
    )
    page = records.related(context, entity.name, record.id, name, query, seen=True)
    return visit.page(
        context,
        "related.html",
        title=f"{plan.label} of {record.title}",
        entity=entity,
        record=record,
        label=plan.label,
        listing=listing,
        rows=listing.rows(page.rows),
        page=page,
        here=f"/{entity.name}/{record.id}/related/{name}",
    )


# ---- history


def show_history(visit: Visit, context: Context) -> Response:
    """GET /{entity}/{id}/history: everything that happened to a record, page by page."""
    record = found_record(visit, context)
    before = whole_number(visit.query("before"))
    return visit.page(
        context,
        "history.html",
        title=f"History of {record.title}",
        entity=visit.entity,
        record=record,
        timeline=timeline_of(context, record.entity, record.id, before, 50),
    )
