"""Where: a postal address, and a point on the map; several columns each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from decimal import Decimal
from functools import lru_cache
from random import Random
from typing import Any
from urllib.parse import quote_plus

import sqlalchemy as sa
from babel import Locale

from engine.types.base import Choice, ColumnSpec, Control, PropertyType, Refused
from engine.types.clean import clean_text, kind_of
from engine.types.columns import CodePointText, ScaledDecimal
from engine.types.display import Display, Shown
from engine.types.numbers import DecimalType, localised
from engine.types.conditions import plain_condition

PARTS = ("street", "street2", "city", "region", "postcode", "country")
LABELS = ("Street", "Street, second line", "City", "Region", "Postcode", "Country")
LONGEST = {"postcode": 20, "country": 2}


@dataclass(frozen=True, slots=True)
class Address:
    """A postal address; `country` is an ISO 3166 code of two letters. Parts may be empty texts."""

    street: str = ""
    street2: str = ""
    city: str = ""
    region: str = ""
    postcode: str = ""
    country: str = ""


@lru_cache(maxsize=8)
def countries(language: str) -> tuple[Choice, ...]:
    """Every country by its name in a language."""
    territories = Locale.parse(language).territories
    codes = [code for code in territories if len(code) == 2 and code.isalpha() and code not in NOT_COUNTRIES]
    return tuple(sorted((Choice(code, territories[code]) for code in codes), key=lambda choice: choice.label))


NOT_COUNTRIES = frozenset({"EU", "EZ", "UN", "ZZ", "QO", "XA", "XB", "XK"})


@dataclass(frozen=True, kw_only=True)
class AddressType(PropertyType):
    """A postal address in parts."""

    name = "address"
    summary = "A postal address: street, city, region, postcode and country, each in a column of its own."
    example = {"type": "address"}
    expression_type = "address"
    operators = ("contains", "empty", "not_empty")
    indexable = False

    def columns(self) -> tuple[ColumnSpec, ...]:
        """The first column says that there is an address at all: its text on one line, which also is searched."""
        return (ColumnSpec("", CodePointText()), *(ColumnSpec(part, CodePointText()) for part in PARTS))

    def store(self, value: Address) -> tuple[Any, ...]:
        return (one_line(value), *(part or None for part in astuple(value)))

    def load(self, cells: Sequence[Any]) -> Address:
        return Address(*(cell or "" for cell in cells[1:]))

    def empty(self, value: Address) -> bool:
        return not any(astuple(value))

    def parse(self, raw: Any) -> Address:
        if isinstance(raw, Address):
            raw = dict(zip(PARTS, astuple(raw), strict=True))
        if not isinstance(raw, Mapping):
            raise Refused("bad-address", f"An address is an object of {', '.join(PARTS)}, not {kind_of(raw)}.")
        unknown = sorted(set(raw) - set(PARTS))
        if unknown:
            raise Refused("bad-address", f"An address has no {unknown[0]!r}; it has {', '.join(PARTS)}.")
        return Address(**{part: self._part(part, raw[part]) for part in PARTS if raw.get(part)})

    @staticmethod
    def _part(part: str, raw: Any) -> str:
        try:
            text = clean_text(raw, lines=False, longest=200 if part == "country" else LONGEST.get(part, 200))
        except Refused as refused:
            raise Refused(refused.code, str(refused), part) from refused
        if part != "country":
            return text
        for choice in countries("en"):
            if text.casefold() in (choice.name.casefold(), choice.label.casefold()):
                return choice.name
        raise Refused("unknown-country", f"{text[:40]!r} is no country: use its code of two letters, such as RO.", part)

    def parse_form(self, parts: Mapping[str, Any], display: Display) -> Address | None:
        given = {part: parts[part] for part in PARTS if parts.get(part)}
        return self.parse(given) if given else None

    def to_json(self, value: Address) -> dict[str, str]:
        return {part: text for part, text in zip(PARTS, astuple(value), strict=True) if text}

    def json_schema(self) -> dict[str, Any]:
        texts: dict[str, Any] = {part: {"type": "string", "maxLength": LONGEST.get(part, 200)} for part in PARTS}
        texts["country"] = {"type": "string", "pattern": "^[A-Z]{2}$"}
        return {"type": "object", "properties": texts, "additionalProperties": False}

    def to_text(self, value: Address, display: Display) -> str:
        country = display.locale.territories.get(value.country, value.country)
        city = " ".join(part for part in (value.postcode, value.city) if part)
        return ", ".join(part for part in (value.street, value.street2, city, value.region, country) if part)

    def to_form(self, value: Address, display: Display) -> dict[str, Any]:
        return dict(zip(PARTS, astuple(value), strict=True))

    def to_export(self, value: Address) -> str:
        return " | ".join(part.replace("|", "/") for part in astuple(value))

    def from_export(self, text: str) -> Address:
        parts = [part.strip() for part in text.split("|")]
        if len(parts) != len(PARTS):
            raise Refused("bad-address", f"An exported address has {len(PARTS)} parts, with | between them.")
        return self.parse(dict(zip(PARTS, parts, strict=True)))

    def show(self, value: Address, display: Display) -> Shown:
        text = self.to_text(value, display)
        return Shown(text, "link", href=f"https://www.openstreetmap.org/search?query={quote_plus(text)}")

    def control(self) -> Control:
        parts = [
            (part, label, Control("text", {"maxlength": str(LONGEST.get(part, 200)), "autocomplete": AUTOCOMPLETE[part]}))
            for part, label in zip(PARTS[:-1], LABELS[:-1], strict=True)
        ]
        country = ("country", "Country", Control("select", {"autocomplete": "country"}, countries("en")))
        return Control("group", parts=(*parts, country), wide=True)

    def condition(self, operator: str, columns: Sequence[sa.ColumnElement[Any]], operand: Any) -> sa.ColumnElement[bool]:
        return plain_condition(operator, columns[0], operand)

    def sample(self, random: Random, number: int) -> Address:
        city, postcode = random.choice((("Cluj-Napoca", "400632"), ("Utrecht", "3511"), ("Graz", "8010")))
        country = {"400632": "RO", "3511": "NL", "8010": "AT"}[postcode]
        return Address(street=f"Market Street {number % 200 + 1}", city=city, postcode=postcode, country=country)


AUTOCOMPLETE = {
    "street": "address-line1",
    "street2": "address-line2",
    "city": "address-level2",
    "region": "address-level1",
    "postcode": "postal-code",
}


def one_line(value: Address) -> str:
    """An address as it is searched and sorted."""
    return ", ".join(part for part in astuple(value) if part)


@dataclass(frozen=True, slots=True)
class GeoPoint:
    """A point in degrees (WGS 84), to a tenth of a metre: six decimals."""

    lat: Decimal
    lon: Decimal


LAT = DecimalType(precision=9, scale=6, min=Decimal(-90), max=Decimal(90))
LON = DecimalType(precision=9, scale=6, min=Decimal(-180), max=Decimal(180))


@dataclass(frozen=True, kw_only=True)
class GeoPointType(PropertyType):
    """A point on the map."""

    name = "geo_point"
    summary = "A point on the map: latitude and longitude in degrees."
    example = {"type": "geo_point"}
    expression_type = "geo_point"
    operators = ("empty", "not_empty")
    sortable = False
    indexable = False

    def columns(self) -> tuple[ColumnSpec, ...]:
        return (ColumnSpec("", ScaledDecimal(9, 6)), ColumnSpec("lon", ScaledDecimal(9, 6)))

    def check(self, columns: Sequence[sa.ColumnElement[Any]]) -> sa.ColumnElement[bool] | None:
        lat, lon = columns
        return sa.or_(sa.and_(lat.is_(None), lon.is_(None)), sa.and_(lat.is_not(None), lon.is_not(None)))

    def store(self, value: GeoPoint) -> tuple[Any, ...]:
        return (value.lat, value.lon)

    def load(self, cells: Sequence[Any]) -> GeoPoint:
        return GeoPoint(cells[0], cells[1])

    def empty(self, value: Any) -> bool:
        return False

    def parse(self, raw: Any) -> GeoPoint:
        if isinstance(raw, GeoPoint):
            return raw
        if isinstance(raw, str):
            lat, _, lon = raw.partition(",")
            raw = {"lat": lat.strip(), "lon": lon.strip()}
        if not isinstance(raw, Mapping) or set(raw) != {"lat", "lon"}:
            raise Refused("bad-point", 'A point is written as {"lat": "46.77", "lon": "23.59"}.')
        parts = {}
        for part, kind in (("lat", LAT), ("lon", LON)):
            try:
                parts[part] = kind.parse(raw[part])
            except Refused as refused:
                raise Refused(refused.code, str(refused), part) from refused
        return GeoPoint(**parts)

    def parse_form(self, parts: Mapping[str, Any], display: Display) -> GeoPoint | None:
        given = {part: localised(str(parts.get(part) or ""), display) for part in ("lat", "lon")}
        return self.parse(given) if any(given.values()) else None

    def to_json(self, value: GeoPoint) -> dict[str, str]:
        return {"lat": f"{value.lat:f}", "lon": f"{value.lon:f}"}

    def json_schema(self) -> dict[str, Any]:
        degrees = {"type": "string", "pattern": r"^-?[0-9]{1,2}(\.[0-9]{1,6})?$"}
        return {
            "type": "object",
            "properties": {"lat": degrees, "lon": degrees},
            "required": ["lat", "lon"],
            "additionalProperties": False,
        }

    def to_text(self, value: GeoPoint, display: Display) -> str:
        return self.to_export(value)

    def to_form(self, value: GeoPoint, display: Display) -> dict[str, Any]:
        return self.to_json(value)

    def to_export(self, value: GeoPoint) -> str:
        return f"{value.lat:f}, {value.lon:f}"

    def show(self, value: GeoPoint, display: Display) -> Shown:
        href = f"https://www.openstreetmap.org/?mlat={value.lat:f}&mlon={value.lon:f}#map=14/{value.lat:f}/{value.lon:f}"
        return Shown(self.to_export(value), "link", href=href)

    def control(self) -> Control:
        degrees = Control("number", {"inputmode": "decimal", "step": "0.000001"})
        return Control("group", parts=(("lat", "Latitude", degrees), ("lon", "Longitude", degrees)))

    def sample(self, random: Random, number: int) -> GeoPoint:
        return GeoPoint(
            Decimal(random.randint(36000000, 60000000)).scaleb(-6), Decimal(random.randint(-9000000, 29000000)).scaleb(-6)
        )
