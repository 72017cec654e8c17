"""Secrets stay where they are (client/README.md, 6): the service sees that a field is there, and never its value."""

from __future__ import annotations

import re
from collections import defaultdict

from fingerpost._gen.fingerpost.v1 import follow_pb2, http_pb2
from fingerpost.errors import malformed

# RFC 9110 §11.6.2 and §11.7.2.
_ALWAYS = frozenset({"authorization", "proxy-authorization"})
# What stands before the last "@" of the authority, where a URL parser looks for it (URL Standard, 4.4).
_USERINFO = re.compile(r"^([^:/\\?#]*:[/\\]*)[^/\\?#]+@")


def without_userinfo(url: str) -> str:
    """``url`` with "-" for a user name and a password: the service learns that they were there."""
    return _USERINFO.sub(r"\1-@", url)


def withheld(question: follow_pb2.FollowRequest) -> follow_pb2.FollowRequest:
    """``question`` as it travels."""
    secret = _ALWAYS | {name.lower() for name in question.options.secret_fields}
    # The service needs Cookie's value only to join it with the cookies that it keeps.
    if not question.chain.cookies and not any(line.name.lower() == "set-cookie" for line in question.response.headers):
        secret |= {"cookie"}
    sent = follow_pb2.FollowRequest()
    sent.CopyFrom(question)
    if question.HasField("request"):
        sent.request.url = without_userinfo(question.request.url)
    for line in sent.request.headers:
        if line.name.lower() in secret:
            line.ClearField("content")
    return sent


def put_back(question: follow_pb2.FollowRequest, answer: follow_pb2.FollowResponse) -> None:
    """Gives the fields of ``answer.next`` the values that they had, as its changes say. Raises FingerpostError for changes of fields that are none."""
    dropped = set()
    for change in answer.changes:
        if change.kind in (follow_pb2.CHANGE_KIND_FIELD_DROPPED, follow_pb2.CHANGE_KIND_FIELD_REWRITTEN) and change.index >= len(question.request.headers):
            raise malformed("a change of a field that is none")
        if change.kind == follow_pb2.CHANGE_KIND_FIELD_DROPPED:
            dropped.add(change.index)
    kept = defaultdict[str, list[http_pb2.Header]](list)
    for index, line in enumerate(question.request.headers):
        if index not in dropped:
            kept[line.name.lower()].append(line)
    for line in answer.next.headers if answer.HasField("next") else ():
        values = kept[line.name.lower()]
        if values and line.WhichOneof("content") is None:
            line.MergeFrom(values.pop(0))
