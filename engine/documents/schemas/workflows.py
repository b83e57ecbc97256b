"""The schemas of workflows and automations: states, transitions, approvals, and what happens by itself."""

from __future__ import annotations

from engine.documents.schemas.actions import ACTIONS, CEL, VALUES
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
from engine.metamodel.access import LEVELS
from engine.metamodel.workflow import FORBIDDEN, HAPPENINGS
from engine.types.choices import COLORS, PHASES
from engine.types.duration import PATTERN

HAPPENING_PATTERN = "^[a-z][a-z0-9_]*\\.(" + "|".join(HAPPENINGS) + ")$"
"""An entity and what happens to its records."""

DURATION: Schema = {"type": "string", "pattern": PATTERN}

STATE = mapping(
    {
        "label": key(TEXT, "What is shown.", "In progress"),
        "color": key({"enum": list(COLORS)}, "The tone of its badge.", "blue"),
        "phase": key({"enum": list(PHASES)}, "The shape of its badge's dot.", "active"),
        "icon": key(TEXT, "The name of a Lucide icon.", "flag"),
        "attributes": key(
            {"type": "object"},
            "What it says of its records, for expressions: `record.stage.probability`.",
            {"probability": 50},
        ),
        "final": key(FLAG, "Whether a record may rest here for ever.", True),
        "freeze": key(
            either({"const": "all"}, NAMES),
            "What can't be changed in this state: properties, or `all`.",
            ["subject"],
        ),
        "hide": key(NAMES, "What is hidden in this state.", ["cost"]),
        "require": key(NAMES, "What is required in this state.", ["owner"]),
        "forbid": key(
            listed({"enum": list(FORBIDDEN)}),
            "What can't be done to a record in this state: update, delete, or rows (adding and changing them).",
            ["delete"],
        ),
        "enter": key(
            ACTIONS, "What is done whenever a record comes into this state.", [{"set": {"open": True}}]
        ),
        "leave": key(ACTIONS, "What is done whenever a record leaves it.", [{"untag": ["urgent"]}]),
        "was": key(either(NAME, NAMES), "Its former name.", "open"),
    }
)

GUARD = mapping(
    {
        "check": key(EXPRESSION, "What has to hold.", "record.account != null"),
        "message": key(TEXT, "What is said where it does not.", "Call the customer first."),
    },
    ("check",),
)

APPROVAL = mapping(
    {
        "roles": key(NAMES, "Everybody who has one of these roles is asked.", ["support_manager"]),
        "users": key(EXPRESSION, "The users who are asked.", "record.account.owner"),
        "at_least": key(
            either({"enum": ["all", "any"]}, {"type": "integer", "minimum": 1}),
            "How many have to agree: a number, any, or all that are asked. 1.",
            2,
        ),
        "one_after_another": key(
            FLAG, "Whether the roles are asked in their order, one agreement of each.", True
        ),
        "reject_to": key(NAME, "The state a record goes to when somebody refuses.", "draft"),
        "remind_after": key(DURATION, "When those who have not answered are reminded.", "24h"),
    }
)

FORM: Schema = listed(either(NAME, {"type": "object", "minProperties": 1, "maxProperties": 1}))

ROLES = either(NAMES, {"type": "object", "additionalProperties": {"enum": list(LEVELS)}})

BUTTON: dict[str, Schema] = {
    "label": key(TEXT, "What its button says.", "Resolve"),
    "description": key(TEXT, "What it is for; shown in its dialog.", "The customer has an answer."),
    "icon": key(TEXT, "The name of a Lucide icon.", "check"),
    "color": key({"enum": list(COLORS)}, "The tone of its button.", "green"),
    "guard": key(
        either(EXPRESSION, GUARD, listed(either(EXPRESSION, GUARD))),
        "What has to hold before it is done; one condition, or several with a message each.",
        {"check": "record.account != null", "message": "Say whose ticket it is."},
    ),
    "form": key(
        FORM,
        "What its dialog asks for: members of the record, and values of its own with a `type`.",
        ["owner", {"comment": "required"}],
    ),
    "confirm": key(TEXT, "A question that has to be agreed to.", "Really close it?"),
    "do": key(ACTIONS, "What is done with it, in the same transaction.", [{"set": {"open": False}}]),
}
"""What transitions and the buttons of an entity have in common."""

ACTION = mapping(
    {
        **BUTTON,
        "when": key(EXPRESSION, "The records that it is offered for, and open on.", "record.phone != null"),
        "roles": key(
            ROLES,
            "Who may use it, of those that it is granted to; with levels, on whose records.",
            ["support_agent"],
        ),
    }
)

