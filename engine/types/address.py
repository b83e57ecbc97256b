"""A postal address: street, city, region, postcode and country, each in a column of its own."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from random import Random
from typing import Any, ClassVar, Final
from urllib.parse import quote_plus

from engine.text.suggest import did_you_mean
from engine.types.base import ColumnSpec, Control, PropertyType, Refused
from engine.types.clean import LINE_PATTERN, clean_text, kind_of, quoted, typed_line
from engine.types.columns import CodePointText, dump_json
from engine.types.country import countries, country_codes, country_name, country_named
from engine.types.display import Display, Shown

PARTS: Final = ("street", "street2", "city", "region", "postcode", "country")
LABELS: Final = ("Street", "Street, second line", "City", "Region", "Postcode", "Country")
LONGEST: Final = {"street": 200, "street2": 200, "city": 100, "region": 100, "postcode": 20}
AUTOCOMPLETE: Final = {
    "street": "address-line1",
    "street2": "address-line2",
    "city": "address-level2",
    "region": "address-level1",
    "postcode": "postal-code",
}


@dataclass(frozen=True, slots=True)
class Address:
    """A postal address; `country` is an ISO 3166 code of two letters. Parts may be empty texts."""

    street: str = ""
    street2: str = ""
    city: str = ""
    region: str = ""
    postcode: str = ""
    country: str = ""

    @property
    def line(self) -> str:
        """The address on one line, as it is searched and sorted."""
        return ", ".join(part for part in astuple(self) if part)


@dataclass(frozen=True, kw_only=True)
class AddressType(PropertyType):
    """Any part may be missing; an address without any is none.

    The first column says that there is an address at all: its text on one line, which also is searched.
    """

    name = "address"
    summary = "A postal address: street, city, region, postcode and country, each in a column of its own."
    example: ClassVar[Mapping[str, Any]] = {"type": "address"}
    expression_type = "address"
    operators = ("contains", "empty", "not_empty")
    indexable = False

    @property
    def expression_options(self) -> Mapping[str, Any]:
        return {"parts": dict.fromkeys(PARTS, "string")}

    def columns(self) -> tuple[ColumnSpec, ...]:
        return (ColumnSpec("", CodePointText()), *(ColumnSpec(part, CodePointText()) for part in PARTS))

    def store(self, value: Address) -> tuple[Any, ...]:
        return (value.line, *(part or None for part in astuple(value)))

    def load(self, cells: Sequence[Any]) -> Address:
        return Address(*(cell or "" for cell in cells[1:]))

    def empty(self, value: Any) -> bool:
        return not any(astuple(value))

    # ---- from outside

    def parse(self, raw: Any) -> Address:
        if isinstance(raw, Address):
            raw = dict(zip(PARTS, astuple(raw), strict=True))
        if not isinstance(raw, Mapping):
            message = f"An address is an object of {', '.join(PARTS)}, not {kind_of(raw)}."
            raise Refused("bad-address", message)
        unknown = sorted(set(map(str, raw)) - set(PARTS))
        if unknown:
            meant = did_you_mean(unknown[0], PARTS)
            hint = f" Did you mean {quoted(meant)}?" if meant else f" It has {', '.join(PARTS)}."
            raise Refused("bad-address", f"An address has no {quoted(unknown[0])}.{hint}")
        given = {part: text for part, text in raw.items() if text is not None and text != ""}
        return Address(**{part: self._part(part, text) for part, text in given.items()})

    @staticmethod
    def _part(part: str, raw: Any) -> str:
        if part == "country":
            if not isinstance(raw, str) or raw not in country_codes():
                message = f"{quoted(raw)} is no country: use its code of two capitals, such as RO."
                raise Refused("unknown-country", message, part)
            return raw
        try:
            return clean_text(raw, lines=False, longest=LONGEST[part])
        except Refused as refused:
            raise Refused(refused.code, str(refused), part) from refused

    def parse_text(self, text: str, display: Display) -> Address:
        """What an export wrote; else the text is taken as the street, since nobody can tell its parts."""
        if text.lstrip().startswith("{"):
            return self.from_export(text)
        return self.parse({"street": typed_line(text)})

    def parse_form(self, parts: Mapping[str, Any], display: Display) -> Address | None:
        given = {part: typed_line(str(parts.get(part) or "")) for part in PARTS}
        if given["country"]:
            given["country"] = country_named(given["country"], display.language) or given["country"]
        found = self.parse(given)
        return None if self.empty(found) else found

    def parse_operand(self, raw: Any) -> str:
        return clean_text(raw, lines=False, longest=200, trim=False)

    def from_export(self, text: str) -> Address:
        try:
            found = json.loads(text) if len(text) < 5000 else None
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            message = 'An address in a file is written as {"street": "…", "city": "…", "country": "RO"}.'
            raise Refused("bad-address", message)
        return self.parse(found)

    # ---- to outside

    def to_json(self, value: Address) -> dict[str, str]:
        return {part: text for part, text in zip(PARTS, astuple(value), strict=True) if text}

    def json_schema(self) -> dict[str, Any]:
        texts: dict[str, Any] = {
            part: {"type": ["string", "null"], "maxLength": longest, "pattern": LINE_PATTERN}
            for part, longest in LONGEST.items()
        }
        texts["country"] = {"enum": [*sorted(country_codes()), "", None]}
        return {"type": "object", "properties": texts, "additionalProperties": False}

    def to_text(self, value: Address, display: Display) -> str:
        city = " ".join(part for part in (value.postcode, value.city) if part)
        country = country_name(value.country, display.language)
        return ", ".join(part for part in (value.street, value.street2, city, value.region, country) if part)

    def to_form(self, value: Address, display: Display) -> dict[str, Any]:
        return dict(zip(PARTS, astuple(value), strict=True))

    def to_export(self, value: Address) -> str:
        return dump_json(self.to_json(value))

    def show(self, value: Address, display: Display) -> Shown:
        text = self.to_text(value, display)
        return Shown(text, "link", href=f"https://www.openstreetmap.org/search?query={quote_plus(text)}")

    def control(self) -> Control:
        texts = [
            (part, label, Control("text", {"maxlength": str(longest), "autocomplete": AUTOCOMPLETE[part]}))
            for (part, longest), label in zip(LONGEST.items(), LABELS, strict=False)
        ]
        country = ("country", "Country", Control("select", {"autocomplete": "country"}, countries("en")))
        return Control("group", parts=(*texts, country), wide=True)

    def sample(self, random: Random, number: int) -> Address:
        city, postcode, country = random.choice(PLACES)
        street = f"Market Street {number % 200 + 1}"
        return Address(street=street, city=city, postcode=postcode, country=country)


PLACES: Final = (("Cluj-Napoca", "400632", "RO"), ("Utrecht", "3511", "NL"), ("Graz", "8010", "AT"))
