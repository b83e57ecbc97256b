"""A folder of a mail server, read by IMAP (RFC 9051, and RFC 3501 before it): what is there, its bytes, what is done.

Nothing is marked as read by looking at it. Passwords are not sent in clear but to this machine itself.
"""

from __future__ import annotations

import imaplib
import re
import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from engine.errors import OperatorError
from engine.metamodel.mailbox import VARIABLE

PATTERN: Final = re.compile(VARIABLE.replace("NAME", "([A-Z][A-Z0-9_]*)"))
EXAMPLE: Final = "imaps://user:password@mail.example (imap:// for STARTTLS)"
SECONDS: Final = 30
PORTS: Final = {"imaps": 993, "imap": 143}
HERE: Final = frozenset({"localhost", "127.0.0.1", "::1"})
AT_ONCE: Final = 100
HEAD: Final = 200_000
MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

SIZE: Final = re.compile(rb"\bRFC822\.SIZE (\d+)")
UID: Final = re.compile(rb"\bUID (\d+)")


class Unreadable(Exception):
    """The server could not be read, and why; it is asked again later."""


@dataclass(frozen=True)
class Source:
    """Where a mailbox is read, and as whom."""

    scheme: str
    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)


def given_sources(environment: Mapping[str, str]) -> dict[str, Source]:
    """The sources that the environment names, by mailbox; raises OperatorError for what is no such address."""
    found = {}
    for variable, text in environment.items():
        match = PATTERN.fullmatch(variable)
        if match is not None and text.strip():
            found[match.group(1).lower()] = _source(variable, text.strip())
    return found


def _source(variable: str, text: str) -> Source:
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise OperatorError(
            f"{variable} is no address of a mail server ({error}): write {EXAMPLE}"
        ) from error
    if parts.scheme not in PORTS or not parts.hostname:
        raise OperatorError(f"{variable} is no address of a mail server: write {EXAMPLE}")
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    return Source(parts.scheme, parts.hostname, port or PORTS[parts.scheme], user, password)


@dataclass
class Folder:
    """A folder that is open. Mails are known by UIDs, which grow; under another `validity` they mean others."""

    connection: imaplib.IMAP4
    name: str
    validity: int = 0
    next_uid: int = 0

    def unseen(self) -> list[int]:
        """What nobody has read yet."""
        return self._search("UNSEEN")

    def after(self, uid: int) -> list[int]:
        """What came after a mail."""
        return [
            each for each in self._search(f"UID {uid + 1}:*") if each > uid
        ]  # `*` is the last, however small

    def unseen_until(self, uid: int) -> list[int]:
        """What nobody has read up to a mail."""
        return self._search(f"UID 1:{uid} UNSEEN") if uid else []

    def since(self, day: date) -> list[int]:
        """What came on a day or later."""
        return self._search(f"SINCE {day.day}-{MONTHS[day.month - 1]}-{day.year}")

    def _search(self, criteria: str) -> list[int]:
        (data, *_) = _asked(self.connection.uid("SEARCH", criteria)) or [b""]
        return sorted(int(each) for each in (data or b"").split() if each.isdigit())

    def sizes(self, uids: Sequence[int]) -> dict[int, int]:
        """How many bytes mails have; one that is gone is left out."""
        found = {}
        for first in range(0, len(uids), AT_ONCE):
            several = ",".join(map(str, uids[first : first + AT_ONCE]))
            for line in _lines(_asked(self.connection.uid("FETCH", several, "(UID RFC822.SIZE)"))):
                uid, size = UID.search(line), SIZE.search(line)
                if uid and size:
                    found[int(uid.group(1))] = int(size.group(1))
        return found

    def fetch(self, uid: int, *, head: bool = False) -> bytes | None:
        """The bytes of a mail, or how it begins; None where it is gone."""
        what = f"(UID BODY.PEEK[]<0.{HEAD}>)" if head else "(UID BODY.PEEK[])"
        for part in _asked(self.connection.uid("FETCH", str(uid), what)):
            if isinstance(part, tuple) and len(part) == 2 and b"BODY[]" in part[0]:
                return bytes(part[1])
        return None

    def done(self, uid: int, folder: str) -> None:
        """Mark a mail as read, and move it to a folder where one is named."""
        _asked(self.connection.uid("STORE", str(uid), "+FLAGS.SILENT", r"(\Seen)"))
        if not folder:
            return
        if "MOVE" in self.connection.capabilities:
            _asked(self.connection.uid("MOVE", str(uid), _quoted(folder)))
            return
        _asked(self.connection.uid("COPY", str(uid), _quoted(folder)))
        _asked(self.connection.uid("STORE", str(uid), "+FLAGS.SILENT", r"(\Deleted)"))
        if (
            "UIDPLUS" in self.connection.capabilities
        ):  # else it would take away what others have marked as well
            _asked(self.connection.uid("EXPUNGE", str(uid)))


