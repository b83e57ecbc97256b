"""How much an expression may do while it runs: lists in lists and texts that grow are counted, not timed.

A list of its own is as long as the data that was loaded for it; inside another list it is walked again for each
item, and that is what a budget is for.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.errors import RecordError

MOST_STEPS = 1_000_000
"""Items that lists inside lists may have in one evaluation; it takes about a second."""

LONGEST_TEXT = 1_000_000
"""Characters that joining and replacing may make."""


class TooMuch(RecordError):
    """An expression was stopped: it would look at too many items, or make a text that is too long."""


class Budget:
    """What is left of the steps of one evaluation."""

    __slots__ = ("left",)

    def __init__(self) -> None:
        self.left = MOST_STEPS

    def spend(self, items: Sequence[Any]) -> Sequence[Any]:
        """The items, paid for."""
        self.left -= len(items)
        if self.left < 0:
            raise TooMuch(
                f"an expression was stopped: lists in lists have more than {MOST_STEPS:,} items together"
            )
        return items


def check_length(characters: int) -> None:
    """Refuse a text that would become too long."""
    if characters > LONGEST_TEXT:
        raise TooMuch(
            f"an expression was stopped: a text would have {characters:,} characters, more than {LONGEST_TEXT:,}"
        )
