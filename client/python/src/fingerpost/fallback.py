"""What a caller gets when the service does not answer (client/README.md). The table is generated from the service's own."""

from __future__ import annotations

import functools
import importlib.resources
import json
import re
from typing import Any

from fingerpost._gen.fingerpost.v1 import decide_pb2, follow_pb2, http_pb2, intent_pb2
from fingerpost.answers import Decision, Hop, Outcome, Source
from fingerpost.errors import FingerpostError

# One "/", not two and no "\": RFC 3986 path-absolute with query and fragment, no placeholders.
_PATH_ABSOLUTE = re.compile(r"/(?![/\\])[A-Za-z0-9\-._~!$&'()*+,;=:@/?%#]*\Z")


@functools.cache
def _table() -> dict[str, Any]:
    return json.loads(importlib.resources.files("fingerpost").joinpath("fallback.json").read_text())  # type: ignore[no-any-return]


def decide(question: decide_pb2.DecideRequest, error: FingerpostError) -> Decision:
    """The answer without the service, or raises ``error``."""
    if question.WhichOneof("wish") != "intent":
        return Decision(Outcome.PASS, source=Source.FALLBACK, error=error)
    intent = question.intent
    purpose = intent_pb2.Purpose.Name(intent.purpose) if intent.purpose in intent_pb2.Purpose.values() else ""
    row = _table()["purposes"].get(purpose)
    if row is None or question.request.protocol == http_pb2.PROTOCOL_HTTP_1_0:  # HTTP/1.0 has codes of its own.
        raise error
    spelled_out = {f.name for f, _ in intent.ListFields()} <= {"purpose", "target", *row["ignored_modifiers"]}
    if not spelled_out or not _PATH_ABSOLUTE.match(intent.target):
        raise error
    column = row["safe" if question.request.method in _table()["page_methods"] else "unsafe"]
    headers = (("Location", intent.target), ("Cache-Control", column["cache_control"]), ("Content-Length", "0"))
    return Decision(
        Outcome.REDIRECT, status=column["status"], headers=headers, target=intent.target, source=Source.FALLBACK, error=error
    )


def follow(chain: follow_pb2.Chain | None, error: FingerpostError) -> Hop:
    """A stop: the response that came is the last one."""
    return Hop(next=None, stop="SERVICE_UNAVAILABLE", message=error.message, failed=True, chain=chain, source=Source.FALLBACK, error=error)
