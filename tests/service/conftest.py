"""The shop, for the tests of the record service."""

from tests.support.shop import seller, shop

__all__ = ["seller", "shop"]
