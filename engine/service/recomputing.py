"""Stored computed values of many records at once: after a load past the usual way, or when metadata computes otherwise.

What has to be computed is noted first; then each value is computed once, level by level and in portions, so that an
account with a thousand new tickets counts them once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager

import sqlalchemy as sa

from engine.expressions.nodes import Apply, Node, walk
from engine.expressions.written import written
from engine.service.dependents import Affected, Dependents, Touched
from engine.service.refreshing import refresh
from engine.store.system import meta
from engine.work.context import SYSTEM, Context
from engine.work.gateway import Gateway

Unit = Callable[[], AbstractContextManager[Context]]

AT_ONCE = 4_000
"""Records of one transaction."""

PREFIX = "computed:"
"""Keys under which the engine remembers what it computed values by."""


class StoredValues:
    """What has to be computed."""

    def __init__(self) -> None:
        self._affected: Affected = {}

    def note(self, context: Context, entity: str, ids: Iterable[int]) -> None:
        """Records were written: their own values, and whatever hangs on them. Rows come before their parent."""
        made = set(ids)
        for computed in context.runtime.rules[entity].stored:
            self.add(context, entity, computed.member, made)
        Dependents(context, self._affected).note([Touched(entity, made)])

    def add(self, context: Context, entity: str, member: str, ids: set[int]) -> None:
        """One value of some records."""
        Dependents(context, self._affected).add(entity, member, ids)

    def settle(self, unit: Unit) -> None:
        """Compute what was noted, and what hangs on that in turn."""
        while self._affected:
            entity = next(iter(self._affected))
            members = self._affected.pop(entity)
            every = sorted(set().union(*members.values()))
            for start in range(0, len(every), AT_ONCE):
                some = every[start : start + AT_ONCE]
                with unit() as context:
                    wanted = {name: ids.intersection(some) for name, ids in members.items()}
                    changed = refresh(context, entity, wanted)
                    further = (Touched(entity, ids, [name]) for name, ids in changed.items())
                    Dependents(context, self._affected).note(further)


# ---- when the metadata computes otherwise


def recompute(gateway: Gateway) -> tuple[str, ...]:
    """Compute the stored values of all records whose expression is new or another one; answers which, in words.

    What was computed by is remembered last: whoever is stopped before that begins again.
    """
    values, told = StoredValues(), []
    with gateway.read(SYSTEM, "job") as context:
        texts = _outdated(context)
        for name in texts:
            entity, _, member = name.partition(".")
            table = context.runtime.table(entity).table
            ids = set(context.connection.execute(sa.select(table.c.id)).scalars())
            values.add(context, entity, member, ids)
            if ids:
                told.append(f"{name}: computed of {len(ids):,} record{'' if len(ids) == 1 else 's'}")
    if texts:
        values.settle(lambda: gateway.write(SYSTEM, "job"))
        gateway.writing(SYSTEM, "job", lambda context: _remember(context, texts))
    return tuple(told)


def _outdated(context: Context) -> dict[str, str]:
    """The stored values that are not computed by what the metadata says now, with what that is."""
    rows = context.connection.execute(
        sa.select(meta.c.key, meta.c.value).where(meta.c.key.startswith(PREFIX))
    )
    known = {key.removeprefix(PREFIX): value for key, value in rows}
    wanted = {
        f"{name}.{computed.member}": _computed_by(context, computed.rule.checked.node)
        for name, rules in context.runtime.rules.items()
        for computed in rules.stored
    }
    return {name: text for name, text in wanted.items() if known.get(name) != text}


def _computed_by(context: Context, node: Node) -> str:
    """What a value hangs on besides its record: the expression, and the zone its days begin in where it has any."""
    zoned = any(isinstance(found, Apply) and found.function.zoned for found in walk(node))
    zone = context.runtime.application.settings.timezone
    return f"{written(node)} // in {zone}" if zoned else written(node)


def _remember(context: Context, texts: Mapping[str, str]) -> None:
    for name, text in texts.items():
        key = PREFIX + name
        changed = context.connection.execute(sa.update(meta).where(meta.c.key == key).values(value=text))
        if not changed.rowcount:
            context.connection.execute(sa.insert(meta).values(key=key, value=text))
