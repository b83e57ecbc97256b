"""A point on the map: latitude and longitude."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from random import Random
from typing import Any, ClassVar, Final

import sqlalchemy as sa

from engine.types.base import ColumnSpec, Control, PropertyType, Refused
from engine.types.clean import kind_of, quoted, require_text, typed_code
from engine.types.columns import ScaledDecimal
from engine.types.conditions import Columns, composite_condition
from engine.types.display import Display, Shown
from engine.types.number import PLAIN, read_number, read_typed, step

SCALE: Final = 6
LIMITS: Final = {"lat": 90, "lon": 180}
NAMES: Final = {"lat": "latitude", "lon": "longitude"}
PATTERNS: Final = {
    "lat": r"^[+-]?0*([0-8]?[0-9](\.[0-9]{0,20})?|90(\.0*)?)$",
    "lon": r"^[+-]?0*((1[0-7][0-9]|[0-9]{1,2})(\.[0-9]{0,20})?|180(\.0*)?)$",
}


@dataclass(frozen=True, slots=True)
class GeoPoint:
    """A point in degrees (WGS 84), to a tenth of a metre: six decimals."""

    lat: Decimal
    lon: Decimal


@dataclass(frozen=True, kw_only=True)
class GeoPointType(PropertyType):
    """Degrees north and east. More than six decimals are rounded: receivers send noise beyond them."""

    name = "geo_point"
    summary = "A point on the map: latitude and longitude in degrees."
    example: ClassVar[Mapping[str, Any]] = {"type": "geo_point"}
    expression_type = "geo_point"
    operators = ("eq", "ne", "in", "empty", "not_empty")
    sortable = False
    indexable = False

    @property
    def expression_options(self) -> Mapping[str, Any]:
        return {"parts": {"lat": "decimal", "lon": "decimal"}, "scale": SCALE}

    def columns(self) -> tuple[ColumnSpec, ...]:
        return (ColumnSpec("", ScaledDecimal(9, SCALE)), ColumnSpec("lon", ScaledDecimal(9, SCALE)))

    def check(self, columns: Sequence[sa.ColumnElement[Any]]) -> sa.ColumnElement[bool] | None:
        """Both are there or neither; the range is Python's affair, the stored numbers being scaled."""
        lat, lon = columns
        return sa.or_(sa.and_(lat.is_(None), lon.is_(None)), sa.and_(lat.is_not(None), lon.is_not(None)))

    def store(self, value: GeoPoint) -> tuple[Any, ...]:
        return (value.lat, value.lon)

    def load(self, cells: Sequence[Any]) -> GeoPoint:
        return GeoPoint(cells[0], cells[1])

    def empty(self, value: Any) -> bool:
        return False

    # ---- from outside

    def parse(self, raw: Any) -> GeoPoint:
        if isinstance(raw, GeoPoint):
            raw = {"lat": raw.lat, "lon": raw.lon}
        if not isinstance(raw, Mapping):
            example = '{"lat": "46.77", "lon": "23.59"}'
            raise Refused("bad-point", f"A point is written as {example}, not as {kind_of(raw)}.")
        unknown = sorted(set(map(str, raw)) - set(LIMITS))
        if unknown:
            raise Refused("bad-point", f"A point has lat and lon, but no {quoted(unknown[0])}.")
        missing = [part for part in LIMITS if part not in raw]
        if missing:
            raise Refused(
                "bad-point", f"A point needs both lat and lon: {missing[0]} is missing.", missing[0]
            )
        return GeoPoint(*(self._degrees(part, raw[part]) for part in LIMITS))

    @staticmethod
    def _degrees(part: str, raw: Any) -> Decimal:
        try:
            number = read_number(raw)
        except Refused as refused:
            raise Refused(refused.code, str(refused), part) from refused
        if abs(number) > LIMITS[part]:
            message = f"A {NAMES[part]} is between -{LIMITS[part]} and {LIMITS[part]} degrees."
            raise Refused("too-large", message, part)
        return number.quantize(step(SCALE), ROUND_HALF_EVEN) or Decimal("0.000000")

    def parse_text(self, text: str, display: Display) -> GeoPoint:
        """Latitude and longitude with a comma or space between them, as maps show them."""
        typed = typed_code(require_text(text, 100))
        between = ";" if ";" in typed else "," if "," in typed else None
        parts = [part.strip() for part in typed.split(between)]
        if len(parts) != 2 or not all(PLAIN.fullmatch(part) for part in parts):
            raise Refused("bad-point", f"{quoted(text)} is not a point: write it as 46.77, 23.59.")
        return self.parse(dict(zip(LIMITS, parts, strict=True)))

    def parse_form(self, parts: Mapping[str, Any], display: Display) -> GeoPoint | None:
        given = {part: str(parts.get(part) or "").strip() for part in LIMITS}
        if not any(given.values()):
            return None
        read: dict[str, Any] = {}
        for part, text in given.items():
            if not text:
                raise Refused("bad-point", f"A point needs its {NAMES[part]} too.", part)
            read[part] = text if PLAIN.fullmatch(text) else read_typed(text, display)
        return self.parse(read)

    def parse_operand(self, raw: Any) -> GeoPoint:
        return self.parse_text(raw, Display()) if isinstance(raw, str) else self.parse(raw)

    def from_export(self, text: str) -> GeoPoint:
        return self.parse_text(text, Display())

    # ---- to outside

    def to_json(self, value: GeoPoint) -> dict[str, str]:
        return {"lat": f"{value.lat:.{SCALE}f}", "lon": f"{value.lon:.{SCALE}f}"}

    def json_schema(self) -> dict[str, Any]:
        parts = {
            part: {
                "anyOf": [
                    {"type": "string", "maxLength": 40, "pattern": PATTERNS[part]},
                    {"type": "number", "minimum": -limit, "maximum": limit},
                ]
            }
            for part, limit in LIMITS.items()
        }
        return {
            "type": "object",
            "properties": parts,
            "required": list(parts),
            "additionalProperties": False,
        }

    def to_text(self, value: GeoPoint, display: Display) -> str:
        return self.to_export(value)

    def to_form(self, value: GeoPoint, display: Display) -> dict[str, Any]:
        return self.to_json(value)

    def to_export(self, value: GeoPoint) -> str:
        return f"{value.lat:.{SCALE}f}, {value.lon:.{SCALE}f}"

    def show(self, value: GeoPoint, display: Display) -> Shown:
        place = f"{value.lat:f}/{value.lon:f}"
        href = f"https://www.openstreetmap.org/?mlat={value.lat:f}&mlon={value.lon:f}#map=14/{place}"
        return Shown(self.to_export(value), "link", href=href)

    def control(self) -> Control:
        parts = tuple(
            (
                part,
                NAMES[part].capitalize(),
                Control(
                    "number",
                    {"inputmode": "decimal", "step": "any", "min": str(-limit), "max": str(limit)},
                ),
            )
            for part, limit in LIMITS.items()
        )
        return Control("group", parts=parts)

    def condition(self, operator: str, columns: Columns, operand: Any) -> sa.ColumnElement[bool]:
        return composite_condition(operator, columns, operand, self.store)

    def sample(self, random: Random, number: int) -> GeoPoint:
        lat, lon = random.randint(36_000_000, 60_000_000), random.randint(-9_000_000, 29_000_000)
        return GeoPoint(Decimal(lat).scaleb(-SCALE), Decimal(lon).scaleb(-SCALE))
