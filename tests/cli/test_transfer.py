"""`engine import` and `engine export`: files in and out, and what both answer."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run


def written(folder: Path, name: str, text: str) -> Path:
    file = folder.parent / name
    file.write_text(text, encoding="utf-8")
    return file


@pytest.mark.parametrize("ending", ["csv", "jsonl"])
def test_what_is_exported_is_imported(run: Run, folder: Path, ending: str) -> None:
    given = written(folder, "given.csv", "Title;Due\nOne;2026-01-02\n'=Two;\n")
    assert run("import", "note", given, "--folder", folder).out == "2 created\n"
    out = folder.parent / f"out.{ending}"
    assert run("export", "note", out, "--where", "record.due == null", "--folder", folder).status == 0
    assert "One" not in out.read_text(encoding="utf-8")
    assert (
        run("export", "note", out, "--fields", "title,due", "--sort", "title", "--folder", folder).status == 0
    )
    words = ("import", "note", out, "--mode", "upsert", "--key", "title", "--json", "--folder", folder)
    report = json.loads(run(*words).out)
    assert (report["unchanged"], report["created"], report["ignored"]) == (
        2,
        0,
        ["id"] + ["version"] * (ending != "csv"),
    )


@pytest.mark.parametrize("ending", ["csv", "jsonl"])
@pytest.mark.parametrize("fields", [(), ("--fields", "id,title,due")])
def test_all_of_an_export_finds_its_records_again(
    run: Run, folder: Path, ending: str, fields: tuple[str, ...]
) -> None:
    given, out = written(folder, "given.csv", "title\nOne\nTwo\n"), folder.parent / f"all.{ending}"
    run("import", "note", given, "--folder", folder)
    assert run("export", "note", out, *fields, "--folder", folder).status == 0
    words = ("import", "note", out, "--mode", "update", "--key", "id", "--json", "--folder", folder)
    answered = run(*words)
    assert answered.status == 0, answered
    assert json.loads(answered.out)["unchanged"] == 2


def test_a_quote_that_is_never_closed_swallows_no_rows(run: Run, folder: Path) -> None:
    given = written(folder, "given.csv", 'title\nOne\n"Two\nThree\n')
    answered = run("import", "note", given, "--folder", folder)
    assert answered.status != 0
    assert "A quote that opens on line 3 is never closed" in answered.err
    assert "One" not in run("export", "note", "--folder", folder).out


def test_complaints_have_their_lines_and_rows_come_back(run: Run, folder: Path) -> None:
    given = written(folder, "given.csv", "title,due\nOne,2026-01-02\n,never\n")
    rejects = folder.parent / "rejects.csv"
    stopped = run("import", "note", given, "--folder", folder)
    assert stopped.status == 1
    assert "line 3: title: " in stopped.out
    assert "line 3: due: " in stopped.out
    assert "nothing is imported: 1 of 2 rows are refused" in stopped.out
    tried = run("import", "note", given, "--dry-run", "--on-error", "skip", "--folder", folder)
    assert "a dry run, nothing is kept: 1 created, 1 refused" in tried.out
    kept = run("import", "note", given, "--on-error", "skip", "--rejects", rejects, "--folder", folder)
    assert (kept.status, kept.out.splitlines()[-1]) == (1, "1 created, 1 refused")
    assert rejects.read_text(encoding="utf-8").startswith("title,due,import_error\n,never,")
    assert (
        "One"
        in run("export", "note", out := folder.parent / "o.csv", "--folder", folder).out + out.read_text()
    )


def test_a_user_imports_what_they_may(run: Run, folder: Path) -> None:
    given = written(folder, "given.csv", "title\nOne\n")
    run("user", "create", "ann", "--password-stdin", "--folder", folder, stdin="long enough\n")
    refused = run("import", "note", given, "--as", "ann", "--folder", folder)
    assert (refused.status, "You may not import notes." in refused.err) == (1, True)
    assert run("export", "note", "--as", "ann", "--folder", folder).status == 1
    run(
        "user",
        "create",
        "max",
        "--role",
        "administrator",
        "--password-stdin",
        "--folder",
        folder,
        stdin="long enough\n",
    )
    assert run("import", "note", given, "--as", "max", "--folder", folder).out == "1 created\n"
    events = run("events", "--folder", folder).out
    assert events.splitlines()[0].split()[3:] == ["imported", "max"]


@pytest.mark.parametrize(
    ("words", "status", "message"),
    [
        (("import", "note", "none.csv"), 3, "none.csv can't be opened"),
        (("import", "notte", "given.csv"), 2, "did you mean 'note'?"),
        (("import", "note", "given.csv", "--column", "title"), 2, "is not HEAD=PROPERTY"),
        (("import", "note", "given.csv", "--column", "Titel="), 1, "no column 'Titel'"),
        (("import", "note", "given.csv", "--mode", "update"), 1, "as the key"),
        (("import", "note", "wrong.csv"), 1, "Did you mean 'title'?"),
        (("export", "note", "--where", "record.tilte == 1"), 1, "title"),
    ],
)
def test_what_can_not_be_meant_is_refused(
    run: Run, folder: Path, words: tuple[str, ...], status: int, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(folder, "given.csv", "title\nOne\n")
    written(folder, "wrong.csv", "tilte\nOne\n")
    monkeypatch.chdir(folder.parent)
    outcome = run(*words, "--folder", folder)
    assert (outcome.status, message in outcome.err) == (status, True), outcome
