"""What the metadata's expressions say of a record that is written: defaults, conditions, validations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from engine.build.rules import CompiledCheck, EntityRules
from engine.drafts.currencies import currency_for
from engine.drafts.draft import Draft, owner_of
from engine.drafts.facts import draft_facts
from engine.drafts.states import restrictions, why_fixed
from engine.expressions.nodes import Filter, Many, Map, Member, Node, Root, Test, Variable, walk
from engine.expressions.reads import Need
from engine.metamodel.workflow import State
from engine.to_python.compile import to_python
from engine.to_python.roots import Surroundings
from engine.types.money import Money
from engine.work.context import Context
from engine.work.facts import Record, old_facts, stored_facts
from engine.work.surroundings import NO_NEED, surroundings

MOST_LEVELS = 6
"""How often values that are computed from each other are computed; the levels of rows there are."""


def around_draft(context: Context, draft: Draft, needs: Mapping[str, Need]) -> Surroundings:
    old = old_facts(context, draft.old, needs["old"]) if draft.old and "old" in needs else None
    return surroundings(context, needs, is_new=draft.old is None, old=old)


# ---- defaults


def fill_expressions(context: Context, draft: Draft, parent: Record | None = None) -> None:
    """Give new records the defaults that are expressions, in order of declaration, where nothing was said."""
    rules = context.runtime.rules[draft.entity.name]
    if draft.old is None and rules.defaults:
        _fill(context, draft, rules, parent)
    for rows in draft.children.values():
        for row in rows:
            fill_expressions(context, row, parent_facts(context, draft, row))


def _fill(context: Context, draft: Draft, rules: EntityRules, parent: Record | None) -> None:
    needs = rules.needs_of_defaults
    around = surroundings(context, needs, is_new=True)
    for default in rules.defaults:
        name = default.member
        if name in draft.values or (name in draft.keys and name not in draft.given):
            continue
        record = draft_facts(context, draft, needs.get("record", NO_NEED), parent)
        _take(draft, name, default.evaluate(record, around))


def _take(draft: Draft, name: str, value: Any) -> None:
    if value is None:
        return
    relation = draft.entity.relations.get(name)
    if relation is None:
        draft.values[name] = kept_value(
            value, lambda: getattr(draft.entity.properties[name].type, "unsaid", "")
        )
    elif value["id"]:
        draft.keys[name] = (value.get("_entity", relation.targets[0]), value["id"])
        draft.given.add(name)


# ---- computed values


def compute(context: Context, draft: Draft) -> None:
    """Set the computed properties that are stored, of a draft and its rows, until none of them changes any more."""
    for _ in range(MOST_LEVELS):
        if not _compute(context, draft, None):
            return


def _compute(context: Context, draft: Draft, parent: Record | None, above: Draft | None = None) -> bool:
    moved = False
    for rows in draft.children.values():
        for row in rows:
            moved |= _compute(context, row, parent_facts(context, draft, row), draft)
    rules = context.runtime.rules[draft.entity.name]
    if not rules.stored:
        return moved
    needs = rules.needs_of_stored
    around = surroundings(context, needs, is_new=draft.old is None, shared=True)
    for computed in rules.stored:
        record = draft_facts(context, draft, needs.get("record", NO_NEED), parent, hold=True)
        value = kept_in(context, draft, computed.member, computed.evaluate(record, around), above)
        if draft.value(computed.member) != value:
            draft.values[computed.member] = value
            moved = True
    return moved


def kept_value(value: Any, currency: Callable[[], str]) -> Any:
    """A computed value as its property keeps it: an amount of nothing is in the currency that others would be in."""
    if isinstance(value, Money) and not value.currency:
        return replace(value, currency=currency())
    return value


def kept_in(context: Context, draft: Draft, name: str, value: Any, above: Draft | None) -> Any:
    """The same for a property of a draft; `above` is the draft a row belongs to."""
    return kept_value(value, lambda: currency_for(context, draft, name, above))


# ---- judging a change


def judge(context: Context, draft: Draft, parent: Record | None = None) -> None:
    """Complain of everything the metadata's conditions have against a draft and its rows."""
    rules = context.runtime.rules[draft.entity.name]
    if rules.judges:
        _judge(context, draft, rules, parent)
    if context.runtime.processes.of(draft.entity.name):
        _judge_by_state(context, draft)
    refuse_options(context, draft, parent)
    for rows in draft.children.values():
        for row in rows:
            judge(context, row, parent_facts(context, draft, row))


def parent_facts(context: Context, draft: Draft, row: Draft) -> Record | None:
    """The parent of a row, with whatever the rules of the row's entity read of it."""
    owner = owner_of(draft, row).name
    needed = context.runtime.rules[row.entity.name].needs_of_parent(owner)
    return draft_facts(context, draft, needed) if needed is not None else None


def _judge(context: Context, draft: Draft, rules: EntityRules, parent: Record | None) -> None:
    needs = rules.needs
    around = around_draft(context, draft, needs)
    record = draft_facts(context, draft, needs.get("record", NO_NEED), parent)
    hidden = {each.member for each in rules.visible_if if not each.evaluate(record, around)}
    for name in hidden:
        _refuse_hidden(draft, name)
    for each in rules.readonly_if:
        if each.member not in hidden and each.evaluate(record, around):
            _refuse_change(draft, each.member)
    for each in rules.required_if:
        if each.member not in hidden and each.evaluate(record, around):
            _require(draft, each.member)
    for check in rules.checks:
        if not _passes(check, record, around):
            draft.refuse(check.validation.at, "check", check.validation.message)


