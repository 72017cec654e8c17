"""Unsafe answers are not written, and secrets stay in the client (client/README.md, 5 and 6)."""

from __future__ import annotations

import pytest

import fingerpost
from conftest import FOLLOW, FORM, answer, client
from fingerpost import Outcome, Source, secrets
from fingerpost._gen.fingerpost.v1 import answer_pb2, decide_pb2, follow_pb2, http_pb2


@pytest.mark.parametrize(
    "hostile",
    [
        answer(headers={"Location": "/x\r\nSet-Cookie: a=b"}),
        answer(headers={"Location": "/x\x00"}),
        answer(headers={"Loca tion": "/x"}),
        answer(headers={"Location": "/x", "X:\r\nY": "z"}),
        answer(headers=[("Location", "/x"), ("location", "/y")]),
        answer(headers={}),
        answer(headers={"Location": ""}),
        answer(headers={"Location": None}),
        answer(target="/x\r\ny"),
        answer(clear_cookie="flash=\r\nX: y"),
        answer(status=200),
        answer(status=0),
        answer(outcome=decide_pb2.OUTCOME_RESPOND),
        answer(outcome=decide_pb2.OUTCOME_PASS),
        answer(outcome=decide_pb2.OUTCOME_PASS, status=0),
        answer(outcome=decide_pb2.OUTCOME_PASS, status=0, headers={"Set-Cookie": "a=b\r\nX: y"}),
    ],
)
def test_what_a_hostile_service_says_is_never_written(fake, hostile):
    address, _ = fake(hostile)
    with client(address) as asking:
        fallback = asking.decide(FORM, timeout=20)
        assert (fallback.source, fallback.error.code) == (Source.FALLBACK, "MALFORMED")
        assert (fallback.header("Location"), fallback.header("Cache-Control")) == ("/orders/1", "no-store")
        with pytest.raises(fingerpost.FingerpostError, match="MALFORMED"):
            asking.decide({**FORM, "intent": {"purpose": "form_result", "target": "https://elsewhere.test/"}}, timeout=20)


def test_a_next_request_that_could_split_or_leave_http_is_not_made(fake):
    for request in ({"url": "https://a.test/\r\nX: y"}, {"url": "file:///etc/passwd"}, {"url": "https://"}, {"url": "https://a.test/", "header": "a\nb"}):
        following = follow_pb2.FollowResponse()
        following.next.method, following.next.url = "GET", request["url"]
        if "header" in request:
            following.next.headers.add(name="X", value=request["header"])
        address, _ = fake(following)
        with client(address) as asking:
            hop = asking.follow(FOLLOW, timeout=20)
            assert (hop.next.url, hop.source, hop.error.code) == ("https://a.test/b", Source.FALLBACK, "MALFORMED")


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
def test_a_change_that_cannot_be_made_is_not_made(fake, method, change):
    following = follow_pb2.FollowResponse(changes=[change])
    following.next.method, following.next.url = method, "https://a.test/"
    address, _ = fake(following)
    with client(address) as asking:
        hop = asking.follow({**FOLLOW, "request": {**FOLLOW["request"], "headers": [{"name": "X", "value": "x"}]}}, timeout=20)
    assert (hop.next.url, hop.source, hop.error.code) == ("https://a.test/b", Source.FALLBACK, "MALFORMED")
    assert [(line.name, line.value) for line in hop.next.headers] == [("X", "x")]


def test_a_value_is_octets(fake):
    address, _ = fake(answer(headers={"Location": "/x", "X-Text": "ü–"}))
    with client(address) as asking:
        assert asking.decide(FORM, timeout=20).header("X-Text").encode("latin-1") == "ü–".encode()


SECRETIVE = {
    "request": {
        "method": "GET",
        "url": "https://me:s3cret-0@a.test/",
        "headers": [
            {"name": "Authorization", "value": "s3cret-1"},
            {"name": "X-Plain", "value": "p"},
            {"name": "cookie", "value": "s3cret-2"},
            {"name": "X-Api-Key", "raw_value": "czNjcmV0LTM="},
            {"name": "Proxy-Authorization", "value": "s3cret-4"},
        ],
    },
    "response": {"status": 302, "headers": [{"name": "Location", "value": "/b"}]},
    "options": {"secret_fields": ["x-api-key"]},
}


class Told(fingerpost.Client):
    """Keeps the output."""

    def _ask(self, method, request, seconds):
        self.sent = request
        return super()._ask(method, request, seconds)


def test_follow_sends_no_secret_and_puts_them_back(service):
    with Told(service.address, fingerpost.plaintext(), engine="remote", on_error="raise", timeout=20) as asking:
        same = asking.follow(SECRETIVE)
        assert b"s3cret" not in asking.sent.SerializeToString() and len(asking.sent.request.headers) == 5
        lines = {line.name: line.value or line.raw_value for line in same.next.headers}
        assert [warning.code for warning in same.raw.warnings] == [answer_pb2.WARNING_CODE_USERINFO_STRIPPED]
        assert lines == {"Authorization": "s3cret-1", "X-Plain": "p", "cookie": "s3cret-2", "X-Api-Key": b"s3cret-3"}
        crossed = asking.follow({**SECRETIVE, "response": {"status": 302, "headers": [{"name": "Location", "value": "https://b.test/"}]}})
        assert [line.name for line in crossed.next.headers] == ["X-Plain"]


