"""Did you mean: the name somebody probably wanted, among those there are."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import SequenceMatcher

CLOSE_ENOUGH = 0.6
"""Share of letters in common below which a guess would mislead more than help."""


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
        ratio = matcher.ratio()
        if ratio > best_ratio:
            best, best_ratio = candidate, ratio
    return best


def _folded(word: str) -> str:
    return word.casefold().replace("-", "_").replace(" ", "_")
