"""Actions of plugins: called with the record a process is about, in the transaction of the process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.errors import RecordError
from engine.metamodel.action import Call
from engine.process.view import View
from engine.service.hooks import failed


@dataclass(frozen=True)
class ActionCall:
    """What an action of a plugin is told: the record it is about, and what the process gives it."""

    entity: str
    id: int
    values: Mapping[str, Any]


def call_plugin(view: View, action: Call) -> None:
    """Run an action of a plugin; what it raises that is no answer to a person is told with its name and line."""
    offered = view.context.runtime.hooks.actions[action.name]
    values = {name: view.plain(value) for name, value in action.values.items()}
    try:
        offered.function(view.context, ActionCall(view.entity.name, view.number, values))
    except RecordError:
        raise
    except Exception as error:
        raise failed(offered, f"action {offered.name}", error) from error
