"""A mail server for tests: it listens, keeps what it is given, and can be told to refuse."""

from __future__ import annotations

import email
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller

from engine.mailing.server import Server


class Mailbox:
    """What the server was given, and what it answers."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.answer = "250 OK"
        self.server = Server("smtp", "127.0.0.1", 0)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        if self.answer.startswith("250"):
            mail = email.message_from_bytes(envelope.content, policy=default)
            assert isinstance(mail, EmailMessage)
            self.mails.append(mail)
        return self.answer

    def text(self) -> str:
        """The text of the newest mail."""
        return str(self.mails[-1].get_content())


@contextmanager
def mailbox() -> Iterator[Mailbox]:
    """A mail server that runs on a free port of this machine."""
    box = Mailbox()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    box.server = Server("smtp", "127.0.0.1", port)
    try:
        yield box
    finally:
        controller.stop()
