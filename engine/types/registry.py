"""Every property type by the name YAML knows it by; plugins add theirs in the same way."""

from __future__ import annotations

from collections.abc import Iterable

from engine.types.address import AddressType
from engine.types.autonumber import AutonumberType
from engine.types.base import PropertyType
from engine.types.boolean import BooleanType
from engine.types.choice import ChoiceType
from engine.types.color import ColorType
from engine.types.date import DateType
from engine.types.datetime import DateTimeType
from engine.types.decimal import DecimalType
from engine.types.duration import DurationType
from engine.types.email import EmailType
from engine.types.file import FileType
from engine.types.geo_point import GeoPointType
from engine.types.image import ImageType
from engine.types.integer import IntegerType
from engine.types.json import JsonType
from engine.types.long_text import LongTextType
from engine.types.markdown import MarkdownType
from engine.types.money import MoneyType
from engine.types.multi_choice import MultiChoiceType
from engine.types.percent import PercentType
from engine.types.phone import PhoneType
from engine.types.rating import RatingType
from engine.types.rich_text import RichTextType
from engine.types.secret import SecretType
from engine.types.state import StateType
from engine.types.text import TextType
from engine.types.time import TimeType
from engine.types.url import UrlType
from engine.types.uuid import UuidType

BUILT_IN: tuple[type[PropertyType], ...] = (
    TextType,
    LongTextType,
    RichTextType,
    MarkdownType,
    EmailType,
    PhoneType,
    UrlType,
    IntegerType,
    DecimalType,
    MoneyType,
    PercentType,
    BooleanType,
    DateType,
    TimeType,
    DateTimeType,
    DurationType,
    ChoiceType,
    MultiChoiceType,
    StateType,
    AutonumberType,
    ColorType,
    RatingType,
    JsonType,
    FileType,
    ImageType,
    AddressType,
    GeoPointType,
    SecretType,
    UuidType,
)


class Registry:
    """Property types by name. A later registration of a name that is taken is refused."""

    def __init__(self, types: Iterable[type[PropertyType]] = ()) -> None:
        self._types: dict[str, type[PropertyType]] = {}
        for cls in types:
            self.register(cls)

    def register(self, cls: type[PropertyType]) -> None:
        """Add a type; raises ValueError for a name that is taken by another."""
        known = self._types.get(cls.name)
        if known is not None and known is not cls:
            raise ValueError(f"the property type {cls.name!r} is already there: {known.__module__}")
        self._types[cls.name] = cls

    def get(self, name: str) -> type[PropertyType] | None:
        return self._types.get(name)

    def names(self) -> list[str]:
        return list(self._types)


def default_registry() -> Registry:
    """A new registry of the built-in types."""
    return Registry(BUILT_IN)
