"""An application with plugins: what they add and change works, and what they do wrong is told with file and line."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from engine.app import Engine, check, open_app
from engine.errors import Invalid, PluginError
from engine.identity import identity
from engine.plugins import load_plugins
from engine.reading.query import Query, Record
from engine.service import records
from engine.types.registry import default_registry
from engine.work.context import SYSTEM
from tests.support.metadata import write

METADATA = """
entity: parcel
properties:
  name:  {type: text, required: true}
  plate: {type: plate, unique: true}
  size:  {type: integer}
"""
PLATE = '''
"""A number plate."""
from engine import Refused, property_type
from engine.types.text import TextType


@property_type
class Plate(TextType):
    name = "plate"
    summary = "A number plate."
    example = {"type": "plate"}

    def parse(self, raw):
        text = super().parse(raw).upper().replace(" ", "")
        if not text[:1].isalpha():
            raise Refused("bad-plate", "A plate begins with a letter.")
        return text
'''
HOOKS = '''
"""What happens to parcels."""
from engine import after, after_commit, before

seen = []


@before("parcel", "create", "update")
def tidy(context, change):
    change.values["name"] = change.value("name").strip().title()
    if change.value("size") == 13:
        change.refuse("size", "Not thirteen.", "unlucky")


@after("parcel", "create")
def weigh(context, change):
    if change.value("size") == 99:
        raise ZeroDivisionError("too heavy")


@before("*", "delete")
def keep(context, change):
    if change.entity == "parcel" and change.value("size") == 1:
        change.refuse("", "This one stays.")


@after_commit("parcel")
def tell(context, change):
    seen.append((change.action, change.id))
    if change.value("size") == 50:
        raise RuntimeError("told in vain")
'''


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path, METADATA)
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins" / "plate.py").write_text(PLATE, encoding="utf-8")
    (tmp_path / "plugins" / "parcels.py").write_text(HOOKS, encoding="utf-8")
    return tmp_path


@pytest.fixture
def engine(folder: Path, database_url: str) -> Iterator[Engine]:
    opened = open_app(folder, database=database_url, apply=True)
    yield opened
    opened.close()


def write_parcel(engine: Engine, **values: Any) -> Record:
    values = {"name": "box", **values}
    return engine.gateway.writing(SYSTEM, "api", lambda context: records.create(context, "parcel", values))


def told(engine: Engine) -> list[tuple[str, int]]:
    """What the hook after the commit has seen."""
    hook = engine.gateway.runtime.hooks.of("after_commit", "parcel", "create")[0]
    seen: list[tuple[str, int]] = hook.function.__globals__["seen"]
    return seen


def number_of(engine: Engine) -> int:
    with engine.gateway.read(SYSTEM, "api") as context:
        return records.count(context, "parcel", Query())


def refused(act: Callable[[], Any]) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as error:
        act()
    return [(each.at, each.code) for each in error.value.errors]


def test_a_type_of_ones_own_is_used_in_yaml(engine: Engine) -> None:
    assert write_parcel(engine, plate="b 12 abc").values["plate"] == "B12ABC"
    assert refused(lambda: write_parcel(engine, plate="12")) == [("plate", "bad-plate")]
    assert refused(lambda: write_parcel(engine, plate="B12 abc")) == [("plate", "unique")]


def test_hooks_before_change_and_refuse(engine: Engine) -> None:
    record = write_parcel(engine, name="  red box ", size=1)
    assert record.title == "Red Box"
    assert refused(lambda: write_parcel(engine, size=13)) == [("size", "unlucky")]
    engine.gateway.writing(
        SYSTEM, "api", lambda c: records.update(c, "parcel", record.id, {"name": " blue "})
    )
    assert refused(
        lambda: engine.gateway.writing(SYSTEM, "api", lambda c: records.delete(c, "parcel", record.id))
    ) == [("", "refused")]
    assert number_of(engine) == 1


def test_a_hook_that_raises_rolls_all_back_and_is_named(engine: Engine) -> None:
    with pytest.raises(PluginError) as error:
        write_parcel(engine, size=99)
    line = HOOKS.splitlines().index('        raise ZeroDivisionError("too heavy")') + 1
    assert (error.value.plugin, error.value.hook) == ("parcels", "after create of parcel")
    assert (error.value.place.file, error.value.place.line) == ("plugins/parcels.py", line)
    assert f"plugins/parcels.py:{line}" in str(error.value)
    assert "ZeroDivisionError: too heavy" in str(error.value)
    assert number_of(engine) == 0
    assert told(engine) == []


def test_a_line_deep_in_a_library_is_not_told_as_one_of_the_plugin(folder: Path, database_url: str) -> None:
    """The place is in the plugin: the line there that called what failed."""
    start = 'import json\nfrom engine import before\n\n\n@before("parcel")\n'
    text = f'{start}def read(context, change):\n    json.loads("{{")\n'
    (folder / "plugins" / "deep.py").write_text(text, encoding="utf-8")
    engine = open_app(folder, database=database_url, apply=True)
    try:
        with pytest.raises(PluginError) as error:
            write_parcel(engine)
        assert (error.value.place.file, error.value.place.line) == ("plugins/deep.py", 7)
    finally:
        engine.close()


def test_after_the_commit_means_after_it(engine: Engine) -> None:
    with engine.gateway.write(SYSTEM) as context:
        record = records.create(context, "parcel", {"name": "box"})
        assert told(engine) == []
    assert told(engine) == [("create", record.id)]
    with pytest.raises(ZeroDivisionError):
        broken_off(engine)
    assert told(engine) == [("create", record.id)]


def broken_off(engine: Engine) -> None:
    with engine.gateway.write(SYSTEM) as context:
        records.create(context, "parcel", {"name": "box"})
        raise ZeroDivisionError


def test_a_savepoint_rolled_back_tells_nobody(engine: Engine) -> None:
    """Of a list, the part before the refused one was written and taken back: it never happened."""
    values = [{"name": "a"}, {"name": "b"}, {"size": 13, "name": "c"}]
    with pytest.raises(Invalid):
        engine.gateway.writing(SYSTEM, "api", lambda c: records.create_many(c, "parcel", values))
    assert told(engine) == []


def test_what_fails_after_the_commit_does_not_fail_the_save(engine: Engine) -> None:
    assert write_parcel(engine, size=50).id == 1
    assert number_of(engine) == 1


def test_a_failing_hook_is_a_problem_document_over_http(engine: Engine) -> None:
    with engine.gateway.write(SYSTEM, "cli") as context:
        identity.create_user(context, "admin", "correct horse", ["administrator"])
    token = identity.create_token(engine.gateway, "admin", "proofs")
    client = TestClient(engine.asgi, raise_server_exceptions=False)
    answer = client.post(
        "/api/parcel", json={"name": "x", "size": 99}, headers={"Authorization": f"Bearer {token}"}
    )
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert "ZeroDivisionError" not in answer.text


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("x = 1\ndef broken(:\n    pass\n", 2, "SyntaxError"),
        ("import json\n\njson.loads('{')\n", 3, "JSONDecodeError"),
        ("from engine import before\nfrom engine import nothing_like_it\n", 2, "ImportError"),
        ("x = 1\nraise SystemExit(3)\n", 2, "SystemExit"),
    ],
)
def test_a_plugin_that_cannot_be_loaded_is_a_problem(folder: Path, text: str, line: int, words: str) -> None:
    (folder / "plugins" / "wrong.py").write_text(text, encoding="utf-8")
    checked = check(folder)
    assert checked.application is None
    (problem,) = [each for each in checked.problems if each.level == "error"]
    assert (problem.code, problem.place.file, problem.place.line) == (
        "plugin-failed",
        "plugins/wrong.py",
        line,
    )
    assert words in problem.message
    assert problem.source == text.splitlines()[line - 1].strip() or "broken" in problem.source
    assert problem.hint


def test_what_a_failed_plugin_would_have_brought_is_not_complained_of(folder: Path) -> None:
    """The one complaint is the plugin's; mistakes that no plugin can explain are told beside it."""
    rules = (
        "validations: [{check: heavy(record.plate) && heavy(record.size), message: No}]\nunique: [[plate]]\n"
    )
    write(folder, f"{METADATA}  weight: {{type: integer, computed: 'twice(record.size)'}}\n{rules}")
    write(folder, "grid: parcel\ncolumns: [name, plate, weight, colour]\n", "ui_schema/parcel.yaml")
    (folder / "plugins" / "plate.py").write_text("import nothing_like_it\n", encoding="utf-8")
    found = [(problem.code, problem.place.file) for problem in check(folder).problems]
    assert found == [("plugin-failed", "plugins/plate.py"), ("unknown-property", "ui_schema/parcel.yaml")]


