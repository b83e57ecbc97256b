"""An e-mail address: checked for its form, its domain in lower case, shown as a link that writes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any, ClassVar

from engine.types.base import EQUALITY, ORDER, TEXT, ColumnSpec, Control, PropertyType, Refused
from engine.types.clean import machine_text, quoted, typed_code
from engine.types.columns import CodePointText
from engine.types.display import Display, Shown

LONGEST = 254
"""Characters of an address (RFC 5321, 4.5.3.1.3, less the angle brackets)."""


@dataclass(frozen=True, kw_only=True)
class EmailType(PropertyType):
    """One address. Whether somebody reads it is not asked; a bare host such as `localhost` is refused."""

    name = "email"
    summary = "An e-mail address, checked and normalised, shown as a link that writes."
    example: ClassVar[Mapping[str, Any]] = {"type": "email", "search": "high"}
    operators = (*EQUALITY, *ORDER, *TEXT)
    searchable = True
    folds = True

    def columns(self) -> tuple[ColumnSpec, ...]:
        return (ColumnSpec("", CodePointText()),)

    def parse(self, raw: Any) -> str:
        text = machine_text(raw, LONGEST)
        address = _normalised(text)
        if address is None or len(address) > LONGEST:
            raise Refused("bad-email", f"{quoted(text)} is not an e-mail address, such as name@example.com.")
        return address

    def parse_text(self, text: str, display: Display) -> str:
        return self.parse(typed_code(text))

    def parse_operand(self, raw: Any) -> str:
        text = machine_text(raw, LONGEST)
        local, at, domain = text.rpartition("@")
        return f"{local}@{domain.lower()}" if at else text

    def json_schema(self) -> dict[str, Any]:
        return {
            "type": "string",
            "format": "email",
            "maxLength": LONGEST,
            "pattern": r"^[^\s@]+.*@[^\s@]+\.[^\s@]+$",
        }

    def show(self, value: str, display: Display) -> Shown:
        return Shown(value, "link", href=f"mailto:{value}")

    def control(self) -> Control:
        return Control("email", {"maxlength": str(LONGEST), "autocomplete": "email", "inputmode": "email"})

    def sample(self, random: Random, number: int) -> str:
        return f"{random.choice(('info', 'sales', 'office', 'hello'))}{number}@company{number % 97}.example"


def _normalised(text: str) -> str | None:
    """An address in the form it is kept in; None for what is none."""
    from email_validator import EmailNotValidError, validate_email  # lazy: it compiles large patterns

    try:
        found = validate_email(text, check_deliverability=False, globally_deliverable=False)
    except (EmailNotValidError, UnicodeError):
        return None
    return found.normalized if "." in found.domain else None
