"""Computing stored values anew for records that are in the database already: in SQL where that can be said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import sqlalchemy as sa

from engine.build.rules import Compiled
from engine.build.table import EntityTable
from engine.drafts.currencies import currencies_for
from engine.drafts.rules import kept_value
from engine.expressions.reads import Need, reads
from engine.metamodel.property import Property
from engine.to_sql.limits import sql_problem
from engine.work.conditions import alive, among_keys
from engine.work.context import Context
from engine.work.expressions import Asked, Ready, compile_over, parameters, ready
from engine.work.facts import stored_facts
from engine.work.plans import kept
from engine.work.stored import cells
from engine.work.surroundings import surroundings

AT_ONCE = 500
"""Records of one statement."""

Values = dict[int, dict[str, Any]]
"""New values by record and member."""


def refresh(context: Context, entity: str, members: Mapping[str, set[int]]) -> dict[str, set[int]]:
    """Compute members of records anew; answers which of them came out different, by member."""
    rules = [each for each in context.runtime.rules[entity].stored if each.member in members]
    every = sorted(set().union(*members.values()))
    changed: dict[str, set[int]] = {}
    for start in range(0, len(every), AT_ONCE):
        ids = every[start : start + AT_ONCE]
        _hold(context, entity, ids)
        wanted = {
            number: {name: value for name, value in values.items() if number in members[name]}
            for number, values in _values(context, entity, rules, ids).items()
        }
        _write(context, entity, wanted)
        for number, values in wanted.items():
            for name in values:
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


def _values(context: Context, entity: str, rules: Sequence[Compiled], ids: list[int]) -> Values:
    """What the members should be, and are not. What is in the trash keeps the values it went with."""
    in_sql = [rule for rule in rules if sql_problem(rule.rule.checked.node) is None]
    found = _by_sql(context, entity, in_sql, ids)
    rest = [rule for rule in rules if rule not in in_sql]
    if rest:
        for number, values in _by_python(context, entity, rest, ids).items():
            found.setdefault(number, {}).update(values)
    return found


# ---- in SQL


@dataclass(frozen=True)
class Plan:
    """A statement that selects, for each member, what is stored and what should be."""

    statement: sa.Select[Any]
    expressions: tuple[Ready, ...]
    members: tuple[tuple[str, int], ...]  # each with how many columns it takes


def _by_sql(context: Context, entity: str, rules: Sequence[Compiled], ids: Sequence[int]) -> Values:
    if not rules:
        return {}
    key = ("refresh", entity, tuple(rule.member for rule in rules))
    plan = kept(context.runtime, key, lambda: _plan(context, entity, rules))
    operands = {**parameters(context, plan.expressions), "_keys": list(ids)}
    made = context.runtime.table(entity)
    rows = context.connection.execute(plan.statement, operands).all()
    found: Values = {}
    position = 1
    for name, width in plan.members:
        middle, end = position + width, position + 2 * width
        unsaid = {row[0] for row in rows if width == 2 and row[middle] is not None and row[end - 1] is None}
        said = currencies_for(context, made.entity.properties[name], entity, unsaid)
        for row in rows:
            value = _loaded(made, name, row[middle:end], said.get(row[0]))
            if value != _loaded(made, name, row[position:middle]):
                found.setdefault(row[0], {})[name] = value
        position = end
    return found


def _loaded(made: EntityTable, name: str, found: Sequence[Any], said: str | None = None) -> Any:
    """The value of some cells; an amount without a currency is in what is said, or the application's."""
    prop = made.entity.properties[name]
    if found[0] is None:
        return None
    if len(found) == 2 and found[1] is None:
        found = (found[0], said or getattr(prop.type, "usual", None))
    return prop.type.load(found)


def _plan(context: Context, entity: str, rules: Sequence[Compiled]) -> Plan:
    made = context.runtime.table(entity)
    source: sa.FromClause = made.table
    joins: list[tuple[sa.FromClause, sa.ColumnElement[bool]]] = []
    columns: list[sa.ColumnElement[Any]] = [made.table.c.id]
    expressions: list[Ready] = []
    members = []
    for position, rule in enumerate(rules):
        at = Asked(entity, made.table, lambda target, on: joins.append((target, on)), f"r{position}")
        compiled = compile_over(context, rule.rule.checked, at)
        stored = made.cells[rule.member]
        typed = zip(compiled.columns, stored, strict=True)
        columns += [*stored, *(sa.type_coerce(clause, column.type) for clause, column in typed)]
        expressions.append(ready(compiled, shared=True))
        members.append((rule.member, len(stored)))
    for target, on in joins:
        source = source.outerjoin(target, on)
    labelled = [column.label(f"_{position}") for position, column in enumerate(columns)]
    statement = sa.select(*labelled).select_from(source)
    statement = statement.where(among_keys(made.table.c.id, one=False), *alive(made.table))
    return Plan(statement, tuple(expressions), tuple(members))


# ---- in Python


def _by_python(context: Context, entity: str, rules: Iterable[Compiled], ids: list[int]) -> Values:
    rules = list(rules)
    needs = reads(*(rule.node for rule in rules))
    need = Need()
    need.add(needs.get("record", Need()))
    for rule in rules:
        need.member(rule.member)
    around = surroundings(context, needs, shared=True)
    declared = context.runtime.entities[entity]
    found: Values = {}
    living = _alive(context, entity, ids)
    for number, record in stored_facts(context, entity, living, need, hold=True).items():
        for rule in rules:
            prop = declared.properties[rule.member]
            unsaid = partial(_currency, context, entity, prop, number)
            value = kept_value(rule.evaluate(record, around), unsaid)
            if value != record[rule.member]:
                found.setdefault(number, {})[rule.member] = value
    return found


def _currency(context: Context, entity: str, prop: Property, number: int) -> str:
    """The currency of an amount of nothing."""
    said = currencies_for(context, prop, entity, {number}).get(number)
    return said or str(getattr(prop.type, "usual", ""))


def _alive(context: Context, entity: str, ids: list[int]) -> list[int]:
    table = context.runtime.table(entity).table
    statement = sa.select(table.c.id).where(table.c.id.in_(ids), *alive(table))
    return list(context.connection.execute(statement).scalars())


def _write(context: Context, entity: str, found: Values) -> None:
    """Write new values: those of the same members of many records with one prepared statement."""
    made = context.runtime.table(entity)
    alike: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for number, values in found.items():
        if values:
            row = {"_number": number, **cells(made, values, {})}
            alike.setdefault(tuple(row), []).append(row)
    statement = sa.update(made.table).where(made.table.c.id == sa.bindparam("_number"))
    for rows in alike.values():
        context.connection.execute(statement, rows)


# ---- everything


MOST_LEVELS = 8


def refresh_everything(context: Context) -> None:
    """Bring every stored computed value right: after many records were written past the usual way."""
    for _ in range(MOST_LEVELS):
        moved = False
        for entity, rules in context.runtime.rules.items():
            if rules.stored:
                table = context.runtime.table(entity).table
                ids = set(context.connection.execute(sa.select(table.c.id)).scalars())
                moved |= bool(ids and refresh(context, entity, {each.member: ids for each in rules.stored}))
        if not moved:
            return
