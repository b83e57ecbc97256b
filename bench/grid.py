"""The grid of tickets as somebody would write it by hand: Starlette, SQLAlchemy Core and Jinja2.

Statements are built once, the queries are the same (session, rows, count), and the template holds the
page's frame as plain text.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from jinja2 import Environment
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from bench.person import initials, session_statement, tone
from engine.app import Engine
from engine.store.identity import digest

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
<td role="cell" data-label="Overdue"><span class="check">{% if r.overdue %}\
<svg class="icon check-yes" aria-hidden="true"><use href="#i-check"/></svg>Yes{% else %}\
<svg class="icon check-no" aria-hidden="true"><use href="#i-minus"/></svg>No\
{% endif %}</span></td>\
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


class Grid:
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
                sa.and_(t.due_at.is_not(None), t.due_at < sa.bindparam("now", type_=t.due_at.type)).label(
                    "overdue"
                ),
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
        self.session = session_statement(user)
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
                connection.execute(self.rows, {"status": request.query_params["filter.status"], "now": now})
                .mappings()
                .all()
            )
            connection.execute(self.count, {"status": request.query_params["filter.status"]}).scalar_one()
        return HTMLResponse(self.template.render(rows=[self._row(row) for row in found[:50]]))

    def _row(self, row: Any) -> dict[str, Any]:
        made = dict(row)
        for name in ("keeper", "owner"):
            said = made[f"{name}_name"] or "?"
            made[f"{name}_initials"], made[f"{name}_tone"] = initials(said), tone(said)
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
