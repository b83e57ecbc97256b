"""Tables of the engine's own that earlier versions had: what they hold is carried over, then they are dropped."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import sqlalchemy as sa

from engine.store.system import job
from engine.types.columns import CodePointText, UtcDateTime

OLD = sa.MetaData()

mail = sa.Table(
    "_engine_mail",
    OLD,
    sa.Column("id", sa.BigInteger(), primary_key=True),
    sa.Column("at", UtcDateTime()),
    *(sa.Column(name, CodePointText()) for name in ("recipient", "subject", "text", "state", "error")),
    sa.Column("tries", sa.Integer()),
    sa.Column("due_at", UtcDateTime()),
)


def _mails_to_jobs(connection: sa.Connection) -> None:
    """Mails that wait become jobs; of those that were sent or refused for good nothing is left to do."""
    waiting = connection.execute(sa.select(mail).where(mail.c.state == "waiting").order_by(mail.c.id)).all()
    jobs = [
        {
            "kind": "mail",
            "about": f"{row.subject}, to {row.recipient}"[:200],
            "payload": {"recipient": row.recipient, "subject": row.subject, "text": row.text},
            "state": "waiting",
            "created_at": row.at,
            "due_at": row.due_at,
            "attempts": row.tries,
            "error": row.error,
        }
        for row in waiting
    ]
    if jobs:
        connection.execute(sa.insert(job), jobs)
    mail.drop(connection)


RETIRED: Mapping[str, tuple[str, Callable[[sa.Connection], None]]] = {
    mail.name: ("mails that wait are jobs now", _mails_to_jobs),
}
"""What became of each, in words, and how it is carried over once all tables of this version are there."""
