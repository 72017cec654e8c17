"""The engine inside the process: whose policy answers, and what becomes of a service that misbehaves (client/README.md, "The engine inside")."""

from __future__ import annotations

import grpc
import pytest

import fingerpost
from conftest import FOLLOW, FORM, answer, client, closed_port
from fingerpost import Outcome, PolicyState, Source, watcher
from policies import END, NAMED, OLD, Server, eventually, policy, told

PATIENT = 20


@pytest.fixture
def server():
    made = Server(answer(headers={"Location": "/of-the-service"}))
    yield made
    made.stop()


def state(of):
    return of.policy.state.name, of.policy.version


def location(decision):
    return decision.header("Location"), decision.source.name


def becomes(of, *wanted):
    eventually(lambda: state(of) == wanted, f"{state(of)} never became {wanted}")


def test_the_service_s_policy_answers_here(server):
    server.policies.greeting = [told("v1", policy("/new"))]
    with client(server.address, "auto") as asking:
        assert asking.policy.state is PolicyState.NONE
        assert location(asking.decide(OLD, timeout=PATIENT)) == ("/of-the-service", "SERVICE")  # The first question begins to watch.
        becomes(asking, "READY", "v1")
        decision = asking.decide(OLD)
        assert (location(decision), decision.policy_version, decision.rule) == (("/new", "ENGINE"), "v1", "old")
        assert asking.follow(FOLLOW).source is Source.ENGINE
    assert server.redirects.calls == 1
    assert [request.known_version for request in server.policies.asked] == [""]


def test_a_change_is_what_answers(server):
    server.policies.greeting = [told("v1", policy("/one"))]
    with client(server.address, "local") as asking:
        assert asking.ready(PATIENT) and location(asking.decide(OLD)) == ("/one", "ENGINE")
        since = asking.policy.since
        server.policies.say(told("v2", policy("/two")))
        becomes(asking, "READY", "v2")
        assert location(asking.decide(OLD)) == ("/two", "ENGINE") and asking.policy.since > since


def test_modes(server):
    server.policies.greeting = [told("v1", policy("/new"))]
    with client(server.address, "remote", timeout=PATIENT) as asking:
        assert asking.ready(PATIENT) and location(asking.decide(OLD)) == ("/of-the-service", "SERVICE")
        assert state(asking) == ("NONE", "")
    assert not server.policies.asked
    with client(closed_port(), "local") as asking:
        assert not asking.ready(0.05)
        passed = asking.decide(OLD)
        assert (passed.outcome, passed.source, passed.error.code, passed.error.reason) == (Outcome.PASS, Source.FALLBACK, "UNAVAILABLE", "NOT_IMPLEMENTED")
        assert (asking.decide(FORM).status, asking.decide(FORM).source) == (303, Source.FALLBACK)
    with client(closed_port(), "local", on_error="raise") as asking:
        for question in (OLD, FORM, NAMED):
            with pytest.raises(fingerpost.FingerpostError, match="there is no policy yet"):
                asking.decide(question)
    with pytest.raises(ValueError, match="engine"):
        client(server.address, "inside")


def test_a_wrong_question_is_wrong_here_too(server):
    server.policies.greeting = [told("v1", policy("/new"))]
    with client(server.address, "auto") as asking:
        assert asking.ready(PATIENT)
        with pytest.raises(fingerpost.FingerpostError) as raised:
            asking.decide({"request": {"method": "PO ST"}, "intent": {"purpose": "form_result"}})
        assert (raised.value.code, raised.value.reason) == ("INVALID_ARGUMENT", "INVALID_FIELDS")
        assert [violation.field for violation in raised.value.violations] == ["request.method", "intent.target"]
        with pytest.raises(fingerpost.FingerpostError) as raised:
            asking.decide(NAMED)
        assert (raised.value.code, raised.value.reason) == ("NOT_FOUND", "UNKNOWN_INTENT")
    assert not server.redirects.calls


def test_the_service_goes_and_comes_back(server):
    server.policies.greeting = [told("v1", policy("/new"))]
    with client(server.address, "auto") as asking:
        assert asking.ready(PATIENT)
        ready = asking.policy.since
        server.stop()
        becomes(asking, "STALE", "v1")
        assert asking.policy.since > ready and "no policy comes from the service" in asking.policy.problems[0]
        assert location(asking.decide(OLD)) == ("/new", "ENGINE")
        again = Server(address=server.address)
        try:
            again.policies.greeting = [told("v1")]
            becomes(asking, "READY", "v1")
            assert asking.policy.problems == () and again.policies.asked[-1].known_version == "v1"
            again.policies.say(told("v2", policy("/newer")))
            becomes(asking, "READY", "v2")
        finally:
            again.stop()


def test_the_service_s_own_problems_are_told(server):
    server.policies.greeting = [told("v1", policy("/new"))]
    with client(server.address, "local") as asking:
        assert asking.ready(PATIENT)
        server.policies.say(told("v1", None, [{"place": "shop.yaml:12:5", "field": "rules[3].match", "description": "expected a path"}, {"description": "no"}]))
        assert eventually(lambda: asking.policy.problems) == ("shop.yaml:12:5: rules[3].match: expected a path", "no")
        assert state(asking) == ("READY", "v1")
        server.policies.say(told("v1"))
        eventually(lambda: asking.policy.problems == ())


