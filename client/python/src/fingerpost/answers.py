"""The answers, typed and checked."""

from __future__ import annotations

import dataclasses
import enum
import re
from typing import Any

from fingerpost._gen.fingerpost.v1 import decide_pb2, follow_pb2, http_pb2
from fingerpost.errors import FingerpostError, malformed

Headers = tuple[tuple[str, str], ...]

_TOKEN = frozenset("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
# The fields that an answer may add to the page when it is not itself a response.
_OF_A_PAGE = frozenset({"vary", "cache-control", "set-cookie"})
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_URL = re.compile(r"https?://[^\x00-\x20\x7f]+\Z")


class Outcome(enum.Enum):
    """What to do (see decide.proto)."""

    REDIRECT = "REDIRECT"
    RESPOND = "RESPOND"
    FORWARD = "FORWARD"
    PASS = "PASS"
    REFUSE = "REFUSE"


class Source(enum.Enum):
    """Who gave the answer."""

    SERVICE = "SERVICE"
    ENGINE = "ENGINE"
    """The engine in this process, by the service's policy; for Follow, by the same rules."""
    FALLBACK = "FALLBACK"
    """Nobody who knows the policy: the service does not answer."""


@dataclasses.dataclass(frozen=True)
class Decision:
    """An answer to Decide. If ``must_send``, write ``status``, ``headers`` and ``body`` unchanged."""

    outcome: Outcome
    status: int = 0
    headers: Headers = ()
    """If the answer is no response: at most Vary, Cache-Control and Set-Cookie, which belong on the page (RFC 9110 §12.5.5)."""
    body: str = ""
    target: str = ""
    reason: str = ""
    message: str = ""
    citations: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    clear_cookie: str = ""
    rule: str = ""
    policy_version: str = ""
    source: Source = Source.SERVICE
    error: FingerpostError | None = None
    """Why the service did not answer, with ``source`` FALLBACK."""
    raw: Any = dataclasses.field(default=None, compare=False, repr=False)
    """The protobuf message."""

    @property
    def must_send(self) -> bool:
        """``status``, ``headers`` and ``body`` are the response."""
        return self.outcome in (Outcome.REDIRECT, Outcome.RESPOND)

    def header(self, name: str) -> str | None:
        """The first field of that name."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


@dataclasses.dataclass(frozen=True)
class Hop:
    """An answer to Follow: ``next`` is the request to send, or ``stop`` says why there is none."""

    next: http_pb2.HttpRequest | None
    stop: str = ""
    message: str = ""
    failed: bool = False
    """On a stop: the chain ended in an error, rather than with a response that is the result."""
    changes: tuple[follow_pb2.Change, ...] = ()
    chain: follow_pb2.Chain | None = None
    wait: float = 0.0
    """Seconds that the response asks to wait (Retry-After)."""
    source: Source = Source.SERVICE
    error: FingerpostError | None = None
    raw: Any = dataclasses.field(default=None, compare=False, repr=False)


def octets_of(line: http_pb2.Header) -> str:
    """A field line's value, one character for each octet, as WSGI and HTTP libraries have it; empty when it is withheld."""
    if line.raw_value:
        return line.raw_value.decode("latin-1")
    value = line.value
    return value if value.isascii() else value.encode().decode("latin-1")


def _checked(line: http_pb2.Header) -> tuple[str, str]:
    """Refuses a field that could split a response: the answer is checked before it becomes a header."""
    name, value = line.name, octets_of(line)
    if not _is_token(name):
        raise malformed("a field name is not a token")
    if _has_control(value):
        raise malformed(f"the value of {name} has a control character")
    return name, value


def _has_control(text: str) -> bool:
    return _CONTROL.search(text) is not None


def _is_token(text: str) -> bool:
    return bool(text) and _TOKEN.issuperset(text)


def decision_of(answer: decide_pb2.DecideResponse, source: Source = Source.SERVICE) -> Decision:
    """Checks an answer (client/README.md, 5) and types it."""
    name = _OUTCOMES.get(answer.outcome)
    outcome = Outcome.__members__.get(name or "", Outcome.PASS)  # An unknown outcome, from a newer service, is PASS.
    headers: Headers = ()
    if _has_control(answer.target) or _has_control(answer.clear_cookie):
        raise malformed("target or clear_cookie has a control character")
    if outcome in (Outcome.REDIRECT, Outcome.RESPOND):
        headers = tuple(_checked(line) for line in answer.headers)
        targets = [value for key, value in headers if key.lower() == "location"]
        locations = len(targets)
        if "" in targets:
            raise malformed("an empty Location")
        redirect = 300 <= answer.status <= 399
        if redirect != (outcome is Outcome.REDIRECT) or not 200 <= answer.status <= 599:
            raise malformed(f"{outcome.name} with status {answer.status}")
        if redirect and answer.status != 300 and locations != 1 or locations > 1:
            raise malformed(f"{locations} Location fields")
    elif answer.status or any(line.name.lower() not in _OF_A_PAGE for line in answer.headers):
        raise malformed("an unknown outcome" if name is None else f"{outcome.name} with a status or fields")
    else:
        headers = tuple(_checked(line) for line in answer.headers)
    return Decision(
        outcome=outcome,
        status=answer.status,
        headers=headers,
        body=answer.body,
        target=answer.target,
        reason=_REASONS.get(answer.reason.code, ""),
        message=answer.reason.message,
        citations=tuple(answer.reason.citations),
        warnings=tuple(w.message for w in answer.warnings),
        clear_cookie=answer.clear_cookie,
        rule=answer.rule,
        policy_version=answer.policy_version,
        source=source,
        raw=answer,
    )


def hop_of(answer: follow_pb2.FollowResponse, source: Source = Source.SERVICE) -> Hop:
    """Checks an answer and types it."""
    wait = answer.wait.seconds + answer.wait.nanos / 1e9
    common = Hop(next=None, changes=tuple(answer.changes), chain=answer.chain, wait=wait, source=source, raw=answer)
    if answer.WhichOneof("result") == "next":
        for line in (*answer.next.headers, *(change.field for change in answer.changes if change.HasField("field"))):
            _checked(line)
        if not _is_token(answer.next.method):
            raise malformed("the next method is not a token")
        if not _URL.match(answer.next.url):
            raise malformed("the next URL is not an http or https URL")
        return dataclasses.replace(common, next=answer.next)
    reason = _STOPS.get(answer.stop.reason, "") if answer.stop.reason else ""
    return dataclasses.replace(common, stop=reason or "UNKNOWN", message=answer.stop.message, failed=answer.stop.error or not answer.HasField("stop"))


def _names(kind: Any, prefix: str) -> dict[int, str]:
    return {number: name.removeprefix(prefix) for name, number in kind.items()}


_OUTCOMES = _names(decide_pb2.Outcome, "OUTCOME_")
_REASONS = _names(decide_pb2.ReasonCode, "REASON_CODE_")
_STOPS = _names(follow_pb2.StopReason, "STOP_REASON_")
