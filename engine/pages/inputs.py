"""How a form's inputs are drawn: one function per kind of control, all from the same data."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from markupsafe import Markup, escape

from engine.types.base import Choice, Control
from engine.web.markup import icon_use


@dataclass(frozen=True)
class Option:
    """One value that can be chosen; `group` is the heading it stands under."""

    value: str
    label: str
    tone: str = ""
    group: str = ""


@dataclass(frozen=True)
class Input:
    """One input of a form, with what was entered. `texts` holds several where several can be.

    `picker` is where more options are searched; `known` describes a file that is there already.
    """

    name: str
    label: str
    control: Control
    texts: tuple[str, ...] = ()
    options: Sequence[Option] = ()
    parts: tuple[Input, ...] = ()
    required: bool = False
    invalid: bool = False
    described: str = ""  # ids of help and error texts
    placeholder: str = ""
    picker: str = ""
    follows: bool = False  # what it offers depends on the rest of the form
    multiple: bool = False
    spoken: str = ""  # a label for where none is shown (cells of child rows)
    inseparable: bool = False  # of a value of several inputs: there is always one chosen
    known: Mapping[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return "f-" + self.name.replace(".", "-")

    @property
    def first_id(self) -> str:
        """The id of the element to go to: of a value of several inputs the first."""
        return self.parts[0].id if self.control.kind in COMPOSITE and self.parts else self.id

    @property
    def text(self) -> str:
        return self.texts[0] if self.texts else ""

    @property
    def labels_one(self) -> bool:
        """Whether a `<label for>` names it; a group of inputs is named by a legend."""
        return self.control.kind not in GROUPED and not (self.multiple and not self.picker)


Drawing = Callable[[Input], str]


def attributes(given: Mapping[str, str | bool | None]) -> str:
    """HTML attributes; False, None and "" leave one out, True writes it bare."""
    written = []
    for name, value in given.items():
        if value is True:
            written.append(f" {name}")
        elif value not in (None, False, ""):
            written.append(f' {name}="{escape(value)}"')
    return "".join(written)


def shared(given: Input, css: str) -> dict[str, str | bool | None]:
    """The attributes every input has."""
    return {
        "class": f"{css} is-invalid" if given.invalid else css,
        "id": given.id,
        "name": given.name,
        "required": given.required,
        "aria-invalid": "true" if given.invalid else None,
        "aria-describedby": given.described,
        "aria-label": given.spoken,
        "placeholder": given.placeholder,
    }


def single(html_type: str, css: str = "form-control") -> Drawing:
    """An `<input>` of some type."""

    def draw(given: Input) -> str:
        own = {"type": html_type, "value": given.text, **shared(given, css), **given.control.attributes}
        return f"<input{attributes(own)}>"

    return draw


def number(given: Input) -> str:
    """Typed as text: a browser's number input would throw away what it can't read."""
    kept = {
        name: value
        for name, value in given.control.attributes.items()
        if name in ("inputmode", "placeholder")
    }
    own = {
        "type": "text",
        "inputmode": "decimal",
        "value": given.text,
        **shared(given, "form-control num"),
        **kept,
    }
    return f'<input{attributes(own)} autocomplete="off">'


def textarea(given: Input) -> str:
    rows = "3" if given.control.kind == "textarea" else "6"
    code = "form-control code" if given.control.kind == "json" else "form-control"
    own = {"rows": rows, **shared(given, code), **given.control.attributes}
    return f"<textarea{attributes(own)}>\n{escape(given.text)}</textarea>"


def rich_text(given: Input) -> str:
    own = {"rows": "6", **shared(given, "form-control"), "data-rich": True}
    return f"<textarea{attributes(own)}>\n{escape(given.text)}</textarea>"


def password(given: Input) -> str:
    """Never shows what is there: left as it is, it stays."""
    own = {"type": "password", **shared(given, "form-control"), **given.control.attributes}
    return f"<input{attributes(own)}>"


def checkbox(given: Input) -> str:
    own = {
        "type": "checkbox",
        "value": "true",
        "checked": given.text == "true",
        **shared(given, ""),
        "required": False,
    }
    return f"<input{attributes(own)}>"


def select(given: Input) -> str:
    chosen = set(given.texts)
    blank = '<option value="">—</option>'
    if given.multiple or (given.required and (given.text or given.inseparable)):
        blank = ""
    listed = _options(given.options, chosen)
    missing = [
        text for text in given.texts if text and text not in {option.value for option in given.options}
    ]
    listed += "".join(f'<option value="{escape(text)}" selected>{escape(text)}</option>' for text in missing)
    own = {
        **shared(given, "form-select"),
        "multiple": given.multiple,
        "data-picker": given.picker,
        "data-follows": given.follows,
    }
    if given.control.attributes.get("autocomplete"):
        own["autocomplete"] = given.control.attributes["autocomplete"]
    return f"<select{attributes(own)}>{blank}{listed}</select>"


def _options(options: Sequence[Option], chosen: set[str]) -> str:
    written, group = [], ""
    for option in options:
        if option.group != group:
            written.append(("</optgroup>" if group else "") + f'<optgroup label="{escape(option.group)}">')
            group = option.group
        marked = " selected" if option.value in chosen else ""
        tone = f' data-tone="{option.tone}"' if option.tone else ""
        written.append(
            f'<option value="{escape(option.value)}"{tone}{marked}>{escape(option.label)}</option>'
        )
    return "".join(written) + ("</optgroup>" if group else "")


def checkboxes(given: Input) -> str:
    """Several of a few choices, each a box to tick."""
    boxes = []
    for position, option in enumerate(given.options):
        own: dict[str, str | bool | None] = {
            "type": "checkbox",
            "name": given.name,
            "value": option.value,
            "id": given.id if position == 0 else f"{given.id}-{position}",
            "checked": option.value in given.texts,
            "aria-describedby": given.described,
        }
        boxes.append(
            f'<label class="form-check"><input{attributes(own)}><span>{escape(option.label)}</span></label>'
        )
    return f'<div class="checks">{"".join(boxes)}</div>'


def rating(given: Input) -> str:
    """Stars as a group of radio buttons; the first takes the rating back."""
    most = int(given.control.attributes.get("max", "5"))
    stars = [_star(given, "", "No rating", given.id)]
    for value in range(1, most + 1):
        stars.append(_star(given, str(value), f"{value} of {most}", f"{given.id}-{value}"))
    return f'<div class="stars">{"".join(stars)}</div>'


def _star(given: Input, value: str, label: str, identity: str) -> str:
    own: dict[str, str | bool | None] = {
        "type": "radio",
        "name": given.name,
        "id": identity,
        "checked": given.text == value,
    }
    icon = icon_use("star") if value else icon_use("x")
    said = f'<span class="visually-hidden">{label}</span>'
    return f'<label class="star"><input{attributes(own)} value="{value}">{icon}{said}</label>'


def color(given: Input) -> str:
    """A text to type the colour in; scripts add the system's colour picker beside it."""
    own = {"type": "text", "value": given.text, **shared(given, "form-control"), "data-color": True}
    own["placeholder"] = given.placeholder or "#4353c9"
    return f'<input{attributes(own)} pattern="#[0-9A-Fa-f]{{6}}" maxlength="7" autocomplete="off">'


