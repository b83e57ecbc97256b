"""A conversion: how a record of one entity becomes one of another, as a `mapping` document declares it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.errors import Place
from engine.metamodel.action import Values
from engine.metamodel.expression import Expression


@dataclass(frozen=True, kw_only=True)
class ConvertedRows:
    """The rows of the new record: one for each of some records, with these values."""

    each: Expression
    values: Values
    place: Place


@dataclass(frozen=True, kw_only=True)
class Conversion:
    """A record of `target` is made of one of `source`: its values, its rows, and what comes over to it.

    `move` names lists of the source (its inverses) whose records belong to the new one from then on.
    """

    name: str
    label: str
    source: str
    target: str
    place: Place
    values: Values = field(default_factory=dict)
    rows: Mapping[str, ConvertedRows] = field(default_factory=dict)
    move: tuple[str, ...] = ()
