"""Names in the database: short enough for every database, the same at every build."""

from __future__ import annotations

from hashlib import sha256

LONGEST = 60
"""PostgreSQL keeps 63 bytes of a name; a few are left for what it appends itself."""


def database_name(*parts: str) -> str:
    """A name made of parts; too long a one keeps its start and ends in a hash of the whole."""
    whole = "$".join(parts)
    if len(whole) <= LONGEST:
        return whole
    return f"{whole[: LONGEST - 9]}${sha256(whole.encode()).hexdigest()[:8]}"
