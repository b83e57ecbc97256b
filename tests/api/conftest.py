"""The shop, and a client of its API with an administrator's token."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from engine.api.app import api
from engine.identity import identity
from engine.work.context import SYSTEM
from engine.work.gateway import Gateway
from tests.support.shop import seller, shop

__all__ = ["seller", "shop"]


@pytest.fixture
def token(shop: Gateway) -> str:
    """An administrator's API token."""
    with shop.write(SYSTEM, "cli") as context:
        identity.create_user(context, "admin", "correct horse", ["administrator"])
    return identity.create_token(shop, "admin", "tests")


@pytest.fixture
def client(shop: Gateway, token: str) -> Iterator[TestClient]:
    """A client signed in by token."""
    with TestClient(Starlette(routes=api(shop)), headers={"Authorization": f"Bearer {token}"}) as made:
        yield made
