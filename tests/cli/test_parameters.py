"""`engine parameter`: listed, set, reset; what can't be is said."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.support.metadata import write
from tests.support.parameters import OFFERS


@pytest.fixture
def desk(run: Run, tmp_path: Path) -> Path:
    """The folder of the application, with its database."""
    made = write(tmp_path / "desk", f"# metadata/app.yaml\n{OFFERS.lstrip()}")
    assert run("apply", made).status == 0
    return made


def test_they_are_listed_set_and_reset(run: Run, desk: Path) -> None:
    listed = run("parameter", "list", "--folder", desk)
    assert listed.status == 0, listed.err
    assert listed.out.splitlines()[0] == "sale.limit = 10%  (the default)"
    told = run("parameter", "set", "sale.limit", "12.5", "--folder", desk).out
    assert told.startswith("sale.limit = 12.5%  (set by System, 2")
    assert told.endswith(" UTC; default 10%)\n")
    run("parameter", "set", "least", "99.50 EUR", "--folder", desk)
    run("parameter", "set", "wish", "", "--folder", desk)
    found = json.loads(run("parameter", "list", "--json", "--folder", desk).out)["parameters"]
    assert {each["name"]: each["value"] for each in found if each["set"]} == {
        "limit": "12.50",
        "least": {"amount": "99.50", "currency": "EUR"},
        "wish": None,
    }
    assert run("parameter", "set", "other.limit", "-5", "--folder", desk).out.startswith("other.limit = -5  ")
    reset = json.loads(run("parameter", "reset", "sale.limit", "--json", "--folder", desk).out)
    assert (reset["value"], reset["set"]) == ("10.00", False)


def test_what_can_not_be(run: Run, desk: Path) -> None:
    for words, status, said in (
        (("set", "sale.limit", "much"), 1, "limit: "),
        (("set", "sale.limit", "101"), 1, "limit: "),
        (("set", "sale.limit", ""), 1, "limit: Free discount must be filled in."),
        (("set", "sale.limti", "1"), 2, "there is no parameter 'sale.limti': did you mean 'sale.limit'?"),
        (("set", "limit", "1"), 2, "there are sale.limit and other.limit: say which"),
        (("reset", "x"), 2, "`engine parameter list` shows those there are"),
    ):
        told = run("parameter", *words, "--folder", desk)
        assert (told.status, said in told.err) == (status, True), (words, told)


def test_where_there_are_none(run: Run, folder: Path) -> None:
    run("apply", folder)
    assert run("parameter", "list", "--folder", folder).out == "no workflow has parameters\n"
