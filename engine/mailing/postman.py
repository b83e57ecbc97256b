"""Sends what waits in the outbox: at once when woken, and now and then what could not be sent before."""

from __future__ import annotations

import logging
import threading

from engine.mailing import outbox
from engine.mailing.server import NotTaken, Server, hand_over, message
from engine.work.context import SYSTEM
from engine.work.gateway import Gateway

log = logging.getLogger("engine.mail")

EVERY = 30.0
"""Seconds between looks at the outbox."""


def deliver(gateway: Gateway, server: Server) -> int:
    """Send every mail that is due; answers how many the server took."""
    sender = gateway.runtime.application.settings.mail_from or f"no-reply@{server.host}"
    number = 0
    while True:
        taken = gateway.writing(SYSTEM, "job", lambda context: outbox.take(context.connection, context.now))
        if taken is None:
            return number
        try:
            hand_over(server, message(sender, taken.recipient, taken.subject, taken.text))
        except NotTaken as reason:
            log.warning("mail %d was not taken: %s", taken.id, reason)
            _refused(gateway, taken, reason)
        except ValueError as error:  # a header that can't be: an address with a line's end, for one
            log.warning("mail %d can't be sent: %s", taken.id, error)
            _refused(gateway, taken, NotTaken(str(error), for_good=True))
        else:
            _sent(gateway, taken.id)
            number += 1


def _sent(gateway: Gateway, number: int) -> None:
    gateway.writing(SYSTEM, "job", lambda context: outbox.sent(context.connection, number))


def _refused(gateway: Gateway, taken: outbox.Mail, reason: NotTaken) -> None:
    gateway.writing(
        SYSTEM,
        "job",
        lambda context: outbox.refused(
            context.connection, taken, context.now, str(reason), for_good=reason.for_good
        ),
    )


class Postman:
    """A thread that delivers, as long as a process serves."""

    def __init__(self, gateway: Gateway, server: Server) -> None:
        self.gateway, self.server = gateway, server
        self._woken, self._over = threading.Event(), False
        self._thread = threading.Thread(target=self._run, name="postman", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        """There is something to send."""
        self._woken.set()

    def stop(self) -> None:
        self._over = True
        self._woken.set()
        self._thread.join(timeout=5)

    def _run(self) -> None:
        while not self._over:
            try:
                deliver(self.gateway, self.server)
            except Exception:  # the database is away, say: it is tried again
                log.exception("the outbox could not be looked at")
            self._woken.wait(EVERY)
            self._woken.clear()
