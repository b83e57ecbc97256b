"""A transition, or a button, of the rows that were chosen in a grid: what it asks, and a report of what was done."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from starlette.responses import Response

from engine.access import access
from engine.build.processes import Process
from engine.errors import FieldError, NotFound
from engine.metamodel.workflow import Transition
from engine.pages.bulk_missing import Unanswered, complaints, missing_of, waiting_for
from engine.pages.entries import Entries
from engine.pages.fields import summary
from engine.pages.form import fingerprints, submitted
from engine.pages.form_values import values_of_form
from engine.pages.transition_form import (
    TransitionForm,
    first_entries,
    given_apart,
    lacking,
    transition_form,
)
from engine.process import firing
from engine.process.pressing import known_button
from engine.process.several import firable, fire_many, press_many, pressable
from engine.reading.query import BulkReport, Filter, Query
from engine.service import records
from engine.types.base import Refused
from engine.web.markup import plural
from engine.web.toast import Toast
from engine.web.visit import Visit
from engine.work.context import Context
from engine.work.stored import load

AT_ONCE = 200


@dataclass(frozen=True)
class Chosen:
    """The records that were chosen, as far as there are any to be seen: titles by id, and those it leads on from."""

    titles: Mapping[int, str]
    ready: tuple[int, ...]


@dataclass(frozen=True)
class Means:
    """A transition or a button, and how it is made of several; the transition's process, None of a button."""

    word: str
    transition: Transition
    process: Process | None
    many: Callable[[Context, str, Iterable[int], str, Mapping[str, Any]], BulkReport]


@dataclass(frozen=True)
class Ask:
    """What is asked before it is done: the form, by which means, of which records, and where to go back to."""

    form: TransitionForm
    means: Means
    chosen: Chosen
    back: str
    rest: int = 0  # how many it could be done of as it stands, while others lack something


@dataclass(frozen=True)
class Reported:
    """A record of the report, and why it was refused; "" of one that was done."""

    url: str
    title: str
    why: str = ""


def titles_of(context: Context, entity: str, ids: Sequence[int]) -> dict[int, str]:
    """The titles of the records that are there, some at a time."""
    found: dict[int, str] = {}
    for start in range(0, len(ids), AT_ONCE):
        some = list(ids[start : start + AT_ONCE])
        page = records.find(context, entity, Query(filters=(Filter("id", "in", some),), limit=AT_ONCE))
        found |= {row.id: row.title for row in page.rows}
    return found


def bulk_transition(visit: Visit, ids: list[int], name: str, back: str) -> Response:
    """POST /{entity}/bulk with `action=transition:NAME`: asks first, then makes it of each."""

    def found(context: Context) -> Means:
        process, transition = firing.known(context, visit.entity.name, name)
        if transition not in firable(context, visit.entity.name):
            access.refuse(context, visit.entity.name, name, f"{transition.label} is for others")
        return Means("transition", transition, process, fire_many)

    return _bulk(visit, ids, found, back)


def bulk_press(visit: Visit, ids: list[int], name: str, back: str) -> Response:
    """POST /{entity}/bulk with `action=press:NAME`: asks first, then uses the button of each."""

    def found(context: Context) -> Means:
        button = known_button(context, visit.entity.name, name)
        if button not in pressable(context, visit.entity.name):
            access.refuse(context, visit.entity.name, name, f"{button.label} is for others")
        return Means("press", button, None, press_many)

    return _bulk(visit, ids, found, back)


def _bulk(visit: Visit, ids: list[int], found: Callable[[Context], Means], back: str) -> Response:
    entity = visit.entity
    with visit.read() as context:
        means = found(context)
        chosen = _chosen(context, entity.name, means, ids)
        missing = lacking(context, means.transition, visit.text("_asked").split(), ())
        ask = Ask(_form(visit, context, means, missing), means, chosen, back)
        if visit.text("confirmed") != "yes":
            entries = first_entries(ask.form, means.transition)
            return _page(visit, ask, entries, fingerprints(ask.form, entries))
        entries, seen, errors = submitted(visit, ask.form)
        values, _ = values_of_form(ask.form, entries, seen, errors)
        unread = [*errors, *_unread(values)]
        if unread:
            return _page(visit, ask, entries, seen, unread)
    given = given_apart(ask.form, values)
    try:
        report = visit.write(lambda unit: _made(visit, unit, ask, entries, ids, given))
    except Unanswered as unanswered:
        with visit.read() as context:
            missing = missing_of(replace(ask.form, context=context), means.transition, unanswered.report)
            form, rest = _form(visit, context, means, missing), len(unanswered.report.done)
            against = complaints(unanswered.waiting, chosen.titles, len(ids))
            return _page(visit, replace(ask, form=form, rest=rest), entries, seen, against)
    return _reported(visit, means.transition, report, chosen, back)


