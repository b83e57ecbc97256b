"""Requests that were answered already: what is sent again with the same key is answered again, and done once."""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import sqlalchemy as sa

from engine.store.inserting import dialect_insert
from engine.store.system import request

KEPT = timedelta(days=1)
"""How long an answer is remembered."""


def claim(connection: sa.Connection, key: str, body: bytes, now: datetime) -> tuple[bool, Any]:
    """Whether this is the key's first request; if not, whether it is the same one, and its answer.

    Answers (True, None) for the first, (True, answer) for the same again, (False, None) for another body.
    Another transaction with the same key is waited for.
    """
    connection.execute(sa.delete(request).where(request.c.at < now - KEPT))
    digest = sha256(body).hexdigest()
    values = {"key": key, "digest": digest, "answer": {}, "at": now}
    taken = (
        dialect_insert(connection, request).values(values).on_conflict_do_nothing().returning(request.c.key)
    )
    if connection.execute(taken).first() is not None:
        return True, None
    row = connection.execute(sa.select(request).where(request.c.key == key)).one()
    return (True, row.answer) if row.digest == digest else (False, None)


def remember(connection: sa.Connection, key: str, answer: Any) -> None:
    """Keep the answer of a first request, in the transaction that did what it asked for."""
    connection.execute(sa.update(request).where(request.c.key == key).values(answer=answer))
