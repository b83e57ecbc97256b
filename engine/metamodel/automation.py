"""An automation: what is done by itself when something happens to records, or at a time."""

from __future__ import annotations

from dataclasses import dataclass

from engine.errors import Place
from engine.metamodel.action import Action
from engine.metamodel.expression import Expression
from engine.metamodel.workflow import Happening


@dataclass(frozen=True, kw_only=True)
class Automation:
    """`do` follows on `on` of the records of an entity, where `when` holds.

    `changed` are the members of which one has to change (none named: whatever changes), `transitions` those that
    have to be fired; with `schedule` it is done at times, for every record that `each` describes.
    """

    name: str
    label: str
    place: Place
    entity: str
    on: Happening | None = None
    changed: frozenset[str] = frozenset()
    transitions: frozenset[str] = frozenset()
    schedule: str = ""
    each: Expression | None = None
    when: Expression | None = None
    order: int = 0
    do: tuple[Action, ...] = ()
