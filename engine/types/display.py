"""How values are shown: the reader's language and zone, and what a type hands to the pages."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from zoneinfo import ZoneInfo

from babel import Locale


@dataclass(frozen=True)
class Display:
    """The reader: `language` is a Babel locale name ("en", "ro_RO"), `zone` an IANA time zone."""

    language: str = "en"
    zone: str = "UTC"

    @cached_property
    def locale(self) -> Locale:
        return Locale.parse(self.language.replace("-", "_"))

    @cached_property
    def timezone(self) -> ZoneInfo:
        return ZoneInfo(self.zone)


@dataclass(frozen=True, slots=True)
class Shown:
    """A value as pages draw it.

    `kind` says how: `text`, `long` (keeps line breaks), `html` (already sanitised), `badge`, `badges`,
    `link` (with `href`), `check` (a boolean), `level`, `rating`, `swatch` (a colour), `code`, `file`,
    `image` (with `href`), `due` (a time). `tone` is a colour name, `phase` the shape of a badge's dot,
    `items` the members of a list, `title` a longer text for hovering, `machine` the value as programs
    read it (`datetime` of a <time>).
    """

    text: str
    kind: str = "text"
    href: str = ""
    tone: str = ""
    phase: str = ""
    title: str = ""
    machine: str = ""
    items: tuple[Shown, ...] = ()
