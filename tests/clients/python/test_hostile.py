"""Unsafe answers are not written, and secrets stay in the client (client/README.md, 5 and 6)."""

from __future__ import annotations

import pytest

import fingerpost
from conftest import FOLLOW, FORM, answer, client
from fingerpost import Outcome, Source, secrets
from fingerpost._gen.fingerpost.v1 import answer_pb2, decide_pb2, follow_pb2, http_pb2


def field(name, value):
    return http_pb2.Header(name=name, value=value)


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
