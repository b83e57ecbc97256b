"""Templates: the Jinja environment, icons inlined per page, addresses of static files, words for numbers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

STATIC = Path(__file__).parent / "static"
VENDOR = STATIC / "vendor"

DOT = '<circle cx="12" cy="12" r="3"/>'
"""What stands for an icon nobody drew."""

ALWAYS = ("check", "minus", "paperclip", "star", "x", "plus", "chevron-down", "arrow-right")
"""Icons that values hold and scripts draw: every page inlines them."""


@lru_cache(maxsize=1)
def icon_shapes() -> Mapping[str, str]:
    """The inner SVG of every icon, by name; none where the front-end packages were not installed."""
    file = VENDOR / "icons.json"
    return json.loads(file.read_text("utf-8")) if file.exists() else {}


def shape_of(name: str) -> str:
    """An icon's inner SVG. Icons are renamed at times: `building-2` falls back to `building`, then to a dot."""
    shapes = icon_shapes()
    return shapes.get(name) or shapes.get(name.rstrip("0123456789").rstrip("-")) or DOT


@lru_cache(maxsize=1024)
def icon_use(name: str, css: str = "") -> Markup:
    """A reference to an icon's symbol; the page inlines the symbol once."""
    kind = f"icon {css}".rstrip()
    return Markup(f'<svg class="{escape(kind)}" aria-hidden="true"><use href="#i-{escape(name)}"/></svg>')


@lru_cache(maxsize=1024)
def symbol(name: str) -> str:
    """An icon as a page inlines it."""
    return f'<symbol id="i-{escape(name)}" viewBox="0 0 24 24">{shape_of(name)}</symbol>'


class Icons:
    """The icons one page uses: `icon(…)` in a template draws one, `sprite()` at its end inlines them all."""

    def __init__(self) -> None:
        self.used: dict[str, None] = {}

    def icon(self, name: str, css: str = "") -> Markup:
        self.used[name] = None
        return icon_use(name, css)

    def keep(self, names: Iterable[str]) -> str:
        """Have icons inlined that stand in HTML made before."""
        self.used.update(dict.fromkeys(names))
        return ""

    def sprite(self) -> Markup:
        return Markup("".join(map(symbol, dict.fromkeys((*self.used, *ALWAYS)))))


@lru_cache(maxsize=64)
def static_url(path: str) -> str:
    """The address of a static file, with its content's hash: it may be cached for ever."""
    file = STATIC / path
    if not file.exists():
        return f"/static/{path}"
    return f"/static/{path}?v={hashlib.sha256(file.read_bytes()).hexdigest()[:10]}"


def plural(number: int, one: str, many: str) -> str:
    """`1 ticket`, `3 tickets`."""
    return f"{number:,} {one if number == 1 else many}"


def listed(words: Sequence[str]) -> str:
    """Several things as a person lists them: `one, two and three`."""
    return " and ".join([*([", ".join(words[:-1])] if words[:-1] else []), *words[-1:]])


def initials(name: str) -> str:
    """The first letters of a name's first and last word, for an avatar."""
    words = [word for word in name.split() if word[0].isalnum()]
    picked = words[:1] + words[1:][-1:]
    return "".join(word[0] for word in picked).upper() or "?"


TONES = ("gray", "blue", "amber", "green", "red", "violet")


def tone_of(name: str) -> str:
    """The colour of a person's avatar: always the same for the same name."""
    return TONES[sum(name.encode()) % len(TONES)]


def words_of(text: str) -> str:
    """A text that continues a sentence: its first letter small, unless it is an abbreviation."""
    return text if len(text) > 1 and text[1].isupper() else text[:1].lower() + text[1:]


def record_url(entity: str, number: int, *rest: str) -> str:
    return "/".join((f"/{entity}/{number}", *rest))


@lru_cache(maxsize=1)
def environment() -> Environment:
    """The one Jinja environment: everything is escaped, an unknown name is an error."""
    made = Environment(
        loader=PackageLoader("engine.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters.update(lower_first=words_of, initials=initials, tone=tone_of)
    made.globals.update(static_url=static_url, plural=plural, record_url=record_url)
    return made


def render_part(template: str, **values: Any) -> tuple[Markup, tuple[str, ...]]:
    """A template's HTML for a page made later, and the icons it needs there."""
    icons = Icons()
    text = environment().get_template(template).render(icon=icons.icon, **values)
    return Markup(text), tuple(icons.used)


def render(template: str, **values: Any) -> str:
    """A template's text; `icon` and `sprite` belong to this one page."""
    icons = Icons()
    return (
        environment()
        .get_template(template)
        .render(icon=icons.icon, keep=icons.keep, sprite=icons.sprite, **values)
    )