@contextmanager
def opened(source: Source, name: str) -> Iterator[Folder]:
    """A folder of a server, signed in; raises Unreadable, from whatever is done within as well."""
    connection: imaplib.IMAP4 | None = None
    try:
        connection = _connected(source)
        yield _selected(connection, name)
    except (OSError, imaplib.IMAP4.error, ssl.SSLError, UnicodeError) as error:
        said = str(error) or type(error).__name__
        raise Unreadable(said if not isinstance(error, OSError) else f"{source.host}: {said}") from error
    finally:
        if connection is not None:
            with suppress(OSError, imaplib.IMAP4.error):
                connection.logout()


def _connected(source: Source) -> imaplib.IMAP4:
    if source.scheme == "imaps":
        tls = ssl.create_default_context()
        connection: imaplib.IMAP4 = imaplib.IMAP4_SSL(
            source.host, source.port, ssl_context=tls, timeout=SECONDS
        )
    else:
        connection = imaplib.IMAP4(source.host, source.port, timeout=SECONDS)
    try:
        _sign_in(connection, source)
    except BaseException:
        connection.shutdown()
        raise
    return connection


def _sign_in(connection: imaplib.IMAP4, source: Source) -> None:
    if source.scheme == "imap" and "STARTTLS" in connection.capabilities:
        connection.starttls(ssl.create_default_context())
    elif source.scheme == "imap" and source.host not in HERE:
        raise imaplib.IMAP4.error("the server offers no TLS: a password is not sent in clear")
    if "AUTH=PLAIN" in connection.capabilities:
        answer = f"\0{source.user}\0{source.password}".encode()
        connection.authenticate("PLAIN", lambda _: answer)
    else:
        connection.login(_quoted(source.user), source.password)
    told = b" ".join(each for each in _asked(connection.capability()) if isinstance(each, bytes))
    if told:  # more is offered to who has signed in
        connection.capabilities = tuple(told.decode("ascii", "replace").upper().split())


def _selected(connection: imaplib.IMAP4, name: str) -> Folder:
    status, data = connection.select(_quoted(name))
    if status != "OK":
        why = data[0].decode("utf-8", "replace") if data and isinstance(data[0], bytes) else ""
        raise imaplib.IMAP4.error(f"there is no folder {name!r}: {why}")
    folder = Folder(connection, name, _number(connection, "UIDVALIDITY"), _number(connection, "UIDNEXT"))
    if not folder.next_uid:
        folder.next_uid = max(folder._search("ALL"), default=0) + 1
    return folder


def _number(connection: imaplib.IMAP4, name: str) -> int:
    data: Sequence[Any] = connection.response(name)[1] or ()
    return next((int(each) for each in data if each is not None and each.isdigit()), 0)


def _asked(answer: tuple[str, Any]) -> list[Any]:
    """The data of an answer; a refusal is an error."""
    status, data = answer
    if status != "OK":
        said = data[0] if data else b""
        raise imaplib.IMAP4.error(said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said))
    return [each for each in data or () if each is not None]


def _lines(data: list[Any]) -> Iterator[bytes]:
    for each in data:
        yield each[0] if isinstance(each, tuple) else each


def _quoted(name: str) -> str:
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
