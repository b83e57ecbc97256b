"""The schemas of grids, boards, views, forms and the navigation."""

from __future__ import annotations

from engine.documents.schemas.actions import VALUES
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

WIDGETS = ("text", "badge", "link", "level", "check", "person", "rating", "image", "code")

COLUMN = either(
    TEXT,
    mapping(
        {
            "property": key(TEXT, "The path of what it shows.", "account.owner"),
            "label": key(TEXT, "Its heading.", "Account owner"),
            "as": key({"enum": list(WIDGETS)}, "How it is drawn.", "badge"),
        },
        ("property",),
    ),
)
COLUMNS = listed(COLUMN)
SORT = either(TEXT, NAMES)

BLOCK = mapping(
    {
        "section": key(TEXT, "A block of properties, with this title.", "Request"),
        "fields": key(COLUMNS, "The properties and relations of a section.", ["number", "subject"]),
        "columns": key(
            either({"type": "integer", "minimum": 1, "maximum": 4}, COLUMNS),
            "Of a section: how many fields stand side by side. Of a related list: what it shows.",
            2,
        ),
        "aside": key(FLAG, "Whether it stands in the column beside the others.", True),
        "related": key(NAME, "A list of related records, by the relation's name.", "lines"),
        "label": key(TEXT, "The title of a related list.", "Order lines"),
        "sort": key(SORT, "The order of a related list.", ["-due_at"]),
        "rows": key(
            {"type": "integer", "minimum": 1, "maximum": 100}, "Records of a related list at most.", 10
        ),
        "tab": key(TEXT, "The tab it stands on.", "History"),
        "timeline": key(FLAG, "The history of the record.", True),
    }
)
LAYOUT = key(
    listed(BLOCK), "The blocks of the page, in order.", [{"section": "Request", "fields": ["subject"]}]
)

GRID_VIEW = mapping(
    {
        "label": key(TEXT, "The title of its tab.", "My open tickets"),
        "where": key(EXPRESSION, "The records it shows.", "record.owner == user"),
        "filters": key({"type": "object"}, "The records it shows, by equal values.", {"status": "open"}),
        "columns": key(COLUMNS, "Its own columns.", ["number"]),
        "sort": key(SORT, "Its own order.", ["due_at"]),
        "default_for": key(
            NAMES,
            "The roles that see it first: of several views the first that is for one of a person's roles.",
            ["support_agent"],
        ),
    }
)

GRID: dict[str, Schema] = {
    "columns": key(COLUMNS, "What is shown of each record.", ["number", "subject", "account"]),
    "sort": key(SORT, "The order of records; `-` in front for descending.", ["-updated_at"]),
    "filters": key(NAMES, "What can be filtered by.", ["status", "owner"]),
    "views": key(
        named(GRID_VIEW), "Presets, each a tab.", {"open": {"label": "Open", "filters": {"status": "open"}}}
    ),
    "page_size": key({"type": "integer", "minimum": 5, "maximum": 500}, "Records of a page.", 50),
    "bulk": key(listed(TEXT), "What can be done with several records at once.", ["delete"]),
    "inline_edit": key(either(NAMES, FLAG), "What can be edited in place.", ["priority"]),
    "totals": key({"type": "object"}, "What is added up below the columns.", {"cost": "sum"}),
}

NEW_RECORD = mapping(
    {
        "create": key(NAME, "The entity of a new record, whose form it leads to.", "task"),
        "label": key(TEXT, "What is shown; `New` and the entity's label by default.", "New task"),
        "icon": key(TEXT, "The name of a Lucide icon.", "plus"),
        "with": key(
            VALUES,
            "What is filled in: constants, and of this record itself or a value of it.",
            {"about": {"cel": "record"}},
        ),
    },
    ("create",),
)

VIEW: dict[str, Schema] = {
    "layout": LAYOUT,
    "actions": key(
        listed(either(TEXT, NEW_RECORD)),
        "The buttons in their order, the rest in a menu: transitions and buttons by their names; `edit`, `copy`, "
        "`history`, `share`, `delete`; and forms of new records. Left out: what leads on, and `edit`.",
        ["resolve", "edit", {"create": "task", "with": {"about": {"cel": "record"}}}],
    ),
}

FORM: dict[str, Schema] = {"layout": LAYOUT}

BOARD: dict[str, Schema] = {
    "entity": key(NAME, "The entity whose records are its cards.", "ticket"),
    "by": key(NAME, "The state or choice whose values are its columns.", "status"),
    "label": key(TEXT, "The title of the board.", "Tickets by state"),
    "icon": key(TEXT, "The name of a Lucide icon.", "kanban"),
    "columns": key(NAMES, "Its columns, where not every value has one.", ["new", "assigned"]),
    "card": key(
        mapping(
            {
                "title": key(TEXT, "What leads to the record; its title by default.", "subject"),
                "lines": key(COLUMNS, "What is told below.", ["account", "due_at"]),
                "badge": key(TEXT, "What stands in the corner.", "priority"),
            }
        ),
        "What a card shows.",
        {"title": "subject", "lines": ["account", "due_at"], "badge": "priority"},
    ),
    "sum": key(TEXT, "A number or amount that is added up for each column.", "amount"),
    "funnel": key(
        either(
            mapping(
                {
                    "weighted": key(
                        TEXT,
                        "A number or amount that is added up beside `sum`: what is likely.",
                        "weighted_amount",
                    )
                }
            ),
            {"const": True},
        ),
        "The board, by a state, has a funnel: how many records there are and have been in each state, what they add "
        "up to, and how many came on from it. `true`, or what is weighted.",
        {"weighted": "weighted_amount"},
    ),
    "where": key(EXPRESSION, "The records it shows.", "record.owner == user"),
    "sort": key(SORT, "The order of the cards; `-` in front for descending.", ["-updated_at"]),
    "filters": key(NAMES, "What can be filtered by; by default what the grid filters by.", ["owner"]),
    "cards": key(
        {"type": "integer", "minimum": 5, "maximum": 100}, "Cards of a column before one asks for more.", 20
    ),
}

LATER_ITEMS = ("calendar", "dashboard", "report")


def _items(depth: int) -> Schema:
    """Menu items, with menus in menus a few levels deep."""
    keys = {
        "grid": key(NAME, "The entity whose grid it opens.", "ticket"),
        "board": key(NAME, "The board it opens.", "tickets_by_status"),
        "view": key(TEXT, "The preset the grid opens with.", "mine"),
        "menu": key(TEXT, "A menu with this title.", "Support"),
        "label": key(TEXT, "What is shown.", "My tickets"),
        "icon": key(TEXT, "The name of a Lucide icon.", "inbox"),
        "roles": key(NAMES, "The only roles that see it.", ["support_agent"]),
        **{kind: key(NAME, f"The {kind} it opens.", "support") for kind in LATER_ITEMS},
    }
    if depth:
        keys["items"] = key(_items(depth - 1), "What the menu holds.", [{"grid": "ticket"}])
    return listed(mapping(keys))


NAVIGATION = key(_items(3), "The menu, in order.", [{"menu": "Support", "items": [{"grid": "ticket"}]}])
