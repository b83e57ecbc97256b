"""The schema of tests of the configuration: who, what is given, what they do, and what comes of it."""

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
from engine.types.duration import PATTERN as DURATION

ACTS = ("create", "update", "delete", "read", "list", "transition", "reject", "press", "mail")
"""What a test can do; one of them."""

LATER = rf"^\+{DURATION.removeprefix('^')}"
"""A length of time after a plus sign."""

MOMENT = r"^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}$"
"""A day and a time of day."""

ROLES = key(listed(NAME, 1), "Several roles.", ["support_agent", "trainee"])
NAMES_OF_FILES = listed(TEXT, 1)
PERSONA = mapping(
    {
        "role": key(NAME, "The role they have.", "support_agent"),
        "roles": ROLES,
        "unit": key(NAME, "The name of the given unit they belong to.", "north"),
        "organization": key(NAME, "The name of the given organization they belong to.", "acme"),
    }
)

RECORD: Schema = {
    "type": "object",
    "minProperties": 1,
    "maxProperties": 1,
    "additionalProperties": {"type": ["object", "null"]},
}

MAIL = mapping(
    {
        "from": key(TEXT, "Who sent it.", "Ana Pop <ana.pop@acme.example>"),
        "subject": key(TEXT, "Its subject.", "The lamp"),
        "text": key(TEXT, "What it says.", "It is broken."),
        "attachments": key(NAMES_OF_FILES, "The names of files that come with it.", ["bill.pdf"]),
        "headers": key({"type": "object"}, "Further headers.", {"X-Spam-Flag": "YES"}),
        "automatic": key(FLAG, "Whether it is an answer of a machine.", True),
        "answers": key(NAME, "The given record about which a mail was sent that it answers.", "t"),
    }
)

WHEN = mapping(
    {
        "create": key(
            NAME, "The entity they make a record of; `record` in `expect` is the new one.", "ticket"
        ),
        "update": key(NAME, "The given record they change.", "t"),
        "delete": key(NAME, "The given record they delete.", "t"),
        "read": key(NAME, "The given record they open.", "t"),
        "list": key(NAME, "The entity whose records they list.", "ticket"),
        "transition": key(NAME, "The transition they fire, or agree to where it needs approval.", "close"),
        "reject": key(
            NAME,
            "The transition that needs approval, which they refuse: `with: {comment: …}` says why.",
            "approve",
        ),
        "press": key(NAME, "The button of the record they use (`actions:` of its entity).", "call_back"),
        "mail": key(
            MAIL,
            "The mail that arrives; with `to`, and with `makes` or `on`, where it becomes a record or joins one.",
            {"from": "ana.pop@acme.example", "subject": "The lamp"},
        ),
        "to": key(NAME, "The mailbox that the mail arrives in.", "support"),
        "makes": key(NAME, "The entity that the mail makes a record of.", "ticket"),
        "on": key(
            NAME,
            "The given record that goes through the transition, or whose button it is; of a transition that makes "
            "a record, the entity; the record that a mail joins.",
            "t",
        ),
        "at": key(
            {"type": "string", "pattern": LATER},
            "How much later it is: what is due by then, by timers and at set times, has happened. Alone, only time "
            "passes.",
            "+3d",
        ),
        "named": key(NAME, "What the record that is made is called from then on.", "t"),
        "as": key(NAME, "Who does it, where it is somebody else: a role, or a given user.", "manager"),
        "with": key(
            {"type": "object"}, "The values they create or change it with.", {"subject": "The printer again"}
        ),
    }
)

TOLD = mapping(
    {
        "to": key(NAME, "Who is told: a given user, or `user`.", "carla"),
        "subject": key(TEXT, "Words of the subject.", "waits for you"),
        "text": key(TEXT, "Words of the text.", "Which lamp?"),
    },
    ("to",),
)

MAILED = mapping(
    {
        "to": key(TEXT, "Who is mailed: a given user, `user`, or an e-mail address.", "carla"),
        "subject": key(TEXT, "Words of the subject.", "is done"),
        "text": key(TEXT, "Words of the text.", "Nothing is left"),
    },
    ("to",),
)

THEN = mapping(
    {
        "refused": key(
            either(TEXT, {"const": True}),
            "It is refused: with these words, or `true` for whatever words.",
            "may not",
        ),
        "visible": key(NAMES, "Properties they see of the record.", ["subject"]),
        "hidden": key(NAMES, "Properties they do not see of it.", ["cost"]),
        "readonly": key(NAMES, "Properties they see and can't change.", ["number"]),
        "required": key(NAMES, "Properties they have to fill in.", ["subject"]),
        "listed": key(NAMES, "Given records that are in the list.", ["t"]),
        "not_listed": key(NAMES, "Given records that are not in the list.", ["other"]),
        "open": key(
            NAMES, "Transitions and buttons that are open to them on the record afterwards.", ["close"]
        ),
        "not_open": key(NAMES, "Transitions and buttons that are not.", ["assign"]),
        "notified": key(
            listed(TOLD, at_least=1),
            "Who is told what by it, in the application.",
            [{"to": "carla", "subject": "waits for you"}],
        ),
        "not_notified": key(NAMES, "Given users who are told nothing by it.", ["dan"]),
        "mailed": key(
            listed(MAILED, at_least=1),
            "Who is mailed what by it.",
            [{"to": "carla", "subject": "is done", "text": "Nothing is left"}],
        ),
        "not_mailed": key(
            listed(TEXT, at_least=1),
            "Given users, or addresses, that are mailed nothing by it.",
            ["dan"],
        ),
        "comments": key(
            listed(TEXT, at_least=1),
            "Words of the comments that processes write on the record by it.",
            ["was reminded"],
        ),
        "replied": key(
            listed(TEXT, at_least=1), "Words that are mailed back to who wrote the mail.", ["Thank you"]
        ),
        "expect": key(
            listed(EXPRESSION),
            "Conditions that are true afterwards, over the givens by name.",
            ["t.status == 'new'"],
        ),
    }
)

TEST: dict[str, Schema] = {
    "description": key(TEXT, "Why it is to be so.", "Leads belong to whoever found them."),
    "now": key(
        {"type": "string", "pattern": MOMENT},
        "When it begins, on the application's clock; without it, the moment at which the test is run.",
        "2026-03-02 07:55",
    ),
    "as": key(
        either(NAME, PERSONA), "Who acts: a role, a given user, or somebody described.", "support_agent"
    ),
    "given": key(
        named(RECORD),
        "The records there are, by names of the test's own: `{entity: {property: value}}`. A relation takes such a "
        "record too, or the name of one; `user` is who acts.",
        {"t": {"ticket": {"subject": "Help", "owner": "user"}}},
    ),
    "parameters": key(
        named(named({})),
        "What parameters of workflows are set to, by workflow and name; the others have their defaults.",
        {"quote_approval": {"discount_limit": 20}},
    ),
    "steps": key(
        listed(WHEN),
        "What is done before, one after the other; none of it is refused.",
        [{"transition": "assign", "on": "t"}],
    ),
    "when": key(WHEN, "What they do: one thing.", {"read": "t"}),
    "then": key({**THEN, "minProperties": 1}, "What comes of it.", {"hidden": ["cost"]}),
}
