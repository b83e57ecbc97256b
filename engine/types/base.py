"""The contract of a property type: the short list of questions every type answers.

A type is one frozen dataclass in one file; its fields are the options a configurator writes in
YAML. Nothing outside a type's file asks which type it is: tables, validators, forms, grids, the
API, import and export ask the questions below. Null is handled outside: no method here ever
receives or returns None for "no value", unless it says so.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, ClassVar, Final, Protocol, Self

import sqlalchemy as sa

from engine.types.columns import CodePointText
from engine.types.conditions import plain_condition
from engine.types.display import Display, Shown


class Refused(ValueError):
    """A value can't be taken; `code` is stable, the message says what is allowed.

    `part` names the part of a composite value at fault ("currency", "country"), or is "".
    """

    def __init__(self, code: str, message: str, part: str = "") -> None:
        self.code, self.part = code, part
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class ColumnSpec:
    """One column of a property: `suffix` is "" for the only or main one, else "currency", "street" …

    The database column is named `property` or `property$suffix`. `index` adds it to what filters by it.
    """

    suffix: str
    type: sa.types.TypeEngine[Any]


@dataclass(frozen=True, slots=True)
class Choice:
    """One value a choice, state or multi-choice can have, as pages draw it."""

    name: str
    label: str
    color: str = ""
    phase: str = ""
    icon: str = ""
    active: bool = True
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Control:
    """How a form asks for a value, as data that the generic pages draw.

    `kind` names the drawing (`text`, `textarea`, `number`, `checkbox`, `select`, `multi_select`,
    `date`, `time`, `datetime`, `color`, `rating`, `file`, `image`, `password`, `rich_text`,
    `markdown`, `json`, `email`, `tel`, `url`, `duration`, `money`, `group`). `parts` are the sub-inputs of a
    composite value (their input is named `property.part`); `attributes` are HTML attributes
    (`maxlength`, `min`, `step`, `inputmode`, `autocomplete`, `accept` …); `options` the choices.
    A part of kind `hidden` carries what the visible input can't hold (a moment's microseconds): it is
    sent back as it came; one of kind `suffix` is only shown. `wide` asks for the full width of the form.
    """

    kind: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    options: Sequence[Choice] = ()
    parts: Sequence[tuple[str, str, Control]] = ()  # (part name, label, control)
    wide: bool = False


class Unchanged:
    """What `parse_form` answers where the input says: leave the value as it is (a secret left masked)."""

    def __repr__(self) -> str:
        return "UNCHANGED"


UNCHANGED: Final = Unchanged()


class Scope(Protocol):
    """What a type may ask about the application while its options are read."""

    @property
    def currency(self) -> str: ...
    def picklist(self, name: str) -> Sequence[Choice] | None: ...
    def states(self, workflow: str) -> Sequence[Choice] | None: ...
    def initial_state(self, workflow: str) -> str | None: ...
    def names(self, kind: str) -> Sequence[str]:
        """Every declared name of a document kind (`picklist`, `workflow`, `role`), for suggestions."""
        ...


@dataclass(frozen=True, slots=True)
class OptionProblem:
    """A complaint about a type's option, found while the metadata is loaded."""

    option: str
    code: str
    message: str
    hint: str = ""


def option(
    default: Any = dataclasses.MISSING,
    *,
    schema: Mapping[str, Any],
    description: str,
    example: Any,
) -> Any:
    """Declare a dataclass field as a YAML option: its JSON Schema, a sentence, and an example."""
    metadata = {"schema": {**schema, "description": description, "examples": [example]}}
    if default is dataclasses.MISSING:
        return field(metadata=metadata)
    return field(default=default, metadata=metadata)


EQUALITY = ("eq", "ne", "in", "empty", "not_empty")
ORDER = ("lt", "le", "gt", "ge")
TEXT = ("contains", "starts")


