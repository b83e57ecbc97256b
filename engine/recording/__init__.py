"""Tests made of what was done with a record: told from its history, and recorded from a page."""