def _form(visit: Visit, context: Context, means: Means, missing: tuple[str, ...]) -> TransitionForm:
    return transition_form(context, visit.entity, means.transition, None, several=True, missing=missing)


def _made(
    visit: Visit, unit: Context, ask: Ask, entries: Entries, ids: list[int], values: Mapping[str, Any]
) -> BulkReport:
    """Make it of each; raises Unanswered where some lack what the form can say, unless they are to be left out."""
    transition = ask.means.transition
    report = ask.means.many(unit, visit.entity.name, ids, transition.name, values)
    waiting = waiting_for(replace(ask.form, context=unit), transition, entries, report)
    if waiting and visit.text("partial") != "yes":
        raise Unanswered(report, waiting)
    return report


def _chosen(context: Context, entity: str, means: Means, ids: list[int]) -> Chosen:
    titles = titles_of(context, entity, ids)
    if not titles:
        raise NotFound(entity)
    if means.process is None:
        return Chosen(titles, tuple(titles))
    stored, member = load(context, entity, list(titles)), means.process.workflow.member
    sources = means.transition.sources
    return Chosen(
        titles, tuple(number for number, each in stored.items() if each.values.get(member) in sources)
    )


def _unread(values: Mapping[str, object]) -> list[FieldError]:
    """What could not be read, which is the same for all of them."""
    return [
        FieldError(name, value.code, str(value))
        for name, value in values.items()
        if isinstance(value, Refused)
    ]


def _page(
    visit: Visit,
    ask: Ask,
    entries: Entries,
    seen: Mapping[str, str],
    errors: Sequence[FieldError] = (),
) -> Response:
    entity, transition, chosen = visit.entity, ask.means.transition, ask.chosen
    blocks, number = ask.form.blocks(entries, errors), len(ask.chosen.titles)
    return visit.page(
        ask.form.context,
        "bulk_transition.html",
        title=f"{transition.label}: {plural(number, entity.label.lower(), entity.plural.lower())}",
        status=422 if errors else 200,
        entity=entity,
        transition=transition,
        word=ask.means.word,
        ids=list(chosen.titles),
        ready=len(chosen.ready),
        apart=[title for key, title in chosen.titles.items() if key not in chosen.ready],
        fields=[each for block in blocks if hasattr(block, "fields") for each in block.fields],
        errors=summary(blocks, errors),
        seen=json.dumps(seen, separators=(",", ":")),
        asked=" ".join(ask.form.missing),
        rest=ask.rest,
        clash=None,
        back=ask.back,
    )


def _reported(
    visit: Visit, transition: Transition, report: BulkReport, chosen: Chosen, back: str
) -> Response:
    """Back to the list where all were done; else what was done, and why the rest was not."""
    entity, done = visit.entity, len(report.done)
    whole = plural(done + len(report.refused), entity.label.lower(), entity.plural.lower())
    if not report.refused:
        return visit.go(back, Toast(f"{transition.label}: done for {whole}."))
    refused = [
        Reported(f"/{entity.name}/{number}", chosen.titles.get(number, f"#{number}"), why)
        for number, why in report.refused.items()
    ]
    made = [
        Reported(f"/{entity.name}/{number}", chosen.titles.get(number, f"#{number}"))
        for number in report.done
    ]
    with visit.read() as context:
        return visit.page(
            context,
            "report.html",
            title=f"{transition.label}: done for {done or 'none'} of {whole}",
            entity=entity,
            refused=refused,
            done=made,
            back=back,
        )
