"""Currencies in made-up records: amounts are in the one that the record, its parent or a related record says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import ROUND_HALF_UP
from typing import Any

from engine.drafts.currencies import followings, stored_at
from engine.metamodel.entity import Entity
from engine.metamodel.property import Property
from engine.sampling.facts import Facts
from engine.sampling.meanings import Propose
from engine.service.bulk import NewRow
from engine.types.currency import currency_of, digits
from engine.types.number import step
from engine.work.context import Context

Sources = frozenset[tuple[str, str]]
"""The (entity, property) that amounts take their currency from."""

USUAL = ("EUR", "USD", "GBP", "RON")
MOSTLY = 0.8
"""How many records are in the usual currency: the default, or the first that can be chosen."""


def propose_currency(prop: Property) -> Propose:
    """The currency of a property that says which amounts are in."""
    offered = [choice.name for choice in prop.type.control().options] or list(USUAL)
    usual = prop.default or offered[0]

    def propose(facts: Facts) -> Any:
        if facts.random.random() < MOSTLY:
            return usual
        return offered[int(facts.random.random() * len(offered))]

    return propose


def settle_samples(context: Context, entity: Entity, rows: Sequence[NewRow], sources: Sources) -> None:
    """Bring the amounts of new rows into their currencies. What they refer to is written already."""
    _agree(context, entity, rows, sources)
    for following in followings(context, entity):
        name, steps = following.prop.name, following.steps
        said: dict[int, Any] = {}
        if len(steps) > 1:
            target = entity.relations[steps[0]].target
            ids = {key[1] for row in rows if (key := row.keys.get(steps[0])) is not None}
            said = stored_at(context, target, ids, steps[1:])
        for row in rows:
            value = row.values.get(name)
            if value is not None:
                key = row.keys.get(steps[0])
                text = row.values.get(steps[0]) if len(steps) == 1 else said.get(key[1]) if key else None
                row.values[name] = _in(value, currency_of(str(text or "")) or value.currency, following.prop)


def _agree(context: Context, entity: Entity, rows: Sequence[NewRow], sources: Sources) -> None:
    """Who deals in a currency is dealt with in it: a record says the one that a record it belongs to says."""
    for name in sorted(name for holder, name in sources if holder == entity.name):
        for relation in entity.relations.values():
            for target in relation.targets if relation.holds_key and not relation.system else ():
                if (target, name) not in sources or relation.kind == "tree":
                    continue
                ids = {
                    row.id: key[1]
                    for row in rows
                    if (key := row.keys.get(relation.name)) and key[0] == target
                }
                said = stored_at(context, target, set(ids.values()), (name,))
                for row in rows:
                    row.values[name] = said.get(ids.get(row.id, 0), row.values.get(name))


def _in(value: Any, code: str, prop: Any) -> Any:
    """An amount in a currency, rounded to what that has."""
    code = code or prop.type.usual
    return replace(value, amount=value.amount.quantize(step(digits(code)), ROUND_HALF_UP), currency=code)
