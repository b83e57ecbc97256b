"""The composition root: a folder goes in; its problems, or a running engine, come out."""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from engine.build.runtime import Runtime, build_runtime
from engine.build.table import Dialect, Tables
from engine.checked import Checked, check, without_collecting
from engine.errors import EngineError, MetadataError, Problem
from engine.identity.groups import declare_groups
from engine.identity.watching import watched
from engine.inbox import handling, reading
from engine.inbox.imap import given_sources
from engine.jobs.worker import THREADS, Duties, Pace, Worker
from engine.mailing.sending import sends_by
from engine.mailing.server import given_server
from engine.outbox.schedules import Schedule
from engine.process import webhooks
from engine.process.following import react
from engine.process.schedules import schedules
from engine.process.timers import fire_due
from engine.service.realigning import realign
from engine.service.recomputing import recompute
from engine.store import migration, secret, states
from engine.store.database import Database, database_url_for
from engine.store.files import FileStore, files_url_for
from engine.store.system import add_system_tables
from engine.work.gateway import Gateway, Units

if TYPE_CHECKING:
    from starlette.applications import Starlette

log = logging.getLogger("engine")


@without_collecting()
def build(checked: Checked, dialect: Dialect, key: bytes) -> Runtime:
    """The runtime of a checked application, the engine's own tables included."""
    assert checked.application is not None
    runtime = build_runtime(
        checked.application, watched(checked.plugins.hooks), dialect, key, checked.plugins.functions, react
    )
    add_system_tables(runtime.tables.metadata)
    return runtime


@dataclass(frozen=True)
class Prepared:
    """What bringing the database to the metadata did, and what it left, in words."""

    applied: tuple[str, ...] = ()
    unapplied: tuple[str, ...] = ()


def duties(gateway: Gateway) -> Duties:
    """What the workers of an application carry out: all that is enqueued, scheduled and looked at."""
    handlers = {
        **sends_by(gateway.mail_server),
        **webhooks.HANDLERS,
        **handling.HANDLERS,
        **reading.reads_from(gateway.mail_sources),
    }
    return Duties(handlers, _schedules, (fire_due, reading.tick))


def _schedules(units: Units) -> Sequence[Schedule]:
    """What happens at set times: what the metadata says, and what the engine forgets of mails."""
    own = (reading.CLEARING,) if units.runtime.application.mailboxes else ()
    return [*schedules(units), *own]


class Engine:
    """A running application: `gateway` is its record service, `asgi` its pages and API.

    `applied` are the additions made to the database as the metadata was last read, in words; `unapplied`
    those that may still be made, for a command that does without them; `computed` are the stored values that
    were computed anew, because the metadata computes them otherwise. While `asgi` serves, a worker carries out
    jobs in the same process, unless `works` is set to False before.
    """

    works = True

    def __init__(self, folder: Path, gateway: Gateway, prepared: Prepared, *, apply: bool) -> None:
        self.folder, self.gateway, self._apply = folder, gateway, apply
        self.applied, self.unapplied = prepared.applied, prepared.unapplied
        self.computed = recompute(gateway) if apply else ()
        if apply:
            self.applied = (*self.applied, *realign(gateway))
            declare_groups(gateway)
        self._reloading = threading.Lock()
        self._worker: Worker | None = None

    @cached_property
    def asgi(self) -> Starlette:
        from starlette.applications import Starlette  # lazy: commands without pages start without all of this

        from engine.api.app import api  # lazy: as above
        from engine.site.app import pages  # lazy: as above

        return Starlette(routes=[*api(self.gateway), *pages(self.gateway)], lifespan=self._served)

    @asynccontextmanager
    async def _served(self, _: Starlette) -> AsyncIterator[None]:
        """What runs beside the web application from its first request to its last."""
        if self.works:
            self.start_worker()
        yield
        await asyncio.to_thread(self._stop_worker)

    def start_worker(self, threads: int = THREADS) -> None:
        """Carry out jobs in this process, so many at once, until it is closed."""
        self._worker = Worker(self.gateway, duties(self.gateway), Pace(threads))
        self._worker.start()

    def _stop_worker(self) -> None:
        if self._worker is not None:
            self._worker.stop()
            self._worker = None

    def reload(self) -> bool:
        """Read the metadata again and let it serve; answers whether it does.

        Where it can't, the last good metadata serves on. The problems are in `gateway.problems`.
        """
        with self._reloading:
            checked = check(self.folder)
            self.gateway.problems = checked.problems
            if checked.application is None:
                return False
            database = self.gateway.database
            runtime = build(checked, database.dialect, self.gateway.runtime.secret)
            try:
                self.applied = bring(database, runtime, apply=self._apply)
            except EngineError as error:
                place = next(iter(checked.application.entities.values())).place
                self.gateway.problems = (Problem("schema-differs", str(error), place),)
                return False
            self.gateway.swap(runtime)
            self.computed = recompute(self.gateway) if self._apply else ()
            if self._apply:
                self.applied = (*self.applied, *realign(self.gateway))
                declare_groups(self.gateway)
            return True

    def close(self) -> None:
        """Let go of the database; nothing is answered any more."""
        self._stop_worker()
        self.gateway.close()


