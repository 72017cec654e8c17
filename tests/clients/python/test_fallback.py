"""The answers without the service (client/README.md, "The table")."""

from __future__ import annotations

import json
import pathlib

import pytest

import fingerpost
from conftest import FOLLOW, client, nobody
from fingerpost import Outcome, Source, fallback
from fingerpost._gen.fingerpost.v1 import decide_pb2
from fingerpost.questions import message

TABLE = json.loads((pathlib.Path(__file__).resolve().parents[3] / "client/fallback.json").read_text())
OWN = "http://a.test:8080"
TARGETS = ("/x?y#z", "/", "/here?a=1", f"{OWN}/x", OWN, "https://b.test/x")
NO_BODY = ("location", "cache-control", "allow")


def told(answer):
    return (answer.outcome, answer.status, *(answer.header(name) for name in NO_BODY))


@pytest.mark.parametrize("row", TABLE["rows"], ids=lambda row: "-".join(row["intent"].values()))
def test_outage_gives_what_the_service_gives_without_a_policy(service, row):
    questions = [
        {
            "request": {"method": method, "url": f"{OWN}/here?a=1", "protocol": protocol, "headers": [{"name": "Accept", "value": accept}]},
            "intent": {**row["intent"], **({"target": target, "trust": "caller"} if row["target"] else {})},
        }
        for protocol in ("http_1_0", "http_1_1", "http_2")
        for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
        for accept in ("text/html,*/*;q=0.5", "*/*", "application/json")
        for target in TARGETS
    ]
    answered = 0
    with client(service.address, timeout=20) as asked:
        for question in questions:
            request = decide_pb2.DecideRequest()
            request.CopyFrom(message(decide_pb2.DecideRequest, question))
            try:
                local = fallback.decide(request, fingerpost.FingerpostError("UNAVAILABLE", "down"))
            except fingerpost.FingerpostError:
                continue
            answered += 1
            assert told(local) == told(asked.decide(request)), question
    assert answered >= len(questions) // 4


@pytest.mark.parametrize(
    "target, trust, location",
    [
        ("https://a.test/x", "end_user", "https://a.test/x"),
        ("https://a.test", "end_user", "https://a.test/"),
        ("https://b.test/x", "caller", "https://b.test/x"),
        ("https://b.test/x", "end_user", None),
        ("https://a.test.evil/x", "end_user", None),
        ("https://a.test@evil.test/", "caller", None),
        ("https:/evil.test/", "caller", None),
        ("https://evil.test\\@a.test/", "caller", None),
        ("https://b.test/a\tb", "caller", None),
        ("http://a.test/", "end_user", None),
        ("https://0x7f.1/", "caller", None),
        ("https://010.0.0.1/", "caller", None),
        ("https://b.test:443/", "caller", None),
        ("HTTPS://b.test/", "caller", None),
        ("javascript:alert(1)", "caller", None),
        ("/a/../b", "caller", None),
        ("/%2e%2E//evil.test", "caller", None),
        ("/./x", "caller", None),
        ("/.well-known/x", "", "/.well-known/x"),
        ("/x/..", "", None),
        ("/" + "a" * 8000, "", None),
        ("/here", "", None),
        ("https://a.test/here#x", "", None),
        ("/x", "policy", None),
    ],
)
def test_a_target_is_taken_only_when_it_is_safe_whoever_asks(target, trust, location):
    asked = message(
        decide_pb2.DecideRequest,
        {
            "request": {"method": "GET", "url": "https://a.test/here"},
            "intent": {"purpose": "temporary_move", "target": target, **({"trust": trust} if trust else {})},
        },
    )
    try:
        found = fallback.decide(asked, fingerpost.FingerpostError("UNAVAILABLE", "down")).header("Location")
    except fingerpost.FingerpostError:
        found = None
    assert found == location


@pytest.mark.parametrize(
    ("url", "target", "location"),
    [
        ("https://a.test/x?a=1&&b=%20&#f", "/t#g", "/t?a=1&&b=%20&#g"),
        ("https://a.test/x?a=1", "/t?", "/t?"),
        ("https://a.test/x?a=1", "/t?b", "/t?b"),
        ("https://a.test/x?", "/t", "/t?"),
        ("https://a.test/x", "/t#?", "/t#?"),
        ("https://a.test/x?a", "https://a.test", "https://a.test/?a"),
        ("https://a.test/x?a='", "/t", None),
        ('https://a.test/x?"', "/t", None),
        ("https://a.test/x?\u00e9", "/t", None),
        ("https://a.test/x?" + "a" * 8000, "/t", None),
        ("https://a.test/x?a", "/x", None),
        ("", "/t", "/t"),
    ],
)
def test_the_same_page_keeps_its_query(url, target, location):
    asked = message(decide_pb2.DecideRequest, {"request": {"method": "GET", "url": url}, "intent": {"purpose": "canonical_url", "target": target}})
    try:
        found = fallback.decide(asked, fingerpost.FingerpostError("UNAVAILABLE", "down")).header("Location")
    except fingerpost.FingerpostError:
        found = None
    assert found == location


def test_login_without_the_service_is_for_persons():
    def status(**fields):
        headers = [{"name": name.replace("_", "-"), "value": value} for name, value in fields.items()]
        asked = message(
            decide_pb2.DecideRequest,
            {"request": {"method": "GET", "url": "https://a.test/", "headers": headers}, "intent": {"purpose": "login_required", "target": "/login"}},
        )
        try:
            return fallback.decide(asked, fingerpost.FingerpostError("UNAVAILABLE", "down")).status
        except fingerpost.FingerpostError:
            return 0

    assert status() == status(Accept="text/html,application/xml") == status(Sec_Fetch_Mode="navigate", Accept="application/json") == 303
    assert (
        status(Sec_Fetch_Mode="cors") == status(X_Requested_With="XMLHttpRequest") == status(Accept="application/json, */*") == status(Upgrade="websocket") == 0
    )
    assert status(HX_Request="true") == status(X_Inertia="true") == 0


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
        {"purpose": "authorization_response", "target": "/a", "redirect_uris": ["https://a.test/a"]},
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
