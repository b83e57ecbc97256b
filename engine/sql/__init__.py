"""Pieces of SQL: phrases, values as the databases keep them, and the words of functions and of time."""
