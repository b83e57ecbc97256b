"""The page of the public Python names, written from the names themselves; and how a function is shown on any page."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any

import engine
from engine.errors import EngineError

GROUPS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (
        "Opening and checking",
        "What a program that embeds the engine begins with.",
        ("open_app", "Engine", "check", "Checked", "Problem", "Place"),
    ),
    (
        "Doors for plugins",
        """Decorators; what they hand to a plugin is on the page of [plugins](plugins.md). What a function of
expressions takes and gives is named in `engine.expressions.registry` and `engine.expressions.kinds`.""",
        ("before", "after", "after_commit", "action", "property_type", "expression_function"),
    ),
    (
        "Property types",
        "What a type of one's own is made of. Its methods: [plugins](plugins.md#what-a-property-type-answers).",
        (
            "PropertyType",
            "option",
            "OptionProblem",
            "ColumnSpec",
            "Control",
            "Choice",
            "Display",
            "Shown",
            "Refused",
            "Money",
        ),
    ),
)
"""The names that are no errors of the engine, in the order of use."""

GIVEN = frozenset({"Engine", "Checked", "PropertyType"})
"""Classes that nobody calls: what `open_app` and `check` answer, and what a property type inherits from."""

STARS: dict[Any, str] = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}


def python_page() -> Iterator[str]:
    """The parts of the page."""
    yield (
        "What `from engine import …` offers. These names are kept: one is changed or taken away only with a line in "
        "the [changelog](../../CHANGELOG.md). Other modules may change with any version."
    )
    for title, intro, names in GROUPS:
        yield from (f"## {title}", intro, *map(_section, names))
    yield from (
        "## Errors",
        "Everything the engine raises on purpose. An error is also what its parents are.",
    )
    yield from map(_section, _errors())


def _errors() -> list[str]:
    """The errors, each below its parent's and after its elder brothers."""
    grouped = {name for *_, names in GROUPS for name in names}
    rest = [name for name in engine.__all__ if name not in grouped]
    return sorted(rest, key=lambda name: [cls.__name__ for cls in reversed(_parents(name))])


def _parents(name: str) -> list[type]:
    """An error of the engine and what it is besides, up to the root; a plain class is only itself."""
    cls: type = getattr(engine, name)
    return [each for each in cls.__mro__ if issubclass(each, EngineError)] or [cls]


def _section(name: str) -> str:
    offered = getattr(engine, name)
    if not inspect.isclass(offered):
        return function_section(name, offered)
    parents = [each.__name__ for each in _parents(name)[1:]]
    said = inspect.getdoc(offered) or ""
    if parents:
        said += f"\n\nA kind of {', of '.join(f'`{parent}`' for parent in parents)}."
    methods = _methods(offered) if name == "Engine" else ""
    return "\n\n".join([f"### `{name}{_arguments(offered)}`", said, methods]).rstrip()


def _methods(cls: type) -> str:
    """What one may do with what is given."""
    members = [
        (name, each) for name, each in vars(cls).items() if inspect.isfunction(each) and name[0] != "_"
    ]
    return "\n".join(
        f"- `{name}({_names(each)})`: {' '.join((each.__doc__ or '').split())}" for name, each in members
    )


def _arguments(cls: type) -> str:
    """How one is made; nothing for what is given, or inherited from."""
    return f"({_names(cls)})" if "__init__" in vars(cls) and cls.__name__ not in GIVEN else ""


def function_section(title: str, function: Callable[..., Any]) -> str:
    """A function with its parameters' names, and what it says of itself."""
    return f"### `{title}({_names(function)})`\n\n{inspect.getdoc(function) or ''}".rstrip()


def _names(offered: Callable[..., Any]) -> str:
    """`database, *, apply`: the parameters of a function, or of making one of a class."""
    shown = []
    keyword_only = False
    for each in inspect.signature(offered).parameters.values():
        if each.name in ("self", "cls"):
            continue
        if each.kind is inspect.Parameter.KEYWORD_ONLY and not keyword_only:
            keyword_only = True
            shown.append("*")
        shown.append(f"{STARS.get(each.kind, '')}{each.name}")
    return ", ".join(shown)
