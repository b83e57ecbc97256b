"""Answers that say no: RFC 9457 `application/problem+json`, one shape for every refusal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import msgspec
from starlette.responses import Response

from engine.errors import (
    BadExpression,
    BadQuery,
    Conflict,
    FieldError,
    Forbidden,
    Invalid,
    NotFound,
    RecordError,
)

MEDIA_TYPE = "application/problem+json"


class Problem(Exception):
    """A refusal on its way out. `status` is the HTTP status, `code` the stable name of the reason."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> None:
        self.status, self.code, self.detail = status, code, detail
        self.errors, self.headers, self.more = tuple(errors), headers, more
        super().__init__(detail)

    def response(self) -> Response:
        body: dict[str, Any] = {
            "type": "about:blank",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
            **self.more,
        }
        if self.errors:
            body["errors"] = [
                {"at": error.at, "code": error.code, "message": error.message} for error in self.errors
            ]
        return Response(
            msgspec.json.encode(body), self.status, dict(self.headers or {}), media_type=MEDIA_TYPE
        )


def of_record_error(error: RecordError) -> Problem:
    """The answer to an operation that the record service refused."""
    match error:
        case NotFound():
            return Problem(404, "not-found", "There is no such record, or none that you may see.")
        case Forbidden():
            return Problem(403, "forbidden", str(error), decision=error.decision)
        case Conflict():
            return Problem(
                409, "conflict", str(error), given=error.given, current=error.current, theirs=error.theirs
            )
        case Invalid():
            return Problem(422, "invalid", "The record can't be saved as it is.", error.errors)
        case BadExpression():
            return Problem(400, error.code, str(error), name=error.name, errors=_faults(error))
        case BadQuery():
            return Problem(400, error.code, str(error), name=error.name)
    return Problem(400, "refused", str(error))


def _faults(error: BadExpression) -> list[FieldError]:
    """Every complaint about an expression, at `where:12-20`, the offsets of the words it is about."""
    return [
        FieldError(
            f"{error.name}:{fault.start}-{fault.end}",
            fault.code,
            fault.message + (f" ({fault.hint})" if fault.hint else ""),
        )
        for fault in error.faults
    ]