@dataclass(frozen=True, kw_only=True)
class PropertyType:
    """The base of every property type; a subclass overrides what differs from one plain text column."""

    name: ClassVar[str]  # as written in YAML: `type: money`
    summary: ClassVar[str]  # one sentence for the reference
    example: ClassVar[Mapping[str, Any]]  # a property of this type, as YAML would say it
    expression_type: ClassVar[str] = "string"  # its type in the expression language; "" for none
    operators: ClassVar[tuple[str, ...]] = EQUALITY
    sortable: ClassVar[bool] = True
    indexable: ClassVar[bool] = True  # may carry `unique` or `index`
    folds: ClassVar[bool] = False  # whether two values that differ by capitals alone find the same record
    searchable: ClassVar[bool] = False  # may carry `search`, and serves the quick text filter
    writable: ClassVar[bool] = True  # False: the engine sets it (autonumber, state)
    moved: ClassVar[bool] = False  # transitions change it, and nothing else
    not_writable: ClassVar[tuple[str, str]] = ("read-only", "This is set by the engine.")  # code and reason
    numeric: ClassVar[bool] = False  # aligned to the end of the column
    secret: ClassVar[bool] = False  # never shown, exported or audited in clear

    # ---- options

    @classmethod
    def option_schemas(cls) -> dict[str, Mapping[str, Any]]:
        """JSON Schema of each option, by the name written in YAML."""
        declared = [item for item in dataclasses.fields(cls) if "schema" in item.metadata]
        return {item.name: item.metadata["schema"] for item in declared}

    @classmethod
    def read(cls, options: Mapping[str, Any], scope: Scope) -> tuple[Self | None, list[OptionProblem]]:
        """Build the type from its options as written (shape already checked against `option_schemas`).

        A type whose options name other things (a picklist, a workflow) overrides this and asks `scope`.
        Answers the type, or None where it can't be built, and every complaint at once.
        """
        made = cls(**options)
        return made, list(made.problems())

    def problems(self) -> Iterator[OptionProblem]:
        """Complaints about options that contradict each other (`min` above `max`)."""
        return iter(())

    def initial(self, scope: Scope) -> Any | None:
        """What a new record has where the property declares no default; None for nothing."""
        return None

    # ---- what a value follows

    tells_currency: ClassVar[bool] = False  # its values may be codes of currencies, which amounts follow

    @property
    def follows(self) -> str:
        """The path of the property that says in which currency its values are; "" where none does."""
        return ""

    # ---- in expressions

    @property
    def expression_options(self) -> Mapping[str, Any]:
        """What is exact about its `expression_type`: `scale` of a decimal, `currency` of money, `names` of an
        enum or list, `parts` (name to expression type) of a composite value."""
        return {}

    # ---- storage

    def columns(self) -> tuple[ColumnSpec, ...]:
        """The columns a value takes, in the order of `store` and `load`; no value is null in the first."""
        return (ColumnSpec("", sa.Text()),)

    def check(self, columns: Sequence[sa.ColumnElement[Any]]) -> sa.ColumnElement[bool] | None:
        """A CHECK constraint over the columns that keeps a bug in Python from breaking an invariant."""
        return None

    @property
    def stored_unit(self) -> str:
        """What stored numbers count, where the column's type does not say it ("EUR"); a change of it
        is a change of all stored values, and never made by itself."""
        return ""

    def store(self, value: Any) -> tuple[Any, ...]:
        """The cells of a value, one per column."""
        return (value,)

    def load(self, cells: Sequence[Any]) -> Any:
        """The value of a row's cells (the first is not null)."""
        return cells[0]

    @property
    def plain(self) -> bool:
        """Whether the one cell is the value: nothing to compose on the hot path."""
        kind = type(self)
        return kind.load is PropertyType.load and kind.store is PropertyType.store

    @property
    def said_as_it_is(self) -> bool:
        """Whether what is stored is the text that people read."""
        same = type(self).to_text is PropertyType.to_text and self.plain
        return same and isinstance(self.columns()[0].type, sa.Text | CodePointText)

    # ---- values from outside

    def parse(self, raw: Any) -> Any:
        """The value of what a program sent (JSON form); raises Refused. Never receives None."""
        raise NotImplementedError

    def parse_text(self, text: str, display: Display) -> Any:
        """The value of what a person typed or a file holds (text form, never empty); raises Refused."""
        return self.parse(text)

    def parse_form(self, parts: Mapping[str, Any], display: Display) -> Any | None:
        """The value of a form's inputs, by part name ("" for the only one); None when left empty.

        A part is a text, a list of texts for `multi_select`, or a FileValue already stored for `file` and
        `image`. May answer UNCHANGED.
        """
        text = str(parts.get("") or "")
        return None if not text or text.isspace() else self.parse_text(text, display)

    def empty(self, value: Any) -> bool:
        """Whether a value counts as nothing entered (an empty text, list), and is stored as null."""
        return bool(value == "")

    # ---- values to outside

    def to_json(self, value: Any) -> Any:
        """The value as the API answers it: only dict, list, str, int, bool."""
        return value

    def json_schema(self) -> dict[str, Any]:
        """JSON Schema (2020-12) of `to_json`, and of what `parse` takes.

        What it refuses, `parse` refuses; what it allows, `parse` takes, except for what JSON Schema can't
        express: limits of a number written as text, formats (e-mail, phone, URL), days no calendar has.
        """
        return {"type": "string"}

    def to_text(self, value: Any, display: Display) -> str:
        """The value as a person reads it, in their language and zone."""
        return str(value)

    def to_form(self, value: Any, display: Display) -> dict[str, Any]:
        """The value as form inputs hold it, by part name; `parse_form` of it gives the value again."""
        return {"": self.to_text(value, display)}

    def to_export(self, value: Any) -> str:
        """The value as a CSV cell: exact, the same in every language; `from_export` reads it back."""
        shown = self.to_json(value)
        return shown if isinstance(shown, str) else str(shown)

    def from_export(self, text: str) -> Any:
        """The value of an exported cell; raises Refused."""
        return self.parse(text)

    def show(self, value: Any, display: Display) -> Shown:
        """The value as pages draw it: a text with a kind, a tone, a link (see Shown)."""
        return Shown(self.to_text(value, display))

    def control(self) -> Control:
        """How a form asks for the value."""
        return Control("text")

    # ---- comparing

    def parse_operand(self, raw: Any) -> Any:
        """The value a filter compares with, from JSON or text form; raises Refused."""
        return self.parse(raw)

    def condition(
        self, operator: str, columns: Sequence[sa.ColumnElement[Any]], operand: Any
    ) -> sa.ColumnElement[bool]:
        """The SQL condition of a filter. `operand` is a value, a list of values for `in`, None for empty.

        `operand` may also be a bound parameter (then `operator` is one of eq, ne, lt, le, gt, ge).
        """
        return plain_condition(operator, columns[0], operand)

    def sort_columns(self, columns: Sequence[sa.ColumnElement[Any]]) -> tuple[sa.ColumnElement[Any], ...]:
        """The columns to order by, most significant first."""
        return (columns[0],)

    def text_clause(self, columns: Sequence[sa.ColumnElement[Any]]) -> sa.ColumnElement[Any] | None:
        """What `to_text` gives, in SQL; None where that depends on the reader, or only Python can say it."""
        return columns[0] if self.said_as_it_is else None

    # ---- samples

    def sample(self, random: Random, number: int) -> Any:
        """A believable value; `number` counts the records made, so that unique values can be."""
        raise NotImplementedError
