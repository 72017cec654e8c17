"""--input: every line a question, every line of the output its answer or its error."""

from __future__ import annotations

import datetime
import json
import os
import sys
from collections.abc import Callable, Iterator
from typing import Any

import grpc

from fingerpost import questions
from fingerpost._gen.fingerpost.v1 import answer_pb2, decide_pb2, follow_pb2, redirect_service_pb2
from fingerpost.cli import json_form
from fingerpost.errors import FingerpostError

BATCH = 256
"""Enough to make the cost of a call small beside that of its questions."""
LONGEST_LINE = 1 << 20
_KINDS: dict[str, tuple[Any, Any, str]] = {
    "decide": (decide_pb2.DecideRequest, redirect_service_pb2.BatchDecideRequest, "BatchDecide"),
    "follow": (follow_pb2.FollowRequest, redirect_service_pb2.BatchFollowRequest, "BatchFollow"),
}


class NoAnswer(Exception):
    """The server does not answer. ``before`` are the answers that came first."""

    def __init__(self, error: answer_pb2.Error, before: list[Any]) -> None:
        super().__init__(error.message)
        self.error = error
        self.before = before


def answer(stub: Any, command: str, path: str, seconds: float, complain: Callable[[str], None]) -> int:
    """The exit status."""
    kind, batch, name = _KINDS[command]

    def ask(asked: list[Any]) -> list[Any]:
        return list(getattr(stub, name)(batch(requests=asked), timeout=seconds).results)

    failed = False
    try:
        file = sys.stdin.fileno() if path == "-" else os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        for lines in _batches(file):
            read = [_question(line, kind) for line in lines]
            asked = [one for one in read if isinstance(one, kind)]
            lost: NoAnswer | None = None
            try:
                results = _ask(ask, asked)
            except NoAnswer as none:
                results, lost = none.before, none
            came = iter(results)
            out = []
            for one in read:
                result = one if isinstance(one, answer_pb2.Error) else next(came, None)
                if result is None:
                    break  # No answer came; what was answered before is written.
                is_error = isinstance(result, answer_pb2.Error)
                failed = failed or is_error
                out.append(json_form.error_line(result) if is_error else json_form.of(result) + "\n")
            json_form.write("".join(out))
            if lost:
                complain(json_form.described(lost.error))
                return 3
    except BrokenPipeError:
        raise
    except OSError as error:
        complain(f"cannot read {'standard input' if path == '-' else path}: {os.strerror(error.errno or 0)}")
        return 4
    return 1 if failed else 0


def _batches(file: int) -> Iterator[list[bytes]]:
    """Lines as they come, at most BATCH at once: a conversation is answered line by line."""
    rest = b""
    while chunk := os.read(file, 1 << 16):
        *lines, rest = (rest + chunk).split(b"\n")
        for start in range(0, len(lines), BATCH):
            yield lines[start : start + BATCH]
    if rest:
        yield [rest]


def _question(line: bytes, kind: Any) -> Any:
    """A message, or the line's error."""
    try:
        if len(line) > LONGEST_LINE:
            raise FingerpostError("INVALID_ARGUMENT", f"expected at most {LONGEST_LINE} octets a line", "MALFORMED_JSON")
        question = questions.message(kind, _object(line))
    except FingerpostError as error:
        return json_form.error_message(error)
    if not question.HasField("now"):
        question.now.FromDatetime(datetime.datetime.now(datetime.timezone.utc))
    return question


def _object(line: bytes) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except ValueError as error:
        raise FingerpostError("INVALID_ARGUMENT", f"expected a JSON object; {error}", "MALFORMED_JSON") from None
    if not isinstance(value, dict):
        raise FingerpostError("INVALID_ARGUMENT", "expected a JSON object", "MALFORMED_JSON")
    return value


def _ask(ask: Callable[[list[Any]], list[Any]], asked: list[Any]) -> list[Any]:
    """Asks in halves when the server finds the questions too many or too large."""
    if not asked:
        return []
    try:
        results = ask(asked)
    except grpc.RpcError as failed:
        error = json_form.error_message(FingerpostError.of(failed))
        overloaded = error.reason == answer_pb2.ERROR_REASON_OVERLOADED
        too_much = not overloaded and (json_form.is_about_the_question(error) or error.code == "RESOURCE_EXHAUSTED")
        if not too_much:
            raise NoAnswer(error, []) from None
        if len(asked) == 1:
            return [error]
        middle = len(asked) // 2
        first = _ask(ask, asked[:middle])
        try:
            return first + _ask(ask, asked[middle:])
        except NoAnswer as none:
            raise NoAnswer(none.error, first + none.before) from None
    if len(results) != len(asked):
        message = f"the server gave {len(results)} answers to {len(asked)} questions"
        raise NoAnswer(answer_pb2.Error(code="INTERNAL", message=message), [])
    return [result.error if result.HasField("error") else result.response for result in results]
