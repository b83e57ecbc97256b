"""The help desk, for the tests of access."""

from tests.support.desk import desk

__all__ = ["desk"]
