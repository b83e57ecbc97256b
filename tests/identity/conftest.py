"""The shop and somebody in it, with hashes that do not take long."""

from __future__ import annotations

import pytest

from engine.identity import identity
from engine.work.context import SYSTEM
from engine.work.gateway import Gateway
from tests.support.shop import shop

__all__ = ["shop"]

PASSWORD = "correct horse"


@pytest.fixture
def ann(shop: Gateway) -> int:
    return make_user(shop, "ann")


def make_user(shop: Gateway, login: str, *roles: str, **more: object) -> int:
    """A user with the usual password."""
    return shop.writing(
        SYSTEM, "cli", lambda context: identity.create_user(context, login, PASSWORD, list(roles), **more)
    )
