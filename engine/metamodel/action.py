"""What transitions, automations and buttons do, as declared: one dataclass per kind of action."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.errors import Place
from engine.metamodel.expression import Expression
from engine.text.template import Template

ITEM = "item"
"""The root by which an action that is done `for_each` record of a list knows the one it is at."""


@dataclass(frozen=True, kw_only=True)
class Value:
    """What a member is given: a literal as written, the value of an expression, or a text with data in it."""

    place: Place
    literal: Any = None
    expression: Expression | None = None
    template: Template | None = None


Values = Mapping[str, Value]


@dataclass(frozen=True, kw_only=True)
class Action:
    """One thing that is done; only where `when` holds, and once for every record of `for_each`.

    `kind` is the word it is declared with.
    """

    place: Place
    kind: str = ""
    when: Expression | None = None
    for_each: Expression | None = None


@dataclass(frozen=True, kw_only=True)
class Set(Action):
    """Give members of the record new values; with `record` those of another one."""

    values: Values
    record: Expression | None = None


@dataclass(frozen=True, kw_only=True)
class Create(Action):
    """Make a record. With `by` the one is taken that has these values already, where there is one.

    Later actions know it by its `name`.
    """

    entity: str
    values: Values = field(default_factory=dict)
    by: Values = field(default_factory=dict)
    name: str = ""


@dataclass(frozen=True, kw_only=True)
class Convert(Action):
    """Make a record of the one a process is about, as a mapping says. Later actions know it by its `name`.

    `values` are further ones, or others than the mapping gives.
    """

    mapping: str
    entity: str
    values: Values = field(default_factory=dict)
    name: str = ""


@dataclass(frozen=True, kw_only=True)
class Delete(Action):
    """Delete a record."""

    record: Expression


@dataclass(frozen=True, kw_only=True)
class Link(Action):
    """Put a record into a to-many relation of this one, or take it out."""

    relation: str
    to: Expression
    remove: bool = False


@dataclass(frozen=True, kw_only=True)
class Tag(Action):
    """Give the record tags, made where there are none of these names; or take them away."""

    names: tuple[str, ...]
    remove: bool = False


@dataclass(frozen=True, kw_only=True)
class Comment(Action):
    """Write a note into the record's history."""

    text: Template


@dataclass(frozen=True, kw_only=True)
class Notify(Action):
    """Tell people: `to` gives a user or users, `roles` everybody who has one of these."""

    subject: Template
    text: Template
    to: Expression | None = None
    roles: tuple[str, ...] = ()
    mail: bool = False


@dataclass(frozen=True, kw_only=True)
class Mail(Action):
    """Mail addresses, whoever reads there: `to` gives one or several."""

    to: Expression
    subject: Template
    text: Template


@dataclass(frozen=True, kw_only=True)
class Call(Action):
    """Run an action that a plugin offers."""

    name: str
    values: Values = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Webhook(Action):
    """Send a message to another system once everything is committed."""

    url: str
    values: Values = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Fire(Action):
    """Fire a transition: of this record, or of another one."""

    transition: str
    entity: str
    record: Expression | None = None
    values: Values = field(default_factory=dict)
