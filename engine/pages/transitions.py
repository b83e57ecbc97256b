"""Making a transition, or using a button, at the pages: its form, its question, what is in its way, what was done."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from engine.access import access
from engine.errors import Conflict, FieldError, Invalid, NotFound
from engine.metamodel.workflow import Transition
from engine.pages.entries import Entries
from engine.pages.fields import summary
from engine.pages.form import Clash, fingerprints, meet, submitted
from engine.pages.form_values import once_each, values_of_form
from engine.pages.processes import Reason, reasons_of
from engine.pages.transition_form import (
    TransitionForm,
    begins_itself,
    first_entries,
    given_apart,
    lacking,
    transition_form,
)
from engine.process import firing, pressing
from engine.process.opening import Offer, Opening, explained, starting
from engine.reading.query import Record
from engine.service import records
from engine.web.toast import Toast
from engine.web.visit import Visit, whole_number
from engine.work.context import Context


@dataclass(frozen=True)
class Sheet:
    """What the page of a transition shows: its form, where that goes, what was entered, and what was shown before."""

    form: TransitionForm
    transition: Transition
    action: str
    entries: Entries
    seen: Mapping[str, str]
    errors: Sequence[FieldError] = ()
    clash: Clash | None = None


Found = Callable[[Context, str, int, str], Offer]
"""What the page is about: by entity, id and name."""

Make = Callable[[Context, str, int, str, Mapping[str, Any], int | None], Record | firing.Pending]
"""What its form does: with the values and the version."""

# ---- of a record


def show_transition(visit: Visit, context: Context) -> Response:
    """GET /{entity}/{id}/transitions/{name}: what it asks, or why it is not open."""
    return _show(visit, context, _opening)


def make_transition(visit: Visit) -> Response:
    """POST /{entity}/{id}/transitions/{name}"""
    return _make(visit, _opening, firing.fire)


def show_action(visit: Visit, context: Context) -> Response:
    """GET /{entity}/{id}/actions/{name}: what a button asks, or why it is not open."""
    return _show(visit, context, pressing.offer)


def make_action(visit: Visit) -> Response:
    """POST /{entity}/{id}/actions/{name}"""
    return _make(visit, pressing.offer, pressing.press)


def _opening(context: Context, entity: str, number: int, name: str) -> Opening:
    opening = explained(context, entity, number, name)
    if opening.transition.start:
        raise NotFound(entity, name)
    return opening


def _show(visit: Visit, context: Context, found: Found) -> Response:
    record, opening = _offered(visit, context, found)
    if opening.obstacles:
        return _closed(visit, context, record, opening)
    form = transition_form(context, visit.entity, opening.transition, record)
    entries = first_entries(form, opening.transition)
    here, seen = visit.request.url.path, fingerprints(form, entries)
    return _page(visit, Sheet(form, opening.transition, here, entries, seen))


def _offered(visit: Visit, context: Context, found: Found) -> tuple[Record, Offer]:
    """The record and the transition or button; raises NotFound, and Forbidden where it is for others."""
    record = records.get(context, visit.entity.name, visit.number)
    opening = found(context, visit.entity.name, record.id, visit.request.path_params["name"])
    for each in opening.obstacles:
        if each.kind in ("rights", "by-itself"):
            access.refuse(context, visit.entity.name, opening.transition.name, each.message)
    return record, opening


def _closed(visit: Visit, context: Context, record: Record, opening: Offer, status: int = 200) -> Response:
    """The page of a transition that is not open: what stands in its way, and the values that decided."""
    reasons: Sequence[Reason] = reasons_of(context, record, opening)
    return visit.page(
        context,
        "transition_closed.html",
        title=f"{opening.transition.label} is not open",
        status=status,
        entity=visit.entity,
        record=record,
        transition=opening.transition,
        reasons=reasons,
        back=visit.next_path or f"/{record.entity}/{record.id}",
    )


def _make(visit: Visit, found: Found, make: Make) -> Response:
    entity, number, version = visit.entity, visit.number, whole_number(visit.text("_version"))
    here = visit.request.url.path
    with visit.read() as context:
        record, opening = _offered(visit, context, found)
        missing = lacking(context, opening.transition, visit.text("_asked").split(), ())
        form = transition_form(context, visit.entity, opening.transition, record, missing=missing)
        entries, seen, errors = submitted(visit, form)
        given, _ = values_of_form(form, entries, seen, errors)
        values = given_apart(form, given)
    name = opening.transition.name
    try:
        done = visit.write(lambda unit: make(unit, entity.name, number, name, values, version))
    except Invalid as invalid:
        with visit.read() as context:
            record, opening = _offered(visit, context, found)
            if any(each.code == "not-open" for each in invalid.errors) and opening.obstacles:
                return _closed(visit, context, record, opening, 422)
            against = once_each([*errors, *invalid.errors])
            missing = lacking(context, opening.transition, missing, against)
            form = transition_form(context, visit.entity, opening.transition, record, missing=missing)
            return _page(visit, Sheet(form, opening.transition, here, entries, seen, against), 422)
    except Conflict:
        with visit.read() as context:
            record, opening = _offered(visit, context, found)
            if opening.obstacles:
                return _closed(visit, context, record, opening, 409)
            form = transition_form(context, visit.entity, opening.transition, record, missing=missing)
            clash, seen = meet(form, entries, seen)
            return _page(visit, Sheet(form, opening.transition, here, entries, seen, clash=clash), 409)
    if isinstance(done, firing.Pending):
        said = f"You agreed to {opening.transition.label}: {done.given} of {done.needed}."
        return visit.go(visit.next_path or f"/{entity.name}/{number}", Toast(said))
    return _done(visit, done, opening)


def _done(visit: Visit, record: Record, opening: Offer) -> Response:
    """Back to where one came from, with what was done; to the list where one may no longer see the record."""
    what, state = f"{visit.entity.label} {record.title}", None
    if isinstance(opening, Opening) and opening.transition.targets:
        state = opening.process.state(record.values.get(opening.process.workflow.member))
    said = f"{what} is now {state.label}." if state else f"{what}: {opening.transition.label} was done."
    toast = Toast(said)
    with visit.read() as context:
        try:
            records.get(context, record.entity, record.id)
        except NotFound:
            return visit.go(visit.next_path or f"/{record.entity}", toast)
    return visit.go(visit.next_path or f"/{record.entity}/{record.id}", toast)


# ---- that begin a record


def show_start(visit: Visit, context: Context) -> Response:
    """GET /{entity}/new/{name}"""
    opening = _starting(visit, context)
    form = transition_form(context, visit.entity, opening.transition, None)
    entries = first_entries(form, opening.transition)
    here, seen = visit.request.url.path, fingerprints(form, entries)
    return _page(visit, Sheet(form, opening.transition, here, entries, seen))


def _starting(visit: Visit, context: Context) -> Opening:
    """The transition that the address names, where the actor may begin a record by it; raises NotFound, Forbidden."""
    name = visit.request.path_params["name"]
    _, transition = firing.known(context, visit.entity.name, name)
    if not transition.start:
        raise NotFound(visit.entity.name, name)
    found = [each for each in starting(context, visit.entity.name) if each.transition is transition]
    if not found:
        access.refuse(context, visit.entity.name, "create", f"{transition.label} is for others")
    return found[0]


def make_start(visit: Visit) -> Response:
    """POST /{entity}/new/{name}"""
    entity = visit.entity
    with visit.read() as context:
        opening = _starting(visit, context)
        missing = lacking(context, opening.transition, visit.text("_asked").split(), ())
        form = transition_form(context, visit.entity, opening.transition, None, missing=missing)
        entries, seen, errors = submitted(visit, form)
        given, _ = values_of_form(form, entries, begins_itself(opening.transition, seen), errors)
        values = given_apart(form, given)
    try:
        made = visit.write(lambda unit: firing.start(unit, entity.name, opening.transition.name, values))
    except Invalid as invalid:
        with visit.read() as context:
            found = once_each([*errors, *invalid.errors])
            missing = lacking(context, opening.transition, missing, found)
            form = transition_form(context, visit.entity, opening.transition, None, missing=missing)
            here = visit.request.url.path
            return _page(visit, Sheet(form, opening.transition, here, entries, seen, found), 422)
    toast = Toast(
        f"{entity.label} {made.title} was created.", link_url=f"/{entity.name}/{made.id}", link_text="Open"
    )
    return visit.go(visit.next_path or f"/{entity.name}/{made.id}", toast)


# ---- the page


def _page(visit: Visit, sheet: Sheet, status: int = 200) -> Response:
    form, transition, record, entity = sheet.form, sheet.transition, sheet.form.record, visit.entity
    blocks = form.blocks(sheet.entries, sheet.errors, sheet.clash.theirs if sheet.clash else None)
    fields = [each for block in blocks if hasattr(block, "fields") for each in block.fields]
    rich = any(each.input.control.kind == "rich_text" for each in fields)
    here = f"/{entity.name}/{record.id}" if record else f"/{entity.name}"
    return visit.page(
        form.context,
        "transition.html",
        title=f"{transition.label}: {record.title}" if record else transition.label,
        status=status,
        styled=rich,
        rich=rich,
        entity=entity,
        record=record,
        transition=transition,
        action=sheet.action,
        fields=fields,
        errors=summary(blocks, sheet.errors),
        clash=sheet.clash,
        asked=" ".join(form.missing),
        seen=json.dumps(sheet.seen, separators=(",", ":")),
        version=record.version if record else "",
        back=visit.next_path or here,
        next_path=visit.next_path,
    )
