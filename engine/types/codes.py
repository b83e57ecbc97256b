"""Short coded values: automatic numbers, colours, UUIDs, JSON, and secrets."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from random import Random
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa

from engine.text.template import Field, Template, TemplateError, parse_template
from engine.types.base import EQUALITY, ORDER, TEXT, ColumnSpec, Control, OptionProblem, PropertyType, Refused, option
from engine.types.clean import clean_text, kind_of, machine_text
from engine.types.columns import CodePointText, Json
from engine.types.display import Display, Shown
from engine.types.conditions import plain_condition


@dataclass(frozen=True, kw_only=True)
class AutonumberType(PropertyType):
    """A number the engine gives: gapless within its pattern's period, never twice."""

    name = "autonumber"
    summary = "A number given by the engine when a record is created: T-2026-00017."
    example = {"type": "autonumber", "pattern": "T-{yyyy}-{seq:05}"}
    operators = (*EQUALITY, *ORDER, *TEXT)
    searchable = True
    writable = False

    pattern: str = option(
        "{seq}",
        schema={"type": "string"},
        description="Its form: {seq} or {seq:05} is the number, {yyyy} {yy} {mm} {dd} the day; it counts anew in each period.",
        example="T-{yyyy}-{seq:05}",
    )
    start: int = option(1, schema={"type": "integer", "minimum": 0}, description="The first number.", example=1000)

    @cached_property
    def template(self) -> Template:
        return parse_template(self.pattern)

    def problems(self) -> Iterator[OptionProblem]:
        try:
            fields = [part for part in self.template.parts if isinstance(part, Field)]
        except TemplateError as error:
            yield OptionProblem("pattern", "bad-option", f"this pattern can't be read: {error}")
            return
        unknown = [item.path for item in fields if item.path not in (*PERIODS, "seq")]
        if unknown:
            yield OptionProblem("pattern", "bad-option", f"a pattern has no {{{unknown[0]}}}", "use seq, yyyy, yy, mm, dd")
        if [item.path for item in fields].count("seq") != 1:
            yield OptionProblem("pattern", "bad-option", "a pattern holds {seq} once", "add {seq:05}")
        for item in fields:
            if item.path == "seq" and item.format and not re.fullmatch(r"0?[1-9]|0?1[0-8]", item.format):
                yield OptionProblem("pattern", "bad-option", f"{item.format!r} is no width", "write {seq:05} for five digits")

    def scope_key(self, now: datetime) -> str:
        """The period a number counts in: it starts anew when this changes."""
        used = [part.path for part in self.template.parts if isinstance(part, Field) and part.path in PERIODS]
        return "".join(now.strftime(PERIODS[name]) for name in used)

    def render(self, now: datetime, number: int) -> str:
        """The value of the n-th number (counting from 1) of its period."""
        parts = []
        for part in self.template.parts:
            if isinstance(part, str):
                parts.append(part)
            elif part.path == "seq":
                parts.append(str(number - 1 + self.start).zfill(int(part.format or 1)))
            else:
                parts.append(now.strftime(PERIODS[part.path]))
        return "".join(parts)

    def columns(self) -> tuple[ColumnSpec, ...]:
        return (ColumnSpec("", CodePointText()),)

    def parse(self, raw: Any) -> str:
        return machine_text(raw, 100)

    def condition(self, operator: str, columns: Sequence[sa.ColumnElement[Any]], operand: Any) -> sa.ColumnElement[bool]:
        return plain_condition(operator, columns[0], operand)

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "maxLength": 100}

    def sample(self, random: Random, number: int) -> str:
        return self.render(datetime(2026, 1, 1), number + 1)


PERIODS = {"yyyy": "%Y", "yy": "%y", "mm": "%m", "dd": "%d"}


@dataclass(frozen=True, kw_only=True)
class ColorType(PropertyType):
    """A colour."""

    name = "color"
    summary = "A colour, as #rrggbb."
    example = {"type": "color"}

    def columns(self) -> tuple[ColumnSpec, ...]:
        return (ColumnSpec("", CodePointText()),)

    def parse(self, raw: Any) -> str:
        text = machine_text(raw, 20).lower()
        short = re.fullmatch(r"#?([0-9a-f])([0-9a-f])([0-9a-f])", text)
        if short:
            text = "#" + "".join(digit * 2 for digit in short.groups())
        if text and not re.fullmatch(r"#?[0-9a-f]{6}", text):
            raise Refused("bad-color", "This is no colour: write it as #1f57b0.")
        return f"#{text.lstrip('#')}" if text else ""

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": "^#[0-9a-f]{6}$"}

    def show(self, value: str, display: Display) -> Shown:
        return Shown(value, "swatch", machine=value)

    def control(self) -> Control:
        return Control("color")

    def sample(self, random: Random, number: int) -> str:
        return f"#{random.randrange(0x1000000):06x}"


