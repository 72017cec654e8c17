"""The circuit breaker: an outage costs a request microseconds, not its deadline (client/README.md)."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable

FAILURES_TO_OPEN = 5
OPEN_SECONDS = 1.0
JITTER = 0.2


class Breaker:
    """Thread-safe. ``clock`` counts seconds and is replaced in tests."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._failures = 0
        self._closed_again = 0.0

    def allows(self) -> bool:
        """Whether the next call may be made; while open, one call is let through each second."""
        with self._lock:
            if self._failures < FAILURES_TO_OPEN:
                return True
            now = self._clock()
            if now < self._closed_again:
                return False
            self._open(now)  # This call is the probe; the others wait for what it learns.
            return True

    def answered(self) -> None:
        """The service answered, even if with an error about the question."""
        with self._lock:
            self._failures = 0

    def failed(self) -> None:
        """No answer."""
        with self._lock:
            self._failures += 1
            if self._failures >= FAILURES_TO_OPEN:
                self._open(self._clock())

    def _open(self, now: float) -> None:
        self._closed_again = now + OPEN_SECONDS * (1 + JITTER * random.random())
