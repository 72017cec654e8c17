"""What the adapters for HTTP libraries share: a hop's question, and the changes applied to what was really sent."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any

from fingerpost._gen.fingerpost.v1 import follow_pb2, http_pb2
from fingerpost.answers import Hop
from fingerpost.questions import header_list, text_of

Fields = list[tuple[str, str]]

# Of a response, only these are read. Set-Cookie is not: the cookies are the library's matter, and so their values stay here.
_READ = frozenset({"location", "referrer-policy", "retry-after"})
_NOT_MODIFIED = 304


@dataclasses.dataclass(frozen=True)
class Options:
    """What to do otherwise than STRICT; see FollowOptions in follow.proto."""

    limit: int | None = None
    trusted_origins: tuple[str, ...] = ()
    secret_fields: tuple[str, ...] = ()
    allow_downgrade: bool | None = None
    deny_private_addresses: bool = False
    allowed_hosts: tuple[str, ...] = ()

    def message(self) -> follow_pb2.FollowOptions:
        options = follow_pb2.FollowOptions(
            trusted_origins=self.trusted_origins, secret_fields=self.secret_fields, limit=self.limit, allow_downgrade=self.allow_downgrade
        )
        if self.allowed_hosts or self.deny_private_addresses:
            options.targets.allowed_hosts.extend(self.allowed_hosts)
            options.targets.deny_private_addresses = self.deny_private_addresses
        return options


def question(
    *, method: str, url: str, fields: Fields, body: Any, status: int, response: Iterable[tuple[str, str]],
    chain: follow_pb2.Chain | None, options: Options,
) -> follow_pb2.FollowRequest:
    """One hop's question; the client keeps the secrets' values from travelling."""
    return follow_pb2.FollowRequest(
        request=http_pb2.HttpRequest(
            method=method, url=url, body=body, headers=header_list(fields)
        ),
        response=http_pb2.HttpResponse(
            status=status, headers=header_list((name, value) for name, value in response if name.lower() in _READ)
        ),
        chain=chain,
        options=options.message(),
    )


def next_fields(fields: Fields, hop: Hop) -> Fields:
    """``fields`` with the hop's changes: the values that were withheld stay where they were."""
    kept: list[tuple[str, str] | None] = list(fields)
    added: Fields = []
    for change in hop.changes:
        if change.kind == follow_pb2.CHANGE_KIND_FIELD_DROPPED:
            kept[change.index] = None
        elif change.kind == follow_pb2.CHANGE_KIND_FIELD_REWRITTEN:
            if change.field.WhichOneof("content"):
                kept[change.index] = (change.field.name, text_of(change.field))
        elif change.kind == follow_pb2.CHANGE_KIND_FIELD_ADDED:
            added.append((change.field.name, text_of(change.field)))
    return [field for field in kept if field is not None] + added


def is_redirect(status: int) -> bool:
    """Whether the service is asked. 304 answers a condition and leads nowhere (RFC 9110 §15.4.5): caches live on it, also in an outage."""
    return 300 <= status <= 399 and status != _NOT_MODIFIED


def drops_body(hop: Hop) -> bool:
    """The content is not sent again."""
    return any(change.kind == follow_pb2.CHANGE_KIND_BODY_DROPPED for change in hop.changes)
