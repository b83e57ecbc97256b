"""One or several of named values: choice, multi-choice, and the state a workflow moves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from random import Random
from typing import Any, Self

import sqlalchemy as sa

from engine.text.labels import words
from engine.text.suggest import did_you_mean
from engine.types.base import (
    EQUALITY,
    ORDER,
    Choice,
    ColumnSpec,
    Control,
    OptionProblem,
    PropertyType,
    Refused,
    Scope,
    option,
)
from engine.types.clean import kind_of
from engine.types.columns import CodePointText, Json
from engine.types.display import Display, Shown

COLORS = ("gray", "blue", "amber", "green", "red", "violet")
PHASES = ("start", "active", "wait", "done", "stop")

OPTION_SCHEMA: dict[str, Any] = {
    "type": ["object", "null"],
    "properties": {
        "label": {"type": "string", "description": "What is shown.", "examples": ["In progress"]},
        "color": {"enum": list(COLORS), "description": "The tone of its badge.", "examples": ["blue"]},
        "phase": {"enum": list(PHASES), "description": "The shape of its badge's dot.", "examples": ["active"]},
        "icon": {"type": "string", "description": "A Lucide icon's name.", "examples": ["flag"]},
        "active": {"type": "boolean", "description": "False: kept, but no longer offered.", "examples": [False]},
    },
}

CHOICES_SCHEMA: dict[str, Any] = {
    "anyOf": [
        {"type": "string"},
        {"type": "array", "items": {"type": "string"}, "minItems": 1},
        {"type": "object", "additionalProperties": OPTION_SCHEMA, "minProperties": 1},
    ]
}


def read_choices(declared: Any) -> tuple[Choice, ...]:
    """The choices of a list of names, or of a mapping from name to label, color and attributes."""
    if isinstance(declared, Mapping):
        return tuple(read_choice(str(name), body) for name, body in declared.items())
    return tuple(Choice(str(name), words(str(name))) for name in declared)


def read_choice(name: str, body: Any) -> Choice:
    """One choice; keys without a meaning of their own are its attributes."""
    given = dict(body or {})
    return Choice(
        name,
        str(given.pop("label", words(name))),
        str(given.pop("color", "")),
        str(given.pop("phase", "")),
        str(given.pop("icon", "")),
        bool(given.pop("active", True)),
        given,
    )


@dataclass(frozen=True, kw_only=True)
class ChoiceType(PropertyType):
    """One of the options."""

    name = "choice"
    summary = "One of a list of options, shown as a badge where they have colors."
    example = {"type": "choice", "options": {"low": None, "high": {"color": "red"}}}
    expression_type = "enum"
    operators = (*EQUALITY, *ORDER)

    options: tuple[Choice, ...] = option(
        (),
        schema=CHOICES_SCHEMA,
        description="The options: a picklist's name, a list of names, or a mapping of names to label and color.",
        example={"low": {}, "high": {"color": "red"}},
    )

    @classmethod
    def read(cls, options: Mapping[str, Any], scope: Scope) -> tuple[Self | None, list[OptionProblem]]:
        given = dict(options)
        declared = given.pop("options", None)
        if declared is None:
            return None, [OptionProblem("type", "no-options", f"a {cls.name} needs options", "list them, or name a picklist")]
        if isinstance(declared, str):
            found = scope.picklist(declared)
            if found is None:
                meant = did_you_mean(declared, scope.names("picklist"))
                hint = f"did you mean {meant!r}?" if meant else "declare it as `picklist: NAME`"
                return None, [OptionProblem("options", "unknown-picklist", f"no picklist {declared!r}", hint)]
            choices = tuple(found)
        else:
            choices = read_choices(declared)
        made = cls(options=choices, **given)
        return made, list(made.problems())

    @cached_property
    def by_name(self) -> dict[str, Choice]:
        return {choice.name: choice for choice in self.options}

    def columns(self) -> tuple[ColumnSpec, ...]:
        return (ColumnSpec("", CodePointText()),)

    def parse(self, raw: Any) -> str:
        return self._known(raw)

    def _known(self, raw: Any) -> str:
        if not isinstance(raw, str):
            raise Refused("unknown-option", f"This takes one of {self._offered()}, not {kind_of(raw)}.")
        if raw == "" or raw in self.by_name:
            return raw
        wanted = raw.strip().casefold()
        for choice in self.options:
            if wanted in (choice.name.casefold(), choice.label.casefold()):
                return choice.name
        raise Refused("unknown-option", f"{raw[:60]!r} is not one of {self._offered()}.")

    def _offered(self) -> str:
        names = [choice.name for choice in self.options if choice.active]
        return ", ".join(names[:12]) + (" …" if len(names) > 12 else "")

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "enum": [choice.name for choice in self.options]}

    def to_text(self, value: str, display: Display) -> str:
        choice = self.by_name.get(value)
        return choice.label if choice else value

    def to_form(self, value: str, display: Display) -> dict[str, Any]:
        return {"": value}

    def show(self, value: str, display: Display) -> Shown:
        return self._badge(value)

    def _badge(self, value: str) -> Shown:
        choice = self.by_name.get(value)
        if choice is None:
            return Shown(value)
        kind = "badge" if choice.color or choice.phase else "text"
        return Shown(choice.label, kind, tone=choice.color, phase=choice.phase)

    def control(self) -> Control:
        return Control("select", options=self.options)

    def sample(self, random: Random, number: int) -> str:
        return random.choice([choice.name for choice in self.options if choice.active] or [self.options[0].name])


@dataclass(frozen=True, kw_only=True)
class StateType(ChoiceType):
    """Where a record stands in a workflow; only the workflow's transitions move it."""

    name = "state"
    summary = "The state of a workflow. It starts at the initial state; only transitions move it."
    example = {"type": "state", "workflow": "ticket_lifecycle"}
    writable = False

    workflow: str = option("", schema={"type": "string"}, description="The workflow's name.", example="ticket_lifecycle")

    @classmethod
    def option_schemas(cls) -> dict[str, Mapping[str, Any]]:
        return {"workflow": super().option_schemas()["workflow"]}

    @classmethod
    def read(cls, options: Mapping[str, Any], scope: Scope) -> tuple[Self | None, list[OptionProblem]]:
        workflow = options.get("workflow")
        if workflow is None:
            return None, [OptionProblem("type", "missing-key", "a state needs its workflow", "add `workflow: NAME`")]
        states = scope.states(workflow)
        if states is None:
            meant = did_you_mean(workflow, scope.names("workflow"))
            hint = f"did you mean {meant!r}?" if meant else "declare it as `workflow: NAME`"
            return None, [OptionProblem("workflow", "unknown-workflow", f"no workflow {workflow!r}", hint)]
        return cls(options=tuple(states), workflow=workflow), []

    def initial(self, scope: Scope) -> str | None:
        """The state new records have."""
        return scope.initial_state(self.workflow)


