"""The engine's own tables: audit, counters, sessions, jobs, events, files, states, and what it remembers."""

from __future__ import annotations

import sqlalchemy as sa

from engine.types.columns import CodePointText, Json, UtcDateTime

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

SYSTEM = sa.MetaData()
"""Where the tables are defined; `add_system_tables` copies them beside an application's."""

meta = sa.Table(
    "_engine_meta",
    SYSTEM,
    sa.Column("key", CodePointText(), primary_key=True),
    sa.Column("value", CodePointText(), nullable=False),
)

audit = sa.Table(
    "_engine_audit",
    SYSTEM,
    sa.Column("id", KEY, primary_key=True),
    sa.Column("at", UtcDateTime(), nullable=False),
    sa.Column("entity", CodePointText(), nullable=False),
    sa.Column("record_id", sa.BigInteger(), nullable=False),
    sa.Column("action", CodePointText(), nullable=False),
    sa.Column("actor_id", sa.BigInteger()),
    sa.Column("actor_name", CodePointText(), nullable=False),
    sa.Column("source", CodePointText(), nullable=False),
    sa.Column("changes", Json(), nullable=False),
    sa.Column("batch", CodePointText(), nullable=False, server_default=""),
    sa.Column("behind_id", sa.BigInteger()),
    sa.Index("ix$_engine_audit$record", "entity", "record_id", "id"),
    sqlite_autoincrement=True,
)

counter = sa.Table(
    "_engine_counter",
    SYSTEM,
    sa.Column("key", CodePointText(), primary_key=True),
    sa.Column("value", sa.BigInteger(), nullable=False),
)

session = sa.Table(
    "_engine_session",
    SYSTEM,
    sa.Column("hash", CodePointText(), primary_key=True),
    sa.Column("user_id", sa.BigInteger(), nullable=False, index=True),
    sa.Column("csrf", CodePointText(), nullable=False),
    sa.Column("created_at", UtcDateTime(), nullable=False),
    sa.Column("last_seen_at", UtcDateTime(), nullable=False),
    sa.Column("expires_at", UtcDateTime(), nullable=False),
    sa.Column("remote", CodePointText(), nullable=False, server_default=""),
    sa.Column("agent", CodePointText(), nullable=False, server_default=""),
    sa.Column("acts_as", sa.BigInteger()),
)

token = sa.Table(
    "_engine_token",
    SYSTEM,
    sa.Column("hash", CodePointText(), primary_key=True),
    sa.Column("user_id", sa.BigInteger(), nullable=False, index=True),
    sa.Column("name", CodePointText(), nullable=False),
    sa.Column("created_at", UtcDateTime(), nullable=False),
    sa.Column("expires_at", UtcDateTime()),
    sa.Column("last_used_at", UtcDateTime()),
    sa.Column("scope", Json()),
)

attempt = sa.Table(
    "_engine_attempt",
    SYSTEM,
    sa.Column("id", KEY, primary_key=True),
    sa.Column("at", UtcDateTime(), nullable=False),
    sa.Column("login", CodePointText(), nullable=False, index=True),
    sa.Column("remote", CodePointText(), nullable=False, index=True),
)

job = sa.Table(
    "_engine_job",
    SYSTEM,
    sa.Column("id", KEY, primary_key=True),
    sa.Column("kind", CodePointText(), nullable=False),
    sa.Column("key", CodePointText()),  # of idempotency; null where the caller has none
    sa.Column("about", CodePointText(), nullable=False),
    sa.Column("payload", Json(), nullable=False),
    sa.Column("state", CodePointText(), nullable=False),
    sa.Column("created_at", UtcDateTime(), nullable=False),
    sa.Column(
        "due_at", UtcDateTime()
    ),  # of one that runs, when its lease ends; null once it is never due again
    sa.Column("attempts", sa.Integer(), nullable=False),
    sa.Column("error", CodePointText(), nullable=False),
    sa.Column("ended_at", UtcDateTime()),
    sa.Index("uq$_engine_job$key", "key", "kind", unique=True),  # `kind` first would lead away from `due_at`
    sa.Index("ix$_engine_job$due", "due_at", "id"),
    sa.Index("ix$_engine_job$state", "state", "id"),
    sqlite_autoincrement=True,
)

