"""State machines: one per workflow, shared by everybody and never changed.

This is the one file that knows the library. A machine holds no record's state: each move is made by a small proxy
that says where a record stands, so that any process can make it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from transitions import EventData, Machine

from engine.metamodel.workflow import Transition, Workflow


class Steps(Protocol):
    """What is done on the way: asked and told by the machine, in this order."""

    def permitted(self) -> bool:
        """Whether the transition may be made; every reason against it is collected."""
        ...

    def target(self) -> str | None:
        """The state that an expression chooses; asked only where one does."""
        ...

    def leave(self) -> None:
        """The record leaves its state for another one, or for the same again."""
        ...

    def enter(self, state: str) -> None:
        """The record is in a state; nothing is said where it has not left the one it was in."""
        ...


@dataclass
class Standing:
    """Where a record stands, as the library asks and sets it."""

    state: str


class StateMachine:
    """The machine of a workflow."""

    def __init__(self, workflow: Workflow) -> None:
        self._machine = Machine(
            model=None,
            states=list(workflow.states),
            initial=None,
            auto_transitions=False,
            send_event=True,
            queued=False,
        )
        for transition in workflow.transitions.values():
            self._add(transition)

    def _add(self, transition: Transition) -> None:
        if not transition.sources:
            return
        for target in transition.targets or (None,):
            conditions: list[Any] = [_permitted]
            if transition.choose is not None:
                conditions.insert(0, _toward(target))
            self._machine.add_transition(
                transition.name,
                list(transition.sources),
                target,
                conditions=conditions,
                before=_leave if target is not None else None,
                after=_enter if target is not None else None,
            )

    def open_in(self, state: str) -> frozenset[str]:
        """The names of the transitions that leave a state."""
        return frozenset(self._machine.get_triggers(state))

    def move(self, transition: str, state: str, steps: Steps) -> str | None:
        """The state after a transition that is open in this one; None where it is not permitted."""
        standing = Standing(state)
        moved = self._machine.events[transition].trigger(standing, steps=steps)
        return standing.state if moved else None


def _permitted(event: EventData) -> bool:
    steps: Steps = event.kwargs["steps"]
    return steps.permitted()


def _toward(target: str | None) -> Any:
    def chosen(event: EventData) -> bool:
        steps: Steps = event.kwargs["steps"]
        return steps.target() == target

    return chosen


def _leave(event: EventData) -> None:
    steps: Steps = event.kwargs["steps"]
    steps.leave()


def _enter(event: EventData) -> None:
    steps: Steps = event.kwargs["steps"]
    assert event.transition is not None
    steps.enter(str(event.transition.dest))
