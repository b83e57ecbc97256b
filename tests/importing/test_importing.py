"""Imports through the record service: what rows become, what is refused of them, and who may; on both databases."""

from __future__ import annotations

import io
from decimal import Decimal
from typing import Any

import pytest

from engine.errors import Forbidden, Invalid
from engine.identity.identity import actor_named
from engine.importing.columns import Options
from engine.importing.report import Rejects, Report
from engine.importing.running import Job, run
from engine.importing.table import Form, Table
from engine.reading.query import Query
from engine.service import records
from engine.work.context import SYSTEM, Actor
from engine.work.gateway import Gateway


def imported(
    gateway: Gateway,
    text: str,
    entity: str = "deal",
    login: str = "clerk",
    form: Form = "csv",
    rejects: io.BytesIO | None = None,
    **options: Any,
) -> Report:
    table = Table(io.BytesIO(text.encode()), form)
    kept = Rejects(rejects, as_csv=form == "csv") if rejects is not None else None
    return run(gateway, Job(who(gateway, login), entity, table, Options(**options), kept))


def who(gateway: Gateway, login: str) -> Actor:
    return actor_named(gateway, login)


def of_bytes(gateway: Gateway, content: bytes, most: int | None = None) -> Report:
    table = Table(io.BytesIO(content), "csv")
    return run(gateway, Job(who(gateway, "clerk"), "deal", table, Options(), most=most))


def rows(gateway: Gateway, *fields: str, entity: str = "deal") -> list[tuple[Any, ...]]:
    with gateway.read(SYSTEM, "cli") as context:
        return [row.cells for row in records.find(context, entity, Query(fields=fields, sort=("id",))).rows]


def complaints(report: Report) -> list[tuple[int, str, str]]:
    return [(each.line, each.column, each.code) for each in report.errors]


def test_rows_become_records_by_name_or_label_with_their_relations(firm: Gateway) -> None:
    report = imported(
        firm,
        "\ufeffName of the deal;amount;due;Firm;people;about.entity;about\r\n"
        "Roof;10.50;2026-03-01;A1;Ana Pop; person;Ion Popa\r\n".replace("; person", ";person")
        + '"Wall; big";-0;;Borg;Ana Pop; Ion Popa;;;\r\n'.replace(
            "Ana Pop; Ion Popa", '"Ana Pop; Ion Popa"'
        ).replace(";;;\r", ";;\r"),
    )
    assert (report.created, report.refused, report.written) == (2, 0, True), report.errors
    first, second = rows(firm, "name", "amount", "firm", "people", "about", "number", "state")
    assert (first[0], first[1], first[2].id, first[4].title) == ("Roof", Decimal("10.50"), 1, "Ion Popa")
    assert [link.title for link in second[3]] == ["Ana Pop", "Ion Popa"]
    assert (second[0], second[2].title, second[4]) == ("Wall; big", "Borg", None)
    assert [each[5:] for each in (first, second)] == [("D-001", "new"), ("D-002", "new")]
    assert rows(firm, "total", entity="firm") == [(Decimal("10.50"),), (Decimal(0),), (Decimal(0),)]
    with firm.read(SYSTEM, "cli") as context:
        assert records.history(context, "deal", 1)[0].source == "import"


def test_every_complaint_of_every_row_and_nothing_is_written(firm: Gateway) -> None:
    before = rows(firm, "id")
    report = imported(
        firm,
        "name,amount,due,firm\nOne,1,2026-01-01,A1\n,x,tomorrow,Acme\nThree,-1,,nobody\nFour,1,,A1,more\n",
    )
    assert complaints(report) == [
        (3, "firm", "ambiguous"),
        (3, "amount", "not-a-number"),
        (3, "due", "bad-date"),
        (3, "name", "required"),
        (4, "firm", "unknown-record"),
        (4, "amount", "too-small"),
        (5, "", "bad-line"),
    ]
    assert (report.created, report.refused, report.written) == (1, 3, False)
    assert rows(firm, "id") == before == []