def layered(folder: Path, own: str = "") -> Path:
    """An application that uses the parcels, with a plugin named like one of theirs."""
    write(folder / "top", "# metadata/app.yaml\napp: top\nuses: [..]\n")
    (folder / "top" / "plugins").mkdir()
    (folder / "top" / "plugins" / "parcels.py").write_text(own, encoding="utf-8")
    return folder / "top"


OWN = """
from engine import before

@before("parcel", "create")
def mark(context, change):
    change.values["name"] += "!"
"""


def test_the_plugins_of_what_an_application_uses_come_first(folder: Path, database_url: str) -> None:
    engine = open_app(layered(folder, OWN), database=database_url, apply=True, environment={})
    made = write_parcel(engine, name="box ", plate="b 1")
    assert (made.values["name"], made.values["plate"]) == ("Box!", "B1")
    engine.close()


def test_a_plugin_below_that_cannot_be_loaded_is_told_at_its_file(folder: Path) -> None:
    (folder / "plugins" / "parcels.py").write_text("import engine\n1 / 0\n", encoding="utf-8")
    found = check(layered(folder, OWN)).problems
    (problem,) = (each for each in found if each.code == "plugin-failed")
    assert (problem.place.file, problem.place.line) == (str(folder / "plugins" / "parcels.py"), 2)
    assert problem.source == "1 / 0"


def test_a_hook_for_an_entity_that_is_not_there_is_told(folder: Path) -> None:
    text = 'from engine import after\n\n\n@after("parcle")\ndef nothing(context, change):\n    pass\n'
    (folder / "plugins" / "wrong.py").write_text(text, encoding="utf-8")
    checked = check(folder)
    found = [(p.code, p.place.file, p.place.line) for p in checked.problems]
    assert found == [("unknown-entity", "plugins/wrong.py", 4)]
    assert "parcel" in checked.problems[0].hint


def test_a_plugin_changed_within_a_second_is_read_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Python takes compiled code for fresh where the second and the size of the source are the same."""
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    file = tmp_path / "plugins" / "figures.py"
    file.parent.mkdir()
    for number in (1, 2):
        file.write_text(f"FIGURE = {number}\n", encoding="utf-8")
        os.utime(file, (1_700_000_000, 1_700_000_000))
        load_plugins(tmp_path, default_registry())
        assert number == sys.modules["engine_plugin_figures"].FIGURE
