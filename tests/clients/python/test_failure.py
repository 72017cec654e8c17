"""The service does not answer (client/README.md)."""

from __future__ import annotations

import asyncio
import concurrent.futures
import copy
import datetime
import pickle
import socket
import threading
import time

import grpc
import httpx
import pytest
import starlette.datastructures

import fingerpost
from conftest import FOLLOW, FORM, answer, client, closed_port, nobody
from fingerpost import Source, web
from fingerpost._gen.fingerpost.v1 import decide_pb2, follow_pb2, intent_pb2
from fingerpost.breaker import FAILURES_TO_OPEN, OPEN_SECONDS, Breaker
from fingerpost.heard import Rate
from fingerpost.questions import message


def test_transport_is_a_required_choice():
    with pytest.raises(TypeError):
        fingerpost.Client("127.0.0.1:1")
    with pytest.raises(TypeError):
        fingerpost.Client("127.0.0.1:1", None)


def test_a_fallback_is_heard(caplog):
    heard = []

    def hook(error):
        heard.append(error.code)
        raise ValueError("no")

    with nobody(on_fallback=hook) as unreachable:
        assert [unreachable.decide(FORM).status for _ in range(3)] == [303] * 3
    lines = [record for record in caplog.records if record.getMessage().startswith("Fingerpost did not answer")]
    assert len(heard) == 3 and len(lines) == 1 and lines[0].levelname == "WARNING"


def test_the_log_is_rate_limited():
    now = [0.0]
    rate = Rate(lambda: now[0])
    assert [rate.take() for _ in range(3)] == [1, 0, 0]
    now[0] = 10.0
    assert rate.take() == 3


def test_ready_says_whether_the_service_can_be_asked(service):
    with client(service.address) as asking:
        assert asking.ready(20)
    with client(closed_port()) as unreachable:
        assert not unreachable.ready(0.2)

    async def run(address, seconds):
        async with fingerpost.AsyncClient(address, fingerpost.plaintext()) as asking:
            return await asking.ready(seconds)

    assert asyncio.run(run(service.address, 20)) and not asyncio.run(run(closed_port(), 0.2))


def test_the_first_call_waits_for_the_connection(service):
    """A service that takes 0.4 s to reach: longer than a question may take."""
    host, port = service.address.split(":")
    with socket.create_server(("127.0.0.1", 0)) as door:

        def pipe(one, other):
            try:
                while data := one.recv(65536):
                    other.sendall(data)
            except OSError:
                pass

        def serve():
            inner, _ = door.accept()
            time.sleep(0.4)  # The connection is slow, not the test.
            outer = socket.create_connection((host, int(port)))
            threading.Thread(target=pipe, args=(inner, outer), daemon=True).start()
            pipe(outer, inner)

        threading.Thread(target=serve, daemon=True).start()
        with client("127.0.0.1:%d" % door.getsockname()[1], timeout=0.3) as asking:
            assert asking.decide(FORM).source is Source.SERVICE


@pytest.mark.parametrize("value", [3, 3.0, datetime.timedelta(seconds=3), "3s"])
def test_a_duration_is_a_number_or_a_timedelta(value):
    asked = message(decide_pb2.DecideRequest, {"intent": {"purpose": "operation_accepted", "target": "/x", "retry_after": value}})
    assert asked.intent.retry_after.seconds == 3


@pytest.mark.parametrize("url", [starlette.datastructures.URL("https://a.test/x"), httpx.URL("https://a.test/x")])
def test_a_url_object_is_its_text(url):
    asked = message(decide_pb2.DecideRequest, {"request": {"url": url}, "intent": {"target": url}})
    assert asked.request.url == asked.intent.target == "https://a.test/x"


def test_the_types_are_those_of_the_proto():
    from typing import get_args

    from fingerpost import wishes

    assert set(wishes.Modifiers.__annotations__) == {field.name for field in intent_pb2.Intent.DESCRIPTOR.fields} - {"purpose", "target"}
    assert [f"PURPOSE_{name.upper()}" for name in get_args(wishes.Purpose)] == [value.name for value in intent_pb2.Purpose.DESCRIPTOR.values[1:]]


def rounded_up(seconds):
    """gRPC sends a timeout in the unit that its digits fit, rounded up: 5,000.1 ms as 501 hundredths of a second. And it reads two clocks,
    between which a busy machine may pause."""
    return 1.02 * seconds + 0.05


@pytest.mark.parametrize(
    "made, called, longest", [({}, {}, None), ({"timeout": 5.0}, {}, 5.0), ({}, {"timeout": 5.0}, 5.0), ({"timeout": 9.0}, {"timeout": 5.0}, 5.0)]
)
def test_every_call_has_a_deadline(fake, made, called, longest):
    for ask, question, default, given in (("decide", FORM, 0.1, answer()), ("follow", FOLLOW, 0.25, follow_pb2.FollowResponse())):
        address, servicer = fake(given)
        servicer.seconds = seconds = 0
        with client(address, **made) as asking:
            assert asking.ready(20)  # Only the first call may take longer.
            while not seconds:  # On a busy machine a call may be late: it arrives after its time, or the breaker stops it.
                getattr(asking, ask)(question, **called)
                seconds = servicer.seconds
        assert 0 < seconds <= rounded_up(longest or default)
        assert seconds > default or longest is None