@dataclass(frozen=True, kw_only=True)
class MultiChoiceType(ChoiceType):
    """Any number of the options, in the order of the list."""

    name = "multi_choice"
    summary = "Several of a list of options."
    example = {"type": "multi_choice", "options": ["email", "phone", "post"]}
    expression_type = "list"
    operators = ("eq", "ne", "in", "empty", "not_empty")
    sortable = False
    indexable = False

    def columns(self) -> tuple[ColumnSpec, ...]:
        return (ColumnSpec("", Json()),)

    def store(self, value: tuple[str, ...]) -> tuple[Any, ...]:
        return (list(value),)

    def load(self, cells: Sequence[Any]) -> tuple[str, ...]:
        return tuple(cells[0])

    def empty(self, value: Any) -> bool:
        return not value

    def parse(self, raw: Any) -> Any:
        items = raw.split(",") if isinstance(raw, str) else raw
        if not isinstance(items, list | tuple):
            raise Refused("not-a-list", f"This takes a list of options, not {kind_of(raw)}.")
        chosen = {self._known(item.strip() if isinstance(item, str) else item) for item in items} - {""}
        return tuple(choice.name for choice in self.options if choice.name in chosen)

    def parse_form(self, parts: Mapping[str, Any], display: Display) -> Any | None:
        given = parts.get("") or []
        return self.parse(given if isinstance(given, list) else [given]) or None

    def parse_operand(self, raw: Any) -> Any:
        return self._known(raw)

    def condition(self, operator: str, columns: Sequence[sa.ColumnElement[Any]], operand: Any) -> sa.ColumnElement[bool]:
        """`eq` and `in` ask whether one of the names is among those chosen."""
        if operator in ("empty", "not_empty"):
            return super().condition(operator, columns, operand)
        text = sa.cast(columns[0], sa.Text())
        if isinstance(operand, sa.BindParameter):
            quoted = sa.literal('"').concat(operand).concat('"')
            found = text.contains(quoted)
        else:
            wanted = operand if operator == "in" else [operand]
            found = sa.or_(*(text.like(f'%"{_like_safe(name)}"%', escape="\\") for name in wanted))
        return sa.not_(sa.func.coalesce(found, sa.false())) if operator == "ne" else found

    def to_json(self, value: Any) -> list[str]:
        return list(value)

    def json_schema(self) -> dict[str, Any]:
        return {"type": "array", "items": super().json_schema(), "uniqueItems": True}

    def to_text(self, value: Any, display: Display) -> str:
        return ", ".join(ChoiceType.to_text(self, name, display) for name in value)

    def to_form(self, value: Any, display: Display) -> dict[str, Any]:
        return {"": list(value)}

    def to_export(self, value: Any) -> str:
        return ",".join(value)

    def show(self, value: Any, display: Display) -> Shown:
        return Shown(self.to_text(value, display), "badges", items=tuple(self._badge(name) for name in value))

    def control(self) -> Control:
        return Control("multi_select", options=self.options)

    def sample(self, random: Random, number: int) -> Any:
        chosen = {choice.name for choice in self.options if random.random() < 0.4}
        return tuple(choice.name for choice in self.options if choice.name in chosen)


def _like_safe(name: str) -> str:
    return name.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
