"""Three processes look at the clock; one is killed in the middle: what time does is done once to each record."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
import sqlalchemy as sa

from engine.app import Engine, open_app
from engine.outbox import schedules
from engine.process.schedules import schedules as declared
from engine.service import records
from engine.store.system import audit, job, stay, timer
from engine.work.context import SYSTEM
from tests.proofs.moving import MADE
from tests.proofs.test_jobs import Process
from tests.support.metadata import write

THINGS = """
app: things
---
entity: thing
properties:
  name:  {type: text, required: true}
  aged:  {type: integer, default: 0}
  seen:  {type: integer, default: 0}
  state: {type: state, workflow: life}
---
workflow: life
entity: thing
property: state
initial: raw
states: {raw: {}, ripe: {}}
transitions:
  ripen: {from: raw, to: ripe, after: 30m, do: [{set: {aged: {cel: record.aged + 1}}}]}
  turn:  {from: ripe, to: raw}
---
automation: look
schedule: "0 * * * *"
entity: thing
do: [{set: {seen: {cel: record.seen + 1}}}]
"""

NUMBER = 60


@pytest.mark.parametrize("hold", [20, -45], ids=["timer", "schedule"])
def test_everything_is_done_once_though_a_process_is_killed(
    tmp_path: Path, database_url: str, hold: int
) -> None:
    write(tmp_path, THINGS, "metadata/app.yaml")
    engine = open_app(tmp_path, database=database_url, apply=True)
    try:
        _make(engine)
        processes = [Process("moving", database_url, tmp_path, number) for number in (hold, 0, 0)]
        try:
            for each in processes:
                each.says("begun")
            victim, *others = processes
            victim.go()
            victim.says("holding")
            if database_url.startswith("postgresql"):  # where one writer does not hold up the others
                for each in others:
                    each.go()
            victim.kill()
            if not database_url.startswith("postgresql"):
                for each in others:
                    each.go()
            for each in others:
                each.says("done")
        finally:
            for each in processes:
                each.kill()
        _check(engine)
    finally:
        engine.close()


def _make(engine: Engine) -> None:
    gateway = engine.gateway
    gateway.clock = lambda: MADE
    with gateway.write(SYSTEM, "cli") as context:
        records.create_many(context, "thing", [{"name": f"{number}"} for number in range(NUMBER)])
    schedules.fire(gateway, declared(gateway))  # the schedule is known from now on


def _check(engine: Engine) -> None:
    table = engine.gateway.runtime.table("thing").table
    with engine.gateway.read(SYSTEM, "job") as context:
        execute = context.connection.execute
        found = execute(sa.select(table.c.state, table.c.aged, table.c.seen))
        assert Counter(map(tuple, found)) == {("ripe", 1, 1): NUMBER}
        moved = execute(sa.select(audit.c.record_id).where(audit.c.action == "transition")).scalars()
        assert set(Counter(moved).values()) == {1}
        states = execute(sa.select(stay.c.record_id, stay.c.state))
        assert set(Counter(map(tuple, states)).values()) == {1}
        assert execute(sa.select(sa.func.count()).select_from(timer)).scalar() == 0
        assert execute(sa.select(job.c.state)).scalars().all() == ["done"]
