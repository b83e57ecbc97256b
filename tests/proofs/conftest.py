"""The shop on each database, and its API as an administrator sees it."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette

from engine.api.app import api
from engine.identity import identity
from engine.work.context import SYSTEM
from engine.work.gateway import Gateway
from tests.support.shop import seller, shop

__all__ = ["seller", "shop"]


@pytest.fixture
def headers(shop: Gateway) -> dict[str, str]:
    """The headers of an administrator's request."""
    with shop.write(SYSTEM, "cli") as context:
        identity.create_user(context, "admin", "correct horse", ["administrator"])
    return {"Authorization": f"Bearer {identity.create_token(shop, 'admin', 'proofs')}"}


@pytest.fixture
def asgi(shop: Gateway) -> Starlette:
    """The shop's API as an application."""
    return Starlette(routes=api(shop))
