"""A list as a file: from the grid's menu and from the API, page after page, for who may export."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator

import pytest

from engine.app import Engine, open_app
from engine.identity.identity import create_token, create_user
from engine.service import records
from engine.work.context import SYSTEM
from tests.support.desk import DESK
from tests.support.library import PASSWORD
from tests.web.conftest import Visitor


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    folder = tmp_path_factory.mktemp("desk")
    (folder / "metadata").mkdir()
    granted = DESK.replace("share: unit_tree}", "share: unit_tree, export: own}")
    (folder / "metadata" / "app.yaml").write_text(granted, encoding="utf-8")
    made = open_app(folder, apply=True, environment={})
    with made.gateway.write(SYSTEM, "cli") as context:
        people = {"mara": "manager", "ana": "agent", "tia": "trainee", "root": "administrator"}
        ids = {login: create_user(context, login, PASSWORD, [role], login) for login, role in people.items()}
        for number in range(5):
            owner = ids["mara"] if number % 2 else ids["ana"]
            subject = "=HYPERLINK(1)" if number == 1 else f"Case {number}"
            records.create(
                context, "case", {"subject": subject, "owner": owner, "cost": 7, "urgent": number > 2}
            )
        unit = records.create(context, "unit", {"name": "Here"}).id
        for login in ("mara", "root"):
            records.update(context, "user", ids[login], {"unit": unit})
        values = {"subject": "Of my unit", "owner": ids["root"], "status": "closed"}
        records.create(context, "case", values)
    yield made
    made.close()


@pytest.fixture(autouse=True)
def short_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.service.exporting.LARGEST_PAGE", 2)


def _in(desk: Engine, login: str) -> Visitor:
    visitor = Visitor(desk)
    visitor.sign_in(login)
    return visitor


def _lines(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def test_the_grid_gives_all_that_it_lists(desk: Engine) -> None:
    root = _in(desk, "root")
    page = root.get("/case?sort=subject&filter.status=open")
    link = next(each.attributes["href"] for each in page.all("a", css="menu-item") if "Export" in each.text)
    assert link == "/case/export?filter.status=open&sort=subject"
    answered = root.client.get(link)
    assert answered.headers["content-type"] == "text/csv; charset=utf-8"
    assert answered.headers["content-disposition"] == 'attachment; filename="case.csv"'
    assert answered.text.startswith("\ufeffid,subject,")
    found = _lines(answered.text)
    assert [each["subject"] for each in found] == ["'=HYPERLINK(1)", "Case 0", "Case 2", "Case 3", "Case 4"]
    narrowed = root.client.get("/case/export?filter.urgent=true&sort=subject").text
    assert [each["subject"] for each in _lines(narrowed)] == ["Case 3", "Case 4"]
    assert "exported a list" in root.get("/settings/events?kind=exported").text.lower()


def test_one_exports_what_one_may_export(desk: Engine) -> None:
    mara = _in(desk, "mara")
    assert "Of my unit" in mara.get("/case").text
    found = _lines(mara.client.get("/case/export?sort=-subject").text)
    assert [each["subject"] for each in found] == ["Case 4", "Case 3", "Case 2", "Case 0", "'=HYPERLINK(1)"]
    for login in ("ana", "tia"):
        visitor = _in(desk, login)
        assert "Export" not in visitor.get("/case").text
        visitor.get("/case/export", 403)


def test_the_api_gives_csv_and_json_lines(desk: Engine) -> None:
    client = Visitor(desk).client
    client.headers["Authorization"] = f"Bearer {create_token(desk.gateway, 'root', 't')}"
    found = _lines(client.get("/api/case/export?sort=id").text)
    assert [each["id"] for each in found] == ["1", "2", "3", "4", "5", "6"]
    assert (found[0]["cost"], found[0]["owner"], found[0]["owner.id"]) == ("7", "ana", "2")
    lines = client.get("/api/case/export?format=jsonl&fields=subject,owner&urgent=true&sort=id")
    assert lines.headers["content-type"] == "application/jsonl"
    assert [json.loads(line)["subject"] for line in lines.text.splitlines()] == ["Case 3", "Case 4"]
    for wrong in ("format=xls", "limit=5", "after=x", "count=exact", "fields=nothing", "nothing=1"):
        assert client.get(f"/api/case/export?{wrong}").status_code == 400, wrong
    assert "/api/case/export" in client.get("/api/openapi.json").json()["paths"]
