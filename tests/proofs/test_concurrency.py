"""Two hundred at once on the same few records: nothing lost, nothing doubled, nothing left half, nobody fails."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import httpx2
import pytest
import sqlalchemy as sa
from starlette.applications import Starlette

from engine.errors import Conflict, Invalid, NotFound, RecordError
from engine.reading.query import BulkReport, Record
from engine.service import records
from engine.work.context import SYSTEM
from engine.work.gateway import Gateway
from tests.proofs.invariants import dangling, unaudited
from tests.store.together import at_once
from tests.support.loop import run

WRITERS = 200


def create(shop: Gateway, entity: str, **values: Any) -> Record:
    return shop.writing(SYSTEM, "api", lambda context: records.create(context, entity, values))


def update(shop: Gateway, entity: str, number: int, version: int | None = None, **values: Any) -> Record:
    return shop.writing(
        SYSTEM, "api", lambda context: records.update(context, entity, number, values, version)
    )


def delete(shop: Gateway, entity: str, number: int) -> None:
    shop.writing(SYSTEM, "api", lambda context: records.delete(context, entity, number))


def restore(shop: Gateway, entity: str, number: int) -> Record:
    return shop.writing(SYSTEM, "api", lambda context: records.restore(context, entity, number))


def failures(answers: list[Any]) -> list[BaseException]:
    """What was raised and is no answer to an operation."""
    return [each for each in answers if isinstance(each, BaseException) and not isinstance(each, RecordError)]


def codes(answers: list[Any]) -> set[str]:
    return {error.code for each in answers if isinstance(each, Invalid) for error in each.errors}


def test_blind_updates_all_count(shop: Gateway) -> None:
    account = create(shop, "account", name="Acme")
    answers = at_once(WRITERS, lambda n: update(shop, "account", account.id, name=f"Acme {n}"))
    assert failures(answers) == []
    versions = sorted(each.version for each in answers if isinstance(each, Record))
    assert versions == list(range(2, WRITERS + 2))
    assert unaudited(shop, "account") == []


def test_of_one_version_one_wins(shop: Gateway) -> None:
    account = create(shop, "account", name="Acme")
    for version in range(1, 4):
        answers = at_once(
            50,
            lambda n, version=version: update(shop, "account", account.id, version, name=f"{version}.{n}"),  # type: ignore[misc]
        )
        assert Counter(map(type, answers)) == {Record: 1, Conflict: 49}
    assert unaudited(shop, "account") == []


def test_refused_ones_take_no_number(shop: Gateway) -> None:
    """Half of the writers are refused after they took a number: it is given to the next."""

    def order(writer: int) -> Record:
        def work(context: Any) -> Record:
            made = records.create(context, "order", {"lines": [{"what": "Lamp"}]})
            if writer % 2:
                raise NotFound("order")
            return made

        return shop.writing(SYSTEM, "api", work)

    answers = at_once(WRITERS, order)
    assert failures(answers) == []
    numbers = sorted(each.values["number"] for each in answers if isinstance(each, Record))
    assert numbers == [f"O-2026-{number:04}" for number in range(1, WRITERS // 2 + 1)]
    assert unaudited(shop, "order") == []


def test_of_a_singleton_there_is_one(shop: Gateway) -> None:
    answers = at_once(WRITERS, lambda n: create(shop, "setting_of_one", value=str(n)))
    assert Counter(map(type, answers)) == {Record: 1, Invalid: WRITERS - 1}
    assert codes(answers) == {"singleton"}


def test_moves_in_a_tree_never_close_a_circle(shop: Gateway) -> None:
    """Everybody moves one of six below another: any two of these moves might close a circle."""
    nodes = [create(shop, "account", name=f"Node {n}").id for n in range(6)]

    def move(writer: int) -> Record:
        below = nodes[(writer * 7 + 1 + writer // 6) % 6]
        return update(shop, "account", nodes[writer % 6], parent=below)

    answers = at_once(WRITERS, move)
    assert failures(answers) == []
    assert codes(answers) <= {"cycle"}
    table = shop.runtime.table("account").table
    with shop.database.read() as connection:
        parents: dict[int, int | None] = {
            row.id: row.parent for row in connection.execute(sa.select(table.c.id, table.c.parent))
        }
    for node in nodes:
        at: int | None = node
        for _ in range(len(nodes) + 1):
            at = parents[at] if at is not None else None
        assert at is None, f"a circle: {parents}"


def test_opposite_orders_do_not_fail(shop: Gateway) -> None:
    """One half changes A and then B, the other B and then A: whom PostgreSQL ends is done again."""
    both = [create(shop, "account", name=name).id for name in "AB"]

    def change(writer: int) -> BulkReport:
        order = both if writer % 2 else both[::-1]
        return shop.writing(
            SYSTEM,
            "api",
            lambda context: records.update_many(context, "account", order, {"name": f"by {writer}"}),
        )

    answers = at_once(60, change)
    assert failures(answers) == []
    assert unaudited(shop, "account") == []


@pytest.mark.parametrize("refer_by", ["referrer", "about"])
def test_nothing_comes_to_refer_to_the_trash(shop: Gateway, refer_by: str) -> None:
    """Contacts are deleted, by themselves and with their account, while orders are made that refer to them."""
    accounts = [create(shop, "account", name=f"A{n}").id for n in range(10)]
    contacts = [create(shop, "contact", last_name=f"C{n}", account=accounts[n // 2]).id for n in range(20)]

    def act(writer: int) -> Any:
        contact = contacts[writer % 20]
        if writer % 10 == 9:
            return delete(shop, "account", accounts[(writer // 10) % 10])
        if writer % 10 == 8:
            return delete(shop, "contact", contact)
        wanted: Any = contact if refer_by == "referrer" else {"entity": "contact", "id": contact}
        return create(shop, "order", **{refer_by: wanted})

    answers = at_once(WRITERS, act)
    assert failures(answers) == []
    assert codes(answers) <= {"unknown-record", "in-use"}
    assert dangling(shop) == []


def test_restores_and_deletes_at_once(shop: Gateway) -> None:
    """Contacts come back from the trash while their accounts go into it."""
    accounts = [create(shop, "account", name=f"A{n}").id for n in range(20)]
    contacts = [create(shop, "contact", last_name=f"C{n}", account=accounts[n]).id for n in range(20)]
    for contact in contacts:
        delete(shop, "contact", contact)

    def act(writer: int) -> Any:
        place = writer // 2 % 20
        return (
            delete(shop, "account", accounts[place])
            if writer % 2
            else restore(shop, "contact", contacts[place])
        )

    answers = at_once(80, act)
    assert failures(answers) == []
    assert dangling(shop) == []


def test_what_comes_back_together_does_not_refer_to_the_trash(shop: Gateway) -> None:
    """A visit went with its fair; then the account it also refers to was deleted."""
    account = create(shop, "account", name="Acme").id
    fair = create(shop, "fair", name="Spring", visitors=[account]).id
    delete(shop, "fair", fair)
    delete(shop, "account", account)
    with pytest.raises(Invalid) as error:
        restore(shop, "fair", fair)
    assert [each.code for each in error.value.errors] == ["in-trash"]
    assert dangling(shop) == []
    restore(shop, "account", account)
    assert [link.id for link in restore(shop, "fair", fair).many["visitors"]] == [account]


def test_a_record_comes_back_without_who_made_it(shop: Gateway) -> None:
    """Who created a record may be in the trash: that has never kept the record from living."""
    user = create(shop, "user", login="sue", name="Sue")
    account = create(shop, "account", name="Acme")
    table = shop.runtime.table("account").table
    with shop.database.write() as connection:
        connection.execute(sa.update(table).values(created_by=user.id, updated_by=user.id))
    delete(shop, "account", account.id)
    with shop.database.write() as connection:
        connection.execute(sa.update(table).values(created_by=user.id, updated_by=user.id))
    delete(shop, "user", user.id)
    assert restore(shop, "account", account.id).title == "Acme"


def test_clearing_does_not_undo_a_change_made_meanwhile(shop: Gateway) -> None:
    """An order moves from one contact to another while the first is deleted: it keeps the second."""
    account = create(shop, "account", name="A").id
    first = [create(shop, "contact", last_name=f"F{n}", account=account).id for n in range(40)]
    second = create(shop, "contact", last_name="S", account=account).id
    orders = [create(shop, "order", referrer=contact).id for contact in first]

    def act(writer: int) -> Any:
        place = writer // 2
        if writer % 2:
            return delete(shop, "contact", first[place])
        return update(shop, "order", orders[place], referrer=second)

    assert [each for each in at_once(80, act) if isinstance(each, BaseException)] == []
    with shop.read(SYSTEM, "api") as context:
        left = [records.get(context, "order", order).values["referrer"] for order in orders]
    assert [link and link.id for link in left] == [second] * 40
    assert dangling(shop) == []


def test_over_http(shop: Gateway, asgi: Starlette, headers: dict[str, str]) -> None:
    """The same through the API: number, unique key, and a record under If-Match."""

    async def ask() -> list[list[Any]]:
        transport = httpx2.ASGITransport(app=asgi, raise_app_exceptions=False)
        async with httpx2.AsyncClient(transport=transport, base_url="http://shop", headers=headers) as client:
            made = await client.post("/api/account", json={"name": "Acme"})
            where = f"/api/account/{made.json()['id']}"
            waves = [
                [client.post("/api/order", json={}) for _ in range(WRITERS)],
                [client.post("/api/account", json={"name": "A", "code": "X"}) for _ in range(WRITERS)],
                [
                    client.patch(where, json={"name": f"N{n}"}, headers={"If-Match": '"1"'})
                    for n in range(WRITERS)
                ],
                [client.patch(where, json={"name": f"M{n}"}) for n in range(WRITERS)],
            ]
            return [await asyncio.gather(*wave) for wave in waves]

    orders, accounts, guarded, blind = run(ask())
    assert sorted(answer.json()["number"] for answer in orders) == [
        f"O-2026-{number:04}" for number in range(1, WRITERS + 1)
    ]
    assert Counter(answer.status_code for answer in accounts) == {201: 1, 422: WRITERS - 1}
    complaints = {
        (error["at"], error["code"])
        for answer in accounts
        if answer.status_code == 422
        for error in answer.json()["errors"]
    }
    assert complaints == {("code", "unique")}
    assert Counter(answer.status_code for answer in guarded) == {200: 1, 412: WRITERS - 1}
    assert sorted(answer.json()["version"] for answer in blind) == list(range(3, WRITERS + 3))
    assert unaudited(shop, "order", "account") == []
