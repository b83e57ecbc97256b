"""Computing stored values anew for records that are in the database already."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from engine.build.rules import Compiled
from engine.expressions.reads import Need, reads
from engine.service.conditions import alive
from engine.service.context import Context
from engine.service.facts import stored_facts
from engine.service.rules import kept_value, surroundings
from engine.service.stored import cells

AT_ONCE = 500


def refresh(context: Context, entity: str, members: Mapping[str, set[int]]) -> dict[str, set[int]]:
    """Compute members of records anew; answers which of them came out different, by member."""
    rules = [each for each in context.runtime.rules[entity].stored if each.member in members]
    every = sorted(set().union(*members.values()))
    changed: dict[str, set[int]] = {}
    for start in range(0, len(every), AT_ONCE):
        ids = every[start : start + AT_ONCE]
        _hold(context, entity, ids)
        for number, values in _values(context, entity, rules, ids).items():
            wanted = {name: value for name, value in values.items() if number in members[name]}
            for name in _write(context, entity, number, wanted):
                changed.setdefault(name, set()).add(number)
    return changed


def _hold(context: Context, entity: str, ids: list[int]) -> None:
    """Let who computes the same values at the same time wait, and so see what we have written.

    It does not wait for those who merely refer to these records: who wrote a row of theirs holds such a lock,
    and two of them would wait for each other.
    """
    if context.runtime.dialect == "postgresql":
        columns = context.runtime.table(entity).table.c
        statement = sa.select(columns.id).where(columns.id.in_(ids)).order_by(columns.id)
        context.connection.execute(statement.with_for_update(key_share=True))


def _values(
    context: Context, entity: str, rules: list[Compiled], ids: list[int]
) -> dict[int, dict[str, Any]]:
    """What the members should be, and are not, by record."""
    needs = reads(*(rule.node for rule in rules))
    need = Need()
    need.add(needs.get("record", Need()))
    for rule in rules:
        need.member(rule.member)
    around = surroundings(context, needs, shared=True)
    declared = context.runtime.entities[entity]
    found: dict[int, dict[str, Any]] = {}
    for number, record in stored_facts(
        context, entity, _alive(context, entity, ids), need, hold=True
    ).items():
        for rule in rules:
            value = kept_value(declared, rule.member, rule.evaluate(record, around))
            if value != record[rule.member]:
                found.setdefault(number, {})[rule.member] = value
    return found


def _alive(context: Context, entity: str, ids: list[int]) -> list[int]:
    """Those not in the trash: what is there keeps the values it went with."""
    table = context.runtime.table(entity).table
    statement = sa.select(table.c.id).where(table.c.id.in_(ids), *alive(table))
    return list(context.connection.execute(statement).scalars())


def _write(context: Context, entity: str, number: int, values: Mapping[str, Any]) -> list[str]:
    if not values:
        return []
    made = context.runtime.table(entity)
    row = cells(made, values, {})
    context.connection.execute(sa.update(made.table).where(made.table.c.id == number).values(row))
    return list(values)
