"""The page of one record: its sections, related lists, what stands beside them, and its history."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cached_property
from typing import Any

from markupsafe import Markup
from starlette.responses import Response

from engine.build.page import TAGS
from engine.drafts.states import hidden_members
from engine.errors import NotFound
from engine.metamodel.entity import Entity
from engine.pages.approvals import approvals_of
from engine.pages.buttons import drawn_buttons
from engine.pages.moments import Moment, moment_of
from engine.pages.processes import processes_of, stored_of
from engine.pages.related import drawn_lists, lists_of
from engine.pages.stepper import drawn_stepper
from engine.pages.timeline import timeline_of
from engine.pages.view_actions import shown_actions
from engine.pages.view_sections import SeenSection, SeenView, plan_of, seen_view
from engine.reading.query import Filter, Link, Query, Record
from engine.recording.running import running
from engine.service import records
from engine.web.visit import Visit, whole_number
from engine.work.context import Context

NEWEST = 15
"""Entries of the history on a view page; the rest are on its own."""


def show_record(visit: Visit, context: Context) -> Response:
    """GET /{entity}/{id}; with `?trash=1`, or where that is where it is, the record in the trash."""
    entity = visit.entity
    record = found_record(visit, context)
    plan = plan_of(context, entity.name)
    seen = seen_view(context, plan)
    reader = _Reader(context, entity, record, seen)
    lists = [] if record.deleted_at else lists_of(context, entity, record, seen.related, reader.hidden)
    timeline = timeline_of(context, record.entity, record.id, None, NEWEST)
    counted = {each.plan.name: each.whole for each in lists if each.whole is not None}
    stored = stored_of(context, record)
    processes = processes_of(context, record, stored, counted)
    shown = shown_actions(context, plan, record, processes.buttons)
    return visit.page(
        context,
        "view.html",
        title=record.title,
        entity=entity,
        record=record,
        parent=reader.parent(),
        sections=reader.sections(seen.body),
        related=drawn_lists(lists),
        aside=reader.sections(seen.aside),
        tags=record.many.get(TAGS, ()) if TAGS in record.many else None,
        timeline=timeline,
        timeline_title=plan.timeline,
        audited=entity.features.audit,
        made=reader.moment("created_at"),
        maker=record.values.get("created_by"),
        changed=reader.moment("updated_at") if record.version > 1 else None,
        changer=record.values.get("updated_by"),
        approvals=approvals_of(context, record, stored),
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

    def sections(self, seen: Iterable[SeenSection]) -> Markup:
        return Markup("".join([section.drawn(self.values, self.hidden) for section in seen]))

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
