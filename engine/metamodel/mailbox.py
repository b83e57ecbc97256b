"""A mailbox: mails that arrive in it become records, or join the records they answer, as its rules say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from engine.errors import Place
from engine.expressions.kinds import BOOL, DATETIME, STRING, Kind, ListKind
from engine.metamodel.action import Action, Create, Values
from engine.metamodel.entity import Entity
from engine.metamodel.expression import Expression
from engine.metamodel.property import Property
from engine.text.template import Template
from engine.typecheck.schema import MemberShape

MAIL = "mail"
"""The root by which expressions and texts of a mailbox know the mail."""

VARIABLE: Final = "ENGINE_MAILBOX_NAME_URL"
"""The variable of the environment that says where a mailbox is read, with its name in it."""

FILES: Final = ("file", "image")
"""The types of property that what comes with a mail is put into."""

FIELDS: Final[Mapping[str, tuple[Kind, bool, str]]] = {
    "from": (STRING, False, "The address of who sent it, in small letters; null where it names none."),
    "from_name": (STRING, True, "The name of who sent it; the part before the @ where it gives none."),
    "first_name": (STRING, True, "All words of that name but the last; empty where there is one."),
    "last_name": (STRING, True, "The last word of that name."),
    "domain": (STRING, True, "What stands behind the @ of that address; empty without one."),
    "to": (ListKind(STRING), True, "Every address it went to: To, Cc and Delivered-To, in small letters."),
    "subject": (STRING, True, "Its subject, on one line."),
    "text": (STRING, True, "Its words: the plain text, or those of its HTML."),
    "reply": (
        STRING,
        True,
        "Its words without what it quotes of an earlier mail, and without its signature.",
    ),
    "html": (STRING, True, "Its words as HTML that is safe to show, for a property of type rich_text."),
    "sent_at": (DATETIME, False, "When it says it was sent."),
    "attachments": (ListKind(STRING), True, "The names of the files that came with it."),
    "automatic": (BOOL, True, "Whether no person wrote it: an answer of a machine, a bounce, a bulk mail."),
    "by_number": (
        BOOL,
        True,
        "Whether it was told by the number in its subject alone which record it answers: anybody can write that.",
    ),
}
"""What expressions and texts may ask of a mail: each with its kind, whether it is always there, and what it says."""


@dataclass(frozen=True, kw_only=True)
class Find:
    """A record that is looked for by values; rules know it by its name, and it is null where there is none."""

    name: str
    entity: str
    by: Values
    place: Place


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What is mailed back to who wrote."""

    subject: Template
    text: Template


@dataclass(frozen=True, kw_only=True)
class MailRule:
    """What becomes of mails: `make` a record of `entity`, or the mail `answers` one, or it is neither (`ignore`).

    `automatic`: it takes mails that no person wrote, too. `before` is done before the record is made. `number` is
    the property whose value in a subject tells which record is answered. `attachments` is the member that takes the
    files: a property, or a composition with a row for each.
    """

    name: str
    place: Place
    when: Expression | None = None
    automatic: bool = False
    ignore: bool = False
    entity: str = ""
    answers: bool = False
    number: str = ""
    before: tuple[Action, ...] = ()
    make: Create | None = None
    attachments: str = ""
    do: tuple[Action, ...] = ()
    reply: Reply | None = None


@dataclass(frozen=True, kw_only=True)
class Mailbox:
    """Where mails arrive. `reads`: a worker fetches them by IMAP; otherwise they are delivered to it.

    `headers` are further fields of `mail`, with the headers they are read from.
    """

    name: str
    label: str
    place: Place
    description: str = ""
    addresses: tuple[str, ...] = ()
    reads: bool = False
    folder: str = "INBOX"
    done_folder: str = ""
    every: timedelta = timedelta(minutes=1)
    max_mb: int = 25
    headers: Mapping[str, str] = field(default_factory=dict)
    finds: tuple[Find, ...] = ()
    rules: tuple[MailRule, ...] = ()

    @property
    def variable(self) -> str:
        """The environment's variable that says where it is read, with the secret."""
        return VARIABLE.replace("NAME", self.name.upper())

    def answers(self, entity: str) -> bool:
        """Whether mails in it may answer records of an entity."""
        return any(rule.answers and rule.entity == entity for rule in self.rules)


def shapes_of(headers: Mapping[str, str]) -> dict[str, MemberShape]:
    """What expressions may ask of a mail, with what is read of further headers."""
    known = {name: MemberShape(name, kind, always) for name, (kind, always, _) in FIELDS.items()}
    return {**known, **{name: MemberShape(name, STRING) for name in headers}}


def field_of(path: str) -> str | None:
    """The field of the mail that a path of a text names, as `mail.subject`."""
    root, _, name = path.partition(".")
    return name if root == MAIL and name else None


def file_of(row: Entity) -> Property | None:
    """The one property of a row that holds a file; None where there are several, or none."""
    found = [each for each in row.properties.values() if each.type.name in FILES and not each.computed]
    return found[0] if len(found) == 1 else None
