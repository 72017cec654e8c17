"""The clients. They differ only in how they wait."""

from __future__ import annotations

import asyncio
import atexit
import ctypes
import math
import os
import threading
import time
import weakref
from collections.abc import Callable, Coroutine, Iterable, Mapping
from typing import Any, Literal, TypeVar

import grpc
import grpc.aio
from google.protobuf.message import Message

from fingerpost import answers, fallback, inside, questions, secrets, watcher
from fingerpost._gen.fingerpost.v1 import decide_pb2, follow_pb2, policy_pb2, redirect_service_pb2_grpc
from fingerpost.answers import Source
from fingerpost.breaker import Breaker
from fingerpost.errors import FingerpostError
from fingerpost.heard import Heard
from fingerpost.inside import Inside, Where
from fingerpost.policy import Held, PolicyState, PolicyStatus
from fingerpost.transport import Transport, channel_options, target
from fingerpost.watcher import LAST_WORD

DECIDE_TIMEOUT = 0.1
"""Seconds, over all attempts: a web request waits for this."""
FOLLOW_TIMEOUT = 0.25
"""Seconds, over all attempts."""
FIRST_CONNECTION = 1.0
"""Seconds that a process's first call waits for the connection, in addition to its own deadline, unless the connection fails first."""
LONGEST_TIMEOUT = 24 * 24 * 3600.0
"""Seconds: gRPC's and other languages' clocks count no further than some 24 days."""

