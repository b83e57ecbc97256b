"""The key that signs what is handed out and comes back: the environment's, else the one kept in the database."""

from __future__ import annotations

from collections.abc import Mapping

from engine.errors import OperatorError
from engine.store import migration
from engine.store.database import Database

VARIABLE = "ENGINE_SECRET_KEY"
SHORTEST = 32
"""Bytes of a key: as long as the digest it is used with (RFC 2104, section 3)."""


def given_key(environment: Mapping[str, str]) -> bytes | None:
    """The key of the environment, None where there is none; raises OperatorError for one that is too short."""
    key = environment.get(VARIABLE, "").strip().encode("utf-8", "surrogateescape")
    if not key:
        return None
    if len(key) < SHORTEST:
        raise OperatorError(
            f"{VARIABLE} has {len(key)} bytes, and needs {SHORTEST} at least: "
            "make one with `openssl rand -hex 32`, or leave it out to use the one kept in the database"
        )
    return key


def key_for(database: Database, environment: Mapping[str, str]) -> bytes:
    """The key of an installation."""
    return given_key(environment) or migration.secret(database)
