"""A number the engine gives when a record is made: T-2026-00017."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from random import Random
from typing import Any, ClassVar, Final

from engine.text.suggest import did_you_mean
from engine.text.template import Field, Template, TemplateError, parse_template
from engine.types.base import EQUALITY, ORDER, TEXT, ColumnSpec, Control, OptionProblem, PropertyType, option
from engine.types.clean import LINE_PATTERN, clean_text
from engine.types.columns import CodePointText

LONGEST: Final = 100
PERIODS: Final = {"yyyy": 4, "yy": 2, "mm": 2, "dd": 2}
WIDTH: Final = re.compile(r"0?[1-9]|0?1[0-8]")


@dataclass(frozen=True, kw_only=True)
class AutonumberType(PropertyType):
    """A text with a counter in it, which begins anew with each period that the pattern names.

    The service keeps one counter per (entity, property, `scope_key`), takes the next number inside the
    record's transaction and renders it; the column is unique. Texts sort rightly as long as the
    number fits its width, so give it room.
    """

    name = "autonumber"
    summary = "A number given by the engine when a record is created: T-2026-00017."
    example: ClassVar[Mapping[str, Any]] = {"type": "autonumber", "pattern": "T-{yyyy}-{seq:05}"}
    operators = (*EQUALITY, *ORDER, *TEXT)
    searchable = True
    writable = False

    pattern: str = option(
        "{seq}",
        schema={"type": "string", "minLength": 1, "maxLength": 60},
        description="Its form: {seq} or {seq:05} is the number, {yyyy} {yy} {mm} {dd} where it counts anew.",
        example="T-{yyyy}-{seq:05}",
    )
    start: int = option(
        1,
        schema={"type": "integer", "minimum": 0, "maximum": 10**15},
        description="The first number.",
        example=1000,
    )

    def problems(self) -> Iterator[OptionProblem]:
        try:
            fields = [part for part in self.template.parts if isinstance(part, Field)]
        except TemplateError as error:
            yield OptionProblem("pattern", "bad-option", f"this pattern can't be read: {error}")
            return
        names = ("seq", *PERIODS)
        for item in fields:
            if item.path not in names:
                meant = did_you_mean(item.path, names)
                hint = f"did you mean {{{meant}}}?" if meant else "use seq, yyyy, yy, mm, dd"
                yield OptionProblem("pattern", "bad-option", f"a pattern has no {{{item.path}}}", hint)
            elif item.path == "seq" and item.format and not WIDTH.fullmatch(item.format):
                message = f"{item.format!r} is no width"
                yield OptionProblem("pattern", "bad-option", message, "write {seq:05} for five digits")
            elif item.path != "seq" and item.format:
                message = f"{{{item.path}}} takes no format"
                yield OptionProblem("pattern", "bad-option", message, f"write {{{item.path}}}")
        if [item.path for item in fields].count("seq") != 1:
            yield OptionProblem("pattern", "bad-option", "a pattern holds {seq} once", "add {seq:05}")

    @cached_property
    def template(self) -> Template:
        return parse_template(self.pattern)

    def scope_key(self, now: datetime) -> str:
        """The period a number counts in ("2026-03"): the count begins anew when this changes."""
        fields = [part.path for part in self.template.parts if isinstance(part, Field)]
        return "-".join(_period(name, now) for name in PERIODS if name in fields)

    def render(self, now: datetime, number: int) -> str:
        """The value of the n-th number, from 1, of its period; `now` is in the application's zone."""
        parts = []
        for part in self.template.parts:
            if isinstance(part, str):
                parts.append(part)
            elif part.path == "seq":
                parts.append(str(number - 1 + self.start).zfill(int(part.format or 1)))
            else:
                parts.append(_period(part.path, now))
        return "".join(parts)

    def columns(self) -> tuple[ColumnSpec, ...]:
        return (ColumnSpec("", CodePointText()),)

    def parse(self, raw: Any) -> str:
        return clean_text(raw, lines=False, longest=LONGEST)

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "maxLength": LONGEST, "pattern": LINE_PATTERN}

    def control(self) -> Control:
        return Control("text", {"readonly": "readonly"})

    def sample(self, random: Random, number: int) -> str:
        return self.render(datetime(2026, 1, 1, tzinfo=UTC), number + 1)


def _period(name: str, now: datetime) -> str:
    """A part of the day with a fixed number of digits (strftime gives year 999 only three)."""
    number = {"yyyy": now.year, "yy": now.year % 100, "mm": now.month, "dd": now.day}[name]
    return str(number).zfill(PERIODS[name])
