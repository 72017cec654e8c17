"""The one error class."""

from __future__ import annotations

import dataclasses
from typing import Any

import grpc
from google.protobuf.message import DecodeError
from google.rpc import error_details_pb2, status_pb2

from fingerpost._gen.fingerpost.v1 import answer_pb2


@dataclasses.dataclass(frozen=True)
class Violation:
    """One wrong field of a question."""

    field: str
    """Path from the request: ``intent.target``."""
    description: str
    """What was expected, and what was wrong."""


class FingerpostError(Exception):
    """There is no answer.

    ``code`` is the gRPC code's name (``INVALID_ARGUMENT``, ``UNAVAILABLE``, …; ``MALFORMED`` when the answer failed the
    client's own checks, ``BREAKER_OPEN`` when it was not even asked for), ``reason`` the service's (``INVALID_FIELDS``),
    ``violations`` every wrong field.
    """

    def __init__(self, code: str, message: str, reason: str = "", violations: tuple[Violation, ...] = ()) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.reason = reason
        self.violations = violations

    def __reduce__(self) -> tuple[Any, ...]:  # For pickling: Exception would be rebuilt from its text alone.
        return type(self), (self.code, self.message, self.reason, self.violations)

    @property
    def answered(self) -> bool:
        """The service said that the question is wrong: no fallback, and asking again would not help."""
        return self.code in _ANSWERS or self.too_large

    @property
    def too_large(self) -> bool:
        """The question is larger than the service takes. Only gRPC's text says so."""
        return self.code == "RESOURCE_EXHAUSTED" and "message larger than max" in self.message

    @classmethod
    def of(cls, error: grpc.RpcError) -> FingerpostError:
        """From what the channel raises."""
        code = error.code().name
        reason = ""
        violations: tuple[Violation, ...] = ()
        metadata: Any = error.trailing_metadata() or ()
        for key, value in metadata:
            if key == "grpc-status-details-bin":
                reason, violations = _details(value)
        return cls(code, error.details() or code, reason, violations)

    @classmethod
    def of_message(cls, error: answer_pb2.Error) -> FingerpostError:
        """From the message that takes an answer's place."""
        reason = answer_pb2.ErrorReason.Name(error.reason).removeprefix("ERROR_REASON_") if error.reason in answer_pb2.ErrorReason.values() else ""
        return cls(error.code, error.message, reason, tuple(Violation(one.field, one.description) for one in error.violations))


# Codes by which a healthy service reports a fault of the question or of the caller.
_ANSWERS = frozenset({"INVALID_ARGUMENT", "NOT_FOUND", "UNIMPLEMENTED", "PERMISSION_DENIED", "UNAUTHENTICATED", "FAILED_PRECONDITION", "OUT_OF_RANGE"})


def malformed(what: str) -> FingerpostError:
    """The service answered, but what it said failed the client's checks."""
    return FingerpostError("MALFORMED", f"the service's answer was not used: {what}")


def _details(octets: bytes) -> tuple[str, tuple[Violation, ...]]:
    """ErrorInfo.reason and BadRequest's violations of a google.rpc.Status. Nothing if it cannot be read; the code says enough."""
    reason = ""
    violations: list[Violation] = []
    try:
        for detail in status_pb2.Status.FromString(octets).details:
            info, bad = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
            if detail.Unpack(info):
                reason = info.reason
            elif detail.Unpack(bad):
                violations += [Violation(v.field, v.description) for v in bad.field_violations]
    except DecodeError:
        pass
    return reason, tuple(violations)
