"""A universally unique identifier."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy as sa

from engine.types.base import EQUALITY, ColumnSpec, Control, PropertyType, Refused
from engine.types.clean import kind_of, quoted, require_text, typed_code
from engine.types.display import Display, Shown

FORM = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}")


@dataclass(frozen=True, kw_only=True)
class UuidType(PropertyType):
    """128 bits that another system knows the record by, written as RFC 9562 has it."""

    name = "uuid"
    expression_type = "uuid"
    summary = "A UUID, for linking with other systems."
    example: ClassVar[Mapping[str, Any]] = {"type": "uuid", "unique": True}
    operators = EQUALITY

    def columns(self) -> tuple[ColumnSpec, ...]:
        return (ColumnSpec("", sa.Uuid()),)

    def empty(self, value: Any) -> bool:
        return False

    def parse(self, raw: Any) -> UUID:
        if isinstance(raw, UUID):
            return raw
        if not isinstance(raw, str):
            raise Refused("bad-uuid", f"This takes a UUID as a text, not {kind_of(raw)}.")
        text = require_text(raw, 100)
        if not FORM.fullmatch(text):
            example = "123e4567-e89b-12d3-a456-426614174000"
            raise Refused("bad-uuid", f"{quoted(text)} is not a UUID, such as {example}.")
        return UUID(text)

    def parse_text(self, text: str, display: Display) -> UUID:
        """Also without hyphens, in braces, or with urn:uuid: before it."""
        digits = re.sub(r"^urn:uuid:|[-{}]", "", typed_code(require_text(text, 100)).lower())
        if re.fullmatch(r"[0-9a-f]{32}", digits):
            return UUID(digits)
        return self.parse(text)

    def to_json(self, value: UUID) -> str:
        return str(value)

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "format": "uuid", "pattern": f"^{FORM.pattern}$"}

    def show(self, value: UUID, display: Display) -> Shown:
        return Shown(str(value), "code")

    def control(self) -> Control:
        return Control("text", {"maxlength": "45", "spellcheck": "false"})

    def sample(self, random: Random, number: int) -> UUID:
        return UUID(int=random.getrandbits(128), version=4)
