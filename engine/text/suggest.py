"""Did you mean: the name somebody probably wanted, among those there are."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import SequenceMatcher

CLOSE_ENOUGH = 0.6
"""Share of letters in common below which a guess would mislead more than help."""

SWAPPED = 0.1
"""What it counts that only two neighbours changed places."""


def did_you_mean(word: str, candidates: Iterable[str]) -> str | None:
    """The closest candidate, or None where nothing is close; case and `-` for `_` count little."""
    asked = _folded(word)
    best, best_ratio = None, CLOSE_ENOUGH
    for candidate in candidates:
        other = _folded(candidate)
        if other == asked:
            return candidate
        matcher = SequenceMatcher(None, asked, other)
        if matcher.real_quick_ratio() <= best_ratio or matcher.quick_ratio() <= best_ratio:
            continue
        ratio = matcher.ratio() + (SWAPPED if _swapped(asked, other) else 0)
        if ratio > best_ratio:
            best, best_ratio = candidate, ratio
    return best


def _swapped(word: str, other: str) -> bool:
    """Whether two neighbouring letters changed places, and nothing else is different."""
    found = [position for position, pair in enumerate(zip(word, other, strict=False)) if pair[0] != pair[1]]
    if len(word) != len(other) or len(found) != 2 or found[1] != found[0] + 1:
        return False
    first, second = found
    return (word[first], word[second]) == (other[second], other[first])


def _folded(word: str) -> str:
    return word.casefold().replace("-", "_").replace(" ", "_")
