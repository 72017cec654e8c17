"""When the service does not answer, or answers what must not be written (client/README.md)."""

from __future__ import annotations

import asyncio
import concurrent.futures
import json
import os
import pathlib
import socket
import time

import grpc
import pytest

import fingerpost
from fingerpost import Outcome, Source
from fingerpost._gen.fingerpost.v1 import decide_pb2, follow_pb2, http_pb2, redirect_service_pb2_grpc
from fingerpost.breaker import FAILURES_TO_OPEN, OPEN_SECONDS, Breaker

FORM = {"request": {"method": "POST", "url": "https://a.test/orders"}, "intent": {"purpose": "form_result", "target": "/orders/1"}}
FOLLOW = {
    "request": {"method": "GET", "url": "https://a.test/"},
    "response": {"status": 302, "headers": [{"name": "Location", "value": "/b"}]},
}


class Fake(redirect_service_pb2_grpc.RedirectServiceServicer):
    """Answers what it is told, and counts."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.calls = 0

    def Decide(self, request, context):
        self.calls += 1
        self.seconds = context.time_remaining()
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, grpc.StatusCode):
            context.abort(answer, "told to")
        return answer

    Follow = Decide


@pytest.fixture
def fake():
    servers = []

    def start(*answers):
        server = grpc.server(concurrent.futures.ThreadPoolExecutor(4))
        servicer = Fake(*answers)
        redirect_service_pb2_grpc.add_RedirectServiceServicer_to_server(servicer, server)
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        servers.append(server)
        return f"127.0.0.1:{port}", servicer

    yield start
    for server in servers:
        server.stop(None)


def closed_port() -> str:
    """An address that refuses connections: bound, never listened on."""
    held = socket.socket()
    held.bind(("127.0.0.1", 0))
    closed_port.held.append(held)
    return f"127.0.0.1:{held.getsockname()[1]}"


closed_port.held = []


def client(address, **kwargs):
    return fingerpost.Client(address, fingerpost.plaintext(), **kwargs)


def nobody(**kwargs):
    """A client that finds nobody, and learns so on a busy machine, too."""
    return client(closed_port(), timeout=20, **kwargs)


def test_transport_is_a_required_choice():
    with pytest.raises(TypeError):
        fingerpost.Client("127.0.0.1:1")
    with pytest.raises(TypeError):
        fingerpost.Client("127.0.0.1:1", None)


@pytest.mark.parametrize("purpose, method", [(p, m) for p in ("form_result", "temporary_move", "permanent_move") for m in ("GET", "POST")])
def test_outage_gives_the_table_s_answer(purpose, method):
    table = json.loads((pathlib.Path(__file__).resolve().parents[3] / "client/fallback.json").read_text())
    row = table["purposes"][f"PURPOSE_{purpose.upper()}"]["safe" if method == "GET" else "unsafe"]
    with nobody() as unreachable:
        answer = unreachable.decide({"request": {"method": method}, "intent": {"purpose": purpose, "target": "/x?y#z"}})
    assert (answer.source, answer.status, answer.header("Location")) == (Source.FALLBACK, row["status"], "/x?y#z")
    assert answer.header("Cache-Control") == row["cache_control"]
    assert answer.error.code == "UNAVAILABLE"


def test_outage_loses_the_message_and_not_the_order():
    intent = {"purpose": "form_result", "target": "/orders/1", "flash": {"text": "hello"}, "trust": "caller", "allowed_hosts": ["b.test"]}
    with nobody() as unreachable:
        answer = unreachable.decide({"request": {"method": "POST"}, "intent": intent})
    assert (answer.source, answer.status, answer.header("Location")) == (Source.FALLBACK, 303, "/orders/1")
    assert answer.header("Set-Cookie") is None


def test_outage_of_a_named_intent_or_a_match_is_pass():
    with nobody() as unreachable:
        for asked in ({"intent_name": "order"}, {}):
            answer = unreachable.decide({"request": {"method": "GET", "url": "https://a.test/"}, **asked})
            assert (answer.outcome, answer.source, answer.must_send) == (Outcome.PASS, Source.FALLBACK, False)


@pytest.mark.parametrize(
    "intent",
    [
        {"purpose": "gone"},
        {"purpose": "form_result", "target": "//evil.test"},
        {"purpose": "form_result", "target": "/\\evil.test"},
        {"purpose": "form_result", "target": "https://a.test/"},
        {"purpose": "form_result", "target": "/orders/{id}"},
        {"purpose": "form_result", "target": "/a\r\nSet-Cookie: x"},
        {"purpose": "permanent_move", "target": "/a", "flash": {"text": "hello"}},
        {"purpose": "permanent_move", "target": "/a", "pinned_status": 301},
        {"purpose": "form_result", "target": "/a", "client": "script"},
    ],
)
def test_outage_of_everything_else_is_the_error(intent):
    with nobody() as unreachable, pytest.raises(fingerpost.FingerpostError) as raised:
        unreachable.decide({"request": {"method": "POST"}, "intent": intent})
    assert raised.value.code == "UNAVAILABLE"


def test_outage_stops_following():
    with nobody() as unreachable:
        hop = unreachable.follow(FOLLOW)
    assert (hop.next, hop.stop, hop.source) == (None, "SERVICE_UNAVAILABLE", Source.FALLBACK)


def test_fail_closed():
    with nobody(on_error="raise") as unreachable, pytest.raises(fingerpost.FingerpostError):
        unreachable.decide(FORM)


def test_a_slow_service_costs_no_more_than_the_deadline():
    with socket.create_server(("127.0.0.1", 0)) as silent:  # Accepts and never says a word.
        with client(f"127.0.0.1:{silent.getsockname()[1]}") as waiting:
            answer = waiting.decide(FORM, timeout=0.05)
    assert (answer.source, answer.error.code) in {(Source.FALLBACK, "DEADLINE_EXCEEDED"), (Source.FALLBACK, "UNAVAILABLE")}


def rounded_up(seconds):
    """gRPC sends a timeout in the unit that its digits fit, rounded up: 5,000.1 ms as 501 hundredths of a second. And it reads two clocks, one
    after the other, between which a busy machine may rest."""
    return 1.02 * seconds + 0.05


@pytest.mark.parametrize(
    "made, called, longest", [({}, {}, None), ({"timeout": 5.0}, {}, 5.0), ({}, {"timeout": 5.0}, 5.0), ({"timeout": 9.0}, {"timeout": 5.0}, 5.0)]
)
def test_every_call_has_a_deadline(fake, made, called, longest):
    for ask, question, default, given in (("decide", FORM, 0.1, answer()), ("follow", FOLLOW, 0.25, follow_pb2.FollowResponse())):
        address, servicer = fake(given)
        servicer.seconds = seconds = 0
        with client(address, **made) as asking:
            while not seconds:  # A call may be late on a busy machine: it arrives when its time is over, or the breaker has it.
                getattr(asking, ask)(question, **called)
                seconds = servicer.seconds
        assert 0 < seconds <= rounded_up(longest or default)
        assert seconds > default or longest is None


def test_wrong_question_is_an_error_and_no_outage(service):
    with client(service.address) as asking:
        for _ in range(2 * FAILURES_TO_OPEN):
            with pytest.raises(fingerpost.FingerpostError) as raised:
                asking.decide({"request": {"method": "PO ST"}, "intent": {"purpose": "form_result"}}, timeout=20)
        assert raised.value.code == "INVALID_ARGUMENT" and raised.value.reason == "INVALID_FIELDS"
        assert [v.field for v in raised.value.violations] == ["request.method", "intent.target"]
        assert asking.decide(FORM, timeout=20).source is Source.SERVICE


def test_unknown_members_and_enum_values_name_the_field():
    with client(closed_port()) as unasked:
        with pytest.raises(fingerpost.FingerpostError, match=r"nome: there is no such field in Header \(and 2 more\)") as raised:
            unasked.decide({"request": {"method": "POST", "headers": [{"nome": "a"}]}, "intent": {"porpoise": 1, "purpose": "form_resalt"}})
        assert (raised.value.code, raised.value.reason) == ("INVALID_ARGUMENT", "INVALID_FIELDS")
        assert [v.field for v in raised.value.violations] == ["request.headers[0].nome", "intent.porpoise", "intent.purpose"]
        assert "did you mean form_result?" in raised.value.violations[2].description
        with pytest.raises(fingerpost.FingerpostError, match="method"):
            unasked.decide({"request": {"method": 5}})
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


def answer(**kwargs):
    headers = kwargs.pop("headers", {"Location": "/x"})
    made = decide_pb2.DecideResponse(outcome=kwargs.pop("outcome", decide_pb2.OUTCOME_REDIRECT), status=kwargs.pop("status", 303), **kwargs)
    for name, value in headers.items() if isinstance(headers, dict) else headers:
        made.headers.add(name=name, value=value)
    return made


@pytest.mark.parametrize(
    "hostile",
    [
        answer(headers={"Location": "/x\r\nSet-Cookie: a=b"}),
        answer(headers={"Location": "/x\x00"}),
        answer(headers={"Loca tion": "/x"}),
        answer(headers={"Location": "/x", "X:\r\nY": "z"}),
        answer(headers=[("Location", "/x"), ("location", "/y")]),
        answer(headers={}),
        answer(status=200),
        answer(status=0),
        answer(outcome=decide_pb2.OUTCOME_RESPOND),
        answer(outcome=decide_pb2.OUTCOME_PASS),
    ],
)
def test_what_a_hostile_service_says_is_never_written(fake, hostile):
    address, _ = fake(hostile)
    with client(address) as asking:
        fallback = asking.decide(FORM, timeout=20)
        assert (fallback.source, fallback.error.code) == (Source.FALLBACK, "MALFORMED")
        assert fallback.headers == (("Location", "/orders/1"), ("Cache-Control", "no-store"), ("Content-Length", "0"))
        with pytest.raises(fingerpost.FingerpostError, match="MALFORMED"):
            asking.decide({**FORM, "intent": {"purpose": "gone"}}, timeout=20)


def test_a_next_request_that_could_split_or_leave_http_is_a_stop(fake):
    for request in ({"url": "https://a.test/\r\nX: y"}, {"url": "file:///etc/passwd"}, {"url": "https://a.test/", "header": "a\nb"}):
        following = follow_pb2.FollowResponse()
        following.next.method, following.next.url = "GET", request["url"]
        if "header" in request:
            following.next.headers.add(name="X", value=request["header"])
        address, _ = fake(following)
        with client(address) as asking:
            hop = asking.follow(FOLLOW, timeout=20)
            assert (hop.next, hop.source, hop.error.code) == (None, Source.FALLBACK, "MALFORMED")


def field(name, value):
    return http_pb2.Header(name=name, value=value)


@pytest.mark.parametrize(
    "method, change",
    [
        ("GE T", follow_pb2.Change()),
        ("GET", follow_pb2.Change(kind="CHANGE_KIND_FIELD_ADDED", field=field("X", "a\r\nY: b"))),
        ("GET", follow_pb2.Change(kind="CHANGE_KIND_FIELD_REWRITTEN", index=0, field=field("X:", "a"))),
        ("GET", follow_pb2.Change(kind="CHANGE_KIND_FIELD_REWRITTEN", index=7, field=field("X", "a"))),
        ("GET", follow_pb2.Change(kind="CHANGE_KIND_FIELD_DROPPED", index=7)),
    ],
)
def test_a_change_that_cannot_be_made_is_a_stop(fake, method, change):
    following = follow_pb2.FollowResponse(changes=[change])
    following.next.method, following.next.url = method, "https://a.test/"
    address, _ = fake(following)
    with client(address) as asking:
        hop = asking.follow({**FOLLOW, "request": {**FOLLOW["request"], "headers": [{"name": "X", "value": "x"}]}}, timeout=20)
    assert (hop.next, hop.source, hop.error.code) == (None, Source.FALLBACK, "MALFORMED")


def test_a_value_is_octets(fake):
    address, _ = fake(answer(headers={"Location": "/x", "X-Text": "ü–"}))
    with client(address) as asking:
        assert asking.decide(FORM, timeout=20).header("X-Text").encode("latin-1") == "ü–".encode()


SECRETIVE = {
    "request": {"method": "GET", "url": "https://a.test/", "headers": [
        {"name": "Authorization", "value": "s3cret-1"}, {"name": "X-Plain", "value": "p"}, {"name": "cookie", "value": "s3cret-2"},
        {"name": "X-Api-Key", "raw_value": "czNjcmV0LTM="}, {"name": "Proxy-Authorization", "value": "s3cret-4"}]},
    "response": {"status": 302, "headers": [{"name": "Location", "value": "/b"}]},
    "options": {"secret_fields": ["x-api-key"]},
}


class Told(fingerpost.Client):
    """Keeps what goes out."""

    def _ask(self, method, request, seconds):
        self.sent = request
        return super()._ask(method, request, seconds)


def test_follow_sends_no_secret_and_puts_them_back(service):
    with Told(service.address, fingerpost.plaintext(), on_error="raise", timeout=20) as asking:
        same = asking.follow(SECRETIVE)
        assert b"s3cret" not in asking.sent.SerializeToString() and len(asking.sent.request.headers) == 5
        lines = {line.name: line.value or line.raw_value for line in same.next.headers}
        assert lines == {"Authorization": "s3cret-1", "X-Plain": "p", "cookie": "s3cret-2", "X-Api-Key": b"s3cret-3"}
        crossed = asking.follow({**SECRETIVE, "response": {"status": 302, "headers": [{"name": "Location", "value": "https://b.test/"}]}})
        assert [line.name for line in crossed.next.headers] == ["X-Plain"]


def test_a_cookie_travels_when_the_service_keeps_cookies(service):
    location = {"name": "Location", "value": "/b"}
    with Told(service.address, fingerpost.plaintext(), on_error="raise", timeout=20) as asking:
        question = {"request": {"method": "GET", "url": "https://a.test/", "headers": [{"name": "Cookie", "value": "a=1"}]}}
        first = asking.follow({**question, "response": {"status": 302, "headers": [location, {"name": "Set-Cookie", "value": "b=2"}]}})
        assert first.next.headers[0].value == "a=1; b=2"
        again = follow_pb2.FollowRequest(request=first.next, response={"status": 302, "headers": [{"name": "Location", "value": "/c"}]}, chain=first.chain)
        assert asking.follow(again).next.headers[0].value == "a=1; b=2"
        assert asking.follow({**question, "response": {"status": 302, "headers": [location]}}).next.headers[0].value == "a=1"
        assert not asking.sent.request.headers[0].value


def test_an_outcome_and_a_stop_from_the_future(fake):
    address, _ = fake(decide_pb2.DecideResponse(outcome=77))
    with client(address) as asking:
        assert asking.decide(FORM, timeout=20).outcome is Outcome.PASS
    future = follow_pb2.FollowResponse()
    future.stop.reason = 77
    address, _ = fake(future)
    with client(address) as asking:
        assert (asking.follow(FOLLOW, timeout=20).next, asking.follow(FOLLOW, timeout=20).stop) == (None, "UNKNOWN")


def test_unavailable_is_retried_once_and_nothing_else_is(fake):
    address, servicer = fake(grpc.StatusCode.UNAVAILABLE, answer())
    with client(address) as asking:
        assert asking.decide(FORM, timeout=20).source is Source.SERVICE
    assert servicer.calls == 2
    address, servicer = fake(grpc.StatusCode.INTERNAL, answer())
    with client(address) as asking:
        assert asking.decide(FORM, timeout=20).source is Source.FALLBACK
    assert servicer.calls == 1


def test_the_breaker_spares_the_deadline(fake):
    address, servicer = fake(grpc.StatusCode.INTERNAL)
    with client(address) as asking:
        asking._breaker = Breaker(lambda: 0.0)  # While no time passes.
        codes = [asking.decide(FORM, timeout=20).error.code for _ in range(FAILURES_TO_OPEN + 3)]
    assert codes == ["INTERNAL"] * FAILURES_TO_OPEN + ["BREAKER_OPEN"] * 3
    assert servicer.calls == FAILURES_TO_OPEN


def test_a_service_that_comes_back_is_asked_again():
    # On an address of its own, so that nobody takes the port meanwhile.
    held = socket.create_server((f"127.{1 + os.getpid() // 250 % 250}.{os.getpid() % 250}.1", 0))
    address = "%s:%d" % held.getsockname()
    held.close()
    with client(address) as asking:
        assert asking.decide(FORM, timeout=20).error.code == "UNAVAILABLE"
        server = grpc.server(concurrent.futures.ThreadPoolExecutor(2), options=[("grpc.so_reuseport", 0)])
        redirect_service_pb2_grpc.add_RedirectServiceServicer_to_server(Fake(answer()), server)
        assert server.add_insecure_port(address)
        server.start()
        end = time.monotonic() + 60
        while asking.decide(FORM, timeout=20).source is Source.FALLBACK:
            assert time.monotonic() < end, "it was never asked again"
            time.sleep(0.01)  # The breaker and the channel have clocks of their own.
        server.stop(None)


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


def test_close_twice_and_use_after(service):
    asking = client(service.address)
    asking.close()
    asking.close()
    with pytest.raises(RuntimeError):
        asking.decide(FORM)
