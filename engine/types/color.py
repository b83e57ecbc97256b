"""A colour, as #rrggbb."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any, ClassVar

from engine.types.base import EQUALITY, ColumnSpec, Control, PropertyType, Refused
from engine.types.clean import quoted, require_text, typed_code
from engine.types.columns import CodePointText
from engine.types.display import Display, Shown

FORM = re.compile(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})")


@dataclass(frozen=True, kw_only=True)
class ColorType(PropertyType):
    """Six hexadecimal digits in lower case; the short form #abc is written out."""

    name = "color"
    summary = "A colour, as #rrggbb."
    example: ClassVar[Mapping[str, Any]] = {"type": "color", "default": "#1f57b0"}
    operators = EQUALITY

    def columns(self) -> tuple[ColumnSpec, ...]:
        return (ColumnSpec("", CodePointText()),)

    def parse(self, raw: Any) -> str:
        text = require_text(raw, 40)
        if not FORM.fullmatch(text):
            raise Refused("bad-color", f"{quoted(text)} is not a colour: write it as #1f57b0.")
        digits = text[1:].lower()
        return "#" + ("".join(digit * 2 for digit in digits) if len(digits) == 3 else digits)

    def parse_text(self, text: str, display: Display) -> str:
        typed = typed_code(text)
        return self.parse(typed if typed.startswith("#") else f"#{typed}")

    def parse_operand(self, raw: Any) -> str:
        return self.parse(raw)

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": f"^{FORM.pattern}$"}

    def show(self, value: str, display: Display) -> Shown:
        return Shown(value, "swatch", machine=value)

    def control(self) -> Control:
        return Control("color")

    def sample(self, random: Random, number: int) -> str:
        return f"#{random.randrange(0x1000000):06x}"
