"""The shop, for those who sign on from elsewhere."""

from tests.support.shop import shop

__all__ = ["shop"]
