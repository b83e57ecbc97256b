"""Entity Engine: a folder of YAML goes in, a running business application comes out.

The public API, whole::

    from engine import open_app, check

    application = open_app("crm", apply=True)   # an Engine: .gateway is its record service, .asgi its web application
    problems = check("crm").problems            # everything wrong with the metadata and plugins

For plugins: `before`, `after`, `after_commit`, `property_type`, and the errors a hook may raise. Everything
not listed here may change.
"""

from engine.app import Checked, Engine, check, open_app
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
from engine.plugins import after, after_commit, before, property_type
from engine.types.base import Choice, ColumnSpec, Control, PropertyType, Refused, option
from engine.types.display import Display, Shown

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
    "NotFound",
    "OperatorError",
    "Place",
    "PluginError",
    "Problem",
    "PropertyType",
    "RecordError",
    "Refused",
    "SchemaDiffers",
    "Shown",
    "UsageError",
    "after",
    "after_commit",
    "before",
    "check",
    "open_app",
    "option",
    "property_type",
]
