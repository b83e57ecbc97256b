"""The shop and the claims, for the tests of the record service."""

from tests.support.claims import claims
from tests.support.shop import seller, shop

__all__ = ["claims", "seller", "shop"]
