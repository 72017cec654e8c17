"""A PolicyService with the test's own words, for what no real one says: nonsense, silence, policies of a newer one."""

from __future__ import annotations

import concurrent.futures
import contextlib
import queue
import time

import grpc
from google.protobuf.message import DecodeError

from conftest import Fake
from fingerpost._gen.fingerpost.v1 import policy_pb2, policy_service_pb2, policy_service_pb2_grpc, redirect_service_pb2_grpc
from fingerpost.questions import message

END = object()
"""Ends a stream."""


def policy(where: str, **more) -> bytes:
    """The octets of a policy with one rule, from /old."""
    rule = {"id": "old", "match": {"path": "/old"}, "intent": {"purpose": "permanent_move", "target": where}}
    return message(policy_pb2.Policy, {"rules": [rule], **more}).SerializeToString()


OLD = {"request": {"method": "GET", "url": "https://a.test/old"}}
NAMED = {"request": {"method": "POST", "url": "https://a.test/"}, "intent_name": "order"}


def told(version: str, octets: bytes | None = None, problems=(), whole: bool = True) -> policy_service_pb2.WatchPolicyResponse:
    """``whole``: with handed_out, where the octets have none of their own."""
    if octets is not None and whole:
        with contextlib.suppress(DecodeError):
            if not policy_pb2.Policy.FromString(octets).HasField("handed_out"):
                octets += policy_pb2.Policy(handed_out={"version": version}).SerializeToString()
    return policy_service_pb2.WatchPolicyResponse(version=version, policy=octets, problems=problems)


class Policies(policy_service_pb2_grpc.PolicyServiceServicer):
    """Each stream gets what is said while it is open: messages, their octets, a status that ends it, or END."""

    def __init__(self) -> None:
        self.asked: list[policy_service_pb2.WatchPolicyRequest] = []
        self.reports: list[policy_service_pb2.ReportUsageRequest] = []
        self.refuses: grpc.StatusCode | None = None
        """The status that ends each stream at once."""
        self.greeting: list = []
        """What each stream begins with."""
        self._streams: list[queue.SimpleQueue] = []

    def say(self, *words) -> None:
        """To all streams that are open."""
        for stream in list(self._streams):
            for word in words:
                stream.put(word)

    def WatchPolicy(self, request, context):
        self.asked.append(request)
        if self.refuses:
            context.abort(self.refuses, "told to")
        words = queue.SimpleQueue()
        for word in self.greeting:
            words.put(word)
        self._streams.append(words)
        context.add_callback(lambda: words.put(END))
        while (word := words.get()) is not END:
            if isinstance(word, grpc.StatusCode):
                context.abort(word, "told to")
            yield word
        self._streams.remove(words)

    def ReportUsage(self, request, context):
        self.reports.append(request)
        return policy_service_pb2.ReportUsageResponse()


class Server:
    """Policies and answers on one port, of any octets."""

    def __init__(self, *answers, address: str = "127.0.0.1:0") -> None:
        self.policies, self.redirects = Policies(), Fake(*(answers or (grpc.StatusCode.UNAVAILABLE,)))
        self._server = grpc.server(concurrent.futures.ThreadPoolExecutor(200))
        redirect_service_pb2_grpc.add_RedirectServiceServicer_to_server(self.redirects, self._server)
        handlers = {
            "WatchPolicy": grpc.unary_stream_rpc_method_handler(
                self.policies.WatchPolicy,
                request_deserializer=policy_service_pb2.WatchPolicyRequest.FromString,
                response_serializer=lambda said: said if isinstance(said, bytes) else said.SerializeToString(),
            ),
            "ReportUsage": grpc.unary_unary_rpc_method_handler(
                self.policies.ReportUsage,
                request_deserializer=policy_service_pb2.ReportUsageRequest.FromString,
                response_serializer=policy_service_pb2.ReportUsageResponse.SerializeToString,
            ),
        }
        self._server.add_registered_method_handlers("fingerpost.v1.PolicyService", handlers)
        self._server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("fingerpost.v1.PolicyService", handlers),))
        self.address = f"127.0.0.1:{self._server.add_insecure_port(address)}"
        self._server.start()

    def stop(self) -> None:
        self._server.stop(None).wait()


def eventually(check, what: str = "", seconds: float = 60.0):
    """What ``check`` returns, as soon as it is true: other threads and processes have clocks of their own."""
    end = time.monotonic() + seconds
    while not (found := check()):
        assert time.monotonic() < end, what or "it never came to be"
        time.sleep(0.005)
    return found
