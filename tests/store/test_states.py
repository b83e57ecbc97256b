"""States that are renamed or taken out while records are in them, on both databases."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from engine.app import Engine, open_app, open_for
from engine.errors import SchemaDiffers
from engine.process import firing
from engine.service import records, stays
from engine.work.context import SYSTEM
from tests.support.metadata import complaints

DESK = """
app: desk
---
entity: case
properties:
  name:   {type: text, required: true}
  status: {type: state, workflow: life}
---
workflow: life
entity: case
property: status
initial: new
version: 1
states: {new: {}, work: {}, done: {final: true}}
transitions:
  begin: {from: new, to: work}
  end:   {from: work, to: done}
"""
RENAMED = (
    DESK.replace("work: {}", "busy: {was: work}")
    .replace("to: work", "to: busy")
    .replace("from: work", "from: busy")
)
GONE = (
    DESK.replace("work: {}, ", "")
    .replace("to: work", "to: done")
    .replace("  end:   {from: work, to: done}\n", "")
)


class Desk:
    """The desk's folder and database, opened with one metadata after the other."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder, self.url = folder, url
        (folder / "metadata").mkdir()

    def open(self, metadata: str, *, apply: bool = True) -> Engine:
        (self.folder / "metadata" / "app.yaml").write_text(metadata, encoding="utf-8")
        return open_app(self.folder, database=self.url, apply=apply, environment={})

    def states(self, engine: Engine) -> list[Any]:
        with engine.gateway.read(SYSTEM, "cli") as context:
            page = records.find(context, "case", records.Query(limit=50))
            return [records.get(context, "case", row.id).values["status"] for row in page.rows]


@pytest.fixture
def desk(tmp_path: Path, database_url: str) -> Desk:
    """Three cases, two of them being worked on and one of these in the trash."""
    made = Desk(tmp_path, database_url)
    engine = made.open(DESK)
    with engine.gateway.write(SYSTEM, "cli") as context:
        for number in (1, 2, 3):
            records.create(context, "case", {"name": f"Case {number}"})
        for number in (1, 2):
            firing.fire(context, "case", number, "begin", {})
        records.delete(context, "case", 2)
    engine.close()
    return made


def test_a_renamed_state_takes_its_records_along(desk: Desk) -> None:
    engine = desk.open(RENAMED)
    assert "case.status: 2 records in 'work' to 'busy', as it is called now" in engine.applied
    assert sorted(desk.states(engine)) == ["busy", "new"]
    with engine.gateway.write(SYSTEM, "cli") as context:
        (process,) = context.runtime.processes.of("case")
        assert [each.state for each in stays.of(context, process, 1)] == ["new", "busy"]
        records.restore(context, "case", 2)
        firing.fire(context, "case", 2, "end", {})
    engine.close()
    again = desk.open(RENAMED)
    assert again.applied == ()
    again.close()


def test_it_is_applied_only_where_that_is_asked_for(desk: Desk) -> None:
    with pytest.raises(SchemaDiffers) as waiting:
        desk.open(RENAMED, apply=False)
    assert waiting.value.additions == ("case.status: 2 records in 'work' to 'busy', as it is called now",)
    with pytest.raises(SchemaDiffers):
        open_for(desk.folder, "case", database=desk.url, environment={})


def test_a_state_that_records_are_in_is_not_taken_out(desk: Desk) -> None:
    for apply in (True, False):
        with pytest.raises(SchemaDiffers) as refused:
            desk.open(f"{GONE}---\nentity: further\nproperties: {{x: {{type: text}}}}\n", apply=apply)
        assert refused.value.refused == (
            (
                "case.status: 2 records are in 'work', which is no state any more; add `was: work` to the state "
                "of 'life' that they are to be in"
            ),
        )
    engine = desk.open(DESK, apply=False)  # nothing else was made meanwhile
    engine.close()
    mapped = desk.open(GONE.replace("done: {final", "done: {was: work, final"))
    assert sorted(desk.states(mapped)) == ["done", "new"]
    mapped.close()


def test_a_state_that_no_record_is_in_goes_without_a_word(desk: Desk) -> None:
    engine = desk.open(
        DESK.replace("done: {final: true}", "over: {final: true}").replace("to: done", "to: over")
    )
    assert engine.applied == ()
    engine.close()


def test_reading_the_metadata_again_moves_them_too(desk: Desk) -> None:
    engine = desk.open(DESK)
    (desk.folder / "metadata" / "app.yaml").write_text(RENAMED, encoding="utf-8")
    assert engine.reload()
    assert sorted(desk.states(engine)) == ["busy", "new"]
    (desk.folder / "metadata" / "app.yaml").write_text(GONE, encoding="utf-8")
    assert not engine.reload()
    assert engine.gateway.problems[0].code == "schema-differs"
    engine.close()


def test_a_former_name_is_none_of_a_state(tmp_path: Path) -> None:
    text = DESK.replace(
        "work: {}, done: {final: true}", "work: {was: new}, done: {was: [old], final: true}, x: {was: old}"
    )
    found = complaints(tmp_path, f"# metadata/app.yaml{text}")
    assert [line.partition(" ")[2] for line in found] == [
        "error[bad-state] 'new' is still a state: its records stay in it -- take it out",
        "error[bad-state] 'old' is called 'done' now already -- take it out",
    ]


BY_TYPE = (
    DESK.replace(
        "  status: {type: state, workflow: life}\n",
        "  status: {type: state, workflow: life}\nrecord_types: {usual: {}, short: {workflow: brief}}\n",
    )
    + """---
workflow: brief
entity: case
property: status
initial: new
states: {new: {}, half: {}, done: {final: true}}
transitions: {go: {from: new, to: half}, on: {from: half, to: done}}
"""
)


def test_states_are_renamed_and_missed_by_the_workflow_of_each_type(
    tmp_path: Path, database_url: str
) -> None:
    desk = Desk(tmp_path, database_url)
    engine = desk.open(BY_TYPE)
    with engine.gateway.write(SYSTEM, "cli") as context:
        for kind, transition in (("short", "go"), ("usual", "begin")):
            made = records.create(context, "case", {"name": kind, "record_type": kind})
            firing.fire(context, "case", made.id, transition, {})
    engine.close()
    renamed = (
        BY_TYPE.replace("half: {}", "work: {was: half}")
        .replace("half", "work")
        .replace("was: work", "was: half")
    )
    engine = desk.open(renamed)
    assert engine.applied == ("case.status: 1 record in 'half' to 'work', as it is called now",)
    assert desk.states(engine) == ["work", "work"]
    engine.close()
    gone = renamed.replace("work: {was: half}, ", "").replace(
        "{go: {from: new, to: work}, on: {from: work, to: done}}", "{go: {from: new, to: done}}"
    )
    with pytest.raises(SchemaDiffers) as refused:  # though the other workflow has a state of this name
        desk.open(gone)
    assert len(refused.value.refused) == 1
    assert "of 'brief'" in refused.value.refused[0]
