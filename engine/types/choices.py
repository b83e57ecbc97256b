"""The options of a choice: read from YAML, offered, recognised, and drawn as badges."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from engine.text.labels import words
from engine.text.suggest import did_you_mean
from engine.types.base import Choice, OptionProblem, Refused, Scope
from engine.types.clean import kind_of, quoted, require_text
from engine.types.display import Shown

COLORS: Final = ("gray", "blue", "amber", "green", "red", "violet")
PHASES: Final = ("start", "active", "wait", "done", "stop")
LONGEST_NAME: Final = 200
LARGEST_NUMBER: Final = 10**18
OFFERED: Final = 12
"""How many options an error message lists."""

NAME_SCHEMA: Final = {"type": ["string", "integer"], "minLength": 1, "maxLength": LONGEST_NAME}

OPTION_SCHEMA: Final[dict[str, Any]] = {
    "type": ["object", "null"],
    "properties": {
        "label": {"type": "string", "description": "What is shown.", "examples": ["In progress"]},
        "color": {"enum": list(COLORS), "description": "The tone of its badge.", "examples": ["blue"]},
        "phase": {
            "enum": list(PHASES),
            "description": "The shape of its badge's dot.",
            "examples": ["active"],
        },
        "icon": {"type": "string", "description": "A Lucide icon's name.", "examples": ["flag"]},
        "active": {
            "type": "boolean",
            "description": "False: kept, but no longer offered.",
            "examples": [False],
        },
    },
}
"""One option; keys without a meaning of their own are its attributes (`probability: 50`)."""

CHOICES_SCHEMA: Final[dict[str, Any]] = {
    "anyOf": [
        {"type": "string"},
        {"type": "array", "items": NAME_SCHEMA, "minItems": 1},
        {"type": "object", "additionalProperties": OPTION_SCHEMA, "minProperties": 1},
    ]
}


def read_choices(declared: Any) -> tuple[Choice, ...]:
    """The choices of a list of names, or of a mapping from name to label, color and attributes."""
    if isinstance(declared, Mapping):
        return tuple(read_choice(str(name), body) for name, body in declared.items())
    return tuple(Choice(str(name), words(str(name))) for name in declared)


def read_choice(name: str, body: Any) -> Choice:
    """One choice; keys without a meaning of their own are its attributes."""
    given = dict(body or {})
    return Choice(
        name,
        str(given.pop("label", words(name))),
        str(given.pop("color", "")),
        str(given.pop("phase", "")),
        str(given.pop("icon", "")),
        bool(given.pop("active", True)),
        given,
    )


def attributes_of(choices: Sequence[Choice]) -> dict[str, dict[str, Any]]:
    """What options say of themselves, by attribute and option; what is left empty is not said."""
    found: dict[str, dict[str, Any]] = {}
    for choice in choices:
        for name, value in choice.attributes.items():
            if value is not None:
                found.setdefault(name, {})[choice.name] = value
    return found


Declared = tuple[tuple[Choice, ...], list[OptionProblem]]


def declared_choices(kind: str, declared: Any, scope: Scope) -> Declared:
    """The choices that `options:` declares or names, with the complaints about them."""
    if declared is None:
        hint = "list them, or name a picklist"
        if kind == "choice":
            hint = "list them, name a picklist, or make it a text"
        return (), [OptionProblem("type", "no-options", f"a {kind} needs options", hint)]
    if isinstance(declared, str):
        found = scope.picklist(declared)
        if found is None:
            meant = did_you_mean(declared, scope.names("picklist"))
            hint = f"did you mean {meant!r}?" if meant else "declare it as `picklist: NAME`"
            return (), [OptionProblem("options", "unknown-picklist", f"no picklist {declared!r}", hint)]
        return tuple(found), []
    choices = read_choices(declared)
    twice = [name for name in dict.fromkeys(item.name for item in choices) if _count(choices, name) > 1]
    if twice:
        message = f"the option {twice[0]!r} is listed twice"
        return choices, [OptionProblem("options", "bad-option", message, "once will do")]
    return choices, []


def _count(choices: Sequence[Choice], name: str) -> int:
    return sum(choice.name == name for choice in choices)


def known_name(choices: Mapping[str, Choice], raw: Any) -> str:
    """The name of an option from its JSON form; raises Refused. A number stands for its digits."""
    short = isinstance(raw, int) and not isinstance(raw, bool) and abs(raw) < LARGEST_NUMBER
    name = str(raw) if short else raw
    if isinstance(name, str) and name in choices:
        return name
    if not isinstance(name, str):
        raise Refused("unknown-option", f"This takes one of {_offered(choices)}, not {kind_of(raw)}.")
    meant = did_you_mean(name[:LONGEST_NAME], list(choices))
    hint = f" Did you mean {quoted(meant)}?" if meant else ""
    raise Refused("unknown-option", f"{quoted(name)} is not one of {_offered(choices)}{_end(choices)}{hint}")


def typed_name(choices: Mapping[str, Choice], text: str) -> str:
    """The name of the option that a person wrote by its name or label, in any case; raises Refused."""
    wanted = require_text(text, 2 * LONGEST_NAME).strip()
    if wanted in choices:
        return wanted
    folded = wanted.casefold()
    for choice in choices.values():
        if folded in (choice.name.casefold(), choice.label.casefold()):
            return choice.name
    return known_name(choices, wanted)


def _offered(choices: Mapping[str, Choice]) -> str:
    names = [choice.name for choice in choices.values() if choice.active]
    return ", ".join(names[:OFFERED]) + (" …" if len(names) > OFFERED else "")


def _end(choices: Mapping[str, Choice]) -> str:
    return "" if _offered(choices).endswith("…") else "."


def names_schema(choices: Mapping[str, Choice]) -> dict[str, Any]:
    """JSON Schema of one option's name; names that are whole numbers are taken as numbers too."""
    numbers = [int(name) for name in choices if name.lstrip("-").isdigit() and str(int(name)) == name]
    return {"enum": [*choices, *numbers]} if numbers else {"type": "string", "enum": list(choices)}


def badge(choice: Choice | None, name: str) -> Shown:
    """An option as pages draw it; one that is declared no more is shown by its name."""
    if choice is None:
        return Shown(name)
    kind = "badge" if choice.color or choice.phase else "text"
    return Shown(choice.label, kind, tone=choice.color, phase=choice.phase, machine=choice.name)
