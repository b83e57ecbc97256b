"""The expression language: CEL's syntax, checked against the entities, the same answer in Python and in SQL."""
