"""What the page of a record tells of its workflows: where it stands, where it has been, and what leads on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from types import MappingProxyType
from typing import Literal

from babel.dates import format_timedelta
from markupsafe import Markup

from engine.access import access
from engine.build.page import Member, resolve
from engine.build.processes import Process
from engine.metamodel.entity import Entity
from engine.metamodel.workflow import PARAMETERS, State, Transition
from engine.pages import cells
from engine.pages.listing import visible
from engine.process.opening import Offer, Opening, openings_of
from engine.process.pressing import offers_of
from engine.process.view import View
from engine.reading.query import Count, Link, Record
from engine.service import records, stays
from engine.service.stays import Stay
from engine.types.calendar import show_date, show_time
from engine.types.display import Display
from engine.work.context import Context
from engine.work.parameters import setting_of
from engine.work.stored import Stored, load
from engine.work.surroundings import NO_NEED

Where = Literal["now", "been", "next", "other"]

MOST_BUTTONS = 3
"""Transitions that stand beside each other; the rest are in the menu."""


@dataclass(frozen=True)
class Step:
    """A state in the stepper: `where` the record stands to it, in short and at length."""

    label: str
    tone: str
    where: Where
    caption: str
    told: str


@dataclass(frozen=True)
class Stepper:
    """A workflow of a record: its states in their usual order, and where its diagram is."""

    label: str
    steps: tuple[Step, ...]
    url: str


@dataclass(frozen=True)
class Reason:
    """Why a transition is closed: the guard's sentence, and the values it was decided by, drawn."""

    message: str
    values: tuple[tuple[str, Markup], ...] = ()


@dataclass(frozen=True)
class Button:
    """A transition, or a button of the entity, as a button.

    `asks`: it has a form or a question; `apart`: its form needs a page of its own; `leads`: to another state.
    """

    name: str
    label: str
    icon: str
    danger: bool
    description: str
    url: str
    asks: bool
    apart: bool
    leads: bool
    reasons: tuple[Reason, ...] = ()

    @property
    def open(self) -> bool:
        return not self.reasons


@dataclass(frozen=True)
class Processes:
    """Everything of a record's workflows that its page shows."""

    steppers: tuple[Stepper, ...] = ()
    buttons: tuple[Button, ...] = ()

    @property
    def blocked(self) -> tuple[Button, ...]:
        return tuple(each for each in self.buttons if not each.open)


def stored_of(context: Context, record: Record) -> Stored | None:
    """A record as it is stored, for its processes; None where it has none, and for one in the trash."""
    processes = context.runtime.processes
    if record.deleted_at is not None or not (
        processes.of(record.entity) or processes.buttons_of(record.entity)
    ):
        return None
    return load(context, record.entity, [record.id]).get(record.id)


def processes_of(
    context: Context, record: Record, stored: Stored | None, counted: Mapping[str, int]
) -> Processes:
    """What a record's page shows, which is stored so; `counted` says how many records the lists have that were read."""
    if stored is None:
        return Processes()
    entity = context.runtime.entities[record.entity]
    found = openings_of(context, stored, leading=True)
    readable = access.readable(context, entity.name)
    steppers = tuple(
        _stepper(context, record, process, [each for each in found if each.process is process])
        for process in context.runtime.processes.moving(entity.name, record.values)
        if process.workflow.member in readable
    )
    ways = [each for each in found if each.leaves and each.offered]
    own = [each for each in offers_of(context, stored) if each.offered]
    shown = [_button(context, entity, record, each, counted) for each in (*ways, *own)]
    return Processes(steppers, tuple(sorted(shown, key=_place)))


def _place(button: Button) -> int:
    """What leads on comes first, then what would, then what leaves the record where it is."""
    return 2 if not button.leads else 0 if button.open else 1


# ---- the stepper


def _stepper(context: Context, record: Record, process: Process, found: list[Opening]) -> Stepper:
    workflow = process.workflow
    state = str(record.values.get(workflow.member) or "")
    been = stays.of(context, process, record.id)
    ways = _ways(found)
    steps = [
        _step(context, each, state, [stay for stay in been if stay.state == each.name], ways)
        for each in workflow.states.values()
    ]
    if state and state not in workflow.states:  # declared no more
        steps.append(Step(state, "", "now", "", "This state is declared no more."))
    url = f"/{record.entity}/{record.id}/workflow/{workflow.name}"
    return Stepper(workflow.label, tuple(steps), url)


def _ways(found: Iterable[Opening]) -> Mapping[str, list[Opening]]:
    """What leads on from where the record is, by the states it leads to."""
    ways: dict[str, list[Opening]] = {}
    for each in found:
        by_time = each.transition.trigger is not None and each.transition.trigger.after is not None
        if each.leaves and (each.open or by_time):
            for target in each.transition.targets:
                ways.setdefault(target, []).append(each)
    return ways


def _step(
    context: Context, state: State, now: str, been: list[Stay], ways: Mapping[str, list[Opening]]
) -> Step:
    display, tone = context.actor.display, state.choice.color
    spent = sum(((each.left_at or context.now) - each.entered_at for each in been), timedelta())
    told = _told(display, been, spent)
    if state.name == now:
        since = been[-1].entered_at if been else None
        caption = f"for {in_words(context.now - since, display)}" if since is not None else ""
        return Step(state.label, tone, "now", caption, told)
    leading = ways.get(state.name, [])
    if been:
        return Step(state.label, tone, "been", in_words(spent, display), told)
    if leading:
        caption = _leading(leading, display)
        return Step(state.label, tone, "next", caption, f"{caption} leads here")
    return Step(state.label, tone, "other", "", "")


