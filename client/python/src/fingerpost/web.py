"""What the framework adapters share: from a request to a question, from an answer to fields, and flash messages."""

from __future__ import annotations

import urllib.parse
from collections.abc import Iterable, Mapping
from typing import Any

from fingerpost.answers import Decision
from fingerpost.errors import FingerpostError

# What middleware and helpers send of a request: enough for every rule of the core, nothing that identifies or authenticates a user. Fields that a
# policy's rules look at are added by the caller, by name.
SENT_FIELDS = frozenset(
    {"accept", "access-control-request-method", "content-type", "origin", "sec-fetch-mode", "upgrade", "x-requested-with"}
)


class NotSent(FingerpostError):
    """The answer is not a response: REFUSE, PASS or FORWARD. ``decision`` says why."""

    def __init__(self, decision: Decision) -> None:
        super().__init__(decision.outcome.name, decision.message or decision.reason, decision.reason)
        self.decision = decision

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.decision,)


def may_match(method: str | None, url: str) -> bool:
    """A GET or HEAD whose URL is known (HTTP/1.0 may name no host): the policy's rules may have an answer."""
    try:
        return method in ("GET", "HEAD") and bool(urllib.parse.urlsplit(url).netloc)
    except ValueError:  # A Host field such as "[": the framework says what it thinks of it.
        return False


def let_pass(error: FingerpostError) -> None:
    """Middleware: a request that the service finds wrong gets its page; raises ``error`` when it is another (fail closed)."""
    if error.code != "INVALID_ARGUMENT":
        raise error


def question(
    *, method: str, url: str, headers: Iterable[tuple[str, str]], extra_fields: frozenset[str] = frozenset(), protocol: str = "",
    purpose: str = "", target: str = "", intent_name: str = "", parameters: Mapping[str, str] | None = None, flash: str = "", **modifiers: Any,
) -> dict[str, Any]:
    """A DecideRequest in JSON form. Without purpose and intent_name the policy's rules are asked."""
    allowed = SENT_FIELDS | {name.lower() for name in extra_fields}
    asked: dict[str, Any] = {
        "request": {
            "method": method, "url": url,
            "headers": [{"name": name, "value": value} for name, value in headers if name.lower() in allowed],
        }
    }
    if protocol == "HTTP/1.0":
        asked["request"]["protocol"] = "http_1_0"
    elif protocol.startswith("HTTP/2"):
        asked["request"]["protocol"] = "http_2"
    if purpose:
        asked["intent"] = {"purpose": purpose, **({"target": target} if target else {}), **modifiers}
        if flash:
            asked["intent"]["flash"] = {"text": flash}
    elif intent_name:
        asked["intent_name"] = intent_name
    if parameters:
        asked["parameters"] = dict(parameters)
    return asked


def response_fields(decision: Decision) -> list[tuple[str, str]]:
    """The fields to write. Raises NotSent when the answer is not a response."""
    if not decision.must_send:
        raise NotSent(decision)
    return list(decision.headers)


def read_flash(cookies: Mapping[str, str], name: str = "flash") -> tuple[str, str]:
    """The flash message of a request and the Set-Cookie line that clears it; two empty strings when there is none.

    The message is display text that anybody could have written: escape it.
    """
    for cookie, secure in ((f"__Host-{name}", "Secure; "), (name, "")):
        if cookie in cookies:
            text = urllib.parse.unquote(cookies[cookie], errors="replace")
            return text, f"{cookie}=; Path=/; Max-Age=0; {secure}HttpOnly; SameSite=Lax"
    return "", ""
