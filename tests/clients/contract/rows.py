"""Runs a row of client/contract/*.json against a driver; the README there is the format."""

from __future__ import annotations

import json
import pathlib
import tempfile
import time
from typing import Any

from google.protobuf import json_format

from corpus import check
from driver import PATIENCE, Driver
from fingerpost._gen.fingerpost.v1 import decide_pb2, follow_pb2
from service import Nobody, Real, Scripted, Silent

DEFAULTS = {"engine": "remote", "timeout_ms": 20_000}
ANSWERS = {"decide": decide_pb2.DecideResponse, "follow": follow_pb2.FollowResponse}
QUICK = 0.9
"""Seconds: the breaker opens for one."""
AGAIN = 5
"""How often a row that must be quick is tried, on a busy machine."""


class Row:
    def __init__(self, row: dict[str, Any], driver: Driver, lacks: frozenset[str], real: Real) -> None:
        self._row, self._driver, self._lacks, self._real = row, driver, lacks, real
        self._made: list[Any] = []

    def run(self) -> list[str]:
        """What is wrong."""
        for _ in range(AGAIN):
            with tempfile.TemporaryDirectory() as folder:
                self._folder = pathlib.Path(folder)
                try:
                    begun = time.monotonic()
                    wrong = self._once()
                    if not wrong or not self._row.get("quick") or time.monotonic() - begun < QUICK:
                        return wrong
                finally:
                    for one in self._made:
                        one.stop()
                    self._made = []
        return wrong

    def _once(self) -> list[str]:
        self._service = self._start(self._row.get("service", "scripted"))
        self._open(self._row.get("open", {}))
        wrong = []
        for number, step in enumerate(self._row["steps"]):
            wrong += [f"step {number + 1}: {one}" for _ in range(step.get("times", 1)) for one in self._step(step)]
        self._driver.ask("close")
        return wrong + self._seen(self._row.get("seen", {}))

    def _start(self, kind: str) -> Any:
        if kind == "real":
            return self._real
        if kind in ("nobody", "silent"):
            made: Any = Nobody() if kind == "nobody" else Silent()
        else:
            made = Scripted(self._row.get("answers", []), self._row.get("policies", []), self._real if kind == "behind" else None)
        self._made.append(made)
        return made

    def _open(self, options: dict[str, Any]) -> None:
        wish = {**DEFAULTS, **options, "address": self._service.address, "http": self._service.http}
        if wish.pop("policy_file", False):
            wish["policy_file"] = str(self._folder / "policy")
        opened = self._driver.ask("open", **{key: value for key, value in wish.items() if value is not None})
        if opened != {"ok": True}:
            raise RuntimeError(f"open: {opened}")

    def _step(self, step: dict[str, Any]) -> list[str]:
        if "say" in step:
            self._service.say(step["say"])
        elif "service" in step:
            if step["service"] in ("stop", "start"):
                getattr(self._service, step["service"])()
            else:
                self._service = self._start(step["service"])
                self._open(step.get("open", {}))
        elif "close" in step:
            self._driver.ask("close")
        else:
            return self._asked(step)
        return []

    def _asked(self, step: dict[str, Any]) -> list[str]:
        until = time.monotonic() + (PATIENCE if step.get("until") else 0)
        while True:
            wrong = self._compared(step)
            if not wrong or time.monotonic() >= until:
                return wrong
            time.sleep(0.01)  # The driver has clocks and threads of its own.

    def _compared(self, step: dict[str, Any]) -> list[str]:
        expect = step["expect"]
        if "without_engine" in step and "engine" in self._lacks:
            expect = step["without_engine"]
        if "ready" in step:
            got = self._driver.ask("ready", timeout_ms=step["ready"])
            return [] if got == expect else [f"expected {expect}, got {got}"]
        if "policy" in step:
            return policy_differs(expect, self._driver.ask("policy"))
        kind = "decide" if "decide" in step else "follow"
        begun = time.monotonic()
        got = self._driver.ask(kind, question=grown(step[kind]))
        took = time.monotonic() - begun
        late = [f"it took {took:.1f} s"] if "within_ms" in step and took > step["within_ms"] / 1000 else []
        return late + answer_differs(kind, expect, got)

    def _seen(self, expect: dict[str, Any]) -> list[str]:
        service, wrong = self._service, []
        if "calls" in expect and len(service.questions) != expect["calls"]:
            wrong.append(f"the service was asked {len(service.questions)} times, expected {expect['calls']}")
        wrong += [f"the service was told {word}" for word in expect.get("without", ()) if any(word.encode() in octets for octets in service.questions)]
        wrong += [f"the service was not told {word}" for word in expect.get("with", ()) if not any(word.encode() in octets for octets in service.questions)]
        if "longest_ms" in expect and "grpc" not in self._lacks:
            # gRPC sends a timeout in the unit that its digits fit, rounded up, and a busy machine may pause between two readings of a clock.
            longest = 1.02 * expect["longest_ms"] / 1000 + 0.05
            wrong += [f"a call had {seconds:.3f} s" for seconds in service.seconds if not 0 < seconds <= longest]
            if not service.seconds:
                wrong.append("the service was not asked")
        if "reported" in expect:
            end = time.monotonic() + PATIENCE
            while (hits := sum(one.hits for report in service.reports for one in report.rules)) < expect["reported"] and time.monotonic() < end:
                time.sleep(0.01)
            if hits != expect["reported"]:
                wrong.append(f"{hits} hits of rules were reported, expected {expect['reported']}")
        return wrong