def test_what_is_refused_can_be_left_out_and_comes_back_with_the_reason(firm: Gateway) -> None:
    rejects = io.BytesIO()
    report = imported(firm, "name,amount\nOne,1\nTwo,-2\n'=Three,3\n", rejects=rejects, skip=True)
    assert (report.created, report.refused, report.written) == (2, 1, True)
    assert rows(firm, "name") == [("One",), ("=Three",)]
    text = rejects.getvalue().decode()
    head, line = text.splitlines()
    assert head == "name,amount,import_error"
    assert line.startswith("Two,-2,")
    assert "amount: " in line
    again = imported(firm, text.replace("-2", "2"), skip=True)
    assert (again.created, again.ignored) == (1, ())


def test_a_dry_run_does_everything_and_keeps_nothing(firm: Gateway) -> None:
    text = "name,ref\nOne,r\nTwo,r\n"
    report = imported(firm, text, dry_run=True, skip=True)
    assert (report.created, report.refused, report.written, report.dry_run) == (1, 1, False, True)
    assert complaints(report) == [(3, "ref", "unique")]
    assert rows(firm, "id") == []
    assert imported(firm, text, skip=True).created == 1
    assert rows(firm, "number") == [("D-001",)]


def test_records_are_found_by_their_key(firm: Gateway) -> None:
    imported(firm, "name,ref,amount\nOne,r1,1\nTwo,r2,2\n")
    key = ("ref",)
    text = "ref,name,amount\nr1,One,5\nr2,Two,2\nr3,Three,3\n"
    report = imported(firm, text, mode="skip", key=key)
    assert (report.created, report.skipped) == (1, 2)
    report = imported(firm, text, mode="upsert", key=key)
    assert (report.created, report.updated, report.unchanged) == (0, 1, 2)
    assert rows(firm, "amount") == [(Decimal(5),), (Decimal(2),), (Decimal(3),)]
    report = imported(firm, "ref,name\nr9,Nine\n,None\n", mode="update", key=key)
    assert complaints(report) == [(2, "ref", "unknown-record"), (3, "ref", "no-key")]
    report = imported(firm, "id,number,name\n1,D-009,Uno\n", mode="update", key=("id",))
    assert (report.updated, report.ignored) == (1, ("id", "number"))
    report = imported(firm, "number,amount\nD-002,7\n", mode="update", key=("number",))
    assert rows(firm, "name", "number", "amount")[:2] == [
        ("Uno", "D-001", Decimal(5)),
        ("Two", "D-002", Decimal(7)),
    ]
    imported(firm, "name,firm.code\nUno,A1\n", mode="upsert", key=("name", "firm"))
    report = imported(firm, "name,firm.code,amount\nUno,A1,9\n", mode="update", key=("name", "firm"))
    assert (report.updated, rows(firm, "amount")[-1]) == (1, (Decimal(9),))
    imported(firm, "name\nTwin\nTwin\n")
    assert complaints(imported(firm, "name\nTwin\n", mode="update", key=("name",))) == [
        (2, "name", "ambiguous")
    ]


def test_columns_are_refused_before_anything_is_written(firm: Gateway) -> None:
    with pytest.raises(Invalid) as caught:
        imported(firm, "nmae,amount,memo,key,margin,firm.kode\nOne,1,,,,\n")
    found = {(each.at, each.code): each.message for each in caught.value.errors}
    assert set(found) == {
        ("nmae", "unknown-column"),
        ("memo", "unknown-column"),
        ("key", "unknown-column"),
        ("margin", "not-allowed"),
        ("firm.kode", "unknown-column"),
    }
    assert "Did you mean 'name'?" in found["nmae", "unknown-column"]
    assert "'code'" in found["firm.kode", "unknown-column"]
    for options in ({"mode": "update"}, {"key": ("ref",)}, {"mode": "update", "key": ("ref",)}):
        with pytest.raises(Invalid, match="key"):
            imported(firm, "name\nOne\n", **options)
    report = imported(firm, "Betreff,rest\nOne,x\n", columns={"Betreff": "name", "rest": ""})
    assert (report.created, report.ignored) == (1, ("rest",))


