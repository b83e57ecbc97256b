"""The shop on each database: jobs are enqueued in its transactions."""

from __future__ import annotations

from tests.support.shop import shop

__all__ = ["shop"]
