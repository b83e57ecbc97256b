"""The stored computed values of made-up records, and of those that hang on them: right once all are written.

While records are written it is noted what hangs on them; afterwards each value is computed once, level by
level and in portions, so that an account with a thousand new tickets counts them once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager

from engine.service.context import Context
from engine.service.dependents import Affected, Dependents, Touched
from engine.service.refreshing import refresh

Unit = Callable[[], AbstractContextManager[Context]]

AT_ONCE = 4_000
"""Records of one transaction."""


class StoredValues:
    """What has to be computed of the records written so far."""

    def __init__(self) -> None:
        self._affected: Affected = {}

    def note(self, context: Context, entity: str, ids: Iterable[int]) -> None:
        """Records were written: their own values, and whatever hangs on them. Rows come before their parent."""
        made = set(ids)
        dependents = Dependents(context, self._affected)
        for computed in context.runtime.rules[entity].stored:
            dependents.add(entity, computed.member, made)
        dependents.note([Touched(entity, made)])

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
