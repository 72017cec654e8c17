"""Fakes for your own tests: no server, no network. ``fake = FakeClient()`` goes wherever a Client goes.

They answer from golden rows (client/README.md, "Fakes"): first from yours, then from the package's, which are the service's own answers for every
purpose. A question that no row fits is a LookupError that shows the question: a fake never guesses.
"""

from __future__ import annotations

import importlib.resources
import json
import pathlib
import re
import urllib.parse
from collections.abc import Iterable, Mapping
from typing import Any

from google.protobuf import json_format
from google.protobuf.message import Message

from fingerpost import questions, secrets
from fingerpost._gen.fingerpost.v1 import decide_pb2, follow_pb2
from fingerpost.client import AsyncClient, Client, OnError
from fingerpost.errors import FingerpostError, Violation
from fingerpost.transport import plaintext

Rows = Iterable[Mapping[str, Any]] | str | pathlib.Path

_QUESTIONS: dict[str, type[Message]] = {"decide": decide_pb2.DecideRequest, "follow": follow_pb2.FollowRequest}
_WILDCARD = re.compile(r"\$\{(\w+)(:encoded)?\}")


class Golden:
    """Answers from rows. ``questions`` are those that were asked, in order; ``error``, when it is set, is what every call meets."""

    def __init__(self, rows: Rows) -> None:
        shipped = importlib.resources.files("fingerpost").joinpath("golden.json").read_text()
        self._rows = [row for one in (*_read(rows), *json.loads(shipped)) if (row := _Row.of(one)) is not None]
        self.questions: list[Message] = []
        self.error: FingerpostError | None = None

    def answer(self, question: Message) -> Any:
        """The answer's message. Raises FingerpostError, or LookupError when no row fits."""
        self.questions.append(question)
        if self.error is not None:
            raise self.error
        asked = _as_json(question)
        for row in self._rows:
            if row.kind is type(question) and (found := row.fits(asked)) is not None:
                return row.answer(asked, found)
        raise LookupError(f"no golden row fits this question; give FakeClient one for it: {json.dumps(asked, ensure_ascii=False)}")


class FakeClient(Client):
    """A Client that asks golden rows. ``rows``: a list of them, or the path of a JSON file with such a list, or of a directory of files."""

    def __init__(self, rows: Rows = (), *, on_error: OnError = "fallback") -> None:
        super().__init__("fake", plaintext(), on_error=on_error)
        self.golden = Golden(rows)

    async def _ask(self, method: str, request: Message, seconds: float) -> Any:
        return self.golden.answer(request)


class AsyncFakeClient(AsyncClient):
    """As FakeClient, for asyncio."""

    def __init__(self, rows: Rows = (), *, on_error: OnError = "fallback") -> None:
        super().__init__("fake", plaintext(), on_error=on_error)
        self.golden = Golden(rows)

    async def _ask(self, method: str, request: Message, seconds: float) -> Any:
        return self.golden.answer(request)


class _Row:
    def __init__(self, kind: type[Message], row: Mapping[str, Any], question: dict[str, Any]) -> None:
        self.kind = kind
        self._question = question
        self._expect: Mapping[str, Any] = row["expect"]
        self._ignored = set(row.get("ignored_modifiers", ()))

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> _Row | None:
        (name,) = _QUESTIONS.keys() & row.keys()
        try:
            question = questions.message(_QUESTIONS[name], row[name])
            if isinstance(question, follow_pb2.FollowRequest) and question.request.url:
                question.request.url = secrets.without_userinfo(question.request.url)  # As clients ask.
            return cls(_QUESTIONS[name], row, _as_json(question))
        except FingerpostError:
            if "error" in row["expect"]:
                return None  # A row about what is no message at all: no client ever asks it.
            raise

    def fits(self, asked: dict[str, Any]) -> dict[str, str] | None:
        """The texts of the wildcards."""
        found: dict[str, str] = {}
        pattern = self._question
        intent = {key: value for key, value in asked.get("intent", {}).items() if key in pattern.get("intent", {}) or key not in self._ignored}
        same = (
            _includes(pattern.get("request", {}), asked.get("request", {}), found)
            and _includes(pattern.get("response", {}), asked.get("response", {}), found)
            and _equal(pattern.get("intent", {}), intent, found)
            and all(_equal(pattern.get(key), asked.get(key), found) for key in ("intent_name", "parameters"))
            and _includes(pattern.get("options", {}), asked.get("options", {}), found)
        )
        return found if same else None

    def answer(self, asked: dict[str, Any], found: dict[str, str]) -> Any:
        expect = _substituted(self._expect, found)
        if "error" in expect:
            error = expect["error"]
            violations = tuple(Violation(field, "") for field in error.get("violations", ()))
            raise FingerpostError(error.get("code", "INVALID_ARGUMENT"), "as its golden row says", error.get("reason", "").upper(), violations)
        if self.kind is follow_pb2.FollowRequest:
            return questions.message(follow_pb2.FollowResponse, _followed(expect))
        return questions.message(decide_pb2.DecideResponse, _decided(expect, asked))