def grown(value: Any) -> Any:
    """{"$repeat": ["/", "a", 3]} is "/aaa"; {"$octets": "…"} is text that is no Unicode."""
    if isinstance(value, dict):
        if "$repeat" in value:
            first, text, times = value["$repeat"]
            return first + text * times
        return {key: grown(item) for key, item in value.items()}
    return [grown(item) for item in value] if isinstance(value, list) else value


def policy_differs(expect: dict[str, Any], got: dict[str, Any]) -> list[str]:
    wrong = [f"{key}: expected {expect[key]!r}, got {got.get(key)!r}" for key in ("state", "version") if key in expect and got.get(key) != expect[key]]
    problems = got.get("problems", [])
    for part in expect.get("problems", ()):
        if not any(part in problem for problem in problems):
            wrong.append(f"problems: expected {part!r} in {problems}")
    if expect.get("problems") == [] and problems:
        wrong.append(f"problems: expected none, got {problems}")
    return wrong


def answer_differs(kind: str, expect: dict[str, Any], got: dict[str, Any]) -> list[str]:
    wrong = []
    if "source" in expect and got.get("source") != expect["source"]:
        wrong.append(f"source: expected {expect['source']}")
    if "answer" in expect:
        if "answer" not in got:
            wrong.append("expected an answer")
        else:
            try:
                message = json_format.ParseDict(got["answer"], ANSWERS[kind]())
                wrong += check(expect["answer"], json_format.MessageToDict(message, preserving_proto_field_name=True))
                if expect["answer"].get("next", 0) is None and message.HasField("next"):
                    wrong.append("expected no next request")
            except json_format.ParseError as error:
                wrong.append(f"the answer is no {ANSWERS[kind].DESCRIPTOR.name}: {error}")
    elif "answer" in got and "source" not in expect and "error" in expect:
        wrong.append("expected an error alone")
    if "error" in expect:
        wrong += error_differs(expect["error"], got.get("error") or {})
    return [f"{one} in {json.dumps(got)[:600]}" for one in wrong]


def error_differs(expect: dict[str, Any], got: dict[str, Any]) -> list[str]:
    wrong = []
    codes = expect.get("code", got.get("code"))
    if got.get("code") not in (codes if isinstance(codes, list) else [codes]):
        wrong.append(f"code: expected {codes}, got {got.get('code')}")
    if "reason" in expect and got.get("reason") != expect["reason"]:
        wrong.append(f"reason: expected {expect['reason']}, got {got.get('reason')}")
    fields = [violation.get("field") for violation in got.get("violations", ())]
    if "fields" in expect and fields != expect["fields"]:
        wrong.append(f"violations: expected {expect['fields']}, got {fields}")
    return wrong