NEWER = policy("/newer") + b"\xda\x3e\x01x"  # Field 1003.


@pytest.mark.parametrize(
    "bad, why",
    [
        (told("v2", b"\xff\xff nonsense"), "octets"),
        (told("v2", NEWER), "update the engine"),
        (told("v2", policy("/x", intents={"a b": {}})), "intents"),
        (told("v2"), "did not come with it"),
        (told("v\n2", policy("/x")), "version"),
        (told("vé2", policy("/x")), "version"),
        (told("v" * 65, policy("/x")), "version"),
        (told("v2", b"", whole=False), "not whole"),
        (told("v2", policy("/x"), whole=False), "not whole"),
        (told("v2", policy("/x", handed_out={"selector": {}}), whole=False), "not whole"),
        (told("v2", policy("/x", handed_out={"version": "v3"})), "got 'v3'"),
        (told("v2", policy("/x", handed_out={"version": "v2", "selector": {"hosts": ["b.test"]}})), "another part"),
    ],
    ids=["nonsense", "newer", "wrong", "absent", "control", "not ASCII", "long", "empty", "cut off", "without a version", "another version", "another part"],
)
def test_a_policy_that_cannot_be_taken_leaves_the_old_one(server, caplog, bad, why):
    server.policies.greeting = [told("v1", policy("/new"))]
    with client(server.address, "local") as asking:
        assert asking.ready(PATIENT)
        for _ in range(3):
            server.policies.say(bad)
        problems = eventually(lambda: asking.policy.problems)
        assert "was not taken" in problems[0] and why in problems[0]
        server.policies.say(told("v1"), bad)
        assert state(asking) == ("READY", "v1") and location(asking.decide(OLD)) == ("/new", "ENGINE")
        server.policies.say(told("v3", policy("/good")))
        becomes(asking, "READY", "v3")
        assert asking.policy.problems == ()
    assert len([record for record in caplog.records if "was not taken" in record.getMessage()]) == 1


def test_a_first_policy_that_cannot_be_taken_is_none(server):
    server.policies.greeting = [told("v9", NEWER)]
    with client(server.address, "auto", timeout=PATIENT) as asking:
        assert asking.ready(PATIENT)
        assert state(asking) == ("NONE", "") and "update the engine" in asking.policy.problems[0]
        assert location(asking.decide(OLD)) == ("/of-the-service", "SERVICE")


@pytest.mark.parametrize("word", [b"\xff\xff\xff", b"\0" * (17 << 20), grpc.StatusCode.INTERNAL, END], ids=["no message", "huge", "an error", "an end"])
def test_a_stream_that_fails_leaves_the_old_one_and_begins_anew(server, word):
    server.policies.greeting = [told("v1", policy("/new"))]
    with client(server.address, "local") as asking:
        assert asking.ready(PATIENT)
        server.policies.greeting = [told("v1")]
        server.policies.say(word)
        eventually(lambda: len(server.policies.asked) >= 2)
        becomes(asking, "READY", "v1")
        assert location(asking.decide(OLD)) == ("/new", "ENGINE") and server.policies.asked[-1].known_version == "v1"


def test_a_service_that_says_nothing_holds_up_nobody(server):
    with client(server.address, "auto", timeout=PATIENT) as asking:
        asking.ready(0.3)  # Whether it connects in so short a time is the machine's matter.
        assert location(asking.decide(OLD)) == ("/of-the-service", "SERVICE") and state(asking) == ("NONE", "")


def test_a_service_that_hands_out_nothing_is_asked(server):
    server.policies.refuses = grpc.StatusCode.UNIMPLEMENTED
    with client(server.address, "auto", timeout=PATIENT) as asking:
        assert asking.ready(PATIENT)
        assert "UNIMPLEMENTED" in asking.policy.problems[0] and location(asking.decide(OLD)) == ("/of-the-service", "SERVICE")
    with client(server.address, "local") as asking:
        assert not asking.ready(PATIENT)


def test_a_stream_that_flaps_is_not_begun_in_a_rush():
    pause = watcher.FIRST_PAUSE
    pauses = [pause := watcher.next_pause(pause, 0.01) for _ in range(8)]
    assert pauses == sorted(pauses) and pauses[0] > watcher.FIRST_PAUSE and pauses[-1] == watcher.LONGEST_PAUSE
    assert watcher.next_pause(pause, 3600.0) == watcher.FIRST_PAUSE


def test_what_the_engine_leaves_is_the_service_s(server):
    """A policy with a map whose rows stay in the service: the engine says so when it opens the policy, or when it is asked."""
    server.policies.greeting = [told("v1", policy("/new", maps=[{"name": "m", "file": "m.csv"}]))]
    other = {"request": {"method": "GET", "url": "https://a.test/in-the-map"}}
    with client(server.address, "auto", timeout=PATIENT) as asking:
        assert asking.ready(PATIENT)
        assert location(asking.decide(other)) == ("/of-the-service", "SERVICE")
    server.stop()
    with client(server.address, "auto", timeout=PATIENT) as asking:
        assert asking.decide(other).source is Source.FALLBACK
