"""What the form for several records still has to be told: complaints that belong to its fields, and of whom."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from engine.errors import FieldError
from engine.metamodel.workflow import Transition
from engine.pages.entries import Entries
from engine.pages.transition_form import TransitionForm, lacking
from engine.reading.query import BulkReport

MOST_TITLES = 3
"""Records that a complaint names; of more the number is told."""


class Unanswered(Exception):
    """Some records were refused for what the form can say: everything is taken back, and the form asks again."""

    def __init__(self, report: BulkReport, waiting: Mapping[int, list[FieldError]]) -> None:
        super().__init__(f"{len(waiting)} records lack what the form can say")
        self.report = report
        self.waiting = waiting


def missing_of(form: TransitionForm, transition: Transition, report: BulkReport) -> tuple[str, ...]:
    """What the form asks for beside its own: of all the records, what any of them lacks."""
    errors = [each for found in report.errors.values() for each in found]
    return lacking(form.context, transition, form.missing, errors)


def waiting_for(
    form: TransitionForm, transition: Transition, entries: Entries, report: BulkReport
) -> dict[int, list[FieldError]]:
    """The records that were refused for nothing but what the form can say, each with its complaints."""
    shown = {each.path for each in form.members(entries)} | set(missing_of(form, transition, report))
    found = {}
    for number, errors in report.errors.items():
        if errors and all(_belongs(error.at, shown) for error in errors):
            found[number] = list(errors)
    return found


def _belongs(place: str, shown: Collection[str]) -> bool:
    return place in shown or any(place.startswith(f"{each}.") for each in shown)


def complaints(
    waiting: Mapping[int, list[FieldError]], titles: Mapping[int, str], chosen: int
) -> list[FieldError]:
    """Each complaint once; where it is not of all that were chosen, with whom it is of."""
    of: dict[FieldError, list[int]] = {}
    for number, errors in waiting.items():
        for error in errors:
            of.setdefault(error, []).append(number)
    return [_told(error, numbers, titles, chosen) for error, numbers in of.items()]


def _told(error: FieldError, numbers: list[int], titles: Mapping[int, str], chosen: int) -> FieldError:
    if len(numbers) == chosen:
        return error
    named = ", ".join(_titles(numbers, titles))
    return FieldError(error.at, error.code, f"{error.message} This is about {named}.")


def _titles(numbers: list[int], titles: Mapping[int, str]) -> Iterator[str]:
    yield from (titles.get(number, f"#{number}") for number in numbers[:MOST_TITLES])
    if len(numbers) > MOST_TITLES:
        yield f"and {len(numbers) - MOST_TITLES} more"
