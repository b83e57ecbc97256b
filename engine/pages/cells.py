"""How values are drawn: one function per kind of Shown, and the links to related records."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from markupsafe import Markup, escape

from engine.build.page import PERSON, Member
from engine.metamodel.property import Property
from engine.reading.query import Link
from engine.types.display import Display, Shown
from engine.web.markup import icon_use, initials, tone_of

Draw = Callable[[Shown], str]

LONGEST_IN_CELL = 160
"""Characters of a long text that a cell shows."""

CHECK, MINUS = str(icon_use("check", "check-yes")), str(icon_use("minus", "check-no"))
FILE, STAR = str(icon_use("paperclip")), str(icon_use("star"))


def text(shown: Shown) -> str:
    if not shown.title or shown.title == shown.text:
        return str(escape(shown.text))
    return f'<span title="{escape(shown.title)}">{escape(shown.text)}</span>'


def long(shown: Shown) -> str:
    return f'<div class="prose prose-plain">{escape(shown.text)}</div>'


def first_words(shown: Shown) -> str:
    """A long text where there is one line for it."""
    line = " ".join(shown.text[: LONGEST_IN_CELL * 2].split())
    short = line if len(line) <= LONGEST_IN_CELL else line[:LONGEST_IN_CELL] + "…"
    return f'<span class="truncate clip">{escape(short)}</span>'


def html(shown: Shown) -> str:
    return f'<div class="prose">{shown.machine}</div>'  # sanitised by its type


def badge(shown: Shown) -> str:
    tone = f' data-tone="{escape(shown.tone)}"' if shown.tone else ""
    phase = f' data-phase="{escape(shown.phase)}"' if shown.phase else ""
    return f'<span class="badge"{tone}{phase}>{escape(shown.text)}</span>'


def badges(shown: Shown) -> str:
    items = "".join(badge(item) if item.kind == "badge" else tag(item) for item in shown.items)
    return f'<span class="tags">{items}</span>'


def tag(shown: Shown) -> str:
    return f'<span class="tag">{escape(shown.text)}</span>'


def link(shown: Shown) -> str:
    outside = shown.href.startswith(("https://", "http://"))
    apart = ' target="_blank" rel="noopener noreferrer"' if outside else ""
    return f'<a class="link" href="{escape(shown.href)}"{apart}>{escape(shown.text)}</a>'


def check(shown: Shown) -> str:
    """Yes or no, with its sign."""
    sign = CHECK if shown.machine == "true" else MINUS
    return f'<span class="check">{sign}{escape(shown.text)}</span>'


def bare_check(shown: Shown) -> str:
    sign = CHECK if shown.machine == "true" else MINUS
    return f'{sign}<span class="visually-hidden">{escape(shown.text)}</span>'


def level(shown: Shown) -> str:
    bars = '<i aria-hidden="true"><b></b><b></b><b></b></i>'
    return f'<span class="level" data-level="{escape(shown.machine)}">{bars}{escape(shown.text)}</span>'


def rating(shown: Shown) -> str:
    given, _, most = shown.machine.partition("/")
    if not (given.isdigit() and most.isdigit() and int(given) <= int(most) <= 10):
        return text(shown)
    off = f'<span class="star-off">{STAR * (int(most) - int(given))}</span>'
    said = f'<span class="visually-hidden">{escape(shown.text)}</span>'
    return f'<span class="rating">{said}{STAR * int(given)}{off}</span>'


def swatch(shown: Shown) -> str:
    fill = f'<rect width="100%" height="100%" fill="{escape(shown.machine)}"/>'
    box = f'<svg class="swatch" aria-hidden="true">{fill}</svg>'
    return f'<span class="swatch-line">{box}{escape(shown.text)}</span>'


def code(shown: Shown) -> str:
    return f'<code class="code">{escape(shown.text)}</code>'


def short_code(shown: Shown) -> str:
    return f'<code class="code truncate clip">{escape(shown.text[:LONGEST_IN_CELL])}</code>'


def file(shown: Shown) -> str:
    size = f'<span class="muted">{escape(shown.title)}</span>' if shown.title else ""
    name = f'<a class="link truncate" href="{escape(shown.href)}">{escape(shown.text)}</a>'
    return f'<span class="file">{FILE}{name}{size}</span>'


def image(shown: Shown) -> str:
    picture = f'<img src="{escape(shown.href)}" alt="{escape(shown.text)}" loading="lazy">'
    return f'<a class="picture" href="{escape(shown.href)}">{picture}</a>'


def thumbnail(shown: Shown) -> str:
    return f'<img class="thumbnail" src="{escape(shown.href)}" alt="{escape(shown.text)}" loading="lazy">'


def due(shown: Shown) -> str:
    late = {"red": " is-over", "amber": " is-soon"}.get(shown.tone, "")
    title = f' title="{escape(shown.title)}"' if shown.title else ""
    return f'<time class="due{late}" datetime="{escape(shown.machine)}"{title}>{escape(shown.text)}</time>'


DRAW: dict[str, Draw] = {
    "text": text,
    "long": long,
    "html": html,
    "badge": badge,
    "badges": badges,
    "link": link,
    "check": check,
    "level": level,
    "rating": rating,
    "swatch": swatch,
    "code": code,
    "file": file,
    "image": image,
    "due": due,
}

IN_CELL: dict[str, Draw] = {
    **DRAW,
    "long": first_words,
    "html": first_words,
    "code": short_code,
    "image": thumbnail,
    "check": bare_check,
}
"""The same where a value has one line of a table."""


def drawn(shown: Shown) -> Markup:
    """A value as it stands on a page of its own."""
    return Markup(DRAW.get(shown.kind, text)(shown))


def drawn_briefly(shown: Shown) -> Markup:
    """A value where it has one line."""
    return Markup(IN_CELL.get(shown.kind, text)(shown))


def value_of(prop: Property, value: Any, display: Display) -> Markup:
    return drawn(prop.type.show(value, display))


# ---- related records


def link_to(found: Link) -> str:
    return f'<a class="link" href="/{found.entity}/{found.id}">{escape(found.title)}</a>'


def avatar(name: str, css: str = "avatar") -> Markup:
    tone = f'data-tone="{tone_of(name)}"'
    return Markup(f'<span class="{css}" {tone} aria-hidden="true">{escape(initials(name))}</span>')


def person(found: Link) -> str:
    name = f'<a class="truncate" href="/{found.entity}/{found.id}">{escape(found.title)}</a>'
    return f'<span class="person">{avatar(found.title)}{name}</span>'


def links(found: tuple[Link, ...]) -> str:
    items = [f'<a class="tag" href="/{each.entity}/{each.id}">{escape(each.title)}</a>' for each in found]
    return f'<span class="tags">{"".join(items)}</span>'


def related_value(member: Member, value: Any) -> Markup:
    """A relation's value on a page of its own."""
    if member.many:
        return Markup(links(value))
    return Markup(person(value) if member.targets == (PERSON,) else link_to(value))
