"""Exporting: which records and columns, cell by cell, in lines that no spreadsheet runs; on both databases."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from engine.errors import BadQuery, Forbidden
from engine.identity.identity import actor_named
from engine.reading.query import Query
from engine.service import exporting, records
from engine.work.context import SYSTEM
from engine.work.gateway import Gateway
from tests.support.shop import opened

METADATA = """
app: exports
---
role: clerk
---
role: reader
---
entity: firm
properties: {name: {type: text, required: true}}
access: {clerk: {read: all}}
---
entity: deal
ownership: user
features: {tags: true}
properties:
  name:   {type: text, required: true}
  amount: {type: decimal}
  price:  {type: money, currency: EUR}
  due:    {type: datetime}
  parts:  {type: multi_choice, options: [a, b]}
  margin: {type: integer, access: {read: []}}
  memo:   {type: text, export: false}
  key:    {type: secret}
relations:
  firm:  {to: firm}
  about: {to: [firm, user]}
access:
  clerk:  {create: true, read: all, export: own}
  reader: {read: all}
"""


@pytest.fixture
def deals(tmp_path: Path, database_url: str) -> Gateway:
    gateway = opened(tmp_path, database_url, METADATA)
    with gateway.write(SYSTEM, "cli") as context:
        for login in ("clerk", "reader"):
            records.create(context, "user", {"login": login, "name": login, "roles": [login]})
        firm = records.create(context, "firm", {"name": "=cmd()"}).id
        mine = {"owner": 1, "firm": firm, "about": {"entity": "firm", "id": firm}, "margin": 3, "memo": "m"}
        records.create(context, "deal", {"name": "Mine", "amount": "-1.50", "price": "10.5", **mine})
        records.create(context, "deal", {"name": "@SUM(1)", "parts": ["a", "b"], "owner": 1, "key": "k"})
        records.create(context, "deal", {"name": "Theirs", "owner": 2})
    return gateway


def exported(gateway: Gateway, login: str, query: Query) -> list[dict[str, str]]:
    with gateway.read(actor_named(gateway, login), "cli") as context:
        export = exporting.begin(context, "deal", query)
        text = exporting.csv_head(export) + exporting.csv_rows(export, exporting.rows(context, export))
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_what_one_may_export_leaves_exactly_and_harmlessly(deals: Gateway) -> None:
    second, first = exported(deals, "clerk", Query())
    assert (first["name"], first["amount"], first["price"]) == ("Mine", "-1.50", "10.50 EUR")
    assert (first["firm"], first["firm.id"]) == ("'=cmd()", "1")
    assert (first["about"], first["about.entity"], first["about.id"]) == ("'=cmd()", "firm", "1")
    assert (second["name"], second["parts"], second["firm"], second["firm.id"]) == ("'@SUM(1)", "a;b", "", "")
    assert not {"margin", "memo", "key"} & set(first)
    deals.close()


def test_filters_and_columns_are_those_of_the_list(deals: Gateway) -> None:
    query = Query(fields=("name", "firm.name", "tags"), where=("record.amount < 0.0",), sort=("name",))
    assert exported(deals, "clerk", query) == [
        {"id": "1", "name": "Mine", "firm.name": "'=cmd()", "tags": ""}
    ]
    for path in ("margin", "memo", "key", "nothing"):
        with pytest.raises(BadQuery):
            exported(deals, "clerk", Query(fields=(path,)))
    with pytest.raises(Forbidden):
        exported(deals, "reader", Query())
    deals.close()


@pytest.mark.parametrize(
    ("cell", "safe"),
    [
        ("=1+1", "'=1+1"),
        ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
        ("-2+3", "'-2+3"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("＝1", "'＝1"),
        ("|x", "'|x"),
        ("-1.50", "-1.50"),
        ("+40213000000", "+40213000000"),
        ("-5%", "-5%"),
        ("-1e5", "'-1e5"),
        ("a=1", "a=1"),
        ("'=1", "''=1"),
        ("'-5", "'-5"),
        ("'quoted'", "'quoted'"),
        ("", ""),
    ],
)
def test_no_cell_begins_like_a_formula(cell: str, safe: str) -> None:
    assert exporting.harmless(cell) == safe
    assert exporting.as_it_was(safe) == cell
