"""The diagram of a workflow with a record's place in it, where it has been, and its transitions as a list."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import Response

from engine.access import access
from engine.build.processes import Process
from engine.drawing.svg import workflow_svg
from engine.errors import NotFound
from engine.metamodel.workflow import Transition
from engine.pages.moments import Moment, moment_of
from engine.pages.processes import in_words
from engine.process.opening import openings
from engine.service import records, stays
from engine.web.visit import Visit
from engine.work.context import Context


@dataclass(frozen=True)
class Way:
    """A transition as the list tells it; `url` where it is open to the reader."""

    label: str
    sources: str
    targets: str
    note: str
    url: str


@dataclass(frozen=True)
class Visited:
    """A stay in a state."""

    label: str
    tone: str
    since: Moment
    spent: str


def show_diagram(visit: Visit, context: Context) -> Response:
    """GET /{entity}/{id}/workflow/{name}"""
    entity = visit.entity
    record = records.get(context, entity.name, visit.number)
    name = visit.request.path_params["name"]
    process = next(
        (
            each
            for each in context.runtime.processes.moving(entity.name, record.values)
            if each.workflow.name == name
        ),
        None,
    )
    if process is None or process.workflow.member not in access.readable(context, entity.name):
        raise NotFound(entity.name, f"{record.id}/{name}")
    workflow, now = process.workflow, str(record.values.get(process.workflow.member) or "")
    been = stays.of(context, process, record.id)
    found = openings(context, entity.name, record.id, seen=True)
    urls = {
        each.transition.name: f"/{entity.name}/{record.id}/transitions/{each.transition.name}"
        for each in found
        if each.open and each.leaves
    }
    return visit.page(
        context,
        "diagram.html",
        title=f"{workflow.label} of {record.title}",
        entity=entity,
        record=record,
        workflow=workflow,
        drawing=workflow_svg(workflow, now=now, been={each.state for each in been}),
        ways=[_way(process, each, urls.get(each.name, "")) for each in workflow.transitions.values()],
        visited=[_visited(context, process, each) for each in reversed(been)],
    )


def _way(process: Process, transition: Transition, url: str) -> Way:
    states = process.workflow.states
    sources = [states[each].label for each in transition.sources]
    everywhere = len(sources) == len(states)
    targets = [states[each].label for each in transition.targets]
    trigger = transition.trigger
    note = "by itself" if transition.by_itself_only or (trigger is not None and transition.hidden) else ""
    return Way(
        transition.label,
        "Start" if transition.start else "every state" if everywhere else ", ".join(sources),
        " or ".join(targets) or "the same",
        note,
        url,
    )


def _visited(context: Context, process: Process, stay: stays.Stay) -> Visited:
    state, display = process.state(stay.state), context.actor.display
    return Visited(
        state.label if state is not None else stay.state,
        state.choice.color if state is not None else "",
        moment_of(stay.entered_at, display, context.now),
        in_words((stay.left_at or context.now) - stay.entered_at, display),
    )
