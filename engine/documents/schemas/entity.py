"""The schema of entities, and of grants, which profiles share."""

from __future__ import annotations

from engine.documents.schemas.parts import (
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
    named,
)
from engine.documents.schemas.workflows import ACTION
from engine.metamodel.access import LEVELS, SHARED_ACTIONS

FEATURES = mapping(
    {
        "audit": key(FLAG, "Every change is kept: who, when, what from, what to.", True),
        "trash": key(FLAG, "Deleting can be undone until the record is purged.", True),
        "tags": key(FLAG, "Records can be tagged.", True),
        "comments": key(FLAG, "Records can be commented on.", True),
        "attachments": key(FLAG, "Files can be attached to records.", True),
        "follow": key(FLAG, "Users can follow a record.", True),
        "activities": key(NAMES, "The kinds of activity that are logged on a record.", ["call", "task"]),
    }
)


LEVEL = either(
    {"enum": [True, False, *LEVELS]},
    mapping(
        {
            "level": key({"enum": list(LEVELS)}, "How far it reaches.", "unit"),
            "where": key(EXPRESSION, "The records it holds for.", "record.contact.user == user"),
            "record_types": key(NAMES, "The only types of record it holds for.", ["b2b"]),
        }
    ),
)
GRANT: Schema = {"type": "object", "additionalProperties": LEVEL}

VALIDATION = mapping(
    {
        "check": key(EXPRESSION, "What has to hold.", "record.due_at > record.created_at"),
        "message": key(TEXT, "What is said when it does not.", "The due date must come later."),
        "at": key(TEXT, "The property the message stands at.", "due_at"),
    },
    ("check", "message"),
)

UNIQUE = either(
    listed(TEXT, at_least=1),
    mapping(
        {
            "of": key(
                listed(TEXT, at_least=1), "The names that are unique together.", ["account", "subject"]
            ),
            "where": key(EXPRESSION, "The records it holds for.", "record.active"),
            "message": key(TEXT, "What is said when the value is taken.", "This number is taken."),
        },
        ("of",),
    ),
)

RECORD_TYPE = mapping(
    {
        "label": key(TEXT, "What it is called.", "Business"),
        "required": key(NAMES, "The properties and relations it requires.", ["company_name"]),
        "hidden": key(NAMES, "The properties and relations it does not have.", ["first_name"]),
        "layout": key({"type": "array"}, "Its own layout of the form.", [{"section": "Business"}]),
        "workflow": key(
            NAME, "The workflow that its records follow, in place of that of the state property.", "b2b_sales"
        ),
    }
)

PARTY = mapping(
    {
        "role": key(NAME, "Who has this role.", "support_agent"),
        "roles_below": key(NAME, "Who has this role, or one below it.", "support_manager"),
        "group": key(NAME, "Who belongs to this group.", "first_line"),
    }
)
PARTY = {**PARTY, "minProperties": 1, "maxProperties": 1}

SHARING_RULE = mapping(
    {
        "from": key(
            PARTY, "Whose records: those their owner has. Left out: everybody's.", {"role": "sales_rep"}
        ),
        "to": key(PARTY, "Who they are shared with.", {"group": "first_line"}),
        "level": key({"enum": ["read", "edit", "full"]}, "What they may be used for.", "read"),
        "where": key(EXPRESSION, "The records it holds for.", "record.priority == 'high'"),
    },
    ("to",),
)

SHARING = either(
    {"type": "string", "enum": list(SHARED_ACTIONS)},
    mapping(
        {
            "default": key(
                {"enum": list(SHARED_ACTIONS)}, "How far everybody's records are shared.", "private"
            ),
            "rules": key(
                listed(SHARING_RULE),
                "Records that are shared further.",
                [{"from": {"role": "sales_rep"}, "to": {"role": "support_agent"}, "level": "read"}],
            ),
        }
    ),
)

ENTITY: dict[str, Schema] = {
    "label": key(TEXT, "What one record is called.", "Ticket"),
    "plural": key(TEXT, "What several records are called.", "Tickets"),
    "icon": key(TEXT, "The name of a Lucide icon.", "ticket"),
    "description": key(TEXT, "What belongs here; shown on the empty grid.", "A customer's request for help."),
    "title": key(
        TEXT, "How a record is named in links, pickers, search and history.", "{number} · {subject}"
    ),
    "ownership": key(
        {"enum": ["none", "user", "group", "unit", "organization"]},
        "Who a record belongs to: adds `owner` (with `group` also `owner_group`), `unit` or `organization`.",
        "user",
    ),
    "features": key(FEATURES, "What is switched on or off for its records.", {"tags": True}),
    "properties": key(
        {"type": "object"},
        "The values every record has, by name.",
        {"subject": {"type": "text", "required": True}},
    ),
    "relations": key(
        {"type": "object"}, "The records it is related to, by name.", {"account": {"to": "account"}}
    ),
    "validations": key(
        listed(VALIDATION),
        "Conditions that every saved record meets.",
        [{"check": "record.due_at > record.created_at", "message": "The due date must come later."}],
    ),
    "unique": key(listed(UNIQUE), "Names whose values together occur once.", [["account", "subject"]]),
    "indexes": key(
        listed(listed(TEXT, at_least=1)), "Further indexes the database keeps.", [["status", "updated_at"]]
    ),
    "access": key(
        {"type": "object", "additionalProperties": GRANT},
        "What each role may do with which records; nothing is allowed unless granted.",
        {"support_agent": {"create": True, "read": "all", "update": "own"}},
    ),
    "record_types": key(
        named(RECORD_TYPE),
        "Variants of the entity on one table.",
        {"b2b": {"label": "Business", "required": ["company_name"]}},
    ),
    "singleton": key(FLAG, "Whether there is only one record.", True),
    "valid": key(
        {"type": "object"},
        "Effective dating: the properties that hold its beginning and end.",
        {"from": "starts_on", "to": "ends_on"},
    ),
    "duplicates": key(
        {"type": "object"}, "What makes two records duplicates.", {"match": [["email"]], "on_match": "warn"}
    ),
    "merge": key({"type": ["object", "boolean"]}, "How two records become one.", True),
    "actions": key(
        named(ACTION),
        "Buttons of its own, by name; each is granted by this name in `access`.",
        {"call_back": {"do": [{"set": {"called_at": {"cel": "now()"}}}]}},
    ),
    "sharing": key(
        SHARING,
        "How far records are shared beyond what the levels of `access` reach: a word, or a default with rules.",
        "private",
    ),
    "access_through": key(
        NAME, "The relation to the record that decides who may read and change this one.", "ticket"
    ),
    "api": key(FLAG, "False: the HTTP API does not offer it.", False),
    "was": key(NAME, "Its former name: a rename, not a drop and an add.", "case"),
    "plugin": key({"type": "object"}, "Values for a plugin's own use.", {"erp": {"table": "KNA1"}}),
}
