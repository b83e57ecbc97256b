"""A workflow: the states of a property, and the transitions between them with what each asks, checks and does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

from engine.errors import Place
from engine.metamodel.access import Level
from engine.metamodel.action import Action, Value
from engine.metamodel.entity import Entity
from engine.metamodel.expression import Expression
from engine.metamodel.property import Property
from engine.types.base import Choice

START = "start"
"""Where a transition comes from that makes a record."""

ALL = "all"
"""Stands for every state, or every member."""

SAME = "same"
"""Where a transition goes to that leaves the state as it is."""

FORBIDDEN = ("update", "delete", "rows")
"""What a state can forbid: any change but transitions, deleting, new and changed rows."""

WORKFLOW_WORDS = (START, ALL, SAME)
"""Words that no state can be called."""

Happening = Literal["created", "updated", "deleted", "transitioned", "tagged", "related"]
HAPPENINGS: tuple[Happening, ...] = ("created", "updated", "deleted", "transitioned", "tagged", "related")
"""What records go through that something can follow from.

`related`: another record was made to lead to this one, or this one to others.
"""

Quorum = int | Literal["all", "any"]


@dataclass(frozen=True, kw_only=True)
class State:
    """One state: how it is shown, and what it does to the records that are in it.

    `freeze`, `hide` and `require` name members; `frozen` says that all of them are.
    """

    choice: Choice
    place: Place
    final: bool = False
    frozen: bool = False
    freeze: frozenset[str] = frozenset()
    hide: frozenset[str] = frozenset()
    require: frozenset[str] = frozenset()
    forbid: frozenset[str] = frozenset()
    enter: tuple[Action, ...] = ()
    leave: tuple[Action, ...] = ()
    was: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.choice.name

    @property
    def label(self) -> str:
        return self.choice.label

    @property
    def restricts(self) -> bool:
        """Whether it changes what may be done with its records, beside the ways out of it."""
        return bool(self.frozen or self.freeze or self.hide or self.require or self.forbid)


@dataclass(frozen=True, kw_only=True)
class Guard:
    """A condition on a transition, and what is said where it does not hold."""

    check: Expression
    message: str
    place: Place


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One thing the form of a transition asks for: a member of the record, or a value of its own (`own`)."""

    name: str
    place: Place
    required: bool = False
    init: Value | None = None
    own: Property | None = None
    label: str = ""
    help: str = ""


PARAMETERS = "parameters"
"""The root by which expressions and texts of a workflow read its parameters."""


def parameter_of(path: str, about: Entity) -> str | None:
    """The parameter that a path of a text names, as `parameters.limit`; None where it is a path of the record."""
    root, _, name = path.partition(".")
    mine = root in about.properties or root in about.relations or root in about.inverses
    return name if root == PARAMETERS and name and not mine else None


def input_of(path: str, about: Entity) -> str | None:
    """The value of a form that a path of a text names, as `form.reason`; None where it is a path of the record."""
    root, _, name = path.partition(".")
    mine = root in about.properties or root in about.relations or root in about.inverses
    return name if root == "form" and name and not mine else None


@dataclass(frozen=True, kw_only=True)
class Approval:
    """Who has to agree before a transition fires, and how many of them.

    `roles` and `users` (an expression that gives users) together are those asked; `one_after_another`: in the
    order of `roles`. Who refuses sends the record to `reject_to`, or leaves it where it is.
    """

    place: Place
    roles: tuple[str, ...] = ()
    users: Expression | None = None
    needed: Quorum = 1
    one_after_another: bool = False
    reject_to: str = ""
    remind_after: timedelta | None = None


@dataclass(frozen=True, kw_only=True)
class Trigger:
    """What fires a transition by itself: so long after the state was entered, an event, or a time of the clock."""

    place: Place
    after: timedelta | None = None
    calendar: str = ""
    on: Happening | None = None
    changed: frozenset[str] = frozenset()
    schedule: str = ""


@dataclass(frozen=True, kw_only=True)
class Transition:
    """A way from some states to another: who may take it, under which conditions, and what it does.

    `sources` are the states it leaves; `start` says that it makes a record. `target` is None where the state
    stays as it is, or `choose` gives it. `roles` maps those that may fire it to how far (None: whoever may
    move the record); `hidden` ones are fired by actions and by themselves only.
    """

    name: str
    label: str
    place: Place
    description: str = ""
    icon: str = ""
    color: str = ""
    sources: tuple[str, ...] = ()
    start: bool = False
    target: str | None = None
    choose: Expression | None = None
    choices: tuple[str, ...] = ()
    roles: Mapping[str, Level] | None = None
    hidden: bool = False
    hidden_if: Expression | None = None
    when: Expression | None = None
    guards: tuple[Guard, ...] = ()
    form: tuple[Asked, ...] = ()
    confirm: str = ""
    do: tuple[Action, ...] = ()
    approval: Approval | None = None
    trigger: Trigger | None = None

    @property
    def targets(self) -> tuple[str, ...]:
        """Every state it may lead to; none where the state stays as it is."""
        return self.choices if self.choose is not None else (self.target,) if self.target is not None else ()

    @property
    def timed(self) -> bool:
        """Whether it is made, or reminded of, so long after its state was entered."""
        reminds = self.approval is not None and self.approval.remind_after is not None
        return reminds or (self.trigger is not None and self.trigger.after is not None)

    @property
    def by_itself_only(self) -> bool:
        """Whether nobody fires it by hand: a trigger does, and it names no roles."""
        return self.trigger is not None and self.roles is None


@dataclass(frozen=True, kw_only=True)
class Workflow:
    """How the records of an entity move from state to state of one property.

    `types` are the types of record it is for, where their property names another one for the rest; `left_out` those
    that have another one. `parameters` are values that administrators set, as properties are declared. Of the
    workflows that name the same `exclusive` a record is under way in one at most.
    """

    name: str
    label: str
    entity: str
    member: str  # the state property it moves
    initial: str
    place: Place
    description: str = ""
    version: int = 1
    states: Mapping[str, State] = field(default_factory=dict)
    transitions: Mapping[str, Transition] = field(default_factory=dict)
    types: frozenset[str] | None = None
    left_out: frozenset[str] = frozenset()
    parameters: Mapping[str, Property] = field(default_factory=dict)
    exclusive: str = ""

    def moves(self, record_type: object) -> bool:
        """Whether it is the one that records of a type follow."""
        return record_type in self.types if self.types is not None else record_type not in self.left_out

    @property
    def by_type(self) -> bool:
        """Whether it depends on a record's type that it is followed."""
        return self.types is not None or bool(self.left_out)

    @property
    def starts(self) -> tuple[Transition, ...]:
        """The transitions that make a record."""
        return tuple(each for each in self.transitions.values() if each.start)

    def leaving(self, state: str) -> tuple[Transition, ...]:
        """The transitions that are open in a state, in order of declaration."""
        return tuple(each for each in self.transitions.values() if state in each.sources)

    @property
    def restricts(self) -> bool:
        return any(state.restricts for state in self.states.values())

    def under_way(self, state: str) -> bool:
        """Whether a record in a state has left where it begins, and not come to an end."""
        return state != self.initial and state in self.states and not self.states[state].final

    def sets_out(self, transition: Transition, state: str) -> bool:
        """Whether a transition takes a record from where it begins, or from an end back on its way."""
        if self.under_way(state):
            return False
        return any(
            target != state and (state == self.initial or self.under_way(target))
            for target in transition.targets
        )
