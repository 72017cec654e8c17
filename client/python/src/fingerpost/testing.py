"""Fakes for your own tests: no server, no network. ``FakeClient(policy)`` can stand in for any Client.

It is the engine with a policy of your own (client/README.md, "Fakes"), so its answers are the service's::

    FakeClient("rules: [{id: blog, match: {path: /blog}, intent: {purpose: permanent_move, target: /journal}}]")
"""

from __future__ import annotations

import pathlib
from typing import Any

from fingerpost import engine
from fingerpost._gen.fingerpost.v1 import decide_pb2, follow_pb2, policy_pb2
from fingerpost.client import AsyncClient, Client, OnError
from fingerpost.errors import FingerpostError
from fingerpost.inside import Inside
from fingerpost.policy import Held
from fingerpost.transport import plaintext


class _Fake:
    """What both fakes have."""

    def __init__(self, policy: str | pathlib.Path = "", *, on_error: OnError = "fallback") -> None:
        """``policy``: YAML or JSON, or the path of such a file. Raises FingerpostError for a policy that is none, EngineError without an engine."""
        self._given = policy
        super().__init__("fake", plaintext(), engine="local", on_error=on_error)  # type: ignore[call-arg]

    @property
    def questions(self) -> list[Any]:
        """The questions that were asked, in order."""
        return self._fake.questions

    @property
    def error(self) -> FingerpostError | None:
        """The error that every call meets while it is set: ``FingerpostError("UNAVAILABLE", "down")`` is an outage."""
        return self._fake.error

    @error.setter
    def error(self, error: FingerpostError | None) -> None:
        self._fake.error = error

    @property
    def _fake(self) -> _FakeInside:
        fake: _FakeInside = self.__dict__["_inside"]
        return fake

    def _made_inside(self) -> Inside:
        return _FakeInside(self._given)


class FakeClient(_Fake, Client):
    """A Client that answers by a policy of its own."""

    def ready(self, timeout: float = 10.0) -> bool:
        """A fake is always there."""
        return True


class AsyncFakeClient(_Fake, AsyncClient):
    """As FakeClient, for asyncio."""

    async def ready(self, timeout: float = 10.0) -> bool:
        """A fake is always there."""
        return True


class _FakeInside(Inside):
    """Without a watcher, and with a memory."""

    def __init__(self, given: str | pathlib.Path) -> None:
        opener = engine.load()
        held = Held(policy_pb2.PolicySelector(), None, opener, "")
        held.give(opener.open_file(given) if isinstance(given, pathlib.Path) else opener.open_text(given or "{}"))
        super().__init__("local", opener, held, lambda: None)
        self.questions: list[Any] = []
        self.error: FingerpostError | None = None

    def decide(self, question: decide_pb2.DecideRequest) -> decide_pb2.DecideResponse | None:
        self._ask(question)
        return super().decide(question)

    def follow(self, question: follow_pb2.FollowRequest) -> follow_pb2.FollowResponse | None:
        self._ask(question)
        return super().follow(question)

    def _ask(self, question: Any) -> None:
        self.questions.append(question)
        if self.error is not None:
            raise self.error