def open_app(
    folder: str | Path = ".",
    *,
    database: str | None = None,
    apply: bool = False,
    environment: Mapping[str, str] = os.environ,
) -> Engine:
    """Open an application: check it, bring its database up to date (`apply`: what only adds), and build it.

    Raises MetadataError with every problem, SchemaDiffers when the database is not what the metadata says,
    OperatorError for what is wrong outside.
    """

    def prepare(store: Database, runtime: Runtime) -> Prepared:
        return Prepared(applied=bring(store, runtime, apply=apply))

    return _open(folder, database, environment, prepare, apply)


def open_for(
    folder: str | Path,
    *entities: str,
    database: str | None = None,
    environment: Mapping[str, str] = os.environ,
) -> Engine:
    """Open an application for a command that works with these entities only (none named: with all of them).

    A fresh database is made. What the command does not need may not be applied yet: other entities, and
    indexes that only make pages quick. Raises what `open_app` raises.
    """

    def prepare(store: Database, runtime: Runtime) -> Prepared:
        tables, workflows = runtime.tables, runtime.application.workflows.values()
        unapplied = migration.require(store, tables, _touched(tables, entities))
        states.ensure(store, tables, workflows, apply=False)
        return Prepared(unapplied=unapplied)

    return _open(folder, database, environment, prepare, False)


def bring(store: Database, runtime: Runtime, *, apply: bool) -> tuple[str, ...]:
    """Bring a database to the metadata: its tables, and the states its records are in; answers what was done.

    What can't be done is said before anything is.
    """
    tables, workflows = runtime.tables, runtime.application.workflows.values()
    states.check(store, tables, workflows, apply=apply)
    return (
        *migration.ensure(store, tables, apply=apply),
        *states.ensure(store, tables, workflows, apply=apply),
    )


def _touched(tables: Tables, entities: Collection[str]) -> set[str] | None:
    """The tables that work with some entities touches: theirs, and those they refer to. None for all."""
    if not entities:
        return None
    relations = [each for name in entities for each in tables.entities[name].entity.relations.values()]
    return {*entities, *(target for each in relations if each.holds_key for target in each.targets)}


def _open(
    folder: str | Path,
    database: str | None,
    environment: Mapping[str, str],
    prepare: Callable[[Database, Runtime], Prepared],
    apply: bool,
) -> Engine:
    root = Path(folder).resolve()
    checked = check(root)
    if checked.application is None:
        raise MetadataError(checked.problems)
    settings = checked.application.settings
    secret.given_key(environment)  # complained of before a database is made
    mail_server, mail_sources = given_server(environment), given_sources(environment)
    store = Database.open(
        database_url_for(root, database or settings.database_url, {} if database else environment)
    )
    try:
        runtime = build(checked, store.dialect, b"")
        prepared = prepare(store, runtime)
        runtime = replace(runtime, secret=secret.key_for(store, environment))
        files = FileStore(files_url_for(root, settings.files_url, environment))
    except BaseException:
        store.close()
        raise
    gateway = Gateway(store, runtime, files)
    gateway.problems, gateway.mail_server = checked.problems, mail_server
    gateway.mail_sources = mail_sources
    return Engine(root, gateway, prepared, apply=apply)
