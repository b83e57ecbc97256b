"""How a record would stand if it were saved now: what applies, what is required, what comes out of it.

Forms ask this while they are filled in. It goes through the same steps as a write, up to the writing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.drafts.currencies import settle_currencies
from engine.drafts.draft import Draft, coerce, fill_defaults
from engine.drafts.facts import draft_facts
from engine.drafts.rules import around_draft, compute, fill_expressions, kept_in, parent_facts
from engine.drafts.states import begin_by_type, restrictions, why_fixed
from engine.work.context import Context
from engine.work.facts import Record
from engine.work.stored import load
from engine.work.surroundings import NO_NEED, surroundings


@dataclass
class Preview:
    """What conditions say of a draft, by the names of its members (`lines.0.amount` for those of a row).

    `hidden` do not apply, `fixed` can't be changed, `required` have to be filled in; `computed` are the values
    of computed members, `reasons` why members are fixed, where a state says so.
    """

    hidden: set[str] = field(default_factory=set)
    fixed: set[str] = field(default_factory=set)
    required: set[str] = field(default_factory=set)
    computed: dict[str, Any] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    draft: Draft | None = None


def preview(context: Context, entity: str, values: Mapping[str, Any], number: int | None = None) -> Preview:
    """The preview of some values: of a new record, or of a change to the record `number`."""
    draft = drafted(context, entity, values, number)
    compute(context, draft)
    found = Preview(draft=draft)
    _look(context, draft, None, found)
    return found


def drafted(context: Context, entity: str, values: Mapping[str, Any], number: int | None) -> Draft:
    """What a record would be written as: the values given, and defaults for the rest of a new one."""
    old = load(context, entity, [number]).get(number) if number is not None else None
    draft = coerce(context, context.runtime.entities[entity], values, old)
    fill_defaults(context, draft)
    fill_expressions(context, draft)
    begin_by_type(context, draft)
    settle_currencies(context, draft)
    return draft


def _look(
    context: Context, draft: Draft, parent: Record | None, found: Preview, above: Draft | None = None
) -> None:
    rules = context.runtime.rules[draft.entity.name]
    if rules.judges:
        around = around_draft(context, draft, rules.needs)
        record = draft_facts(context, draft, rules.needs.get("record", NO_NEED), parent)
        found.hidden |= {
            _at(draft, each.member) for each in rules.visible_if if not each.evaluate(record, around)
        }
        found.fixed |= {
            _at(draft, each.member) for each in rules.readonly_if if each.evaluate(record, around)
        }
        found.required |= {
            _at(draft, each.member) for each in rules.required_if if each.evaluate(record, around)
        }
    by_state = restrictions(context, draft)
    found.hidden |= {_at(draft, name) for name in by_state.hidden}
    for name, state in by_state.fixed.items():
        found.fixed.add(_at(draft, name))
        member = draft.entity.properties.get(name) or draft.entity.relations[name]
        found.reasons[_at(draft, name)] = why_fixed(draft.entity, member.label, state)
    found.required |= {_at(draft, name) for name in by_state.required}
    for each in rules.stored:
        found.computed[_at(draft, each.member)] = draft.value(each.member)
    if rules.virtual:
        around = surroundings(context, rules.needs_of_virtual, is_new=draft.old is None, shared=True)
        record = draft_facts(context, draft, rules.needs_of_virtual.get("record", NO_NEED), parent)
        for name, compiled in rules.virtual.items():
            value = kept_in(context, draft, name, compiled.evaluate(record, around), above)
            found.computed[_at(draft, name)] = value
    for rows in draft.children.values():
        for row in rows:
            _look(context, row, parent_facts(context, draft, row), found, draft)


def _at(draft: Draft, name: str) -> str:
    return f"{draft.at}{name}"
