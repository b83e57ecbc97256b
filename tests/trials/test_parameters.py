"""Tests of the configuration that set parameters, and those that don't; recording what they were set to."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from engine.app import open_app
from engine.process import firing
from engine.service import parameters, records
from engine.work.context import SYSTEM
from tests.cli.conftest import Run
from tests.cli.conftest import run as run_fixture
from tests.support.metadata import proven, write
from tests.support.parameters import OFFERS

run = run_fixture

FOLDER = f"# metadata/app.yaml\n{OFFERS.lstrip()}# metadata/tests/example.yaml\n"
GIVEN = "test: it\nas: seller\ngiven: {o: {offer: {subject: Lamps, discount: 15}}}\n"
SUBMIT = "when: {transition: submit, on: o}\n"


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ("", "review"),
        ("parameters: {sale: {limit: 15}}\n", "sent"),
        ("parameters: {sale: {limit: 14.99, least: null, pause: 2h}}\n", "review"),
    ],
)
def test_what_is_set_holds_in_this_test_only(said: str, state: str, run: Run, tmp_path: Path) -> None:
    first = GIVEN + said + SUBMIT + f"then: {{expect: [o.status == '{state}']}}\n"
    second = (
        "---\n" + GIVEN.replace("it", "the next", 1) + SUBMIT + "then: {expect: [o.status == 'review']}\n"
    )
    told = run("test", write(tmp_path, FOLDER + first + second))
    assert told.status == 0, told.out + told.err


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("{sale: {limti: 1}}", "unknown-parameter"),
        ("{sael: {limit: 1}}", "unknown-workflow"),
        ("{sale: {limit: much}}", "bad-value"),
        ("{sale: {limit: null}}", "bad-value"),
        ("{sale: {level: middle}}", "bad-value"),
    ],
)
def test_a_mistake_is_told_once(said: str, code: str, tmp_path: Path) -> None:
    text = GIVEN + f"parameters: {said}\n" + SUBMIT + "then: {expect: [o.status == 'sent']}\n"
    assert [each.code for each in proven(tmp_path, FOLDER + text)] == [code]


def test_a_recording_says_what_they_were_set_to(run: Run, tmp_path: Path) -> None:
    folder = write(tmp_path / "desk", f"# metadata/app.yaml\n{OFFERS.lstrip()}")
    database = f"sqlite:///{tmp_path / 'desk.db'}"
    engine = open_app(folder, database=database, apply=True, environment={})
    with engine.gateway.write(SYSTEM, "cli") as context:
        parameters.change(context, "sale", {"limit": 20, "least": 5, "wish": None})
        parameters.change(context, "other", {"limit": 9})
        number = records.create(context, "offer", {"subject": "Lamps", "discount": 15, "worth": 7}).id
    with engine.gateway.write(SYSTEM, "page") as context:
        firing.fire(context, "offer", number, "submit", {})
    engine.close()
    told = run("test", folder, "--record", f"offer/{number}", "--database", database)
    assert told.status == 0, told.err
    assert yaml.safe_load(told.out)["parameters"] == {
        "sale": {"limit": "20.00", "least": {"amount": "5.00", "currency": "EUR"}, "wish": None}
    }
    (folder / "metadata" / "tests.yaml").write_text(told.out, encoding="utf-8")
    again = run("test", folder)
    assert again.status == 0, again.out + again.err
