"""The page of a ticket as somebody would write it by hand: Starlette, SQLAlchemy Core and Jinja2.

Its statements are built once: the session, the ticket with the titles of what it points to, watchers, tags, files,
tasks, calls, events, sub-tickets, the history and its users, what its guards ask, and the states it has been in.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from jinja2 import Environment
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from bench.person import initials, session_statement, tone
from bench.view_flow import Flow, length, run_log, told_of
from bench.view_template import MAIN
from engine.app import Engine
from engine.metamodel.property import Property
from engine.metamodel.relation import Relation
from engine.store.identity import digest
from engine.store.system import audit
from engine.types.display import Display

BODY = re.compile(r'(?<=tabindex="-1">\n).*(?=</main>)', re.DOTALL)
MAIN_PART = re.compile(r"<main.*</main>", re.DOTALL)
TITLE = re.compile(r"(?<=<title>).*(?=</title>)")

ABOUT = ("sales_order", "cart", "opportunity")
KEYS = (
    "account",
    "contact",
    "web_customer",
    "product",
    "parent",
    "owner",
    "created_by",
    "updated_by",
    *ABOUT,
)
CHOICES = ("type", "channel", "status", "priority")


def ago(spent: timedelta) -> str:
    seconds = int(spent.total_seconds())
    return "just now" if seconds < 5 else f"{length(timedelta(seconds=seconds), 0.85)} ago"


class View:
    """The page as somebody would write it for tickets alone."""

    def __init__(self, engine: Engine, frame: str) -> None:
        self.gateway = engine.gateway
        runtime = engine.gateway.runtime
        self.zone = ZoneInfo(runtime.application.settings.timezone)
        self.badges = {
            f"{entity}.{name}": {
                option.name: runtime.entities[entity].properties[name].type.show(
                    runtime.entities[entity].properties[name].type.parse(option.name), Display()
                )
                for option in runtime.entities[entity].properties[name].type.options  # type: ignore[attr-defined]
            }
            for entity, name in (
                *(("ticket", name) for name in CHOICES),
                ("task", "status"), ("call", "direction"), ("call", "outcome"), ("calendar_event", "type"),
            )
        }  # fmt: skip
        members: list[Property | Relation] = [*runtime.entities["ticket"].properties.values()]
        members += runtime.entities["ticket"].relations.values()
        self.labels = {member.name: member.label for member in members}
        self.markdown = runtime.entities["ticket"].properties["resolution"].type
        self._statements({name: made.table for name, made in runtime.tables.entities.items()}, runtime)
        made = TITLE.sub("@@t@@", BODY.sub("@@m@@", frame)).replace("{", "{{ '{' }}")
        made = made.replace("@@t@@", "{{ t.number }} · {{ t.subject }} · Work").replace("@@m@@", MAIN)
        self.template = Environment(autoescape=True, trim_blocks=True).from_string(made)

    def _statements(self, tables: Mapping[str, sa.Table], runtime: Any) -> None:
        ticket, user = tables["ticket"], tables["user"]
        number: sa.BindParameter[Any] = sa.bindparam("id")
        self.session = session_statement(user)
        source, columns = self._joined(ticket, tables)
        self.ticket = sa.select(*columns).select_from(source).where(ticket.c.id == number, _alive(ticket))

        def linked(table: sa.Table, pairs: sa.Table) -> sa.Select[Any]:
            joined = table.join(pairs, pairs.c.target == table.c.id)
            return sa.select(table.c.id, table.c.name).select_from(joined).where(
                pairs.c.source == number, _alive(table)
            )  # fmt: skip

        def below(name: str, *fields: str, key: str = "about$ticket") -> sa.Select[Any]:
            table, owner = tables[name], user.alias()
            wanted: list[sa.ColumnElement[Any]] = [table.c.id, *(table.c[field] for field in fields)]
            joined: sa.FromClause = table
            if name in ("task", "ticket"):
                joined = table.outerjoin(owner, owner.c.id == table.c.owner)
                wanted += [owner.c.id.label("owner"), owner.c.name.label("owner_name")]
            found = sa.select(*wanted).select_from(joined).where(table.c[key] == number, _alive(table))
            return found.order_by(table.c.updated_at.desc(), table.c.id.desc()).limit(11)

        links = runtime.tables.links
        self.watchers = linked(user, links["ticket", "watchers"])
        self.tags = linked(tables["tag"], links["ticket", "tags"])
        files = tables["ticket_file"]
        self.files = sa.select(files.c.file).where(files.c.ticket == number).order_by(files.c.id).limit(11)
        self.tasks = below("task", "subject", "status", "due_at")
        self.calls = below("call", "subject", "direction", "outcome", "called_at")
        self.events = below("calendar_event", "subject", "type", "starts_at")
        self.children = below("ticket", "number", "subject", "status", key="parent")
        self.flow = Flow(tables["task"], tables["call"])
        mine = sa.and_(audit.c.entity == "ticket", audit.c.record_id == number)
        self.history = sa.select(audit).where(mine).order_by(audit.c.id.desc()).limit(16)
        self.users = sa.select(user.c.id, user.c.name).where(
            user.c.id.in_(sa.bindparam("ids", expanding=True))
        )

    def _joined(
        self, ticket: sa.Table, tables: Mapping[str, sa.Table]
    ) -> tuple[sa.FromClause, list[sa.ColumnElement[Any]]]:
        source: sa.FromClause = ticket
        columns: list[sa.ColumnElement[Any]] = [*ticket.c]
        for name in KEYS:
            target = {"parent": "ticket", "owner": "user", "created_by": "user", "updated_by": "user"}
            other = tables[target.get(name, name)].alias()
            key = ticket.c[f"about${name}" if name in ABOUT else name]
            source = source.outerjoin(other, other.c.id == key)
            for part in ("name", "first_name", "last_name", "company_name", "number", "subject"):
                if part in other.c:
                    columns.append(other.c[part].label(f"{name}_{part}"))
        return source, columns

    async def page(self, request: Request) -> Response:
        return await self.gateway.run(self._page, request)

    def _page(self, request: Request) -> Response:
        secret = request.cookies.get("engine_session", "")
        now = self.gateway.clock()
        with self.gateway.database.read() as connection:
            user = connection.execute(self.session, {"hash": digest(secret), "now": now}).first()
        if user is None:
            return Response(status_code=303)
        with self.gateway.database.read() as connection:
            number = {"id": int(request.path_params["id"])}

            def rows(statement: sa.Select[Any]) -> list[dict[str, Any]]:
                return [dict(row) for row in connection.execute(statement, number).mappings()]

            (found,) = rows(self.ticket)
            ticket = self._ticket(found, now)
            watchers, tags = rows(self.watchers), rows(self.tags)
            files = rows(self.files)
            tasks = [self._row("task", row) for row in rows(self.tasks)]
            calls = [self._row("call", row) for row in rows(self.calls)]
            events = [self._row("calendar_event", row) for row in rows(self.events)]
            children = [self._row("ticket", row) for row in rows(self.children)]
            history = rows(self.history)
            actors = {entry["actor_id"] for entry in history if entry["actor_id"]}
            actors |= told_of(entry["changes"] for entry in history)
            known = connection.execute(self.users, {"ids": sorted(actors)}).all() if actors else []
            names = {row.id: row.name for row in known}
            life = self.flow.told(rows, ticket, now)
        return HTMLResponse(
            self.template.render(
                t=ticket,
                watchers=sorted(watchers, key=lambda each: (each["name"], each["id"])),
                tags=sorted(tags, key=lambda each: (each["name"], each["id"])),
                files=files,
                tasks=tasks,
                calls=calls,
                events=events,
                children=children,
                history=[self._entry(entry, names, now) for entry in history[:15]],
                **life,
            )
        )

    # ---- values as they are read

    def _ticket(self, row: dict[str, Any], now: datetime) -> dict[str, Any]:
        for name in CHOICES:
            row[f"{name}_badge"] = self.badges[f"ticket.{name}"].get(row[name])
        late = (
            row["due_at"] is not None and row["due_at"] < now and row["status"] not in ("resolved", "closed")
        )
        row["overdue"] = "Yes" if late else "No"
        for name in ("due_at", "resolved_at"):
            row[f"{name}_said"] = self._moment(row[name]) if row[name] else ""
        for name in ("contact", "web_customer"):
            parts = (row.get(f"{name}_{part}") for part in ("company_name", "first_name", "last_name"))
            row[f"{name}_name"] = " ".join(part for part in parts if part)
        for name in ABOUT:
            if row[f"about${name}"]:
                row["about"] = f"/{name}/{row[f'about${name}']}"
                row["about_said"] = row.get(f"{name}_name") or row.get(f"{name}_number")
        if row["effort"]:
            minutes = row["effort"] // 60_000_000
            clock = ((minutes // 60, "h"), (minutes % 60, "m"))
            row["effort"] = " ".join(f"{number}{unit}" for number, unit in clock if number)
        if row["resolution"]:
            row["resolution"] = self.markdown.show(row["resolution"], Display()).machine
        for name in ("created_at", "updated_at"):
            row[f"{name}_said"], row[f"{name}_ago"] = self._exactly(row[name]), ago(now - row[name])
        return self._person(row)

    def _row(self, entity: str, row: dict[str, Any]) -> dict[str, Any]:
        for name in ("status", "direction", "outcome", "type"):
            if name in row:
                row[f"{name}_badge"] = self.badges[f"{entity}.{name}"].get(row[name])
        for name in ("due_at", "called_at", "starts_at"):
            if row.get(name):
                row[f"{name}_said"] = self._moment(row[name])
        return self._person(row)

    def _person(self, row: dict[str, Any]) -> dict[str, Any]:
        if row.get("owner"):
            name = row["owner_name"]
            row["owner_initials"], row["owner_tone"] = initials(name), tone(name)
        return row

    def _entry(self, entry: dict[str, Any], names: Mapping[int, str], now: datetime) -> dict[str, Any]:
        who = names.get(entry["actor_id"], entry["actor_name"])
        changes, moved = self._changes(entry["changes"]), entry["changes"].get("_transition")
        sources = {"api": "by the API", "cli": "on the command line", "sample": "as sample data"}
        return {
            **entry,
            "who": who,
            "initials": initials(who),
            "tone": tone(who),
            "changes": changes,
            "moved": moved["label"] if moved else "",
            "run": run_log(entry["changes"].get("_steps", ()), names),
            "said": sources.get(entry["source"], ""),
            "ago": ago(now - entry["at"]),
            "exactly": self._exactly(entry["at"]),
        }

    def _changes(self, stored: Mapping[str, Any]) -> list[dict[str, str]]:
        """What an entry changed: the state first, then what the form asked, then the rest."""
        found = {name: pair for name, pair in stored.items() if not name.startswith("_")}
        changes = [self._change("status", *found.pop("status"))] if "status" in found else []
        form = stored.get("_transition", {}).get("form", {})
        changes += [{"label": label, "old": "", "new": str(value)} for label, value in form.items()]
        return changes + [self._change(name, old, new) for name, (old, new) in found.items()]

    def _change(self, name: str, old: Any, new: Any) -> dict[str, str]:
        return {"label": self.labels[name], "old": self._said(name, old), "new": self._said(name, new)}

    def _said(self, name: str, value: Any) -> str:
        if not value:
            return ""
        if name in CHOICES:
            return str(self.badges[f"ticket.{name}"][value].text)
        if name in ("due_at", "resolved_at"):
            return self._moment(datetime.fromisoformat(value))
        if name == "satisfaction":
            return f"{value} of 5"
        items: Iterable[Any] = value if isinstance(value, list) else [value]
        return ", ".join(str(item["title"]) if isinstance(item, dict) else str(item) for item in items)

    def _moment(self, moment: datetime) -> str:
        local = moment.astimezone(self.zone)
        return f"{local:%b} {local.day}, {local.year}, {local.hour % 12 or 12}:{local:%M}\u202f{local:%p}"

    def _exactly(self, moment: datetime) -> str:
        local = moment.astimezone(self.zone)
        return f"{local:%b} {local.day}, {local.year}, {local.hour % 12 or 12}:{local:%M:%S}\u202f{local:%p}"


def _alive(table: sa.Table) -> sa.ColumnElement[bool]:
    return table.c["_deleted_at"].is_(None)
