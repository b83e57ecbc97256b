"""What stands around a record as its expressions see it: who asks, when, where, and what they may do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from types import SimpleNamespace
from typing import cast, overload
from zoneinfo import ZoneInfo

from engine.expressions.reads import Need
from engine.to_python.roots import Surroundings
from engine.work.context import Context
from engine.work.facts import NOBODY, Record, one_facts
from engine.work.parameters import parameter_values
from engine.work.users import users_with

NO_NEED = Need()


class Subordinates(Sequence[Record]):
    """The users whose role is below one of the actor's, asked for only where an expression does."""

    def __init__(self, context: Context) -> None:
        self._context = context

    @cached_property
    def _found(self) -> tuple[Record, ...]:
        context = self._context
        roles = context.actor.asking_roles
        below = context.runtime.access.below_all(roles) - roles
        if not below:
            return ()
        users = context.connection.execute(users_with(context.runtime, below)).scalars()
        return tuple({"id": number, "_entity": "user"} for number in users)

    @overload
    def __getitem__(self, place: int) -> Record: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Record]: ...
    def __getitem__(self, place: int | slice) -> Record | Sequence[Record]:
        return self._found[place]

    def __len__(self) -> int:
        return len(self._found)


def rooted(
    around: Surroundings, records: Mapping[str, Record | None], values: Mapping[str, object]
) -> Surroundings:
    """The same with more to start from: records by name, and named values (`form.x`)."""
    if not records:
        return replace(around, values={**around.values, **values}) if values else around
    known = {name: getattr(around, name) for name in Surroundings.__dataclass_fields__}
    known["values"] = {**around.values, **values}
    return cast(Surroundings, SimpleNamespace(**{**known, **records}))


def surroundings(
    context: Context,
    needs: Mapping[str, Need],
    *,
    is_new: bool = False,
    shared: bool = False,
    old: Record | None = None,
    option: Record | None = None,
) -> Surroundings:
    """What stands around the record: the actor, the moment, and whatever other roots are given.

    `shared`: for a value that is the same for everybody; days are then those of the application.
    """
    actor = context.actor
    user: Record = NOBODY
    if actor.id is not None:
        need = needs.get("user", NO_NEED)
        user = one_facts(context, [("user", actor.id)], need).get(("user", actor.id), NOBODY)
    zone = ZoneInfo(context.runtime.application.settings.timezone) if shared else actor.display.timezone
    return Surroundings(
        values=parameter_values(context) if "parameters" in needs else {},
        now=context.now,
        today=context.now.astimezone(zone).date(),
        zone=zone,
        is_new=is_new,
        user=user,
        roles=tuple(sorted(actor.asking_roles)),
        old=old,
        option=option,
        subordinates=Subordinates(context),
        can=lambda capability: context.runtime.access.may_use(actor.asking_roles, capability),
    )
