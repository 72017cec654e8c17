"""Answers the contract's questions by the Python package: JSON lines in and out (client/contract/README.md)."""

from __future__ import annotations

import json
import sys
from typing import Any

from google.protobuf import json_format

import fingerpost
from fingerpost import FingerpostError


class Driver:
    client: fingerpost.Client | None = None

    def open(self, asked: dict[str, Any]) -> dict[str, Any]:
        self.close({})
        options = {key: asked[key] for key in ("engine", "on_error", "policy_file") if key in asked}
        if "timeout_ms" in asked:
            options["timeout"] = asked["timeout_ms"] / 1000
        self.client = fingerpost.Client(asked["address"], fingerpost.plaintext(), **options)
        return {"ok": True}

    def ready(self, asked: dict[str, Any]) -> dict[str, Any]:
        return {"ready": self.client.ready(asked["timeout_ms"] / 1000)}

    def decide(self, asked: dict[str, Any]) -> dict[str, Any]:
        found = self.client.decide(asked["question"])
        return said(found, {"outcome": f"OUTCOME_{found.outcome.name}"})

    def follow(self, asked: dict[str, Any]) -> dict[str, Any]:
        return said(self.client.follow(asked["question"]), {})

    def policy(self, asked: dict[str, Any]) -> dict[str, Any]:
        status = self.client.policy
        return {"state": status.state.name, "version": status.version, "problems": [str(problem) for problem in status.problems]}

    def close(self, asked: dict[str, Any]) -> dict[str, Any]:
        if self.client is not None:
            self.client.close()
        return {"ok": True}


def said(found: Any, without_a_message: dict[str, Any]) -> dict[str, Any]:
    answer = json_format.MessageToDict(found.raw, preserving_proto_field_name=True) if found.raw is not None else without_a_message
    if "outcome" in without_a_message:  # One from the future is a PASS for the caller.
        answer |= without_a_message
    return {"answer": answer, "source": found.source.name} | ({"error": failed(found.error)} if found.error else {})


def failed(error: FingerpostError) -> dict[str, Any]:
    violations = [{"field": one.field, "description": one.description} for one in error.violations]
    return {"code": error.code, "reason": error.reason, "message": error.message, "violations": violations}


def main() -> None:
    driver = Driver()
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            answer = getattr(driver, asked["op"])(asked)
        except FingerpostError as error:
            answer = {"error": failed(error)}
        except TypeError as error:  # A question that is no object.
            answer = {"error": {"code": "INVALID_ARGUMENT", "message": str(error)}}
        print(json.dumps(answer), flush=True)
    driver.close({})


if __name__ == "__main__":
    main()
