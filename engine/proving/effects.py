"""What processes do to records, and which processes that sets off: the trigger graph.

An effect is sure where it happens whenever its process runs. Writing a value that is there already changes nothing:
what is set to the same constant everywhere, or to something that hangs on nothing that processes write, is settled:
it happens to each record once, and keeps a circle going only where the circle makes new records.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from engine.errors import Place
from engine.metamodel.action import Action, Create, Delete, Fire, Link, Set
from engine.metamodel.automation import Automation
from engine.metamodel.workflow import Happening, Transition, Workflow
from engine.proving.findings import Findings
from engine.proving.writes import Writes


@dataclass(frozen=True)
class Effect:
    """Something that happens to records of an entity; `changed` are the members that may have other values.

    `moving` are those that may have other ones each time, `again` those for which that is so even where nothing but
    the process itself writes them. `own` says that it is what a transition does to its record's state; `fires`, that
    it is a transition itself.
    """

    happening: Happening
    entity: str
    how: str
    changed: frozenset[str] = frozenset()
    moving: frozenset[str] = frozenset()
    again: frozenset[str] = frozenset()
    transition: str = ""
    sure: bool = False
    own: bool = False
    fires: bool = False


@dataclass(frozen=True)
class Node:
    """An automation, or a transition: what it follows on, and what it does.

    `sources` and `targets` are the states of a transition; an automation has none.
    """

    name: str
    place: Place
    entity: str
    effects: tuple[Effect, ...]
    on: Happening | None = None
    changed: frozenset[str] = frozenset()
    transitions: frozenset[str] = frozenset()
    conditional: bool = False
    workflow: str = ""
    sources: frozenset[str] = frozenset()
    targets: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Follow:
    """One process sets off another one; `settled`: once for each record; `creates`: by making one."""

    first: str
    second: str
    how: str
    surely: bool = False
    settled: bool = False
    creates: bool = False


# ---- what each does


def nodes_of(found: Findings) -> dict[str, Node]:
    """Every automation that follows on something, and every transition, by name."""
    writes = Writes(found)
    nodes = [
        _automation(found, writes, each)
        for each in found.application.automations.values()
        if each.on is not None
    ]
    for workflow in found.application.workflows.values():
        for transition in workflow.transitions.values():
            nodes.append(_transition(found, writes, workflow, transition))
    return {node.name: node for node in nodes}


def _automation(found: Findings, writes: Writes, automation: Automation) -> Node:
    return Node(
        name=automation.name,
        place=automation.place,
        entity=automation.entity,
        effects=tuple(_effects(found, writes, automation.entity, automation.do)),
        on=automation.on,
        changed=automation.changed,
        transitions=automation.transitions,
        conditional=automation.when is not None,
    )


def _transition(found: Findings, writes: Writes, workflow: Workflow, transition: Transition) -> Node:
    states = workflow.states
    entered = [action for each in transition.targets if each in states for action in states[each].enter]
    left = [action for each in transition.sources if each in states for action in states[each].leave]
    trigger = transition.trigger
    done = _effects(found, writes, workflow.entity, (*left, *transition.do, *entered))
    return Node(
        name=f"{workflow.entity}.{transition.name}",
        place=transition.place,
        entity=workflow.entity,
        effects=(*_moves(workflow, transition), *done),
        on=trigger.on if trigger is not None else None,
        changed=trigger.changed if trigger is not None else frozenset(),
        conditional=bool(transition.when or transition.guards or transition.choose),
        workflow=workflow.name,
        sources=frozenset(transition.sources),
        targets=frozenset(transition.targets or transition.sources),
    )


def _moves(workflow: Workflow, transition: Transition) -> Iterator[Effect]:
    """What a transition does by moving its record."""
    entity, moved = workflow.entity, frozenset({workflow.member})
    if transition.start:
        yield Effect("created", entity, f"creates {entity}", sure=True)
        return
    yield Effect("transitioned", entity, "is made", moved, moved, moved, transition.name, sure=True, own=True)
    if transition.targets:
        changes = set(transition.targets).isdisjoint(transition.sources)
        yield Effect(
            "updated", entity, f"changes {entity}.{workflow.member}", moved, moved, sure=changes, own=True
        )


def _effects(found: Findings, writes: Writes, about: str, actions: Iterable[Action]) -> Iterator[Effect]:
    for action in actions:
        match action:
            case Create():
                sure = action.when is None and action.for_each is None and not action.by
                yield Effect("created", action.entity, f"creates {action.entity}", sure=sure)
            case Set():
                for entity in writes.entities(about, action):
                    how = f"changes {entity}.{min(action.values)}"
                    yield Effect("updated", entity, how, *writes.changes(entity, action.values))
            case Delete():
                for entity in writes.entities(about, action):
                    yield Effect("deleted", entity, f"deletes {entity}")
            case Link():
                name = frozenset({action.relation})
                yield Effect("updated", about, f"changes {about}.{action.relation}", name, name, name)
            case Fire():
                how = f"fires {action.entity}.{action.transition}"
                yield Effect("transitioned", action.entity, how, transition=action.transition, fires=True)


# ---- what that sets off


def follows_of(nodes: Mapping[str, Node]) -> list[Follow]:
    """Which process sets off which, and whether it surely does."""
    found = []
    for first in nodes.values():
        for effect in first.effects:
            if effect.fires:
                second = f"{effect.entity}.{effect.transition}"
                if second in nodes:
                    found.append(Follow(first.name, second, effect.how))
                continue
            found += [made for node in nodes.values() if (made := _follow(first, effect, node)) is not None]
    return found


def _follow(first: Node, effect: Effect, node: Node) -> Follow | None:
    """How a process follows on an effect of another one, or of itself; None where it does not."""
    if not _meets(effect, node) or not _stands(first, effect, node):
        return None
    moving = effect.again if node is first else effect.moving
    return Follow(
        first=first.name,
        second=node.name,
        how=effect.how,
        surely=effect.sure and not node.conditional and _surely_stands(first, effect, node),
        settled=effect.happening == "updated" and not (moving & (node.changed or moving)),
        creates=effect.happening == "created",
    )


def _meets(effect: Effect, node: Node) -> bool:
    """Whether a process follows on an effect."""
    if (node.on, node.entity) != (effect.happening, effect.entity):
        return False
    changed = not node.changed or bool(node.changed & effect.changed)
    return changed and (not node.transitions or effect.transition in node.transitions)


def _stands(first: Node, effect: Effect, node: Node) -> bool:
    """Whether the record can be in a state that a transition leaves, after another one of its workflow."""
    if not node.workflow or not effect.own or first.workflow != node.workflow:
        return True
    return bool(first.targets & node.sources)


def _surely_stands(first: Node, effect: Effect, node: Node) -> bool:
    if not node.workflow:
        return True
    return effect.own and first.workflow == node.workflow and first.targets <= node.sources