def _read(rows: Rows) -> Iterable[Mapping[str, Any]]:
    if not isinstance(rows, (str, pathlib.Path)):
        return rows
    path = pathlib.Path(rows)
    files = sorted(path.rglob("*.json")) if path.is_dir() else [path]
    return [row for file in files for row in json.loads(file.read_text(encoding="utf-8"))]


def _as_json(message: Message) -> dict[str, Any]:
    return json_format.MessageToDict(message, preserving_proto_field_name=True)


def _includes(pattern: Any, value: Any, found: dict[str, str]) -> bool:
    """Every member that the row writes is there; of ``headers`` every line."""
    for key, member in pattern.items():
        if key == "headers":
            if not all(any(_same_line(line, one, found) for one in value.get(key, ())) for line in member):
                return False
        elif not _equal(member, value.get(key), found):
            return False
    return True


def _same_line(pattern: dict[str, str], line: dict[str, str], found: dict[str, str]) -> bool:
    """A line without a value is a secret that the client kept: no row can know it."""
    wanted = pattern if len(line) > 1 else {"name": pattern["name"]}
    return _equal({**wanted, "name": pattern["name"].lower()}, {**line, "name": line["name"].lower()}, found)


def _equal(pattern: Any, value: Any, found: dict[str, str]) -> bool:
    if isinstance(pattern, dict) and isinstance(value, dict):
        return pattern.keys() == value.keys() and all(_equal(member, value[key], found) for key, member in pattern.items())
    if isinstance(pattern, list) and isinstance(value, list):
        return len(pattern) == len(value) and all(_equal(one, other, found) for one, other in zip(pattern, value))
    if isinstance(pattern, str) and isinstance(value, str) and "${" in pattern:
        return _matches(pattern, value, found)
    return bool(pattern == value)


def _matches(pattern: str, text: str, found: dict[str, str]) -> bool:
    expression, seen = "", set[str]()
    for position, piece in enumerate(re.split(r"\$\{(\w+)\}", pattern)):
        if position % 2 == 0:
            expression += re.escape(piece)
        elif piece in found:
            expression += re.escape(found[piece])
        elif piece in seen:
            expression += f"(?P={piece})"
        else:
            expression += rf"(?P<{piece}>(?![/\\]).*?)"
            seen.add(piece)
    match = re.fullmatch(expression, text, re.DOTALL)
    if match:
        found.update(match.groupdict())
    return match is not None


def _substituted(value: Any, found: dict[str, str]) -> Any:
    if isinstance(value, Mapping):
        return {key: _substituted(member, found) for key, member in value.items()}
    if isinstance(value, list):
        return [_substituted(member, found) for member in value]
    if not isinstance(value, str):
        return value
    return _WILDCARD.sub(lambda m: urllib.parse.quote(found[m[1]], safe="") if m[2] else found.get(m[1], m[0]), value)


def _decided(expect: dict[str, Any], asked: dict[str, Any]) -> dict[str, Any]:
    answer = {key: value for key, value in expect.items() if key not in ("fields", "stays_on", "warnings", "explanation")}
    answer["warnings"] = [{"code": code} for code in expect.get("warnings", ())]
    answer.setdefault("headers", _lines(expect.get("fields", {})))
    status = answer.get("status", 0)
    answer.setdefault("outcome", "redirect" if 300 <= status <= 399 else "respond" if status else "pass")
    target = expect.get("target") or asked.get("intent", {}).get("target")
    if answer["outcome"] == "redirect" and status != 300 and target and not any(line["name"].lower() == "location" for line in answer["headers"]):
        answer["headers"].insert(0, {"name": "Location", "value": target})
    return answer


def _followed(expect: dict[str, Any]) -> dict[str, Any]:
    answer = {key: value for key, value in expect.items() if value is not None and key != "warnings"}
    answer["warnings"] = [{"code": code} for code in expect.get("warnings", ())]
    if "next" in answer and "fields" in answer["next"]:
        answer["next"] = {key: value for key, value in answer["next"].items() if key != "fields"}
        answer["next"].setdefault("headers", _lines(expect["next"]["fields"]))
    return answer


def _lines(fields: Mapping[str, Any]) -> list[dict[str, str]]:
    """``fields`` of a row as field lines; ``null`` is no such field, ``true`` one whose value is withheld."""
    lines = []
    for name, value in fields.items():
        for one in value if isinstance(value, list) else [] if value is None else [value]:
            lines.append({"name": name} if one is True else {"name": name, "value": one})
    return lines
