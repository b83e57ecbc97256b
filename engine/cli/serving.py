"""The command that runs an application: serve."""

from __future__ import annotations

import socket
import threading
from pathlib import Path
from typing import Annotated

import typer
import uvicorn

from engine.app import Engine, open_app
from engine.checked import settle
from engine.cli import process, watching
from engine.cli.applying import DatabaseUrl, tell_added
from engine.cli.metadata import HERE, Folder
from engine.cli.sampling import demonstrate
from engine.errors import OperatorError, UsageError
from engine.identity import first_run
from engine.text import report

SET_UP = "/sign-in/set-up"


def register(app: typer.Typer) -> None:
    app.command()(serve)


def serve(
    folder: Folder = HERE,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port to listen on; 0 for a free one.", envvar="PORT")] = 8000,
    database: DatabaseUrl = None,
    watch: Annotated[
        bool, typer.Option("--watch", help="Serve each change of the metadata at once.")
    ] = False,
    apply: Annotated[bool, typer.Option("--apply", help="Make changes of tables that only add.")] = False,
    demo: Annotated[
        bool, typer.Option("--demo", help="Fill an empty application with sample data and users.")
    ] = False,
    workers: Annotated[int, typer.Option(help="Processes that serve.", min=1)] = 1,
    no_worker: Annotated[
        bool, typer.Option("--no-worker", help="Leave the jobs to `engine worker` processes.")
    ] = False,
) -> None:
    """Run an application."""
    if workers > 1 and (watch or demo):
        raise UsageError("--watch and --demo go with one process: leave --workers out")
    if workers > 1:
        process.hand_on(folder, database, works=not no_worker)
        _several(folder, host, port, database, apply, workers)
        return
    listener = _listen(host, port)
    read = watching.state_of(folder.resolve())
    engine = open_app(folder, database=database, apply=apply or watch or demo)
    address = _address(host, listener.getsockname()[1])
    print(address, flush=True)
    if engine.gateway.problems:
        print(f"metadata: {report.summary(engine.gateway.problems)} (engine check shows them)", flush=True)
    tell_added(engine)
    if demo:
        demonstrate(engine, address)
    tell_code(engine, address)
    stop = threading.Event()
    if watch:
        threading.Thread(target=watching.watch, args=(engine, stop, read), daemon=True).start()
    engine.works = not no_worker
    pages = engine.asgi
    if not watch:
        settle()
    try:
        config = uvicorn.Config(pages, log_config=None, proxy_headers=True)
        uvicorn.Server(config).run(sockets=[listener])
    finally:
        stop.set()
        engine.close()


def tell_code(engine: Engine, address: str) -> None:
    """Where there are no users yet, say how the first one is made."""
    _say_code(first_run.code_for(engine.gateway), address)


def _say_code(code: str | None, address: str) -> None:
    if code is not None:
        print(
            f"Nobody can sign in yet. Make the first administrator at {address}{SET_UP} with the code {code}",
            flush=True,
        )


def _address(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _listen(host: str, port: int) -> socket.socket:
    """Take the address before anything is opened or said; raises OperatorError where somebody else has it."""
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except (OSError, OverflowError) as error:
        raise OperatorError(f"can't listen on {host}:{port}: {error}. Choose another with --port.") from error


def _several(folder: Path, host: str, port: int, database: str | None, apply: bool, workers: int) -> None:
    """Several processes: each opens the application itself, after one has brought the database up to date."""
    engine = open_app(folder, database=database, apply=apply)
    code = first_run.code_for(engine.gateway)
    engine.close()
    print(_address(host, port), flush=True)
    _say_code(code, _address(host, port))
    uvicorn.run(
        "engine.cli.process:application",
        factory=True,
        host=host,
        port=port,
        workers=workers,
        log_config=None,
    )
