"""The page on which administrators invite people, and hand over links to choose a password."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import Response

from engine.access.access import only_administrators
from engine.errors import FieldError, Invalid
from engine.identity import identity, links
from engine.web.visit import Visit
from engine.work.context import Context

HERE = "/settings/invitations"


def show(visit: Visit, context: Context) -> Response:
    """GET /settings/invitations"""
    only_administrators(context, "invite people")
    return _page(visit, context)


def invite(visit: Visit) -> Response:
    """POST /settings/invitations: a new user, or a link for one there is."""
    with visit.read() as context:
        only_administrators(context, "invite people")
    login = visit.text("login").strip()
    try:
        kind, secret, mailed = visit.write(lambda context: _made(visit, context, login))
    except Invalid as invalid:
        with visit.read() as context:
            errors = {each.at.partition(".")[0]: each.message for each in reversed(invalid.errors)}
            return _page(visit, context, errors, status=422)
    base = str(visit.request.base_url)
    with visit.read() as context:
        link = "" if mailed else links.address(visit.gateway, kind, secret, base)
        response = _page(visit, context, link=link, done=login, status=201)
    response.headers["Cache-Control"] = "no-store"
    return response


def _made(visit: Visit, context: Context, login: str) -> tuple[links.Kind, str, bool]:
    kind: links.Kind = "reset" if visit.text("do") == "link" else "invitation"
    if kind == "reset":
        user = identity.number_of(context, login)
        if user is None:
            raise Invalid([FieldError("known", "unknown", "Nobody has this sign-in name.")])
    else:
        more = {"email": visit.text("email").strip()} if visit.text("email").strip() else {}
        roles = visit.texts("roles")
        user = identity.create_user(context, login, None, roles, visit.text("name").strip(), **more)
    return kind, *links.invite(visit.gateway, context, user, kind)


def _page(
    visit: Visit,
    context: Context,
    errors: Mapping[str, str] | None = None,
    *,
    link: str = "",
    done: str = "",
    status: int = 200,
) -> Response:
    fields = ("login", "name", "email") if errors else ()
    typed = dict.fromkeys(("login", "name", "email"), "") | {name: visit.text(name) for name in fields}
    return visit.page(
        context,
        "invitations.html",
        title="Invitations",
        status=status,
        errors=errors or {},
        typed=typed,
        chosen=visit.texts("roles") if errors else (),
        roles=context.runtime.application.roles.values(),
        mails=links.mails(visit.gateway),
        link=link,
        done=done,
    )
