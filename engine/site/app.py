"""The routes of the pages: who asks is found, the handler runs in the gateway's pool, refusals become pages."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route, Router
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from engine.entrance.routes import entrance
from engine.identity.csrf import csrf_fits
from engine.identity.identity import SESSION_COOKIE, actor_of_session, note_use, session_of
from engine.pages import (
    actions,
    approvals,
    board,
    diagrams,
    exporting,
    form,
    funnel,
    grid,
    importing,
    pickers,
    related,
    sharing,
    transitions,
    view,
)
from engine.site import (
    account,
    explaining,
    home,
    impersonation,
    invitations,
    jobs,
    mail,
    notifications,
    parameters,
    recording,
    second_factor,
    security,
    settings,
)
from engine.web.faults import fault_page
from engine.web.markup import STATIC
from engine.web.security import UNSAFE, SecurityHeaders, limited
from engine.web.session import to_sign_in
from engine.web.visit import Visit
from engine.work.context import Context
from engine.work.gateway import Gateway

Shown = Callable[[Visit, Context], Response]
Done = Callable[[Visit], Response]

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
"""What every route takes, so that what a page does not do is answered with a page."""

MOST_FIELDS = 20_000
LONGEST_FIELD = 4 * 1024 * 1024


class Refusal(HTTPException):
    """A request that did not come from a page of ours."""

    def __init__(self) -> None:
        super().__init__(
            403, "This form was open for too long, or did not come from here. Reload the page and try again."
        )


class _Pages:
    """Routes to the pages of one application."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway

    def route(
        self, path: str, get: Shown | None = None, post: Done | None = None, slow: bool = False
    ) -> Route:
        return Route(path, _endpoint(self.gateway, get, post, slow), methods=METHODS)

    def own(self, path: str, get: Shown | None = None, post: Done | None = None, slow: bool = False) -> Route:
        """A route to what is somebody's own, which nobody touches who acts as them."""
        return self.route(path, get, _by_themselves(post) if post else None, slow)


def pages(gateway: Gateway) -> list[BaseRoute]:
    """Everything under `/` that is not the API's; the last of an application's routes."""
    at = _Pages(gateway)
    router = Router(
        [
            Mount("/static", _Static(directory=STATIC)),
            Route("/favicon.ico", _favicon),
            *entrance(gateway),
            *_of_people(at),
            *_of_entities(at),
            *_of_records(at),
            at.route("/{rest:path}"),
        ],
        redirect_slashes=False,
    )
    return [Mount("/", SecurityHeaders(GZipMiddleware(router, minimum_size=1024, compresslevel=3)))]


def _of_people(at: _Pages) -> list[Route]:
    """The start, what is somebody's own, and administration."""
    return [
        at.route("/sign-out", post=settings.leave),
        at.route("/", home.show_home),
        at.route("/preferences", account.show_preferences, settings.save_preferences),
        at.own("/preferences/password", post=account.change_password, slow=True),
        at.own(second_factor.HERE, second_factor.show, second_factor.change),
        at.own("/preferences/sessions", post=account.sign_out_elsewhere),
        at.own("/preferences/tokens", post=account.create_token),
        at.own("/preferences/tokens/revoke", post=account.revoke_token),
        at.route("/settings", settings.show_settings),
        at.route("/settings/problems", settings.show_problems),
        at.route("/settings/access", explaining.show_access),
        at.route(impersonation.HERE, impersonation.show, impersonation.begin),
        at.route(impersonation.END, post=impersonation.end),
        at.route(invitations.HERE, invitations.show, invitations.invite),
        at.route("/settings/events", security.show_events),
        at.route(jobs.HERE, jobs.show, jobs.act),
        at.route(mail.HERE, mail.show, mail.act),
        at.route(parameters.HERE, parameters.show_all),
        at.route(parameters.HERE + "/{workflow}", parameters.show, parameters.change),
        at.route(notifications.HERE, notifications.show, notifications.act),
        at.route(security.SESSIONS, security.show_sessions, security.end_session),
    ]


def _of_entities(at: _Pages) -> list[Route]:
    """Files, and the pages of several records."""
    return [
        at.route("/files/{key}", pickers.send_file),
        at.route("/{entity}", grid.show_grid),
        at.route("/{entity}/new", form.show_new, form.submit_new),
        at.route("/{entity}/new/{name}", transitions.show_start, transitions.make_start),
        at.route("/{entity}/bulk", post=actions.bulk),
        at.route("/{entity}/board/{name}", board.show_board, board.move_card),
        at.route("/{entity}/board/{name}/funnel", funnel.show_funnel),
        at.route("/{entity}/options/{relation}", pickers.offer_options, pickers.offer_fitting),
        at.route("/{entity}/names", pickers.offer_names),
        at.route("/{entity}/export", exporting.export_grid),
        at.route("/{entity}/import", importing.show, importing.act),
    ]