@dataclass(frozen=True, kw_only=True)
class UuidType(PropertyType):
    """A universally unique identifier."""

    name = "uuid"
    summary = "A UUID, for linking with other systems."
    example = {"type": "uuid"}
    operators = (*EQUALITY, *ORDER)

    def columns(self) -> tuple[ColumnSpec, ...]:
        return (ColumnSpec("", sa.Uuid()),)

    def empty(self, value: Any) -> bool:
        return False

    def parse(self, raw: Any) -> UUID:
        if isinstance(raw, UUID):
            return raw
        text = machine_text(raw, 60)
        if not re.fullmatch(r"\{?[0-9a-fA-F]{8}-?([0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}\}?", text):
            raise Refused("bad-uuid", "This is no UUID: it has 32 hexadecimal digits.")
        return UUID(text)

    def to_json(self, value: UUID) -> str:
        return str(value)

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "format": "uuid"}

    def show(self, value: UUID, display: Display) -> Shown:
        return Shown(str(value), "code")

    def control(self) -> Control:
        return Control("text", {"maxlength": "36", "spellcheck": "false"})

    def sample(self, random: Random, number: int) -> UUID:
        return UUID(int=random.getrandbits(128), version=4)


@dataclass(frozen=True, kw_only=True)
class JsonType(PropertyType):
    """Any JSON value."""

    name = "json"
    summary = "Any JSON value, for what other systems hand over."
    example = {"type": "json"}
    expression_type = "json"
    operators = ("empty", "not_empty")
    sortable = False
    indexable = False

    max_length: int = option(
        100_000, schema={"type": "integer", "minimum": 2, "maximum": 1_000_000}, description="Bytes at most.", example=10000
    )

    def columns(self) -> tuple[ColumnSpec, ...]:
        return (ColumnSpec("", Json()),)

    def empty(self, value: Any) -> bool:
        return False

    def parse(self, raw: Any) -> Any:
        """The value itself; a text is a text (parse_text reads JSON)."""
        try:
            text = msgspec.json.encode(raw)
        except (TypeError, ValueError, RecursionError, UnicodeError) as error:
            raise Refused("not-json", f"This is no JSON value: {error}") from error
        if len(text) > self.max_length:
            raise Refused("too-long", f"This takes at most {self.max_length:,} bytes of JSON.")
        _no_null_character(raw)
        return raw

    def parse_text(self, text: str, display: Display) -> Any:
        try:
            return self.parse(msgspec.json.decode(clean_text(text, lines=True, longest=self.max_length)))
        except msgspec.DecodeError as error:
            raise Refused("not-json", f"This is no JSON: {error}") from error

    def json_schema(self) -> dict[str, Any]:
        return {}

    def to_text(self, value: Any, display: Display) -> str:
        return msgspec.json.encode(value).decode()

    def to_form(self, value: Any, display: Display) -> dict[str, Any]:
        return {"": msgspec.json.format(msgspec.json.encode(value), indent=2).decode()}

    def to_export(self, value: Any) -> str:
        return msgspec.json.encode(value).decode()

    def from_export(self, text: str) -> Any:
        return self.parse_text(text, Display())

    def show(self, value: Any, display: Display) -> Shown:
        return Shown(self.to_text(value, display), "code")

    def control(self) -> Control:
        return Control("json", {"spellcheck": "false"}, wide=True)

    def sample(self, random: Random, number: int) -> Any:
        return {"source": random.choice(("shop", "mail")), "number": number}


def _no_null_character(value: Any) -> None:
    """Refuse texts no database can hold, however deep they stand; and floats that are no number."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            clean_text(item, lines=True, longest=1_000_000, trim=False)
        elif isinstance(item, dict):
            waiting += [*item.keys(), *item.values()]
        elif isinstance(item, list):
            waiting += item
        elif isinstance(item, float) and (item != item or item in (float("inf"), float("-inf"))):
            raise Refused("not-json", "NaN and Infinity are no JSON numbers.")


@dataclass(frozen=True, kw_only=True)
class SecretType(PropertyType):
    """A value that is written and never shown: a key, a password's hash."""

    name = "secret"
    summary = "A value that is stored and never shown again: a key of another system."
    example = {"type": "secret"}
    operators = ("empty", "not_empty")
    sortable = False
    indexable = False
    secret = True

    def columns(self) -> tuple[ColumnSpec, ...]:
        return (ColumnSpec("", CodePointText()),)

    def parse(self, raw: Any) -> str:
        if not isinstance(raw, str):
            raise Refused("not-a-text", f"This takes a text, not {kind_of(raw)}.")
        return clean_text(raw, lines=False, longest=4000, trim=False)

    def to_json(self, value: str) -> Any:
        """Never the value: the API answers null, whether there is one or not."""
        return None

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "maxLength": 4000}

    def to_text(self, value: str, display: Display) -> str:
        return "•••"

    def to_form(self, value: str, display: Display) -> dict[str, Any]:
        return {"": ""}

    def to_export(self, value: str) -> str:
        return ""

    def control(self) -> Control:
        return Control("password", {"autocomplete": "new-password", "maxlength": "4000"})

    def sample(self, random: Random, number: int) -> str:
        return f"{random.getrandbits(128):032x}"
