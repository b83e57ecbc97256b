"""Every page and route of the API: who gets what. A route without a row here fails.

The answers are those to somebody who is not signed in, a user without any grant, an agent (who owns case 1), a
manager (above agents, so that they see what these own, and no more), and an administrator, in this order.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from starlette.routing import Mount, Route

from engine.app import Engine, open_app
from engine.identity.csrf import csrf_token
from engine.identity.identity import create_user
from engine.service import records
from engine.work.context import SYSTEM
from tests.support.desk import DESK
from tests.support.library import PASSWORD
from tests.web.conftest import Visitor

CLAIM = """
---
entity: claim
ownership: user
properties:
  name:  {type: text, required: true}
  state: {type: state, workflow: settling}
actions:
  remind: {do: [{comment: Reminded}]}
access:
  agent:   {create: true, read: own, update: own, transition: own, remind: own}
  manager: {read: all}
---
workflow: settling
entity: claim
property: state
initial: open
parameters: {least: {type: integer, default: 3}}
states: {open: {}, paid: {final: true}, dropped: {final: true}}
transitions:
  pay:   {from: open, to: paid, guard: "record.name == 'never'"}
  agree: {from: open, to: dropped, approval: {roles: [manager]}}
  begin: {from: start, to: open, roles: [agent], form: [{name: required}]}
