"""The runner of the configuration's tests: each in a transaction of its own, which is taken back."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from engine.app import build
from engine.checked import Checked
from engine.errors import FieldError, Invalid, NotFound, PluginError, RecordError
from engine.metamodel.trial import ACTOR, MADE, Deed, Trial
from engine.process import firing, pressing
from engine.process.forms import COMMENT
from engine.reading.query import Query
from engine.service import records
from engine.store import migration
from engine.store.database import Database
from engine.store.files import FileStore
from engine.trials import mails, outcomes
from engine.trials.clock import NoEnd
from engine.trials.coverage import Spot, exercised, guards_met, processes_met
from engine.trials.messages import Before, messages
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
    seconds: float = 0.0
    exercised: frozenset[Spot] = frozenset()

    @property
    def status(self) -> str:
        return "failed" if self.differences else "ok"


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
    began = time.perf_counter()
    found: list[Difference] = []
    places: set[Spot] = set()
    try:
        with gateway.write(SYSTEM, "cli") as context:
            began_at = replace(context, now=trial.now or context.now)
            found += _carried_out(World(began_at, trial), places)
            raise TakenBack
    except TakenBack:
        pass
    except NotMade as error:
        found.append(Difference("the given records are there", str(error), error.place))
    except NoEnd as error:
        found.append(Difference("the time passes", str(error), trial.place))
    return Result(trial, tuple(found), time.perf_counter() - began, frozenset(places))


def _carried_out(world: World, places: set[Spot]) -> Iterator[Difference]:
    """The steps of a test: what is given, what was done before, what the form shows, what is done, what came of it."""
    trial = world.trial
    world.make_all()
    for step in trial.steps:
        said = _do(world, step, places).said
        if said is not None:
            yield Difference("the steps are done", f"it is refused: {said}", step.place)
            return
    yield from _judged(world, trial, places)


def _judged(world: World, trial: Trial, places: set[Spot]) -> Iterator[Difference]:
    """What is judged: done, and held against what the test says."""
    deed, before = trial.deed, Before.of(world.context)
    world.pass_time(deed.wait)
    if deed.entity and deed.act != "mail":
        context = world.acting(deed)
        values = world.values(context.runtime.entities[deed.entity], deed.values)
        number = world.key(deed.target)[1] if deed.target is not None else None
        places |= exercised(world, context, number)
        yield from outcomes.members(context, trial, values, number)
    done = _do(world, replace(deed, wait=timedelta()), places)
    yield from messages(world, trial, before, done.number)
    yield from mails.replied(world, trial, before.job)
    if done.number is not None:
        world.keys[MADE] = trial.entity, done.number
    yield from outcomes.refused(trial.refused, done.said, deed.place)
    if done.said is None:
        yield from outcomes.listed(trial, world.keys, done.found)
    places |= processes_met(world.context)
    context = world.acting(deed)
    if done.number is not None:
        yield from outcomes.opened(context, trial, done.number)
    world.keys[ACTOR] = world.key(trial.actor)
    yield from outcomes.conditions(context, trial, world.keys)


@dataclass(frozen=True)
class Done:
    """What came of one deed: the refusal in words (None: done), the record acted upon, what a list shows."""

    said: str | None = None
    number: int | None = None
    found: frozenset[int] = frozenset()


def _do(world: World, deed: Deed, places: set[Spot]) -> Done:
    """Let time pass, then do it in the name of who does."""
    world.pass_time(deed.wait)
    number = world.key(deed.target)[1] if deed.target is not None else None
    if deed.act == "wait":
        return Done(number=number)
    if deed.act == "mail":
        arrived = mails.arrive(world, deed)
        if deed.named and arrived.number is not None:
            world.keys[deed.named] = deed.entity, arrived.number
        return Done(arrived.said, arrived.number)
    context = world.acting(deed)
    values = world.values(context.runtime.entities[deed.entity], deed.values)
    found: frozenset[int] = frozenset()
    try:
        with context.connection.begin_nested():
            if deed.act == "list":
                page = records.find(context, deed.entity, Query(limit=MOST_LISTED))
                found = frozenset(row.id for row in page.rows)
            else:
                number = ACTING[deed.act](context, deed, values, number)
    except (RecordError, PluginError) as error:
        context.events.clear()
        places |= guards_met(context.runtime, deed, error)
        return Done(_words(error, deed), number)
    if deed.named and number is not None:
        world.keys[deed.named] = deed.entity, number
    return Done(None, number, found)


def _create(context: Context, deed: Deed, values: Values, _: int | None) -> int | None:
    return records.create(context, deed.entity, values).id


def _update(context: Context, deed: Deed, values: Values, number: int | None) -> int | None:
    return records.update(context, deed.entity, number or 0, values).id


def _delete(context: Context, deed: Deed, values: Values, number: int | None) -> int | None:
    records.delete(context, deed.entity, number or 0)
    return number


def _read(context: Context, deed: Deed, values: Values, number: int | None) -> int | None:
    return records.get(context, deed.entity, number or 0).id


def _transition(context: Context, deed: Deed, values: Values, number: int | None) -> int | None:
    if number is None:
        return firing.start(context, deed.entity, deed.transition, values).id
    firing.fire(context, deed.entity, number, deed.transition, values)
    return number


def _reject(context: Context, deed: Deed, values: Values, number: int | None) -> int | None:
    firing.reject(context, deed.entity, number or 0, deed.transition, str(values.get(COMMENT) or ""))
    return number


def _press(context: Context, deed: Deed, values: Values, number: int | None) -> int | None:
    pressing.press(context, deed.entity, number or 0, deed.transition, values)
    return number


Values = Mapping[str, Any]
ACTING: Final[Mapping[str, Callable[[Context, Deed, Values, int | None], int | None]]] = {
    "create": _create,
    "update": _update,
    "delete": _delete,
    "read": _read,
    "transition": _transition,
    "reject": _reject,
    "press": _press,
}
"""Each act on a record; it answers the record's id."""


def _words(error: Exception, deed: Deed) -> str:
    if isinstance(error, NotFound):
        return f"they can't {deed.transition or deed.act} it: for them there is no such {deed.entity}"
    if isinstance(error, Invalid):
        return "; ".join(_complaint(each) for each in error.errors)
    return str(error)


def _complaint(error: FieldError) -> str:
    return f"{error.at}: {error.message} [{error.code}]" if error.at else f"{error.message} [{error.code}]"
