"""`engine diff`: what a change of metadata means for people, against a revision of git."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from engine.app import open_app
from engine.identity.identity import actor_named
from engine.matrix.counting import Reach
from engine.matrix.telling import counted_in_words
from engine.service import records
from engine.work.context import SYSTEM
from engine.work.gateway import Gateway
from tests.cli.conftest import Run
from tests.cli.conftest import run as run_fixture
from tests.support.metadata import write

run = run_fixture

SHOP = """
# metadata/app.yaml
app: shop
---
role: agent
---
role: manager
---
entity: ticket
ownership: user
properties:
  subject: {type: text, required: true}
  cost:    {type: integer, access: {read: [manager]}}
access:
  agent:   {create: true, read: own}
  manager: {read: all, delete: all}
"""
CHANGES = (
    ("agent:   {create: true, read: own}", "agent:   {create: true, read: all, update: own}"),
    ("manager: {read: all, delete: all}", "manager: {read: all}"),
    ("[manager]", "[manager, agent]"),
)


def git(folder: Path, *words: str) -> None:
    subprocess.run(
        ["git", "-c", "user.name=A", "-c", "user.email=a@example.org", "-C", str(folder), *words],
        check=True,
        capture_output=True,
    )


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """The shop in a folder of a repository, committed, and then changed."""
    folder = write(tmp_path / "repository" / "shop", SHOP)
    git(tmp_path, "init", "-q", str(folder.parent))
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "shop")
    return folder


def change(folder: Path) -> None:
    file = folder / "metadata" / "app.yaml"
    text = file.read_text(encoding="utf-8")
    for old, new in CHANGES:
        assert old in text
        text = text.replace(old, new)
    file.write_text(text, encoding="utf-8")


def test_nothing_changed(run: Run, shop: Path) -> None:
    told = run("diff", "HEAD", shop)
    assert (told.status, told.out) == (0, "nobody gains or loses anything since HEAD\n")


def test_who_gains_and_who_loses(run: Run, shop: Path) -> None:
    change(shop)
    told = run("diff", "HEAD", shop)
    assert told.status == 0
    assert told.out == (
        "role agent\n"
        "  gains  ticket.cost: agent may see it and change it later only  (metadata/app.yaml:11)\n"
        "         before: ticket.cost: agent may not see it\n"
    ).replace("may see it and change it later only", "may use it like the record") + (
        "  gains  ticket: agent may audit: all  (metadata/app.yaml:13)\n"
        "         before: ticket: agent may audit: their own\n"
        "  gains  ticket: agent may read: all  (metadata/app.yaml:13)\n"
        "         before: ticket: agent may read: their own\n"
        "  gains  ticket: agent may update: their own  (metadata/app.yaml:13)\n"
        "role manager\n"
        "  loses  ticket: manager may delete: all  (metadata/app.yaml:14)\n"
        "\n4 gained, 1 lost since HEAD\n"
    )


def test_how_many_records_that_is(run: Run, shop: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'shop.db'}"
    assert run("apply", shop, "--database", url).status == 0
    for login, role in (("ana", "agent"), ("mara", "manager"), ("otto", "agent")):
        words = ("user", "create", login, "--role", role, "--password-stdin", "--folder", shop)
        made = run(*words, "--database", url, stdin="nobody types this")
        assert made.status == 0, made.err
    fill(shop, url)
    change(shop)
    told = run("diff", "HEAD", shop, "--database", url)
    assert told.out.split("\n\n")[2] == (
        f"records that users reach in {url}:\n"
        "  ana   ticket: read 2 → 3, update 0 → 2\n"
        "  mara  ticket: delete 3 → 0\n"
        "  otto  ticket: read 1 → 3, update 0 → 1\n"
    )
    answer = json.loads(run("diff", "HEAD", shop, "--database", url, "--json").out)
    assert len(answer["changes"]) == 5
    assert {"user": "mara", "entity": "ticket", "action": "delete", "before": 3, "now": 0} in answer[
        "records"
    ]


def fill(folder: Path, url: str) -> None:
    engine = open_app(folder, database=url)
    gateway: Gateway = engine.gateway
    users = {login: actor_named(gateway, login).id for login in ("ana", "otto")}
    with gateway.write(SYSTEM, "cli") as context:
        for number, owner in enumerate(("ana", "ana", "otto", "otto")):
            made = records.create(context, "ticket", {"subject": str(number), "owner": users[owner]})
        records.delete(context, "ticket", made.id)
    engine.close()


def test_of_many_users_the_first_are_told() -> None:
    found = [Reach(f"u{number:03}", "ticket", "read", 1, 3) for number in range(60)]
    lines = list(counted_in_words(found, "it"))
    assert len(lines) == 52
    assert lines[-1] == "  10 more users, together: read +20, update +0, delete +0"


@pytest.mark.parametrize(
    ("revision", "words"),
    [
        (
            "nowhere",
            "git knows no revision 'nowhere': name a commit, branch or tag, for example main or HEAD~1",
        ),
        ("--output=x", "git knows no revision"),
    ],
)
def test_a_revision_there_is_not(revision: str, words: str, run: Run, shop: Path) -> None:
    told = run("diff", "--", revision, shop)
    assert told.status == 2
    assert words in told.err


def test_no_work_tree(run: Run, tmp_path: Path) -> None:
    told = run("diff", "HEAD", write(tmp_path / "shop", SHOP))
    assert told.status == 2
    assert "is in no work tree of git: `engine diff` compares with a revision of one" in told.err


def test_no_application_at_the_time_or_a_wrong_one(run: Run, shop: Path) -> None:
    other = write(shop.parent / "other", SHOP)
    told = run("diff", "HEAD", other)
    assert (told.status, "at HEAD there was no application in" in told.err) == (2, True)
    (other / "metadata" / "app.yaml").write_text("app: other\nhue: blue\n", encoding="utf-8")
    git(other, "add", "-A")
    git(other, "commit", "-q", "-m", "other")
    (other / "metadata" / "app.yaml").write_text("app: other\n", encoding="utf-8")
    told = run("diff", "HEAD", other)
    assert told.status == 2
    assert "the metadata at HEAD can't be read by this version: metadata/app.yaml:2:1" in told.err
