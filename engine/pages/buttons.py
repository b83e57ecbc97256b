"""The buttons of a record's page as HTML: those beside its title, and those of its menu, made of strings."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from markupsafe import Markup, escape

from engine.metamodel.entity import Entity
from engine.pages.processes import Button, Reason
from engine.pages.view_actions import EDIT, Shown, ShownActions
from engine.reading.query import Record
from engine.web.markup import Icons, words_of

KEY = ' data-key="e" aria-keyshortcuts="e"'


@dataclass(frozen=True)
class Buttons:
    """What can be done with a record, drawn: beside its title, in the menu, and the icons they need in turn."""

    beside: Markup
    beside_icons: tuple[str, ...]
    menu: Markup
    menu_icons: tuple[str, ...]


def drawn_buttons(entity: Entity, record: Record, csrf: str, shown: ShownActions) -> Buttons:
    """The buttons of a page, whose forms are sent with its token."""
    beside, menu = _Drawing(entity, record, csrf), _Drawing(entity, record, csrf)
    first = [f"      {beside.beside(each, not place)}\n" for place, each in enumerate(shown.beside)]
    rest = [f"        {menu.entry(each)}\n" for each in shown.menu]
    return Buttons(
        Markup("".join(first)), tuple(beside.icons.used), Markup("".join(rest)), tuple(menu.icons.used)
    )


class _Drawing:
    """Draws the buttons of one record, and notes the icons that are used."""

    def __init__(self, entity: Entity, record: Record, csrf: str) -> None:
        self.here = f"/{entity.name}/{record.id}"
        self.hidden = (
            f'<input type="hidden" name="_csrf" value="{csrf}">'
            f'<input type="hidden" name="_version" value="{record.version}">'
        )
        self.icons = Icons()

    # ---- beside the title

    def beside(self, each: Shown, first: bool) -> str:
        if each.button is not None:
            return f"{self._button(each.button, first)}\n"
        if each.name in (EDIT, "delete") and each.refused:
            return f"{self._refused(each)}\n"
        look = "btn-primary" if first else "btn-outline"
        css = "" if first or each.keeps else " not-phone"
        if each.name == EDIT:
            return f'<a class="btn {look}{css}" href="{self.here}/edit"{KEY}>{self._word(each)}</a>\n'
        if each.name == "delete":
            css = f"btn btn-outline btn-danger{css}"
            return f'<a class="{css}" href="{self.here}/delete" data-dialog>{self._word(each)}</a>\n'
        return f'<a class="btn {look}{css}" href="{escape(each.url)}">{self._word(each)}</a>\n'

    def _word(self, each: Shown) -> str:
        return f"{self.icons.icon(each.icon)}{escape(each.label)}"

    def _refused(self, each: Shown) -> str:
        """A word that a state forbids, with why."""
        head = self._closed(each.label, f"{each.name}-why", "lock", "")
        label = f"Why {words_of(each.label)} is not open"
        return f"{head}{_dialog(f'{each.name}-why', label, _reason(Reason(each.refused), line=''))}\n"

    def _closed(self, label: str, target: str, icon: str, css: str) -> str:
        """A button that tells why it is not open."""
        return (
            f'<button class="btn btn-outline btn-closed{css}" type="button" popovertarget="{target}" '
            f'aria-haspopup="dialog">{self._sign(icon)}{escape(label)}<span class="btn-why">why?</span></button>'
        )

    def _sign(self, icon: str) -> str:
        return self.icons.icon(icon) if icon else ""

    def _button(self, button: Button, first: bool) -> str:
        """A transition, or a button of the entity."""
        css = "" if first else " not-phone"
        if not button.open:
            head = self._closed(button.label, f"why-{button.name}", button.icon, css)
            title = escape(button.label)
            inner = f'<p class="menu-title">{title} is not open</p>{"".join(map(_reason, button.reasons))}'
            return f"{head}{_dialog(f'why-{button.name}', f'Why {button.label} is not open', inner)}\n\n"
        primary = first and button.leads and not button.danger
        look = f"{'btn-danger' if button.danger else ''} {'btn-primary' if primary else 'btn-outline'}"
        told = f' title="{escape(button.description)}"' if button.description else ""
        inner = f"{self._sign(button.icon)}{escape(button.label)}"
        if button.asks:
            kept = "" if button.apart else " data-dialog"
            return f'<a class="btn {look}{css}" href="{button.url}"{kept}{told}>{inner}</a>\n'
        return f"{self._form('inline', button, f'btn {look}{css}', told, inner)}\n\n"

    def _form(self, kind: str, button: Button, css: str, told: str, inner: str) -> str:
        """A button that is all there is to it: it asks nothing."""
        sent = f'<button class="{css}"{told}>{inner}</button>'
        return (
            f'<form class="{kind}" action="{button.url}" method="post" data-fire>{self.hidden}{sent}</form>'
        )

    # ---- in the menu

    def entry(self, each: Shown) -> str:
        css = " only-phone" if each.phone else ""
        if each.line:
            return f'<div class="menu-line{css}"></div>\n'
        if each.button is not None:
            return f"{self._item(each.button, css.strip())}\n"
        if each.refused:
            icon = self.icons.icon("lock")
            return f'<p class="menu-item menu-refused{css}">{icon}<span>{escape(each.refused)}</span></p>\n'
        if each.name == "delete":
            css = f"menu-item btn-danger{css}"
            return f'<a class="{css}" href="{self.here}/delete" data-dialog>{self._word(each)}</a>\n'
        key = KEY if each.name == EDIT and not each.phone else ""
        return f'<a class="menu-item{css}" href="{escape(each.url)}"{key}>{self._word(each)}</a>\n'

    def _item(self, button: Button, css: str) -> str:
        label = escape(button.label)
        if not button.open:
            why = escape(" ".join(each.message for each in button.reasons))
            words = f"<span>{label}<br><small>{why}</small></span>"
            return f'<div class="menu-item menu-refused {css}">{self._sign(button.icon)}{words}</div>\n'
        inner, danger = (
            f"{self.icons.icon(button.icon or 'arrow-right')}{label}",
            " btn-danger" if button.danger else "",
        )
        if button.asks:
            kept = "" if button.apart else " data-dialog"
            return f'<a class="menu-item {css}{danger}" href="{button.url}"{kept}>{inner}</a>\n'
        return f"{self._form(css, button, f'menu-item{danger}', '', inner)}\n"


def _dialog(name: str, label: str, inner: str) -> str:
    kind = 'popover role="dialog"'
    return f'<div class="menu menu-why" id="{name}" {kind} aria-label="{escape(label)}">{inner}</div>'


def _reason(reason: Reason, line: str = "\n") -> str:
    """A sentence, and the values that decided."""
    return f'<div class="reason"><p>{escape(reason.message)}</p>{_values(reason.values)}</div>{line}'


def _values(values: Iterable[tuple[str, Markup]]) -> str:
    said = "".join([f"<div><dt>{escape(label)}</dt><dd>{value}</dd></div>" for label, value in values])
    return f'<dl class="reason-values">{said}</dl>' if said else ""