def test_a_state_is_reached_by_a_transition_or_not_at_all(firm: Gateway) -> None:
    report = imported(firm, "name,state\nOne,new\nTwo,Won\nThree,paid\nFour,nowhere\nFive,\n", skip=True)
    assert complaints(report) == [(4, "state", "no-transition"), (5, "state", "unknown-option")]
    assert rows(firm, "name", "state") == [("One", "new"), ("Two", "won"), ("Five", "new")]
    report = imported(
        firm, "name,state,amount\nOne,lost,1\nTwo,paid,2\n", mode="update", key=("name",), skip=True
    )
    assert report.updated == 2
    assert rows(firm, "state", "amount")[:2] == [("lost", Decimal(1)), ("paid", Decimal(2))]
    with firm.read(SYSTEM, "cli") as context:
        entry = next(each for each in records.history(context, "deal", 2) if each.transition)
    assert (entry.source, entry.transition) == ("import", "Pay")
    report = imported(firm, "name,state\nOne,new\n", mode="update", key=("name",))
    assert complaints(report) == [(2, "state", "no-transition")]


def test_json_lines_hold_values_as_the_api_takes_them(firm: Gateway) -> None:
    report = imported(
        firm,
        '{"name": "One", "amount": "1.5", "firm": {"id": 3, "title": "Borg"}, "people": [{"id": 1}, "Ion Popa"]}\n\n'
        '{"name": "\'=x", "firm": "A2", "about": {"entity": "firm", "id": 1}}\n'
        '{"name": null, "amount": true}\n[1]\n{"name"\n',
        form="jsonl",
        skip=True,
    )
    assert complaints(report) == [
        (4, "amount", "not-a-number"),
        (4, "name", "required"),
        (5, "", "bad-line"),
        (6, "", "bad-line"),
    ]
    first, second = rows(firm, "name", "firm", "people", "about", "amount")
    assert (first[0], first[1].id, [link.id for link in first[2]]) == ("One", 3, [1, 2])
    assert (second[0], second[1].id, second[3].id, second[4]) == ("'=x", 2, 1, None)


def test_an_import_needs_its_grant_and_those_of_every_write(firm: Gateway) -> None:
    with pytest.raises(Forbidden, match="import"):
        imported(firm, "name\nOne\n", login="reader")
    imported(firm, "name,ref\nTheirs,r1\n")
    assert imported(firm, "name,ref\nMine,r2\n", login="intern").created == 1
    with pytest.raises(Invalid) as caught:
        imported(firm, "margin\n1\n", login="intern")
    assert [each.code for each in caught.value.errors] == ["unknown-column"]
    hidden = imported(firm, "ref,name\nr1,x\n", login="intern", mode="update", key=("ref",))
    absent = imported(firm, "ref,name\nr9,x\n", login="intern", mode="update", key=("ref",))
    assert hidden.errors == absent.errors
    related = [
        imported(firm, f"name,firm.{by}\nx,{what}\n", login="intern").errors
        for by, what in (("code", "A1"), ("code", "A9"))
    ]
    assert [each.message.replace("A1", "A9") for each in related[0]] == [each.message for each in related[1]]
    ids = [imported(firm, f"name,firm.id\nx,{what}\n", login="intern").errors for what in ("1", "999")]
    assert [each.message.replace("1", "999") for each in ids[0]] == [each.message for each in ids[1]] != []


def test_files_that_cant_be_read_are_refused_whole(firm: Gateway) -> None:
    for content, said in (
        ("name\nOne\n".encode("utf-16"), "UTF-16"),
        ("name\nÖne\n".encode("latin-1"), "not UTF-8, at byte 6"),
        (b"", "empty"),
        (b"\xef\xbb\xbf", "empty"),
    ):
        with pytest.raises(Invalid, match=said):
            of_bytes(firm, content)
    with pytest.raises(Invalid, match="more than 1 rows"):
        of_bytes(firm, b"name\n1\n2\n", most=1)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_delimiters_are_found_out(delimiter: str) -> None:
    text = f'"a,;b"{delimiter}c\r\n"1\r\n2"{delimiter}3\r\n'
    table = Table(io.BytesIO(text.encode()), "csv")
    assert table.heads == ("a,;b", "c")
    assert [(line.number, line.cells) for line in table.lines()] == [(2, ("1\r\n2", "3"))]
