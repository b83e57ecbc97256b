"""The page on which an administrator begins to act as somebody else, and the button that ends it."""

from __future__ import annotations

from starlette.responses import Response

from engine.access.access import only_administrators
from engine.entrance.knock import keep_session
from engine.errors import Invalid
from engine.identity import impersonation
from engine.identity.identity import SESSION_COOKIE
from engine.web.toast import Toast
from engine.web.visit import Visit
from engine.work.context import Context

HERE, END = "/settings/impersonation", "/impersonation/end"


def show(visit: Visit, context: Context) -> Response:
    """GET /settings/impersonation"""
    only_administrators(context, "act as somebody else")
    return _page(visit, context, "")


def begin(visit: Visit) -> Response:
    """POST /settings/impersonation"""
    with visit.read() as context:
        only_administrators(context, "act as somebody else")
    login = visit.text("login")
    try:
        secret, _ = visit.write(lambda c: impersonation.begin(c, _cookie(visit), login, visit.origin))
    except Invalid as invalid:
        with visit.read() as context:
            return _page(visit, context, invalid.errors[0].message)
    return _go(visit, secret, f"You act as {login.strip()} until you end it.")


def end(visit: Visit) -> Response:
    """POST /impersonation/end"""
    secret, _ = visit.write(lambda context: impersonation.end(context, _cookie(visit), visit.origin))
    return _go(visit, secret, "You are yourself again.")


def _go(visit: Visit, secret: str, text: str) -> Response:
    response = visit.go("/", Toast(text))
    keep_session(response, visit.request, visit.gateway, secret)
    return response


def _cookie(visit: Visit) -> str:
    return visit.request.cookies.get(SESSION_COOKIE, "")


def _page(visit: Visit, context: Context, message: str) -> Response:
    return visit.page(
        context,
        "impersonation.html",
        title="Act as somebody",
        status=422 if message else 200,
        login=visit.text("login"),
        errors={"login": message} if message else {},
    )
