"""Every row of tests/golden through this client (tests/golden/README.md is the format)."""

from __future__ import annotations

import copy
import itertools
import json
import pathlib
import re
from typing import Any

import pytest
from google.protobuf import json_format

import fingerpost
from fingerpost import questions
from fingerpost._gen.fingerpost.v1 import follow_pb2

GOLDEN = pathlib.Path(__file__).resolve().parents[2] / "golden"
SECONDS = 20.0
"""Long, because the machine may be busy."""


def expanded(row: dict[str, Any]) -> list[dict[str, Any]]:
    axes = row.get("for", {})
    rows = []
    for values in itertools.product(*axes.values()):
        chosen = dict(zip(axes, values))
        one = {key: substituted(value, chosen) for key, value in row.items() if key != "for"}
        if chosen:
            shown = ", ".join(f"{k}={bare(v)}" for k, v in chosen.items())
            one["name"] = f"{row['name']} [{shown}]"
        rows.append(one)
    return rows


def bare(value: Any) -> str:
    """A value's form inside a text."""
    if isinstance(value, dict) and "name" in value:
        return str(value["name"])
    return value if isinstance(value, str) else json.dumps(value)


def looked_up(path: str, chosen: dict[str, Any]) -> Any:
    value: Any = chosen
    for part in path.split("."):
        value = value[part]
    return value


def substituted(value: Any, chosen: dict[str, Any]) -> Any:
    if isinstance(value, dict):
        return {substituted(k, chosen): substituted(v, chosen) for k, v in value.items()}
    if isinstance(value, list):
        return [substituted(v, chosen) for v in value]
    if not isinstance(value, str):
        return value
    whole = re.fullmatch(r"\$\{([^}]+)\}", value)
    if whole and whole[1].split(".")[0] in chosen:
        return copy.deepcopy(looked_up(whole[1], chosen))
    return re.sub(r"\$\{([^}]+)\}", lambda m: bare(looked_up(m[1], chosen)) if m[1].split(".")[0] in chosen else m[0], value)


def rows(kind: str) -> list[dict[str, Any]]:
    return [one for file in sorted((GOLDEN / kind).glob("*.json")) for row in json.loads(file.read_text()) for one in expanded(row)]


def as_json(message: Any) -> dict[str, Any]:
    return json_format.MessageToDict(message, preserving_proto_field_name=True)


def check(expect: dict[str, Any], message: Any) -> list[str]:
    """The differences in the members that a client's user sees; the C++ runners compare the rest."""
    wrong = []
    got = as_json(message)
    for key in ("status", "body", "target"):
        if key in expect and got.get(key, 0 if key == "status" else "") != expect[key]:
            wrong.append(f"{key}: expected {expect[key]!r}, got {got.get(key)!r}")
    if "outcome" in expect and not short_equal(expect["outcome"], got.get("outcome", "")):
        wrong.append(f"outcome: expected {expect['outcome']}, got {got.get('outcome')}")
    for member in ("reason", "stop"):
        want = expect.get(member)
        code = {"reason": "code", "stop": "reason"}[member]
        if isinstance(want, dict) and code in want and not short_equal(want[code], got.get(member, {}).get(code, "")):
            wrong.append(f"{member}: expected {want[code]}, got {got.get(member)}")
    wrong += check_fields(expect.get("fields", {}), got.get("headers", []))
    following = expect.get("next")
    if isinstance(following, dict):
        for key in ("method", "url"):
            if key in following and got.get("next", {}).get(key) != following[key]:
                wrong.append(f"next.{key}: expected {following[key]!r}, got {got.get('next', got.get('stop'))}")
        wrong += check_fields(following.get("fields", {}), got.get("next", {}).get("headers", []))
    return wrong


def short_equal(want: str, got: str) -> bool:
    return got == want or got.endswith("_" + want.upper())


def check_fields(want: dict[str, Any], headers: list[dict[str, str]]) -> list[str]:
    wrong = []
    for name, value in want.items():
        lines = [h.get("value", True if "raw_value" not in h else h["raw_value"]) for h in headers if h["name"].lower() == name.lower()]
        expected = [] if value is None else value if isinstance(value, list) else [value]
        if lines != expected:
            wrong.append(f"{name}: expected {expected}, got {lines}")
    return wrong


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
