"""Who is asking: the session cookie, signing in and out, and preferences kept in cookies."""

from __future__ import annotations

from secrets import compare_digest, token_urlsafe
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from engine.identity.identity import SESSION_COOKIE, SignInRefused, actor_of_session, sign_in
from engine.web.markup import render
from engine.web.security import limited, safe_next
from engine.work.gateway import Gateway

SIGN_IN_COOKIE = "engine_sign_in"
"""Holds what the sign-in form must send back: there is no session yet to keep a CSRF secret in."""

THEMES = ("system", "light", "dark")
DENSITIES = ("comfortable", "compact")
LARGEST_FORM = 64 * 1024


def preference(request: Request, name: str, allowed: tuple[str, ...]) -> str:
    """A choice of the reader's that is kept in a cookie; the first allowed one otherwise."""
    chosen = request.cookies.get(f"engine_{name}", "")
    return chosen if chosen in allowed else allowed[0]


def remember(response: Response, name: str, value: str, *, secure: bool) -> None:
    response.set_cookie(f"engine_{name}", value, max_age=31536000, secure=secure, samesite="lax")


def secure(request: Request) -> bool:
    return request.url.scheme == "https"


def to_sign_in(request: Request) -> Response:
    """Ask to sign in, and come back here afterwards."""
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    target = (
        "/sign-in"
        if wanted == "/" or request.method not in ("GET", "HEAD")
        else f"/sign-in?next={quote(wanted)}"
    )
    if "hx-request" in request.headers:
        return Response(status_code=204, headers={"HX-Redirect": target})
    return RedirectResponse(target, 303)


class SignIn:
    """The routes /sign-in and /sign-out."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway

    async def show(self, request: Request) -> Response:
        """GET /sign-in"""
        known = request.cookies.get(SESSION_COOKIE)
        found = await self.gateway.run(actor_of_session, self.gateway, known) if known else None
        if found is not None:
            return RedirectResponse(safe_next(request.query_params.get("next")), 303)
        return self._page(request, next_path=request.query_params.get("next", ""))

    async def enter(self, request: Request) -> Response:
        """POST /sign-in"""
        request = Request(
            request.scope, limited(request.receive, request.headers.get("content-length"), LARGEST_FORM)
        )
        form = await request.form()
        login, next_path = str(form.get("login", "")), str(form.get("_next", ""))
        expected = request.cookies.get(SIGN_IN_COOKIE, "")
        if not expected or not compare_digest(expected.encode(), str(form.get("_csrf", "")).encode()):
            message = "This page was open for too long, or cookies are switched off. Please try once more."
            return self._page(request, login=login, next_path=next_path, message=message, status=400)
        remote = request.client.host if request.client else ""
        agent = request.headers.get("user-agent", "")
        try:
            # Hashing is slow on purpose, and waits its turn: not in the few threads that serve records.
            secret = await run_in_threadpool(
                sign_in, self.gateway, login, str(form.get("password", "")), remote, agent
            )
        except SignInRefused as refused:
            return self._page(request, login=login, next_path=next_path, message=str(refused), status=422)
        response = RedirectResponse(safe_next(next_path), 303)
        hours = self.gateway.runtime.application.settings.session_hours
        response.set_cookie(
            SESSION_COOKIE,
            secret,
            max_age=hours * 3600,
            httponly=True,
            secure=secure(request),
            samesite="lax",
        )
        response.delete_cookie(SIGN_IN_COOKIE)
        return response

    def _page(
        self, request: Request, *, login: str = "", next_path: str = "", message: str = "", status: int = 200
    ) -> Response:
        application = self.gateway.runtime.application
        token = request.cookies.get(SIGN_IN_COOKIE) or token_urlsafe(18)
        text = render(
            "sign_in.html",
            brand=application.label,
            title="Sign in",
            description=application.description,
            language=application.settings.language,
            theme=preference(request, "theme", THEMES),
            density=DENSITIES[0],
            csrf=token,
            nonce="",
            login=login,
            next_path=safe_next(next_path, ""),
            message=message,
        )
        response = HTMLResponse(text, status)
        response.set_cookie(
            SIGN_IN_COOKIE,
            token,
            max_age=3600,
            httponly=True,
            secure=secure(request),
            samesite="lax",
            path="/sign-in",
        )
        return response
