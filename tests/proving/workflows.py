"""Random workflows for proofs: made as declarations, without any file."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import strategies as st

from engine.errors import Place
from engine.metamodel.expression import Expression
from engine.metamodel.workflow import Guard, State, Transition, Trigger, Workflow
from engine.types.base import Choice

PLACE = Place("workflows/life.yaml")
NAMES = tuple("abcdef")
CONDITIONS = ("record.x", "record.y", "record.z")


def state(name: str, *, final: bool = False) -> State:
    return State(choice=Choice(name, name), place=PLACE, final=final)


@st.composite
def transitions(draw: st.DrawFn, name: str, states: tuple[str, ...], *, timed: bool = False) -> Transition:
    """A transition among states; `timed`: time makes it, under some conditions."""
    start = not timed and draw(st.integers(0, 9)) == 0
    sources = (
        () if start else tuple(draw(st.lists(st.sampled_from(states), min_size=1, max_size=2, unique=True)))
    )
    target = draw(st.sampled_from((*states, None)))
    if not timed:
        return Transition(name=name, label=name, place=PLACE, sources=sources, start=start, target=target)
    texts = draw(st.lists(st.sampled_from(CONDITIONS), max_size=2, unique=True))
    guards = tuple(Guard(check=Expression(text, PLACE), message="", place=PLACE) for text in texts)
    trigger = Trigger(place=PLACE, after=timedelta(hours=draw(st.integers(1, 3))))
    return Transition(
        name=name, label=name, place=PLACE, sources=sources, target=target, guards=guards, trigger=trigger
    )


@st.composite
def workflows(draw: st.DrawFn, *, timed: bool = False) -> Workflow:
    """A workflow of up to six states and nine transitions."""
    states = NAMES[: draw(st.integers(2, len(NAMES)))]
    finals = draw(st.sets(st.sampled_from(states), max_size=2))
    count = draw(st.integers(1, 5 if timed else 9))
    made = [draw(transitions(f"t{number}", states, timed=timed)) for number in range(count)]
    return Workflow(
        name="life",
        label="Life",
        entity="thing",
        member="status",
        initial=states[0],
        place=PLACE,
        states={name: state(name, final=name in finals) for name in states},
        transitions={each.name: each for each in made},
    )
