"""Entity Engine: a folder of YAML goes in, a running business application comes out.

The public API, whole::

    from engine import open_app, check

    application = open_app("crm", apply=True)   # an Engine: .gateway is its record service, .asgi its web application
    problems = check("crm").problems            # everything wrong with the metadata and plugins

For plugins: `before`, `after`, `after_commit`, `action`, `property_type`, `expression_function`, and the errors a hook
may raise. Everything not listed here may change; docs/reference/python.md has each name with what it says of
itself. Each is imported when it is first used (PEP 562), for importing all of them takes most of a second.
"""

import importlib
import typing

if typing.TYPE_CHECKING:
    from engine.app import Engine, open_app
    from engine.checked import Checked, check
    from engine.errors import (
        BadQuery,
        Conflict,
        EngineError,
        FieldError,
        Forbidden,
        Invalid,
        MetadataError,
        NotFound,
        OperatorError,
        Place,
        PluginError,
        Problem,
        RecordError,
        SchemaDiffers,
        UsageError,
    )
    from engine.plugins import action, after, after_commit, before, expression_function, property_type
    from engine.types.base import (
        Choice,
        ColumnSpec,
        Control,
        OptionProblem,
        PropertyType,
        Refused,
        option,
    )
    from engine.types.display import Display, Shown
    from engine.types.money import Money

__all__ = [
    "BadQuery",
    "Checked",
    "Choice",
    "ColumnSpec",
    "Conflict",
    "Control",
    "Display",
    "Engine",
    "EngineError",
    "FieldError",
    "Forbidden",
    "Invalid",
    "MetadataError",
    "Money",
    "NotFound",
    "OperatorError",
    "OptionProblem",
    "Place",
    "PluginError",
    "Problem",
    "PropertyType",
    "RecordError",
    "Refused",
    "SchemaDiffers",
    "Shown",
    "UsageError",
    "action",
    "after",
    "after_commit",
    "before",
    "check",
    "expression_function",
    "open_app",
    "option",
    "property_type",
]

_HOMES = {
    "engine.app": ("Engine", "open_app"),
    "engine.checked": ("Checked", "check"),
    "engine.plugins": ("action", "after", "after_commit", "before", "expression_function", "property_type"),
    "engine.types.base": (
        "Choice",
        "ColumnSpec",
        "Control",
        "OptionProblem",
        "PropertyType",
        "Refused",
        "option",
    ),
    "engine.types.display": ("Display", "Shown"),
    "engine.types.money": ("Money",),
}
"""Where names come from; all others are errors."""

_HOME = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module 'engine' has no attribute {name!r}")
    found: object = getattr(importlib.import_module(_HOME.get(name, "engine.errors")), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
