"""The mail server, as ENGINE_SMTP_URL names it, and a mail handed to it."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from engine.errors import OperatorError

VARIABLE = "ENGINE_SMTP_URL"
EXAMPLE = "smtp://user:password@mail.example:587 (smtps:// for TLS from the first byte)"
SECONDS = 20


@dataclass(frozen=True)
class Server:
    """Where mail is handed over. With `smtp` STARTTLS is used where it is offered, and needed for a password."""

    scheme: str
    host: str
    port: int
    user: str = ""
    password: str = ""


class NotTaken(Exception):
    """The server did not take a mail; `for_good` says that asking again is no use."""

    def __init__(self, reason: str, *, for_good: bool) -> None:
        self.for_good = for_good
        super().__init__(reason)


def given_server(environment: Mapping[str, str]) -> Server | None:
    """The server of the environment, None where there is none; raises OperatorError for what is no such URL."""
    text = environment.get(VARIABLE, "").strip()
    if not text:
        return None
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise OperatorError(
            f"{VARIABLE} is no address of a mail server ({error}): write {EXAMPLE}"
        ) from error
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise OperatorError(f"{VARIABLE} is no address of a mail server: write {EXAMPLE}")
    usual = 465 if parts.scheme == "smtps" else 587
    return Server(
        parts.scheme,
        parts.hostname,
        port or usual,
        unquote(parts.username or ""),
        unquote(parts.password or ""),
    )


def message(sender: str, recipient: str, subject: str, text: str, identity: str) -> EmailMessage:
    """A mail as it is sent; a header can't hold a line's end.

    With the same identity it is the same mail to whoever gets it twice (RFC 5322, section 3.6.4).
    """
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = sender, recipient, subject
    made["Message-ID"] = f"<{identity}@{sender.rpartition('@')[2].strip('>') or 'localhost'}>"
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(text)
    return made


def hand_over(server: Server, mail: EmailMessage) -> None:
    """Give a mail to the server; raises NotTaken."""
    try:
        with _connected(server) as connection:
            connection.send_message(mail)
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _ in error.recipients.values()]
        raise NotTaken(
            f"recipient refused: {error.recipients}", for_good=all(c >= 500 for c in codes)
        ) from error
    except smtplib.SMTPResponseException as error:
        raise NotTaken(str(error), for_good=error.smtp_code >= 500 and error.smtp_code != 535) from error
    except (OSError, smtplib.SMTPException) as error:
        raise NotTaken(f"{type(error).__name__}: {error}", for_good=False) from error


def _connected(server: Server) -> smtplib.SMTP:
    if server.scheme == "smtps":
        tls = ssl.create_default_context()
        connection: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=SECONDS, context=tls)
    else:
        connection = smtplib.SMTP(server.host, server.port, timeout=SECONDS)
    try:
        connection.ehlo()
        if server.scheme == "smtp" and connection.has_extn("starttls"):
            connection.starttls(context=ssl.create_default_context())
            connection.ehlo()
        elif server.scheme == "smtp" and server.user:
            raise smtplib.SMTPException("the server offers no TLS: a password is not sent in clear")
        if server.user:
            connection.login(server.user, server.password)
    except BaseException:
        connection.close()
        raise
    return connection
