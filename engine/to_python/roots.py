"""The values an expression is evaluated on: records as mappings, who asks, when, and what surrounds them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo
from typing import Any

RecordValues = Mapping[str, Any]
"""A record in Python: values by name; a to-one relation is such a mapping or None, a to-many one a sequence.

It always has `id`; where a relation leads to several entities, also `_entity`.
"""


def _nothing(name: str) -> bool:
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """Everything but the record itself."""

    now: datetime = datetime(1970, 1, 1, tzinfo=UTC)
    today: date = date(1970, 1, 1)
    zone: tzinfo = UTC
    is_new: bool = False
    user: RecordValues | None = None
    old: RecordValues | None = None
    parent: RecordValues | None = None
    form: RecordValues | None = None
    option: RecordValues | None = None
    values: Mapping[str, Any] = field(default_factory=dict)  # `settings.x`, `form.x` by that name
    roles: tuple[str, ...] = ()
    subordinates: Sequence[RecordValues] = ()
    feature: Callable[[str], bool] = _nothing
    can: Callable[[str], bool] = _nothing