def _of_records(at: _Pages) -> list[Route]:
    """The pages of one record."""
    record = "/{entity}/{id}"
    return [
        at.route(record, view.show_record),
        at.route(f"{record}/edit", form.show_edit, form.submit_edit),
        at.route(f"{record}/delete", actions.ask_delete, actions.delete_one),
        at.route(f"{record}/restore", post=actions.restore_one),
        at.route(f"{record}/purge", post=actions.purge_one),
        at.route(f"{record}/history", view.show_history),
        at.route(record + "/transitions/{name}", transitions.show_transition, transitions.make_transition),
        at.route(record + "/transitions/{name}/reject", post=approvals.refuse),
        at.route(record + "/actions/{name}", transitions.show_action, transitions.make_action),
        at.route(record + "/workflow/{name}", diagrams.show_diagram),
        at.route(f"{record}/recording", recording.show, recording.act),
        at.route(f"{record}/share", sharing.show_shares, sharing.add_share),
        at.route(f"{record}/share/end", post=sharing.end_share),
        at.route(f"{record}/why", sharing.show_why),
        at.route(record + "/related/{relation}", related.show_related),
    ]


# ---- one request


def _endpoint(
    gateway: Gateway, get: Shown | None, post: Done | None, slow: bool
) -> Callable[[Request], Awaitable[Response]]:
    """`slow` says that the post hashes a password: not in the few threads that serve records."""

    async def endpoint(request: Request) -> Response:
        if request.method in UNSAFE:
            return await _submitted(gateway, request, post, slow)
        return await gateway.run(_shown, gateway, request, get)

    return endpoint


def _shown(gateway: Gateway, request: Request, handler: Shown | None) -> Response:
    """Answer a GET, all in one thread: who asks, the page, and its refusals.

    One transaction serves for both, but where it has first to be noted that a session is used.
    """
    visit: Visit | None = None
    try:
        secret = request.cookies.get(SESSION_COOKIE, "")
        with gateway.database.read() as connection:
            session = session_of(gateway, connection, secret) if secret else None
            if session is None:
                return to_sign_in(request)
            visit = Visit(request, gateway, session.actor, session.csrf)
            if session.noted:
                return _handled(handler, visit, visit.reading(connection))
        note_use(gateway, secret)
        with visit.read() as context:
            return _handled(handler, visit, context)
    except Exception as error:  # whatever it is, it is answered with a page
        return fault_page(gateway, request, visit, error)


def _handled(handler: Shown | None, visit: Visit, context: Context) -> Response:
    if handler is None:
        raise HTTPException(404)
    return handler(visit, context)


async def _submitted(gateway: Gateway, request: Request, handler: Done | None, slow: bool) -> Response:
    """Answer a POST: who asks comes first, then the body, then whether it came from a page of ours."""
    visit: Visit | None = None
    try:
        visit = await gateway.run(_visit, gateway, request)
        if visit is None:
            return to_sign_in(request)
        if handler is None or request.method != "POST":
            raise HTTPException(405)
        visit.form = await _form(gateway, request)
        if slow:
            return await run_in_threadpool(_done, visit, handler)
        return await gateway.run(_done, visit, handler)
    except ClientDisconnect:
        return Response(status_code=400)  # nobody is there to read it
    except Exception as error:
        return await gateway.run(fault_page, gateway, request, visit, error)
    finally:
        if visit is not None:
            await visit.form.close()


def _done(visit: Visit, handler: Done) -> Response:
    token = visit.text("_csrf") or visit.request.headers.get("x-csrf-token", "")
    if visit.request.headers.get("sec-fetch-site") == "cross-site" or not csrf_fits(visit.secret, token):
        raise Refusal
    return handler(visit)


def _by_themselves(handler: Done) -> Done:
    def handled(visit: Visit) -> Response:
        if visit.actor.behind is not None:
            raise HTTPException(403, "This is somebody's own: who acts as them leaves it alone.")
        return handler(visit)

    return handled


def _visit(gateway: Gateway, request: Request) -> Visit | None:
    """The request with its actor; None where nobody is signed in."""
    cookie = request.cookies.get(SESSION_COOKIE)
    known = actor_of_session(gateway, cookie) if cookie else None
    return Visit(request, gateway, known[0], known[1]) if known else None


async def _form(gateway: Gateway, request: Request) -> FormData:
    """The fields of a form, of a size that can be meant."""
    largest = (gateway.runtime.application.settings.max_upload_mb + 1) * 1024 * 1024
    receive = limited(request.receive, request.headers.get("content-length"), largest)
    try:
        return await Request(request.scope, receive).form(
            max_fields=MOST_FIELDS, max_files=200, max_part_size=LONGEST_FIELD
        )
    except MultiPartException as error:
        raise HTTPException(400, error.message) from error


# ---- static files


class _Static(StaticFiles):
    """Static files: an address with its content's hash is good for ever."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(*args, **kwargs)
        response.headers["Cache-Control"] = "public, max-age=3600"
        return response

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        stamped = scope["query_string"].startswith(b"v=")

        async def lasting(message: Any) -> None:
            if stamped and message["type"] == "http.response.start" and message["status"] == 200:
                headers = [pair for pair in message["headers"] if pair[0] != b"cache-control"]
                message["headers"] = [*headers, (b"cache-control", b"public, max-age=31536000, immutable")]
            await send(message)

        await super().__call__(scope, receive, lasting)


async def _favicon(request: Request) -> Response:
    return RedirectResponse("/static/icon.svg", 301)
