"""A mail as it arrives, read by its headers and parts: whatever strangers send, it is read, or said to be unreadable.

Formats: RFC 5322 (messages), RFC 2045 to 2047 (MIME), RFC 3834 (answers of machines). Nothing is unpacked.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from email.errors import MessageError
from email.header import decode_header
from email.message import Message as Parsed
from email.utils import getaddresses, parsedate_to_datetime
from typing import Any, Final

from engine.inbox.words import as_html, cleaned, decoded, one_line, safe_html, without_quotes, words_of

MOST_PARTS: Final = 200
MOST_DEEP: Final = 30
MOST_REFERENCES: Final = 50
MOST_ADDRESSES: Final = 100
LONGEST_ADDRESS: Final = 320
LONGEST_IDENTITY: Final = 500
HEAD_END: Final = re.compile(rb"\r?\n\r?\n")
IDENTITY: Final = re.compile(r"<[!-;=?-~]{1,498}>")
MACHINES: Final = ("mailer-daemon", "postmaster")
BULK: Final = frozenset({"bulk", "junk", "auto_reply"})


class Unreadable(Exception):
    """What arrived can't be read as a mail."""


@dataclass(frozen=True)
class Attached:
    """A file that came with a mail."""

    name: str
    media_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class Message:
    """A mail. `automatic` says why no person wrote it, "" where one did; `answerable` whether an answer is wanted.

    `references` are the identities of the mails that it answers, the nearest first.
    """

    identity: str
    sender: str = ""
    name: str = ""
    to: tuple[str, ...] = ()
    subject: str = ""
    text: str = ""
    html: str = ""
    sent_at: datetime | None = None
    automatic: str = ""
    answerable: bool = True
    references: tuple[str, ...] = ()
    attachments: tuple[Attached, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)

    def facts(self, headers: Mapping[str, str], *, own: bool, by_number: bool) -> dict[str, Any]:
        """The mail as expressions know it; `headers` are the further fields of its mailbox."""
        local, _, domain = self.sender.rpartition("@")
        name = self.name or local
        *first, last = _in_order(name).split() or [""]
        return {
            "from": self.sender or None,
            "from_name": name,
            "first_name": " ".join(first),
            "last_name": last,
            "domain": domain,
            "to": list(self.to),
            "subject": self.subject,
            "text": self.text,
            "reply": without_quotes(self.text),
            "html": self.html,
            "sent_at": self.sent_at,
            "attachments": [each.name for each in self.attachments],
            "automatic": bool(self.automatic) or own,
            "by_number": by_number,
            **{field: self.headers.get(header.lower()) for field, header in headers.items()},
        }


def _in_order(name: str) -> str:
    """A name as it is spoken: “Pop, Ana” is Ana Pop; of `ana.pop` the parts are words."""
    last, comma, first = name.partition(",")
    if comma and first.strip() and "," not in first:
        return f"{first} {last}"
    return name if " " in name.strip() else name.replace(".", " ").replace("_", " ").title()


def key_of(raw: bytes, identity: str) -> str:
    """By what a mail is known again: its identity and its words, for some senders use one identity for all mails."""
    body = HEAD_END.split(raw, maxsplit=1)[-1].rstrip()
    return hashlib.sha256(identity.encode() + b"\n" + body.replace(b"\r\n", b"\n")).hexdigest()


def read(raw: bytes) -> Message:
    """A mail; raises Unreadable."""
    try:
        parsed = message_from_bytes(raw)
        return _read(parsed)
    except (
        MessageError,
        RecursionError,
        ValueError,
        LookupError,
        TypeError,
        AttributeError,
        IndexError,
    ) as error:
        raise Unreadable(f"This can't be read as a mail ({type(error).__name__}).") from error


def _read(parsed: Parsed) -> Message:
    senders = _addresses(parsed, "From") or _addresses(parsed, "Sender")
    name, sender = senders[0] if senders else ("", "")
    to = [
        address
        for header in ("To", "Cc", "Delivered-To", "X-Original-To")
        for _, address in _addresses(parsed, header)
    ]
    text, html, attached = _parts(parsed)
    references = [*_identities(parsed, "In-Reply-To"), *reversed(_identities(parsed, "References"))]
    return Message(
        identity=next(iter(_identities(parsed, "Message-ID")), ""),
        sender=sender,
        name=name,
        to=tuple(dict.fromkeys(to)),
        subject=one_line(_header(parsed, "Subject")),
        text=text,
        html=html,
        sent_at=_moment(parsed),
        automatic=_automatic(parsed, sender),
        answerable=_answerable(parsed),
        references=tuple(dict.fromkeys(references))[:MOST_REFERENCES],
        attachments=attached,
        headers={name.lower(): one_line(_header(parsed, name)) for name in list(parsed.keys())[:500]},
    )


# ---- headers


def _all(parsed: Parsed, name: str) -> list[str]:
    """Every header of a name as it was written; bytes that are no ASCII are UTF-8, or letters by themselves."""
    several = (str(value) for key, value in parsed.raw_items() if key.lower() == name.lower())
    return [decoded(each.encode("utf-8", "surrogateescape"), None) for each in several]


def _first(parsed: Parsed, name: str) -> str:
    return next(iter(_all(parsed, name)), "")


