"""`engine token`: made, listed without the secret, revoked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.store import identity
from tests.cli.conftest import Run

CREATED = "created 2"


@pytest.fixture
def users(run: Run, folder: Path) -> Path:
    for login in ("ann", "bob"):
        run("user", "create", login, "--password-stdin", "--folder", folder, stdin="long enough\n")
    return folder


def made(run: Run, folder: Path, login: str, *more: str) -> dict[str, str]:
    answer: dict[str, str] = json.loads(
        run("token", "create", login, "--json", "--folder", folder, *more).out
    )
    assert identity.digest(answer["token"]).startswith(answer["id"])
    return answer


def test_tokens_are_listed_without_their_secrets(run: Run, users: Path) -> None:
    assert run("token", "list", "--folder", users).out == "no tokens\n"
    nightly = made(run, users, "ann", "--name", "nightly", "--days", "30")
    bobs = made(run, users, "bob")
    listed = run("token", "list", "--folder", users).out
    assert nightly["token"] not in listed
    first, second = listed.splitlines()
    assert first.startswith(f"{nightly['id']}  ann ")
    assert "nightly" in first
    assert "never used, good until 2" in first
    assert second.startswith(f"{bobs['id']}  bob ")
    assert second.endswith("never used, does not expire")
    (ann,) = json.loads(run("token", "list", "ann", "--json", "--folder", users).out)["tokens"]
    assert (ann["id"], ann["login"], ann["name"]) == (nightly["id"], "ann", "nightly")
    assert (ann["last_used_at"], ann["expired"]) == (None, False)
    assert ann["expires_at"].endswith("Z")


def test_one_token_is_revoked(run: Run, users: Path) -> None:
    first, second = made(run, users, "ann", "--name", "a"), made(run, users, "ann", "--name", "b")
    assert run("token", "revoke", first["id"], "--folder", users).out == f"revoked {first['id']}: a, of ann\n"
    left = json.loads(run("token", "list", "--json", "--folder", users).out)["tokens"]
    assert [each["id"] for each in left] == [second["id"]]


def test_all_tokens_of_a_user_are_revoked(run: Run, users: Path) -> None:
    ids = {made(run, users, "ann")["id"], made(run, users, "ann")["id"]}
    kept = made(run, users, "bob")["id"]
    revoked = json.loads(run("token", "revoke", "--all-of", "ann", "--json", "--folder", users).out)
    assert {each["id"] for each in revoked["revoked"]} == ids
    left = json.loads(run("token", "list", "--json", "--folder", users).out)["tokens"]
    assert [each["id"] for each in left] == [kept]
    assert run("token", "revoke", "--all-of", "ann", "--folder", users).out == "no tokens\n"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("revoke", "ffffffffff"), "there is no token 'ffffffffff'"),
        (("revoke",), "say which tokens by their ids"),
        (("revoke", "ffffffffff", "--all-of", "ann"), "say which tokens by their ids"),
        (("revoke", "--all-of", "eve"), "there is no user 'eve'"),
        (("list", "eve"), "there is no user 'eve'"),
        (("create", "eve"), "there is no user 'eve'"),
    ],
)
def test_what_can_not_be_meant_is_refused(
    run: Run, users: Path, words: tuple[str, ...], message: str
) -> None:
    kept = made(run, users, "ann")
    refused = run("token", *words, "--folder", users)
    assert refused.status == 2
    assert message in refused.err
    assert kept["id"] in run("token", "list", "--folder", users).out


def test_a_token_for_less(run: Run, folder: Path) -> None:
    run("user", "create", "ann", "--password-stdin", "--folder", folder, stdin="correct horse\n")
    made = run("token", "create", "ann", "--read-only", "--entity", "user", "--folder", folder)
    assert made.status == 0
    assert run("token", "list", "--folder", folder).out.rstrip().endswith("; reading only of user")
    unknown = run("token", "create", "ann", "--entity", "usr", "--folder", folder)
    assert unknown.status == 2
    assert "usr" in unknown.err
