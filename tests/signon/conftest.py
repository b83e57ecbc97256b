"""The shop, for those who sign on from elsewhere."""

from tests.identity.conftest import cheap_hashes
from tests.support.shop import shop

__all__ = ["cheap_hashes", "shop"]
