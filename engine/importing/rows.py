"""One row: its cells become values, its record is found, and the record service creates or changes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.access.reaching import may_do
from engine.drafts.draft import Parsed
from engine.errors import FieldError, Invalid
from engine.importing.columns import TITLE, Plan
from engine.importing.lookups import Lookups, Unfound
from engine.importing.moving import move_to
from engine.importing.report import Outcome
from engine.importing.table import ABSENT, Line
from engine.metamodel.property import Property
from engine.metamodel.relation import Relation
from engine.reading.query import Filter
from engine.reading.reading import get_identity
from engine.service import records
from engine.service.exporting import as_it_was
from engine.types.base import Refused
from engine.work.context import Context


class Row:
    """A row of an import within a unit of work."""

    def __init__(self, context: Context, plan: Plan, line: Line, lookups: Lookups) -> None:
        self._context, self._plan, self._lookups = context, plan, lookups
        self._line = line
        self._errors: list[FieldError] = []

    def write(self) -> Outcome:
        """Create or change the row's record; raises what the record service raises, with the row's own complaints."""
        if self._line.fault:
            raise Invalid([FieldError("", "bad-line", self._line.fault)])
        plan = self._plan
        number = self._find() if plan.options.key else None
        if number is None and plan.options.mode == "update":
            message = f"No {plan.entity.label.lower()} that you may see has this key."
            raise Invalid(self._errors or [FieldError(plan.options.key[0], "unknown-record", message)])
        if number is not None and plan.options.mode == "skip":
            return "skipped"
        values, states = self._values()
        try:
            outcome = self._change(number, values) if number is not None else self._create(values, states)
        except Invalid as invalid:
            own = {error.at for error in self._errors}
            more = [error for error in invalid.errors if error.at not in own]
            raise Invalid([*self._errors, *more]) from invalid
        if self._errors:
            raise Invalid(self._errors)
        if number is not None and self._moved(number, states):
            return "updated"
        return outcome

    def _create(self, values: Mapping[str, Any], states: Mapping[str, str | None]) -> Outcome:
        context, entity = self._context, self._plan.entity
        number = records.make(context, entity.name, values)
        self._moved(number, states)
        if not may_do(context, entity.name, number, "import"):
            message = f"You may not import {entity.plural.lower()} like this one."
            raise Invalid([FieldError("", "not-allowed", message)])
        return "created"

    def _change(self, number: int, values: Mapping[str, Any]) -> Outcome:
        context, entity = self._context, self._plan.entity.name
        get_identity(context, entity, number, "import")
        return "updated" if records.change(context, entity, number, values) else "unchanged"

    def _moved(self, number: int, states: Mapping[str, str | None]) -> bool:
        """Move the record to the states that the row names."""
        moves = [move_to(self._context, self._plan.entity, number, name, to) for name, to in states.items()]
        return any(moves)

    # ---- cells

    def _cell(self, position: int) -> Any:
        """What stands in a cell: None for nothing, ABSENT where the line does not speak of it."""
        found = self._line.cells[position]
        if not isinstance(found, str) or not self._is_text:
            return found
        return None if found == "" else as_it_was(found)

    @property
    def _is_text(self) -> bool:
        return not self._plan.typed

    def _values(self) -> tuple[dict[str, Any], dict[str, str | None]]:
        """The values to write by name, and the states to move to."""
        plan = self._plan
        values: dict[str, Any] = {}
        states: dict[str, str | None] = {}
        for name, position in plan.properties.items():
            prop, cell = plan.entity.properties[name], self._cell(position)
            if cell is ABSENT or plan.heads[position] in plan.ignored:
                continue
            if not prop.type.moved:
                values[name] = self._property(prop, cell)
            else:
                state = self._property(prop, cell)
                if isinstance(state, Refused):
                    self._refuse(name, state.code, str(state))
                else:
                    states[name] = state.value if isinstance(state, Parsed) else state
        for name, parts in plan.relations.items():
            relation = plan.entity.relations[name]
            if not any(plan.heads[position] in plan.ignored for position in parts.values()):
                self._relation(relation, parts, values)
        return values, states

    def _property(self, prop: Property, cell: Any) -> Any:
        """A value as the record service takes it; a Refused is complained of with all the others."""
        if cell is None or not self._is_text:
            return cell
        try:
            return Parsed(prop.type.from_export(cell))
        except Refused as refused:
            if cell.isspace():
                return None
            try:
                return Parsed(prop.type.parse_text(cell, self._context.actor.display))
            except Refused:
                return refused

    def _relation(self, relation: Relation, parts: Mapping[str, int], values: dict[str, Any]) -> None:
        cells = {part: self._cell(position) for part, position in parts.items()}
        given = {part: cell for part, cell in cells.items() if cell is not ABSENT}
        if not given:
            return
        try:
            if relation.kind == "many_to_many":
                values[relation.name] = self._many(relation, given[TITLE])
            else:
                values[relation.name] = self._one(relation, given)
        except Unfound as unfound:
            self._refuse(relation.name, unfound.code, str(unfound))

    def _many(self, relation: Relation, cell: Any) -> Any:
        if isinstance(cell, str) and self._is_text:
            cell = [text.strip() for text in cell.split(";") if text.strip()]
        if not isinstance(cell, list):
            return cell
        return [self._one(relation, {TITLE: each}) if isinstance(each, str) else each for each in cell]

    def _one(self, relation: Relation, given: Mapping[str, Any]) -> Any:
        """The key of the record that the parts name together."""
        parts = {part: cell for part, cell in given.items() if cell is not None}
        entity = parts.pop("entity", None)
        if not parts:
            return None
        if not all(isinstance(cell, str) for part, cell in parts.items() if part != "id"):
            return parts.get(TITLE)  # an id, or an object with one, as the API takes it
        targets = [entity] if entity is not None else list(relation.targets)
        if set(targets) - set(relation.targets):
            raise Unfound(
                f"{relation.label} takes a record of {', '.join(relation.targets)}.", "bad-reference"
            )
        if set(parts) == {"id"} and len(targets) == 1:
            return {"entity": targets[0], "id": parts["id"]}
        parts = {part: str(cell) for part, cell in parts.items()}
        found = [(target, self._lookups.related(target, parts, self._plan.entity.name)) for target in targets]
        keys = [(target, number) for target, number in found if number is not None]
        if len(keys) != 1:
            raise Unfound(*_not_one(relation, parts, len(keys)))
        target, number = keys[0]
        return {"entity": target, "id": number} if relation.holds_key else number

    # ---- the record of the row

    def _find(self) -> int | None:
        """The record that has the row's key; None for none, or where it can't be said."""
        plan = self._plan
        try:
            filters = [each for name in plan.options.key for each in self._by(name)]
            return self._lookups.own(plan.entity.name, filters)
        except Unfound as unfound:
            self._refuse(plan.options.key[0], unfound.code, str(unfound))
        return None

    def _by(self, name: str) -> list[Filter]:
        plan = self._plan
        if name in plan.properties:
            value = self._operand(plan.entity.properties[name], self._cell(plan.properties[name]))
        else:
            values: dict[str, Any] = {}
            self._relation(plan.entity.relations[name], plan.relations[name], values)
            value = values.get(name)
        if value is None:
            raise Unfound("The key is empty.", "no-key")
        return [Filter(name, "eq", value)]

    def _operand(self, prop: Property, cell: Any) -> Any:
        if cell is None or cell is ABSENT:
            return None
        value = self._property(prop, cell)
        if isinstance(value, Refused):
            raise Unfound(str(value), value.code)
        return prop.type.to_json(value.value) if isinstance(value, Parsed) else value

    def _refuse(self, name: str, code: str, message: str) -> None:
        self._errors.append(FieldError(name, code, message))


def _not_one(relation: Relation, parts: Mapping[str, Any], number: int) -> tuple[str, str]:
    said = ", ".join(f"{part} {cell!r}" if part else repr(cell) for part, cell in parts.items())
    if number:
        return (
            f"{relation.label}: several records are {said}: say which with an `entity` column.",
            "ambiguous",
        )
    return f"{relation.label}: there is none that you may see with {said}.", "unknown-record"
