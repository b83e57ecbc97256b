"""How far processes may lead to each other: a circle ends in a refusal that names it, not in a full database."""

from __future__ import annotations

from engine.errors import FieldError, Invalid

MOST_LEVELS = 8
"""How many processes may lead to each other; as many as a person could follow."""

MOST_EVENTS = 10_000
"""How much may follow on one operation."""


def refuse_endless(chain: tuple[str, ...]) -> None:
    """Raise Invalid, with the last processes of a chain that has become too long."""
    way = " → ".join(chain[-4:])
    message = f"Nothing was saved: processes lead to each other without an end ({way} → …). An administrator can help."
    raise Invalid([FieldError("", "endless-process", message)])
