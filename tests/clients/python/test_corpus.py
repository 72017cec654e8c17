"""Every row of tests/golden through this client (tests/golden/README.md is the format)."""

from __future__ import annotations

import pathlib
import sys
from typing import Any

import pytest
from google.protobuf import json_format

import fingerpost
from fingerpost import questions
from fingerpost._gen.fingerpost.v1 import follow_pb2

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "contract"))

import corpus

SECONDS = 20.0
"""Long, because the machine may be busy."""


def rows(kind: str) -> list[dict[str, Any]]:
    return [row for file in sorted((corpus.GOLDEN / kind).glob("*.json")) for row in corpus.load(file)]


def check(expect: dict[str, Any], message: Any) -> list[str]:
    return corpus.check(expect, json_format.MessageToDict(message, preserving_proto_field_name=True))


@pytest.fixture(scope="module")
def client(service):
    with fingerpost.Client(service.address, fingerpost.plaintext(), engine="remote", on_error="raise") as made:
        yield made


def test_decide_rows(client):
    failures, count = [], 0
    for row in rows("decide"):
        count += 1
        try:
            answer = client.decide(row["decide"], timeout=SECONDS).raw
        except fingerpost.FingerpostError as error:
            failures += verdict(row, error)
            continue
        failures += [f"{row['name']} ({row['citation']}): {w}" for w in check(row["expect"], answer)]
        if "error" in row["expect"]:
            failures.append(f"{row['name']}: expected an error, got {answer.outcome}")
    assert not failures, f"{len(failures)} of {count}:\n" + "\n".join(failures[:20])
    assert count > 100, "the corpus is missing"


@pytest.mark.parametrize("kind", ["decide", "follow"])
def test_every_row_has_the_service_s_own_answer_here(service, client, kind):
    """To the last octet, errors included."""
    different, count = [], 0
    with fingerpost.Client(service.address, fingerpost.plaintext(), engine="local", on_error="raise") as local:
        assert local.ready(SECONDS)
        for row in rows(kind):
            count += 1
            question = row[kind]
            if isinstance(question, dict):
                question = {"now": "2026-11-30T00:00:00Z", **({"draw": 7} if kind == "decide" else {}), **question}
            theirs, ours = (outcome_of(asked, kind, question) for asked in (client, local))
            if theirs != ours:
                different.append(f"{row['name']}: {theirs!r} and {ours!r}")
    assert not different, f"{len(different)} of {count}:\n" + "\n".join(different[:20])
    assert count > 100, "the corpus is missing"


def outcome_of(asked, kind, question):
    try:
        return getattr(asked, kind)(question, timeout=SECONDS).raw.SerializeToString(deterministic=True)
    except (fingerpost.FingerpostError, TypeError) as error:
        return str(error), getattr(error, "reason", ""), getattr(error, "violations", ())


def verdict(row: dict[str, Any], error: fingerpost.FingerpostError) -> list[str]:
    expect = row["expect"]
    if "stays_on" in expect and error.code == "INVALID_ARGUMENT":
        return []
    if "error" not in expect:
        return [f"{row['name']}: {error}"]
    if error.reason == "MALFORMED_JSON":
        return []  # A row that is not a message never leaves the client.
    want = expect["error"].get("violations")
    got = [v.field for v in error.violations]
    return [] if want is None or got == want else [f"{row['name']}: expected {want}, got {got}"]


def test_follow_rows(client):
    failures, count = [], 0
    for row in rows("follow"):
        count += 1
        try:
            asked = questions.message(follow_pb2.FollowRequest, row["follow"])
            answer = client.follow(asked, timeout=SECONDS).raw
            wrong = check(row["expect"], answer)
            for hop in row.get("hops", []):
                again = questions.message(follow_pb2.FollowRequest, {"response": hop["response"]})
                again.request.CopyFrom(answer.next)
                again.chain.CopyFrom(answer.chain)
                if asked.HasField("options"):
                    again.options.CopyFrom(asked.options)
                if asked.HasField("now"):
                    again.now.CopyFrom(asked.now)
                answer = client.follow(again, timeout=SECONDS).raw
                wrong += check(hop["expect"], answer)
        except fingerpost.FingerpostError as error:
            failures += verdict(row, error) if not row.get("hops") else []
            continue
        failures += [f"{row['name']} ({row['citation']}): {w}" for w in wrong]
    assert not failures, f"{len(failures)} of {count}:\n" + "\n".join(failures[:20])
    assert count > 100, "the corpus is missing"
