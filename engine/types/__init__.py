"""Property types: what a value of a record can be, one file each, all behind one contract (base.py)."""

from engine.types.address import Address
from engine.types.base import UNCHANGED, Choice, Control, PropertyType, Refused
from engine.types.display import Display, Shown
from engine.types.file import FileValue
from engine.types.geo_point import GeoPoint
from engine.types.money import Money
from engine.types.registry import BUILT_IN, Registry, default_registry

__all__ = [
    "BUILT_IN",
    "UNCHANGED",
    "Address",
    "Choice",
    "Control",
    "Display",
    "FileValue",
    "GeoPoint",
    "Money",
    "PropertyType",
    "Refused",
    "Registry",
    "Shown",
    "default_registry",
]
