"""The smallest application on each database: jobs are enqueued in its transactions."""

from __future__ import annotations

from tests.support.shop import kiosk as shop

__all__ = ["shop"]
