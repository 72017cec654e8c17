"""A client with given answers, for what no policy makes a service say: odd answers, and errors. ``RowsClient(rows)`` can stand in for any Client.

A row has a question, "decide" or "follow", and its "answer" or "error", in protobuf JSON. The first row that fits answers; it fits if ``intent``, ``intent_name``
and ``parameters`` equal the question's, and the question's ``request``, ``response`` and ``options`` have all that the row writes there.
"""

from __future__ import annotations

import copy
import json
import pathlib
from collections.abc import Iterable, Mapping
from typing import Any

from google.protobuf import json_format
from google.protobuf.message import Message

from fingerpost import questions, secrets
from fingerpost._gen.fingerpost.v1 import answer_pb2, decide_pb2, follow_pb2
from fingerpost.client import AsyncClient, Client, OnError
from fingerpost.errors import FingerpostError, Violation
from fingerpost.transport import plaintext

Rows = Iterable[Mapping[str, Any]] | str | pathlib.Path
"""Rows, or the path of a JSON file with a list of them."""

_KINDS: dict[str, tuple[type[Message], type[Message]]] = {
    "decide": (decide_pb2.DecideRequest, decide_pb2.DecideResponse),
    "follow": (follow_pb2.FollowRequest, follow_pb2.FollowResponse),
}


class _Rows:
    """What both have."""

    def __init__(self, rows: Rows = (), *, on_error: OnError = "fallback") -> None:
        super().__init__("fake", plaintext(), on_error=on_error, engine="remote")  # type: ignore[call-arg]
        self._rows = [_Row(row) for row in (json.loads(pathlib.Path(rows).read_bytes()) if isinstance(rows, (str, pathlib.Path)) else rows)]
        self.questions: list[Any] = []
        """The questions that were asked, in order."""
        self.error: FingerpostError | None = None
        """The error that every call meets while it is set."""

    async def _ask(self, method: str, request: Message, seconds: float) -> Any:
        self.questions.append(request)
        if self.error is not None:
            raise self.error
        asked = _as_json(request)
        for row in self._rows:
            if row.kind is type(request) and row.fits(asked):
                return row.answer()
        raise LookupError(f"there is no row for this question: {json.dumps(asked, ensure_ascii=False)}")


class RowsClient(_Rows, Client):
    """A Client that answers from rows."""

    def ready(self, timeout: float = 10.0) -> bool:
        """A fake is always there."""
        return True


class AsyncRowsClient(_Rows, AsyncClient):
    """As RowsClient, for asyncio."""

    async def ready(self, timeout: float = 10.0) -> bool:
        """A fake is always there."""
        return True


class _Row:
    def __init__(self, row: Mapping[str, Any]) -> None:
        (name,) = _KINDS.keys() & row.keys()
        self.kind, answer = _KINDS[name]
        question = questions.message(self.kind, row[name])
        # As the client sends it.
        self._question = _as_json(secrets.withheld(question) if isinstance(question, follow_pb2.FollowRequest) else question)
        if ("answer" in row) == ("error" in row):
            raise ValueError(f"expected an answer or an error in a row: {row}")
        self._answer: Message | None = questions.message(answer, row["answer"]) if "answer" in row else None
        self._error = questions.message(answer_pb2.Error, row.get("error", {}))

    def fits(self, asked: Mapping[str, Any]) -> bool:
        """The question has all that the row says of request, response and options, and the same intent, name and parameters."""
        return all(_has(asked.get(part, {}), self._question.get(part, {})) for part in ("request", "response", "options")) and all(
            asked.get(part) == self._question.get(part) for part in ("intent", "intent_name", "parameters")
        )

    def answer(self) -> Message:
        """A copy: a client completes what it is given. Raises FingerpostError."""
        if self._answer is None:
            violations = tuple(Violation(one.field, one.description) for one in self._error.violations)
            reason = answer_pb2.ErrorReason.Name(self._error.reason).removeprefix("ERROR_REASON_")
            raise FingerpostError(self._error.code, self._error.message, reason, violations)
        return copy.deepcopy(self._answer)


def _has(whole: Mapping[str, Any], part: Mapping[str, Any]) -> bool:
    return all(all(line in whole.get(key, ()) for line in member) if key == "headers" else whole.get(key) == member for key, member in part.items())


def _as_json(message: Message) -> dict[str, Any]:
    """Names of fields in lower case (RFC 9110 §5.1)."""
    found = json_format.MessageToDict(message, preserving_proto_field_name=True)
    for part in ("request", "response"):
        for line in found.get(part, {}).get("headers", ()):
            line["name"] = line["name"].lower()
    return found
