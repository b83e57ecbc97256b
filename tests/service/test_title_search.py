"""A title that is shown can be looked for as it stands."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.reading.query import Query
from engine.service import records
from engine.work.context import SYSTEM
from engine.work.gateway import Gateway
from tests.support.shop import opened

DESK = """
app: desk
---
entity: ticket
title: "Ticket {number} · {subject}"
properties:
  number:  {type: text}
  subject: {type: text}
"""


@pytest.fixture
def desk(tmp_path: Path, database_url: str) -> Iterator[Gateway]:
    gateway = opened(tmp_path, database_url, DESK)
    with gateway.write(SYSTEM, "api") as context:
        for number, subject in (("T-1", "Printer"), ("T-2", "Screen · large"), ("T-3", "Printer")):
            records.create(context, "ticket", {"number": number, "subject": subject})
    yield gateway
    gateway.close()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Ticket T-1 · Printer", ["T-1"]),
        ("ticket t-2 · screen", ["T-2"]),
        ("T-1 · Screen", []),
        ("Ticket", ["T-1", "T-2", "T-3"]),
        ("tick", ["T-1", "T-2", "T-3"]),
        ("printer", ["T-1", "T-3"]),
        ("- printer", ["T-1", "T-3"]),
    ],
)
def test_the_words_of_every_title_find_every_record(desk: Gateway, text: str, found: list[str]) -> None:
    with desk.read(SYSTEM, "api") as context:
        page = records.find(context, "ticket", Query(fields=("number",), text=text, sort=("number",)))
    assert [row.cells[0] for row in page.rows] == found
