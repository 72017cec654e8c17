"""What the framework adapters share: questions from requests, fields from answers, and flash messages."""

from __future__ import annotations

import codecs
import re
import urllib.parse
from collections.abc import Iterable, Mapping
from typing import Any

from fingerpost.answers import Decision, Outcome, Source
from fingerpost.errors import FingerpostError
from fingerpost.heard import Rate, log

# What middleware and helpers send of a request: enough for every rule of the core, nothing that identifies or authenticates a user. Fields that a
# policy's rules look at are added by the caller, by name.
SENT_FIELDS = frozenset(
    {
        "accept",
        "access-control-request-method",
        "content-type",
        "hx-boosted",
        "hx-history-restore-request",
        "hx-request",
        "origin",
        "sec-fetch-mode",
        "turbo-frame",
        "upgrade",
        "x-inertia",
        "x-requested-with",
    }
)


class NotSent(FingerpostError):
    """The answer is not a response: REFUSE, PASS or FORWARD. ``decision`` says why."""

    def __init__(self, decision: Decision) -> None:
        super().__init__(decision.outcome.name, decision.message or decision.reason, decision.reason)
        self.decision = decision

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.decision,)


RETRY_AFTER = 5
"""Seconds: a reconnect waits no longer (client/README.md)."""
REFUSED = "The request cannot be answered as it was sent."
UNAVAILABLE = "The service is not available at the moment."
# Violations of these fields are a visitor's fault; all others are the program's.
_OF_THE_VISITOR = ("request", "parameters", "intent.target", "intent.flash", "intent.response_parameters", "intent.sticky_key")
# Refusals that the program's own modifiers cause. The target causes all others, and a visitor may have chosen it.
_OWN_FAULTS = ("PINNED_STATUS_CONTRADICTS", "FLASH_ON_PERMANENT")
_proto_rate = Rate()
# A path with dot segments is below no other path, because it may lead elsewhere.
_DOTS = re.compile(r"(?:^|[/\\])(?:\.|%2e){1,2}(?:[/\\]|$)", re.IGNORECASE)


def status_of(error: FingerpostError) -> int:
    """400 for a visitor's unsafe or wrong value, 503 without an answer. The reason goes to the log; the visitor gets REFUSED or UNAVAILABLE.

    Raises ``error`` when the program is wrong.
    """
    decision = getattr(error, "decision", None)
    unsafe = decision is not None and decision.outcome is Outcome.REFUSE and decision.reason not in _OWN_FAULTS
    # Only a visitor's values make a question too large.
    if unsafe or _is_of_the_visitor(error) or error.too_large:
        log.warning("refused: %s", error)
        return 400
    if decision.source is Source.FALLBACK if decision is not None else not error.answered:
        log.warning("no answer: %s", error)
        return 503
    raise error


def _is_of_the_visitor(error: FingerpostError) -> bool:
    fields = [violation.field for violation in error.violations]
    theirs = [any(field == one or field.startswith((f"{one}.", f"{one}[")) for one in _OF_THE_VISITOR) for field in fields]
    return error.code == "INVALID_ARGUMENT" and bool(fields) and all(theirs)


def ways_back(next: object, or_: object) -> list[dict[str, Any]]:
    """The intents that ``back`` tries, in order, until one is not refused."""
    home = {"purpose": "form_result", "target": or_}
    return [{**home, "target": next, "unsafe_target": "fall_back", "fallback_target": or_}, home] if next else [home]


