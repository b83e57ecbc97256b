"""What is done to records outside the form: deleting, restoring, deleting for good, one or several."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.responses import Response

from engine.access import access
from engine.access.reaching import reached
from engine.errors import BadQuery, Conflict, Invalid, NotFound
from engine.metamodel.entity import Entity
from engine.pages.bulk_transitions import bulk_press, bulk_transition, titles_of
from engine.reading.query import BulkReport, Record
from engine.service import records
from engine.service.delete import Consequences, consequences
from engine.web.markup import listed, plural
from engine.web.toast import MOST_UNDO, Toast
from engine.web.visit import Visit, query_string, whole_number
from engine.work.context import Context

MOST_NAMED = 8
"""Titles and reasons that are spelled out; of more the number is told."""


# ---- one record


def ask_delete(visit: Visit, context: Context) -> Response:
    """GET /{entity}/{id}/delete: what would be deleted, and what stands against it."""
    record = records.get(context, visit.entity.name, visit.number)
    if "delete" not in record.allowed:
        access.refuse(
            context, visit.entity.name, "delete", "the level of the grant does not reach this record"
        )
    return _confirm(visit, context, _one(record))


def delete_one(visit: Visit) -> Response:
    """POST /{entity}/{id}/delete"""
    entity, number = visit.entity, visit.number
    version = whole_number(visit.text("_version"))
    with visit.read() as context:
        title = records.get(context, entity.name, number).title
    try:
        visit.write(lambda unit: records.delete(unit, entity.name, number, version))
    except (Invalid, Conflict) as refused:
        messages = [error.message for error in refused.errors] if isinstance(refused, Invalid) else [CHANGED]
        status = 422 if isinstance(refused, Invalid) else 409
        with visit.read() as context:
            asked = _one(records.get(context, entity.name, number))
            return _confirm(visit, context, asked, messages, status)
    return visit.go(visit.next_path or f"/{entity.name}", _deleted(entity, [number], title))


CHANGED = "Somebody changed it while you were looking. Look again, then delete it if you still mean to."


@dataclass(frozen=True)
class Asked:
    """What somebody wants to delete: records with their titles, where they came from, and of one its version."""

    titles: Mapping[int, str]
    back: str
    version: int | None = None


def _one(record: Record) -> Asked:
    return Asked({record.id: record.title}, f"/{record.entity}/{record.id}", record.version)


def _confirm(
    visit: Visit, context: Context, asked: Asked, errors: list[str] | None = None, status: int = 200
) -> Response:
    entity, ids, titles = visit.entity, list(asked.titles), list(asked.titles.values())
    found = consequences(context, entity.name, set(ids))
    one = len(ids) == 1
    what = (
        f"{entity.label.lower()} {titles[0]}"
        if one
        else plural(len(ids), entity.label.lower(), entity.plural.lower())
    )
    return visit.page(
        context,
        "delete.html",
        title=f"Delete {what}?",
        status=status,
        entity=entity,
        ids=ids,
        titles=titles[:MOST_NAMED],
        untold=max(len(ids) - MOST_NAMED, 0),
        one=one,
        along=listed(told_along(context, entity, found, set(ids))),
        errors=[
            Barrier(message, _referrers(context, entity, ids[0], found, message))
            for message in (errors if errors is not None else [error.message for error in found.errors])
            if one
        ],
        back=asked.back,
        version=asked.version or "",
        action=f"{asked.back}/delete" if one and asked.version else f"/{entity.name}/bulk",
        next_path=visit.next_path,
    )


@dataclass(frozen=True)
class Barrier:
    """What stands against a delete, and where the records are that do; "" where no list shows them."""

    message: str
    url: str = ""


def _referrers(context: Context, entity: Entity, number: int, found: Consequences, message: str) -> str:
    """Where the records are listed of which a complaint tells that they refer to one."""
    if message not in found.known:
        return ""
    source, relation = found.known[message]
    if context.runtime.entities[source].child_of:
        return ""
    wanted = str(number) if len(relation.targets) == 1 else f"{entity.name}:{number}"
    return f"/{source}?{query_string({f'filter.{relation.name}': wanted})}"


def told_along(context: Context, entity: Entity, found: Consequences, asked: set[int]) -> list[str]:
    """What would be deleted with them, in words: what one may not see is neither named nor counted."""
    told, hidden = [], False
    for name, ids in found.deleted.items():
        along = ids - asked if name == entity.name else ids
        seen = len(reached(context, name, along, "read"))
        hidden = hidden or seen < len(along)
        if seen:
            other = context.runtime.entities[name]
            told.append(plural(seen, other.label.lower(), other.plural.lower()))
    return [*told, "other records that you may not see"] if hidden else told


def _deleted(entity: Entity, ids: list[int], title: str = "") -> Toast:
    what = (
        f"{entity.label} {title}" if title else plural(len(ids), entity.label.lower(), entity.plural.lower())
    )
    undoable = entity.features.trash and 0 < len(ids) <= MOST_UNDO
    return Toast(
        f"{what} {'was' if len(ids) == 1 else 'were'} deleted.",
        undo_url=f"/{entity.name}/bulk" if undoable else "",
        undo_fields={"action": ["restore"], "id": [str(number) for number in ids]} if undoable else {},
    )


def restore_one(visit: Visit) -> Response:
    """POST /{entity}/{id}/restore"""
    entity, number = visit.entity, visit.number
    try:
        record = visit.write(lambda unit: records.restore(unit, entity.name, number))
    except Invalid as invalid:
        return visit.go(f"/{entity.name}/{number}", Toast(_reasons(invalid), tone="red"))
    return visit.go(f"/{entity.name}/{number}", Toast(f"{entity.label} {record.title} is back."))


def purge_one(visit: Visit) -> Response:
    """POST /{entity}/{id}/purge: out of the trash, for good."""
    entity, number = visit.entity, visit.number
    try:
        visit.write(lambda unit: records.purge(unit, entity.name, number))
    except Invalid as invalid:
        return visit.go(f"/{entity.name}/{number}", Toast(_reasons(invalid), tone="red"))
    return visit.go(f"/{entity.name}?trash=1", Toast(f"{entity.label} was deleted for good.", tone="gray"))


def _reasons(invalid: Invalid) -> str:
    return " ".join(error.message for error in invalid.errors)


# ---- several


def bulk(visit: Visit) -> Response:
    """POST /{entity}/bulk: `action` for each `id`; deleting asks first."""
    ids = list(
        dict.fromkeys(number for text in visit.texts("id") if (number := whole_number(text)) is not None)
    )
    action = visit.text("action")
    back = visit.next_path or f"/{visit.entity.name}"
    if not ids:
        return visit.go(back, Toast("Select at least one row first.", tone="amber"))
    if len(ids) > records.MOST_AT_ONCE:
        message = f"At most {records.MOST_AT_ONCE:,} records can be chosen at once, not {len(ids):,}."
        raise BadQuery("too-many", "id", message)
    if action == "delete":
        return _bulk_delete(visit, ids, back)
    if action == "restore":
        return _bulk_restore(visit, ids, back)
    if action.startswith("transition:"):
        return bulk_transition(visit, ids, action.partition(":")[2], back)
    if action.startswith("press:"):
        return bulk_press(visit, ids, action.partition(":")[2], back)
    raise BadQuery("unknown-action", action, f"There is no action {action!r} for several records.")


def _bulk_delete(visit: Visit, ids: list[int], back: str) -> Response:
    entity = visit.entity
    if visit.text("confirmed") != "yes":
        with visit.read() as context:
            access.require(context, entity.name, "delete")
            named = titles_of(context, entity.name, ids)
            if not named:
                raise NotFound(entity.name)
            return _confirm(visit, context, Asked(named, back))
    report = visit.write(lambda unit: records.delete_many(unit, entity.name, ids))
    return visit.go(back, _told(entity, report, _deleted(entity, list(report.done)), "deleted"))


def _bulk_restore(visit: Visit, ids: list[int], back: str) -> Response:
    entity = visit.entity
    report = visit.write(lambda unit: records.restore_many(unit, entity.name, ids))
    number = len(report.done)
    what = plural(number, entity.label.lower(), entity.plural.lower())
    toast = Toast(f"{what} {'is' if number == 1 else 'are'} back.")
    if number == 1:
        toast = Toast(toast.text, link_url=f"/{entity.name}/{report.done[0]}", link_text="Open")
    return visit.go(back, _told(entity, report, toast, "restored"))


def _told(entity: Entity, report: BulkReport, toast: Toast, verb: str) -> Toast:
    """A report as a sentence: what was done, and why the rest was not."""
    if not report.refused:
        return toast
    reasons = list(dict.fromkeys(report.refused.values()))[:3]
    number = plural(len(report.refused), entity.label.lower(), entity.plural.lower())
    refused = f"{number} could not be {verb}: {' '.join(reasons)}"
    if not report.done:
        return Toast(refused, tone="red")
    return Toast(f"{toast.text} {refused}", "amber", toast.undo_url, toast.undo_fields)
