"""`engine worker` as a process, what `engine doctor` says of jobs, and the worker inside a server."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from time import monotonic

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient

from engine.app import Engine, open_app
from engine.jobs.worker import Worker
from engine.outbox import overview
from engine.outbox.queue import enqueue
from engine.store.system import job, schedule
from engine.work.context import SYSTEM
from tests.cli.conftest import Run

PATIENCE = 60.0


@contextmanager
def opened(folder: Path) -> Iterator[Engine]:
    engine = open_app(folder, apply=True)
    try:
        yield engine
    finally:
        engine.close()


def test_a_worker_works_until_it_is_told_to_stop(folder: Path) -> None:
    """The engine's own schedule is due since long ago, so that there is something to do.

    The command is the installed one, a process that nothing was imported for.
    """
    with opened(folder) as engine:
        old = {"name": "engine.clear-jobs", "cron": "17 * * * *", "zone": "UTC"}
        since = engine.gateway.clock() - timedelta(days=1)
        with engine.gateway.database.write() as connection:
            connection.execute(sa.insert(schedule).values(**old, next_at=since))
        words = [str(Path(sys.executable).with_name("engine")), "worker", str(folder), "--threads", "1"]
        with subprocess.Popen(
            words, stdout=subprocess.PIPE, text=True, env={"PATH": "/usr/bin:/bin"}
        ) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "Notes: 1 job at once\n"
            end = monotonic() + PATIENCE
            while (found := _numbers(engine)) != {"done": 1}:
                assert monotonic() < end, found
                assert process.poll() is None
            process.send_signal(signal.SIGTERM)
            assert process.wait(60) == 0


def _numbers(engine: Engine) -> dict[str, int]:
    with engine.gateway.read(SYSTEM, "job") as context:
        return overview.numbers(context)


def test_doctor_tells_of_jobs(folder: Path, run: Run) -> None:
    with opened(folder) as engine:
        assert "jobs        none" in run("doctor", folder).out
        for kind in ("mail", "mail", "recount"):
            engine.gateway.writing(SYSTEM, "job", lambda context: enqueue(context, kind, {}))  # noqa: B023
        assert "jobs        3 waiting\n" in run("doctor", folder).out
        since = engine.gateway.clock() - timedelta(hours=2, seconds=30)
        with engine.gateway.database.write() as connection:
            connection.execute(sa.update(job).where(job.c.kind == "recount").values(due_at=since))
        told = run("doctor", folder).out
        assert "jobs        3 waiting; one is late by 2:00:00: does a worker run?" in told


@pytest.mark.parametrize("works", [True, False])
def test_a_server_has_a_worker_while_it_serves_unless_it_is_told_not_to(
    folder: Path, works: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    did: list[str] = []
    monkeypatch.setattr(Worker, "start", lambda self: did.append("started"))
    monkeypatch.setattr(Worker, "stop", lambda self: did.append("stopped"))
    with opened(folder) as engine:
        engine.works = works
        with TestClient(engine.asgi) as client:
            assert client.get("/healthz").status_code == 200
            assert did == ["started"] * works
        assert did == ["started", "stopped"] * works
