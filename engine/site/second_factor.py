"""The page of one's own second factor: setting it up, recovery codes, switching it off."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.responses import Response

from engine.entrance.knock import keep_session
from engine.errors import FieldError, Invalid
from engine.identity import second_factor, second_step
from engine.identity.identity import SESSION_COOKIE
from engine.store.identity import renew_session
from engine.web.qr import drawn
from engine.web.toast import Toast
from engine.web.visit import Visit
from engine.work.context import Context

HERE = "/preferences/second-factor"


def show(visit: Visit, context: Context) -> Response:
    """GET /preferences/second-factor"""
    return _page(visit, context)


def change(visit: Visit) -> Response:
    """POST /preferences/second-factor"""
    do = visit.text("do")
    try:
        return {"begin": _begin, "on": _on, "codes": _codes, "off": _off}.get(do, _again)(visit)
    except Invalid as invalid:
        with visit.read() as context:
            return _page(visit, context, errors=invalid.errors, doing=do, status=422)


def _begin(visit: Visit) -> Response:
    user = _user(visit)
    visit.write(lambda context: second_factor.begin(context, user))
    with visit.read() as context:
        return _page(visit, context, doing="on")


def _on(visit: Visit) -> Response:
    user, code = _user(visit), visit.text("code")
    codes = visit.write(
        lambda context: second_factor.switch_on(context, user, visit.actor.login, code, visit.origin)
    )
    return _shown(visit, codes)


def _codes(visit: Visit) -> Response:
    user = _user(visit)
    second_step.confirmed(visit.gateway, visit.actor, visit.text("code"), visit.origin)
    codes = visit.write(
        lambda context: second_factor.new_codes(context, user, visit.actor.login, visit.origin)
    )
    return _shown(visit, codes)


def _off(visit: Visit) -> Response:
    user = _user(visit)
    with visit.read() as context:
        if second_factor.is_required(context, context.actor.roles):
            raise Invalid([FieldError("code", "required", "Your role needs a second factor.")])
    second_step.confirmed(visit.gateway, visit.actor, visit.text("code"), visit.origin)
    visit.write(lambda context: second_factor.switch_off(context, user, visit.actor.login, visit.origin))
    return with_new_secret(visit, visit.go("/preferences", Toast("The second factor is switched off.")))


def _again(visit: Visit) -> Response:
    return visit.go(HERE)


def _shown(visit: Visit, codes: list[str]) -> Response:
    """The recovery codes, which no other page shows again."""
    secret, visit.secret = visit.write(lambda context: renew_session(context.connection, _cookie(visit)))
    with visit.read() as context:
        response = _page(visit, context, codes=codes)
    response.headers["Cache-Control"] = "no-store"
    keep_session(response, visit.request, visit.gateway, secret)
    return response


def with_new_secret(visit: Visit, response: Response) -> Response:
    """Give the session another secret: what somebody may have learned of it before is good no more."""
    secret, visit.secret = visit.write(lambda context: renew_session(context.connection, _cookie(visit)))
    keep_session(response, visit.request, visit.gateway, secret)
    return response


def _cookie(visit: Visit) -> str:
    return visit.request.cookies.get(SESSION_COOKIE, "")


def _user(visit: Visit) -> int:
    assert visit.actor.id is not None
    return visit.actor.id


def _page(
    visit: Visit,
    context: Context,
    *,
    codes: Sequence[str] = (),
    errors: Sequence[FieldError] = (),
    doing: str = "",
    status: int = 200,
) -> Response:
    user = _user(visit)
    secret = second_factor.secret_of(context, user)
    since = second_factor.since(context, user)
    setting_up = doing == "on" and secret and since is None
    return visit.page(
        context,
        "second_factor.html",
        title="Second factor",
        status=status,
        codes=codes,
        qr=drawn(second_factor.address_of(context, user, visit.actor.login)) if setting_up else "",
        secret=secret if setting_up else "",
        since=since,
        left=second_factor.codes_left(context, user),
        required=second_factor.is_required(context, context.actor.roles),
        errors={each.at: each.message for each in errors},
        doing=doing,
    )
