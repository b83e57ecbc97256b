"""Several of several named values."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from engine.types.base import ColumnSpec, Control, OptionProblem, Refused, option
from engine.types.choice import ChoiceType
from engine.types.choices import badge, known_name, names_schema, typed_name
from engine.types.clean import kind_of, require_text
from engine.types.columns import Json, dump_json
from engine.types.conditions import Columns, plain_condition
from engine.types.display import Display, Shown

COUNT = {"type": "integer", "minimum": 0, "maximum": 1000}


class ListHolds(FunctionElement[bool]):
    """Whether a JSON list holds a text."""

    name = "engine_list_holds"
    inherit_cache = True
    type = sa.Boolean()


@compiles(ListHolds)
def _holds(element: ListHolds, compiler: SQLCompiler, **options: Any) -> str:
    column, member = [compiler.process(clause, **options) for clause in element.clauses]
    return f"EXISTS (SELECT 1 FROM json_each({column}) WHERE value = {member})"  # noqa: S608 (compiled clauses)


@compiles(ListHolds, "postgresql")
def _holds_postgresql(element: ListHolds, compiler: SQLCompiler, **options: Any) -> str:
    column, member = [compiler.process(clause, **options) for clause in element.clauses]
    return f"({column} @> jsonb_build_array(CAST({member} AS TEXT)))"


@dataclass(frozen=True, kw_only=True)
class MultiChoiceType(ChoiceType):
    """Any number of the options, each once, in the order of the list. None of them is null."""

    name = "multi_choice"
    summary = "Several of a list of options."
    example: ClassVar[Mapping[str, Any]] = {"type": "multi_choice", "options": ["email", "phone", "post"]}
    expression_type = "list"
    operators: ClassVar[tuple[str, ...]] = ("eq", "ne", "in", "contains", "empty", "not_empty")
    sortable = False
    indexable = False

    min_items: int = option(0, schema=COUNT, description="Options chosen at least, where any is.", example=1)
    max_items: int | None = option(None, schema=COUNT, description="Options chosen at most.", example=3)

    def problems(self) -> Iterator[OptionProblem]:
        if self.max_items is not None and self.min_items > self.max_items:
            message = f"min_items {self.min_items} is above max_items {self.max_items}"
            yield OptionProblem("min_items", "bad-option", message, "make it smaller")
        if self.min_items > len(self.options):
            message = f"min_items {self.min_items} is more than the {len(self.options)} options"
            yield OptionProblem("min_items", "bad-option", message, "make it smaller")

    def columns(self) -> tuple[ColumnSpec, ...]:
        return (ColumnSpec("", Json()),)

    def store(self, value: tuple[str, ...]) -> tuple[Any, ...]:
        """Sorted by name: the same choice is the same cell, however the options are ordered later."""
        return (sorted(value),)

    def load(self, cells: Sequence[Any]) -> tuple[str, ...]:
        return self._in_order(cells[0])

    def _in_order(self, names: Iterable[str]) -> tuple[str, ...]:
        """In the order of the list; those that are gone from it last."""
        chosen = set(names)
        known = [name for name in self.by_name if name in chosen]
        return (*known, *sorted(chosen.difference(known)))

    def empty(self, value: Any) -> bool:
        return not value

    # ---- from outside

    def parse(self, raw: Any) -> tuple[str, ...]:  # type: ignore[override]
        if not isinstance(raw, list | tuple):
            raise Refused("not-a-list", f"This takes a list of options, not {kind_of(raw)}.")
        if len(raw) > len(self.options):
            raise Refused(
                "too-many", f"This takes at most {len(self.options)} options; these are {len(raw)}."
            )
        return self._counted([known_name(self.by_name, item) for item in raw])

    def parse_text(self, text: str, display: Display) -> tuple[str, ...]:  # type: ignore[override]
        """Names or labels with commas or semicolons between them, or a JSON list."""
        return self._counted([typed_name(self.by_name, part) for part in _parts(text)])

    def parse_form(self, parts: Mapping[str, Any], display: Display) -> tuple[str, ...] | None:
        given = parts.get("") or []
        names = [each for each in (given if isinstance(given, list) else [given]) if each]
        return self.parse(names) if names else None

    def parse_operand(self, raw: Any) -> str:
        """One option: filters ask whether it is among those chosen."""
        return known_name(self.by_name, raw)

    def from_export(self, text: str) -> tuple[str, ...]:
        return self._counted([known_name(self.by_name, part) for part in _parts(text)])

    def _counted(self, names: Sequence[str]) -> tuple[str, ...]:
        if len(set(names)) < len(names):
            raise Refused("twice", "Each option can be chosen once.")
        if names and len(names) < self.min_items:
            raise Refused("too-few", f"Choose at least {self.min_items}; these are {len(names)}.")
        if self.max_items is not None and len(names) > self.max_items:
            raise Refused("too-many", f"Choose at most {self.max_items}; these are {len(names)}.")
        return self._in_order(names)

    # ---- to outside

    def to_json(self, value: Any) -> list[str]:
        return list(value)

    def json_schema(self) -> dict[str, Any]:
        most = len(self.options) if self.max_items is None else min(self.max_items, len(self.options))
        schema = {"type": "array", "items": names_schema(self.by_name), "uniqueItems": True, "maxItems": most}
        if self.min_items > 1:
            return {"anyOf": [{**schema, "minItems": self.min_items}, {"type": "array", "maxItems": 0}]}
        return schema

    def to_text(self, value: Any, display: Display) -> str:
        return ", ".join(ChoiceType.to_text(self, name, display) for name in value)

    def to_form(self, value: Any, display: Display) -> dict[str, Any]:
        return {"": list(value)}

    def to_export(self, value: Any) -> str:
        """Names with semicolons between them; a JSON list where a name itself has one."""
        plain = all(";" not in name and "," not in name and name == name.strip() for name in value)
        joined = ";".join(value)
        return joined if plain and not joined.startswith("[") else dump_json(list(value))

    def show(self, value: Any, display: Display) -> Shown:
        items = tuple(badge(self.by_name.get(name), name) for name in value)
        return Shown(self.to_text(value, display), "badges", items=items)

    def control(self) -> Control:
        return Control("multi_select", options=self.options)

    # ---- comparing

    def condition(self, operator: str, columns: Columns, operand: Any) -> sa.ColumnElement[bool]:
        """`eq` and `contains` ask whether an option is among those chosen, `in` whether any of several is."""
        (column,) = columns
        if operator in ("empty", "not_empty"):
            return plain_condition(operator, column, None)
        if operator == "in":
            return sa.or_(sa.false(), *(self._holds(column, name) for name in operand))
        holds = self._holds(column, operand)
        return sa.or_(column.is_(None), sa.not_(holds)) if operator == "ne" else holds

    @staticmethod
    def _holds(column: sa.ColumnElement[Any], name: str) -> sa.ColumnElement[bool]:
        return ListHolds(column, sa.literal(name, sa.Text()))

    def sort_columns(self, columns: Sequence[sa.ColumnElement[Any]]) -> tuple[sa.ColumnElement[Any], ...]:
        return tuple(columns)

    def sample(self, random: Random, number: int) -> Any:
        names = [choice.name for choice in self.options if choice.active] or list(self.by_name)
        most = min(len(names), 3 if self.max_items is None else self.max_items)
        least = min(max(self.min_items, 1), most)
        return self._in_order(random.sample(names, random.randint(least, most)))


def _parts(text: str) -> list[str]:
    """The members of a list written as text."""
    written = require_text(text, 100_000).strip()
    if written.startswith("["):
        try:
            found = json.loads(written)
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
            raise Refused(
                "not-a-list", "This takes a list of options, with commas or semicolons between them."
            )
        return found
    between = ";" if ";" in written else ","
    return [part.strip() for part in written.split(between) if part.strip()]
