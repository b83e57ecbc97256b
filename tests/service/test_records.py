"""The operations on records: what they do, what they refuse, and what they leave alone."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from engine.errors import BadQuery, Conflict, Forbidden, Invalid, NotFound
from engine.reading.query import Filter, Query, Record
from engine.service import records
from engine.work.context import SYSTEM, Actor
from engine.work.gateway import Gateway
from tests.support.statements import counted


def create(shop: Gateway, entity: str, actor: Actor = SYSTEM, **values: Any) -> Record:
    return shop.writing(actor, "api", lambda context: records.create(context, entity, values))


def update(
    shop: Gateway, record: Record, actor: Actor = SYSTEM, version: int | None = None, **values: Any
) -> Record:
    return shop.writing(
        actor, "api", lambda context: records.update(context, record.entity, record.id, values, version)
    )


def delete(shop: Gateway, record: Record, actor: Actor = SYSTEM) -> None:
    shop.writing(actor, "api", lambda context: records.delete(context, record.entity, record.id))


def refused(error: pytest.ExceptionInfo[Invalid]) -> dict[str, str]:
    return {each.at: each.code for each in error.value.errors}


def titles(shop: Gateway, entity: str, **query: Any) -> list[str]:
    with shop.read(SYSTEM, "api") as context:
        return [row.title for row in records.find(context, entity, Query(**query)).rows]


def audited(shop: Gateway, record: Record) -> list[str]:
    with shop.read(SYSTEM, "api") as context:
        return [entry.action for entry in records.history(context, record.entity, record.id)]


def test_all_complaints_come_at_once_and_nothing_is_written(shop: Gateway) -> None:
    with pytest.raises(Invalid) as error:
        create(shop, "contact", email="nobody", naem="x", account=99)
    assert refused(error) == {
        "email": "bad-email",
        "naem": "unknown-property",
        "account": "unknown-record",
        "last_name": "required",
    }
    assert titles(shop, "contact") == []


def test_child_rows_are_saved_with_their_parent(shop: Gateway) -> None:
    order = create(shop, "order", lines=[{"what": "Lamp", "quantity": 2}, {"what": "Desk"}])
    rows = order.children["lines"]
    assert [(row.values["what"], row.values["quantity"]) for row in rows] == [("Lamp", 2), ("Desk", 1)]
    changed = update(
        shop,
        order,
        lines=[{"id": rows[0].id, "quantity": 5}, {"id": rows[1].id, "deleted": True}, {"what": "Chair"}],
    )
    assert [(r.values["what"], r.values["quantity"]) for r in changed.children["lines"]] == [
        ("Lamp", 5),
        ("Chair", 1),
    ]
    assert changed.version == 2
    assert audited(shop, order) == ["update", "create"]


def test_a_wrong_child_row_leaves_nothing_behind(shop: Gateway) -> None:
    with pytest.raises(Invalid) as error:
        create(shop, "order", lines=[{"what": "Lamp"}, {"quantity": 0}])
    assert refused(error) == {"lines.1.quantity": "too-small", "lines.1.what": "required"}
    assert titles(shop, "order") == []
    assert create(shop, "order").values["number"] == "O-2026-0001"  # the refused one took no number


def test_a_row_of_another_parent_is_not_ones_own(shop: Gateway) -> None:
    first = create(shop, "order", lines=[{"what": "Lamp"}])
    second = create(shop, "order")
    with pytest.raises(Invalid) as error:
        update(shop, second, lines=[{"id": first.children["lines"][0].id, "what": "Stolen"}])
    assert refused(error) == {"lines.0": "unknown-row"}


def test_a_stale_version_is_a_conflict_that_shows_both(shop: Gateway) -> None:
    account = create(shop, "account", name="Acme")
    update(shop, account, version=1, name="Acme Ltd")
    with pytest.raises(Conflict) as error:
        update(shop, account, version=1, name="Acme Inc")
    assert (error.value.given, error.value.current) == (1, 2)
    assert error.value.theirs["name"] == "Acme Ltd"


def test_what_changes_nothing_writes_nothing(shop: Gateway) -> None:
    account = create(shop, "account", name="Acme")
    assert update(shop, account, name="Acme").version == 1
    assert audited(shop, account) == ["create"]


def test_unique_values_are_free_again_in_the_trash(shop: Gateway) -> None:
    first = create(shop, "account", name="A", code="X")
    with pytest.raises(Invalid) as error:
        create(shop, "account", name="B", code="X")
    assert refused(error) == {"code": "unique"}
    delete(shop, first)
    create(shop, "account", name="B", code="X")
    with pytest.raises(Invalid) as error:
        shop.writing(SYSTEM, "api", lambda context: records.restore(context, "account", first.id))
    assert refused(error) == {"": "unique"}


def test_delete_restricts_cascades_and_clears(shop: Gateway) -> None:
    account = create(shop, "account", name="Acme")
    contact = create(shop, "contact", last_name="Pop", account=account.id)
    order = create(
        shop, "order", account=account.id, referrer=contact.id, about={"entity": "contact", "id": contact.id}
    )
    with pytest.raises(Invalid) as error:
        delete(shop, account)
    assert [each.message for each in error.value.errors] == [
        "1 order refers to it as account: change or delete it first."
    ]
    update(shop, order, account=None)
    delete(shop, account)
    assert titles(shop, "contact") == []
    with shop.read(SYSTEM, "api") as context:
        left = records.get(context, "order", order.id)
    assert (left.values["referrer"], left.values["about"]) == (None, None)
    shop.writing(SYSTEM, "api", lambda context: records.restore(context, "account", account.id))
    assert titles(shop, "contact") == ["Pop"]
    assert audited(shop, contact) == ["restore", "delete", "create"]


def test_restoring_one_brings_back_all_that_went_with_it(shop: Gateway) -> None:
    account = create(shop, "account", name="Acme")
    contact = create(shop, "contact", last_name="Pop", account=account.id)
    other = create(shop, "account", name="Other")
    delete(shop, other)
    delete(shop, account)
    shop.writing(SYSTEM, "api", lambda context: records.restore(context, "contact", contact.id))
    assert (titles(shop, "account"), titles(shop, "contact")) == (["Acme"], ["Pop"])


def test_a_batch_comes_back_whole_whatever_relations_say_today(shop: Gateway) -> None:
    """A relation that took its records along may have been declared otherwise since."""
    account, fair = create(shop, "account", name="Acme"), create(shop, "fair", name="Spring")
    delete(shop, account)
    delete(shop, fair)
    with shop.write(SYSTEM, "api") as context:
        tables = [context.runtime.table(name).table for name in ("account", "fair")]
        batch = context.connection.execute(sa.select(tables[0].c["_deleted_batch"])).scalar_one()
        context.connection.execute(sa.update(tables[1]).values({"_deleted_batch": batch}))
        records.restore(context, "account", account.id)
    assert (titles(shop, "account"), titles(shop, "fair")) == (["Acme"], ["Spring"])


def test_restoring_writes_to_the_tables_of_its_batch_only(shop: Gateway) -> None:
    order = create(shop, "order", lines=[{"what": "Lamp"}])
    delete(shop, order)
    with counted() as statements:
        shop.writing(SYSTEM, "api", lambda context: records.restore(context, "order", order.id))
    updated = [each.split()[1].strip('"') for each in statements if each.startswith("UPDATE")]
    assert sorted(updated) == ["order", "order_line"]


def test_purge_is_for_good_and_history_stays(shop: Gateway) -> None:
    account = create(shop, "account", name="Acme")
    delete(shop, account)
    shop.writing(SYSTEM, "api", lambda context: records.purge(context, "account", account.id))
    with shop.read(SYSTEM, "api") as context:
        assert records.find(context, "account", Query(trash=True)).rows == ()
        with pytest.raises(NotFound):
            records.history(context, "account", account.id)
        count = context.connection.execute(sa.text("SELECT count(*) FROM _engine_audit")).scalar_one()
    assert count == 3


def test_a_tree_has_no_cycles(shop: Gateway) -> None:
    top = create(shop, "account", name="Top")
    middle = create(shop, "account", name="Middle", parent=top.id)
    low = create(shop, "account", name="Low", parent=middle.id)
    with pytest.raises(Invalid) as error:
        update(shop, top, parent=low.id)
    assert refused(error) == {"parent": "cycle"}


def test_tags_are_set_as_a_whole(shop: Gateway) -> None:
    vip, late = (create(shop, "tag", name=name) for name in ("VIP", "Late"))
    account = create(shop, "account", name="Acme", tags=[vip.id])
    assert [link.title for link in account.many["tags"]] == ["VIP"]
    changed = update(shop, account, tags=[late.id])
    assert [link.title for link in changed.many["tags"]] == ["Late"]
    assert titles(shop, "account", filters=(Filter("tags", "eq", late.id),)) == ["Acme"]
    assert titles(shop, "account", filters=(Filter("tags", "eq", vip.id),)) == []


# ---- lists


def test_pages_by_key_show_every_record_once_in_both_directions(shop: Gateway) -> None:
    for number in range(23):
        create(
            shop, "order", due=None if number % 3 == 0 else f"2026-01-{number % 7 + 1:02}", note=str(number)
        )
    for sort in ((), ("due",), ("-due",), ("due", "-number"), ("-status", "due"), ("account", "-due")):
        with shop.read(SYSTEM, "api") as context:
            whole = records.find(context, "order", Query(sort=sort, limit=100)).rows
            forward, page = [], records.find(context, "order", Query(sort=sort, limit=5))
            forward += page.rows
            while page.next:
                page = records.find(context, "order", Query(sort=sort, limit=5, after=page.next))
                forward += page.rows
            assert [row.id for row in forward] == [row.id for row in whole], sort
            backward = list(page.rows)
            while page.previous:
                page = records.find(context, "order", Query(sort=sort, limit=5, before=page.previous))
                backward = [*page.rows, *backward]
            assert [row.id for row in backward] == [row.id for row in whole], sort


def test_null_is_the_smallest_on_every_database(shop: Gateway) -> None:
    create(shop, "order", due="2026-01-02")
    create(shop, "order", due=None)
    create(shop, "order", due="2026-01-01")
    with shop.read(SYSTEM, "api") as context:
        for sort, wanted in (("due", [2, 3, 1]), ("-due", [1, 3, 2])):
            rows = records.find(context, "order", Query(sort=(sort,))).rows
            assert [row.id for row in rows] == wanted


def test_columns_by_path_and_filters_by_path(shop: Gateway) -> None:
    acme = create(shop, "account", name="Acme")
    contact = create(shop, "contact", first_name="Ana", last_name="Pop", account=acme.id)
    create(shop, "order", account=acme.id, referrer=contact.id)
    create(shop, "order")
    with shop.read(SYSTEM, "api") as context:
        page = records.find(
            context,
            "order",
            Query(
                fields=("number", "referrer.account.name", "account"),
                filters=(Filter("account.name", "eq", "Acme"),),
            ),
        )
    assert [row.cells[:2] for row in page.rows] == [("O-2026-0001", "Acme")]
    assert page.rows[0].cells[2].title == "Acme"


@pytest.mark.parametrize("text", ["acme", "ÁRVÍZ", "árvíz", "50%", "a_b"])
def test_quick_filter_ignores_case_and_takes_signs_literally(shop: Gateway, text: str) -> None:
    for name in ("Acme", "Árvíz kft", "50% off", "a_b", "axb", "500"):
        create(shop, "account", name=name)
    wanted = [name for name in ("Acme", "Árvíz kft", "50% off", "a_b") if text.lower() in name.lower()]
    assert titles(shop, "account", text=text) == wanted


@pytest.mark.parametrize(
    "query",
    [
        Query(sort=("nmae",)),
        Query(fields=("lines.what",)),
        Query(filters=(Filter("number.x", "eq", 1),)),
        Query(filters=(Filter("due", "eq", "soon"),)),
        Query(filters=(Filter("due", "contains", "2"),)),
        Query(filters=(Filter("account", "eq", "x"),)),
        Query(after="AAAA"),
        Query(after="ünicode"),
        Query(limit=0),
        Query(text="\0"),
    ],
)
def test_what_cannot_be_answered_is_refused(shop: Gateway, query: Query) -> None:
    with shop.read(SYSTEM, "api") as context, pytest.raises(BadQuery):
        records.find(context, "order", query)


def test_a_cursor_fits_only_its_own_order(shop: Gateway) -> None:
    for _ in range(3):
        create(shop, "order")
    with shop.read(SYSTEM, "api") as context:
        cursor = records.find(context, "order", Query(limit=1, sort=("due",))).next
        with pytest.raises(BadQuery):
            records.find(context, "order", Query(limit=1, sort=("status",), after=cursor))


def test_the_number_of_statements_does_not_grow_with_the_rows(shop: Gateway) -> None:
    counts = []
    statements: list[str] = []

    def note(*args: Any) -> None:
        statements.append(args[2])

    tag = create(shop, "tag", name="VIP")
    for _ in range(2):
        for number in range(5):
            create(shop, "account", name=f"A{number}", tags=[tag.id])
        statements.clear()
        sa.event.listen(sa.Engine, "before_cursor_execute", note)
        with shop.read(SYSTEM, "page") as context:
            records.find(context, "account", Query(fields=("name", "parent.name", "tags"), count="capped"))
        sa.event.remove(sa.Engine, "before_cursor_execute", note)
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 5


# ---- access


def test_what_a_role_may_not_read_looks_like_what_is_not_there(shop: Gateway, seller: Actor) -> None:
    reader = Actor(seller.id, "r", "R", frozenset({"reader"}))
    account = create(shop, "account", name="Acme", credit="100")
    with shop.read(reader, "api") as context:
        assert "credit" not in records.get(context, "account", account.id).values
        with pytest.raises(BadQuery) as error:
            records.find(context, "account", Query(sort=("credit",)))
        unknown = "no property or relation 'credit' on account; did you mean 'created_at'?"
        assert str(error.value) == unknown  # just what a word that is nobody's name is answered
        assert all(
            change.name != "credit"
            for entry in records.history(context, "account", account.id)
            for change in entry.changes
        )
        with pytest.raises(Forbidden):
            records.find(context, "order", Query())


def test_own_reaches_only_ones_own(shop: Gateway, seller: Actor) -> None:
    mine = create(shop, "account", seller, name="Mine")
    other = create(shop, "account", name="Other")
    with shop.read(SYSTEM, "api") as context:
        assert records.get(context, "account", mine.id).values["owner"].title == "Sue"
    assert update(shop, mine, seller, name="Still mine").version == 2
    with pytest.raises(Forbidden):
        update(shop, other, seller, name="Now mine")
    with pytest.raises(Forbidden):
        create(shop, "user", seller, login="x", name="X")


def test_rows_follow_their_parent(shop: Gateway, seller: Actor) -> None:
    create(shop, "order", seller, lines=[{"what": "Lamp"}])
    reader = Actor(seller.id, "r", "R", frozenset({"reader"}))
    with shop.read(seller, "api") as context:
        assert len(records.find(context, "order_line", Query()).rows) == 1
    with shop.read(reader, "api") as context, pytest.raises(Forbidden):
        records.find(context, "order_line", Query())


def test_bulk_reports_what_was_refused_and_does_the_rest(shop: Gateway) -> None:
    account, free = create(shop, "account", name="Acme"), create(shop, "account", name="Free")
    create(shop, "order", account=account.id)
    report = shop.writing(
        SYSTEM, "api", lambda c: records.delete_many(c, "account", [account.id, free.id, 999])
    )
    assert report.done == (free.id,)
    assert set(report.refused) == {account.id, 999}


def test_create_many_is_all_or_nothing(shop: Gateway) -> None:
    with pytest.raises(Invalid) as error:
        shop.writing(
            SYSTEM, "api", lambda c: records.create_many(c, "account", [{"name": "A"}, {}, {"name": "B"}])
        )
    assert refused(error) == {"1.name": "required"}
    assert titles(shop, "account") == []


def test_of_a_singleton_there_is_one(shop: Gateway) -> None:
    create(shop, "setting_of_one", value="a")
    with pytest.raises(Invalid) as error:
        create(shop, "setting_of_one", value="b")
    assert refused(error) == {"": "singleton"}


def test_a_row_that_is_referred_to_stays(shop: Gateway) -> None:
    order = create(shop, "order", lines=[{"what": "Lamp"}])
    row = order.children["lines"][0]
    create(shop, "claim", line=row.id)
    with pytest.raises(Invalid) as error:
        update(shop, order, lines=[{"id": row.id, "deleted": True}])
    assert refused(error) == {"": "in-use"}
    with shop.read(SYSTEM, "api") as context:
        assert len(records.get(context, "order", order.id).children["lines"]) == 1


def test_taking_a_link_away_puts_the_record_in_between_into_the_trash(shop: Gateway) -> None:
    fair, shop_fair = create(shop, "fair", name="Spring"), create(shop, "account", name="Acme")
    changed = update(shop, fair, visitors=[shop_fair.id])
    assert [link.title for link in changed.many["visitors"]] == ["Acme"]
    assert update(shop, fair, visitors=[]).many["visitors"] == ()
    with shop.read(SYSTEM, "api") as context:
        assert len(records.find(context, "visit", Query(trash=True)).rows) == 1
