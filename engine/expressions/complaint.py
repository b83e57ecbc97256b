"""A complaint about an expression: a code, where in its text, what is wrong, and what would cure it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from engine.expressions.syntax import Span
from engine.text.suggest import did_you_mean


@dataclass(frozen=True, slots=True)
class Complaint:
    """One thing wrong with an expression; `span` is where in its text."""

    code: str
    message: str
    span: Span
    hint: str = ""


class ExpressionError(ValueError):
    """An expression can't be used; `complaints` has everything wrong with it."""

    def __init__(self, complaints: Iterable[Complaint]) -> None:
        self.complaints = tuple(complaints)
        super().__init__("; ".join(complaint.message for complaint in self.complaints))


def one_of(word: str, names: Iterable[str], what: str = "there are") -> str:
    """A cure that guesses what was meant, or lists what there is."""
    known = sorted(names)
    guess = did_you_mean(word, known)
    if guess:
        return f"did you mean {guess!r}?"
    if not known:
        return ""
    shown = ", ".join(known[:MOST_NAMED]) + (" …" if len(known) > MOST_NAMED else "")
    return f"{what} {shown}"


MOST_NAMED = 12
