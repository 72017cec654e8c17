"""What a caller gets when the service does not answer (client/README.md). The table is generated from the service's own."""

from __future__ import annotations

import functools
import importlib.resources
import json
import re
from typing import Any

from google.protobuf import json_format

from fingerpost._gen.fingerpost.v1 import decide_pb2, follow_pb2, http_pb2, intent_pb2
from fingerpost.answers import Decision, Hop, Outcome, Source
from fingerpost.errors import FingerpostError

_LONGEST_TARGET = 8000
# One "/", not two and no "\", and no dot segment: RFC 3986 path-absolute with query and fragment, no placeholders.
_PATH = r"/(?![/\\])(?!(?:.*/)?(?:\.|%2[Ee]){1,2}(?:[/?#]|\Z))[A-Za-z0-9\-._~!$&'()*+,;=:@/?%#]*"
# As the WHATWG parser writes it: lower case, no userinfo, no default port, and a host that is either four decimal numbers or a name that is no address.
_NUMBER = r"(?:0|[1-9][0-9]{0,2})"
_HOST = rf"(?:{_NUMBER}(?:\.{_NUMBER}){{3}}|(?:[a-z0-9-]+\.)*[a-z][a-z0-9-]*)"
_ORIGIN = rf"https?://{_HOST}(?::(?!80\b|443\b)(?:[1-9][0-9]{{1,3}}|[1-5][0-9]{{4}}))?"
_PATH_ABSOLUTE = re.compile(rf"{_PATH}\Z")
_ABSOLUTE = re.compile(rf"({_ORIGIN})({_PATH})?\Z")
_OWN = re.compile(rf"({_ORIGIN})(?=[/?#]|\Z)")
# A query that no parser changes; "'" is percent-encoded in one.
_QUERY = re.compile(r"[A-Za-z0-9\-._~!$&()*+,;=:@/?%]*\Z")
# Values of Accept that prefer text/html or state no preference.
_PAGE = re.compile(r"(?:text/html(?:,.*)?|\*/\*)?\Z", re.IGNORECASE)


@functools.cache
def _table() -> dict[str, Any]:
    return json.loads(importlib.resources.files("fingerpost").joinpath("fallback.json").read_text())  # type: ignore[no-any-return]


def decide(question: decide_pb2.DecideRequest, error: FingerpostError) -> Decision:
    """The answer without the service, or raises ``error``."""
    if question.WhichOneof("wish") != "intent":
        return Decision(Outcome.PASS, source=Source.FALLBACK, error=error)
    intent, request = question.intent, question.request
    fields = {line.name.lower(): line.value for line in request.headers}
    kind = next((kind for kind, methods in _table()["methods"].items() if request.method in methods), "")
    row = _row(intent)
    if row is None or not _is_ours(fields) or row["reads_client"] and not intent.client and not _is_page(fields):
        raise error
    column = row["http_1_0" if request.protocol == http_pb2.PROTOCOL_HTTP_1_0 else "http_1_1"].get(kind)
    if column is None:
        raise error
    location = _location(row, column, intent, request.url)
    if location is None or location and not _gets(request.method, kind, column["status"]) and _is_own(location, request.url):
        raise error
    headers = [("Location", location)] if location else []
    headers += [*column["fields"].items(), ("Content-Length", "0")]
    return Decision(
        Outcome.REDIRECT if 300 <= column["status"] <= 399 else Outcome.RESPOND,
        status=column["status"],
        headers=tuple(headers),
        target=location,
        source=Source.FALLBACK,
        error=error,
    )