def may_match(method: str | None, url: str, headers: Any, exempt: Iterable[str] = ()) -> bool:
    """The policy's rules may have an answer: not for CONNECT and TRACE, a CORS preflight, a path below ``exempt``, or without a host (HTTP/1.0)."""
    try:
        split = urllib.parse.urlsplit(url)
    except ValueError:  # A Host field such as "[" is for the framework to refuse.
        return False
    forwarded = headers.get("X-Forwarded-Proto", "").split(",")[0].strip().lower()
    if forwarded and forwarded != split.scheme and _proto_rate.take():
        log.warning("X-Forwarded-Proto is %.10r and the URL's scheme is %s: tell the framework of its proxy (README, behind a proxy)", forwarded, split.scheme)
    preflight = method == "OPTIONS" and "Access-Control-Request-Method" in headers
    exempted = not _DOTS.search(split.path) and any(split.path == prefix or split.path.startswith(prefix.rstrip("/") + "/") for prefix in exempt)
    return method not in (None, "CONNECT", "TRACE") and not preflight and bool(split.netloc) and split.path[:1] == "/" and not exempted


def wsgi_url(environ: Mapping[str, Any], scheme: str, host: str) -> str:
    """The URL asked, its path as sent. The server's raw URI is used if it agrees with SCRIPT_NAME and PATH_INFO; its host never is."""
    script, path = (environ.get(name, "").encode("latin-1") for name in ("SCRIPT_NAME", "PATH_INFO"))
    raw = str(environ.get("REQUEST_URI") or environ.get("RAW_URI") or "")
    return _url(scheme, host, _as_sent(raw, script, script + path), environ.get("QUERY_STRING", ""))


def asgi_url(scope: Mapping[str, Any], scheme: str, host: str) -> str:
    """The URL asked, its path as sent."""
    root, path = scope.get("root_path", "").encode(), scope["path"].encode("utf-8", "surrogateescape")
    raw = (scope.get("raw_path") or b"").decode("latin-1")
    return _url(scheme, host, _as_sent(raw, root, path if path.startswith(root) else root + path), scope["query_string"].decode("latin-1"))


def _as_sent(raw: str, mount: bytes, path: bytes) -> str:
    raw = re.sub(r"\Ahttps?://[^/?#]*", "", raw, flags=re.IGNORECASE).partition("?")[0]
    for sent in (raw, _quoted(mount) + raw):
        octets = urllib.parse.unquote_to_bytes(sent.encode("latin-1", "replace"))
        # Servers that keep the path as text replace octets that are not UTF-8 with U+FFFD; Django writes %XX.
        if sent.startswith("/") and path in (octets, octets.decode(errors="replace").encode(), octets.decode(errors=_PERCENT).encode()):
            return sent
    return _quoted(path)


_PERCENT = "fingerpost.percent"
codecs.register_error(_PERCENT, lambda error: ("".join(f"%{octet:02X}" for octet in error.object[error.start : error.end]), error.end))  # type: ignore[attr-defined]


def _quoted(path: bytes) -> str:
    """Quotes a path so that no encoded character becomes a delimiter."""
    return urllib.parse.quote(path, safe="/!$&'()*+,=:@~")


def _url(scheme: str, host: str, path: str, query: str) -> str:
    text = f"{scheme}://{host}{path}" + (f"?{query}" if query else "")
    return re.sub(r"[^!-~]", lambda found: urllib.parse.quote(found[0].encode("latin-1", "replace")), text)


def question(
    *,
    method: str,
    url: str,
    headers: Iterable[tuple[str, str]],
    extra_fields: frozenset[str] = frozenset(),
    protocol: str = "",
    purpose: str = "",
    target: object = "",
    intent_name: str = "",
    parameters: Mapping[str, str] | None = None,
    flash: str = "",
    **modifiers: Any,
) -> dict[str, Any]:
    """A DecideRequest in JSON form. Without purpose and intent_name it asks the policy's rules."""
    allowed = SENT_FIELDS | {name.lower() for name in extra_fields}
    asked: dict[str, Any] = {
        "request": {"method": method, "url": url, "headers": [{"name": name, "value": value} for name, value in headers if name.lower() in allowed]}
    }
    if protocol == "HTTP/1.0":
        asked["request"]["protocol"] = "http_1_0"
    elif protocol.startswith("HTTP/2"):
        asked["request"]["protocol"] = "http_2"
    if purpose:
        asked["intent"] = {"purpose": purpose, **({"target": str(target)} if target else {}), **modifiers}
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
