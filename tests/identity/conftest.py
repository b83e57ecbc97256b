"""The shop and somebody in it, with hashes that do not take long."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher

from engine.identity import identity
from engine.store import identity as store
from engine.work.context import SYSTEM
from engine.work.gateway import Gateway
from tests.support.shop import shop

__all__ = ["shop"]

PASSWORD = "correct horse"
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The real parameters take as long as they should, which is too long for a test."""
    monkeypatch.setattr(store, "HASHER", CHEAP)
    store._nobody.cache_clear()
    yield
    store._nobody.cache_clear()


@pytest.fixture
def ann(shop: Gateway) -> int:
    return make_user(shop, "ann")


def make_user(shop: Gateway, login: str, *roles: str, **more: object) -> int:
    """A user with the usual password."""
    return shop.writing(
        SYSTEM, "cli", lambda context: identity.create_user(context, login, PASSWORD, list(roles), **more)
    )
