"""Writing a change to a record, whoever makes it: an update that somebody sent, or a transition."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.drafts.assigning import check_assignment
from engine.drafts.currencies import settle_currencies
from engine.drafts.draft import Draft, fill_defaults
from engine.drafts.filing import check_files, claim_files
from engine.drafts.rules import compute, fill_expressions, judge
from engine.drafts.states import begin_by_type, refuse_row
from engine.drafts.validate import validate
from engine.errors import Invalid
from engine.service import auditing, events, stays
from engine.service.dependents import settled, touched_by
from engine.service.hooks import run_after, run_before
from engine.service.write import prune
from engine.service.write import update as write_update
from engine.work.context import Context


def apply(
    context: Context, draft: Draft, action: str, told: Mapping[str, Any] | None = None, kept_as: str = ""
) -> bool:
    """Write a draft of a stored record: answers whether it changed anything.

    Raises Invalid with every complaint at once. `told` is what the history keeps beside the changes; with it
    there is an entry even where nothing changed, called `kept_as` where that is not the action itself.
    """
    assert draft.old is not None
    prepare(context, draft, action)
    prune(context, draft)
    number, moved = draft.old.id, draft.differs
    if not moved and not told:
        return False
    changes = auditing.changes_of(context, draft)
    was = events.before(context, draft)
    if moved:
        settled(context, touched_by(draft), lambda: write_update(context, draft), lambda _: touched_by(draft))
    claim_files(context, draft, number)
    auditing.record(context, draft.entity.name, [number], kept_as or action, {**changes, **(told or {})})
    run_after(context, action, draft, number)
    if moved and action != "transition":  # which says itself where it leads
        stays.switch(context, draft)
    if moved:
        events.wrote(context, draft, was)
    return True


def prepare(context: Context, draft: Draft, action: str) -> None:
    """Complete a draft, and hold it against everything that is declared; raises Invalid."""
    fill_defaults(context, draft)
    fill_expressions(context, draft)
    begin_by_type(context, draft)
    check_assignment(context, draft)
    settle_currencies(context, draft)
    run_before(context, action, draft)
    compute(context, draft)
    validate(context, draft)
    judge(context, draft)
    if draft.differs:
        refuse_row(context, draft)
    check_files(context, draft)
    refuse_errors(draft)


def refuse_errors(draft: Draft) -> None:
    """Raise Invalid where anything has been complained of."""
    errors = draft.all_errors()
    if errors:
        raise Invalid(errors)
