"""`engine mail`: a mail from a pipe is kept once, and told what became of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.support.post_office import letter, open_office


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    folder = tmp_path / "office"
    (folder / "var").mkdir(parents=True)
    open_office(folder, f"sqlite:///{folder / 'var' / 'app.db'}").close()
    return folder


def test_a_mail_is_delivered_once(run: Run, desk: Path) -> None:
    first = run("mail", "deliver", "desk", "--folder", desk, stdin=letter().as_string())
    assert first.out == "mail 1 to desk (The lamp, from ana.pop@acme.example): case 1 by 'Questions'\n"
    again = run("mail", "deliver", "desk", "--folder", desk, stdin=letter().as_string())
    assert (again.status, again.out) == (0, f"delivered before: {first.out}")
    told = json.loads(run("mail", "list", "--json", "--folder", desk).out)
    assert [(each["state"], each["entity"], each["record"]) for each in told] == [("done", "case", 1)]


def test_what_no_rule_takes_is_kept_and_told(run: Run, desk: Path) -> None:
    sent = letter(From="Dan <dan@other.example>").as_string()
    kept = run("mail", "deliver", "desk", "--folder", desk, stdin=sent)
    assert (kept.status, kept.out) == (
        0,
        "mail 1 to desk (The lamp, from dan@other.example): taken by no rule\n",
    )
    assert run("mail", "list", "--state", "kept", "--folder", desk).out == kept.out
    assert run("mail", "list", "--state", "failed", "--folder", desk).out == "no mail\n"
    assert run("mail", "retry", "1", "--folder", desk).out == kept.out


def test_what_is_too_large_is_kept_by_its_head(run: Run, desk: Path) -> None:
    text = (desk / "metadata" / "app.yaml").read_text(encoding="utf-8")
    (desk / "metadata" / "app.yaml").write_text(
        text.replace("label: Desk\n", "label: Desk\nmax_mb: 1\n"), "utf-8"
    )
    told = run(
        "mail",
        "deliver",
        "desk",
        "--folder",
        desk,
        stdin=letter(text="x" * 70 + "\n").as_string() + "y\n" * 600_000,
    )
    assert (told.status, told.out) == (
        0,
        "mail 1 to desk (The lamp, from ana.pop@acme.example): failed It is too large: only its head was kept.\n",
    )
    assert run("mail", "retry", "1", "--folder", desk).status == 2


def test_wrong_usage(run: Run, desk: Path) -> None:
    unknown = run("mail", "deliver", "dsk", "--folder", desk, stdin="x")
    assert (unknown.status, unknown.err) == (2, "engine: no mailbox 'dsk': there is desk\n")
    empty = run("mail", "deliver", "desk", "--folder", desk, stdin=" \n")
    assert (empty.status, empty.err) == (2, "engine: there is no mail on standard input\n")
    assert run("mail", "list", "--state", "lost", "--folder", desk).status == 2


def test_doctor_tells_of_mails(run: Run, desk: Path) -> None:
    assert "\nmail        none\n" in run("doctor", desk).out
    run("mail", "deliver", "desk", "--folder", desk, stdin=letter(From="Dan <dan@other.example>").as_string())
    text = (desk / "metadata" / "app.yaml").read_text(encoding="utf-8")
    (desk / "metadata" / "app.yaml").write_text(
        text.replace("label: Desk\n", "label: Desk\nsource: imap\n"), "utf-8"
    )
    told = "mail        1 taken by no rule; desk is not fetched: ENGINE_MAILBOX_DESK_URL is not set\n"
    assert told in run("doctor", desk).out
