"""The runner of the configuration's tests: each in a transaction of its own, which is taken back."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from engine.app import build
from engine.checked import Checked
from engine.errors import FieldError, Invalid, NotFound, PluginError, RecordError
from engine.metamodel.trial import ACTOR, MADE, Trial
from engine.reading.query import Query
from engine.service import records
from engine.store import migration
from engine.store.database import Database
from engine.store.files import FileStore
from engine.trials import outcomes
from engine.trials.coverage import Spot, exercised
from engine.trials.outcomes import Difference
from engine.trials.world import NotMade, World
from engine.work.context import SYSTEM, Context
from engine.work.gateway import Gateway

MOST_LISTED = 500


@dataclass(frozen=True)
class Result:
    """One test carried out: what differs, and the places of the rules of access it exercised."""

    trial: Trial
    differences: tuple[Difference, ...] = ()
    skipped: str = ""
    seconds: float = 0.0
    exercised: frozenset[Spot] = frozenset()

    @property
    def status(self) -> str:
        return "skipped" if self.skipped else "failed" if self.differences else "ok"


class TakenBack(Exception):
    """Ends the transaction of a test."""


def run(checked: Checked, trials: Iterable[Trial]) -> Iterator[Result]:
    """Carry tests out, one after the other, on a new database that is gone afterwards."""
    with _empty(checked) as gateway:
        for trial in trials:
            yield _timed(gateway, trial)


@contextmanager
def _empty(checked: Checked) -> Iterator[Gateway]:
    with TemporaryDirectory(prefix="engine-test-") as folder:
        store = Database.open(f"sqlite:///{Path(folder) / 'test.db'}")
        runtime = build(checked, store.dialect, b"test" * 8)
        migration.ensure(store, runtime.tables, apply=True)
        gateway = Gateway(store, runtime, FileStore(str(Path(folder) / "files")))
        try:
            yield gateway
        finally:
            gateway.close()


def _timed(gateway: Gateway, trial: Trial) -> Result:
    if trial.act == "transition":
        return Result(trial, skipped="transitions are not available yet")
    began = time.perf_counter()
    found: list[Difference] = []
    places: set[Spot] = set()
    try:
        with gateway.write(SYSTEM, "cli") as context:
            found += _carried_out(World(context, trial), places)
            raise TakenBack
    except TakenBack:
        pass
    except NotMade as error:
        found.append(Difference("the given records are there", str(error), error.place))
    return Result(trial, tuple(found), "", time.perf_counter() - began, frozenset(places))


def _carried_out(world: World, places: set[Spot]) -> Iterator[Difference]:
    """The steps of a test: what is given, what the form shows, what is done, what came of it."""
    trial = world.trial
    world.make_all()
    context = world.acting()
    entity = context.runtime.entities[trial.entity]
    values = world.values(entity, trial.values)
    number = world.key(trial.target)[1] if trial.target is not None else None
    places |= exercised(world, context, number)
    yield from outcomes.members(context, trial, values, number)
    said, made, found = _act(context, trial, values, number)
    if made is not None:
        world.keys[MADE] = trial.entity, made
    yield from outcomes.refused(trial.refused, said, trial.act_place)
    if said is None:
        yield from outcomes.listed(trial, world.keys, found)
    world.keys[ACTOR] = world.key(trial.actor)
    context.kept.clear()
    yield from outcomes.conditions(context, trial, world.keys)


def _act(
    context: Context, trial: Trial, values: dict[str, object], number: int | None
) -> tuple[str | None, int | None, frozenset[int]]:
    """Do it: the refusal in words, the record acted upon, what a list shows."""
    found: frozenset[int] = frozenset()
    try:
        with context.connection.begin_nested():
            match trial.act:
                case "create":
                    number = records.create(context, trial.entity, values).id
                case "update":
                    records.update(context, trial.entity, number or 0, values)
                case "delete":
                    records.delete(context, trial.entity, number or 0)
                case "read":
                    records.get(context, trial.entity, number or 0)
                case _:
                    page = records.find(context, trial.entity, Query(limit=MOST_LISTED))
                    found = frozenset(row.id for row in page.rows)
    except (RecordError, PluginError) as error:
        return _words(error, trial), number, found
    return None, number, found


def _words(error: Exception, trial: Trial) -> str:
    if isinstance(error, NotFound):
        return f"they can't {trial.act} it: for them there is no such {trial.entity}"
    if isinstance(error, Invalid):
        return "; ".join(_complaint(each) for each in error.errors)
    return str(error)


def _complaint(error: FieldError) -> str:
    return f"{error.at}: {error.message} [{error.code}]" if error.at else f"{error.message} [{error.code}]"
