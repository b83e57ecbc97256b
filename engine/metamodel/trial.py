"""A test of the configuration, as declared: who acts on what, what they do, and what has to come of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from engine.errors import Place
from engine.metamodel.expression import Expression

Act = Literal["create", "update", "delete", "read", "list", "transition", "reject", "press", "mail", "wait"]

ACTOR = "user"
"""The name of who acts, among the givens and in expressions."""

MADE = "record"
"""The name of the record that was acted upon, in expressions."""


@dataclass(frozen=True, kw_only=True)
class Given:
    """A record there is before anything is done: its values as written, related records inside.

    `later`: it is made on the way, by one of the steps.
    """

    entity: str
    values: Mapping[str, Any]
    place: Place
    later: bool = False


@dataclass(frozen=True, kw_only=True)
class Expected:
    """One name or text that the outcome has to show, and where the test says so."""

    text: str
    place: Place


@dataclass(frozen=True, kw_only=True)
class Told:
    """Somebody who has to be told or mailed something: words of its subject and its text, "" for whatever words."""

    to: str
    subject: str
    text: str
    place: Place


@dataclass(frozen=True, kw_only=True)
class Condition:
    """One condition on what there is afterwards; `checked` is a tree of the expression language."""

    expression: Expression
    checked: Any


@dataclass(frozen=True, kw_only=True)
class Deed:
    """One thing that somebody does, or that time passes.

    `target` is the name of the given record acted upon, or None where there is none yet. `wait` is how much time
    passes before it. `transition` is the name of the transition, or of the button that is pressed. `actor` is the
    given user who acts; "" for the one of the test.
    """

    act: Act
    place: Place
    entity: str = ""
    target: str | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    transition: str = ""
    wait: timedelta = timedelta()
    actor: str = ""
    mailbox: str = ""  # of a mail that arrives; `values` is the mail as it is written
    named: str = ""  # what the record that it makes is called from then on


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One test: `steps` are done first, then `deed`, which is judged.

    `actor` is the given user who acts, None for a user that the test makes: the given `user`.
    `now` is when it begins, None where that does not matter.
    `parameters` are what parameters of workflows are set to, by workflow and name, in JSON form.
    `outcomes` are what has to come of it, by the key of `then`; `refused` is "" for whatever words.
    """

    name: str
    place: Place
    given: Mapping[str, Given]
    deed: Deed
    steps: tuple[Deed, ...] = ()
    description: str = ""
    actor: str = ACTOR
    now: datetime | None = None
    parameters: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    refused: Expected | None = None
    outcomes: Mapping[str, tuple[Expected, ...]] = field(default_factory=dict)
    conditions: tuple[Condition, ...] = ()
    notified: tuple[Told, ...] = ()
    mailed: tuple[Told, ...] = ()  # `to` is a given user, or an address

    @property
    def act(self) -> Act:
        return self.deed.act

    @property
    def entity(self) -> str:
        """The entity of the record acted upon; "" where only time passes."""
        return self.deed.entity

    @property
    def target(self) -> str | None:
        return self.deed.target

    @property
    def values(self) -> Mapping[str, Any]:
        return self.deed.values
