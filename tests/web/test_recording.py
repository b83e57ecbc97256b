"""A test is recorded from the page of a record, wherever in its life that is, and holds under `engine test`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from engine.app import Engine
from engine.checked import check
from engine.identity.identity import actor_named
from engine.process import firing
from engine.service import records
from engine.trials import running
from engine.work.context import SYSTEM
from tests.support.ticket_desk import open_desk
from tests.web.browsing import Page
from tests.web.conftest import Visitor


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("desk")


@pytest.fixture(scope="module")
def engine(folder: Path) -> Iterator[Engine]:
    made = open_desk(folder)
    yield made
    made.close()


def make(engine: Engine, login: str, entity: str, **values: Any) -> int:
    actor = SYSTEM if login == "system" else actor_named(engine.gateway, login)
    with engine.gateway.write(actor, "page") as context:
        return records.create(context, entity, values).id


def fire(engine: Engine, login: str, number: int, name: str, **values: Any) -> None:
    with engine.gateway.write(actor_named(engine.gateway, login), "page") as context:
        firing.fire(context, "ticket", number, name, values)


def assigned(engine: Engine) -> int:
    """A ticket of Ana's that has been assigned, with a step that is done."""
    client = make(engine, "system", "client", name="Acme", rating=3)
    steps = [{"text": "Look", "done": True}]
    number = make(engine, "ana", "ticket", subject="Help", client=client, steps=steps)
    fire(engine, "ana", number, "assign", comment="Mine")
    return number


def recording(visitor: Visitor, number: int, what: str) -> Page:
    page = visitor.get(f"/ticket/{number}/recording")
    csrf = page.one("input", name="_csrf").attributes["value"]
    return visitor.post(f"/ticket/{number}/recording", {"_csrf": csrf, "do": what})


def document(visitor: Visitor, number: int) -> str:
    """What is shown is what is downloaded."""
    shown = visitor.get(f"/ticket/{number}/recording").one("textarea", id="f-document").text
    loaded = visitor.client.get(f"/ticket/{number}/recording?download=1")
    assert loaded.headers["content-disposition"] == f'attachment; filename="ticket-{number}.yaml"'
    assert loaded.text.split() == shown.split()
    return str(loaded.text)


def outcome(folder: Path, text: str) -> list[tuple[str, str]]:
    """What `engine test` says of a document."""
    file = folder / "metadata" / "recorded.yaml"
    file.write_text(text, encoding="utf-8")
    try:
        checked = check(folder)
        assert checked.application is not None, checked.problems
        found = running.run(checked, list(checked.application.trials.values()))
        return [(each.status, "; ".join(map(str, getattr(each, "failures", ())))) for each in found]
    finally:
        file.unlink()


def test_from_the_middle_of_a_record_s_life(
    sign_in: Callable[[str], Visitor], engine: Engine, folder: Path
) -> None:
    ada, number = sign_in("ada"), assigned(engine)
    assert recording(ada, number, "start").location == f"/ticket/{number}"
    assert "A test is being recorded" in ada.get(f"/ticket/{number}").words
    make(engine, "ada", "call", ticket=number, outcome="answered")
    with engine.gateway.write(actor_named(engine.gateway, "ana"), "page") as context:
        records.update(context, "ticket", number, {"priority": "high"})
    fire(engine, "ana", number, "solve", answer="Turn it on", hours=2)
    assert recording(ada, number, "stop").location == f"/ticket/{number}/recording"
    text = document(ada, number)
    made = yaml.safe_load(text)
    given = made["given"]["it"]["ticket"]
    assert (given["status"], given["subject"], given["moves"]) == ("assigned", "Help", 1)
    assert given["steps"] == [{"text": "Look", "done": True}]
    assert "priority" not in given
    assert [next(iter(step)) for step in made["steps"]] == ["create", "update"]
    assert made["when"]["transition"] == "solve"
    assert "it.status == 'solved'" in made["then"]["expect"]
    assert outcome(folder, text) == [("ok", "")]
    wrong = text.replace("it.status == 'solved'", "it.status == 'assigned'")
    assert [status for status, _ in outcome(folder, wrong)] == ["failed"]
    assert "A test is being recorded" not in ada.get(f"/ticket/{number}").words


def test_what_led_to_the_record_before_is_given(
    sign_in: Callable[[str], Visitor], engine: Engine, folder: Path
) -> None:
    ada, number = sign_in("ada"), assigned(engine)
    call = make(engine, "system", "call", ticket=number, outcome="answered")
    recording(ada, number, "start")
    fire(engine, "ana", number, "solve", answer="Turn it on", hours=0)
    recording(ada, number, "stop")
    text = document(ada, number)
    assert yaml.safe_load(text)["given"][f"call_{call}"] == {"call": {"outcome": "answered", "ticket": "it"}}
    assert outcome(folder, text) == [("ok", "")]


def test_nothing_done_is_no_test(sign_in: Callable[[str], Visitor], engine: Engine) -> None:
    ada, number = sign_in("ada"), assigned(engine)
    recording(ada, number, "start")
    recording(ada, number, "stop")
    page = ada.get(f"/ticket/{number}/recording")
    assert "Nothing was recorded." in page.words
    recording(ada, number, "discard")
    assert "Start" in [each.text for each in ada.get(f"/ticket/{number}/recording").all("button")]


def test_a_second_recording_gives_up_the_first(sign_in: Callable[[str], Visitor], engine: Engine) -> None:
    ada, first, second = sign_in("ada"), assigned(engine), assigned(engine)
    recording(ada, first, "start")
    assert "To start here gives that up." in ada.get(f"/ticket/{second}/recording").words
    recording(ada, second, "start")
    assert "A test is being recorded" not in ada.get(f"/ticket/{first}").words
    recording(ada, second, "discard")


def test_only_administrators_record(sign_in: Callable[[str], Visitor], engine: Engine) -> None:
    ana, number = sign_in("ana"), assigned(engine)
    page = ana.get(f"/ticket/{number}")
    assert "Record a test" not in page.words
    assert ana.get(f"/ticket/{number}/recording", 403)
    csrf = page.one("input", name="_csrf").attributes["value"]
    for what in ("start", "stop", "discard"):
        assert ana.post(f"/ticket/{number}/recording", {"_csrf": csrf, "do": what}).status == 403
