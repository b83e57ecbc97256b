"""One of several named values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from random import Random
from typing import Any, ClassVar, Self

import sqlalchemy as sa

from engine.types.base import (
    EQUALITY,
    Choice,
    ColumnSpec,
    Control,
    OptionProblem,
    PropertyType,
    Scope,
    option,
)
from engine.types.choices import (
    CHOICES_SCHEMA,
    attributes_of,
    badge,
    declared_choices,
    known_name,
    names_schema,
    typed_name,
)
from engine.types.columns import CodePointText
from engine.types.display import Display, Shown


@dataclass(frozen=True, kw_only=True)
class ChoiceType(PropertyType):
    """One of the options, kept by its name.

    The database does not check the names: options change with the metadata, and records that have one
    which is gone keep it. They sort in the order of the list.
    """

    name = "choice"
    summary = "One of a list of options, shown as a badge where they have colors."
    example: ClassVar[Mapping[str, Any]] = {
        "type": "choice",
        "options": {"low": None, "high": {"color": "red"}},
    }
    expression_type = "enum"
    operators: ClassVar[tuple[str, ...]] = EQUALITY
    tells_currency = True

    options: tuple[Choice, ...] = option(
        (),
        schema=CHOICES_SCHEMA,
        description="The options: a picklist's name, a list of names, or a mapping of names to looks.",
        example={"low": {}, "high": {"color": "red"}},
    )

    @classmethod
    def read(cls, options: Mapping[str, Any], scope: Scope) -> tuple[Self | None, list[OptionProblem]]:
        choices, complaints = declared_choices(cls.name, options.get("options"), scope)
        if complaints:
            return None, complaints
        made = cls(**{**options, "options": choices})
        return made, list(made.problems())

    @property
    def expression_options(self) -> Mapping[str, Any]:
        return {"names": tuple(self.by_name), "attributes": attributes_of(self.options)}

    @cached_property
    def by_name(self) -> dict[str, Choice]:
        return {choice.name: choice for choice in self.options}

    def columns(self) -> tuple[ColumnSpec, ...]:
        return (ColumnSpec("", CodePointText()),)

    def parse(self, raw: Any) -> str:
        return known_name(self.by_name, raw)

    def parse_text(self, text: str, display: Display) -> str:
        return typed_name(self.by_name, text)

    def parse_operand(self, raw: Any) -> str:
        return known_name(self.by_name, raw)

    def json_schema(self) -> dict[str, Any]:
        return names_schema(self.by_name)

    def to_text(self, value: str, display: Display) -> str:
        choice = self.by_name.get(value)
        return choice.label if choice else value

    def to_form(self, value: str, display: Display) -> dict[str, Any]:
        return {"": value}

    def show(self, value: str, display: Display) -> Shown:
        return badge(self.by_name.get(value), value)

    def control(self) -> Control:
        return Control("select", options=self.options)

    def sort_columns(self, columns: Sequence[sa.ColumnElement[Any]]) -> tuple[sa.ColumnElement[Any], ...]:
        """By the option's place in the list; those that are gone come last."""
        (column,) = columns
        places = [(column == choice.name, place) for place, choice in enumerate(self.options)]
        return (sa.case((column.is_(None), sa.null()), *places, else_=len(places)),)

    def text_clause(self, columns: Sequence[sa.ColumnElement[Any]]) -> sa.ColumnElement[Any] | None:
        """The label; of an option that is gone its name."""
        (column,) = columns
        labels = [(column == choice.name, sa.literal(choice.label, sa.Text())) for choice in self.options]
        name = sa.type_coerce(column, sa.Text())
        return sa.case(*labels, else_=name) if labels else name

    def sample(self, random: Random, number: int) -> str:
        return random.choice(
            [choice.name for choice in self.options if choice.active] or [self.options[0].name]
        )
