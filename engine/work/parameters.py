"""What the parameters of workflows are set to: read once per unit of work, and only where something asks.

A value that was set is kept as JSON. Where the metadata changed since and it no longer fits, the default is in effect.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from engine.metamodel.property import Property
from engine.metamodel.workflow import PARAMETERS
from engine.store.system import parameter
from engine.types.base import Refused
from engine.work.context import Context

IS = "is"


@dataclass(frozen=True, kw_only=True)
class Setting:
    """A parameter with the value in effect. `value` is None for none.

    `set` says that somebody gave it a value, `at` when one was given or taken back last. `unfit`: what was given, where
    it no longer fits.
    """

    workflow: str
    prop: Property
    value: Any
    set: bool = False
    unfit: Any = None
    at: datetime | None = None
    by: str = ""

    @property
    def name(self) -> str:
        return self.prop.name

    @property
    def default(self) -> Any:
        return self.prop.default


def parameter_values(context: Context) -> Mapping[str, Any]:
    """The value of every parameter, as expressions call it: `parameters.WORKFLOW.NAME`."""
    found = context.same_for_all.get(parameter)
    if found is None:
        found = {f"{PARAMETERS}.{each.workflow}.{each.name}": each.value for each in settings_of(context)}
        context.same_for_all[parameter] = found
    assert isinstance(found, dict)
    return found


def setting_of(context: Context, path: str) -> tuple[Property, Any]:
    """A parameter by workflow and name, as `sale.limit`, with its value."""
    workflow, _, name = path.partition(".")
    prop = context.runtime.application.workflows[workflow].parameters[name]
    return prop, parameter_values(context)[f"{PARAMETERS}.{path}"]


def settings_of(context: Context) -> list[Setting]:
    """Every parameter of every workflow, in order of declaration."""
    declared = [
        (workflow.name, prop)
        for workflow in context.runtime.application.workflows.values()
        for prop in workflow.parameters.values()
    ]
    rows = {(row.workflow, row.name): row for row in _last(context)} if declared else {}
    return [_setting(workflow, prop, rows) for workflow, prop in declared]


def _last(context: Context) -> Iterator[Any]:
    """The last entry of each parameter."""
    newest = sa.select(sa.func.max(parameter.c.id)).group_by(parameter.c.workflow, parameter.c.name)
    yield from context.connection.execute(sa.select(parameter).where(parameter.c.id.in_(newest)))


def _setting(workflow: str, prop: Property, rows: Mapping[tuple[str, str], Any]) -> Setting:
    row = rows.get((workflow, prop.name))
    if row is None:
        return Setting(workflow=workflow, prop=prop, value=prop.default)
    told = {"workflow": workflow, "prop": prop, "at": row.at, "by": row.actor_name}
    if IS not in row.value:
        return Setting(value=prop.default, **told)
    try:
        return Setting(value=value_of(prop, row.value[IS]), set=True, **told)
    except Refused:
        return Setting(value=prop.default, unfit=row.value[IS], **told)


def value_of(prop: Property, raw: Any) -> Any:
    """A value as the API says it, for a parameter; None for none. Raises Refused."""
    value = None if raw is None else prop.type.parse(raw)
    if value is not None and prop.type.empty(value):
        value = None
    if value is None and prop.required:
        raise Refused("required", f"{prop.label} must be filled in.")
    return value
