"""The schema of mailboxes: where mails arrive, and the rules by which they become records."""

from __future__ import annotations

from engine.documents.schemas.actions import ACTIONS, VALUES
from engine.documents.schemas.parts import (
    EXPRESSION,
    FLAG,
    NAME,
    TEXT,
    Schema,
    either,
    key,
    listed,
    mapping,
    named,
)
from engine.types.duration import PATTERN

ADDRESS: Schema = {"type": "string", "pattern": r"^[^\s@<>]+@[^\s@<>]+$"}
HEADER: Schema = {"type": "string", "pattern": r"^[A-Za-z0-9-]+$"}
FOLDER: Schema = {"type": "string", "pattern": "^[ -~]+$"}

FIND = mapping(
    {
        "entity": key(NAME, "Whose records are looked through.", "contact"),
        "by": key(
            VALUES, "The values it is found by; the oldest that has them.", {"email": {"cel": "mail.from"}}
        ),
    },
    ("entity", "by"),
)

MADE = mapping(
    {
        "entity": key(NAME, "What is made of the mail.", "ticket"),
        "with": key(VALUES, "Its values.", {"subject": "{mail.subject}", "contact": {"cel": "contact"}}),
    },
    ("entity",),
)

ANSWER = either(
    NAME,
    mapping(
        {
            "entity": key(NAME, "Whose records such mails answer.", "ticket"),
            "number": key(
                NAME,
                "A mail answers the record as well whose value of this property stands in its subject. Anybody can "
                "write that: ask in `when` who it is, or for `!mail.by_number`.",
                "number",
            ),
        },
        ("entity",),
    ),
)

REPLY = mapping(
    {
        "subject": key(TEXT, "What it is about.", "{number}: {mail.subject}"),
        "text": key(TEXT, "What it says.", "Thank you. We answer you soon; this is your number: {number}."),
    },
    ("subject", "text"),
)

RULE = mapping(
    {
        "label": key(TEXT, "What the list of mails calls it.", "Questions of customers"),
        "when": key(
            EXPRESSION,
            "The mails it takes: over `mail`, what `find` has found, and in a rule with `answer` over `record`.",
            "contact != null",
        ),
        "automatic": key(
            FLAG,
            "Whether it takes mails that no person wrote, too: answers of machines, bounces, bulk mail.",
            True,
        ),
        "before": key(
            ACTIONS,
            "Records that are found or made before: create, find_or_create, update. `create` knows them by `as`.",
            [
                {
                    "find_or_create": {
                        "entity": "contact",
                        "by": {"email": {"cel": "mail.from"}},
                        "as": "person",
                    }
                }
            ],
        ),
        "create": key(MADE, "The record that the mail becomes.", {"entity": "ticket"}),
        "answer": key(
            ANSWER,
            "The mail answers a record that is there: it answers a mail about it, sent from here or taken before.",
            "ticket",
        ),
        "ignore": key({"const": True}, "Nothing becomes of the mail.", True),
        "attachments": key(
            NAME,
            "The member that takes the files: a property of type file or image takes the first that fits, a "
            "composition a row for each.",
            "attachment",
        ),
        "do": key(
            ACTIONS, "What is done with the record, in the same transaction.", [{"comment": "{mail.reply}"}]
        ),
        "reply": key(
            REPLY,
            "What is mailed back to who wrote; never to a machine.",
            {"subject": "{number}", "text": "Thank you."},
        ),
    }
)

MAILBOX: dict[str, Schema] = {
    "label": key(TEXT, "What it is called.", "Support"),
    "description": key(TEXT, "What is written to it.", "Questions and complaints of customers."),
    "address": key(
        either(ADDRESS, listed(ADDRESS, 1)),
        "Its address, or several. Mails about records that it answers are sent with the first as the address to "
        "answer to; what comes from one of them is no person's.",
        "support@example.com",
    ),
    "source": key(
        {"enum": ["imap", "delivery"]},
        "`imap`: a worker fetches the mails where ENGINE_MAILBOX_NAME_URL says. `delivery`: they are brought by "
        "`engine mail deliver NAME`, which works for every mailbox. delivery.",
        "imap",
    ),
    "folder": key(FOLDER, "With `imap`: the folder that is read. INBOX.", "INBOX"),
    "done_folder": key(
        TEXT,
        "With `imap`: the folder that mails are moved to once they are taken. Without: they stay.",
        "Done",
    ),
    "every": key(
        {"type": "string", "pattern": PATTERN}, "With `imap`: how often is looked, 10s or more. 1m.", "5m"
    ),
    "max_mb": key(
        {"type": "integer", "minimum": 1, "maximum": 100},
        "Megabytes of a mail at most, files included; of a larger one only the head is kept. 25.",
        10,
    ),
    "headers": key(
        named(HEADER),
        "Further fields of `mail`, each with the header it is read from; a text, or null.",
        {"spam": "X-Spam-Flag"},
    ),
    "find": key(
        named(FIND),
        "Records that are looked for before the rules, by the name that rules know them by; null where there is none.",
        {"contact": {"entity": "contact", "by": {"email": {"cel": "mail.from"}}}},
    ),
    "rules": key(
        listed(RULE, 1),
        "In order; the first that takes a mail says what becomes of it. What none takes is kept for an administrator.",
        [{"when": "contact != null", "create": {"entity": "ticket", "with": {"subject": "{mail.subject}"}}}],
    ),
}