def _header(parsed: Parsed, name: str) -> str:
    """A header in clear; what is encoded wrongly stays as it is."""
    return _in_clear(_first(parsed, name))


def _in_clear(text: str) -> str:
    if "=?" not in text:
        return text
    try:
        parts = decode_header(" ".join(text.split()))
        return "".join(each if isinstance(each, str) else decoded(each, charset) for each, charset in parts)
    except (MessageError, ValueError, LookupError, TypeError):
        return text


def _decoded_word(text: str) -> str:
    """A name with encoded words in clear."""
    return one_line(_in_clear(" ".join(text.split())), 200)


def _addresses(parsed: Parsed, name: str) -> list[tuple[str, str]]:
    """The names and addresses of a header: taken apart first, decoded afterwards, so that a name can't pose as one."""
    raw = [" ".join(each.split())[:20_000] for each in _all(parsed, name)]
    found = []
    for said, address in getaddresses(raw)[:MOST_ADDRESSES]:
        plain = address.strip().lower()
        if (
            plain.count("@") == 1
            and plain.isprintable()
            and " " not in plain
            and len(plain) <= LONGEST_ADDRESS
        ):
            found.append((_decoded_word(said).strip("\"' "), plain))
    return found


def _identities(parsed: Parsed, name: str) -> list[str]:
    return [each for raw in _all(parsed, name) for each in IDENTITY.findall(raw)]


def _moment(parsed: Parsed) -> datetime | None:
    try:
        found = parsedate_to_datetime(_first(parsed, "Date"))
        found = found if found.tzinfo is not None else found.replace(tzinfo=UTC)
        return found.astimezone(UTC) if 1970 <= found.year <= 9000 else None
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _automatic(parsed: Parsed, sender: str) -> str:
    """Why no person wrote it; "" where one did. A mailing list passes on what people write."""
    submitted = _first(parsed, "Auto-Submitted").partition(";")[0].strip().lower()
    precedence = _first(parsed, "Precedence").strip().lower()
    if submitted not in ("no", ""):
        return f"Auto-Submitted: {one_line(submitted, 40)}"
    if precedence in BULK:
        return f"Precedence: {precedence}"
    if _first(parsed, "X-Autoreply") or _first(parsed, "X-Autorespond"):
        return "an answer of a machine"
    if _first(parsed, "Return-Path").strip() == "<>" or parsed.get_content_type() == "multipart/report":
        return "a report on another mail"
    return "the mail system itself" if sender.partition("@")[0] in MACHINES else ""


def _answerable(parsed: Parsed) -> bool:
    suppressed = {each.strip().lower() for each in _first(parsed, "X-Auto-Response-Suppress").split(",")}
    return not suppressed & {"all", "autoreply", "oof"}


# ---- parts


def _parts(parsed: Parsed) -> tuple[str, str, tuple[Attached, ...]]:
    """The words of a mail, the same as HTML, and its files."""
    plain, html = list[str](), list[str]()
    attached: list[Attached] = []
    for part in _leaves(parsed):
        kind, name = part.get_content_type(), _file_name(part)
        if (
            kind in ("text/plain", "text/html")
            and not name
            and part.get_content_disposition() != "attachment"
        ):
            text = decoded(_content(part), part.get_content_charset())
            (plain if kind == "text/plain" else html).append(text)
        else:
            attached.append(Attached(name or _unnamed(part, len(attached)), kind, _content(part)))
    shown = safe_html("\n".join(html)) if html else ""
    text = cleaned("\n\n".join(plain))
    if not text:
        text = words_of(shown)
    return text, shown if words_of(shown) else as_html(text), tuple(attached)


def _leaves(parsed: Parsed) -> Iterator[Parsed]:
    """The parts that hold something, in order; a mail within a mail is a file. Raises Unreadable for a maze."""
    waiting, number = [(parsed, 0)], 0
    while waiting:
        part, depth = waiting.pop()
        number += 1
        if number > MOST_PARTS or depth > MOST_DEEP:
            raise Unreadable("This mail has more parts within parts than anybody writes.")
        payload = part.get_payload()
        if part.get_content_maintype() == "multipart" and isinstance(payload, list):
            waiting += [(each, depth + 1) for each in reversed(payload) if isinstance(each, Parsed)]
        else:
            yield part


def _content(part: Parsed) -> bytes:
    """The bytes of a part; what is encoded wrongly comes as far as it can be read."""
    if part.get_content_type() == "message/rfc822":
        inner = part.get_payload()
        first = inner[0] if isinstance(inner, list) and inner else None
        return first.as_bytes() if isinstance(first, Parsed) else b""
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _file_name(part: Parsed) -> str:
    try:
        name = part.get_filename()
    except (ValueError, LookupError, TypeError):
        name = None
    return _decoded_word(name) if name else ""


def _unnamed(part: Parsed, number: int) -> str:
    """A name for a file that came without one."""
    if part.get_content_type() == "message/rfc822":
        return f"mail-{number + 1}.eml"
    ending = re.sub(r"[^a-z0-9]", "", part.get_content_subtype().lower())[:8]
    return f"file-{number + 1}.{ending or 'bin'}"
