"""The lock of access: what it says, that it is read back whole, and that nothing wider passes it."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.loading.load import check, load
from engine.matrix.judging import judge
from engine.matrix.lock import FILE, HEADER, as_text, read_lines, save_lock, written_lines
from engine.matrix.matrix import Matrix, matrix_of
from tests.support.desk import DESK


def desk(folder: Path, *changes: tuple[str, str]) -> Path:
    """The desk, with parts of its text replaced."""
    text = DESK
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    (folder / "metadata").mkdir(parents=True, exist_ok=True)
    (folder / "metadata" / "app.yaml").write_text(text, encoding="utf-8")
    return folder


def lines(folder: Path) -> list[str]:
    return written_lines(matrix_of(load(folder)))


def test_it_says_all_there_is_to_say(tmp_path: Path) -> None:
    found = lines(desk(tmp_path))
    for line in (
        "group first_line holds group night",
        "group first_line holds role trainee",
        "role director stands above agent",
        "role director stands above manager",
        "role manager has the capability send_mailings",
        "role manager stands above agent",
        "case: records belong to a group",
        "case: agent may create: their own",
        "case: customer may read with history: all, where record.customer.login == user",
        "case: director may read: their own",
        "case: manager may update: those of their unit and the units below it",
        "case: shared with group first_line, to read, owned by role manager",
        "case: shared with role manager and those below it, to edit, where record.urgent",
        "case: trainee may update: their own and those of their groups, where record.status == 'open'",
        "case.channel: trainee may see it and give it to new records only",
        "case.cost: trainee may not see it",
        "case.refund: agent may only see it",
        "case.refund: customer may not see it",
        "case.subject: trainee may only see it",
        "note: shared with everybody who may do this at all, to read",
        "plan: manager may update: all of type small",
        "remark: the case decides, by case",
    ):
        assert line in found
    assert "case: director may audit" not in "\n".join(found)
    assert "administrator" not in "\n".join(found)


def test_it_is_read_back_whole_and_sorted(tmp_path: Path) -> None:
    matrix = matrix_of(load(desk(tmp_path)))
    text = as_text(matrix)
    assert text.startswith(HEADER)
    again, problems = read_lines(text)
    assert problems == ()
    assert again.facts == matrix.facts
    assert as_text(again) == text
    assert as_text(Matrix(frozenset(reversed(list(matrix.facts))))) == text


def test_the_file_is_no_metadata(tmp_path: Path) -> None:
    folder = desk(tmp_path)
    before = check(folder)[1]
    save_lock(folder, matrix_of(load(folder)))
    assert check(folder)[1] == before
    assert judge(load(folder)) == ()


CASE = "  agent:    {create: own, read: group, update: group, share: own}"
TRAINEE = (
    "  trainee:  {create: true, read: group, update: {level: group, where: \"record.status == 'open'\"}}"
)
WIDER = {
    "a new grant": (
        ("customer: {read: {where", "customer: {delete: own, read: {where"),
        "case: customer may delete: their own",
    ),
    "a wider level": (
        (CASE, CASE.replace("update: group", "update: unit")),
        "case: agent may update: those of their unit",
    ),
    "a dropped condition": (
        (TRAINEE, "  trainee:  {create: true, read: group, update: group}"),
        "case: trainee may update: their own and those of their groups",
    ),
    "a changed condition": (
        ("record.status == 'open'", "record.status != 'closed'"),
        "case: trainee may update: their own and those of their groups, where record.status != 'closed'",
    ),
    "history that was refused": (
        ("read: own, audit: none", "read: own"),
        "case: director may audit: their own",
    ),
    "further types": (("{record_types: [small]}", "{record_types: [small, large]}"), "of type large, small"),
    "more sharing": (
        ("level: read}", "level: edit}"),
        "case: shared with group first_line, to edit, owned by role manager",
    ),
    "sharing from anybody": (
        ("{from: {role: manager}, to: {g", "{to: {g"),
        "case: shared with group first_line, to read",
    ),
    "sharing with everybody": (
        ("sharing: read", "sharing: full"),
        "note: shared with everybody who may do this at all, to full",
    ),
    "a property opened by a profile": (
        ("money: hidden, ", ""),
        "case.cost: trainee may use it like the record",
    ),
    "a property named": (
        ("write: [manager]}", "write: [manager, agent]}"),
        "case.refund: agent may use it like the record",
    ),
    "a parent": (("role: trainee", "role: trainee\nparent: agent"), "role manager stands above trainee"),
    "a capability": (
        ("role: agent\n", "role: agent\ncapabilities: [send_mailings]\n"),
        "role agent has the capability send_mailings",
    ),
    "a member of a group": (
        (
            "group: first_line\nmembers: {roles: [trainee]",
            "group: first_line\nmembers: {roles: [trainee, agent]",
        ),
        "group first_line holds role agent",
    ),
    "an owner": (
        ("entity: plan\nownership: unit", "entity: plan\nownership: user"),
        "plan: records belong to a user",
    ),
}


@pytest.mark.parametrize("name", WIDER)
def test_what_allows_more_is_an_error_at_its_place(name: str, tmp_path: Path) -> None:
    change, text = WIDER[name]
    save_lock(tmp_path, matrix_of(load(desk(tmp_path))))
    found = [each for each in judge(load(desk(tmp_path, change))) if each.code == "access-widened"]
    assert any(text in each.message for each in found), [each.message for each in found]
    assert {each.level for each in found} == {"error"}
    assert all(each.place.file == "metadata/app.yaml" for each in found)
    whole = (tmp_path / "metadata" / "app.yaml").read_text(encoding="utf-8")
    line = whole.count("\n", 0, whole.index(change[1] or "cost: ")) + 1
    assert line in {each.place.line for each in found}, [str(each.place) for each in found]
    assert all("engine access --lock" in each.hint for each in found)


@pytest.mark.parametrize("name", WIDER)
def test_the_other_way_round_is_a_warning_only(name: str, tmp_path: Path) -> None:
    change, text = WIDER[name]
    save_lock(tmp_path, matrix_of(load(desk(tmp_path, change))))
    found = judge(load(desk(tmp_path)))
    unequal = name in ("a changed condition", "an owner")
    assert {each.level for each in found} == {"warning", "error"} if unequal else {"warning"}
    assert any(text in each.message for each in found)


def test_the_words_of_a_widening(tmp_path: Path) -> None:
    save_lock(tmp_path, matrix_of(load(desk(tmp_path))))
    (found,) = judge(load(desk(tmp_path, (CASE, CASE.replace("update: group", "update: unit")))))
    assert found.message == "this allows more than the lock: case: agent may update: those of their unit"
    assert found.hint == (
        "the lock says: case: agent may update: their own and those of their groups. "
        "Either take it back, or let it be reviewed with `engine access --lock`"
    )
    assert found.source.strip().startswith("agent:")


def test_a_role_that_loses_everything_opens_nothing(tmp_path: Path) -> None:
    save_lock(tmp_path, matrix_of(load(desk(tmp_path))))
    folder = desk(tmp_path, (CASE + "\n", ""))
    assert {each.level for each in judge(load(folder))} == {"warning"}


def test_a_lock_that_is_missing_or_spoilt(tmp_path: Path) -> None:
    folder = desk(tmp_path)
    (missing,) = judge(load(folder))
    assert (missing.code, missing.place.file) == ("no-access-lock", FILE)
    (folder / FILE).write_text("<<<<<<< ours\n", encoding="utf-8")
    (spoilt,) = judge(load(folder))
    assert (spoilt.code, spoilt.place.line, spoilt.source) == ("bad-access-lock", 1, "<<<<<<< ours")
