"""Measuring two ways of doing one thing in turns, and the ratio of their medians."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Ratio:
    """Medians in seconds of our way and the hand-written one; `ratio` is our speed in terms of theirs."""

    name: str
    ours: float
    theirs: float

    @property
    def ratio(self) -> float:
        return self.theirs / self.ours

    def __str__(self) -> str:
        return f"| {self.name} | {self.ours * 1e3:.2f} ms | {self.theirs * 1e3:.2f} ms | {self.ratio:.2f} |"


HEADER = "| what | ours | hand-written | throughput ratio |\n|---|--:|--:|--:|"


def in_turns(
    name: str, ours: Callable[[], object], theirs: Callable[[], object], rounds: int = 15, each: int = 10
) -> Ratio:
    """Run both `rounds` times by turns, `each` calls at a time; the medians of the time per call."""
    for _ in range(3):
        ours()
        theirs()
    taken: tuple[list[float], list[float]] = ([], [])
    gc.collect()
    for _ in range(rounds):
        for position, work in enumerate((ours, theirs)):
            start = time.perf_counter()
            for _ in range(each):
                work()
            taken[position].append((time.perf_counter() - start) / each)
    return Ratio(name, statistics.median(taken[0]), statistics.median(taken[1]))
