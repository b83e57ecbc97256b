"""Three processes share the work; one is killed in the middle, and nothing is left undone or done twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from time import monotonic
from typing import IO

import pytest
import sqlalchemy as sa

from engine.app import Engine, open_app
from engine.outbox import overview
from engine.outbox.queue import enqueue
from engine.work.context import SYSTEM, Context
from tests.support import warm
from tests.support.metadata import write
from tests.support.shop import KIOSK

PATIENCE = 60.0


@contextmanager
def engine_of(folder: Path, url: str) -> Iterator[Engine]:
    engine = open_app(folder, database=url, apply=True)
    try:
        yield engine
    finally:
        engine.close()


class Process:
    """A process of a module that says what it does, and is told when to go on: working.py, moving.py."""

    def __init__(self, module: str, *told: object) -> None:
        self.popen = warm.Process(f"tests.proofs.{module}", *told, stdin=warm.PIPE, stdout=warm.PIPE)

    def says(self, words: str) -> None:
        assert self.popen.stdout is not None
        assert self.popen.stdout.readline() == f"{words}\n"

    @property
    def input(self) -> IO[str]:
        assert self.popen.stdin is not None
        return self.popen.stdin

    def go(self) -> None:
        self.input.write("go\n")
        self.input.flush()

    def end(self) -> None:
        """Let it come to its end."""
        self.input.close()
        assert self.popen.wait(120) == 0

    def kill(self) -> None:
        self.popen.kill()
        self.popen.wait()
        for pipe in (self.popen.stdin, self.popen.stdout):
            if pipe is not None:
                pipe.close()


@contextmanager
def begun(url: str, folder: Path, *how: tuple[str, int]) -> Iterator[list[Process]]:
    """Processes of which the first begins; what is left of them in the end is killed."""
    processes = [Process("working", url, folder, *each) for each in how]
    try:
        for each in processes:
            each.says("begun")
        processes[0].go()
        yield processes
    finally:
        for each in processes:
            each.kill()


def names(engine: Engine) -> Counter[str]:
    """The names of accounts, with how often each is there."""
    account = engine.gateway.runtime.table("account").table
    with engine.gateway.read(SYSTEM, "job") as context:
        return Counter(context.connection.execute(sa.select(account.c.name)).scalars())


@pytest.mark.parametrize(("hold", "number"), [("plain", 500), ("once", 60)])
def test_every_job_is_done_though_a_process_is_killed(
    tmp_path: Path, database_url: str, hold: str, number: int
) -> None:
    write(tmp_path, KIOSK, "metadata/app.yaml")

    def enqueue_all(context: Context) -> None:
        for each in range(number):
            kind = "once" if each % 2 else "plain"
            enqueue(context, kind, {"name": f"{kind} {each}"}, key=str(each))

    with engine_of(tmp_path, database_url) as engine:
        engine.gateway.writing(SYSTEM, "job", enqueue_all)
        with begun(database_url, tmp_path, (hold, 0), ("nothing", 0), ("nothing", 0)) as (victim, *others):
            victim.says("working")
            victim.says("holding")
            for each in others:
                each.go()
            for each in (
                others if hold == "plain" else ()
            ):  # one that holds a transaction may hold up the others
                each.says("working")
            victim.kill()
            for each in others:
                each.end()
        with engine.gateway.read(SYSTEM, "job") as context:
            assert overview.numbers(context) == {"done": number}
        found = names(engine)
        assert len(found) == number
        assert {name: times for name, times in found.items() if times > 1 and name.startswith("once")} == {}


def test_a_schedule_fires_once_for_each_moment_with_three_workers(tmp_path: Path, database_url: str) -> None:
    """A minute of the application's clock is a fifth of a second."""
    write(tmp_path, KIOSK, "metadata/app.yaml")
    with engine_of(tmp_path, database_url) as engine:
        with begun(database_url, tmp_path, *[("nothing", 300)] * 3) as processes:
            for each in processes[1:]:
                each.go()
            end = monotonic() + PATIENCE
            while len(names(engine)) < 5:
                assert monotonic() < end
            for each in processes:
                each.end()
        found = names(engine)
        assert set(found.values()) == {1}
        moments = sorted(map(datetime.fromisoformat, found))
        assert all(moment.second == 0 for moment in moments)
        assert all(b - a >= timedelta(minutes=1) for a, b in pairwise(moments))
