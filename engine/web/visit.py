"""One request of a signed-in person: who asks, what was sent, and how a page is answered."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar
from urllib.parse import urlencode

import sqlalchemy as sa
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from engine.build.runtime import Runtime
from engine.errors import NotFound
from engine.identity.csrf import csrf_token
from engine.identity.events import Origin
from engine.metamodel.entity import Entity
from engine.web.frame import build_frame
from engine.web.markup import render
from engine.web.security import new_nonce, safe_next
from engine.web.session import DENSITIES, THEMES, preference, secure
from engine.web.toast import COOKIE as TOAST_COOKIE
from engine.web.toast import Toast, leave_toast, take_toast
from engine.work.context import Actor, Context
from engine.work.gateway import Gateway

T = TypeVar("T")

LARGEST_ID = 2**63 - 1


@dataclass
class Visit:
    """A request with its actor. Handlers get one; they run in a thread of the gateway's pool."""

    request: Request
    gateway: Gateway
    actor: Actor
    secret: str  # of the session's CSRF tokens
    form: FormData = field(default_factory=FormData)

    @cached_property
    def runtime(self) -> Runtime:
        """The runtime this request keeps until its end, whatever is reloaded meanwhile."""
        return self.gateway.runtime

    @cached_property
    def partial(self) -> bool:
        """Whether htmx asked for a part of the page."""
        return "hx-request" in self.request.headers

    # ---- what was asked for

    @cached_property
    def entity(self) -> Entity:
        """The entity the address names; raises NotFound."""
        name = self.request.path_params["entity"]
        found = self.runtime.entities.get(name)
        if found is None:
            raise NotFound(name)
        return found

    @cached_property
    def number(self) -> int:
        """The record's id in the address; raises NotFound for what can't be one."""
        text = self.request.path_params["id"]
        number = whole_number(text)
        if number is None:
            raise NotFound(self.entity.name, text)
        return number

    def query(self, name: str, otherwise: str = "") -> str:
        return self.request.query_params.get(name, otherwise)

    def text(self, name: str, otherwise: str = "") -> str:
        """A text of the submitted form, with the line ends that people mean."""
        value = self.form.get(name, otherwise)
        return otherwise if isinstance(value, UploadFile) else value.replace("\r\n", "\n")

    def texts(self, name: str) -> list[str]:
        return [value for value in self.form.getlist(name) if isinstance(value, str)]

    @property
    def next_path(self) -> str:
        """Where the form asked to go afterwards, if that is here."""
        return safe_next(self.text("_next") or self.query("next"), "")

    @property
    def remote(self) -> str:
        """The address the request came from, or ""."""
        return self.request.client.host if self.request.client else ""

    @property
    def origin(self) -> Origin:
        """Where the request came from, for security events."""
        return Origin(self.remote, self.request.headers.get("user-agent", ""))

    @cached_property
    def csrf(self) -> str:
        """The token of the forms on the page that answers."""
        return csrf_token(self.secret)

    # ---- units of work

    @contextmanager
    def read(self) -> Iterator[Context]:
        with self.gateway.read(self.actor, "page", self.runtime) as context:
            yield context

    def reading(self, connection: sa.Connection) -> Context:
        """The same over a connection that is open."""
        return self.gateway.reading(connection, self.actor, "page", self.runtime)

    def write(self, work: Callable[[Context], T]) -> T:
        return self.gateway.writing(self.actor, "page", work, self.runtime)

    # ---- answers

    def page(
        self,
        context: Context,
        template: str,
        *,
        title: str,
        status: int = 200,
        styled: bool = False,
        **values: Any,
    ) -> Response:
        """A page in the frame. `styled` lets a library on it add a style sheet of its own."""
        nonce = new_nonce() if styled else ""
        if nonce:
            self.request.scope.setdefault("state", {})["nonce"] = nonce
        toast = take_toast(self.request, context.runtime.secret)
        frame = build_frame(self.request, context, self.gateway.problems)
        text = render(
            template,
            frame=frame,
            brand=frame.brand,
            title=title,
            language=context.actor.display.locale.language,
            theme=preference(self.request, "theme", THEMES),
            density=preference(self.request, "density", DENSITIES),
            csrf=self.csrf,
            nonce=nonce,
            toast=toast,
            **values,
        )
        response = HTMLResponse(text, status)
        if toast is not None:
            response.delete_cookie(TOAST_COOKIE)
        return response

    def go(self, target: str, toast: Toast | None = None) -> Response:
        """Go to another page, which shows the toast."""
        response: Response = (
            Response(status_code=204, headers={"HX-Redirect": target})
            if self.partial
            else RedirectResponse(target, 303)
        )
        if toast is not None:
            leave_toast(response, self.runtime.secret, toast, secure=secure(self.request))
        return response


def whole_number(text: str) -> int | None:
    """An id as addresses and forms write it; None for anything else."""
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 20 else 0
    return number if 0 < number <= LARGEST_ID else None


def query_string(parameters: Mapping[str, Any]) -> str:
    """Parameters as they follow `?`; empty ones are left out, lists are repeated."""
    pairs = []
    for name, value in parameters.items():
        for item in value if isinstance(value, list | tuple) else [value]:
            if item not in ("", None):
                pairs.append((name, item))
    return urlencode(pairs)
