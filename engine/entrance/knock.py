"""One request of somebody who is not signed in: what was sent, and how a page is answered.

There is no session yet to keep a CSRF secret in, so a form sends back what a cookie of these pages holds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from secrets import compare_digest, token_urlsafe
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from engine.identity.identity import SESSION_COOKIE
from engine.web.faults import fault_page
from engine.web.markup import render
from engine.web.security import UNSAFE, limited, safe_next
from engine.web.session import DENSITIES, THEMES, preference, secure
from engine.work.gateway import Gateway

COOKIE = "engine_sign_in"
PATH = "/sign-in"
LARGEST_FORM = 64 * 1024
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")

TOO_OLD = "This page was open for too long, or cookies are switched off. Please try once more."


@dataclass
class Knock:
    """A request at the entrance. Handlers get one; they run in a thread."""

    request: Request
    gateway: Gateway
    form: FormData = field(default_factory=FormData)
    message: str = ""  # what the page says above its form
    status: int = 200

    def text(self, name: str) -> str:
        """A text of the submitted form."""
        value = self.form.get(name, "")
        return "" if isinstance(value, UploadFile) else value

    @property
    def next_path(self) -> str:
        """Where to go once signed in, if that is here."""
        return safe_next(self.text("_next") or self.request.query_params.get("next"), "")

    @property
    def remote(self) -> str:
        return self.request.client.host if self.request.client else ""

    @property
    def agent(self) -> str:
        return self.request.headers.get("user-agent", "")

    @property
    def genuine(self) -> bool:
        """Whether the form came from a page of ours."""
        expected = self.request.cookies.get(COOKIE, "")
        same = bool(expected) and compare_digest(expected.encode(), self.text("_csrf").encode())
        return same and self.request.headers.get("sec-fetch-site") != "cross-site"

    def page(
        self,
        template: str,
        *,
        title: str,
        headers: dict[str, str] | None = None,
        **values: Any,
    ) -> Response:
        """A page without the frame."""
        application = self.gateway.runtime.application
        token = self.request.cookies.get(COOKIE) or token_urlsafe(18)
        text = render(
            template,
            brand=application.label,
            title=title,
            description=application.description,
            language=application.settings.language,
            theme=preference(self.request, "theme", THEMES),
            density=DENSITIES[0],
            csrf=token,
            nonce="",
            next_path=self.next_path,
            message=self.message,
            **values,
        )
        response = HTMLResponse(text, self.status, headers)
        response.headers["Cache-Control"] = "no-store"
        response.set_cookie(
            COOKIE, token, max_age=3600, httponly=True, secure=secure(self.request), samesite="lax", path=PATH
        )
        return response

    def say(self, message: str, status: int = 422) -> None:
        """Have the page say what is wrong."""
        self.message, self.status = message, status

    def enter(self, secret: str) -> Response:
        """Let somebody in: the cookie of their new session, and on to where they wanted to go."""
        response = RedirectResponse(self.next_path or "/", 303)
        keep_session(response, self.request, self.gateway, secret)
        response.delete_cookie(COOKIE, path=PATH)
        return response


def keep_session(response: Response, request: Request, gateway: Gateway, secret: str) -> None:
    """Have the browser keep the secret of a session."""
    hours = gateway.runtime.application.settings.session_hours
    response.set_cookie(
        SESSION_COOKIE, secret, max_age=hours * 3600, httponly=True, secure=secure(request), samesite="lax"
    )


Handler = Callable[[Knock], Response]


def route(gateway: Gateway, path: str, get: Handler, post: Handler | None = None) -> Route:
    """A route of the entrance. `post` gets forms of ours only; any other is answered with the page of `get`."""

    async def endpoint(request: Request) -> Response:
        knock = Knock(request, gateway)
        try:
            if request.method not in UNSAFE:
                return await run_in_threadpool(get, knock)
            if post is None or request.method != "POST":
                raise HTTPException(405)
            receive = limited(request.receive, request.headers.get("content-length"), LARGEST_FORM)
            knock.form = await Request(request.scope, receive).form(max_fields=100, max_files=0)
            if not knock.genuine:
                knock.say(TOO_OLD, 400)
                return await run_in_threadpool(get, knock)
            # Hashing is slow on purpose, and waits its turn: not in the few threads that serve records.
            return await run_in_threadpool(post, knock)
        except ClientDisconnect:
            return Response(status_code=400)  # nobody is there to read it
        except Exception as error:
            return await run_in_threadpool(fault_page, gateway, request, None, error)

    return Route(path, endpoint, methods=METHODS)
