"""Conditions of grants and sharing rules in statements, and the parameters a request gives them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import sqlalchemy as sa

from engine.access.groups import is_of
from engine.build.sources import StoredTables
from engine.declared.rules import Rule
from engine.sql.aliased import aliased
from engine.to_sql.compile import Compiled, Over, to_sql
from engine.to_sql.source import Scope
from engine.work.context import Context
from engine.work.expressions import Asked, Attach, Ready, compile_over, parameters, ready
from engine.work.plans import kept


def condition(
    context: Context, rule: Rule, alias: sa.FromClause, attach: Attach | None
) -> sa.ColumnElement[bool]:
    """The condition that a rule is true of the records of a table in a statement.

    Where the statement can't lend its joins (`attach`), what the rule reads of other records stands in a subquery.
    """
    prefix = _prefix(context, rule)
    if attach is not None:
        at = Asked(rule.entity, alias, attach, prefix)
        return compile_over(context, rule.checked, at, mode="true").clause
    direct, joined = _apart(context, rule, alias)
    if not joined:
        return direct.clause
    own = aliased(context.runtime.table(rule.entity).table)
    inner = Scope(StoredTables(context.runtime.tables), own)
    made = _compiled(context, rule, inner)
    return alias.c.id.in_(sa.select(own.c.id).select_from(inner.source).where(made.clause))


def _apart(context: Context, rule: Rule, alias: sa.FromClause) -> tuple[Compiled, bool]:
    """The rule over a table alone, and whether it needs others joined to it."""
    scope = Scope(StoredTables(context.runtime.tables), alias)
    made = _compiled(context, rule, scope)
    return made, bool(scope.joined)


def _compiled(context: Context, rule: Rule, scope: Scope) -> Compiled:
    over = Over(scope, rule.entity, prefix=_prefix(context, rule))
    return to_sql(rule.checked.node, "true", over, context.runtime.dialect)


def _prefix(context: Context, rule: Rule) -> str:
    """What the parameters of a rule begin with: the same wherever it stands in a statement."""
    return f"_access{context.runtime.rule_numbers[rule.expression]}"


def operands_of(context: Context, rules: Iterable[Rule]) -> dict[str, Any]:
    """The parameters of some rules, for this actor and moment."""
    return parameters(context, [_ready(context, rule) for rule in rules])


def _ready(context: Context, rule: Rule) -> Ready:
    """A rule with its parameters as functions; they are the same over any table that it stands on."""

    def make() -> Ready:
        table = aliased(context.runtime.table(rule.entity).table)
        return ready(_apart(context, rule, table)[0], shared=False)

    return kept(context.runtime, ("access rule", rule.expression), make)


def rules_for(context: Context) -> Iterator[Rule]:
    """The conditions of every grant of the actor's roles, and of every sharing rule for them."""
    actor = context.actor
    if actor.administrator:
        return
    for access in context.runtime.access.entities.values():
        for (role, _), grants in access.granted.items():
            if role in actor.roles:
                yield from (each.rule for each in grants if each.rule is not None)
        for shared in access.sharing:
            if shared.rule is not None and is_of(context, shared.declared.target):
                yield shared.rule
