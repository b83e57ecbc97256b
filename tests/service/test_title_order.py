"""Lists sorted by a relation, paged and searched agree with the titles as they are shown."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.reading.query import Link, Page, Query
from engine.service import records
from engine.work.context import SYSTEM, Context
from engine.work.gateway import Gateway
from tests.support.shop import opened

DESK = """
app: desk
---
entity: city
properties: {name: {type: text, required: true}}
---
entity: person
title: "{last}, {first} ({kind}) - {city}"
properties:
  last:  {type: text}
  first: {type: text}
  kind:  {type: choice, options: {a: {label: zebra}, b: {label: Ape}}}
relations:
  city: {to: city}
---
entity: bill
title: "No. {number} {note}"
properties:
  number: {type: integer}
  note:   {type: text}
---
entity: job
title: "{worker}/{bill}"
properties: {word: {type: text, search: low}}
relations:
  worker: {to: person, inverse: jobs}
  bill:   {to: bill}
  place:  {to: city}
"""

FAST = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
NAMES = st.none() | st.sampled_from(
    ["Lee", "Lee, A", "lee", "Li", "Élan", "-", "Lee-Ann", "A", "A b", "%", "ß"]
)


@pytest.fixture
def desk(tmp_path: Path, database_url: str) -> Iterator[Gateway]:
    gateway = opened(tmp_path, database_url, DESK)
    yield gateway
    gateway.close()


PEOPLE = st.lists(
    st.tuples(NAMES, NAMES, st.sampled_from([None, "a", "b"]), st.sampled_from([None, 0, 1])), max_size=9
)


class Undo(Exception):
    """What was written shall not stay."""


@FAST
@given(people=PEOPLE)
def test_the_order_by_a_relation_is_that_of_the_titles_shown(
    desk: Gateway, people: list[tuple[str | None, str | None, str | None, int | None]]
) -> None:
    with contextlib.suppress(Undo), desk.write(SYSTEM, "api") as context:
        cities = [records.create(context, "city", {"name": name}).id for name in ("Rome", "Oslo")]
        for last, first, kind, city in people:
            given = {"last": last, "first": first, "kind": kind}
            there = None if city is None else cities[city]
            worker = records.create(context, "person", {**given, "city": there}).id
            records.create(context, "job", {"worker": worker})
        records.create(context, "job", {})
        for sort in ("worker", "-worker"):
            shown = _walked(context, sort)
            wanted = sorted(shown, reverse=sort.startswith("-"))
            assert shown == wanted
        for title in {title for title in shown if title}:
            found = records.find(context, "person", Query(text=title)).rows
            assert title in [row.title for row in found]
        raise Undo


def _walked(context: Context, sort: str) -> list[str]:
    """The titles of a list, page by page, forward and then back."""
    forward, backward = [], []
    query = Query(fields=("worker",), sort=(sort,), limit=3)
    page = records.find(context, "job", query)
    while True:
        forward += _titles(page)
        if page.next is None:
            break
        page = records.find(context, "job", Query(query.fields, query.sort, limit=3, after=page.next))
    while page.previous is not None:
        page = records.find(context, "job", Query(query.fields, query.sort, limit=3, before=page.previous))
        backward = _titles(page) + backward
    assert backward == forward[: len(backward)]
    return forward


def _titles(page: Page) -> list[str]:
    """Null, which is no title, comes before all others."""
    return [cell.title if isinstance(cell, Link) else "" for (cell,) in (row.cells for row in page.rows)]


def test_numbers_in_a_title_are_ordered_by_their_size(desk: Gateway) -> None:
    with desk.write(SYSTEM, "api") as context:
        for number, note in ((10, "x"), (9, "z"), (9, "y"), (None, "w")):
            bill = records.create(context, "bill", {"number": number, "note": note}).id
            records.create(context, "job", {"bill": bill})
        page = records.find(context, "job", Query(fields=("bill",), sort=("bill",)))
    assert [row.cells[0].title for row in page.rows] == ["No.  w", "No. 9 y", "No. 9 z", "No. 10 x"]


def test_a_picker_offers_records_in_the_order_of_their_names(desk: Gateway) -> None:
    with desk.write(SYSTEM, "api") as context:
        for first in ("Cleo", "Ann", "Bo"):
            records.create(context, "person", {"last": "Lee", "first": first})
        offered = records.options(context, "job", "worker", "lee")
    assert [link.title for link in offered] == ["Lee, Ann ()", "Lee, Bo ()", "Lee, Cleo ()"]


def test_a_required_title_is_sorted_by_its_column(desk: Gateway) -> None:
    """Without a word around it there is nothing to put together: what the database knows of the column counts."""
    sent: list[str] = []

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        sent.append(statement)

    with desk.read(SYSTEM, "api") as context:
        sa.event.listen(context.connection, "before_cursor_execute", note)
        records.find(context, "job", Query(fields=("place",), sort=("place",)))
        sa.event.remove(context.connection, "before_cursor_execute", note)
    (statement,) = sent
    assert re.search(r"ORDER BY city_\d\.name ASC NULLS FIRST, job\.id ASC", statement)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Lee,", [1]),
        ("Lee, Ann (Ape)", [1]),
        ("(zebra) Oslo", [2]),
        ("oslo", [2]),
        ("()", [3]),
        ("lee", [1]),
    ],
)
def test_what_a_title_shows_is_found(desk: Gateway, text: str, found: list[int]) -> None:
    with desk.write(SYSTEM, "api") as context:
        oslo = records.create(context, "city", {"name": "Oslo"}).id
        records.create(context, "person", {"last": "Lee", "first": "Ann", "kind": "b"})
        records.create(context, "person", {"last": "Li", "kind": "a", "city": oslo})
        records.create(context, "person", {})
        assert [
            row.id for row in records.find(context, "person", Query(text=text, sort=("id",))).rows
        ] == found


def test_records_named_by_others_are_found_by_their_names(desk: Gateway) -> None:
    with desk.write(SYSTEM, "api") as context:
        worker = records.create(context, "person", {"last": "Lee"}).id
        job = records.create(context, "job", {"worker": worker}).id
        records.create(context, "job", {})
        assert [row.id for row in records.find(context, "job", Query(text="lee")).rows] == [job]
