"""A test of the configuration, as declared: who acts on what, what they do, and what has to come of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from engine.errors import Place
from engine.metamodel.expression import Expression

Act = Literal["create", "update", "delete", "read", "list", "transition"]

ACTOR = "user"
"""The name of who acts, among the givens and in expressions."""

MADE = "record"
"""The name of the record that was acted upon, in expressions."""


@dataclass(frozen=True, kw_only=True)
class Given:
    """A record there is before anything is done: its values as written, related records inside."""

    entity: str
    values: Mapping[str, Any]
    place: Place


@dataclass(frozen=True, kw_only=True)
class Expected:
    """One name or text that the outcome has to show, and where the test says so."""

    text: str
    place: Place


@dataclass(frozen=True, kw_only=True)
class Condition:
    """One condition on what there is afterwards; `checked` is a tree of the expression language."""

    expression: Expression
    checked: Any


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One test. `target` is the name of the given record acted upon, or None where there is none yet.

    `actor` is the given user who acts, None for a user that the test makes: the given `user`.
    `outcomes` are what has to come of it, by the key of `then`; `refused` is "" for whatever words.
    """

    name: str
    place: Place
    given: Mapping[str, Given]
    act: Act
    entity: str
    description: str = ""
    actor: str = ACTOR
    target: str | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    act_place: Place
    refused: Expected | None = None
    outcomes: Mapping[str, tuple[Expected, ...]] = field(default_factory=dict)
    conditions: tuple[Condition, ...] = ()
