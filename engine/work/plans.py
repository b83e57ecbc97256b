"""What is made once and kept by the runtime: statements with their readers, plans of pages, compiled lists.

A key says everything that what is kept depends on. What depends on the actor has `access.key(context)`
in its key, and is run with `access.operands(context)`: so it serves every actor of the same roles.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TypeVar

from engine.build.runtime import Runtime

T = TypeVar("T")

MOST_KEPT = 2_000
"""Plans of a runtime, as many as a database connection keeps compiled statements."""


def kept(runtime: Runtime, key: Hashable, make: Callable[[], T]) -> T:
    """What was made for this key; made now where it was not.

    Beyond so many all are forgotten and made anew as they are needed: counting their uses on every
    request would cost more than that does once in a while.
    """
    plans = runtime.plans
    found: T | None = plans.get(key)
    if found is None:
        found = make()
        if len(plans) >= MOST_KEPT:
            plans.clear()
        plans[key] = found
    return found
