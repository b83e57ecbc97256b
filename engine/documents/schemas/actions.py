"""The schema of actions: what transitions, automations and states do."""

from __future__ import annotations

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

VALUES: Schema = {"type": "object", "additionalProperties": ANYTHING}
"""Members and what they are given: a value, `{cel: …}`, or a text with `{paths}` in it."""

CEL = mapping({"cel": key(EXPRESSION, "An expression.", "record.owner")}, ("cel",))

CREATE = mapping(
    {
        "entity": key(NAME, "What is made.", "task"),
        "with": key(VALUES, "Its values.", {"subject": "Answer {number}", "assignee": {"cel": "user"}}),
        "as": key(NAME, "What later actions call it.", "task"),
    },
    ("entity",),
)

FIND_OR_CREATE = mapping(
    {
        "entity": key(NAME, "What is looked for, and made where there is none.", "account"),
        "by": key(VALUES, "The values by which it is found.", {"name": {"cel": "record.company_name"}}),
        "with": key(VALUES, "The further values of one that is made.", {"kind": "customer"}),
        "as": key(NAME, "What later actions call it.", "account"),
    },
    ("entity", "by"),
)

CONVERT = either(
    NAME,
    mapping(
        {
            "mapping": key(NAME, "How.", "cart_to_order"),
            "with": key(VALUES, "Further values of the new record.", {"account": {"cel": "account"}}),
            "as": key(NAME, "What later actions call the new record.", "order"),
        },
        ("mapping",),
    ),
)

UPDATE = mapping(
    {
        "record": key(EXPRESSION, "The record that is changed.", "record.account"),
        "with": key(VALUES, "Its new values.", {"status": "customer"}),
    },
    ("record", "with"),
)

LINK = mapping(
    {
        "relation": key(NAME, "The relation to many records.", "watchers"),
        "to": key(EXPRESSION, "The record that is put into it, or taken out of it.", "user"),
    },
    ("relation", "to"),
)

NOTIFY = mapping(
    {
        "to": key(EXPRESSION, "A user, or users.", "record.owner"),
        "roles": key(NAMES, "Everybody who has one of these roles.", ["support_manager"]),
        "subject": key(TEXT, "What it is about.", "{number} is waiting for you"),
        "text": key(TEXT, "What it says.", "{subject}, due {due_at}."),
        "mail": key(FLAG, "Whether it is mailed as well.", True),
    },
    ("subject",),
)

MAIL = mapping(
    {
        "to": key(EXPRESSION, "An address, or addresses.", "record.contact.email"),
        "subject": key(TEXT, "What it is about.", "{number} is answered"),
        "text": key(TEXT, "What it says, to whoever reads it there.", "{resolution}"),
    },
    ("to", "subject", "text"),
)

CALL = either(
    TEXT,
    mapping(
        {
            "name": key(TEXT, "The plugin's action.", "sla.start"),
            "with": key(VALUES, "What it is given.", {"hours": 48}),
        },
        ("name",),
    ),
)

WEBHOOK = mapping(
    {
        "url": key(
            {"type": "string", "pattern": "^https?://"}, "Where it is sent.", "https://erp.example/orders"
        ),
        "with": key(VALUES, "What it says, as JSON.", {"number": {"cel": "record.number"}}),
    },
    ("url",),
)

FIRE = either(
    NAME,
    mapping(
        {
            "name": key(NAME, "The transition.", "close"),
            "record": key(EXPRESSION, "Of which record; this one where it is left out.", "record.account"),
            "with": key(VALUES, "What its form is given.", {"comment": "Closed with the order."}),
        },
        ("name",),
    ),
)

KINDS: dict[str, Schema] = {
    "set": key(VALUES, "Gives members of the record new values.", {"assigned_at": {"cel": "now()"}}),
    "create": key(CREATE, "Makes a record.", {"entity": "task", "with": {"subject": "Call back"}}),
    "find_or_create": key(
        FIND_OR_CREATE,
        "Takes the record that has these values, or makes it.",
        {"entity": "account", "by": {}},
    ),
    "convert": key(CONVERT, "Makes another record of this one, as a mapping says.", "cart_to_order"),
    "update": key(UPDATE, "Changes another record.", {"record": "record.account", "with": {"vip": True}}),
    "delete": key(EXPRESSION, "Deletes a record.", "record.draft"),
    "link": key(LINK, "Puts a record into a relation.", {"relation": "watchers", "to": "user"}),
    "unlink": key(LINK, "Takes a record out of a relation.", {"relation": "watchers", "to": "user"}),
    "tag": key(NAMES, "Gives the record tags.", ["urgent"]),
    "untag": key(NAMES, "Takes tags away.", ["urgent"]),
    "assign": key(EXPRESSION, "Gives the record to an owner.", "record.account.owner"),
    "comment": key(
        TEXT,
        "Writes a note into the history. Texts hold data of the record, and the form's own values (`{form.reason}`).",
        "Escalated after two days in {status}.",
    ),
    "notify": key(NOTIFY, "Tells people.", {"to": "record.owner", "subject": "{number} is yours"}),
    "mail": key(
        MAIL,
        "Mails somebody who need not be a user. Answers find the record where a mailbox takes them.",
        {"to": "record.contact.email", "subject": "{number} is answered", "text": "{resolution}"},
    ),
    "call": key(CALL, "Runs an action of a plugin.", "sla.start"),
    "webhook": key(
        WEBHOOK, "Tells another system, once all is saved.", {"url": "https://erp.example/orders"}
    ),
    "transition": key(FIRE, "Fires a transition.", "close"),
}
"""Per kind of action: what follows its name."""

ACTION = mapping(
    {
        **KINDS,
        "when": key(EXPRESSION, "It is done only where this holds.", "record.priority == 'high'"),
        "for_each": key(
            EXPRESSION, "It is done for each of these; `item` is the one it is at.", "record.lines"
        ),
    }
)

ACTIONS = listed(ACTION)
