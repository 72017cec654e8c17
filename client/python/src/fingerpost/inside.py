"""What a client answers inside its process, by the policy that it has there."""

from __future__ import annotations

import random
import threading
import time
import weakref
from collections.abc import Callable
from typing import Literal

from fingerpost import engine
from fingerpost._gen.fingerpost.v1 import decide_pb2, follow_pb2
from fingerpost.errors import FingerpostError
from fingerpost.heard import log
from fingerpost.policy import Held
from fingerpost.watcher import BEFORE_FORK, Watcher

Where = Literal["auto", "local", "remote"]
_warned: set[str] = set()


def found(where: Where) -> tuple[engine.Engine | None, str]:
    """The engine, or why there is none, which is said once. Raises EngineError for a client that cannot do without."""
    try:
        return engine.load(), ""
    except engine.EngineError as error:
        if where == "local":
            raise
        why = str(error)
        if why not in _warned:
            _warned.add(why)
            log.warning("no answer is made in this process: %s", why)
        return None, why


class Inside:
    """The engine of one client. ``watch`` begins to keep ``held`` up to date."""

    def __init__(self, where: Where, opener: engine.Engine | None, held: Held, watch: Callable[[], Watcher | None]) -> None:
        self.held = held
        self.asks = where != "local"
        """What cannot be answered here is the service's."""
        self._opener, self._watch = opener, watch
        self._answers = opener is not None and where != "remote"
        self._empty: engine.Policy | None = None
        self._forget()

    def _forget(self) -> None:
        self._lock = threading.Lock()
        self._watcher: Watcher | None = None

    def start(self) -> Watcher | None:
        """Begins to watch, where that is of use."""
        if self._watcher is None and self._answers:
            with self._lock:
                if self._watcher is None:
                    self._begin()
        return self._watcher

    def _begin(self) -> None:
        try:
            begun = self._watch()
        except RuntimeError as error:  # No more threads: the interpreter ends, or the system has none left.
            log.warning("the policy is not watched: %s", error)
            return
        if begun is not None:
            self._watcher = begun
            # A client that nobody closes ends its threads, too.
            weakref.finalize(self, begun.end).atexit = False

    def end(self, wait: float = 0.0, *, report: bool = True) -> None:
        """Ends what start() began, and waits so many seconds for it."""
        if (watcher := self._watcher) is not None:
            watcher.end(wait, report=report)

    def before_fork(self) -> None:
        """gRPC does not survive a fork while a call is in progress. In both processes the next question begins anew."""
        if self._watcher is not None:
            self.end(BEFORE_FORK, report=False)
            self._watcher = None
            self.held.leave("this process has forked and asked nothing since")

    def after_fork(self) -> None:
        """In the child, which has the policy and the parent's counts, but no other thread."""
        self._forget()
        self.held.forget_counts()

    def decide(self, question: decide_pb2.DecideRequest) -> decide_pb2.DecideResponse | None:
        """The answer by this process's policy. None: the service is to be asked. Raises FingerpostError."""
        if not self._answers:
            return None
        policy = self.held.policy
        self.start()
        if policy is None:
            self._leave("; ".join(("there is no policy yet", *self.held.status.problems)))
            return None
        try:
            return decide_pb2.DecideResponse.FromString(policy.decide(decide_octets(question)))
        except FingerpostError as error:
            self._leave(error.message, error)
            return None

    def follow(self, question: follow_pb2.FollowRequest) -> follow_pb2.FollowResponse | None:
        """The answer, which depends on no policy. None: the service is to be asked. Raises FingerpostError."""
        if not self._answers:
            return None
        self.start()
        policy = self.held.policy or self.empty
        assert policy is not None
        try:
            return follow_pb2.FollowResponse.FromString(policy.follow(follow_octets(question)))
        except FingerpostError as error:
            self._leave(error.message, error)
            return None

    @property
    def empty(self) -> engine.Policy | None:
        """What answers without any policy, whoever may be asked otherwise."""
        if self._empty is None and self._opener is not None:
            self._empty = self._opener.open(b"")
        return self._empty

    def _leave(self, why: str, error: FingerpostError | None = None) -> None:
        """To the service, unless the question is wrong. Where nobody is to be asked, that is an outage."""
        if error is not None and error.answered and error.reason != "NOT_IMPLEMENTED":
            raise error
        if not self.asks:
            raise FingerpostError("UNAVAILABLE", why, "NOT_IMPLEMENTED") from None


def decide_octets(question: decide_pb2.DecideRequest) -> bytes:
    """With the clock and the chance that the service would add."""
    added = decide_pb2.DecideRequest()
    if not question.HasField("now"):
        added.now.seconds, added.now.nanos = divmod(time.time_ns(), 10**9)
    if not question.HasField("draw"):
        added.draw = random.getrandbits(32)
    return question.SerializeToString() + added.SerializeToString()


def follow_octets(question: follow_pb2.FollowRequest) -> bytes:
    """With the clock that the service would add."""
    added = follow_pb2.FollowRequest()
    if not question.HasField("now"):
        added.now.seconds, added.now.nanos = divmod(time.time_ns(), 10**9)
    return question.SerializeToString() + added.SerializeToString()
