"""How a fallback is heard: at most one log line in ten seconds, and the caller's hook for each (client/README.md)."""

from __future__ import annotations

import logging
import os
import threading
import time
import weakref
from collections.abc import Callable

from fingerpost.errors import FingerpostError

SECONDS = 10.0
log = logging.getLogger("fingerpost")


class Rate:
    """Lets one through in SECONDS. ``clock`` counts seconds and is replaced in tests."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        _rates.add(self)
        self._next = float("-inf")
        self._waiting = 0

    def __reduce__(self) -> tuple[type[Rate], tuple[()]]:
        """A lock and this process's clock cannot be pickled."""
        return Rate, ()

    def take(self) -> int:
        """How many there were since the last that was let through, this one included; 0 if this one is held back."""
        with self._lock:
            self._waiting += 1
            if self._clock() < self._next:
                return 0
            self._next = self._clock() + SECONDS
            found, self._waiting = self._waiting, 0
            return found


_rates: weakref.WeakSet[Rate] = weakref.WeakSet()


def _renew_locks() -> None:
    """In the child of a fork, where another thread of the parent may have held one."""
    for rate in _rates:
        rate._lock = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_locks)


class Heard:
    """The log line and the hook of one client's fallbacks."""

    def __init__(self, hook: Callable[[FingerpostError], object] | None, rate: Rate | None = None) -> None:
        self._hook = hook
        self._rate = rate or Rate()

    def fell_back(self, error: FingerpostError) -> None:
        """The service did not answer; the caller got a fallback."""
        if many := self._rate.take():
            log.warning("Fingerpost did not answer (%s); fallbacks since the last such line: %d", error, many)
        if self._hook is None:
            return
        try:
            self._hook(error)
        except Exception:  # Counting must not fail the request, whatever the hook raises.
            log.exception("on_fallback failed")
