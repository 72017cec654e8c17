"""Secrets stay where they are (client/README.md, 6): the service sees that a field exists, but never its value."""

from __future__ import annotations

import base64
import re
import urllib.parse
from collections import defaultdict
from collections.abc import Iterable

from fingerpost import origins
from fingerpost._gen.fingerpost.v1 import follow_pb2, http_pb2
from fingerpost.errors import malformed

# RFC 9110 §11.6.2 and §11.7.2.
_ALWAYS = frozenset({"authorization", "proxy-authorization"})
# Everything before the last "@" of the authority, as a URL parser finds it (URL Standard, 4.4).
_USERINFO = re.compile(r"^([^:/\\?#]*:[/\\]*)([^/\\?#]+)@")
# Our own rules. A caller that names another client's profile wants to learn what that client would do.
_OURS = (follow_pb2.PROFILE_UNSPECIFIED, follow_pb2.PROFILE_STRICT)


def names(declared: Iterable[str]) -> frozenset[str]:
    """The fields that do not leave their origin, in lower case."""
    return _ALWAYS | {"cookie"} | {name.lower() for name in declared}


def without_userinfo(url: str) -> str:
    """``url`` with "-" for a user name and a password: the service learns that they were there."""
    return _USERINFO.sub(r"\1-@", url)


def withheld(question: follow_pb2.FollowRequest) -> follow_pb2.FollowRequest:
    """``question`` as it travels."""
    secret = names(question.options.secret_fields)
    # The service needs Cookie's value only to join it with the cookies that it keeps.
    if question.chain.cookies or any(line.name.lower() == "set-cookie" for line in question.response.headers):
        secret -= {"cookie"} - {name.lower() for name in question.options.secret_fields}
    sent = follow_pb2.FollowRequest()
    sent.CopyFrom(question)
    if question.HasField("request"):
        sent.request.url = without_userinfo(question.request.url)
    for line in sent.request.headers:
        if line.name.lower() in secret:
            line.ClearField("content")
    return sent


def put_back(question: follow_pb2.FollowRequest, answer: follow_pb2.FollowResponse) -> None:
    """Gives the fields of ``answer.next`` the values that they had, as its changes say, and an Authorization that a profile makes of the URL's userinfo its
    value, on the same origin.

    Raises FingerpostError for changes of fields that do not exist, and for an answer that would take a secret to another origin.
    """
    gone = set()
    url = question.request.url
    basic = _basic(url) if answer.HasField("next") and origins.same(url, answer.next.url) else ""
    adds_basic = False
    for change in answer.changes:
        if change.kind == follow_pb2.CHANGE_KIND_FIELD_ADDED and basic and _is_withheld_basic(change.field):
            change.field.value = basic
            adds_basic = True
        if change.kind not in (follow_pb2.CHANGE_KIND_FIELD_DROPPED, follow_pb2.CHANGE_KIND_FIELD_REWRITTEN):
            continue
        if change.index >= len(question.request.headers):
            raise malformed("a change of a field that does not exist")
        if change.kind == follow_pb2.CHANGE_KIND_FIELD_DROPPED or change.field.WhichOneof("content"):
            gone.add(change.index)
    if not answer.HasField("next"):
        return
    kept = defaultdict[str, list[http_pb2.Header]](list)
    for index, line in enumerate(question.request.headers):
        if index not in gone:
            kept[line.name.lower()].append(line)
    options = question.options
    if options.profile in _OURS and not origins.same(url, answer.next.url, options.trusted_origins):
        # Applying the changes would send the secret there, so the answer is malformed.
        if leaving := names(options.secret_fields) & kept.keys():
            raise malformed(f"{', '.join(sorted(leaving))} would leave the origin")
    for line in answer.next.headers:
        values = kept[line.name.lower()]
        if values and line.WhichOneof("content") is None:
            line.MergeFrom(values.pop(0))
        elif adds_basic and _is_withheld_basic(line):
            line.value = basic


def _is_withheld_basic(line: http_pb2.Header) -> bool:
    """For userinfo that the service never saw, it adds a field without a value."""
    return line.WhichOneof("content") is None and line.name.lower() == "authorization"


def _basic(url: str) -> str:
    """The Basic credentials that a client makes of its URL's userinfo (RFC 7617), percent-decoded; empty without one."""
    found = _USERINFO.match(url)
    if not found:
        return ""
    user, _, password = found[2].partition(":")
    octets = urllib.parse.unquote_to_bytes(user) + b":" + urllib.parse.unquote_to_bytes(password)
    return f"Basic {base64.b64encode(octets).decode()}"
