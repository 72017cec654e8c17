"""The clients. They differ only in how they wait."""

from __future__ import annotations

import asyncio
import ctypes
import math
import os
import threading
import weakref
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, Literal, TypeVar

import grpc
import grpc.aio
from google.protobuf.message import Message

from fingerpost import answers, fallback, questions, secrets
from fingerpost._gen.fingerpost.v1 import decide_pb2, follow_pb2, redirect_service_pb2_grpc
from fingerpost.breaker import Breaker
from fingerpost.errors import FingerpostError
from fingerpost.heard import Heard
from fingerpost.transport import Transport, channel_options, target

DECIDE_TIMEOUT = 0.1
"""Seconds, over all attempts: a web request waits for this."""
FOLLOW_TIMEOUT = 0.25
"""Seconds, over all attempts."""
FIRST_CONNECTION = 1.0
"""Seconds that a process's first call waits for the connection, in addition to its own deadline, unless the connection fails first."""
LONGEST_TIMEOUT = 24 * 24 * 3600.0
"""Seconds: gRPC's and other languages' clocks count no further than some 24 days."""

Question = Mapping[str, Any]
OnError = Literal["fallback", "raise"]
T = TypeVar("T")


class _Base:
    """What both clients share. Each adds how it asks and how it waits."""

    def __init__(
        self,
        address: str,
        transport: Transport,
        *,
        on_error: OnError = "fallback",
        timeout: float | None = None,
        on_fallback: Callable[[FingerpostError], object] | None = None,
    ) -> None:
        if not isinstance(transport, Transport):
            raise TypeError("transport: choose fingerpost.tls() or fingerpost.plaintext()")
        if on_error not in ("fallback", "raise"):
            raise ValueError('on_error: "fallback" or "raise"')
        self._target = target(address)
        self._transport = transport
        self._on_error = on_error
        self._timeout = None if timeout is None else _checked(timeout)
        self._closed = False
        self._heard = Heard(on_fallback)
        self._forget()
        _clients.add(self)

    def _forget(self) -> None:
        """Back to the state before the first question: for the child of a fork, where the parent's channel is dead and its locks may be held for ever."""
        self._lock = threading.Lock()
        self._breaker = Breaker()

    def __getstate__(self) -> dict[str, Any]:
        """For a session that is pickled: without the channel, as after a fork."""
        fresh = object.__new__(type(self))
        fresh._forget()
        return {name: value for name, value in self.__dict__.items() if name not in vars(fresh)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._forget()
        _clients.add(self)

    async def _decide(self, question: decide_pb2.DecideRequest | Question, timeout: float | None) -> answers.Decision:
        request = questions.message(decide_pb2.DecideRequest, question)
        try:
            self._may_call()
            decision = answers.decision_of(await self._ask("Decide", request, self._seconds(timeout, DECIDE_TIMEOUT)))
        except (grpc.RpcError, FingerpostError) as error:
            found = self._failure(error)
            decision = fallback.decide(request, found)
            self._heard.fell_back(found)
            return decision
        self._breaker.answered()
        return decision

    async def _follow(self, question: follow_pb2.FollowRequest | Question, timeout: float | None) -> answers.Hop:
        request = questions.message(follow_pb2.FollowRequest, question)
        try:
            self._may_call()
            answer = await self._ask("Follow", secrets.withheld(request), self._seconds(timeout, FOLLOW_TIMEOUT))
            secrets.put_back(request, answer)
            hop = answers.hop_of(answer)
        except (grpc.RpcError, FingerpostError) as error:
            found = self._failure(error)
            self._heard.fell_back(found)
            return fallback.follow(request.chain, found)
        self._breaker.answered()
        return hop

    async def _ask(self, method: str, request: Message, seconds: float) -> Any:
        raise NotImplementedError

    def _seconds(self, of_the_call: float | None, default: float) -> float:
        return next(_checked(seconds) for seconds in (of_the_call, self._timeout, default) if seconds is not None)

    def _may_call(self) -> None:
        self._must_be_open()
        if not self._breaker.allows():
            raise FingerpostError("BREAKER_OPEN", "the service has not answered lately; it is asked again within a second")

    def _must_be_open(self) -> None:
        if self._closed:
            raise RuntimeError("the client is closed")

    def _failure(self, error: grpc.RpcError | FingerpostError) -> FingerpostError:
        found = error if isinstance(error, FingerpostError) else FingerpostError.of(error)
        if found.answered or found.code == "MALFORMED":
            self._breaker.answered()
        elif found.code != "BREAKER_OPEN":
            self._breaker.failed()
        if found.answered or self._on_error == "raise":
            raise found from None
        return found


class Client(_Base):
    """Asks a Fingerpost service. Safe to share between threads and to use after a fork. Each process has one channel, made on first use.

    ``with Client("127.0.0.1:50051", plaintext()) as client: client.decide({...})``
    """

    def _forget(self) -> None:
        super()._forget()
        self._channel: Any = None
        self._stub: Any = None
        self._tried = False

    @property
    def stub(self) -> Any:
        """The generated stub, for the RPCs that have no method here."""
        if self._stub is None:
            with self._lock:
                self._must_be_open()
                if self._stub is None:
                    self._channel = _connect(grpc, self._target, self._transport)
                    self._stub = _stub(self._channel)
        return self._stub

    def decide(self, question: decide_pb2.DecideRequest | Question, *, timeout: float | None = None) -> answers.Decision:
        """What to send. ``question`` is a DecideRequest or its JSON form, ``timeout`` is in seconds. Raises FingerpostError."""
        return _at_once(self._decide(question, timeout))

    def follow(self, question: follow_pb2.FollowRequest | Question, *, timeout: float | None = None) -> answers.Hop:
        """What to request next. ``question`` is a FollowRequest or its JSON form, ``timeout`` is in seconds. Raises FingerpostError."""
        return _at_once(self._follow(question, timeout))

    def ready(self, timeout: float = 10.0) -> bool:
        """Connects, for ``timeout`` seconds at most, and says whether the service can be asked. After a fork, call it in the child."""
        self.stub  # noqa: B018 (makes the channel)
        try:
            grpc.channel_ready_future(self._channel).result(timeout)
        except grpc.FutureTimeoutError:
            return False
        self._tried = True
        return True

    async def _ask(self, method: str, request: Message, seconds: float) -> Any:
        # gRPC holds a call while it connects, and fails it if connecting fails, so the first call may take that much longer.
        first, self._tried = 0.0 if self._tried else FIRST_CONNECTION, True
        return getattr(self.stub, method)(request, timeout=min(seconds + first, LONGEST_TIMEOUT))  # Blocks: there is no loop.

    def close(self) -> None:
        """Ends the channel. A second time is no error."""
        with self._lock:
            self._closed = True
        if self._channel is not None:
            self._channel.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


_asyncio_process: int | None = None


def _use_asyncio() -> None:
    """gRPC's asyncio waits in one thread of the process, which a child of a fork lacks: a call would wait for ever there."""
    global _asyncio_process
    if _asyncio_process is None:
        _asyncio_process = os.getpid()
    if _asyncio_process != os.getpid():
        raise RuntimeError("an AsyncClient was used before this process was forked, which gRPC's asyncio does not survive: use it after the fork only")


class AsyncClient(_Base):
    """As Client, for asyncio. One channel for each event loop that it is used in, made on first use. Used before a fork, it is a RuntimeError in the
    child."""

    def _forget(self) -> None:
        super()._forget()
        if channels := self.__dict__.get("_channels"):
            # The end of a channel of the parent's would wait for that thread, too: it never ends.
            ctypes.pythonapi.Py_IncRef(ctypes.py_object(channels))
        self._channels: dict[asyncio.AbstractEventLoop, tuple[Any, Any]] = {}
        self._tried: weakref.WeakSet[asyncio.AbstractEventLoop] = weakref.WeakSet()

    @property
    def stub(self) -> Any:
        """The generated stub, for the RPCs that have no method here; it belongs to the running loop."""
        _use_asyncio()
        loop = asyncio.get_running_loop()
        if loop not in self._channels:
            with self._lock:
                self._must_be_open()
                channel = _connect(grpc.aio, self._target, self._transport)
                # A closed loop has no calls left.
                self._channels = {other: made for other, made in self._channels.items() if not other.is_closed()} | {loop: (channel, _stub(channel))}
        return self._channels[loop][1]

    async def decide(self, question: decide_pb2.DecideRequest | Question, *, timeout: float | None = None) -> answers.Decision:
        """As Client.decide."""
        return await self._decide(question, timeout)

    async def follow(self, question: follow_pb2.FollowRequest | Question, *, timeout: float | None = None) -> answers.Hop:
        """As Client.follow."""
        return await self._follow(question, timeout)

    async def ready(self, timeout: float = 10.0) -> bool:
        """Connects in the running loop, for ``timeout`` seconds at most, and says whether the service can be asked."""
        self.stub  # noqa: B018 (makes the channel)
        channel = self._channels[asyncio.get_running_loop()][0]
        try:
            await asyncio.wait_for(channel.channel_ready(), timeout)
        except asyncio.TimeoutError:
            return False
        self._tried.add(asyncio.get_running_loop())
        return True

    async def _ask(self, method: str, request: Message, seconds: float) -> Any:
        stub, loop = self.stub, asyncio.get_running_loop()
        if loop not in self._tried:
            try:
                await asyncio.wait_for(_settled(self._channels[loop][0]), FIRST_CONNECTION)
            except asyncio.TimeoutError:
                pass
            self._tried.add(loop)
        return await getattr(stub, method)(request, timeout=seconds)

    async def close(self) -> None:
        """Ends the running loop's channel, and refuses more calls. A second time is no error."""
        with self._lock:
            self._closed = True
            channel, _ = self._channels.pop(asyncio.get_running_loop(), (None, None))
        if channel is not None:
            await channel.close()

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


async def _settled(channel: Any) -> None:
    """Until it is connected, or could not."""
    state = channel.get_state(try_to_connect=True)
    while state not in (grpc.ChannelConnectivity.READY, grpc.ChannelConnectivity.TRANSIENT_FAILURE, grpc.ChannelConnectivity.SHUTDOWN):
        await channel.wait_for_state_change(state)
        state = channel.get_state(try_to_connect=True)


_clients: weakref.WeakSet[_Base] = weakref.WeakSet()


def _forget_all() -> None:
    for client in _clients:
        client._forget()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_all)


def _checked(timeout: float) -> float:
    if math.isnan(timeout):
        raise ValueError("timeout: a number of seconds")
    return min(timeout, LONGEST_TIMEOUT)


def _at_once(work: Coroutine[Any, Any, T]) -> T:
    """The result of a coroutine that waits for nothing."""
    try:
        work.send(None)
    except StopIteration as done:
        return done.value  # type: ignore[no-any-return]
    raise AssertionError("it waits")


def _stub(channel: Any) -> Any:
    make: Any = redirect_service_pb2_grpc.RedirectServiceStub  # Generated without types.
    return make(channel)


def _connect(library: Any, address: str, transport: Transport) -> Any:
    options = channel_options(transport)
    if transport.credentials is None:
        return library.insecure_channel(address, options=options)
    return library.secure_channel(address, transport.credentials, options=options)