@pytest.mark.parametrize("target, code", [("/" + "a" * (5 << 20), "RESOURCE_EXHAUSTED"), ("/a\udcff", "INVALID_ARGUMENT")], ids=("large", "surrogate"))
def test_what_cannot_be_sent_is_no_outage(service, target, code):
    question = {**FORM, "intent": {"purpose": "form_result", "target": target}}
    with client(service.address, timeout=20) as asking:
        for _ in range(FAILURES_TO_OPEN + 1):
            with pytest.raises(fingerpost.FingerpostError) as raised:
                asking.decide(question)
            assert raised.value.code == code and raised.value.answered
            assert web.status_of(raised.value) == 400
        assert asking.decide(FORM).source is Source.SERVICE


def test_unknown_members_and_enum_values_name_the_field():
    with client(closed_port()) as unasked:
        with pytest.raises(fingerpost.FingerpostError, match=r"nome: there is no such field in Header; did you mean name\? \(and 2 more\)") as raised:
            unasked.decide({"request": {"method": "POST", "headers": [{"nome": "a"}]}, "intent": {"porpoise": 1, "purpose": "form_resalt"}})
        assert (raised.value.code, raised.value.reason) == ("INVALID_ARGUMENT", "INVALID_FIELDS")
        assert [v.field for v in raised.value.violations] == ["request.headers[0].nome", "intent.porpoise", "intent.purpose"]
        assert "did you mean form_result?" in raised.value.violations[2].description
        with pytest.raises(fingerpost.FingerpostError, match="method"):
            unasked.decide({"request": {"method": 5}})
        with pytest.raises(fingerpost.FingerpostError, match=r"request: expected an object \(and 1 more\)"):
            unasked.decide({"request": [], "intent": "form_result"})
        with pytest.raises(TypeError, match="question: a DecideRequest or a mapping, not int"):
            unasked.decide(7)


def test_details_that_cannot_be_read_are_no_details():
    class Refused(grpc.RpcError):
        def code(self):
            return grpc.StatusCode.UNAVAILABLE

        def details(self):
            return "down"

        def trailing_metadata(self):
            return (("grpc-status-details-bin", b"\xff\xff\xff"),)

    error = fingerpost.FingerpostError.of(Refused())
    assert (error.code, error.message, error.reason, error.violations) == ("UNAVAILABLE", "down", "", ())


def test_the_breaker_lets_one_call_through_a_second():
    now = [0.0]
    breaker = Breaker(lambda: now[0])
    for _ in range(FAILURES_TO_OPEN):
        assert breaker.allows()
        breaker.failed()
    assert not breaker.allows()
    now[0] += 2 * OPEN_SECONDS
    assert breaker.allows() and not breaker.allows()
    breaker.answered()
    assert breaker.allows() and breaker.allows()


def test_asyncio(service):
    async def run():
        async with fingerpost.AsyncClient(service.address, fingerpost.plaintext()) as asking:
            decision = await asking.decide(FORM, timeout=20)
            hop = await asking.follow(FOLLOW, timeout=20)
        async with fingerpost.AsyncClient(closed_port(), fingerpost.plaintext(), timeout=20) as unreachable:
            fallback = await unreachable.decide(FORM)
        return decision, hop, fallback

    decision, hop, fallback = asyncio.run(run())
    assert (decision.status, decision.source) == (303, Source.SERVICE)
    assert hop.next.url == "https://a.test/b"
    assert (fallback.status, fallback.source) == (303, Source.FALLBACK)


def test_one_asyncio_client_in_many_loops(service):
    """Like FastAPI's TestClient and Django's async_to_sync: a loop for each call, and loops side by side."""
    asking = fingerpost.AsyncClient(service.address, fingerpost.plaintext(), on_error="raise", timeout=20)

    async def status():
        return (await asking.decide(FORM)).status

    assert [asyncio.run(status()) for _ in range(3)] == [303] * 3
    with concurrent.futures.ThreadPoolExecutor(4) as threads:
        assert list(threads.map(lambda _: asyncio.run(status()), range(8))) == [303] * 8
    asyncio.run(asking.close())
    with pytest.raises(RuntimeError, match="closed"):
        asyncio.run(status())


def test_close_twice_and_use_after(service):
    asking = client(service.address)
    asking.close()
    asking.close()
    with pytest.raises(RuntimeError, match="closed"):
        asking.decide(FORM)
    with pytest.raises(RuntimeError, match="closed"):
        asking.stub  # This would leave a channel open.


def test_a_timeout_is_a_number_and_the_longest_ones_are_long(service):
    with pytest.raises(ValueError, match="timeout"):
        client(service.address, timeout=float("nan"))
    with client(service.address, on_error="raise") as asking:
        with pytest.raises(ValueError, match="timeout"):
            asking.decide(FORM, timeout=float("nan"))
        for seconds in (float("inf"), 1e30):
            assert asking.decide(FORM, timeout=seconds).source is Source.SERVICE


def test_answers_and_errors_travel_between_processes(service):
    error = fingerpost.FingerpostError("INVALID_ARGUMENT", "no", "INVALID_FIELDS", (fingerpost.Violation("intent", "what?"),))
    with client(service.address, timeout=20) as asking:
        decision, hop = asking.decide(FORM), asking.follow(FOLLOW)
    for again in (copy.copy, copy.deepcopy, lambda thing: pickle.loads(pickle.dumps(thing))):
        twin = again(error)
        assert (type(twin), str(twin), vars(twin)) == (type(error), str(error), vars(error))
        assert again(decision) == decision and again(decision).raw == decision.raw
        assert again(hop) == hop and again(hop).raw == hop.raw
        assert again(web.NotSent(decision)).decision == decision