def _judge_by_state(context: Context, draft: Draft) -> None:
    found = restrictions(context, draft)
    for name in found.hidden:
        _refuse_hidden(draft, name)
    for name, state in found.fixed.items():
        if _changes(draft, name):
            draft.refuse(name, "frozen", why_fixed(draft.entity, _label(draft, name), state))
    for name in found.required.keys() - found.hidden.keys():
        _require(draft, name)


def lacking(context: Context, draft: Draft) -> list[tuple[str, State]]:
    """The members that the states of a draft require, and that have no value in it."""
    found = restrictions(context, draft)
    return [
        (name, state)
        for name, state in found.required.items()
        if name not in found.hidden and _missing(draft, name)
    ]


def hidden_members(context: Context, draft: Draft, parent: Record | None = None) -> frozenset[str]:
    """The members whose `visible_if` does not hold for a draft, and those its states hide."""
    rules = context.runtime.rules[draft.entity.name]
    by_state = frozenset(restrictions(context, draft).hidden)
    if not rules.visible_if:
        return by_state
    around = around_draft(context, draft, rules.needs)
    record = draft_facts(context, draft, rules.needs.get("record", NO_NEED), parent)
    return by_state | {each.member for each in rules.visible_if if not each.evaluate(record, around)}


def _label(draft: Draft, name: str) -> str:
    return (draft.entity.properties.get(name) or draft.entity.relations[name]).label


def _given(draft: Draft, name: str) -> Any:
    """What a draft sets a member to, None where it sets nothing new."""
    old = draft.old
    if name in draft.values:
        value = draft.values[name]
        return None if old is not None and old.values.get(name) == value else value
    if name in draft.keys and name not in draft.given:
        key = draft.keys[name]
        return None if old is not None and old.keys.get(name) == key else key
    return draft.many.get(name) or draft.children.get(name)


def _changes(draft: Draft, name: str) -> bool:
    old = draft.old
    if old is None:
        return _given(draft, name) is not None
    if name in draft.values:
        return bool(old.values.get(name) != draft.values[name])
    if name in draft.keys:
        return bool(old.keys.get(name) != draft.keys[name])
    return bool(draft.many.get(name)) or bool(draft.children.get(name)) or bool(draft.removed.get(name))


def _refuse_hidden(draft: Draft, name: str) -> None:
    prop = draft.entity.properties.get(name)
    given = _given(draft, name)
    if given is None or (draft.old is None and prop is not None and given == prop.default):
        return
    draft.refuse(name, "not-available", f"{_label(draft, name)} does not apply here: leave it empty.")


def _refuse_change(draft: Draft, name: str) -> None:
    prop = draft.entity.properties.get(name)
    if draft.old is None and prop is not None and draft.values.get(name) == prop.default:
        return
    if _changes(draft, name):
        draft.refuse(name, "read-only", f"{_label(draft, name)} can't be changed now.")


def _require(draft: Draft, name: str) -> None:
    verb = "filled in" if name in draft.entity.properties else "chosen"
    place = f"{draft.at}{name}"
    told = any(error.at == place or error.at.startswith(f"{place}.") for error in draft.errors)
    if _missing(draft, name) and not told:
        draft.refuse(name, "required", f"{_label(draft, name)} must be {verb}.")


def _missing(draft: Draft, name: str) -> bool:
    """Whether a member has no value; lists of records are not asked."""
    relation = draft.entity.relations.get(name)
    if relation is None:
        return draft.value(name) is None
    return relation.holds_key and draft.key(name) is None


# ---- validations


def _passes(check: CompiledCheck, record: Record, around: Surroundings) -> bool:
    """True passes, false does not; unknown passes where something it reads is null: then there is nothing to check."""
    result = check.evaluate(record, around)
    return bool(result) if result is not None else reads_null(check.rule.loose.node, record, around)


def reads_null(node: Node, record: Record, around: Surroundings) -> bool:
    """Whether a member that a condition reads is null."""
    bound = {found.variable: found.items for found in walk(node) if isinstance(found, Test | Filter | Map)}
    return any(
        value is None
        for found in walk(node)
        if isinstance(found, Member)
        for value in _values(found, bound, record, around)
    )


def _values(node: Node, bound: Mapping[str, Node], record: Record, around: Surroundings) -> list[Any]:
    """Every value a path has, over all the items of the lists it walks."""
    match node:
        case Root():
            return [to_python(node).evaluate(record, around)]
        case Variable():
            return (
                [item for items in _values(bound[node.name], bound, record, around) for item in items or ()]
                if node.name in bound
                else []
            )
        case Member() | Many():
            below = _values(node.operand, bound, record, around)
            return [None if each is None else each[node.name] for each in below]
        case Filter():
            return _values(node.items, bound, record, around)
        case _:
            return []


# ---- options


def refuse_options(context: Context, draft: Draft, parent: Record | None = None) -> None:
    """Complain of chosen records that a relation's `options_where` does not offer."""
    rules = context.runtime.rules[draft.entity.name]
    for each in rules.options_where:
        key = draft.keys.get(each.member)
        if key is None or (draft.old is not None and draft.old.keys.get(each.member) == key):
            continue
        needs = rules.needs_of_options
        option = stored_facts(context, key[0], [key[1]], needs.get("option", NO_NEED)).get(key[1])
        record = draft_facts(context, draft, needs.get("record", NO_NEED), parent)
        around = surroundings(context, needs, is_new=draft.old is None, option=option)
        if option is not None and not each.evaluate(record, around):
            label = _label(draft, each.member)
            draft.refuse(each.member, "not-offered", f"{label}: this record can't be chosen here.")
