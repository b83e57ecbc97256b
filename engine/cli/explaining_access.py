"""`engine explain access`: why somebody may do something to a record, or may not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from engine.app import open_for
from engine.build.page import ViewTab
from engine.build.page_grid import grid_plan
from engine.cli.applying import DatabaseUrl
from engine.cli.explaining_expression import known_entity
from engine.cli.metadata import AppFolder
from engine.errors import BadQuery, NotFound, Place, UsageError
from engine.identity.identity import actor_named
from engine.reading.query import Filter, Query
from engine.service.cures import cure
from engine.service.reasons import Cure, Reason, Turn, Why, as_data, headline
from engine.service.why import explain, who_may
from engine.work.context import SYSTEM, Context


def access(
    user: Annotated[str, typer.Argument(help="The user's sign-in name.")],
    action: Annotated[str, typer.Argument(help="What they want to do: read, update, delete …")],
    target: Annotated[str, typer.Argument(help="ENTITY, ENTITY/ID or ENTITY/ID.PROPERTY.", metavar="TARGET")],
    folder: AppFolder = Path(),
    database: DatabaseUrl = None,
    where: Annotated[list[str] | None, typer.Option(help="A condition of a list.")] = None,
    only: Annotated[
        list[str] | None, typer.Option("--filter", help="A filter of a list: PATH=VALUE.")
    ] = None,
    search: Annotated[str, typer.Option(help="The words of a list's quick search.")] = "",
    view: Annotated[str, typer.Option(help="The view of a list.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Say why a user may do something to a record or a property of it, or why not; down to file and line.

    With a condition, filter, search or view: why they find the record in such a list, or don't.
    """
    entity, number, member = parsed(target)
    narrowed = Narrowed(tuple(where or ()), tuple(only or ()), search, view)
    engine = open_for(folder, database=database)
    try:
        known_entity(engine.gateway.runtime.application, entity)
        actor = actor_named(engine.gateway, user)
        with engine.gateway.read(SYSTEM, "cli") as context:
            try:
                query = narrowed.query(context, entity) if any(vars(narrowed).values()) else None
                _one_record(query, number, action)
                why = explain(context, actor, action, entity, number, member, query)
            except BadQuery as wrong:
                raise UsageError(str(wrong)) from wrong
            except NotFound as missing:
                raise UsageError(str(missing)) from missing
            found = cure(context, why)
            roles = who_may(context, entity, member) if member else []
    finally:
        engine.close()
    if as_json:
        print(json.dumps(as_data(why, found, roles)))
    else:
        print("\n".join(in_words(why, found, roles)))
    if not why.answer:
        raise typer.Exit(1)


@dataclass(frozen=True)
class Narrowed:
    """What a list asks of its records, as the command says it."""

    where: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    search: str = ""
    view: str = ""

    def query(self, context: Context, entity: str) -> Query:
        """The query of such a list; raises UsageError for a view there is not."""
        tab = self._tab(context, entity)
        filters = [_filter(text) for text in self.only]
        for path, value in (tab.filters if tab else {}).items():
            filters.append(Filter(path, "in" if isinstance(value, list | tuple) else "eq", value))
        rules = (context.runtime.rule_of[tab.where],) if tab is not None and tab.where is not None else ()
        return Query(filters=tuple(filters), text=self.search, where=self.where, rules=rules)

    def _tab(self, context: Context, entity: str) -> ViewTab | None:
        if not self.view:
            return None
        plan = grid_plan(context.runtime.application, entity)
        found = plan.tab(self.view)
        if found is None:
            known = ", ".join(each.name for each in plan.tabs) or "none"
            raise UsageError(f"no view {self.view!r} of {entity}; there are: {known}")
        return found


def _filter(text: str) -> Filter:
    """`status=open`; `status=` asks for records without a value."""
    path, equals, value = text.partition("=")
    if not equals:
        raise UsageError(f"{text!r} is no filter: write PATH=VALUE, for example status=open")
    return Filter(path, "eq", value) if value else Filter(path, "empty")


def _one_record(query: Query | None, number: int | None, action: str) -> None:
    if query is not None and (number is None or action != "read"):
        raise UsageError("a list is asked about one record that is read: `read ENTITY/ID`")


def parsed(target: str) -> tuple[str, int | None, str | None]:
    """`ticket`, `ticket/5`, `ticket/5.cost`, `ticket.cost`."""
    record, _, member = target.partition(".")
    entity, slash, number = record.partition("/")
    if slash and not (number.isascii() and number.isdigit()):
        raise UsageError(f"{target!r} is no record: write ENTITY/ID, for example ticket/5 or ticket/5.cost")
    return entity, int(number) if slash else None, member or None


def in_words(why: Why, found: Turn, roles: list[str]) -> Iterator[str]:
    """The explanation as lines."""
    yield f"{'yes' if why.answer else 'no'}: {headline(why)}"
    yield ""
    yield from (f"  {fact}" for fact in why.facts)
    for said in why.against:
        yield f"  ✗ {said}"
    yield ""
    for reason in why.every:
        yield from _reason(reason)
    if roles:
        yield f"\n  roles that may read {why.member}: {', '.join(roles)}"
    if isinstance(found, Cure):
        turn = "to find it" if why.narrowing else "to refuse it" if why.answer else "to allow it"
        yield f"\n  {turn}: {found.words}{_at(found.place)}"
    elif found is not None:
        yield f"\n  {found.words}"
    elif not why.answer and not why.narrowing:
        yield "\n  neither one change nor two would allow it"


def _reason(reason: Reason) -> Iterator[str]:
    mark = {True: "✓", False: "✗", None: "·"}[reason.holds]
    yield f"  {mark} {reason.words}{_at(reason.place)}"
    for step in reason.steps:
        yield f"      {'  ' * step.depth}{step.text} = {step.shown}"


def _at(place: Place | None) -> str:
    return f"  ({place.file}:{place.line})" if place is not None and place.line else ""