def file(given: Input) -> str:
    """A file to choose, and what is there already: kept, unless another is chosen or it is taken away."""
    own = {"type": "file", **shared(given, "form-control"), **given.control.attributes}
    own["required"] = given.required and not given.known
    there = ""
    if given.known:
        name = (
            f'<a class="link truncate" href="{escape(given.known["url"])}">{escape(given.known["name"])}</a>'
        )
        kept = f'<input type="hidden" name="{escape(given.name)}.kept" value="{escape(given.known["key"])}">'
        away = (
            ""
            if given.required
            else f'<label class="form-check"><input type="checkbox" name="{escape(given.name)}.remove" value="1">'
            "<span>Remove</span></label>"
        )
        there = f'<div class="file-kept">{icon_use("paperclip")}{name}{kept}{away}</div>'
    return f"{there}<input{attributes(own)}>"


def suffix(text: str) -> str:
    """What stands behind an input and can't be entered; nothing for ""."""
    return f'<span class="input-suffix" aria-hidden="true">{escape(text)}</span>' if text else ""


def money(given: Input) -> str:
    """An amount, with its currency beside it: fixed, following another property, or to be chosen."""
    amount, *rest = given.parts
    carried = "".join(draw(part) for part in rest if part.control.kind == "hidden")
    units = [part for part in rest if part.control.kind != "hidden"]
    if units and units[0].control.kind == "suffix":
        beside = suffix(units[0].text)
    elif units:
        unit = replace(units[0], required=True, inseparable=True, spoken=units[0].spoken or units[0].label)
        beside = draw(unit)
    else:
        beside = suffix(given.control.attributes.get("currency", ""))
    amount = replace(amount, spoken=amount.spoken or f"{given.label}, {amount.label.lower()}")
    return f'<div class="input-group">{draw(amount)}{beside}{carried}</div>'


