"""What pages keep in a browser besides the session: preferences; and where those go who have no session."""

from __future__ import annotations

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

THEMES = ("system", "light", "dark")
DENSITIES = ("comfortable", "compact")


def preference(request: Request, name: str, allowed: tuple[str, ...]) -> str:
    """A choice of the reader's that is kept in a cookie; the first allowed one otherwise."""
    chosen = request.cookies.get(f"engine_{name}", "")
    return chosen if chosen in allowed else allowed[0]


def remember(response: Response, name: str, value: str, *, secure: bool) -> None:
    response.set_cookie(
        f"engine_{name}", value, max_age=31536000, httponly=True, secure=secure, samesite="lax"
    )


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
