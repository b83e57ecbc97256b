"""The schemas of properties and relations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.documents.schemas.parts import (
    ANYTHING,
    EXPRESSION,
    FLAG,
    NAME,
    NAMES,
    TEXT,
    Schema,
    either,
    key,
    listed,
    mapping,
)
from engine.types.registry import Registry

ACCESS = key(
    mapping(
        {
            "read": key(NAMES, "The only roles that may read it.", ["support_manager"]),
            "write": key(NAMES, "The only roles that may set or change it.", ["support_manager"]),
            "create": key(NAMES, "The only roles that may set it on a new record.", ["support_agent"]),
            "update": key(NAMES, "The only roles that may change it later.", ["support_manager"]),
        }
    ),
    "Narrows who may read or write it, within what the entity's own access grants.",
    {"read": ["support_manager"]},
)

MEMBER: dict[str, Schema] = {
    "label": key(TEXT, "What is shown instead of the name.", "First name"),
    "help": key(TEXT, "A sentence under the field of a form.", "As printed on the invoice."),
    "required": key(FLAG, "Whether every record has it.", True),
    "required_if": key(
        EXPRESSION, "The condition under which it is required.", "record.status == 'refunded'"
    ),
    "visible_if": key(EXPRESSION, "The condition under which it is shown.", "record.cost > 0"),
    "readonly": key(
        {"enum": [True, False, "after_create"]},
        "Whether it can't be changed: never, or not once the record is created.",
        "after_create",
    ),
    "readonly_if": key(EXPRESSION, "The condition under which it can't be changed.", "record.approved"),
    "default": key(
        ANYTHING, "The value of a new record: a literal of its type, or `{cel: expression}`.", "normal"
    ),
    "copy": key(FLAG, "False: left out when a record is duplicated.", False),
    "group": key(TEXT, "The section of generated pages it belongs to.", "Billing"),
    "access": ACCESS,
    "was": key(NAME, "Its former name: a rename, not a drop and an add.", "phone_no"),
    "index": key(FLAG, "Whether the database keeps an index of it.", True),
    "plugin": key({"type": "object"}, "Values for a plugin's own use.", {"erp": {"field": "NAME1"}}),
}

PROPERTY: dict[str, Schema] = {
    "type": key(TEXT, "The property's type.", "text"),
    **MEMBER,
    "placeholder": key(TEXT, "A text shown in the empty field.", "name@company.example"),
    "unique": key(FLAG, "Whether no two records have the same value.", True),
    "computed": key(EXPRESSION, "The expression its value is computed by.", "record.price * record.quantity"),
    "stored": key(FLAG, "Whether a computed value is kept in the database.", True),
    "search": key(
        {"enum": ["high", "medium", "low", True, False]}, "Its weight when records are searched.", "high"
    ),
    "sensitive": key(FLAG, "Whether its values are masked in the history.", True),
    "translatable": key(FLAG, "Whether it has a value per language.", True),
    "import": key(FLAG, "False: it can't be imported.", False),
    "export": key(FLAG, "False: it is never exported.", False),
    "take": key(
        TEXT, "The path of the related value it is filled from when that is chosen.", "account.phone"
    ),
    "take_if_empty": key(TEXT, "Like `take`, keeping what is already there.", "account.phone"),
}

TARGET = key(
    either(NAME, listed(NAME, at_least=1)),
    "The entity it leads to, or several for a relation to one of them.",
    "account",
)

RELATION: dict[str, Schema] = {
    "to": TARGET,
    **MEMBER,
    "kind": key(
        {"enum": ["many_to_one", "one_to_one", "many_to_many", "composition", "tree"]},
        "How many records stand on each side, and whether the rows are owned.",
        "composition",
    ),
    "on_delete": key(
        {"enum": ["restrict", "cascade", "clear"]},
        "What happens here when the record it leads to is deleted.",
        "cascade",
    ),
    "inverse": key(NAME, "The name by which the other side knows this relation.", "tickets"),
    "inverse_label": key(TEXT, "What is shown for it on the other side.", "Open tickets"),
    "through": key(NAME, "The entity in between, where a link has properties of its own.", "campaign_member"),
    "options_where": key(EXPRESSION, "Which records can be chosen.", "option.account == record.account"),
}


def property_schema(
    options: Mapping[str, Mapping[str, Any]], common: Mapping[str, Schema] = PROPERTY
) -> Schema:
    """The schema of a property of one type: the options of all types, and its own."""
    return mapping({**common, **{name: dict(schema) for name, schema in options.items()}}, ("type",))


def relation_schema() -> Schema:
    return mapping(RELATION, ("to",))


def any_property_schema(registry: Registry, common: Mapping[str, Schema] = PROPERTY) -> Schema:
    """A property as editors complete it: what it may say follows from its type; `common` is what all types may."""
    cases = []
    for name in registry.names():
        cls = registry.get(name)
        assert cls is not None, name
        condition = {"properties": {"type": {"const": name}}, "required": ["type"]}
        options = property_schema(cls.option_schemas(), common)
        options["properties"]["type"] = {"const": name}
        cases.append({"if": condition, "then": options})
    kind = {"title": "Type", **PROPERTY["type"], "enum": registry.names()}
    return {"type": "object", "properties": {"type": kind}, "required": ["type"], "allOf": cases}
