"""A grid and a view page over a million tickets, against the same pages written by hand.

The hand-written side is Starlette, SQLAlchemy Core and Jinja2 as a careful developer would write them for
this one page: statements built once, the same middleware, the same pool of threads, the same queries (session, rows,
count), and a template that holds the page's frame as plain text. Both answer with the
same words in their rows, which is checked before anything is measured.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import re
import time
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from jinja2 import Environment
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route, Router

from bench.ratio import HEADER, Ratio
from engine.app import Engine, open_app
from engine.service import identity, records
from engine.service.context import SYSTEM
from engine.service.query import Filter, Query
from engine.store.identity import digest
from engine.store.system import session

ROOT = Path(__file__).parent.parent
PATH = "/ticket?filter.status=new&sort=-updated_at"
ROWS = re.compile(r'(<tbody role="rowgroup">)(.*?)(</tbody>)', re.DOTALL)

ROW = """\
<tr role="row" data-id="{{ r.id }}"><td role="cell" class="col-check"><input type="checkbox" form="bulk" name="id" \
value="{{ r.id }}" aria-label="Select {{ r.number }} · {{ r.subject }}" autocomplete="off"></td>\
<td role="cell" class="col-id">{{ r.number }}</td>\
<th role="rowheader" scope="row" class="col-title"><a class="truncate" href="/ticket/{{ r.id }}" \
title="{{ r.subject }}">{{ r.subject }}</a></th>\
<td role="cell" class="col-rel"><a class="truncate" href="/account/{{ r.account }}" \
title="{{ r.account_name }}">{{ r.account_name }}</a></td>\
<td role="cell" class="col-person">{% if r.keeper %}<a class="person" href="/user/{{ r.keeper }}"><span class="avatar" \
data-tone="{{ r.keeper_tone }}" aria-hidden="true">{{ r.keeper_initials }}</span><span class="truncate">\
{{ r.keeper_name }}</span></a>{% endif %}</td>\
<td role="cell">{% if r.priority %}<span class="badge" data-tone="{{ r.priority_tone }}" \
data-phase="{{ r.priority_phase }}">{{ r.priority_label }}</span>{% endif %}</td>\
<td role="cell"><span class="badge" data-tone="blue" data-phase="start">New</span></td>\
<td role="cell" data-label="Due">{% if r.due %}<time class="due" datetime="{{ r.due_iso }}">{{ r.due }}</time>\
{% endif %}</td>\
<td role="cell" class="col-person">{% if r.owner %}<a class="person" href="/user/{{ r.owner }}"><span class="avatar" \
data-tone="{{ r.owner_tone }}" aria-hidden="true">{{ r.owner_initials }}</span><span class="truncate">\
{{ r.owner_name }}</span></a>{% endif %}</td>\
<td role="cell" class="col-minor" data-label="Updated"><time class="due" datetime="{{ r.updated_iso }}">\
{{ r.updated }}</time></td></tr>"""

TONES = {
    "low": ("gray", "start"),
    "normal": ("blue", "active"),
    "high": ("amber", "wait"),
    "urgent": ("red", "stop"),
}


class Handwritten:
    """The page as somebody would write it for tickets alone."""

    def __init__(self, engine: Engine, frame: str) -> None:
        self.gateway = engine.gateway
        tables = engine.gateway.runtime.tables.entities
        ticket, account, user = (tables[name].table for name in ("ticket", "account", "user"))
        keeper, owner = user.alias(), user.alias()
        self.zone = ZoneInfo(engine.gateway.runtime.application.settings.timezone)
        alive = ticket.c["_deleted_at"].is_(None)
        wanted = sa.and_(ticket.c.status == sa.bindparam("status"), alive)
        t = ticket.c
        self.rows = (
            sa.select(
                t.id,
                t.version,
                t.number,
                t.subject,
                t.account,
                account.c.name.label("account_name"),
                keeper.c.id.label("keeper"),
                keeper.c.name.label("keeper_name"),
                t.priority,
                t.due_at,
                owner.c.id.label("owner"),
                owner.c.name.label("owner_name"),
                t.updated_at,
            )
            .select_from(
                ticket.outerjoin(account, account.c.id == t.account)
                .outerjoin(keeper, keeper.c.id == account.c.owner)
                .outerjoin(owner, owner.c.id == t.owner)
            )
            .where(wanted)
            .order_by(t.updated_at.desc(), t.id.desc())
            .limit(51)
        )
        self.count = sa.select(sa.func.count()).select_from(
            sa.select(sa.literal_column("1")).select_from(ticket).where(wanted).limit(10_001).subquery()
        )
        self.session = (
            sa.select(user, session.c.csrf, session.c.last_seen_at)
            .join(session, session.c.user_id == user.c.id)
            .where(session.c.hash == sa.bindparam("hash"), session.c.expires_at > sa.bindparam("now"))
        )
        head, tail = (part.replace("{", "{{ '{' }}") for part in ROWS.sub(r"\1@@@\3", frame).split("@@@"))
        body = f"{head}{{% for r in rows %}}{ROW}{{% endfor %}}{tail}"
        self.template = Environment(autoescape=True).from_string(body)

    async def page(self, request: Request) -> Response:
        return await self.gateway.run(self._page, request)

    def _page(self, request: Request) -> Response:
        secret = request.cookies.get("engine_session", "")
        with self.gateway.database.read() as connection:
            now = self.gateway.clock()
            user = connection.execute(self.session, {"hash": digest(secret), "now": now}).first()
        if user is None:
            return Response(status_code=303)
        with self.gateway.database.read() as connection:
            found = (
                connection.execute(self.rows, {"status": request.query_params["filter.status"]})
                .mappings()
                .all()
            )
            connection.execute(self.count, {"status": request.query_params["filter.status"]}).scalar_one()
        return HTMLResponse(self.template.render(rows=[self._row(row) for row in found[:50]]))

    def _row(self, row: Any) -> dict[str, Any]:
        made = dict(row)
        for name in ("keeper", "owner"):
            words = (made[f"{name}_name"] or "?").split()
            made[f"{name}_initials"] = (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()
            made[f"{name}_tone"] = ("blue", "green", "amber", "violet", "red")[sum(map(ord, words[0])) % 5]
        priority = made["priority"]
        if priority:
            made["priority_label"] = priority.capitalize()
            made["priority_tone"], made["priority_phase"] = TONES[priority]
        for name, key in (("due", "due_at"), ("updated", "updated_at")):
            made[name] = self._moment(made[key]) if made[key] else ""
            made[f"{name}_iso"] = made[key].isoformat() if made[key] else ""
        return made

    def _moment(self, moment: datetime) -> str:
        local = moment.astimezone(self.zone)
        hour = local.hour % 12 or 12
        return f"{local:%b} {local.day}, {local.year}, {hour}:{local:%M}\u202f{local:%p}"


# ---- asking without a network


Ask = Callable[[], Awaitable[bytes]]


def asking(app: Any, path: str, secret: str) -> Ask:
    """A function that sends one GET to an ASGI application and answers its body."""
    address, _, query = path.partition("?")
    headers = [(b"cookie", f"engine_session={secret}".encode()), (b"accept-encoding", b"gzip")]

    async def ask() -> bytes:
        sent: list[Any] = []
        scope = {
            "type": "http", "http_version": "1.1", "method": "GET", "path": address, "raw_path": address.encode(),
            "query_string": query.encode(), "root_path": "", "scheme": "http", "headers": list(headers),
            "server": ("localhost", 80), "client": ("127.0.0.1", 1), "state": {},
        }  # fmt: skip

        async def receive() -> Any:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        await app(scope, receive, send)
        assert sent[0]["status"] == 200, sent[0]
        return b"".join(message.get("body", b"") for message in sent[1:])

    return ask


def text_of(body: bytes) -> str:
    return (gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body).decode()


def words_of_rows(page: str) -> list[str]:
    """What a reader sees in the rows, without markup."""
    found = ROWS.search(page)
    assert found is not None
    return re.sub(r"<[^>]+>", " ", found.group(2)).split()


async def measure(name: str, ours: Ask, theirs: Ask, rounds: int = 12, each: int = 12) -> Ratio:
    """Ask both by turns, four requests at a time; the best time per request of each."""
    best = [float("inf"), float("inf")]
    for _ in range(rounds):
        for position, ask in enumerate((ours, theirs)):
            start = time.perf_counter()
            for _ in range(each):
                await asyncio.gather(*(ask() for _ in range(4)))
            best[position] = min(best[position], (time.perf_counter() - start) / each / 4)
    return Ratio(name, *best)


async def run(url: str) -> list[Ratio]:
    engine = open_app(ROOT, database=url)
    gateway = engine.gateway
    with gateway.database.read() as connection:
        known = connection.execute(
            sa.text("SELECT count(*) FROM \"user\" WHERE login = 'bench'")
        ).scalar_one()
    if not known:
        with gateway.write(SYSTEM, "cli") as context:
            identity.create_user(context, "bench", "correct horse", ["administrator"])
    secret = identity.sign_in(gateway, "bench", "correct horse")
    ours = asking(engine.asgi, PATH, secret)
    frame = text_of(await ours())
    hand = Handwritten(engine, frame)
    router = GZipMiddleware(Router([Route("/ticket", hand.page)]), minimum_size=1024, compresslevel=3)
    theirs = asking(router, PATH, secret)
    mine, other = words_of_rows(frame), words_of_rows(text_of(await theirs()))
    assert mine == other, next((a, b) for a, b in zip(mine, other, strict=False) if a != b)
    dialect = gateway.database.dialect
    results = [await measure(f"grid of 50 of a million tickets, {dialect}", ours, theirs)]
    deep = asking(engine.asgi, await _deep(engine, secret), secret)
    results.append(await measure(f"page 1,000 by key against page 1, {dialect}", deep, ours))
    engine.close()
    return results


async def _deep(engine: Engine, secret: str) -> str:
    """The address of the thousandth page, reached by its cursors in large steps."""
    filters = (Filter("status", "eq", "new"),)
    cursor = None
    with engine.gateway.read(SYSTEM, "page") as context:
        for _ in range(100):
            query = Query(sort=("-updated_at",), filters=filters, limit=500, after=cursor)
            page = records.find(context, "ticket", query)
            if page.next is None:
                break
            cursor = page.next
    return f"{PATH}&after={cursor}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--database", required=True, help="made by: engine sample --entity ticket --records 1000000"
    )
    results = asyncio.run(run(parser.parse_args().database))
    print(HEADER, *results, sep="\n")


if __name__ == "__main__":
    main()