def group(given: Input) -> str:
    """The parts of a value of several inputs, each with its own label."""
    parts, carried = [], []
    for part in given.parts:
        if part.control.kind == "hidden":
            carried.append(draw(part))
            continue
        label = f'<label class="form-label" for="{part.id}">{escape(part.label)}</label>'
        place = part.name.rpartition(".")[2]
        parts.append(f'<div class="field part-{escape(place)}">{label}{draw(part)}</div>')
    return f'<div class="parts">{"".join(parts)}</div>{"".join(carried)}'


def hidden(given: Input) -> str:
    """What the visible input can't hold, sent back as it came."""
    return f"<input{attributes({'type': 'hidden', 'name': given.name, 'value': given.text})}>"


COMPOSITE = ("group", "money")
"""Kinds without an input of their own: they are their parts."""

GROUPED = ("group", "rating", "multi_select", "money")

DRAW: dict[str, Drawing] = {
    "text": single("text"),
    "email": single("email"),
    "tel": single("tel"),
    "url": single("url"),
    "date": single("date"),
    "time": single("time"),
    "datetime": single("datetime-local"),
    "duration": single("text"),
    "number": number,
    "textarea": textarea,
    "markdown": textarea,
    "json": textarea,
    "rich_text": rich_text,
    "password": password,
    "checkbox": checkbox,
    "select": select,
    "multi_select": checkboxes,
    "rating": rating,
    "color": color,
    "file": file,
    "image": file,
    "money": money,
    "group": group,
    "hidden": hidden,
    "suffix": lambda given: suffix(given.text),
}


def draw(given: Input) -> Markup:
    """An input as HTML; a kind nobody draws is a line of text."""
    drawn = DRAW.get(given.control.kind, DRAW["text"])(given)
    if given.control.kind not in COMPOSITE:
        drawn += "".join(draw(part) for part in given.parts)
    return Markup(drawn)


def options_of(choices: Sequence[Choice], chosen: Sequence[str]) -> tuple[Option, ...]:
    """The choices offered: those still active, and what is chosen already."""
    return tuple(
        Option(choice.name, choice.label, choice.color)
        for choice in choices
        if choice.active or choice.name in chosen
    )


def without_label(given: Input, spoken: str) -> Input:
    """The same input where no label is shown."""
    parts = tuple(replace(part, spoken=f"{part.label}, {spoken}") for part in given.parts)
    return replace(given, spoken=spoken, parts=parts)
