"""A loop for what is asynchronous, in a thread of its own: a browser keeps another one running in the main thread."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Self, TypeVar

T = TypeVar("T")


class Loop:
    """A loop that goes on between calls, until it is closed."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1)
        self._runner = asyncio.Runner()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self._thread.submit(self._runner.close).result()
        self._thread.shutdown()

    def run(self, made: Coroutine[Any, Any, T]) -> T:
        return self._thread.submit(self._runner.run, made).result()


def run(made: Coroutine[Any, Any, T]) -> T:
    """What `asyncio.run` does, whatever runs in the main thread."""
    with Loop() as loop:
        return loop.run(made)
