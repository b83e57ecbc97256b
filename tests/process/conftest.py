"""The desk with a workflow, for the tests of processes."""

from tests.support.tickets import house

__all__ = ["house"]
