"""The JSON Schemas of what pages are made of: columns, blocks, grids, the menu."""

from __future__ import annotations

from engine.metamodel.schema_parts import (
    EXPRESSION,
    FLAG,
    NAME,
    NAMES,
    TEXT,
    Schema,
    either,
    key,
    mapping,
    named,
)

COLUMN: Schema = either(
    TEXT,
    mapping(
        {
            "property": key(TEXT, "The path of what it shows.", "account.owner"),
            "label": key(TEXT, "Its heading.", "Account owner"),
            "as": key(TEXT, "How it is drawn.", "badge"),
        },
        ("property",),
    ),
)
COLUMNS: Schema = {"type": "array", "items": COLUMN}
PAGE_SIZE: Schema = {"type": "integer", "minimum": 5, "maximum": 500}

BLOCK = mapping(
    {
        "section": key(TEXT, "A block of properties, with this title.", "Request"),
        "fields": key(COLUMNS, "Its properties.", ["number", "subject"]),
        "columns": key(
            either({"type": "integer", "minimum": 1, "maximum": 4}, COLUMNS),
            "How many side by side; of a related list, which.",
            2,
        ),
        "aside": key(FLAG, "Whether it stands in the right-hand column.", True),
        "related": key(NAME, "A list of related records.", "lines"),
        "label": key(TEXT, "The list's title.", "Order lines"),
        "sort": key(either(TEXT, NAMES), "The list's order.", ["-due_at"]),
        "rows": key(
            {"type": "integer", "minimum": 1, "maximum": 100}, "Records of the list that are shown.", 10
        ),
        "tab": key(TEXT, "The tab it stands on.", "History"),
        "timeline": key(FLAG, "The record's history.", True),
    }
)
LAYOUT = key(
    {"type": "array", "items": BLOCK},
    "The blocks of the page, in order.",
    [{"section": "Request", "fields": ["subject"]}],
)

GRID_KEYS: dict[str, Schema] = {
    "columns": key(COLUMNS, "What is shown of each record.", ["number", "subject", "account"]),
    "sort": key(either(TEXT, NAMES), "The order, `-` in front for descending.", ["-updated_at"]),
    "filters": key(NAMES, "What can be filtered by.", ["status", "owner"]),
    "views": key(
        named(
            mapping(
                {
                    "label": key(TEXT, "The tab's title.", "My open tickets"),
                    "where": key(EXPRESSION, "The records it shows.", "record.owner == user"),
                    "filters": key(
                        {"type": "object"}, "The records it shows, by equality.", {"status": "open"}
                    ),
                    "columns": key(COLUMNS, "Its own columns.", ["number"]),
                    "sort": key(either(TEXT, NAMES), "Its own order.", ["due_at"]),
                    "default_for": key(NAMES, "The roles that see it first.", ["support_agent"]),
                }
            )
        ),
        "Presets, each a tab.",
        {"open": {"label": "Open", "filters": {"status": "open"}}},
    ),
    "page_size": key(PAGE_SIZE, "Records of a page.", 50),
    "bulk": key({"type": "array"}, "What can be done with several.", ["delete"]),
    "inline_edit": key(either(NAMES, FLAG), "What can be edited in place.", ["priority"]),
    "totals": key({"type": "object"}, "What is added up.", {"cost": "sum"}),
}

MENU_ITEM: Schema = {
    "type": "object",
    "properties": {
        "grid": key(NAME, "The entity whose grid it opens.", "ticket"),
        "view": key(TEXT, "The preset it opens with.", "mine"),
        "menu": key(TEXT, "A group with this title.", "Support"),
        "items": key(
            {"type": "array", "items": {"type": "object"}}, "The group's items.", [{"grid": "ticket"}]
        ),
        "label": key(TEXT, "What is shown.", "My tickets"),
        "icon": key(TEXT, "A Lucide icon's name.", "inbox"),
        "roles": key(NAMES, "The roles that see it.", ["support_agent"]),
        "board": key(TEXT, "A board.", "tickets_by_status"),
        "calendar": key(TEXT, "A calendar.", "due_tickets"),
        "dashboard": key(TEXT, "A dashboard.", "support"),
        "report": key(TEXT, "A report.", "pipeline"),
    },
    "additionalProperties": False,
}
