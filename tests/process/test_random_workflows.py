"""Workflows drawn at random, and walks through them by whoever: the engine does what the plain model says.

By firing, starting, agreeing and refusing to agree, the API, the page, imports, inline edits, and changes and deletions
of many at once; what is told to be open is; and each record's history replays to the states it went through.
`ENGINE_TEST_FLOWS` says how many workflows are drawn.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from pathlib import Path
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa
from starlette.applications import Starlette
from starlette.testclient import TestClient

from engine.api.app import api
from engine.errors import Forbidden, Invalid
from engine.identity.events import Origin
from engine.identity.identity import SESSION_COOKIE, actor_named, begin_session, create_token
from engine.importing.columns import Options
from engine.importing.running import Job, run
from engine.importing.table import Table
from engine.process import firing
from engine.process.opening import openings, starting
from engine.service import records, stays
from engine.site.app import pages
from engine.store import audit
from engine.work.context import SYSTEM, Actor
from engine.work.gateway import Gateway
from tests.support.flow import FORBIDDEN, MEMBERS, USERS, Codes, Flow, Made, Move, draw
from tests.support.shop import opened
from tests.web.browsing import fields_of, parse

FLOWS = int(os.environ.get("ENGINE_TEST_FLOWS", "12"))
STEPS, RECORDS = 40, 4
DRAWN: tuple[int | None, ...] = (None, 0, 1, 3, 4)


@pytest.mark.parametrize("seed", range(FLOWS))
def test_the_engine_does_what_the_model_says_on_sqlite(seed: int, tmp_path: Path, sqlite_url: str) -> None:
    _walk(seed, tmp_path, sqlite_url)


@pytest.mark.parametrize("seed", range(1000, 1000 + (FLOWS + 5) // 6))
def test_the_engine_does_what_the_model_says_on_postgresql(
    seed: int, tmp_path: Path, postgres_url: str
) -> None:
    _walk(seed, tmp_path, postgres_url)


def _walk(seed: int, folder: Path, url: str) -> None:
    random = Random(seed)
    flow = draw(random)
    gateway = opened(folder, url, flow.yaml())
    try:
        walk = Walk(flow, gateway, random)
        walk.begin()
        for step in range(STEPS):
            walk.step(f"seed {seed}, step {step}")
        walk.replay()
    finally:
        gateway.close()


@dataclass
class Walk:
    """A walk through a workflow, in the engine and in the model alike."""

    flow: Flow
    gateway: Gateway
    random: Random
    actors: dict[str, Actor] = field(default_factory=dict)
    clients: dict[str, TestClient] = field(default_factory=dict)
    pages: dict[str, TestClient] = field(default_factory=dict)
    made: dict[int, Made] = field(default_factory=dict)

    def begin(self) -> None:
        with self.gateway.write(SYSTEM, "cli") as context:
            users: dict[str | None, int | None] = {None: None}
            for login, roles in USERS.items():
                values = {"login": login, "name": login, "roles": list(roles)}
                users[login] = records.create(context, "user", values).id
            for _ in range(RECORDS):
                owner = self.random.choice([*USERS, None])
                drawn = {name: self.random.choice(DRAWN) for name in MEMBERS}
                number = records.create(context, "thing", {**drawn, "owner": users[owner]}).id
                self.made[number] = Made("s0", owner, drawn, ["s0"])
        routes = api(self.gateway)
        for login in USERS:
            self.actors[login] = actor_named(self.gateway, login)
            token = create_token(self.gateway, login, "tests")
            headers = {"Authorization": f"Bearer {token}"}
            self.clients[login] = TestClient(Starlette(routes=routes), headers=headers)
            self.pages[login] = self._signed_in(login)

    def _signed_in(self, login: str) -> TestClient:
        with self.gateway.write(SYSTEM, "cli") as context:
            user = context.runtime.table("user").table
            row = context.connection.execute(sa.select(user).where(user.c.login == login)).one()
            secret = begin_session(context, row, Origin())
        cookies = {SESSION_COOKIE: secret}
        return TestClient(Starlette(routes=pages(self.gateway)), cookies=cookies, follow_redirects=False)

    def step(self, where: str) -> None:
        """One attempt by somebody on some record, which comes to the same in both."""
        login, number = self.random.choice(list(USERS)), self.random.choice(list(self.made))
        attempt = self.random.choice(
            [
                *(self._fire, self._fire, self._fire, self._fire, self._reject, self._start, self._import),
                *(self._update, self._update_many, self._delete_many),
            ]
        )
        attempt(login, number, where)
        self._same(number, where)

    # ---- attempts

    def _fire(self, login: str, number: int, where: str) -> None:
        record, open_now = self.made[number], self._open(login, number)
        assert open_now == self.flow.open(login, record), where
        name = self.random.choice(sorted(open_now) or list(self.flow.moves))
        if self.random.random() < 0.2:
            name = self.random.choice(list(self.flow.moves))
        form = self._form(self.flow.moves[name])
        agreed_before = self.flow.has_agreed(login, name, record)
        if self.random.random() < 0.15 and not agreed_before:
            self._fire_at_the_page(login, number, name, form, where)
            return
        told = self.flow.fire(login, name, record, form)
        if self.random.random() < 0.3:
            answer = self.clients[login].post(f"/api/thing/{number}/transitions/{name}", json=form)
            found = _of_answer(answer.status_code, answer.json())
        else:
            found = self._done(login, lambda context: firing.fire(context, "thing", number, name, form))
        assert found == told, (where, name, form)
        assert not told or name not in open_now or told.isdisjoint({*FORBIDDEN, ("", "not-open")}), where

    def _form(self, move: Move) -> dict[str, Any]:
        """What somebody says in the form of a move."""
        asked = [each for each, _ in move.form]
        form: dict[str, Any] = {
            each: self.random.choice(DRAWN) for each in asked if self.random.random() < 0.8
        }
        if self.random.random() < 0.05:
            form["nothing"] = 1
        return form

    def _reject(self, login: str, number: int, where: str) -> None:
        """Somebody refuses to agree to a move of a record, where one of them needs agreement."""
        waiting = [name for name, move in self.flow.moves.items() if move.approval is not None]
        if not waiting:
            return
        name, comment = self.random.choice(waiting), self.random.choice(["Too dear", "Too dear", " "])
        told = self.flow.reject(login, name, self.made[number], comment)
        if self.random.random() < 0.3:
            address = f"/api/thing/{number}/transitions/{name}/reject"
            answer = self.clients[login].post(address, json={"comment": comment})
            found = _of_answer(answer.status_code, answer.json())
        else:
            found = self._done(login, lambda context: firing.reject(context, "thing", number, name, comment))
        assert found == told, (where, name)

    def _start(self, login: str, number: int, where: str) -> None:
        """A new record by a move: by firing, the API or the page; the walk goes on with it."""
        with self.gateway.read(self.actors[login], "page") as context:
            open_now = {each.transition.name for each in starting(context, "thing")}
        assert open_now == self.flow.open_starts(login), where
        name, way = self.random.choice(list(self.flow.starts)), self.random.random()
        form = self._form(self.flow.starts[name])
        if way < 0.3:
            told, record = self.flow.start(login, name, form)
            answer = self.clients[login].post(f"/api/thing/transitions/{name}", json=form)
            found = _of_answer(answer.status_code, answer.json())
        elif way < 0.5:
            form.pop("nothing", None)
            told, record = self.flow.start(login, name, form)
            found = self._start_at_the_page(login, name, form, told)
        else:
            told, record = self.flow.start(login, name, form)
            found = self._done(login, lambda context: firing.start(context, "thing", name, form))
        assert found == told, (where, name, form)
        if not told:
            self.made[max(self.made) + 1] = record
            self._same(max(self.made), where)

    def _start_at_the_page(self, login: str, name: str, form: Mapping[str, Any], told: Codes) -> Codes:
        """What the page says, in the words of the model: it tells no codes."""
        path, pages = f"/thing/new/{name}", self.pages[login]
        shown = parse(pages.get(path))
        if shown.status == 403:
            return FORBIDDEN
        fields = fields_of(shown.form("fire"))
        typed = {each: "" if form.get(each) is None else str(form[each]) for each in form}
        status = pages.post(path, data={**fields, **typed}).status_code
        assert status in (303, 422), status
        return frozenset() if status == 303 else told or frozenset({("", "refused")})

    def _import(self, login: str, number: int, where: str) -> None:
        """A file of one row that changes a record, and names the state it shall be in."""
        given = self._change()
        to = self.random.choice([*self.flow.states, None])
        file = io.StringIO()
        csv.writer(file).writerows([["id", "state", *given], [number, to, *given.values()]])
        told = self.flow.bring(login, self.made[number], given, to)
        table = Table(io.BytesIO(file.getvalue().encode()), "csv")
        try:
            report = run(
                self.gateway, Job(self.actors[login], "thing", table, Options(mode="update", key=("id",)))
            )
            found: Codes = frozenset((each.column, each.code) for each in report.errors)
        except Forbidden:
            found = FORBIDDEN
        if found == {("", "not-allowed")}:  # as a report tells of a row what others tell by being refused
            found = FORBIDDEN
        assert found == told, (where, given, to)

    def _fire_at_the_page(
        self, login: str, number: int, name: str, form: Mapping[str, Any], where: str
    ) -> None:
        """The same through the form of the page, with the fields it has: done, forbidden, or refused in words."""
        path, pages = f"/thing/{number}/transitions/{name}", self.pages[login]
        shown = parse(pages.get(path))
        fields = (
            {} if shown.status == 403 or not shown.all("form", id="fire") else fields_of(shown.form("fire"))
        )
        given = {each: value for each, value in form.items() if each in fields}
        told = self.flow.fire(login, name, self.made[number], given)
        if not fields:
            assert told, (where, name)
            assert (shown.status == 403) == (told == FORBIDDEN), (where, name, told)
            return
        typed = {each: "" if value is None else str(value) for each, value in given.items()}
        status = pages.post(path, data={**fields, **typed}).status_code
        assert status == (422 if told else 303), (where, name, given, told)

    def _update(self, login: str, number: int, where: str) -> None:
        given = self._change()
        told = self.flow.update(login, self.made[number], given)
        if self.random.random() < 0.3:
            answer = self.clients[login].patch(f"/api/thing/{number}", json=given)
            found = _of_answer(answer.status_code, answer.json())
        else:
            found = self._done(login, lambda context: records.update(context, "thing", number, given))
        assert found == told, (where, given)

    def _update_many(self, login: str, number: int, where: str) -> None:
        given, ids = self._change(), sorted(self.made)
        told = {each for each in ids if self.flow.update(login, self.made[each], given)}
        with self.gateway.write(self.actors[login], "page") as context:
            report = records.update_many(context, "thing", ids, given)
        assert (set(report.refused), set(report.done)) == (told, set(ids) - told), (where, given)

    def _delete_many(self, login: str, number: int, where: str) -> None:
        """Deleted ones are restored, so that the walk goes on."""
        told = {each for each, record in self.made.items() if self.flow.delete(login, record)}
        with self.gateway.write(self.actors[login], "page") as context:
            report = records.delete_many(context, "thing", sorted(self.made))
        assert set(report.refused) == told, where
        with self.gateway.write(SYSTEM, "page") as context:
            assert not records.restore_many(context, "thing", report.done).refused

    def _change(self) -> dict[str, int | None]:
        names = self.random.sample(MEMBERS, self.random.randint(1, 2))
        return {name: self.random.choice(DRAWN) for name in names}

    def _done(self, login: str, work: Any) -> Codes:
        try:
            with self.gateway.write(self.actors[login], "page") as context:
                work(context)
        except Forbidden:
            return FORBIDDEN
        except Invalid as invalid:
            return frozenset((error.at, error.code) for error in invalid.errors)
        return frozenset()

    # ---- what has come of it

    def _open(self, login: str, number: int) -> set[str]:
        with self.gateway.read(self.actors[login], "page") as context:
            return {each.transition.name for each in openings(context, "thing", number) if each.open}

    def _same(self, number: int, where: str) -> None:
        with self.gateway.read(SYSTEM, "page") as context:
            found = records.get(context, "thing", number).values
        record = self.made[number]
        assert found["state"] == record.state, where
        assert {name: found[name] for name in MEMBERS} == record.values, where

    def replay(self) -> None:
        """The histories say what happened, and so do the stays."""
        with self.gateway.read(SYSTEM, "page") as context:
            (process,) = context.runtime.processes.of("thing")
            for number, record in self.made.items():
                entries = audit.read(context.connection, "thing", number, 10_000)[::-1]
                assert _replayed(entries) == {**record.values, "state": record.state}
                assert _entered(entries) == [state for state, _ in groupby(record.trail)]
                kept = stays.of(context, process, number)
                assert [each.state for each in kept] == record.trail
                assert [each.left_at is None for each in kept] == [False] * (len(kept) - 1) + [True]
                assert all(one.left_at == other.entered_at for one, other in pairwise(kept))


def _of_answer(status: int, body: Mapping[str, Any]) -> Codes:
    if status == 403:
        return FORBIDDEN
    assert status in (200, 201, 202, 422), body
    return frozenset((error["at"], error["code"]) for error in body.get("errors", ()))


def _replayed(entries: list[audit.Entry]) -> dict[str, Any]:
    """The values after every change of a history, each of which begins with what was there."""
    values: dict[str, Any] = dict.fromkeys((*MEMBERS, "state"))
    for entry in entries:
        if entry.action == "delete":
            continue  # which tells the values there were, and takes none
        for name in values.keys() & entry.changes.keys():
            old, new = entry.changes[name]
            assert values[name] == old, entry
            values[name] = new
    return values


def _entered(entries: list[audit.Entry]) -> list[str]:
    """The states that a history tells of, one after the other."""
    found: list[str] = []
    for entry in entries:
        moved = entry.changes.get("_transition")
        if entry.action == "create":
            assert not moved or (moved["from"], moved["to"]) == ("", entry.changes["state"][1]), entry
            found.append(entry.changes["state"][1])
        elif moved and entry.action != "vote":
            assert moved["from"] == found[-1], entry
            found += [moved["to"]] if moved["to"] != moved["from"] else []
    return found
