"""The pages of links that let somebody choose a password, and of asking for one."""

from __future__ import annotations

from starlette.background import BackgroundTask
from starlette.responses import Response

from engine.entrance import second_step
from engine.entrance.knock import Handler, Knock
from engine.errors import Invalid
from engine.identity import links
from engine.identity.events import Origin
from engine.identity.identity import AnotherStep
from engine.identity.policy import LONGEST

FORGOTTEN = "/sign-in/forgotten"


def show_forgotten(knock: Knock) -> Response:
    """GET /sign-in/forgotten"""
    return knock.page(
        "forgotten.html", title="Forgotten password", asked=False, mails=links.mails(knock.gateway)
    )


def ask(knock: Knock) -> Response:
    """POST /sign-in/forgotten: answered before anything is looked up, so alike and as quickly for everybody."""
    response = knock.page("forgotten.html", title="Forgotten password", asked=True, mails=True)
    origin = Origin(knock.remote, knock.agent)
    response.background = BackgroundTask(links.ask, knock.gateway, knock.text("login"), origin)
    return response


def show(kind: links.Kind) -> Handler:
    """GET /sign-in/welcome/… or /sign-in/reset/…"""

    def shown(knock: Knock) -> Response:
        return _page(knock, kind)

    return shown


def choose(kind: links.Kind) -> Handler:
    """POST /sign-in/welcome/… or /sign-in/reset/…"""

    def chosen(knock: Knock) -> Response:
        passwords = (knock.text("password"), knock.text("again"))
        origin = Origin(knock.remote, knock.agent)
        try:
            return knock.enter(links.choose(knock.gateway, kind, _secret(knock), passwords, origin))
        except AnotherStep as step:
            return second_step.ask(knock, step)
        except Invalid as invalid:
            knock.status = 422
            return _page(knock, kind, {each.at: each.message for each in reversed(invalid.errors)})

    return chosen


def _page(knock: Knock, kind: links.Kind, errors: dict[str, str] | None = None) -> Response:
    login = links.opened(knock.gateway, kind, _secret(knock))
    if login is None:
        knock.status = 410
    return knock.page(
        "choose.html",
        title="Choose a password" if login else "This link is no good",
        login=login,
        errors=errors or {},
        action=f"{links.PATHS[kind]}/{_secret(knock)}",
        shortest=knock.gateway.runtime.application.settings.password.min_length,
        longest=LONGEST,
    )


def _secret(knock: Knock) -> str:
    return str(knock.request.path_params["secret"])
