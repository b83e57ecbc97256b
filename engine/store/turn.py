"""A fair lock: threads that want to write get their turn in the order they came."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock, get_ident


class Turn:
    """One at a time, first come first served.

    `threading.Lock` promises no order: with many writers one may be passed over for as long as others
    keep coming. Here the one who leaves hands the turn to the one who has waited longest.
    """

    def __init__(self) -> None:
        self._guard = Lock()
        self._waiting: deque[Lock] = deque()
        self._holder: int | None = None

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Wait for the turn, hold it for the block, and pass it on."""
        self._take()
        try:
            yield
        finally:
            self._pass_on()

    def _take(self) -> None:
        with self._guard:
            if self._holder is None:
                self._holder = get_ident()
                return
            assert self._holder != get_ident(), "a write inside a write: it would wait for itself"
            place = Lock()
            place.acquire()
            self._waiting.append(place)
        try:
            place.acquire()  # released by whoever passes the turn on
        except BaseException:
            self._leave(place)
            raise
        self._holder = get_ident()

    def _leave(self, place: Lock) -> None:
        """Give up waiting (the thread was interrupted), or pass on a turn that came at that very moment."""
        with self._guard:
            if place in self._waiting:
                self._waiting.remove(place)
                return
        self._pass_on()

    def _pass_on(self) -> None:
        with self._guard:
            if self._waiting:
                self._holder = 0  # somebody's, though they have not woken yet
                self._waiting.popleft().release()
            else:
                self._holder = None
