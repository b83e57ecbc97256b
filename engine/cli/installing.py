"""Commands for who runs an installation: shell, doctor."""

from __future__ import annotations

import code
import os
import platform
import shutil
import sqlite3
from datetime import timedelta
from importlib.metadata import version

import sqlalchemy as sa
import typer

from engine.app import Engine, open_app, open_for
from engine.checked import check
from engine.cli.applying import DatabaseUrl, note_unapplied
from engine.cli.metadata import HERE, Folder
from engine.errors import EngineError
from engine.inbox import kept, reading
from engine.outbox import overview
from engine.reading.query import Query
from engine.service import records
from engine.text import report
from engine.work.context import SYSTEM, Context


def register(app: typer.Typer) -> None:
    app.command()(shell)
    app.command()(doctor)


def shell(folder: Folder = HERE, database: DatabaseUrl = None) -> None:
    """Open a Python prompt with the application: `engine`, `gateway`, `records`, `read()` and `write()`."""
    engine = open_for(folder, database=database)
    note_unapplied(engine)
    gateway = engine.gateway
    names = {
        "engine": engine,
        "gateway": gateway,
        "records": records,
        "Query": Query,
        "SYSTEM": SYSTEM,
        "read": lambda: gateway.read(SYSTEM, "cli"),
        "write": lambda: gateway.write(SYSTEM, "cli"),
    }
    banner = (
        f"{gateway.runtime.application.label}: {len(gateway.runtime.entities)} entities\n"
        "with read() as context: records.find(context, 'user', Query(fields=('login',)))"
    )
    code.interact(banner=banner, local=names, exitmsg="")
    engine.close()


def doctor(folder: Folder = HERE, database: DatabaseUrl = None) -> None:
    """Say whether this installation is healthy."""
    healthy = True
    print(
        f"engine      {version('entity-engine')}, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, "
        f"SQLAlchemy {sa.__version__}"
    )
    checked = check(folder)
    wrong = any(problem.level == "error" for problem in checked.problems)
    print(f"metadata    {report.summary(checked.problems)}")
    print(f"plugins     {', '.join(checked.plugins.names) or 'none'}")
    healthy &= not wrong
    if not wrong:
        try:
            engine = open_app(folder, database=database)
            print(
                f"database    {engine.gateway.database.url.render_as_string(hide_password=True)}, up to date"
            )
            with engine.gateway.read(SYSTEM, "cli") as context:
                users = records.count(context, "user", Query())
                told, mails = _jobs(context), _mails(engine, context)
            print(f"users       {users}" + ("" if users else ": create one with `engine user create`"))
            print(f"jobs        {told}")
            if mails:
                print(f"mail        {mails}")
            engine.close()
        except EngineError as error:
            healthy = False
            print(f"database    {error}")
    free = shutil.disk_usage(folder).free // 1024**2
    print(f"disk        {free:,} MB free" + ("" if free > 500 else ": that is little"))
    print(f"files       {'writable' if os.access(folder, os.W_OK) else 'NOT writable'}")
    healthy &= free > 50 and os.access(folder, os.W_OK)
    raise typer.Exit(0 if healthy else 1)


def _mails(engine: Engine, context: Context) -> str:
    """How many mails nothing became of, and which mailboxes are not read; nothing where there is no mailbox."""
    declared = engine.gateway.runtime.application.mailboxes
    numbers = kept.numbers(context)
    told = [f"{numbers[state]} {words.lower()}" for state, words in kept.STATES.items() if numbers.get(state)]
    for each in reading.standing(context, declared):
        if each.name not in engine.gateway.mail_sources:
            if declared[each.name].reads:
                told.append(f"{each.name} is not fetched: {declared[each.name].variable} is not set")
        elif each.error:
            told.append(f"{each.name} can't be read: {each.error}")
    return "; ".join(told) or ("none" if declared else "")


def _jobs(context: Context) -> str:
    """How many jobs are in which state, and whether somebody seems to take them."""
    numbers = overview.numbers(context)
    open_ = {state: number for state, number in numbers.items() if state not in overview.ENDED_WELL}
    told = ", ".join(
        f"{open_[state]} {words.lower()}" for state, words in overview.STATES.items() if state in open_
    )
    late = overview.overdue(context)
    if late > overview.LATE:
        told += f"; one is late by {timedelta(minutes=late // timedelta(minutes=1))}: does a worker run?"
    return told or "none"
