"""The files that come with mails: stored before the transaction that needs them, and taken away where none does."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field

from engine.errors import OperatorError
from engine.inbox.message import Attached
from engine.store import files
from engine.store.files import FileStore, Stored
from engine.types.base import Refused
from engine.types.file import FileValue
from engine.work.context import Context

log = logging.getLogger("engine.inbox")

Keep = Callable[[Context, Attached], FileValue | None]
"""Writes down a file for the record that is about to have it; None where it is larger than files may be."""


@dataclass
class Filing:
    """The files of one mail. Nothing of the database is held while their bytes are stored."""

    store: FileStore
    largest: int
    stored: dict[int, Stored] = field(default_factory=dict)  # by the identity of the part
    used: set[str] = field(default_factory=set)

    def put(self, several: Iterable[Attached]) -> None:
        """Store the bytes of files; one that is too large is left out."""
        for each in several:
            stream = io.BytesIO(each.content)
            with suppress(Refused):
                self.stored[id(each)] = self.store.save(
                    stream, each.name, each.media_type, largest=self.largest
                )

    def keep(self, context: Context, attached: Attached) -> FileValue | None:
        """Write down one of them, in the transaction of the record that gets it."""
        found = self.stored.get(id(attached))
        if found is None:
            return None
        files.register(context.connection, found, context.now, context.actor.id)
        self.used.add(found.value.key)
        return found.value

    def drop_unused(self) -> None:
        """Take away what no record has got."""
        for each in self.stored.values():
            if each.value.key not in self.used:
                try:
                    self.store.delete(each.value.key)
                except OperatorError as error:  # the record is written: what is left over harms nobody
                    log.warning("a file that nobody needs could not be taken away: %s", error)
