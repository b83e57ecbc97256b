"""One person's questions through every face of an application, and the answers as text: what leak tests compare.

Two entities are asked about: `thing`, whose records somebody may not all see, and `remark`, which leads to them.
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import patch
from urllib.parse import urlencode

import sqlalchemy as sa
from starlette.applications import Starlette

from engine.api.app import api
from engine.cli.main import main
from engine.identity.csrf import csrf_token
from engine.identity.identity import SESSION_COOKIE, actor_named, create_token
from engine.site.app import pages
from engine.store.identity import open_session
from engine.store.system import session
from engine.work.gateway import Gateway
from tests.support.asking import FORM, MANY_PARTS, Answered, Asker, parts

Answer = tuple[str, int, str]
"""What was asked, the status of the answer, and its text."""

CSV = {"content-type": "text/csv"}
JSON = {"content-type": "application/json"}

ABSENT = 999
"""No record is called so."""

LISTS = (
    "",
    "count=exact&limit=3",
    "sort=label",
    "sort=-label&limit=2&count=capped",
    "sort=-size,label",
    "fields=label,owner.name,owner_group.name",
    "q=plain",
    "q=secret",
    "label=secret",
    "where=record.label%20%3D%3D%20'secret'",
    "where=record.remarks.size()%20%3E%200",
    "sort=hush",
    "fields=hush",
    "hush=1",
    "where=record.hush%20%3E%201",
)
REMARKS = (
    "fields=text,thing.label&sort=thing.label",
    "fields=text,thing&sort=thing",
    "fields=text,thing&q=secret",
    "fields=text,thing.label&q=secret",
    "fields=text,thing.owner&q=e",
    "where=record.thing.label%20%3D%3D%20'secret'",
    "where=record.thing%20%3D%3D%20null",
    "thing=1&count=exact",
    "q=secret",
)
EXPORTS = (
    "/api/remark/export",
    "/api/remark/export?fields=text,thing.label&sort=thing.label",
    "/api/remark/export?format=jsonl&fields=text,thing.label",
    "/api/thing/export",
    "/api/thing/export?format=jsonl",
    "/api/thing/export?q=secret",
    "/api/thing/export?where=record.hush%20%3E%201",
    "/api/thing/export?fields=hush",
)
PARTS_OF_API = (
    "",
    "/history",
    "/related/remarks",
    "/shares",
    "/why",
    "/why?action=update",
    "/why?list=q%3Dsecret",
)

PAGES = (
    "/",
    "/settings",
    "/user",
    "/group",
    "/thing/new",
    "/remark/new",
    "/thing/options/owner?q=",
    "/thing/options/owner_group?q=n",
    "/remark/options/thing?q=",
    "/remark/options/thing?q=secret",
    "/thing/names?path=record.",
    "/thing/names?path=record.remarks.",
    "/settings/access?user=chief&entity=thing&id=1",
    "/remark",
    "/remark?sort=thing&q=secret",
    "/remark/export",
    "/remark/export?q=secret",
    "/remark/import",
    "/remark/import?template=1",
    "/thing/export",
    "/thing/export?q=secret",
    "/thing/import",
    "/thing/import?template=1",
)
GRIDS = (
    "",
    "?q=secret",
    "?q=plain",
    "?sort=label&limit=25",
    "?sort=-size,label",
    "?sort=hush",
    "?filter.flag=true",
    "?filter.owner=1&offer=1",
    "?filter.owner=-",
    "?filter.hush=1",
    "?trash=1",
    "?where=record.label%20%3D%3D%20'secret'",
    "?where=record.remarks.size()%20%3E%200",
    "?where=record.hush%20%3E%201",
)
PARTS = ("", "/edit", "/history", "/delete", "/share", "/why", "/why?action=delete", "/related/remarks")

COMMANDS = (
    "export remark",
    "export remark --format jsonl --fields text,thing.label --sort thing.label",
    "export remark --where record.thing.label=='secret'",
    "export thing",
    "export thing --format jsonl",
    "export thing --where record.hush>1",
    "export thing --fields hush",
    "export thing --sort hush",
)
"""What is asked on the command line `--as` somebody; explanations there are an operator's, who sees everything."""


def files(ids: list[int]) -> list[str]:
    """Remarks in files that lead to things by title, by a property, or by number, and to what is hidden of them."""
    by_number = "".join(f"\nx,{each}" for each in (*ids, ABSENT))
    return [
        "text,thing\nx,secret\nx,plain 1",
        "text,thing.label\nx,secret\nx,plain 1",
        f"text,thing.id{by_number}",
        "text,thing.hush\nx,1",
    ]