---
board: claims
entity: claim
by: state
funnel: true
"""
"""What goes through a workflow, for the routes that are about one."""

PEOPLE = ("", "otto", "ana", "mara", "root")
ROLES = {"otto": ["outsider"], "ana": ["agent"], "mara": ["manager"], "root": ["administrator"]}

Statuses = tuple[int, ...]

ALL: Statuses = (200, 200, 200, 200, 200)
SIGNED_IN: Statuses = (303, 200, 200, 200, 200)
OUR_ADMINS: Statuses = (303, 403, 403, 403, 200)
NOTHING: Statuses = (303, 404, 404, 404, 404)
REACHED: Statuses = (303, 404, 200, 200, 200)
CHANGED: Statuses = (303, 404, 200, 403, 200)
AWAY: Statuses = (303, 303, 303, 303, 303)

PAGES: dict[str, tuple[str, Statuses]] = {
    "/static": ("/static/app.css", ALL),
    "/favicon.ico": ("/favicon.ico", (301,) * 5),
    "/sign-in": ("/sign-in", (200, 303, 303, 303, 303)),
    "/sign-in/code": ("/sign-in/code", AWAY),
    "/sign-in/second-factor": ("/sign-in/second-factor", AWAY),
    "/sign-in/with/oidc": ("/sign-in/with/oidc", (404,) * 5),
    "/sign-in/with/oidc/back": ("/sign-in/with/oidc/back?code=x&state=y", (404,) * 5),
    "/sign-in/forgotten": ("/sign-in/forgotten", ALL),
    "/sign-in/welcome/{secret}": ("/sign-in/welcome/guessed", (410,) * 5),
    "/sign-in/reset/{secret}": ("/sign-in/reset/guessed", (410,) * 5),
    "/sign-in/set-up": ("/sign-in/set-up", AWAY),
    "/sign-out": ("/sign-out", NOTHING),
    "/": ("/", SIGNED_IN),
    "/preferences": ("/preferences", SIGNED_IN),
    "/preferences/password": ("/preferences/password", NOTHING),
    "/preferences/second-factor": ("/preferences/second-factor", SIGNED_IN),
    "/preferences/sessions": ("/preferences/sessions", NOTHING),
    "/preferences/tokens": ("/preferences/tokens", NOTHING),
    "/preferences/tokens/revoke": ("/preferences/tokens/revoke", NOTHING),
    "/settings": ("/settings", SIGNED_IN),
    "/settings/problems": ("/settings/problems", OUR_ADMINS),
    "/settings/access": ("/settings/access", OUR_ADMINS),
    "/settings/impersonation": ("/settings/impersonation", OUR_ADMINS),
    "/impersonation/end": ("/impersonation/end", NOTHING),
    "/settings/invitations": ("/settings/invitations", OUR_ADMINS),
    "/settings/events": ("/settings/events", OUR_ADMINS),
    "/settings/sessions": ("/settings/sessions", OUR_ADMINS),
    "/settings/jobs": ("/settings/jobs", OUR_ADMINS),
    "/settings/mail": ("/settings/mail", OUR_ADMINS),
    "/settings/parameters": ("/settings/parameters", OUR_ADMINS),
    "/settings/parameters/{workflow}": ("/settings/parameters/settling", OUR_ADMINS),
    "/notifications": ("/notifications", SIGNED_IN),
    "/files/{key}": ("/files/0123456789abcdef0123456789abcdef", NOTHING),
    "/{entity}": ("/case", (303, 403, 200, 200, 200)),
    "/{entity}/new": ("/case/new", (303, 403, 200, 200, 200)),
    "/{entity}/bulk": ("/case/bulk", NOTHING),
    "/{entity}/options/{relation}": ("/case/options/customer", (303, 403, 200, 200, 200)),
    "/{entity}/names": ("/case/names?path=record.", (303, 403, 200, 200, 200)),
    "/{entity}/export": ("/case/export", (303, 403, 403, 403, 200)),
    "/{entity}/import": ("/case/import", (303, 403, 403, 403, 200)),
    "/{entity}/{id}": ("/case/1", REACHED),
    "/{entity}/{id}/edit": ("/case/1/edit", CHANGED),
    "/{entity}/{id}/delete": ("/case/1/delete", (303, 404, 403, 403, 200)),
    "/{entity}/{id}/restore": ("/case/1/restore", NOTHING),
    "/{entity}/{id}/purge": ("/case/1/purge", NOTHING),
    "/{entity}/{id}/history": ("/case/1/history", REACHED),
    "/{entity}/{id}/recording": ("/case/1/recording", (303, 403, 403, 403, 200)),
    "/{entity}/{id}/share": ("/case/1/share", CHANGED),
    "/{entity}/{id}/share/end": ("/case/1/share/end", NOTHING),
    "/{entity}/{id}/why": ("/case/1/why", REACHED),
    "/{entity}/{id}/related/{relation}": ("/case/1/related/remarks", REACHED),
    "/{entity}/new/{name}": ("/claim/new/begin", (303, 403, 200, 403, 200)),
    "/{entity}/board/{name}": ("/claim/board/claims", (303, 403, 200, 200, 200)),
    "/{entity}/board/{name}/funnel": ("/claim/board/claims/funnel", (303, 403, 200, 200, 200)),
    "/{entity}/{id}/transitions/{name}": ("/claim/1/transitions/pay", (303, 404, 200, 403, 200)),
    "/{entity}/{id}/transitions/{name}/reject": ("/claim/1/transitions/agree/reject", NOTHING),
    "/{entity}/{id}/actions/{name}": ("/claim/1/actions/remind", (303, 404, 200, 403, 200)),
    "/{entity}/{id}/workflow/{name}": ("/claim/1/workflow/settling", REACHED),
    "/{rest:path}": ("/a/b/c/d/e", NOTHING),
}
"""What a GET of each page answers."""

POSTS = frozenset(
    {
        "/sign-out",
        "/preferences",
        "/preferences/password",
        "/preferences/second-factor",
        "/preferences/sessions",
        "/preferences/tokens",
        "/preferences/tokens/revoke",
        "/settings/impersonation",
        "/impersonation/end",
        "/settings/invitations",
        "/settings/sessions",
        "/settings/jobs",
        "/settings/mail",
        "/settings/parameters/{workflow}",
        "/notifications",
        "/{entity}/new/{name}",
        "/{entity}/board/{name}",
        "/{entity}/{id}/transitions/{name}",
        "/{entity}/{id}/transitions/{name}/reject",
        "/{entity}/{id}/actions/{name}",
        "/{entity}/new",
        "/{entity}/bulk",
        "/{entity}/options/{relation}",
        "/{entity}/import",
        "/{entity}/{id}/edit",
        "/{entity}/{id}/recording",
        "/{entity}/{id}/delete",
        "/{entity}/{id}/restore",
        "/{entity}/{id}/purge",
        "/{entity}/{id}/share",
        "/{entity}/{id}/share/end",
    }
)
"""The pages that take a form from somebody who is signed in; all others answer that they take none."""

ENTRANCE = frozenset(
    {"/sign-in", "/sign-in/code", "/sign-in/second-factor", "/sign-in/forgotten", "/sign-in/set-up"}
)
LINKS = frozenset({"/sign-in/welcome/{secret}", "/sign-in/reset/{secret}"})
BY_ADMINS: Statuses = (401, 403, 403, 403, 200)
READ_ONE: Statuses = (401, 404, 200, 200, 200)
API: dict[str, tuple[tuple[str, str, Any, Statuses], ...]] = {
    "/healthz": (("GET", "/healthz", None, ALL),),
    "/readyz": (("GET", "/readyz", None, ALL),),
    "/api/openapi.json": (("GET", "/api/openapi.json", None, (401, 200, 200, 200, 200)),),
    "/api/me": (("GET", "/api/me", None, (401, 200, 200, 200, 200)),),
    "/api/settings/mail/{mailbox}": (
        ("POST", "/api/settings/mail/nothing", None, (401, 403, 403, 403, 404)),
    ),
    "/api/settings/parameters": (("GET", "/api/settings/parameters", None, BY_ADMINS),),
    "/api/settings/parameters/{workflow}": (
        ("PATCH", "/api/settings/parameters/settling", {"least": 4}, BY_ADMINS),
        ("PATCH", "/api/settings/parameters/nothing", {"least": 4}, (401, 403, 403, 403, 404)),
    ),
    "/api/settings/parameters/{workflow}/{name}": (
        ("GET", "/api/settings/parameters/settling/least", None, BY_ADMINS),
        ("DELETE", "/api/settings/parameters/settling/least", None, BY_ADMINS),
    ),
    "/api/{entity}": (
        ("GET", "/api/case", None, (401, 403, 200, 200, 200)),
        ("GET", "/api/nothing", None, (401, 404, 404, 404, 404)),
        ("POST", "/api/case", {"subject": ""}, (401, 403, 422, 422, 422)),
    ),
    "/api/{entity}/export": (("GET", "/api/case/export", None, (401, 403, 403, 403, 200)),),
    "/api/{entity}/import": (
        ("POST", "/api/case/import", None, (401, 403, 403, 403, 415)),
        ("POST", "/api/nothing/import", None, (401, 404, 404, 404, 404)),
    ),
    "/api/{entity}/why": (("GET", "/api/case/why", None, (401, 404, 200, 200, 200)),),
    "/api/{entity}/{id}": (
        ("GET", "/api/case/1", None, READ_ONE),
        ("GET", "/api/case/99", None, (401, 404, 404, 404, 404)),
        ("PATCH", "/api/case/1", {"subject": ""}, (401, 404, 422, 403, 422)),
        ("DELETE", "/api/case/99", None, (401, 404, 404, 404, 404)),
        ("DELETE", "/api/case/1", None, (401, 404, 403, 403, 204)),
        ("POST", "/api/case/1/restore", None, (401, 404, 403, 403, 200)),
    ),
    "/api/{entity}/{id}/restore": (("POST", "/api/case/1/restore", None, (401, 404, 404, 404, 404)),),
    "/api/{entity}/{id}/history": (("GET", "/api/case/1/history", None, READ_ONE),),
    "/api/{entity}/{id}/related/{relation}": (("GET", "/api/case/1/related/remarks", None, READ_ONE),),
    "/api/{entity}/{id}/shares": (
        ("GET", "/api/case/1/shares", None, (401, 404, 200, 403, 200)),
        ("POST", "/api/case/1/shares", {}, (401, 404, 422, 403, 422)),
    ),
    "/api/{entity}/{id}/shares/{share}": (
        ("PATCH", "/api/case/1/shares/9", {"level": "read"}, (401, 404, 404, 403, 404)),
        ("DELETE", "/api/case/1/shares/9", None, (401, 404, 404, 404, 404)),
    ),
    "/api/{entity}/{id}/why": (("GET", "/api/case/1/why", None, READ_ONE),),
    "/api/{entity}/{id}/transitions": (("GET", "/api/claim/1/transitions", None, READ_ONE),),
    "/api/{entity}/{id}/transitions/{name}": (
        ("POST", "/api/claim/1/transitions/pay", {}, (401, 404, 422, 403, 422)),
        ("POST", "/api/claim/1/transitions/nothing", {}, (401, 404, 404, 404, 404)),
    ),
    "/api/{entity}/{id}/transitions/{name}/reject": (
        ("POST", "/api/claim/1/transitions/agree/reject", {}, (401, 404, 403, 422, 403)),
    ),
    "/api/{entity}/{id}/actions": (("GET", "/api/claim/1/actions", None, READ_ONE),),
    "/api/{entity}/{id}/actions/{name}": (
        ("POST", "/api/claim/1/actions/remind", {}, (401, 404, 200, 403, 200)),
        ("POST", "/api/claim/1/actions/nothing", {}, (401, 404, 404, 404, 404)),
    ),
    "/api/{entity}/transitions/{name}": (
        ("POST", "/api/claim/transitions/begin", {}, (401, 403, 422, 403, 422)),
    ),
    "/api/{entity}/bulk/transitions/{name}": (
        ("POST", "/api/claim/bulk/transitions/pay", {"ids": [1]}, (401, 200, 200, 200, 200)),
    ),
    "/api/{entity}/bulk/actions/{name}": (
        ("POST", "/api/claim/bulk/actions/remind", {"ids": [1]}, (401, 200, 200, 200, 200)),
        ("POST", "/api/claim/bulk/actions/nothing", {"ids": [1]}, (401, 404, 404, 404, 404)),
    ),
    "/api/{rest:path}": (("GET", "/api/a/b/c/d/e", None, (401, 404, 404, 404, 404)),),
}
"""What each operation of the API answers; one after the other, so that what is deleted is restored."""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    folder = tmp_path_factory.mktemp("desk")
    (folder / "metadata").mkdir()
    (folder / "metadata" / "app.yaml").write_text(DESK + CLAIM, encoding="utf-8")
    made = open_app(folder, apply=True, environment={})
    with made.gateway.write(SYSTEM, "cli") as context:
        ids = {login: create_user(context, login, PASSWORD, roles, login) for login, roles in ROLES.items()}
        records.create(context, "case", {"subject": "Broken lamp", "owner": ids["ana"]})
        records.create(context, "claim", {"name": "Broken lamp", "owner": ids["ana"]})
        unit = records.create(context, "unit", {"name": "Elsewhere"}).id
        records.update(context, "user", ids["mara"], {"unit": unit})
    yield made
    made.close()


@pytest.fixture(scope="module")
def visitors(desk: Engine) -> dict[str, Visitor]:
    found = {login: Visitor(desk) for login in PEOPLE}
    for login, visitor in found.items():
        if login:
            assert visitor.sign_in(login).status == 303
    return found


def _routes(desk: Engine) -> tuple[set[str], set[str]]:
    """The paths of the API and of the pages, as the application has them."""
    outer = desk.asgi.routes
    api = {route.path for route in outer if isinstance(route, Route)}
    (mount,) = [route for route in outer if isinstance(route, Mount)]
    inner: Any = mount.app
    while not hasattr(inner, "routes"):
        inner = inner.app
    return api, {route.path for route in inner.routes}


def test_every_route_has_a_row(desk: Engine) -> None:
    api, pages = _routes(desk)
    assert api == set(API)
    assert pages == set(PAGES)


def test_every_method_of_the_api_has_a_row(desk: Engine) -> None:
    """HEAD is what GET is."""
    for route in desk.asgi.routes:
        if isinstance(route, Route) and route.path != "/api/{rest:path}":
            methods = (route.methods or {"GET"}) - {"HEAD"}
            assert methods <= {method for method, *_ in API[route.path]}, route.path


@pytest.mark.parametrize("path", PAGES)
def test_the_head_of_a_page_is_for_who_gets_the_page(visitors: dict[str, Visitor], path: str) -> None:
    address, expected = PAGES[path]
    answered = [visitors[login].client.head(address, follow_redirects=False) for login in PEOPLE]
    assert tuple(each.status_code for each in answered) == expected
    assert {each.text for each in answered} == {""}


@pytest.mark.parametrize("path", API)
def test_the_head_of_an_answer_is_for_who_gets_the_answer(visitors: dict[str, Visitor], path: str) -> None:
    for method, address, _, expected in API[path]:
        if method == "GET":
            answered = [visitors[login].client.head(address) for login in PEOPLE]
            assert tuple(each.status_code for each in answered) == expected, address
            assert {each.text for each in answered} == {""}


@pytest.mark.parametrize("path", PAGES)
def test_who_gets_a_page(visitors: dict[str, Visitor], path: str) -> None:
    address, expected = PAGES[path]
    answered = tuple(visitors[login].get(address, status=None).status for login in PEOPLE)
    assert answered == expected


@pytest.mark.parametrize("path", PAGES)
def test_a_page_takes_only_forms_of_ours(visitors: dict[str, Visitor], path: str) -> None:
    """Without a token, and with one of another session, nothing is done: 403, or 405 where no form is taken."""
    address = PAGES[path][0]
    for login in PEOPLE:
        for token in ("", csrf_token("another session")):
            answered = visitors[login].post(address, {"_csrf": token, "id": "1"})
            assert answered.status == _refusal(path, login, answered.location), (login, token)


def _refusal(path: str, login: str, location: str) -> int:
    if path == "/static":
        return 405
    if path in LINKS:
        return 410
    if path.startswith("/sign-in"):
        return 303 if location else 400 if path in ENTRANCE else 405
    if not login:
        assert location.startswith("/sign-in")
        return 303
    return 403 if path in POSTS else 405


@pytest.mark.parametrize("path", API)
def test_who_gets_what_of_the_api(visitors: dict[str, Visitor], path: str) -> None:
    """By the session of the pages, with its token."""
    for method, address, body, expected in API[path]:
        answered = tuple(_asked(visitors[login], method, address, body) for login in PEOPLE)
        assert answered == expected, (method, address)


def _asked(visitor: Visitor, method: str, address: str, body: Any) -> int:
    home = visitor.get("/", status=None)
    token = home.one("meta", name="csrf").attributes["content"] if home.status == 200 else ""
    return visitor.client.request(method, address, json=body, headers={"x-csrf-token": token}).status_code


@pytest.mark.parametrize("path", API)
def test_the_api_changes_nothing_without_the_token_of_the_session(
    visitors: dict[str, Visitor], path: str
) -> None:
    for method, address, body, _ in API[path]:
        if method != "GET":
            for token in ("", csrf_token("another session")):
                answered = visitors["root"].client.request(
                    method, address, json=body, headers={"x-csrf-token": token}
                )
                assert (answered.status_code, answered.json()["code"]) == (403, "csrf")
