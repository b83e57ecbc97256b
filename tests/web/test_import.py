"""A file by the pages: sent, its columns matched, tried, imported; the refused rows come back as a file."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from engine.app import Engine, open_app
from engine.identity.identity import create_user
from engine.reading.query import Query
from engine.service import records
from engine.work.context import SYSTEM
from tests.support.desk import DESK
from tests.support.library import PASSWORD
from tests.web.browsing import Page
from tests.web.conftest import Visitor

FILE = "Subject;Kosten;urgent;was\nLamp;15;yes;x\nParcel;7;;y\n"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    folder = tmp_path_factory.mktemp("desk")
    (folder / "metadata").mkdir()
    (folder / "metadata" / "app.yaml").write_text(DESK, encoding="utf-8")
    made = open_app(folder, apply=True, environment={})
    with made.gateway.write(SYSTEM, "cli") as context:
        for login, role in {"root": "administrator", "max": "administrator", "ana": "agent"}.items():
            create_user(context, login, PASSWORD, [role], login)
    yield made
    made.close()


def at(desk: Engine, login: str = "root") -> Visitor:
    visitor = Visitor(desk)
    visitor.sign_in(login)
    return visitor


def send(visitor: Visitor, text: str | bytes, name: str = "cases.csv") -> Page:
    content = text if isinstance(text, bytes) else text.encode()
    token = visitor.get("/case/import").one("input", name="_csrf").attributes["value"]
    return visitor.post("/case/import", {"_csrf": token}, files={"upload": (name, content, "text/csv")})


def step(visitor: Visitor, page: Page, do: str, **typed: str) -> Page:
    form = {"_csrf": page.one("input", name="_csrf").attributes["value"], "do": do}
    form["file"] = page.one("input", name="file").attributes["value"]
    for select in page.all("select"):
        chosen = [each for each in select.all("option") if "selected" in each.attributes]
        form[select.attributes["name"]] = chosen[0].attributes["value"] if chosen else ""
    return visitor.post("/case/import", form | typed)


def subjects(desk: Engine) -> list[str]:
    with desk.gateway.read(SYSTEM, "cli") as context:
        page = records.find(context, "case", Query(fields=("subject",), sort=("id",)))
    return [row.cells[0] for row in page.rows]


def test_a_file_is_sent_matched_tried_and_imported_once(desk: Engine) -> None:
    visitor = at(desk)
    assert "/case/import" in visitor.get("/case").text
    sent = send(visitor, FILE)
    columns = visitor.follow(sent)
    chosen = [select.all("option", selected="") for select in columns.all("select")]
    assert [each[0].attributes["value"] if each else "" for each in chosen[:4]] == [
        "subject",
        "",
        "urgent",
        "",
    ]
    assert "Lamp · Parcel" in columns.words
    tried = step(visitor, columns, "try", **{"column.1": "cost"})
    assert (tried.status, subjects(desk)) == (200, [])
    assert "Nothing stands in the way: 2 created." in tried.words
    done = step(visitor, tried, "import")
    assert (done.status, subjects(desk)) == (200, ["Lamp", "Parcel"])
    assert "The file is imported: 2 created." in done.words
    assert "left out: Kosten" not in done.words
    assert "Columns left out: was" in done.words
    assert step(visitor, tried, "import").status == 404
    assert visitor.get(sent.location, status=404).status == 404
    assert subjects(desk) == ["Lamp", "Parcel"]


def test_refused_rows_are_told_and_come_back(desk: Engine) -> None:
    visitor, before = at(desk), subjects(desk)
    columns = visitor.follow(send(visitor, 'subject,cost\nOne,1\n"",many\n<b>,\'=1\n'))
    tried = step(visitor, columns, "import")
    assert (tried.status, subjects(desk)) == (422, before)
    assert "2 rows of 3 are refused; nothing is written." in tried.words
    assert "3 cost" in tried.words
    done = step(visitor, tried, "import", skip="yes")
    assert subjects(desk) == [*before, "One"]
    link = next(each for each in done.all("a") if each.text == "Refused rows")
    answer = visitor.client.get(link.attributes["href"])
    assert "attachment" in answer.headers["content-disposition"]
    assert answer.text.splitlines()[0] == "subject,cost,import_error"
    assert answer.text.splitlines()[2].startswith("<b>,'=1,")
    assert at(desk, "ana").client.get(link.attributes["href"]).status_code == 404


def test_records_are_found_by_the_columns_marked_as_key(desk: Engine) -> None:
    visitor = at(desk)
    step(visitor, visitor.follow(send(visitor, "subject,cost\nKeyed,1\n")), "import")
    count = len(subjects(desk))
    columns = visitor.follow(send(visitor, "subject,cost\nKeyed,5\nKeyed too,6\n"))
    assert "as the key" in step(visitor, columns, "try", mode="upsert").words
    done = step(visitor, columns, "import", mode="upsert", key="0")
    assert "1 created, 1 updated" in done.words
    assert len(subjects(desk)) == count + 1


def test_what_is_wrong_with_file_and_columns_is_said_where_it_is(desk: Engine) -> None:
    visitor = at(desk)
    for content, said in ((b"", "empty"), ("é\n".encode("latin-1"), "not UTF-8")):
        page = send(visitor, content)
        page = visitor.get(page.location, status=422) if page.location else page
        assert said in page.words
    token = visitor.get("/case/import").one("input", name="_csrf").attributes["value"]
    assert "Choose a file first." in visitor.post("/case/import", {"_csrf": token}).words
    columns = visitor.follow(send(visitor, "a,b\n1,2\n"))
    wrong = step(visitor, columns, "try", **{"column.0": "subject", "column.1": "subject"})
    assert "Two columns are 'subject'" in wrong.one(id="c-1-error").text
    assert step(visitor, columns, "try", **{"column.0": "nonsense"}).status == 422


def test_somebody_elses_file_is_nobodys(desk: Engine) -> None:
    sent = send(at(desk), FILE)
    assert at(desk, "ana").get("/case/import", status=403).status == 403
    assert "/case/import" not in at(desk, "ana").get("/case").text
    assert at(desk).get(sent.location).status == 200


def test_an_empty_file_has_the_columns(desk: Engine) -> None:
    answer = at(desk).client.get("/case/import?template=1")
    names = answer.text.removeprefix("\ufeff").strip().split(",")
    assert "subject" in names
    assert not {"id", "created_at", "version"} & set(names)