TRANSITION = mapping(
    {
        **BUTTON,
        "from": key(
            either(NAME, NAMES),
            "The states it leaves; `all` of them; or `start`: it makes a record.",
            ["new"],
        ),
        "to": key(either(NAME, CEL), "The state it leads to; `same`: the state stays as it is.", "resolved"),
        "roles": key(
            ROLES,
            "Who may fire it; with levels, on whose records. Left out: whoever may move the record.",
            ["support_agent"],
        ),
        "hidden": key(FLAG, "Whether only actions, automations and triggers fire it.", True),
        "hidden_if": key(
            EXPRESSION, "Where it is not offered, and nobody fires it.", "record.type == 'spam'"
        ),
        "approval": key(APPROVAL, "Who has to agree before it fires.", {"roles": ["support_manager"]}),
        "after": key(DURATION, "It fires by itself so long after the state was entered.", "48h"),
        "calendar": key(NAME, "The calendar of work in whose hours `after` counts.", "office"),
        "on": key(
            {"enum": list(HAPPENINGS)}, "It fires by itself when this happens to the record.", "updated"
        ),
        "changed": key(NAMES, "With `on: updated`: the members of which one has to change.", ["owner"]),
        "schedule": key(TEXT, "It fires by itself at these times, as cron writes them.", "0 8 * * mon"),
        "when": key(EXPRESSION, "Tested as it fires by itself.", "record.priority == 'high'"),
    },
    ("from", "to"),
)

WORKFLOW: dict[str, Schema] = {
    "label": key(TEXT, "What it is called.", "Life of a ticket"),
    "description": key(TEXT, "What it is for.", "From the first message to the answer."),
    "entity": key(NAME, "The entity whose records it moves.", "ticket"),
    "property": key(NAME, "The state property it moves.", "status"),
    "initial": key(NAME, "The state of new records.", "new"),
    "version": key({"type": "integer", "minimum": 1}, "Which version of the process this is.", 2),
    "states": key(
        {**named(either(STATE, {"type": "null"})), "minProperties": 1},
        "The states a record can be in, in their usual order.",
        {"new": {"color": "blue"}, "closed": {"final": True}},
    ),
    "transitions": key(
        named(TRANSITION), "The ways from state to state.", {"close": {"from": "new", "to": "closed"}}
    ),
    "parameters": key(
        named({"type": "object"}),
        "Values that administrators set while it runs: `parameters.NAME` in its expressions and texts.",
        {"discount_limit": {"type": "percent", "default": 10}},
    ),
    "exclusive": key(
        NAME,
        "A group of workflows of one entity: a record is under way in one of them at most.",
        "where_it_is",
    ),
}

PARAMETER = ("type", "label", "help", "placeholder", "required", "default")
"""What a parameter says of the keys that every property has."""

ROWS = mapping(
    {
        "each": key(EXPRESSION, "The records that rows are made of; `item` is the one.", "record.items"),
        "with": key(VALUES, "The values of a row.", {"product": {"cel": "item.product"}}),
    },
    ("each", "with"),
)

MAPPING: dict[str, Schema] = {
    "label": key(TEXT, "What it is called.", "Cart to order"),
    "description": key(TEXT, "What it is for.", "What somebody has put into their cart becomes an order."),
    "from": key(NAME, "The entity that is converted.", "cart"),
    "to": key(NAME, "The entity that is made.", "sales_order"),
    "with": key(VALUES, "The values of the new record.", {"currency": {"cel": "record.currency"}}),
    "rows": key(
        named(ROWS),
        "Its rows, by composition.",
        {"lines": {"each": "record.items", "with": {"product": {"cel": "item.product"}}}},
    ),
    "move": key(
        NAMES, "The lists of the old record whose records belong to the new one from then on.", ["tasks"]
    ),
}

SPANS = either(TEXT, listed(TEXT))
HOLIDAY = either(
    TEXT,
    mapping(
        {
            "from": key(TEXT, "The first day.", "2026-12-24"),
            "to": key(TEXT, "The last day.", "2027-01-01"),
        },
        ("from", "to"),
    ),
)

CALENDAR: dict[str, Schema] = {
    "label": key(TEXT, "What it is called.", "Office hours"),
    "description": key(TEXT, "Whose hours these are.", "The help desk in Cluj."),
    "timezone": key(TEXT, "The zone whose clock it follows; the application's.", "Europe/Bucharest"),
    "hours": key(
        mapping(
            {
                day: key(
                    SPANS, "The hours of this weekday, one span or several.", ["09:00-12:30", "13:00-17:00"]
                )
                for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
            }
        ),
        "When is worked, by weekday.",
        {"mon": "09:00-17:00"},
    ),
    "holidays": key(listed(HOLIDAY), "The days nobody works.", ["2026-12-25"]),
}

AUTOMATION: dict[str, Schema] = {
    "label": key(TEXT, "What it is called.", "Welcome important customers"),
    "description": key(TEXT, "What it is for.", "Nobody waits for a first call."),
    "on": key(
        {"type": "string", "pattern": HAPPENING_PATTERN},
        "What it follows: ENTITY.created, updated, deleted, transitioned, tagged or related.",
        "contact.created",
    ),
    "changed": key(NAMES, "With `updated`: the members of which one has to change.", ["email"]),
    "transitions": key(NAMES, "With `transitioned`: the transitions that have to be fired.", ["close"]),
    "schedule": key(
        TEXT, "When it is done, as cron writes it, in the application's time zone.", "0 8 * * mon"
    ),
    "entity": key(NAME, "With `schedule`: the entity whose records it is done for.", "ticket"),
    "each": key(EXPRESSION, "With `schedule`: the records it is done for.", "record.overdue"),
    "when": key(EXPRESSION, "It is done only where this holds.", "'VIP' in record.tags"),
    "order": key({"type": "integer"}, "Of several that follow the same, lower ones come first; 0.", 10),
    "do": key(ACTIONS, "What is done.", [{"tag": ["welcome"]}]),
}
