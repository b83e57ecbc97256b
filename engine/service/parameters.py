"""The parameters of workflows: what they are set to, setting them, and who did when.

Administrators may, and whoever has the capability `set_parameters`. A value holds from the next unit of work on, in
every process.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from engine.access import access
from engine.drafts.draft import Parsed
from engine.errors import FieldError, Invalid, NotFound
from engine.metamodel.property import Property
from engine.store.system import parameter
from engine.text.suggest import did_you_mean
from engine.types.base import Refused
from engine.work.context import Context
from engine.work.parameters import IS, Setting, settings_of, value_of

CAPABILITY = "set_parameters"

Work = Callable[[Context], Setting]

MOST_ENTRIES = 20
"""How many changes of one parameter are told."""


@dataclass(frozen=True)
class Entry:
    """One change of a parameter; `reset`: the default was to hold again. `value` is JSON."""

    at: datetime
    by: str
    source: str
    value: Any
    reset: bool


def may_set(context: Context) -> bool:
    """Whether the actor may see and set parameters."""
    return access.can(context, CAPABILITY)


def listed(context: Context) -> list[Setting]:
    """Every parameter with the value in effect. Raises Forbidden."""
    _require(context)
    return settings_of(context)


def history(context: Context, setting: Setting) -> list[Entry]:
    """The changes of a parameter, the last first. Raises Forbidden."""
    _require(context)
    mine = sa.and_(parameter.c.workflow == setting.workflow, parameter.c.name == setting.name)
    statement = sa.select(parameter).where(mine).order_by(parameter.c.id.desc()).limit(MOST_ENTRIES)
    rows = context.connection.execute(statement)
    return [Entry(row.at, row.actor_name, row.source, row.value.get(IS), IS not in row.value) for row in rows]


def one(context: Context, workflow: str, name: str) -> Setting:
    """One parameter. Raises Forbidden and NotFound."""
    found = _of(context, workflow).get(name)
    if found is None:
        raise NotFound("parameter", f"{workflow}.{name}")
    return found


def change(context: Context, workflow: str, values: Mapping[str, Any]) -> list[Setting]:
    """Set parameters of a workflow, all or none; answers those of the workflow as they are then.

    A value is what the API would say, one that a form has read (Parsed), or why it could not be read (Refused).
    Raises Forbidden, NotFound for a workflow that has none, Invalid with every complaint.
    """
    known = _of(context, workflow)
    errors: list[FieldError] = []
    read = dict(_read(known, values, errors))
    if errors:
        raise Invalid(errors)
    for name, value in read.items():
        was = known[name]
        if not was.set or was.value != value:
            kind = was.prop.type
            _keep(context, workflow, name, {IS: None if value is None else kind.to_json(value)})
    return list(_of(context, workflow).values())


def reset(context: Context, workflow: str, name: str) -> Setting:
    """Let the default of a parameter hold again. Raises Forbidden and NotFound."""
    was = one(context, workflow, name)
    if was.set or was.unfit is not None:
        _keep(context, workflow, name, {})
    return one(context, workflow, name)


def setting_json(setting: Setting) -> dict[str, Any]:
    """A parameter as programs are told."""
    prop = setting.prop
    return {
        "workflow": setting.workflow,
        "name": setting.name,
        "label": prop.label,
        "help": prop.help,
        "type": prop.type.name,
        "value": None if setting.value is None else prop.type.to_json(setting.value),
        "default": None if setting.default is None else prop.type.to_json(setting.default),
        "set": setting.set,
        "unfit": setting.unfit,
        "changed_at": _stamp(setting.at) if setting.at is not None else None,
        "changed_by": setting.by or None,
    }


def entry_json(entry: Entry) -> dict[str, Any]:
    """A change of a parameter as programs are told."""
    told = {"by": entry.by, "source": entry.source, "value": entry.value, "reset": entry.reset}
    return {"at": _stamp(entry.at), **told}


def _stamp(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def _require(context: Context) -> None:
    if not may_set(context):
        rule = f"parameters are set by administrators, and by who has {CAPABILITY}"
        access.refuse_deed(context, "set the parameters of workflows", "setting parameters", rule)


def _of(context: Context, workflow: str) -> dict[str, Setting]:
    """The parameters of one workflow by name; raises Forbidden, and NotFound where there are none."""
    found = {each.name: each for each in listed(context) if each.workflow == workflow}
    if not found:
        raise NotFound("parameters of workflow", workflow)
    return found


def _read(
    known: Mapping[str, Setting], values: Mapping[str, Any], errors: list[FieldError]
) -> Iterator[tuple[str, Any]]:
    """The values that can be taken; what is wrong goes to the errors."""
    for name, raw in values.items():
        if name not in known:
            guess = did_you_mean(name, list(known))
            hint = f" Did you mean {guess!r}?" if guess else ""
            errors.append(FieldError(name, "unknown-parameter", f"There is no parameter {name!r}.{hint}"))
            continue
        try:
            yield name, _taken(known[name].prop, raw)
        except Refused as refused:
            at = f"{name}.{refused.part}" if refused.part else name
            errors.append(FieldError(at, refused.code, str(refused)))


def _taken(prop: Property, raw: Any) -> Any:
    if isinstance(raw, Refused):
        raise raw
    if isinstance(raw, Parsed):
        raw = None if raw.value is None else prop.type.to_json(raw.value)
    return value_of(prop, raw)


def _keep(context: Context, workflow: str, name: str, value: Mapping[str, Any]) -> None:
    actor = context.actor
    row = {
        "workflow": workflow,
        "name": name,
        "value": dict(value),
        "at": context.now,
        "actor_id": actor.id if actor.behind is None else actor.behind,
        "actor_name": actor.told_as,
        "source": context.source,
    }
    context.connection.execute(sa.insert(parameter).values(row))
    context.same_for_all.pop(parameter, None)