def _leading(ways: Iterable[Opening], display: Display) -> str:
    """What leads to a state: the labels of transitions, or the time after which one makes itself."""
    said = []
    for each in ways:
        trigger = each.transition.trigger
        if each.open:
            said.append(each.transition.label)
        elif trigger is not None and trigger.after is not None:
            said.append(f"after {in_words(trigger.after, display)}")
    return " or ".join(dict.fromkeys(said))


def _told(display: Display, been: list[Stay], spent: timedelta) -> str:
    """Every stay in a state, and the time altogether."""
    if not been:
        return ""
    lines = [
        f"{_moment(each.entered_at, display)} – {_moment(each.left_at, display) if each.left_at else 'now'}"
        for each in been
    ]
    return f"{in_words(spent, display)}: {'; '.join(lines)}"


def _moment(at: datetime, display: Display) -> str:
    local = at.astimezone(display.timezone)
    clock = show_time(local.time().replace(second=0, microsecond=0), display.language)
    return f"{show_date(local.date(), display.language)}, {clock}"


def in_words(spent: timedelta, display: Display) -> str:
    """A time in words, as long as a person would say it: `2 days`."""
    seconds = max(int(spent.total_seconds()), 0)
    if seconds < 60:
        return "less than a minute"
    return _in_words(seconds if seconds < 3600 else seconds // 60 * 60, display)


@lru_cache(maxsize=4096)
def _in_words(seconds: int, display: Display) -> str:
    return format_timedelta(timedelta(seconds=seconds), threshold=1.5, locale=display.locale)


# ---- the buttons


def _button(
    context: Context, entity: Entity, record: Record, opening: Offer, counted: Mapping[str, int]
) -> Button:
    transition, kind = opening.transition, "transitions" if isinstance(opening, Opening) else "actions"
    return Button(
        name=transition.name,
        label=transition.label,
        icon=transition.icon if opening.open else "lock",
        danger=transition.color == "red",
        description=transition.description,
        url=f"/{entity.name}/{record.id}/{kind}/{transition.name}",
        asks=asks(transition),
        apart=needs_page(entity, transition),
        leads=bool(transition.targets),
        reasons=reasons_of(context, record, opening, counted),
    )


def asks(transition: Transition) -> bool:
    """Whether somebody is asked anything before it is made."""
    return bool(transition.form or transition.confirm)


def needs_page(entity: Entity, transition: Transition) -> bool:
    """Whether its form has an input that a dialog can't hold."""
    props = [each.own or entity.properties.get(each.name) for each in transition.form]
    return any(prop is not None and prop.type.control().kind == "rich_text" for prop in props)


def reasons_of(
    context: Context, record: Record, opening: Offer, counted: Mapping[str, int] = MappingProxyType({})
) -> tuple[Reason, ...]:
    """What stands in the way of one, with the values that decided as far as the reader may see them."""
    if opening.open:
        return ()
    guards = {guard.place: guard for guard in opening.transition.guards}
    found = []
    for each in opening.obstacles:
        guard = guards.get(each.place) if each.kind == "guard" and each.place is not None else None
        values: list[tuple[str, Markup]] = []
        if guard is not None:
            needs = View(context, context.runtime.entities[record.entity], record.id).reads_of(guard.check)
            values += _values(context, record, needs.get("record", NO_NEED).members, counted)
            values += _parameters(context, needs.get(PARAMETERS, NO_NEED).members)
        found.append(Reason(each.message, tuple(values)))
    return tuple(found)


def _parameters(context: Context, names: Iterable[str]) -> Iterator[tuple[str, Markup]]:
    """The parameters of a workflow that a condition reads, with what they are set to."""
    for name in names:
        prop, value = setting_of(context, name)
        told = None if value is None else cells.value_of(prop, value, context.actor.display)
        yield prop.label, told or Markup('<span class="muted">nothing</span>')


def _values(
    context: Context, record: Record, names: Iterable[str], counted: Mapping[str, int]
) -> Iterator[tuple[str, Markup]]:
    """Members of a record as its reader sees them; what they may not see is not in it."""
    for name in names:
        member = resolve(context.runtime.application, record.entity, name)
        if member is not None and name not in record.values:
            yield from _counted(context, record, member, counted)
        if member is None or name not in record.values:
            continue
        value = record.values[name]
        if value is None:
            yield member.label, Markup('<span class="muted">nothing</span>')
        elif member.prop is not None:
            yield member.label, cells.value_of(member.prop, value, context.actor.display)
        elif isinstance(value, Link):
            yield member.label, cells.related_value(member, value)


def _counted(
    context: Context, record: Record, member: Member, counted: Mapping[str, int]
) -> Iterator[tuple[str, Markup]]:
    """How many related records there are, of those the reader may see; nothing where they may see none."""
    if member.prop is not None or not visible(context, member):
        return
    known = counted.get(member.path)
    count = (
        records.related_count(context, record.entity, record.id, member.path)
        if known is None
        else Count(known, exact=True)
    )
    number = f"{count.value:,}{'' if count.exact else '+'}"
    yield member.label, Markup(number if count.value else '<span class="muted">none</span>')
