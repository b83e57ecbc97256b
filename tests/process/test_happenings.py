"""What sets automations off: records and their rows, tags, links, and everything that a delete takes along."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.service import records
from engine.work.context import SYSTEM
from engine.work.gateway import Gateway
from tests.support.shop import opened

APP = """
app: happenings
---
entity: note
properties: {text: {type: text, required: true}}
---
entity: folder
features: {tags: true}
properties: {name: {type: text, required: true}}
relations:
  pages: {to: page, kind: composition, inverse: folder}
  twins: {to: folder, kind: many_to_many}
---
entity: page
properties:
  text: {type: text, required: true}
  done: {type: boolean, default: false}
---
entity: letter
properties: {text: {type: text}}
relations: {folder: {to: folder, inverse: letters}}
---
automation: made
on: page.created
do: [{create: {entity: note, with: {text: "made {text}"}}}]
---
automation: done
on: page.updated
changed: [done]
when: record.done && !old.done
do: [{create: {entity: note, with: {text: "done {text}"}}}]
---
automation: gone
on: page.deleted
do: [{create: {entity: note, with: {text: gone}}}]
---
automation: tagged
on: folder.tagged
when: "'urgent' in record.tags"
do: [{create: {entity: note, with: {text: "tagged {name}"}}}]
---
automation: related
on: folder.related
do: [{create: {entity: note, with: {text: "related {name}"}}}]
"""


class Office:
    """The open application, and the notes that its automations have made."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway

    def create(self, entity: str, **values: Any) -> int:
        with self.gateway.write(SYSTEM, "cli") as context:
            return records.create(context, entity, values).id

    def update(self, entity: str, number: int, **values: Any) -> None:
        with self.gateway.write(SYSTEM, "cli") as context:
            records.update(context, entity, number, values)

    def notes(self) -> list[str]:
        """What happened since this was last asked."""
        with self.gateway.write(SYSTEM, "cli") as context:
            found = records.find(context, "note", records.Query(fields=("text",), sort=("id",), limit=500))
            records.delete_many(context, "note", [row.id for row in found.rows])
        return [str(row.cells[0]) for row in found.rows]


@pytest.fixture
def office(tmp_path: Path, database_url: str) -> Iterator[Office]:
    made = Office(opened(tmp_path, database_url, APP))
    yield made
    made.gateway.close()


def test_rows_of_a_record_set_things_off_like_records_of_their_own(office: Office) -> None:
    number = office.create("folder", name="A", pages=[{"text": "one"}, {"text": "two"}])
    assert office.notes() == ["made one", "made two"]
    with office.gateway.read(SYSTEM, "cli") as context:
        rows = [row.id for row in records.get(context, "folder", number).children["pages"]]
    changes = [{"id": rows[0], "done": True}, {"id": rows[1], "deleted": True}, {"text": "three"}]
    office.update("folder", number, pages=changes)
    assert sorted(office.notes()) == ["done one", "gone", "made three"]
    office.update("folder", number, pages=[{"id": rows[0], "done": True}])
    assert office.notes() == []


def test_what_goes_with_a_record_is_deleted_too(office: Office) -> None:
    number = office.create("folder", name="A", pages=[{"text": "one"}, {"text": "two"}])
    office.notes()
    with office.gateway.write(SYSTEM, "cli") as context:
        records.delete(context, "folder", number)
    assert office.notes() == ["gone", "gone"]


def test_tags_set_things_off(office: Office) -> None:
    tag, other = office.create("tag", name="urgent"), office.create("tag", name="later")
    number = office.create("folder", name="A", tags=[other])
    assert office.notes() == []
    office.update("folder", number, tags=[tag, other])
    assert office.notes() == ["tagged A"]
    office.update("folder", number, tags=[other, tag])
    assert office.notes() == []


def test_links_set_things_off_at_the_record_they_lead_to(office: Office) -> None:
    first, second = office.create("folder", name="A"), office.create("folder", name="B")
    letter = office.create("letter", text="x", folder=first)
    assert office.notes() == ["related A"]
    office.update("letter", letter, text="y")
    assert office.notes() == []
    office.update("letter", letter, folder=second)
    assert office.notes() == ["related B"]
    office.update("folder", first, twins=[second])
    assert office.notes() == ["related A"]