schedule = sa.Table(
    "_engine_schedule",
    SYSTEM,
    sa.Column("name", CodePointText(), primary_key=True),
    sa.Column("cron", CodePointText(), nullable=False),
    sa.Column("zone", CodePointText(), nullable=False),
    sa.Column("next_at", UtcDateTime(), nullable=False),
)

outside = sa.Table(
    "_engine_outside_account",
    SYSTEM,
    sa.Column("provider", CodePointText(), primary_key=True),
    sa.Column("subject", CodePointText(), primary_key=True),
    sa.Column("user_id", sa.BigInteger(), nullable=False, index=True),
    sa.Column("since", UtcDateTime(), nullable=False),
)

factor = sa.Table(
    "_engine_factor",
    SYSTEM,
    sa.Column("user_id", sa.BigInteger(), primary_key=True, autoincrement=False),
    sa.Column("salt", CodePointText(), nullable=False),
    sa.Column("since", UtcDateTime()),
    sa.Column("last_step", sa.BigInteger(), nullable=False),
)

recovery_code = sa.Table(
    "_engine_recovery_code",
    SYSTEM,
    sa.Column("hash", CodePointText(), primary_key=True),
    sa.Column("user_id", sa.BigInteger(), nullable=False, index=True),
)

ticket = sa.Table(
    "_engine_ticket",
    SYSTEM,
    sa.Column("hash", CodePointText(), primary_key=True),
    sa.Column("kind", CodePointText(), nullable=False, index=True),
    sa.Column("user_id", sa.BigInteger(), index=True),
    sa.Column("created_at", UtcDateTime(), nullable=False),
    sa.Column("expires_at", UtcDateTime(), nullable=False),
    sa.Column("details", Json(), nullable=False),
)

event = sa.Table(
    "_engine_event",
    SYSTEM,
    sa.Column("id", KEY, primary_key=True),
    sa.Column("at", UtcDateTime(), nullable=False, index=True),
    sa.Column("kind", CodePointText(), nullable=False),
    sa.Column("user_id", sa.BigInteger(), index=True),
    sa.Column("login", CodePointText(), nullable=False),
    sa.Column("actor_id", sa.BigInteger()),
    sa.Column("actor_name", CodePointText(), nullable=False),
    sa.Column("source", CodePointText(), nullable=False),
    sa.Column("remote", CodePointText(), nullable=False),
    sa.Column("agent", CodePointText(), nullable=False),
    sa.Column("details", Json(), nullable=False),
    sqlite_autoincrement=True,
)

file = sa.Table(
    "_engine_file",
    SYSTEM,
    sa.Column("key", CodePointText(), primary_key=True),
    sa.Column("name", CodePointText(), nullable=False),
    sa.Column("size", sa.BigInteger(), nullable=False),
    sa.Column("media_type", CodePointText(), nullable=False),
    sa.Column("sha256", CodePointText(), nullable=False),
    sa.Column("created_at", UtcDateTime(), nullable=False),
    sa.Column("created_by", sa.BigInteger()),
    sa.Column("entity", CodePointText()),
    sa.Column("record_id", sa.BigInteger()),
)

share = sa.Table(
    "_engine_share",
    SYSTEM,
    sa.Column("id", KEY, primary_key=True),
    sa.Column("entity", CodePointText(), nullable=False),
    sa.Column("record_id", sa.BigInteger(), nullable=False),
    sa.Column("user_id", sa.BigInteger(), index=True),
    sa.Column("group_id", sa.BigInteger(), index=True),
    sa.Column("role", CodePointText(), index=True),
    sa.Column("level", CodePointText(), nullable=False),
    sa.Column("ends_at", UtcDateTime()),
    sa.Column("created_at", UtcDateTime(), nullable=False),
    sa.Column("created_by", sa.BigInteger()),
    sa.Index("ix$_engine_share$record", "entity", "record_id"),
)