_LOOK_AGAIN = 0.01
"""Seconds: asyncio cannot wait for the thread that is told of the policy."""
_HEALTH = "/grpc.health.v1.Health/Check"
"""Whatever a server says to it, it has said something."""

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
        engine: Where = "auto",
        selector: policy_pb2.PolicySelector | Question | None = None,
        policy_file: str | os.PathLike[str] | None = None,
        on_error: OnError = "fallback",
        timeout: float | None = None,
        on_fallback: Callable[[FingerpostError], object] | None = None,
    ) -> None:
        if not isinstance(transport, Transport):
            raise TypeError("transport: choose fingerpost.tls() or fingerpost.plaintext()")
        if on_error not in ("fallback", "raise"):
            raise ValueError('on_error: "fallback" or "raise"')
        if engine not in ("auto", "local", "remote"):
            raise ValueError('engine: "auto", "local" or "remote"')
        self._target = target(address)
        self._transport = transport
        self._on_error = on_error
        self._timeout = None if timeout is None else _checked(timeout)
        self._engine = engine
        self._selector = questions.message(policy_pb2.PolicySelector, selector or {})
        self._policy_file = policy_file
        self._closed = False
        self._heard = Heard(on_fallback)
        self._begin()

    def _begin(self) -> None:
        """What a client has that no other process can."""
        self._inside = self._made_inside()
        self._forget()
        _clients.add(self)

    def _made_inside(self) -> Inside:
        opener, why_not = inside.found(self._engine)
        held = Held(self._selector, self._policy_file if self._engine != "remote" else None, opener, why_not)
        where, transport, selector = self._target, self._transport, self._selector
        return Inside(self._engine, opener, held, lambda: watcher.Watcher(held, _connect(grpc, where, transport, watcher.OPTIONS), selector))

    def _forget(self) -> None:
        """Back to the state before the first question: for the child of a fork, where the parent's channel is dead and its locks may be held for ever."""
        self._lock = threading.Lock()
        self._breaker = Breaker()

    def __getstate__(self) -> dict[str, Any]:
        """For a session that is pickled: without the channel, as after a fork."""
        fresh = object.__new__(type(self))
        fresh._forget()
        return {name: value for name, value in self.__dict__.items() if name not in vars(fresh) and name != "_inside"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._begin()

    @property
    def policy(self) -> PolicyStatus:
        """What this process knows of the policy: whose it is, since when, its version, and why a newer one does not answer."""
        return self._inside.held.status

    async def _decide(self, question: decide_pb2.DecideRequest | Question, timeout: float | None) -> answers.Decision:
        request = questions.message(decide_pb2.DecideRequest, question)
        self._must_be_open()
        try:
            if (answer := self._inside.decide(request)) is not None:
                return answers.decision_of(answer, Source.ENGINE)
            return await self._asked("Decide", request, self._seconds(timeout, DECIDE_TIMEOUT), answers.decision_of)
        except FingerpostError as error:
            self._may_fall_back(error)
            decision = fallback.decide(request, error, self._inside.empty)
            self._heard.fell_back(error)
            return decision

    async def _follow(self, question: follow_pb2.FollowRequest | Question, timeout: float | None) -> answers.Hop:
        request = questions.message(follow_pb2.FollowRequest, question)
        self._must_be_open()

        def completed(answer: follow_pb2.FollowResponse, source: Source = Source.SERVICE) -> answers.Hop:
            secrets.put_back(request, answer)
            return answers.hop_of(answer, source)

        # Nothing leaves the process by the engine; but it answers the same question, so that a chain, which the service may be asked about later, has no
        # secret in it, and equal answers have equal octets.
        bare = secrets.withheld(request)
        try:
            if (answer := self._inside.follow(bare)) is not None:
                return completed(answer, Source.ENGINE)
            return await self._asked("Follow", bare, self._seconds(timeout, FOLLOW_TIMEOUT), completed)
        except FingerpostError as error:
            self._may_fall_back(error)
            self._heard.fell_back(error)
            return fallback.follow(request, error, self._inside.empty)

    async def _asked(self, method: str, request: Message, seconds: float, checked: Callable[[Any], T]) -> T:
        """The service's answer. Raises FingerpostError."""
        if not self._breaker.allows():
            raise FingerpostError("BREAKER_OPEN", "the service has not answered lately; it is asked again within a second")
        try:
            answer = checked(await self._ask(method, request, seconds))
        except (grpc.RpcError, FingerpostError) as error:
            found = error if isinstance(error, FingerpostError) else FingerpostError.of(error)
            if found.answered or found.code == "MALFORMED":
                self._breaker.answered()
            else:
                self._breaker.failed()
            raise found from None
        self._breaker.answered()
        return answer

    async def _ask(self, method: str, request: Message, seconds: float) -> Any:
        raise NotImplementedError

    def _seconds(self, of_the_call: float | None, default: float) -> float:
        return next(_checked(seconds) for seconds in (of_the_call, self._timeout, default) if seconds is not None)

    def _must_be_open(self) -> None:
        if self._closed:
            raise RuntimeError("the client is closed")

    def _may_fall_back(self, error: FingerpostError) -> None:
        """Raises ``error`` if it says that the question is wrong, or if the caller wants it."""
        if error.answered or self._on_error == "raise":
            raise error from None


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
        """Connects, for ``timeout`` seconds at most, waits for the policy, and says whether there is a service to ask; with ``engine="local"``, whether
        its policy has come. After a fork, call it in the child."""
        until = time.monotonic() + timeout
        self._must_be_open()
        begun = self._inside.start()
        if self._inside.asks:
            self.stub  # noqa: B018 (makes the channel)
            if not _connected(self._channel, timeout):
                return False
            self._tried = True
        if begun is not None:
            begun.told.wait(max(0.0, until - time.monotonic()))
        return self._inside.asks or self.policy.state is PolicyState.READY

    async def _ask(self, method: str, request: Message, seconds: float) -> Any:
        # gRPC holds a call while it connects, and fails it if connecting fails, so the first call may take that much longer.
        first, self._tried = 0.0 if self._tried else FIRST_CONNECTION, True
        return getattr(self.stub, method)(request, timeout=min(seconds + first, LONGEST_TIMEOUT))  # Blocks: there is no loop.

    def close(self) -> None:
        """Reports what was answered, and ends the channel. A second time is no error."""
        with self._lock:
            self._closed = True
        self._inside.end(LAST_WORD)
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
    """As Client, for asyncio. One channel for each event loop that it asks the service in, made on first use. If a process has asked before a fork, it is
    a RuntimeError to ask in the child; what the engine answers is none."""

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
        """As Client.ready, in the running loop."""
        until = time.monotonic() + timeout
        self._must_be_open()
        begun = self._inside.start()
        if self._inside.asks:
            self.stub  # noqa: B018 (makes the channel)
            channel = self._channels[asyncio.get_running_loop()][0]
            try:
                await asyncio.wait_for(channel.channel_ready(), timeout)
            except asyncio.TimeoutError:
                return False
            self._tried.add(asyncio.get_running_loop())
        while begun is not None and not begun.told.is_set() and time.monotonic() < until:
            await asyncio.sleep(_LOOK_AGAIN)
        return self._inside.asks or self.policy.state is PolicyState.READY

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
        await asyncio.to_thread(self._inside.end, LAST_WORD)
        if channel is not None:
            await channel.close()

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


def _connected(channel: grpc.Channel, timeout: float) -> bool:
    """Whether somebody answers within ``timeout`` seconds. grpc.channel_ready_future leaves a thread in gRPC for 0.2 s more: a fork meanwhile can crash the child."""
    check: Any = channel.unary_unary(_HEALTH)  # Octets as they are.
    try:
        check(b"", timeout=min(timeout, LONGEST_TIMEOUT), wait_for_ready=True)
    except grpc.RpcError as error:
        return error.code() not in (grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED)
    return True


async def _settled(channel: Any) -> None:
    """Until it is connected, or could not."""
    state = channel.get_state(try_to_connect=True)
    while state not in (grpc.ChannelConnectivity.READY, grpc.ChannelConnectivity.TRANSIENT_FAILURE, grpc.ChannelConnectivity.SHUTDOWN):
        await channel.wait_for_state_change(state)
        state = channel.get_state(try_to_connect=True)


_clients: weakref.WeakSet[_Base] = weakref.WeakSet()


def _quiet() -> None:
    for client in list(_clients):
        client._inside.before_fork()


def _forget_all() -> None:
    for client in list(_clients):
        client._forget()
        client._inside.after_fork()


def _end_all() -> None:
    insides = [client._inside for client in list(_clients)]
    for begun in insides:
        begun.end()
    until = time.monotonic() + LAST_WORD
    for begun in insides:
        begun.end(max(0.0, until - time.monotonic()))


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_quiet, after_in_child=_forget_all)
atexit.register(_end_all)


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


def _connect(library: Any, address: str, transport: Transport, more: Iterable[tuple[str, Any]] = ()) -> Any:
    options = [*channel_options(transport), *more]
    if transport.credentials is None:
        return library.insecure_channel(address, options=options)
    return library.secure_channel(address, transport.credentials, options=options)
