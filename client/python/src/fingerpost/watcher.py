"""Two threads of a process that answers inside: one is told of each policy, the other reports what was answered. No request waits for them."""

from __future__ import annotations

import random
import threading
import time
from typing import Any

import grpc
from google.protobuf.message import DecodeError

from fingerpost._gen.fingerpost.v1 import policy_pb2, policy_service_pb2, policy_service_pb2_grpc
from fingerpost.errors import FingerpostError
from fingerpost.heard import log
from fingerpost.policy import LARGEST, Held, PolicyState

REPORT_SECONDS = 10.0
"""Between two reports, give or take a fifth."""
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 2.5
"""Seconds before the stream is begun anew. gRPC's own pause, after a connection that failed, is as long at most: together 5."""
STEADY = 5.0
"""Seconds after which a stream that ends does not lengthen the pause."""
LAST_WORD = 1.0
"""Seconds for the last report, and for the threads to end."""
BEFORE_FORK = 10.0
"""Seconds for the threads to end before a fork. They take some milliseconds; a busy machine may need more."""
OPTIONS = (
    ("grpc.max_receive_message_length", LARGEST),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", int(1000 * LONGEST_PAUSE)),
)


def next_pause(before: float, lived: float) -> float:
    """Seconds to wait after a stream that lived so long; ``before`` it, they were so many."""
    return FIRST_PAUSE if lived > STEADY else min(2 * before, LONGEST_PAUSE)


class Watcher:
    """Keeps ``held`` up to date over ``channel``, which is its own."""

    def __init__(self, held: Held, channel: grpc.Channel, selector: policy_pb2.PolicySelector) -> None:
        self._held, self._channel, self._selector = held, channel, selector
        make: Any = policy_service_pb2_grpc.PolicyServiceStub  # Generated without types.
        self._stub = make(channel)
        self._ended, self._reports_last = threading.Event(), True
        self.told = threading.Event()
        """The service has said which policy answers, or that it says nothing."""
        self._threads: list[threading.Thread] = []
        try:
            for work, name in ((self._watch, "policy"), (self._report_all, "usage")):
                thread = threading.Thread(target=work, name=f"fingerpost-{name}", daemon=True)
                thread.start()
                self._threads.append(thread)
        except RuntimeError:
            self.end(report=False)
            raise

    def end(self, wait: float = 0.0, *, report: bool = True) -> None:
        """Ends both threads, after a last report, and waits so many seconds for them. A second time is no error."""
        self._reports_last = report
        self._ended.set()
        if not report:
            self._channel.close()  # Ends the calls.
        until = time.monotonic() + wait
        for thread in self._threads if wait else ():
            thread.join(max(0.0, until - time.monotonic()))

    def _watch(self) -> None:
        pause = FIRST_PAUSE
        while not self._ended.is_set():
            began = time.monotonic()
            why = self._stream()
            if self._ended.is_set():
                return
            self._held.leave(why)
            pause = next_pause(pause, time.monotonic() - began)
            self._ended.wait(pause * random.uniform(0.8, 1.2))

    def _stream(self) -> str:
        """One stream to its end, and why it ended."""
        asked = policy_service_pb2.WatchPolicyRequest(selector=self._selector, known_version=self._held.version)
        try:
            for answer in self._stub.WatchPolicy(asked):
                self._held.come(answer)
                self.told.set()
        except grpc.RpcError as error:
            if error.code() is not grpc.StatusCode.UNAVAILABLE:
                self.told.set()
            return f"no policy comes from the service: {FingerpostError.of(error)}"
        except Exception as error:  # The policy of before goes on answering, whatever happens here.
            if not self._ended.is_set():  # A call on a closed channel is a ValueError.
                log.exception("the policy's stream failed")
            return f"no policy comes from the service: {error!r}"
        return "no policy comes from the service: it ended the stream"

    def _report_all(self) -> None:
        while not self._ended.wait(REPORT_SECONDS * random.uniform(0.8, 1.2)):
            self._report()
        if self._reports_last:
            self._report(LAST_WORD)
        self._channel.close()

    def _report(self, seconds: float = REPORT_SECONDS) -> None:
        """What was answered since the last time. What a call that fails had taken is lost: counted too little rather than twice."""
        if self._held.status.state is not PolicyState.READY or self._held.policy is None:
            return
        from fingerpost import __version__

        former = [self._held.former.popleft() for _ in range(len(self._held.former))]
        try:
            for policy in (*former, self._held.policy):
                if octets := policy.take_usage():
                    usage = policy_service_pb2.ReportUsageRequest.FromString(octets)
                    usage.agent = f"python/{__version__}"
                    self._stub.ReportUsage(usage, timeout=seconds)
        except (grpc.RpcError, FingerpostError, DecodeError, ValueError) as error:
            log.info("what was answered was not counted: %s", FingerpostError.of(error) if isinstance(error, grpc.RpcError) else error)
