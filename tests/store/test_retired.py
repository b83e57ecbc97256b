"""A database of an earlier version: what its retired tables hold is carried over, once, by whoever applies."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from engine.errors import SchemaDiffers
from engine.outbox import overview
from engine.outbox.running import Runner
from engine.store import migration
from engine.store.retired import mail
from engine.store.system import job, meta
from engine.work.context import SYSTEM
from engine.work.gateway import Gateway
from tests.support.shop import kiosk as shop

__all__ = ["shop"]

AT = datetime(2026, 3, 1, 11, tzinfo=UTC)


@pytest.fixture
def old(shop: Gateway) -> Gateway:
    """The shop as it was when mails waited in a table of their own."""
    mails = [
        {"recipient": "a@b.example", "state": "waiting", "tries": 2, "text": "secret", "error": "451 later"},
        {"recipient": "c@d.example", "state": "sent", "tries": 1, "text": "", "error": ""},
        {"recipient": "e@f.example", "state": "failed", "tries": 8, "text": "", "error": "550 no"},
    ]
    with shop.database.write() as connection:
        for table in (job.name, "_engine_schedule"):
            connection.exec_driver_sql(f'DROP TABLE "{table}"')
            connection.execute(sa.delete(meta).where(meta.c.key == f"table:{table}"))
        mail.create(connection)
        connection.execute(sa.insert(meta).values(key=f"table:{mail.name}", value="{}"))
        for number, each in enumerate(mails, 1):
            row = {"id": number, "at": AT, "subject": "Welcome", "due_at": AT + timedelta(minutes=5), **each}
            connection.execute(sa.insert(mail).values(row))
    return shop


def test_mails_that_wait_become_jobs(old: Gateway) -> None:
    tables = old.runtime.tables
    with pytest.raises(SchemaDiffers) as differs:
        migration.ensure(old.database, tables, apply=False)
    assert "_engine_mail: mails that wait are jobs now" in differs.value.additions
    assert differs.value.refused == ()
    migration.ensure(old.database, tables, apply=True)
    assert migration.ensure(old.database, tables, apply=False) == ()
    with old.read(SYSTEM, "job") as context:
        assert not sa.inspect(context.connection).has_table(mail.name)
        (found,) = overview.listed(context, 9)
    assert (found.kind, found.about, found.state) == ("mail", "Welcome, to a@b.example", "failed")
    assert (found.created_at, found.due_at) == (AT, AT + timedelta(minutes=5))
    assert (found.attempts, found.error) == (2, "451 later")
    payloads: list[object] = []
    assert Runner(old, {"mail": lambda gateway, taken: payloads.append(taken.payload)}).run_due() == 1
    assert payloads == [{"recipient": "a@b.example", "subject": "Welcome", "text": "secret"}]
