"""Believable records for every entity, the same ones on every machine."""