def _row(intent: intent_pb2.Intent) -> dict[str, Any] | None:
    """The row for this intent, apart from the target, the client and modifiers that make no difference."""
    asked = json_format.MessageToDict(intent, preserving_proto_field_name=True)
    client = asked.pop("client", "CLIENT_KIND_UNKNOWN")
    trusted = asked.pop("trust", "") != "TRUST_POLICY"  # Only a policy can give it.
    target = bool(asked.pop("target", ""))
    for row in _table()["rows"]:
        given = {key: value for key, value in asked.items() if key not in row["ignored_modifiers"]}
        if given == row["intent"] and client in row["clients"] and trusted and target <= row["target"]:
            return row  # type: ignore[no-any-return]
    return None


def _is_ours(fields: dict[str, str]) -> bool:
    """WebSocket and gRPC have no redirects; htmx and Inertia may need another form of it."""
    return not {"upgrade", "hx-request", "x-inertia"} & fields.keys() and not fields.get("content-type", "").lower().startswith("application/grpc")


def _is_page(fields: dict[str, str]) -> bool:
    """Nothing indicates that a program asks rather than a person."""
    if mode := fields.get("sec-fetch-mode"):
        return mode.lower() == "navigate"
    script = fields.get("x-requested-with", "").lower() == "xmlhttprequest" or "json" in fields.get("content-type", "").lower()
    return not script and bool(_PAGE.match(fields.get("accept", "")))


def _location(row: dict[str, Any], column: dict[str, Any], intent: intent_pb2.Intent, url: str) -> str | None:
    """The Location to write, or an empty text. None: only the service can tell."""
    own = found[1] if (found := _OWN.match(url)) else ""
    if not row["target"]:
        return ""
    if column["location"] == "https" and not intent.target:  # The URL itself is the default.
        target = _taken(url[len(own) :] or "/", own, intent.trust)
    else:
        instead = intent.fallback_target if intent.unsafe_target == intent_pb2.UNSAFE_TARGET_FALL_BACK else ""
        target = _taken(intent.target, own, intent.trust)
        if target and row["keeps_query"]:
            target = _with_query(target, url)
        else:
            target = target or _taken(instead, own, intent.trust)
    if target and column["location"] == "none":
        return ""
    if target and column["location"] == "https" and target.startswith("http:"):
        return None
    if not target or column["location"] == "as_given" or not target.startswith("/"):
        return target
    if not own:
        return None
    return ("https:" + own.partition(":")[2] if column["location"] == "https" else own) + target


def _taken(target: str, own: str, trust: int) -> str | None:
    """A target that is safe for every caller: on the request's own origin, or the caller's own choice."""
    if len(target) > _LONGEST_TARGET:
        return None
    if _PATH_ABSOLUTE.match(target):
        return target
    found = _ABSOLUTE.match(target)
    return found[1] + (found[2] or "/") if found and (found[1] == own or trust == intent_pb2.TRUST_CALLER) else None


def _with_query(target: str, url: str) -> str | None:
    """The target with the query of the URL, unless it has one of its own. None: only the service can tell."""
    _, mark, query = url.partition("#")[0].partition("?")
    path, hash_, fragment = target.partition("#")
    if not mark or "?" in path:
        return target
    whole = path + mark + query + hash_ + fragment
    return whole if _QUERY.match(query) and len(whole) <= _LONGEST_TARGET else None


def _gets(method: str, kind: str, status: int) -> bool:
    """The client comes back with GET for another method, if at all (RFC 9110 §15.4.2 to §15.4.4)."""
    return kind == "unsafe" and (not 300 <= status <= 399 or status == 303 or status in (301, 302) and method == "POST")


def _is_own(location: str, url: str) -> bool:
    """It leads to the request itself, which is a loop unless the client then uses another method."""
    own = found[1] if (found := _OWN.match(url)) else ""
    absolute = own + location if location.startswith("/") else location
    return absolute.partition("#")[0] == url.partition("#")[0]


def follow(chain: follow_pb2.Chain | None, error: FingerpostError) -> Hop:
    """A stop: the response that came is the last one."""
    return Hop(next=None, stop="SERVICE_UNAVAILABLE", message=error.message, failed=True, chain=chain, source=Source.FALLBACK, error=error)
