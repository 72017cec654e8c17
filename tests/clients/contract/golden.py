"""The golden corpus through a driver: by the service and by the engine, each answer equal to the service's own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import grpc
from google.protobuf import json_format

from corpus import CONTRACT, GOLDEN, load
from driver import Driver
from fingerpost import questions, secrets
from fingerpost._gen.fingerpost.v1 import decide_pb2, follow_pb2
from fingerpost.errors import FingerpostError
from service import Real

KINDS = {"decide": (decide_pb2.DecideRequest, decide_pb2.DecideResponse), "follow": (follow_pb2.FollowRequest, follow_pb2.FollowResponse)}
ENGINES = {"remote": "SERVICE", "local": "ENGINE"}


class Golden:
    def __init__(self, real: Real) -> None:
        self._real = real
        self._channel = grpc.insecure_channel(real.address)
        self._added = json.loads((CONTRACT / "golden.json").read_text())
        self._rows = {
            (kind, file.stem): [self._completed(kind, row) for row in load(file)] for kind in KINDS for file in sorted((GOLDEN / kind).glob("*.json"))
        }

    def _completed(self, kind: str, row: dict[str, Any]) -> tuple[str, Any, Any]:
        question = row[kind]
        if isinstance(question, dict):
            question = {**self._added[kind], **question}
        return row["name"], question, None

    def run(self, driver: Driver, lacks: frozenset[str]) -> Iterator[tuple[str, list[str]]]:
        for engine, source in ENGINES.items():
            if engine != "remote" and "engine" in lacks:
                continue
            driver.ask("open", address=self._real.address, http=self._real.http, engine=engine, on_error="raise", timeout_ms=20_000)
            driver.ask("ready", timeout_ms=20_000)
            for (kind, file), rows in self._rows.items():
                if kind in lacks:
                    continue
                wrong = [f"{name}: {one}" for name, question, _ in rows for one in self._differs(driver, kind, question, source)]
                yield f"golden: {kind}/{file}, {source.lower()}", wrong
            driver.ask("close")

    def _differs(self, driver: Driver, kind: str, question: Any, source: str) -> list[str]:
        want = self._answer(kind, question)
        got = driver.ask(kind, question=question)
        if isinstance(want, FingerpostError):
            error = got.get("error", {})
            if want.reason == "MALFORMED_JSON" or "there is no such field" in str(want) or error.get("reason") == "MALFORMED_JSON":
                return [] if error.get("code") == "INVALID_ARGUMENT" else [f"expected INVALID_ARGUMENT, got {json.dumps(got)[:300]}"]
            theirs = (want.code, want.reason, [one.field for one in want.violations])
            ours = (error.get("code"), error.get("reason", ""), [one.get("field") for one in error.get("violations", ())])
            return [] if theirs == ours else [f"expected {theirs}, got {json.dumps(got)[:300]}"]
        if got.get("source") != source:
            return [f"expected {source}, got {json.dumps(got)[:300]}"]
        try:
            ours = json_format.ParseDict(got.get("answer"), KINDS[kind][1]())
        except json_format.ParseError as error:
            return [f"{error}: {json.dumps(got)[:300]}"]
        return [] if ours == want else [different(as_dict(want), as_dict(ours))]

    def _answer(self, kind: str, question: Any) -> Any:
        """The service's; what Follow withholds is put back."""
        try:
            asked = questions.message(KINDS[kind][0], question)
            sent = secrets.withheld(asked) if kind == "follow" else asked
            octets = self._channel.unary_unary(f"/fingerpost.v1.RedirectService/{kind.title()}")(sent.SerializeToString(), timeout=20)
            answer = KINDS[kind][1].FromString(octets)
            if kind == "follow":
                secrets.put_back(asked, answer)
            return answer
        except FingerpostError as error:
            return error
        except TypeError as error:
            return FingerpostError("INVALID_ARGUMENT", str(error), "MALFORMED_JSON")
        except grpc.RpcError as error:
            return FingerpostError.of(error)


def as_dict(message: Any) -> dict[str, Any]:
    return json_format.MessageToDict(message, preserving_proto_field_name=True)


def different(want: dict[str, Any], got: dict[str, Any]) -> str:
    """The members that are not equal."""
    names = [name for name in {**want, **got} if want.get(name) != got.get(name)]
    return "; ".join(f"{name}: expected {json.dumps(want.get(name))[:400]}, got {json.dumps(got.get(name))[:400]}" for name in names)
