"""Tokens that prove a change was asked for by a page of ours: the same for the pages and the API."""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from secrets import token_bytes

SALT = 9
"""Bytes of salt in front of each token."""


def csrf_token(secret: str) -> str:
    """A token for a form: salted anew each time, so that a compressed page does not give it away."""
    salt = token_bytes(SALT)
    return urlsafe_b64encode(salt + hmac.digest(secret.encode(), salt, "sha256")[:18]).decode()


def csrf_fits(secret: str, token: str) -> bool:
    """Whether a token was made from this secret."""
    from_here = token.encode("ascii", "ignore")
    try:
        salt = urlsafe_b64decode(from_here)[:SALT]
    except ValueError:
        return False
    expected = urlsafe_b64encode(salt + hmac.digest(secret.encode(), salt, "sha256")[:18])
    return hmac.compare_digest(expected, from_here)