stay = sa.Table(
    "_engine_stay",
    SYSTEM,
    sa.Column("id", KEY, primary_key=True),
    sa.Column("entity", CodePointText(), nullable=False),
    sa.Column("record_id", sa.BigInteger(), nullable=False),
    sa.Column("workflow", CodePointText(), nullable=False),
    sa.Column("state", CodePointText(), nullable=False),
    sa.Column("entered_at", UtcDateTime(), nullable=False),
    sa.Column("left_at", UtcDateTime()),
    sa.Index("ix$_engine_stay$record", "entity", "record_id", "workflow"),
    sqlite_autoincrement=True,
)

vote = sa.Table(
    "_engine_vote",
    SYSTEM,
    sa.Column("id", KEY, primary_key=True),
    sa.Column("entity", CodePointText(), nullable=False),
    sa.Column("record_id", sa.BigInteger(), nullable=False),
    sa.Column("transition", CodePointText(), nullable=False),
    sa.Column("stay_id", sa.BigInteger(), nullable=False),
    sa.Column("approver_id", sa.BigInteger(), nullable=False),
    sa.Column("given_by", sa.BigInteger(), nullable=False),
    sa.Column("agreed", sa.Boolean(), nullable=False),
    sa.Column("comment", CodePointText(), nullable=False),
    sa.Column("at", UtcDateTime(), nullable=False),
    sa.Index(
        "uq$_engine_vote$once",
        *("entity", "record_id", "stay_id", "transition", "approver_id"),
        unique=True,
    ),
    sa.Index("ix$_engine_vote$record", "entity", "record_id"),
    sqlite_autoincrement=True,
)

notification = sa.Table(
    "_engine_notification",
    SYSTEM,
    sa.Column("id", KEY, primary_key=True),
    sa.Column("user_id", sa.BigInteger(), nullable=False),
    sa.Column("at", UtcDateTime(), nullable=False),
    sa.Column("subject", CodePointText(), nullable=False),
    sa.Column("text", CodePointText(), nullable=False),
    sa.Column("entity", CodePointText(), nullable=False),
    sa.Column("record_id", sa.BigInteger(), nullable=False),
    sa.Column("read_at", UtcDateTime()),
    sa.Index("ix$_engine_notification$user", "user_id", "read_at", "id"),
    sqlite_autoincrement=True,
)

timer = sa.Table(
    "_engine_timer",
    SYSTEM,
    sa.Column("id", KEY, primary_key=True),
    sa.Column("entity", CodePointText(), nullable=False),
    sa.Column("record_id", sa.BigInteger(), nullable=False),
    sa.Column("workflow", CodePointText(), nullable=False),
    sa.Column("transition", CodePointText(), nullable=False),
    sa.Column("kind", CodePointText(), nullable=False),
    sa.Column("due_at", UtcDateTime(), nullable=False, index=True),
    sa.Column("tries", sa.Integer(), nullable=False, server_default="0"),
    sa.Index("ix$_engine_timer$record", "entity", "record_id", "workflow"),
    sqlite_autoincrement=True,
)

parameter = sa.Table(
    "_engine_parameter",
    SYSTEM,
    sa.Column("id", KEY, primary_key=True),
    sa.Column("workflow", CodePointText(), nullable=False),
    sa.Column("name", CodePointText(), nullable=False),
    sa.Column("value", Json(), nullable=False),  # {"is": …}; {}: the default again
    sa.Column("at", UtcDateTime(), nullable=False),
    sa.Column("actor_id", sa.BigInteger()),
    sa.Column("actor_name", CodePointText(), nullable=False),
    sa.Column("source", CodePointText(), nullable=False),
    sa.Index("ix$_engine_parameter$name", "workflow", "name", "id"),
    sqlite_autoincrement=True,
)
"""Every value that a parameter was given, in order; the last is in effect."""

