"""`engine serve --watch` sees every file of an application, also of its layers and of folders that come later."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine.app import Engine, open_app
from engine.cli import watching
from engine.documents.layers import layer_folders
from engine.identity import identity
from engine.work.context import SYSTEM
from tests.cli.conftest import NOTE
from tests.support.library import PASSWORD
from tests.web.conftest import Visitor

PATIENCE = 15.0


@pytest.fixture
def engine(folder: Path) -> Iterator[Engine]:
    """An application that is watched."""
    read = watching.state_of(folder)
    opened = open_app(folder, apply=True)
    stop = threading.Event()
    watcher = threading.Thread(target=watching.watch, args=(opened, stop, read))
    watcher.start()
    yield opened
    stop.set()
    watcher.join(PATIENCE)
    opened.close()
    assert not watcher.is_alive()


def until(true: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end
        time.sleep(0.05)


def write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def test_a_file_of_a_folder_that_comes_later_is_seen(engine: Engine, folder: Path) -> None:
    write(folder / "plugins" / "stars.py", PLUGIN)
    write(folder / "entities" / "note.yaml", f"{NOTE}  worth: {{type: stars}}\n")
    until(lambda: "worth" in engine.gateway.runtime.entities["note"].properties)
    assert engine.applied == ("note.worth: new (stars)",)
    write(folder / "ui_schema" / "pages.yaml", "grid: note\ncolumns: [worth]\n")
    until(lambda: "note" in engine.gateway.runtime.application.grids)
    write(folder / "ui_schema" / "pages.yaml", "grid: note\ncolumns: [title, worth]\n")
    until(lambda: len(engine.gateway.runtime.application.grids["note"].columns) == 2)


PLUGIN = """from engine import property_type
from engine.types.integer import IntegerType

@property_type
class Stars(IntegerType):
    name = "stars"
"""


def test_a_layer_that_is_used_later_is_seen(engine: Engine, folder: Path, tmp_path: Path) -> None:
    write(tmp_path / "base" / "metadata" / "app.yaml", "app: base\n")
    write(folder / "metadata" / "app.yaml", "app: notes\nuses: [../base]\n")
    until(lambda: len(watching.folders_of(folder)) == 3)
    write(tmp_path / "base" / "entities" / "page.yaml", "entity: page\nproperties: {text: {type: text}}\n")
    until(lambda: "page" in engine.gateway.runtime.entities)


def test_a_wrong_file_is_told_and_the_last_good_one_serves(
    engine: Engine, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(folder / "entities" / "note.yaml", NOTE.replace("date", "dat"))
    until(lambda: engine.gateway.problems)
    assert engine.gateway.runtime.entities["note"].properties["due"].type.name == "date"
    until(lambda: "the last good metadata serves on" in capsys.readouterr().out)
    write(folder / "entities" / "note.yaml", NOTE)
    until(lambda: not engine.gateway.problems)


WARRANTY = """entity: warranty
title: "{number}"
properties:
  number: {type: text, required: true}
  until:  {type: date}
  years:  {type: integer, default: 2}
  price:  {type: money, currency: EUR}
  terms:  {type: long_text}
relations:
  note: {to: note, required: true, on_delete: restrict, inverse: warranties}
"""


@pytest.fixture
def admin(engine: Engine) -> Visitor:
    """An administrator at the pages."""
    with engine.gateway.write(SYSTEM, "cli") as context:
        identity.create_user(context, "admin", PASSWORD, ["administrator"])
    visitor = Visitor(engine)
    assert visitor.sign_in("admin").status == 303
    return visitor


def test_an_entity_is_served_whole_from_the_moment_its_file_is_there(
    engine: Engine, folder: Path, admin: Visitor
) -> None:
    """Table, form, view, history, grid, the list on the other side, navigation: nobody starts anything again."""
    note = admin.get("/note/new").submit(admin, "form", title="Lamp").location
    admin.get("/warranty", status=404)
    write(folder / "entities" / "warranty.yaml", WARRANTY)
    until(lambda: "warranty" in engine.gateway.runtime.entities)
    assert engine.applied == ("warranty (an entity): new",)
    form = admin.get("/warranty/new")
    assert form.one("input", name="years").attributes["value"] == "2"
    made = form.submit(admin, "form", number="W-7", note=note.removeprefix("/note/"))
    page = admin.get(made.location)
    assert (page.heading, "Created" in page.words, "Lamp" in page.words) == ("W-7", True, True)
    admin.get(f"{made.location}/edit").submit(admin, "form", until="2027-01-31")
    assert "Until Jan 31, 2027" in admin.get(made.location).one("ol", css="timeline").text.replace(
        "Until just now ", ""
    )
    assert made.location in [link.attributes["href"] for link in admin.get("/warranty").one("table").all("a")]
    assert "W-7" in admin.get(note).words
    assert "/warranty" in [link.attributes["href"] for link in admin.get("/").one("nav").all("a")]


def test_a_wrong_file_is_told_on_a_page_of_administrators_and_the_last_good_one_serves(
    engine: Engine, folder: Path, admin: Visitor
) -> None:
    write(folder / "entities" / "warranty.yaml", WARRANTY.replace("to: note", "to: nota"))
    until(lambda: engine.gateway.problems)
    assert "The metadata has 1 error" in admin.get("/note").words
    (told,) = admin.get("/settings/problems").all("article")
    assert told.one("code").text == "entities/warranty.yaml:10:14"
    assert "did you mean 'note'?" in told.text
    assert admin.get("/note/new").submit(admin, "form", title="Desk").status == 303
    write(folder / "entities" / "warranty.yaml", WARRANTY)
    until(lambda: "warranty" in engine.gateway.runtime.entities)
    assert "No problems" in admin.get("/settings/problems").words


def test_an_application_is_the_folders_it_uses(tmp_path: Path) -> None:
    write(tmp_path / "top" / "metadata" / "app.yaml", "app: top\nuses: [../middle, ../missing, 7]\n")
    write(tmp_path / "middle" / "metadata" / "about.yaml", "app: middle\nuses: [../low, ../top]\nx: [\n")
    write(tmp_path / "low" / "metadata" / "app.yaml", "app: low\n")
    names = [each.name for each in layer_folders(tmp_path / "top")]
    assert names[-1] == "top"
    assert set(names) <= {"top", "middle", "low"}
    assert "middle" in names
