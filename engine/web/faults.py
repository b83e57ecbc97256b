"""Refusals and faults as pages: what happened, and what would help; never a traceback."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from secrets import token_hex

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from engine.errors import BadQuery, Conflict, Forbidden, Invalid, NotFound, OperatorError, RecordError
from engine.web.markup import render
from engine.web.session import THEMES, preference
from engine.web.visit import Visit
from engine.work.gateway import Gateway

log = logging.getLogger("engine.web")


@dataclass(frozen=True)
class Fault:
    """What an error page says."""

    status: int
    title: str
    text: str
    hint: str = ""


def fault_of(error: Exception) -> Fault:
    """The page of an exception; one nobody expected is logged with an id, and shows only that."""
    if isinstance(error, NotFound):
        return Fault(
            404, "Not found", "There is nothing at this address, or nothing that you may see.", NOT_FOUND
        )
    if isinstance(error, Forbidden):
        return Fault(403, "Not allowed", str(error), FORBIDDEN)
    if isinstance(error, BadQuery):
        return Fault(400, "That can't be shown", sentence(str(error)), BAD_QUERY)
    if isinstance(error, Conflict):
        return Fault(409, "Changed meanwhile", "Somebody else changed this while you were looking.", CONFLICT)
    if isinstance(error, Invalid):
        return Fault(422, "Not accepted", " ".join(each.message for each in error.errors))
    if isinstance(error, RecordError):
        return Fault(400, "That did not work", str(error))
    if isinstance(error, HTTPException):
        return _of_http(error)
    return _unexpected(error)


def sentence(text: str) -> str:
    """A message as a sentence of its own."""
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?", ")")) else ".")


NOT_FOUND = "It may have been deleted, or its address mistyped. If you expected to see it, ask for access."
FORBIDDEN = "If you need to do this, give the decision's number to an administrator: the log tells which rule refused."
BAD_QUERY = "The address asks for something that is not there. Start again from the list."
CONFLICT = "Open it again to see how it is now."


def _of_http(error: HTTPException) -> Fault:
    if error.status_code == 404:
        return Fault(404, "Not found", "There is nothing at this address.", NOT_FOUND)
    if error.status_code == 405:
        return Fault(405, "Not like this", "This address can't be opened in this way.")
    if error.status_code == 413:
        return Fault(413, "Too large", error.detail, "Send smaller files, or fewer of them at once.")
    return Fault(error.status_code, "That did not work", error.detail)


def _unexpected(error: Exception) -> Fault:
    number = token_hex(4)
    log.error("fault %s", number, exc_info=error)
    if isinstance(error, OperatorError):
        return Fault(
            503, "Not available", f"Something this depends on does not answer. (Fault {number})", LATER
        )
    text = f"This is our mistake, not yours. Nothing was saved. (Fault {number})"
    return Fault(
        500, "Something went wrong", text, "An administrator finds what happened in the log by this number."
    )


LATER = "Try again in a moment."


def fault_page(gateway: Gateway, request: Request, visit: Visit | None, error: Exception) -> Response:
    """An error as a page: in the frame where somebody is signed in and the frame can be drawn."""
    fault = fault_of(error)
    if visit is not None and fault.status < 500:
        try:
            with visit.read() as context:
                return visit.page(context, "fault.html", title=fault.title, status=fault.status, fault=fault)
        except Exception as inner:  # the page of an error must not fail
            log.error("the error page failed", exc_info=inner)
    application = gateway.runtime.application
    text = render(
        "fault_bare.html",
        brand=application.label,
        title=fault.title,
        language=application.settings.language,
        theme=preference(request, "theme", THEMES),
        density="comfortable",
        csrf="",
        nonce="",
        fault=fault,
    )
    return HTMLResponse(text, fault.status)
