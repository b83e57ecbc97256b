"""Amounts whose currency another property says: looked up in the record being written, or along a path.

An amount keeps the currency that it was given when it was first written. It takes another one when the
record itself changes what says it: the sibling property, the relation the path goes through, or the parent.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from engine.drafts.draft import Draft
from engine.metamodel.entity import Entity
from engine.metamodel.property import Property
from engine.sql.aliased import aliased
from engine.types.base import Refused
from engine.types.currency import currency_of
from engine.work.conditions import alive
from engine.work.context import Context
from engine.work.pairs import owner_key
from engine.work.stored import Stored, load

AT_ONCE = 500
"""Records that one statement asks for."""


@dataclass(frozen=True)
class Following:
    """A property with the steps to what says its currency."""

    prop: Property
    steps: tuple[str, ...]


def settle_currencies(context: Context, draft: Draft, above: Draft | None = None) -> None:
    """Give the amounts of a draft and its rows their currencies; `above` is the draft a row belongs to."""
    _take_rows_along(context, draft)
    for following in followings(context, draft.entity):
        prop = following.prop
        moved = _moved(context, draft, following.steps, above)
        given = draft.values.get(prop.name)
        had = draft.old.values.get(prop.name) if draft.old else None
        if given is None and (prop.name in draft.values or had is None or not moved):
            continue
        try:
            draft.values[prop.name] = _settled(context, draft, following, above, None if moved else had)
        except Refused as refused:
            draft.refuse(prop.name, refused.code, str(refused), refused.part)
    for rows in draft.children.values():
        for row in rows:
            settle_currencies(context, row, draft)


def followings(context: Context, entity: Entity) -> tuple[Following, ...]:
    """The properties of an entity whose currency another one says."""
    key = ("currencies", entity.name)
    plans = context.runtime.plans
    if key not in plans:
        plans[key] = tuple(
            Following(prop, tuple(prop.type.follows.split(".")))
            for prop in entity.properties.values()
            if prop.type.follows
        )
    found: tuple[Following, ...] = plans[key]
    return found


def currency_for(context: Context, draft: Draft, name: str, above: Draft | None) -> str:
    """The currency of an amount that says none itself, because it is the sum of nothing."""
    kind: Any = draft.entity.properties[name].type
    said = _said(context, draft, tuple(kind.follows.split(".")), above) if kind.follows else None
    return currency_of(said or "") or kind.usual


def currencies_for(context: Context, prop: Property, entity: str, ids: set[int]) -> dict[int, str]:
    """The same for records in the database, as far as something says it."""
    if not ids or not prop.type.follows:
        return {}
    found = stored_at(context, entity, ids, tuple(prop.type.follows.split(".")))
    return {number: code for number, said in found.items() if (code := currency_of(said))}


def _settled(context: Context, draft: Draft, following: Following, above: Draft | None, kept: Any) -> Any:
    """The amount in its currency; `kept` is the stored one where its currency stands."""
    kind: Any = following.prop.type
    given = draft.values.get(following.prop.name)
    if given is None:  # not written, but what says its currency was
        assert draft.old is not None
        given = replace(draft.old.values[following.prop.name], currency="")
    if kept is not None and given.currency in ("", kept.currency):
        return kind.in_currency(given, kept.currency)
    said = _said(context, draft, following.steps, above)
    if said is None:
        return kind.in_currency(given, given.currency or kind.usual)
    code = currency_of(said)
    if code is None:
        raise Refused(
            "unknown-currency", f"“{said}” is no currency: {_where(context, draft, following)} says so."
        )
    if given.currency not in ("", code):
        message = f"This is in {code}, as {_where(context, draft, following)} says, not in {given.currency}."
        raise Refused("other-currency", message, "currency")
    return kind.in_currency(given, code)


def _where(context: Context, draft: Draft, following: Following) -> str:
    """The labels along the path."""
    entity, labels = draft.entity, []
    for step in following.steps:
        member = entity.properties.get(step) or entity.relations[step]
        labels.append(member.label)
        if step in entity.relations:
            entity = context.runtime.entities[entity.relations[step].target]
    return " › ".join(labels)


# ---- what says the currency


def _said(context: Context, draft: Draft, steps: tuple[str, ...], above: Draft | None) -> str | None:
    """What the property at the end of the path says, or will say once this is written; None for nothing."""
    first, *rest = steps
    if not rest:
        value = draft.value(first)
        return None if value is None else str(value)
    relation = draft.entity.relations[first]
    if relation.owner_of_row and above is not None and above.entity.name == relation.target:
        return _said(context, above, tuple(rest), None)
    key = draft.key(first)
    if key is None:
        return None
    return stored_at(context, key[0], {key[1]}, tuple(rest)).get(key[1])


def stored_at(context: Context, entity: str, ids: set[int], steps: tuple[str, ...]) -> dict[int, str]:
    """What stands in the database at the end of a path, for each record the path begins at."""
    made = context.runtime.table(entity)
    first = table = aliased(made.table)
    source: sa.FromClause = first
    for step in steps[:-1]:
        following = context.runtime.table(made.entity.relations[step].target)
        target = aliased(following.table)
        source = source.join(target, table.c[made.cells[step][0].name] == target.c.id)
        made, table = following, target
    column = table.c[made.cells[steps[-1]][0].name]
    found: dict[int, str] = {}
    for some in _portions(sorted(ids)):
        statement = sa.select(first.c.id, column).select_from(source)
        rows = context.connection.execute(statement.where(first.c.id.in_(some), column.is_not(None)))
        found |= {number: str(said) for number, said in rows}
    return found


def _portions(ids: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(ids), AT_ONCE):
        yield ids[start : start + AT_ONCE]


# ---- what moves an amount to another currency


def _moved(context: Context, draft: Draft, steps: tuple[str, ...], above: Draft | None) -> bool:
    """Whether a stored record is given another value, relation or parent's value that says its currency."""
    if draft.old is None:
        return False
    first, *rest = steps
    if not rest:
        return first in draft.values and draft.values[first] != draft.old.values.get(first)
    if draft.entity.relations[first].owner_of_row and above is not None:
        return _moved(context, above, tuple(rest), None)
    return first in draft.keys and draft.keys[first] != draft.old.keys.get(first)


def _take_rows_along(context: Context, draft: Draft) -> None:
    """Add the rows whose amounts follow what this draft changes, and that nobody named."""
    if draft.old is None:
        return
    for relation in draft.entity.relations.values():
        if relation.kind != "composition":
            continue
        child = context.runtime.entities[relation.target]
        owner = owner_key(child, draft.entity.name, relation.name)
        ways = [each.steps for each in followings(context, child) if each.steps[0] == owner.name]
        if any(_moved(context, draft, steps[1:], None) for steps in ways):
            rows = draft.children.setdefault(relation.name, [])
            named = {row.old.id for row in rows if row.old} | {*draft.removed.get(relation.name, ())}
            for stored in _rows_of(context, child.name, owner.name, draft.old.id):
                if stored.id not in named:
                    rows.append(Draft(child, stored, f"{draft.at}{relation.name}.{len(rows)}."))


def _rows_of(context: Context, child: str, owner: str, number: int) -> list[Stored]:
    made = context.runtime.table(child)
    mine = sa.select(made.table.c.id).where(made.table.c[owner] == number, *alive(made.table))
    ids = list(context.connection.execute(mine).scalars())
    return list(load(context, child, ids, lock=True).values()) if ids else []
