"""Where a record stands in a workflow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from engine.text.suggest import did_you_mean
from engine.types.base import OptionProblem, Scope, option
from engine.types.choice import ChoiceType


@dataclass(frozen=True, kw_only=True)
class StateType(ChoiceType):
    """A state of a workflow; new records are in its initial one, and only transitions move it."""

    name = "state"
    summary = "The state of a workflow. It starts at the initial state; only transitions move it."
    example: ClassVar[Mapping[str, Any]] = {"type": "state", "workflow": "ticket_lifecycle"}
    writable = False
    moved = True
    not_writable: ClassVar[tuple[str, str]] = (
        "state-not-writable",
        "A state is changed by a transition, not written.",
    )

    workflow: str = option(
        "", schema={"type": "string"}, description="The workflow's name.", example="ticket_lifecycle"
    )

    @classmethod
    def option_schemas(cls) -> dict[str, Mapping[str, Any]]:
        return {"workflow": super().option_schemas()["workflow"]}

    @classmethod
    def read(cls, options: Mapping[str, Any], scope: Scope) -> tuple[Self | None, list[OptionProblem]]:
        workflow = options.get("workflow")
        if workflow is None:
            return None, [
                OptionProblem("type", "missing-key", "a state needs its workflow", "add `workflow: NAME`")
            ]
        states = scope.states(workflow)
        if states is None:
            meant = did_you_mean(workflow, scope.names("workflow"))
            hint = f"did you mean {meant!r}?" if meant else "declare it as `workflow: NAME`"
            return None, [OptionProblem("workflow", "unknown-workflow", f"no workflow {workflow!r}", hint)]
        return cls(options=tuple(states), workflow=workflow), []

    def initial(self, scope: Scope) -> str | None:
        return scope.initial_state(self.workflow)
