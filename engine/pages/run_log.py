"""What a process did step by step, as the history of a record unfolds it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from engine.reading.query import Link, RunStep, StepRecord
from engine.web.markup import plural

KINDS: Final = {
    "set": "Set values",
    "assign": "Assign",
    "create": "Create a record",
    "find_or_create": "Find or create a record",
    "convert": "Convert",
    "update": "Change a record",
    "delete": "Delete a record",
    "link": "Link",
    "unlink": "Unlink",
    "tag": "Tag",
    "untag": "Remove tags",
    "comment": "Write a note",
    "notify": "Tell people",
    "mail": "Write a mail",
    "call": "Call a plugin",
    "webhook": "Tell another system",
    "transition": "Make a transition",
}
"""Every action by the word it is declared with."""

DEEDS: Final = {
    "create": "created",
    "found": "found",
    "update": "changed",
    "transition": "moved on",
    "action": "did something to",
    "delete": "deleted",
    "comment": "wrote a note about",
    "restore": "restored",
    "purge": "deleted for good",
    "share": "shared",
    "unshare": "ended the sharing of",
}

JOBS: Final = {"mail": ("mail", "mails"), "webhook": ("message", "messages")}
OTHER_JOBS: Final = ("job", "jobs")


@dataclass(frozen=True)
class Came:
    """One thing that came of a step: in words, and the record or person it is about, where the reader may see that."""

    words: str
    link: Link | None = None


@dataclass(frozen=True)
class StepLine:
    """A step of a run: what it is, whether it was done, how it went in a word, and what came of it."""

    label: str
    done: bool
    how: str
    came: tuple[Came, ...]
    place: str


@dataclass(frozen=True)
class RunLines:
    """A whole run, and what it is summed up as."""

    summary: str
    steps: tuple[StepLine, ...]


def run_lines(steps: Iterable[RunStep], *, people: bool) -> RunLines | None:
    """The steps of a run, drawn; None where there are none. `people`: users have pages that the reader may see."""
    found = tuple(_line(step, people=people) for step in steps)
    if not found:
        return None
    skipped = sum(not each.done for each in found)
    words = plural(len(found), "step", "steps")
    return RunLines(f"{words}, {skipped} skipped" if skipped else words, found)


def _line(step: RunStep, *, people: bool) -> StepLine:
    label = KINDS.get(step.kind, step.kind)
    return StepLine(label, step.done > 0, _how(step), tuple(_came(step, people=people)), step.place)


def _how(step: RunStep) -> str:
    if not step.done:
        return (
            "skipped: its condition did not hold"
            if step.skipped
            else "skipped: there was nothing to do it for"
        )
    times = f"{step.done} times" if step.done > 1 else ""
    others = f"skipped for {step.skipped}" if step.skipped else ""
    return ", ".join(each for each in (times, others) if each)


def _came(step: RunStep, *, people: bool) -> Iterator[Came]:
    for each in step.records:
        yield _record(each)
    if step.more_records:
        yield Came(f"and {plural(step.more_records, 'more record', 'more records')}")
    for person in step.told:
        yield Came("told", person) if people else Came(f"told {person.title}")
    if step.others_told:
        others = "other people" if step.told else "people"
        yield Came(f"told {plural(step.others_told, 'person', others)}")
    for kind, number in step.jobs.items():
        yield Came(f"left {plural(number, *JOBS.get(kind, OTHER_JOBS))} to be sent")


def _record(found: StepRecord) -> Came:
    did = DEEDS.get(found.did, found.did)
    if found.own:
        return Came(f"{did} this record")
    return Came(did, found.record) if found.record is not None else Came(f"{did} a record that is not shown")
