"""Which records a draft may choose: the rule of a relation, and the draft as that rule reads it."""

from __future__ import annotations

from engine.drafts.draft import Draft
from engine.drafts.facts import draft_facts
from engine.drafts.rules import around_draft
from engine.work.context import Context
from engine.work.expressions import Chooser
from engine.work.facts import Record
from engine.work.surroundings import NO_NEED


def chooser_of(
    context: Context, entity: str, relation: str, draft: Draft | None = None, parent: Record | None = None
) -> Chooser | None:
    """What narrows the records offered for a relation; None where nothing does."""
    rules = context.runtime.rules[entity]
    found = next((each for each in rules.options_where if each.member == relation), None)
    if found is None:
        return None
    draft = draft or Draft(context.runtime.entities[entity])
    needs = rules.needs_of_options
    record = draft_facts(context, draft, needs.get("record", NO_NEED), parent)
    return Chooser(found.rule, record, around_draft(context, draft, needs))
