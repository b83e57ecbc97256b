"""Lists, single records, writing and explaining give one answer, and it is the one told from first principles."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from engine.access.reaching import reaches
from engine.identity.groups import declare_groups
from engine.identity.identity import actor_named
from engine.service import records
from engine.service.sharing import share
from engine.service.why import explain
from engine.work.context import SYSTEM
from engine.work.gateway import Gateway
from tests.support.model import ACTIONS, World, draw
from tests.support.shop import opened


@pytest.mark.parametrize("seed", range(16))
def test_every_way_of_asking_agrees_on_sqlite(seed: int, tmp_path: Path, sqlite_url: str) -> None:
    _agree(seed, tmp_path, sqlite_url)


@pytest.mark.parametrize("seed", range(100, 105))
def test_every_way_of_asking_agrees_on_postgresql(seed: int, tmp_path: Path, postgres_url: str) -> None:
    _agree(seed, tmp_path, postgres_url)


def _agree(seed: int, folder: Path, url: str) -> None:
    world = draw(Random(seed))
    gateway = opened(folder, url, world.yaml())
    try:
        ids = fill(gateway, world)
        for login in world.users:
            for action in ACTIONS:
                told = {
                    number
                    for number, record in zip(ids, world.records, strict=True)
                    if world.reaches(login, action, record)
                }
                assert _listed(gateway, login, action, ids) == told, (seed, login, action)
                assert _explained(gateway, login, action, ids) == told, (seed, login, action)
    finally:
        gateway.close()


def fill(gateway: Gateway, world: World) -> list[int]:
    """The world's people and records in the database; the ids of the records."""
    declare_groups(gateway)
    with gateway.write(SYSTEM, "cli") as context:
        org = records.create(context, "organization", {"name": "O"}).id
        units: dict[str | None, int | None] = {None: None}
        for name, above in world.units.items():
            made = records.create(
                context, "unit", {"name": name, "parent": units[above], "organization": org}
            )
            units[name] = made.id
        users: dict[str | None, int | None] = {None: None}
        for login, user in world.users.items():
            values = {"login": login, "name": login, "roles": user["roles"], "unit": units[user["unit"]]}
            belongs = org if user["organization"] else None
            users[login] = records.create(context, "user", {**values, "organization": belongs}).id
        groups: dict[str | None, int | None] = {None: None}
        for name, logins in world.members.items():
            members = [users[login] for login in logins]
            (row,) = records.find(
                context, "group", records.Query(where=(f"record.declared_as == '{name}'",))
            ).rows
            groups[name] = records.update(context, "group", row.id, {"members": members}).id
        ids = [
            records.create(
                context,
                "thing",
                {
                    "owner": users[record["owner"]],
                    "owner_group": groups[record["owner_group"]],
                    "flag": record["flag"],
                    "size": record["size"],
                },
            ).id
            for record in world.records
        ]
        for number, kind, name, level in world.shares:
            key = {"user": users, "group": groups}.get(kind, {name: name})[name]
            share(context, "thing", ids[number], {kind: key}, level)  # type: ignore[arg-type]
    world.shares = list(
        {
            (number, kind, name): (number, kind, name, level) for number, kind, name, level in world.shares
        }.values()
    )
    return ids


def _listed(gateway: Gateway, login: str, action: str, ids: list[int]) -> set[int]:
    """The records that a list has, where that is about reading; else those that are reached one by one."""
    with gateway.read(actor_named(gateway, login), "cli") as context:
        single = {number for number in ids if reaches(context, "thing", number, action)}
        if action == "read" and single:
            page = records.find(context, "thing", records.Query(limit=500, count="exact"))
            assert {row.id for row in page.rows} == single
            assert page.count is not None
            assert page.count.value == len(single)
        return single


def _explained(gateway: Gateway, login: str, action: str, ids: list[int]) -> set[int]:
    actor = actor_named(gateway, login)
    with gateway.read(SYSTEM, "cli") as context:
        return {
            number
            for number in ids
            if explain(replace(context, kept={}), actor, action, "thing", number).answer
        }