mailbox = sa.Table(
    "_engine_mailbox",
    SYSTEM,
    sa.Column("name", CodePointText(), primary_key=True),
    sa.Column("next_at", UtcDateTime(), nullable=False),
    sa.Column("reader", CodePointText(), nullable=False, server_default=""),  # who reads it now
    sa.Column("reading_until", UtcDateTime()),
    sa.Column("folder", CodePointText(), nullable=False, server_default=""),
    sa.Column("validity", sa.BigInteger(), nullable=False, server_default="0"),
    sa.Column("last_uid", sa.BigInteger(), nullable=False, server_default="0"),
    sa.Column("read_at", UtcDateTime()),
    sa.Column("error", CodePointText(), nullable=False, server_default=""),
    sa.Column("failing_since", UtcDateTime()),
)

mail = sa.Table(
    "_engine_arrival",
    SYSTEM,
    sa.Column("id", KEY, primary_key=True),
    sa.Column("mailbox", CodePointText(), nullable=False),
    sa.Column("key", CodePointText(), nullable=False),
    sa.Column("identity", CodePointText(), nullable=False),
    sa.Column("arrived_at", UtcDateTime(), nullable=False),
    sa.Column("sender", CodePointText(), nullable=False),
    sa.Column("subject", CodePointText(), nullable=False),
    sa.Column("excerpt", CodePointText(), nullable=False),
    sa.Column("size", sa.BigInteger(), nullable=False),
    sa.Column("raw", sa.LargeBinary()),  # as long as it may be needed
    sa.Column("state", CodePointText(), nullable=False),
    sa.Column("rule", CodePointText(), nullable=False, server_default=""),
    sa.Column("entity", CodePointText()),
    sa.Column("record_id", sa.BigInteger()),
    sa.Column("note", CodePointText(), nullable=False, server_default=""),
    sa.Column("replied", sa.Boolean(), nullable=False, server_default=sa.false()),
    sa.Column("ended_at", UtcDateTime()),
    sa.Index("uq$_engine_arrival$key", "mailbox", "key", unique=True),
    sa.Index("ix$_engine_arrival$state", "state", "id"),
    sa.Index("ix$_engine_arrival$sender", "sender", "id"),
    sqlite_autoincrement=True,
)

mail_thread = sa.Table(
    "_engine_mail_thread",
    SYSTEM,
    sa.Column("identity", CodePointText(), primary_key=True),
    sa.Column("entity", CodePointText(), nullable=False),
    sa.Column("record_id", sa.BigInteger(), nullable=False),
    sa.Column("at", UtcDateTime(), nullable=False, index=True),
)

request = sa.Table(
    "_engine_request",
    SYSTEM,
    sa.Column("key", CodePointText(), primary_key=True),
    sa.Column("digest", CodePointText(), nullable=False),
    sa.Column("answer", Json(), nullable=False),
    sa.Column("at", UtcDateTime(), nullable=False),
)

recording = sa.Table(
    "_engine_recording",
    SYSTEM,
    sa.Column("user_id", sa.BigInteger(), primary_key=True, autoincrement=False),
    sa.Column("entity", CodePointText(), nullable=False),
    sa.Column("record_id", sa.BigInteger(), nullable=False),
    sa.Column("started_at", UtcDateTime(), nullable=False),
    sa.Column("start", Json(), nullable=False),
    sa.Column("document", CodePointText()),  # once it is stopped
)


def add_system_tables(metadata: sa.MetaData) -> None:
    """Put the engine's tables into an application's metadata."""
    for table in SYSTEM.tables.values():
        table.to_metadata(metadata)