def of_api(gateway: Gateway, login: str, ids: list[int]) -> Iterator[Answer]:
    """Everything that is asked of the API."""
    token = create_token(gateway, login, "t")
    asked = [f"/api/thing?{query}" for query in LISTS]
    asked += [f"/api/remark?{query}" for query in REMARKS]
    asked += [f"/api/thing/{number}{part}" for number in (*ids, ABSENT) for part in PARTS_OF_API]
    asked += [f"/api/remark/{number}{part}" for number in range(1, 15) for part in ("", "/history")]
    asked += [*EXPORTS, "/api/openapi.json", "/api/me", "/api/thing/why", "/api/thing/why?property=hush"]
    asked += ["/api/thing/why?action=export", "/api/thing/why?action=import"]
    headers = {"authorization": f"Bearer {token}"}
    with Asker(Starlette(routes=[*api(gateway)]), headers) as asker:
        for path in asked:
            yield _answer(path, asker.get(path))
        for number in (*ids, ABSENT):
            body = json.dumps({"text": "x", "thing": number})
            yield _answer(f"remark on {number}", asker.post("/api/remark", body, JSON))
        for sent in files(ids):
            answered = asker.post("/api/remark/import?on_error=skip&dry_run=true", sent, CSV)
            yield _answer(f"import {sent}", answered)


def of_pages(gateway: Gateway, login: str, ids: list[int]) -> Iterator[Answer]:
    """Everything that is asked of the pages."""
    user = actor_named(gateway, login).id
    assert user is not None
    with gateway.database.write() as connection:
        secret = open_session(connection, user, gateway.clock(), timedelta(hours=1), "", "")
        connection.execute(sa.update(session).values(csrf="secret"))
    asked = [*PAGES, *(f"/thing{query}" for query in GRIDS)]
    asked += [f"/thing/{number}{part}" for number in (*ids, ABSENT) for part in PARTS]
    asked += [f"/remark/{number}{part}" for number in range(1, 8) for part in ("", "/history")]
    form = {"_csrf": csrf_token("secret")}
    headers = {"cookie": f"{SESSION_COOKIE}={secret}", "accept-encoding": "gzip"}
    with Asker(Starlette(routes=[*pages(gateway)]), headers) as asker:
        for path in asked:
            yield _answer(path, asker.get(path))
        yield from _of_imports(asker, form, ids)
        for number in (*ids, ABSENT):
            sent = urlencode({**form, "text": "x", "thing": number})
            yield _answer(f"remark on {number}", asker.post("/remark/new", sent, FORM))
        chosen = urlencode({**form, "action": "delete", "id": [*ids, ABSENT]}, doseq=True)
        yield _answer("delete all", asker.post("/thing/bulk", chosen, FORM))


def _of_imports(asker: Asker, form: dict[str, str], ids: list[int]) -> Iterator[Answer]:
    """Files through the pages: sent, their columns looked at, and tried."""
    for number, content in enumerate(files(ids)):
        with patch("engine.store.files.token_hex", lambda length, key=number: f"{key:0{2 * length}}"):
            upload = parts(form, "upload", "remarks.csv", content)
            sent = asker.post("/remark/import", upload, MANY_PARTS)
        yield _answer(f"send {content}", sent)
        if not sent.location:
            continue
        heads = content.partition("\n")[0].split(",")
        columns = {f"column.{position}": head for position, head in enumerate(heads)}
        tried = {**form, **columns, "file": sent.location.rpartition("=")[2], "do": "try", "skip": "yes"}
        yield _answer(f"match {content}", asker.get(sent.location))
        yield _answer(f"try {content}", asker.post("/remark/import", urlencode(tried), FORM))


def _answer(asked: str, found: Answered) -> Answer:
    assert found.status < 500, asked
    return asked, found.status, found.location + found.text


def of_commands(gateway: Gateway, login: str, ids: list[int], folder: Path) -> Iterator[Answer]:
    """Everything that is asked on the command line as somebody; the application is open already."""
    for command in COMMANDS:
        yield command, *_run(gateway, [*command.split(), "--as", login])
    for number, content in enumerate(files(ids)):
        source, rejects = folder / f"{number}.csv", folder / f"{number}.rejects.csv"
        source.write_text(content, encoding="utf-8")
        words = ["import", "remark", str(source), "--as", login, "--dry-run", "--on-error", "skip", "--json"]
        status, told = _run(gateway, [*words, "--rejects", str(rejects)])
        yield f"import {content}", status, told + (rejects.read_text("utf-8") if rejects.exists() else "")


def _run(gateway: Gateway, words: list[str]) -> tuple[int, str]:
    """Run `engine` over an application that is open, and stays so."""
    written = io.BytesIO()
    said = io.TextIOWrapper(written, encoding="utf-8", write_through=True)
    opened = SimpleNamespace(gateway=gateway, close=lambda: None)
    with ExitStack() as stack:
        for name, value in (
            ("engine.cli.transfer.open_for", lambda folder, **given: opened),
            ("engine.cli.logs.configure", lambda environment: None),
            ("sys.argv", ["engine", *words]),
            ("sys.stdout", said),
            ("sys.stderr", said),
        ):
            stack.enter_context(patch(name, value))
        try:
            main()
        except SystemExit as ended:
            return int(ended.code or 0), written.getvalue().decode()
    raise AssertionError(f"{words} did not end in {sys.argv}")
