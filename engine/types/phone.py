"""A phone number: kept in international form (E.164), shown with spaces, as a link that dials."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from random import Random
from typing import Any, ClassVar

import phonenumbers
from phonenumbers import PhoneNumberFormat

from engine.text.suggest import did_you_mean
from engine.types.base import (
    EQUALITY,
    ORDER,
    TEXT,
    ColumnSpec,
    Control,
    OptionProblem,
    PropertyType,
    Refused,
    option,
)
from engine.types.clean import machine_text, quoted, typed_code
from engine.types.columns import CodePointText
from engine.types.display import Display, Shown

LONGEST = 40
EXTENSION = ";ext="


@dataclass(frozen=True, kw_only=True)
class PhoneType(PropertyType):
    """A number that could exist by its length; `+40213456789`, with an extension `+40213456789;ext=12`.

    Whether it is in use nobody can tell; numbering plans change faster than software, so only lengths
    and country codes are checked.
    """

    name = "phone"
    summary = "A phone number, stored in international form, shown as a link that dials."
    example: ClassVar[Mapping[str, Any]] = {"type": "phone", "region": "RO"}
    operators = (*EQUALITY, *ORDER, *TEXT)
    searchable = True

    region: str = option(
        "",
        schema={"type": "string", "pattern": "^[A-Z]{2}$"},
        description="The country whose numbers may be typed without a country code (ISO 3166).",
        example="RO",
    )

    def problems(self) -> Iterator[OptionProblem]:
        known = phonenumbers.SUPPORTED_REGIONS
        if self.region and self.region not in known:
            meant = did_you_mean(self.region, sorted(known))
            hint = f"did you mean {meant!r}?" if meant else "use a code of two letters, such as RO"
            yield OptionProblem("region", "bad-option", f"no phone region {self.region!r}", hint)

    def columns(self) -> tuple[ColumnSpec, ...]:
        return (ColumnSpec("", CodePointText()),)

    def parse(self, raw: Any) -> str:
        text = machine_text(raw, LONGEST)
        if not text.isascii() or not any(sign.isdigit() for sign in text):
            raise Refused("bad-phone", f"{quoted(text)} is not a phone number.")
        try:
            number = phonenumbers.parse(text.replace(EXTENSION, " ext. "), self.region or None)
        except phonenumbers.NumberParseException as error:
            if error.error_type == error.INVALID_COUNTRY_CODE:
                hint = "begin with + and the country code, such as +40 21 345 6789"
                raise Refused("bad-phone", f"{quoted(text)} has no country code: {hint}.") from error
            raise Refused("bad-phone", f"{quoted(text)} is not a phone number.") from error
        if not phonenumbers.is_possible_number(number):
            raise Refused("bad-phone", f"{quoted(text)} has too few or too many digits for a phone number.")
        extension = f"{EXTENSION}{number.extension}" if number.extension else ""
        return phonenumbers.format_number(_without_extension(number), PhoneNumberFormat.E164) + extension

    def parse_text(self, text: str, display: Display) -> str:
        return self.parse(typed_code(text))

    def parse_operand(self, raw: Any) -> str:
        """A whole number as it is stored; the part of one that is looked for, without spaces and signs."""
        text = machine_text(raw, LONGEST)
        try:
            return self.parse(text)
        except Refused:
            return "".join(sign for sign in text if sign not in " ()-./")

    def json_schema(self) -> dict[str, Any]:
        return {
            "type": "string",
            "minLength": 3,
            "maxLength": LONGEST,
            "pattern": "^[\\x20-\\x7E]*[0-9][\\x20-\\x7E]*$",
        }

    def to_text(self, value: str, display: Display) -> str:
        return _international(value)

    def to_form(self, value: str, display: Display) -> dict[str, Any]:
        return {"": _international(value)}

    def to_export(self, value: str) -> str:
        return value

    def show(self, value: str, display: Display) -> Shown:
        return Shown(_international(value), "link", href=f"tel:{value}")

    def control(self) -> Control:
        return Control("tel", {"maxlength": str(LONGEST), "autocomplete": "tel", "inputmode": "tel"})

    def sample(self, random: Random, number: int) -> str:
        return f"+4021{random.randint(2_000_000, 7_999_999)}"


def _without_extension(number: phonenumbers.PhoneNumber) -> phonenumbers.PhoneNumber:
    bare = phonenumbers.PhoneNumber()
    bare.merge_from(number)
    bare.extension = None
    return bare


@lru_cache(maxsize=4096)
def _international(value: str) -> str:
    """`+40 21 345 6789`; what can't be read any more is shown as it is stored."""
    bare, _, extension = value.partition(EXTENSION)
    try:
        shown = phonenumbers.format_number(phonenumbers.parse(bare, None), PhoneNumberFormat.INTERNATIONAL)
    except phonenumbers.NumberParseException:
        return value
    return f"{shown} ext. {extension}" if extension else shown
