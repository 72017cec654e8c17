"""The answers without the service and without its policy (client/README.md, "When the service does not answer")."""

from __future__ import annotations

import json

import pytest

import fingerpost
from conftest import client, nobody
from fingerpost import Outcome, Source
from fingerpost._gen.fingerpost.v1 import intent_pb2
from test_corpus import rows

PURPOSES = [value.name for value in intent_pb2.Purpose.DESCRIPTOR.values[1:]]


def told(answer):
    return answer.outcome, answer.status, answer.headers, answer.body, answer.reason


def test_outage_gives_what_the_service_gives_without_a_policy(service):
    """Each spelled-out intent of the corpus."""
    different, same, refused = [], 0, 0
    with client(service.address, on_error="raise", timeout=20) as asked, nobody() as unreachable:
        for row in rows("decide"):
            question = row["decide"]
            if not isinstance(question, dict) or "intent" not in question:
                continue
            question = {"now": "2026-01-01T00:00:00Z", "draw": 0, **question}
            try:
                real = asked.decide(question)
            except (fingerpost.FingerpostError, TypeError) as error:
                with pytest.raises((fingerpost.FingerpostError, TypeError)) as raised:
                    unreachable.decide(question)
                if str(raised.value) != str(error):
                    different.append(row["name"])
                continue
            if real.outcome is Outcome.REFUSE:
                with pytest.raises(fingerpost.FingerpostError) as raised:
                    unreachable.decide(question)
                refused += raised.value.code != "INVALID_ARGUMENT"
                continue
            local = unreachable.decide(question)
            same += 1
            if told(local) != told(real) or local.source is not Source.FALLBACK or local.error is None or local.policy_version:
                different.append(row["name"])
    assert different == [] and same > 500 and refused > 50


def test_every_purpose_has_an_answer():
    own = {
        "PURPOSE_AUTHORIZATION_RESPONSE": {"redirect_uris": ["https://a.test/x"], "target": "https://a.test/x"},
        "PURPOSE_OPERATION_RESULT": {"operation_state": "done"},
        "PURPOSE_CHOICES": {"alternatives": [{"target": "/a"}, {"target": "/b"}]},
    }
    without_target = ("VALIDATION_FAILED", "GONE", "NOT_FOUND", "UNAVAILABLE_FOR_LEGAL_REASONS")
    with nobody() as unreachable:
        for purpose in PURPOSES:
            target = {} if purpose.endswith(without_target) else {"target": "/x"}
            method = "POST" if purpose in ("PURPOSE_FORM_RESULT", "PURPOSE_RESOURCE_CREATED") else "GET"
            question = {"request": {"method": method, "url": "http://a.test/"}, "intent": {"purpose": purpose, **target, **own.get(purpose, {})}}
            answer = unreachable.decide(question)
            assert answer.must_send and answer.source is Source.FALLBACK, json.dumps(question)
