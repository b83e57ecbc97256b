"""Every property type by the name YAML knows it by; plugins add theirs in the same way."""

from __future__ import annotations

from collections.abc import Iterable

from engine.types.base import PropertyType
from engine.types.boolean import BooleanType
from engine.types.choices import ChoiceType, MultiChoiceType, StateType
from engine.types.codes import AutonumberType, ColorType, JsonType, SecretType, UuidType
from engine.types.contact import EmailType, PhoneType, UrlType
from engine.types.file import FileType, ImageType
from engine.types.long_text import LongTextType
from engine.types.markdown import MarkdownType
from engine.types.rich_text import RichTextType
from engine.types.moments import DateTimeType, DateType, DurationType, TimeType
from engine.types.money import MoneyType
from engine.types.numbers import DecimalType, IntegerType, PercentType, RatingType
from engine.types.place import AddressType, GeoPointType
from engine.types.text import TextType

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
