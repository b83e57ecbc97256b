"""The command that runs an application: serve."""

from __future__ import annotations

import os
import socket
import threading
from pathlib import Path
from typing import Annotated

import typer
import uvicorn
from watchfiles import Change, DefaultFilter, watch

from engine.app import Engine, open_app
from engine.cli.applying import DatabaseUrl, told
from engine.cli.metadata import HERE, Folder
from engine.cli.sampling import demonstrate
from engine.errors import OperatorError
from engine.text import report


def register(app: typer.Typer) -> None:
    app.command()(serve)


def serve(
    folder: Folder = HERE,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port to listen on.", envvar="PORT")] = 8000,
    database: DatabaseUrl = None,
    watch: Annotated[
        bool, typer.Option("--watch", help="Serve each change of the metadata at once.")
    ] = False,
    apply: Annotated[bool, typer.Option("--apply", help="Make changes of tables that only add.")] = False,
    demo: Annotated[
        bool, typer.Option("--demo", help="Fill an empty application with sample data and users.")
    ] = False,
    workers: Annotated[int, typer.Option(help="Processes that serve.", min=1)] = 1,
) -> None:
    """Run an application."""
    if workers > 1:
        _several(folder, host, port, database, apply, workers)
        return
    listener = _listen(host, port)
    read = _state(folder.resolve())
    engine = open_app(folder, database=database, apply=apply or watch or demo)
    print(f"http://{host}:{port}", flush=True)
    if engine.gateway.problems:
        print(f"metadata: {report.summary(engine.gateway.problems)} (engine check shows them)", flush=True)
    _tell_added(engine)
    if demo:
        demonstrate(engine, f"http://{host}:{port}")
    stop = threading.Event()
    if watch:
        threading.Thread(target=_watch, args=(engine, stop, read), daemon=True).start()
    try:
        config = uvicorn.Config(engine.asgi, log_level="warning", proxy_headers=True)
        uvicorn.Server(config).run(sockets=[listener])
    finally:
        stop.set()
        engine.close()


def _tell_added(engine: Engine) -> None:
    """Say what was added to the database; of very much, how much."""
    added = told(engine.applied)
    for line in added if len(added) <= MOST_TOLD else ():
        print(f"added: {line}", flush=True)
    if len(added) > MOST_TOLD:
        print(f"added: {len(added)} tables, properties and indexes", flush=True)


def _listen(host: str, port: int) -> socket.socket:
    """Take the address before anything is opened or said; raises OperatorError where somebody else has it."""
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except (OSError, OverflowError) as error:
        raise OperatorError(f"can't listen on {host}:{port}: {error}. Choose another with --port.") from error


def _several(folder: Path, host: str, port: int, database: str | None, apply: bool, workers: int) -> None:
    """Several processes: each opens the application itself, after one has brought the database up to date."""
    open_app(folder, database=database, apply=apply).close()
    os.environ["ENGINE_FOLDER"] = str(folder.resolve())
    if database:
        os.environ["ENGINE_DATABASE_URL"] = database
    print(f"http://{host}:{port}", flush=True)
    uvicorn.run(
        "engine.cli.worker:application",
        factory=True,
        host=host,
        port=port,
        workers=workers,
        log_level="warning",
    )


class _Metadata(DefaultFilter):
    """Which changes of files concern the application: its YAML and its plugins."""

    def __call__(self, change: Change, path: str) -> bool:
        return super().__call__(change, path) and path.endswith(FILES)


WATCHED = ("metadata", "entities", "workflows", "ui_schema", "plugins")
FILES = (".yaml", ".yml", ".py")
MOST_TOLD = 10
"""How many additions are named one by one."""


def _state(folder: Path) -> frozenset[tuple[Path, int]]:
    """The files of an application with the times of their last changes; empty where one is gone meanwhile."""
    found = (file for name in WATCHED for file in (folder / name).rglob("*") if file.suffix in FILES)
    try:
        return frozenset((file, file.stat().st_mtime_ns) for file in found)
    except OSError:
        return frozenset()


def _watch(engine: Engine, stop: threading.Event, read: frozenset[tuple[Path, int]]) -> None:
    """Reload whenever a file of the application changes; what is wrong is printed, and the last good one serves.

    `read` is the state that was opened: what changed between then and the start of watching counts too.
    """
    present = [folder for name in WATCHED if (folder := engine.folder / name).is_dir()]
    changes = watch(
        *present,
        stop_event=stop,
        watch_filter=_Metadata(),
        debounce=200,
        step=50,
        rust_timeout=1000,
        yield_on_timeout=True,
    )
    for changed in changes:
        now = _state(engine.folder)
        if not changed and now == read:
            continue
        read = now
        served = engine.reload()
        problems = engine.gateway.problems
        if served:
            print(f"reloaded: {report.summary(problems)}", flush=True)
            _tell_added(engine)
        else:
            print(report.as_text(problems), flush=True)
            print(f"not reloaded: {report.summary(problems)}; the last good metadata serves on", flush=True)