def test_a_cookie_travels_when_the_service_keeps_cookies(service):
    location = {"name": "Location", "value": "/b"}
    with Told(service.address, fingerpost.plaintext(), engine="remote", on_error="raise", timeout=20) as asking:
        question = {"request": {"method": "GET", "url": "https://a.test/", "headers": [{"name": "Cookie", "value": "a=1"}]}}
        first = asking.follow({**question, "response": {"status": 302, "headers": [location, {"name": "Set-Cookie", "value": "b=2"}]}})
        assert first.next.headers[0].value == "a=1; b=2"
        again = follow_pb2.FollowRequest(request=first.next, response={"status": 302, "headers": [{"name": "Location", "value": "/c"}]}, chain=first.chain)
        assert asking.follow(again).next.headers[0].value == "a=1; b=2"
        assert asking.follow({**question, "response": {"status": 302, "headers": [location]}}).next.headers[0].value == "a=1"
        assert not asking.sent.request.headers[0].value


@pytest.mark.parametrize(
    "url, sent",
    [
        ("http:\\\\me:p@ss@a.test\\@", "http:\\\\-@a.test\\@"),
        ("https:me@a.test", "https:-@a.test"),
        ("https://a.test/@x?a@b#c@d", "https://a.test/@x?a@b#c@d"),
        ("https://@a.test", "https://@a.test"),
        ("/x:y@z", "/x:y@z"),
        ("@", "@"),
        ("", ""),
    ],
)
def test_userinfo_is_found_where_a_parser_finds_it(url, sent):
    assert secrets.withheld(follow_pb2.FollowRequest(request={"url": url})).request.url == sent


@pytest.mark.parametrize(
    "user, location, value",
    [
        ("me:s3cret", "/b", "Basic bWU6czNjcmV0"),
        ("m%C3%A9:s%3A:3", "/b", "Basic bcOpOnM6OjM="),
        ("me", "c?d", "Basic bWU6"),
        ("me:s3cret", "https://b.test/", None),
        ("me:s3cret", "http://a.test/", None),
        ("me:s3cret", "https://a.test:444/", None),
    ],
)
def test_basic_of_a_urls_userinfo_is_made_here(service, user, location, value):
    with Told(service.address, fingerpost.plaintext(), engine="remote", on_error="raise", timeout=20) as asking:
        hop = asking.follow(
            {
                "request": {"method": "GET", "url": f"https://{user}@a.test/"},
                "options": {"profile": "curl", "trusted_origins": ["https://a.test", "https://b.test"], "allow_downgrade": True},
                "response": {"status": 302, "headers": [{"name": "Location", "value": location}]},
            }
        )
    assert asking.sent.request.url == "https://-@a.test/"
    assert [line.value for line in hop.next.headers if line.name == "Authorization"] == ([value] if value else [])
    assert [change.field.value for change in hop.changes if change.kind == follow_pb2.CHANGE_KIND_FIELD_ADDED] == ([value] if value else [])


def test_basic_goes_nowhere_else_whatever_the_service_says():
    answer = follow_pb2.FollowResponse(next={"url": "https://b.test/", "headers": [{"name": "Authorization"}]})
    answer.changes.add(kind=follow_pb2.CHANGE_KIND_FIELD_ADDED, field={"name": "Authorization"})
    asked = follow_pb2.FollowRequest(
        request={"url": "https://me:s3cret@a.test/"}, options={"profile": follow_pb2.PROFILE_CURL, "trusted_origins": ["https://a.test", "https://b.test"]}
    )
    secrets.put_back(asked, answer)
    assert b"Basic" not in answer.SerializeToString()
    answer.next.url = "https://a.test/b"
    secrets.put_back(asked, answer)
    assert answer.next.headers[0].value == answer.changes[0].field.value == "Basic bWU6czNjcmV0"


def test_an_answer_without_next_and_stop_is_an_error(fake):
    address, _ = fake(follow_pb2.FollowResponse())
    with client(address) as asking:
        hop = asking.follow(FOLLOW, timeout=20)
    assert (hop.next, hop.stop, hop.failed, hop.source) == (None, "UNKNOWN", True, Source.SERVICE)


def test_an_outcome_and_a_stop_from_the_future(fake):
    address, _ = fake(decide_pb2.DecideResponse(outcome=77))
    with client(address) as asking:
        assert asking.decide(FORM, timeout=20).outcome is Outcome.PASS
    future = follow_pb2.FollowResponse()
    future.stop.reason = 77
    address, _ = fake(future)
    with client(address) as asking:
        assert (asking.follow(FOLLOW, timeout=20).next, asking.follow(FOLLOW, timeout=20).stop) == (None, "UNKNOWN")
