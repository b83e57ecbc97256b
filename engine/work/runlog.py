"""What a process does step by step, noted while it is done and kept with the entry of the history that tells of it.

A step is an action as declared. What it wrote, whom it told and which jobs it left is noted by those who do it, so
that an action of a plugin is told like every other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.errors import Place

MOST_KEPT = 50
"""Records and people kept of one step; of the others their number."""


@dataclass
class Step:
    """One action of a run: how often it was done and skipped, and what came of it.

    `reads` is what its condition and its list read, as entity and path: who may not read that is not told of it.
    """

    kind: str
    place: Place
    done: int = 0
    skipped: int = 0
    reads: frozenset[tuple[str, str]] = frozenset()
    records: dict[tuple[str, str, int], None] = field(default_factory=dict)
    told: dict[int, None] = field(default_factory=dict)
    jobs: Counter[str] = field(default_factory=Counter)

    def as_json(self) -> dict[str, Any]:
        """The step as it is kept, without what is empty."""
        kept: dict[str, Any] = {
            "kind": self.kind,
            "at": [self.place.file, self.place.line],
            "done": self.done,
            "skipped": self.skipped,
            "reads": sorted(map(list, self.reads)),
            "records": [list(each) for each in self.records][:MOST_KEPT],
            "told": list(self.told)[:MOST_KEPT],
            "jobs": dict(self.jobs),
            "more_records": max(0, len(self.records) - MOST_KEPT),
            "more_told": max(0, len(self.told) - MOST_KEPT),
        }
        return {name: value for name, value in kept.items() if value or name == "done"}


@dataclass
class Entry:
    """The entry of the history that tells of a run: its number, and what stands in it beside the steps."""

    id: int
    changes: Mapping[str, Any]


@dataclass
class RunLog:
    """The steps of one run, about one record; `within` is the run whose step led to this one.

    `automation`: the entry that tells of it is the first about its record, whatever it is; of others it is the
    one of the transition or the button.
    """

    entity: str
    number: int
    automation: bool = False
    within: RunLog | None = None
    goes_on: bool = True  # whether there are steps behind that entry
    steps: list[Step] = field(default_factory=list)
    current: Step | None = None
    entry: Entry | None = None

    @property
    def ran(self) -> bool:
        """Whether any step was done."""
        return any(step.done for step in self.steps)

    def begin(self, kind: str, place: Place, reads: Iterable[tuple[str, str]] = ()) -> Step:
        """The next step: what is noted from now on belongs to it."""
        self.current = Step(kind, place, reads=frozenset(reads))
        self.steps.append(self.current)
        return self.current

    def end(self) -> None:
        """Nothing more belongs to the last step."""
        self.current = None

    def wrote(self, did: str, entity: str, numbers: Iterable[int]) -> None:
        """Records were written: by the current step, or by what belongs to a step that led here."""
        step = self._noting()
        if step is not None:
            step.records.update({(did, entity, number): None for number in numbers})

    def has_told(self, users: Iterable[int]) -> None:
        """People were told something."""
        step = self._noting()
        if step is not None:
            step.told.update(dict.fromkeys(users))

    def left_job(self, kind: str) -> None:
        """Something is to be done once all is committed."""
        step = self._noting()
        if step is not None:
            step.jobs[kind] += 1

    def _noting(self) -> Step | None:
        if self.current is not None or self.within is None:
            return self.current
        return self.within.current

    def awaits(self, entity: str, number: int, *, moves: bool) -> bool:
        """Whether an entry that is about to be written is the one that tells of this run."""
        about = entity == self.entity and self.number in (0, number)
        return about and self.entry is None and (self.automation or moves)

    def as_json(self) -> list[dict[str, Any]]:
        """The steps as they are kept."""
        return [step.as_json() for step in self.steps]
