"""Cursors: where a page ended, as a signed text that only fits the query it was issued for."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec

from engine.errors import BadQuery

DIGEST = 12
"""Bytes of the signature that are kept: forging one is hopeless, and the cursor stays short."""


def encode_cursor(secret: bytes, shape: str, values: Sequence[Any]) -> str:
    """The cursor of a row's sort values; `shape` names the entity and the order they belong to."""
    body = msgspec.json.encode([_plain(value) for value in values])
    return base64.urlsafe_b64encode(_sign(secret, shape, body) + body).decode().rstrip("=")


def decode_cursor(secret: bytes, shape: str, cursor: str) -> list[Any]:
    """The sort values of a cursor; raises BadQuery for one that was not issued for this order."""
    try:
        data = base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
        body = data[DIGEST:]
        if not hmac.compare_digest(data[:DIGEST], _sign(secret, shape, body)):
            raise ValueError("not signed by us")
        return [_value(item) for item in msgspec.json.decode(body)]
    except ValueError as error:
        message = "this cursor was not issued for this list: start from its first page"
        raise BadQuery("bad-cursor", "after", message) from error


def _sign(secret: bytes, shape: str, body: bytes) -> bytes:
    return hmac.digest(secret, shape.encode() + b"\0" + body, "sha256")[:DIGEST]


def _plain(value: Any) -> Any:
    match value:
        case bool() | None | str() | int():
            return value
        case Decimal():
            return {"d": str(value)}
        case datetime():
            return {"t": value.astimezone(UTC).isoformat()}
        case date():
            return {"D": value.isoformat()}
        case time():
            return {"T": value.isoformat()}
        case UUID():
            return {"u": value.hex}
    return {"s": str(value)}


def _value(item: Any) -> Any:
    if not isinstance(item, dict):
        return item
    (tag, text), *_ = item.items()
    return READ[tag](text)


READ: dict[str, Callable[[str], Any]] = {
    "d": Decimal,
    "t": datetime.fromisoformat,
    "D": date.fromisoformat,
    "T": time.fromisoformat,
    "u": UUID,
    "s": str,
}
