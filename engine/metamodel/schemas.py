"""The JSON Schema (draft 2020-12) of each document kind: what `check` validates with, and editors complete from.

Every key has a title, a description and an example; the reference documentation is made of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.metamodel.schema_pages import GRID_KEYS, LAYOUT, MENU_ITEM
from engine.metamodel.schema_parts import (
    ANY,
    DRAFT,
    EXPRESSION,
    FLAG,
    LIST_CHANGE,
    NAME,
    NAMES,
    TEXT,
    Schema,
    either,
    key,
    mapping,
    named,
)
from engine.text.labels import words
from engine.types.registry import Registry

ACCESS = key(
    mapping(
        {
            "read": key(NAMES, "The only roles that may read it.", ["support_manager"]),
            "write": key(NAMES, "The only roles that may write it.", ["support_manager"]),
        }
    ),
    "Narrows who may read or write it.",
    {"read": ["support_manager"]},
)

MEMBER: dict[str, Schema] = {
    "label": key(TEXT, "What is shown instead of the name.", "First name"),
    "help": key(TEXT, "A sentence under the field of a form.", "As printed on the invoice."),
    "required": key(FLAG, "Whether every record has it.", True),
    "required_if": key(EXPRESSION, "When it is required.", "record.status == 'refunded'"),
    "visible_if": key(EXPRESSION, "When it is shown.", "record.cost > 0"),
    "readonly": key(
        {"enum": [True, False, "after_create"]},
        "Whether it can't be changed, or not once created.",
        "after_create",
    ),
    "readonly_if": key(EXPRESSION, "When it can't be changed.", "record.closed"),
    "copy": key(FLAG, "False: left out when a record is duplicated.", False),
    "group": key(TEXT, "The section of the pages it belongs to.", "Billing"),
    "access": ACCESS,
    "was": key(TEXT, "Its former name: a rename, not a drop and an add.", "phone_no"),
    "index": key(FLAG, "Whether the database keeps an index of it.", True),
    "plugin": key({"type": "object"}, "Values for a plugin's own use.", {"erp": {"field": "NAME1"}}),
}

PROPERTY: dict[str, Schema] = {
    "type": key(TEXT, "The property's type.", "text"),
    **MEMBER,
    "placeholder": key(TEXT, "A text in the empty field.", "name@company.example"),
    "unique": key(FLAG, "Whether no two records have the same value.", True),
    "default": key(ANY, "The value of a new record: a literal, or {cel: expression}.", "normal"),
    "computed": key(EXPRESSION, "The expression its value is computed by.", "record.price * record.quantity"),
    "stored": key(FLAG, "Whether the computed value is stored.", True),
    "search": key({"enum": ["high", "medium", "low"]}, "Its weight when records are searched.", "high"),
    "sensitive": key(FLAG, "Whether its values are masked in the history.", True),
    "translatable": key(FLAG, "Whether it has a value per language.", True),
    "import": key(FLAG, "False: can't be imported.", False),
    "export": key(FLAG, "False: is never exported.", False),
    "take": key(TEXT, "The related property it is filled from.", "account.phone"),
    "take_if_empty": key(TEXT, "Like `take`, keeping what is there.", "account.phone"),
}

RELATION: dict[str, Schema] = {
    "to": key(
        either(NAME, {"type": "array", "items": NAME, "minItems": 1}),
        "The entity it leads to, or several.",
        "account",
    ),
    **MEMBER,
    "kind": key(
        {"enum": ["many_to_one", "one_to_one", "many_to_many", "composition", "tree"]},
        "How many records stand on each side.",
        "composition",
    ),
    "on_delete": key(
        {"enum": ["restrict", "cascade", "clear"]},
        "What happens when the record it leads to is deleted.",
        "cascade",
    ),
    "inverse": key(NAME, "The name the other side knows it by.", "tickets"),
    "inverse_label": key(TEXT, "The label on the other side.", "Open tickets"),
    "through": key(
        NAME, "The entity in between, where the link has properties of its own.", "campaign_member"
    ),
    "options_where": key(EXPRESSION, "Which records can be chosen.", "option.account == record.account"),
}

FEATURES = mapping(
    {
        "audit": key(FLAG, "Every change is kept: who, when, what from, what to.", True),
        "trash": key(FLAG, "Deleting can be undone until purged.", True),
        "tags": key(FLAG, "Records can be tagged.", True),
        "comments": key(FLAG, "Records can be commented on.", True),
        "attachments": key(FLAG, "Files can be attached.", True),
        "follow": key(FLAG, "Users can follow a record.", True),
        "activities": key(NAMES, "The kinds of activity logged on a record.", ["call", "task"]),
    }
)

LEVEL: Schema = either(
    {"enum": [True, False, "none", "own", "unit", "unit_tree", "organization", "all"]},
    mapping(
        {
            "level": key(TEXT, "How far it reaches.", "unit"),
            "where": key(EXPRESSION, "The records it holds for.", "record.contact.user == user"),
        }
    ),
)
GRANT: Schema = {"type": "object", "propertyNames": NAME, "additionalProperties": LEVEL}
GRANTS = key(
    {"type": "object", "additionalProperties": GRANT},
    "What each role may do with which records.",
    {"support_agent": {"create": True, "read": "all", "update": "own"}},
)

ENTITY_KEYS: dict[str, Schema] = {
    "label": key(TEXT, "What one record is called.", "Ticket"),
    "plural": key(TEXT, "What several are called.", "Tickets"),
    "icon": key(TEXT, "A Lucide icon's name.", "ticket"),
    "description": key(TEXT, "What belongs here; shown on the empty grid.", "A customer's request for help."),
    "title": key(TEXT, "How a record is named in links, pickers and search.", "{number} · {subject}"),
    "ownership": key({"enum": ["none", "user", "unit", "organization"]}, "Who a record belongs to.", "user"),
    "features": key(FEATURES, "What is on or off for its records.", {"tags": True}),
    "properties": key(
        named({"type": ["object", "null"]}),
        "The values every record has.",
        {"subject": {"type": "text", "required": True}},
    ),
    "relations": key(
        named({"type": ["object", "null"]}), "The records it is related to.", {"account": {"to": "account"}}
    ),
    "validations": key(
        {
            "type": "array",
            "items": mapping(
                {
                    "check": key(EXPRESSION, "What has to hold.", "record.due_at > record.created_at"),
                    "message": key(TEXT, "What is said when it does not.", "The due date must come later."),
                    "at": key(TEXT, "The property the message stands at.", "due_at"),
                },
                ("check", "message"),
            ),
        },
        "Conditions every saved record meets.",
        [
            {
                "check": "record.due_at > record.created_at",
                "message": "The due date must come later.",
                "at": "due_at",
            }
        ],
    ),
    "unique": key(
        {
            "type": "array",
            "items": either(
                {"type": "array", "items": TEXT, "minItems": 1},
                mapping(
                    {
                        "of": key(NAMES, "The names that are unique together.", ["account", "subject"]),
                        "where": key(EXPRESSION, "The records it holds for.", "record.active"),
                        "message": key(TEXT, "What is said when it is taken.", "This number is taken."),
                    },
                    ("of",),
                ),
            ),
        },
        "Names whose values together occur once.",
        [["account", "subject"]],
    ),
    "indexes": key(
        {"type": "array", "items": {"type": "array", "items": TEXT, "minItems": 1}},
        "Indexes the database keeps.",
        [["status", "updated_at"]],
    ),
    "access": GRANTS,
    "record_types": key(
        named(
            mapping(
                {
                    "label": key(TEXT, "What it is called.", "Business"),
                    "required": key(NAMES, "What it requires.", ["company_name"]),
                    "hidden": key(NAMES, "What it does not have.", ["first_name"]),
                    "layout": key({"type": "array"}, "Its own layout of the form.", []),
                    "workflow": key(TEXT, "Its own workflow.", "b2b_sales"),
                }
            )
        ),
        "Variants on one table.",
        {"b2b": {"label": "Business", "required": ["company_name"]}},
    ),
    "singleton": key(FLAG, "Whether there is one record only.", True),
    "valid": key(
        {"type": "object"}, "Effective dating: from and to.", {"from": "starts_on", "to": "ends_on"}
    ),
    "duplicates": key(
        {"type": "object"}, "What makes two records duplicates.", {"match": [["email"]], "on_match": "warn"}
    ),
    "merge": key({"type": ["object", "boolean"]}, "How two records are merged.", True),
    "actions": key({"type": ["object", "array"]}, "Buttons of its own.", {}),
    "sharing": key({"type": ["object", "string", "array"]}, "Who else records are shared with.", "private"),
    "api": key(FLAG, "False: not in the API.", False),
    "was": key(TEXT, "Its former name.", "case"),
    "plugin": key({"type": "object"}, "Values for a plugin's own use.", {"erp": {"table": "KNA1"}}),
}

STATE = mapping(
    {
        "label": key(TEXT, "What is shown.", "In progress"),
        "color": key(TEXT, "The tone of its badge.", "blue"),
        "phase": key(TEXT, "The shape of its badge's dot.", "active"),
        "final": key(FLAG, "Whether a record rests here.", True),
        "freeze": key(either({"const": "all"}, NAMES), "What can't be changed here.", ["subject"]),
        "hide": key(NAMES, "What is hidden here.", ["cost"]),
        "require": key(NAMES, "What is required here.", ["owner"]),
        "was": key(either(TEXT, NAMES), "Its former name.", "open"),
        "on_enter": key({"type": "array"}, "Actions on entering.", []),
        "on_leave": key({"type": "array"}, "Actions on leaving.", []),
        "probability": key({"type": "number"}, "The default probability.", 50),
    }
)

SETTINGS = mapping(
    {
        "currency": key(
            {"type": "string", "pattern": "^[A-Z]{3}$"}, "The currency of amounts that do not say.", "EUR"
        ),
        "timezone": key(TEXT, "The zone of users that have none.", "Europe/Bucharest"),
        "language": key(TEXT, "The language of users that have none.", "en"),
        "session_hours": key(
            {"type": "integer", "minimum": 1, "maximum": 8760}, "Hours after which one signs in anew.", 12
        ),
        "max_upload_mb": key(
            {"type": "integer", "minimum": 1, "maximum": 2000}, "Megabytes of an upload at most.", 25
        ),
        "database_url": key(
            TEXT, "The database, where ENGINE_DATABASE_URL does not say.", "sqlite:///var/app.db"
        ),
        "files_url": key(TEXT, "Where files live, where ENGINE_FILES_URL does not say.", "file:///srv/files"),
        "log": key(TEXT, "How much is logged.", "info"),
    }
)

KIND_KEYS: dict[str, tuple[dict[str, Schema], tuple[str, ...]]] = {
    "app": (
        {
            "label": key(TEXT, "The application's name on its pages.", "Fieldstone"),
            "description": key(TEXT, "What it is for.", "Customers, sales and support."),
            "uses": key(NAMES, "The applications it builds on, as folders or installed packages.", ["crm"]),
            "settings": key(SETTINGS, "Settings; the environment overrides them.", {"currency": "EUR"}),
            "features": key(FEATURES, "What is on for every entity that does not say.", {"audit": True}),
            "version": key({"type": ["string", "number"]}, "The application's version.", "1.0"),
        },
        (),
    ),
    "entity": (ENTITY_KEYS, ()),
    "picklist": (
        {
            "label": key(TEXT, "What it is called.", "Priorities"),
            "options": key(
                ANY,
                "The options: names, or names with label and color.",
                {"low": None, "high": {"color": "red"}},
            ),
            "editable": key(FLAG, "Whether administrators may edit it.", True),
        },
        ("options",),
    ),
    "role": (
        {
            "label": key(TEXT, "What it is called.", "Support agent"),
            "description": key(TEXT, "What people with it do.", "Answers tickets."),
            "parent": key(NAME, "The role above, which sees what this one owns.", "support_manager"),
            "profiles": key(NAMES, "The bundles of grants it holds.", ["support"]),
        },
        (),
    ),
    "profile": (
        {
            "label": key(TEXT, "What it is called.", "Support"),
            "grants": key(
                {"type": "object", "additionalProperties": GRANT},
                "What it allows, by entity.",
                {"ticket": {"read": "all"}},
            ),
            "fields": key(
                {
                    "type": "object",
                    "additionalProperties": {
                        "type": "object",
                        "additionalProperties": {"enum": ["hidden", "read", "write"]},
                    },
                },
                "Access to single properties, by entity.",
                {"ticket": {"cost": "hidden"}},
            ),
            "capabilities": key(NAMES, "Functions it opens.", ["reports"]),
        },
        (),
    ),
    "workflow": (
        {
            "entity": key(NAME, "The entity whose records it moves.", "ticket"),
            "property": key(NAME, "The state property it moves.", "status"),
            "initial": key(NAME, "The state of new records.", "new"),
            "label": key(TEXT, "What it is called.", "Ticket lifecycle"),
            "states": key(named(either(STATE, {"type": "null"})), "The states.", {"new": {"color": "blue"}}),
            "transitions": key(
                named({"type": "object"}),
                "The ways between states.",
                {"close": {"from": "open", "to": "closed"}},
            ),
            "parameters": key({"type": "object"}, "Values that administrators set.", {}),
        },
        ("entity", "property", "initial", "states"),
    ),
    "grid": (GRID_KEYS, ()),
    "view": ({"layout": LAYOUT, "actions": key({"type": "array"}, "The buttons, in order.", ["edit"])}, ()),
    "form": ({"layout": LAYOUT}, ("layout",)),
    "navigation": ({}, ()),
}

LATER_KINDS = [
    "automation",
    "board",
    "calendar",
    "dashboard",
    "group",
    "unit",
    "calendar_of_work",
    "setting",
    "feature",
    "template",
    "mapping",
    "record_template",
    "report",
    "segment",
    "import",
    "integration",
    "web_form",
    "mailbox",
    "portal",
    "alert",
    "translation",
    "test",
]
"""Kinds of the language that this version does not read yet."""

DESCRIPTIONS = {
    "app": "An application: its name, settings and what it builds on.",
    "entity": "One kind of record: its properties, relations and rules.",
    "picklist": "A list of choices that several properties share.",
    "role": "A role that users have.",
    "profile": "A named bundle of grants, assigned to roles.",
    "workflow": "The states a record goes through.",
    "grid": "The list page of an entity.",
    "view": "The page of one record.",
    "form": "The page that creates and edits a record.",
    "navigation": "The menu of the application.",
}


def document_schema(kind: str) -> Schema:
    """The schema that documents of a kind are checked by; properties and relations are checked on their own."""
    if kind == "navigation":
        items = key({"type": "array", "items": MENU_ITEM}, "The menu, in order.", [{"grid": "ticket"}])
        return mapping({"navigation": items}, ("navigation",))
    keys, required = KIND_KEYS[kind]
    target = key(
        NAME,
        f"The name of the {kind}." if kind not in ("grid", "view", "form") else "The entity it is for.",
        "ticket",
    )
    made = mapping({kind: target, **keys}, required)
    made["properties"].setdefault("$schema", {"type": "string"})
    return made


def extension_schema() -> Schema:
    """The schema of `extend: ENTITY`: every key may be taken away by null, and lists may add and remove."""
    keys = {name: {**either(schema, {"type": "null"}, LIST_CHANGE)} for name, schema in ENTITY_KEYS.items()}
    return mapping({"extend": key(NAME, "The entity that is extended.", "user"), **keys})


def property_schema(options: Mapping[str, Mapping[str, Any]]) -> Schema:
    """The schema of a property of one type: the options of all types, and its own."""
    return mapping({**PROPERTY, **{name: dict(schema) for name, schema in options.items()}}, ("type",))


def relation_schema() -> Schema:
    return mapping(RELATION, ("to",))


def published(registry: Registry) -> dict[str, Schema]:
    """Each kind's schema as editors use it, by file name; self-contained, with the options of each type."""
    files: dict[str, Schema] = {}
    for kind in KIND_KEYS:
        made = document_schema(kind)
        if kind == "entity":
            made["properties"]["properties"]["additionalProperties"] = _any_property(registry)
            made["properties"]["relations"]["additionalProperties"] = relation_schema()
            extension = extension_schema()
            extension["properties"]["properties"] = made["properties"]["properties"] | {
                "additionalProperties": {}
            }
            made = {"anyOf": [made, extension]}
        files[f"{kind}.json"] = {
            "$schema": DRAFT,
            "$id": f"{kind}.json",
            "title": words(kind),
            "description": DESCRIPTIONS[kind],
            **made,
        }
    return files


def _any_property(registry: Registry) -> Schema:
    """A property whose allowed keys follow from its type."""
    cases = []
    for name in registry.names():
        cls = registry.get(name)
        assert cls is not None
        condition = {"properties": {"type": {"const": name}}, "required": ["type"]}
        cases.append({"if": condition, "then": property_schema(cls.option_schemas())})
    kind = {**PROPERTY["type"], "enum": registry.names()}
    return {"type": "object", "properties": {"type": kind}, "required": ["type"], "allOf": cases}
