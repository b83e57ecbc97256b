"""Reachable, left, ended, shadowed: what is proven of random workflows is what a naive search finds."""

from __future__ import annotations

from itertools import pairwise, product

from hypothesis import given, settings

from engine.metamodel.workflow import START, Transition, Workflow
from engine.proving.overlaps import shadows
from engine.proving.states import dead_ends, traps, unreachable
from engine.proving.ways import Ways
from tests.proving.workflows import CONDITIONS, workflows

Pairs = set[tuple[str, str]]


def moves(workflow: Workflow) -> Pairs:
    """Every move from a state to another one, by going through all transitions."""
    found = {(START, workflow.initial)}
    for each in workflow.transitions.values():
        for source in (START,) if each.start else each.sources:
            stays = workflow.initial if each.start else source
            found.add((source, each.target or stays))
    return {(source, target) for source, target in found if source != target}


def closure(pairs: Pairs, start: str) -> set[str]:
    """Everything that can be come to, by making every move until there is nothing new."""
    found = {start}
    while True:
        more = {target for source, target in pairs if source in found} - found
        if not more:
            return found
        found |= more


@settings(max_examples=300, deadline=None)
@given(workflows())
def test_states_are_judged_as_a_naive_search_judges_them(workflow: Workflow) -> None:
    ways, pairs = Ways(workflow), moves(workflow)
    reached = closure(pairs, START) - {START}
    assert set(ways.reached) == reached
    told = [{first, *behind} for first, behind in unreachable(ways)]
    assert set().union(*told) == set(workflow.states) - reached
    assert sum(map(len, told)) == len(set(workflow.states) - reached)  # none is told of twice
    stuck = {each for each in reached if not workflow.states[each].final and closure(pairs, each) == {each}}
    assert set(dead_ends(ways)) == stuck
    ends = {each for each in reached if workflow.states[each].final}
    hopeless = {each for each in reached if ends and not closure(pairs, each) & (ends | stuck)}
    circles = [set(each) for each in traps(ways)]
    assert all(closure(pairs, each) == circle for circle in circles for each in circle)
    assert set().union(*circles) <= hopeless
    assert all(any(closure(pairs, each) & circle for circle in circles) for each in hopeless)


@settings(max_examples=300, deadline=None)
@given(workflows())
def test_a_way_that_is_told_can_be_gone(workflow: Workflow) -> None:
    ways, pairs = Ways(workflow), moves(workflow)
    for state in ways.reached:
        way = [START, *ways.way_to(state)]
        assert set(pairwise(way)) <= pairs
        assert len(way) == len(set(way))


@settings(max_examples=200, deadline=None)
@given(workflows(timed=True))
def test_a_transition_is_shadowed_where_another_one_comes_first_whatever_holds(workflow: Workflow) -> None:
    told = {(second.name, state) for _, second, states in shadows(workflow) for state in states}
    fired: set[tuple[str, str]] = set()
    for values in product((True, False), repeat=len(CONDITIONS)):
        holds = dict(zip(CONDITIONS, values, strict=True))
        for state in workflow.states:
            fired |= {(each.name, state) for each in _made(workflow, state, holds)}
    every = {(each.name, state) for each in workflow.transitions.values() for state in each.sources}
    assert told == every - fired


def _made(workflow: Workflow, state: str, holds: dict[str, bool]) -> list[Transition]:
    """What time makes of a record in a state, until it has left it."""
    made = []
    for each in sorted(workflow.leaving(state), key=lambda each: each.trigger.after):  # type: ignore[union-attr, return-value, arg-type]
        if all(holds[guard.check.text] for guard in each.guards):
            made.append(each)
            if each.target not in (None, state):
                break
    return made
