"""The filters in the bar over a list: what each offers, and what is chosen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from engine.access import access
from engine.build.page import Member
from engine.pages.entries import reference
from engine.pages.grid_address import NOTHING, PREFIX, State
from engine.pages.listing import visible
from engine.reading.query import Filter, Query
from engine.service import records
from engine.work.context import Context

MOST_OFFERED = 30


@dataclass(frozen=True)
class Option:
    """One value a filter offers."""

    value: str
    label: str
    chosen: bool
    tone: str = ""


@dataclass(frozen=True)
class FilterMenu:
    """A filter of the bar: its options, and what it says when something is chosen."""

    path: str
    label: str
    options: tuple[Option, ...]
    chosen: str
    clear_url: str
    picker: str  # where more options are searched, "" where all are there


def filter_menus(context: Context, members: Iterable[Member], state: State) -> Iterator[FilterMenu]:
    """The filters of the bar, as far as the reader may see what they are by."""
    for member in members:
        if visible(context, member):
            chosen = state.filters.get(member.path, ())
            options = tuple(_options(context, member, chosen, state.offering))
            yield FilterMenu(
                path=member.path,
                label=member.label,
                options=options,
                chosen=_said(options, chosen),
                clear_url=state.url(**{PREFIX + member.path: ""}),
                picker="/{}/options/{}".format(*member.steps[-1]) if member.relation else "",
            )


def _said(options: tuple[Option, ...], chosen: tuple[str, ...]) -> str:
    labels = {option.value: option.label for option in options}
    words = [labels.get(value, value) for value in chosen]
    return ", ".join(words[:2]) + (f" and {len(words) - 2} more" if len(words) > 2 else "")


def _options(context: Context, member: Member, chosen: tuple[str, ...], offering: bool) -> Iterator[Option]:
    if member.prop is not None:
        control = member.prop.type.control()
        if not control.options:
            yield from (
                Option(value, label, value in chosen) for value, label in (("true", "Yes"), ("false", "No"))
            )
        for choice in control.options:
            if choice.active or choice.name in chosen:
                yield Option(choice.name, choice.label, choice.name in chosen, choice.color)
        required = member.prop.required
    else:
        yield from _records(context, member, chosen, offering)
        required = member.relation is not None and member.relation.required
    if not required and (member.prop is None or "empty" in member.prop.type.operators):
        yield Option(NOTHING, f"No {member.label.lower()}", NOTHING in chosen)


def _records(context: Context, member: Member, chosen: tuple[str, ...], offering: bool) -> Iterator[Option]:
    """The records chosen, and where they are asked for the first of all."""
    for value in chosen:
        if value != NOTHING:
            yield Option(value, title_of(context, member, value), True)
    if offering:
        entity, name = member.steps[-1]
        for link in records.options(context, entity, name, "", MOST_OFFERED):
            if (value := reference(member, link)) not in chosen:
                yield Option(value, link.title, False)


def title_of(context: Context, member: Member, value: str) -> str:
    """The title of a record written as `reference` writes it; the text itself where there is none to be seen."""
    entity, _, number = value.rpartition(":")
    target = entity or member.targets[0]
    if target not in member.targets or not number.isascii() or not number.isdigit() or len(number) > 18:
        return value
    if not access.may(context, target, "read"):
        return f"#{number}"
    found = records.find(context, target, Query(filters=(Filter("id", "eq", int(number)),), limit=1))
    return found.rows[0].title if found.rows else f"#{number}"
