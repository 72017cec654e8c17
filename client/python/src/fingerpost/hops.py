"""What the adapters for HTTP libraries share: the options, the questions of a chain, and applying the changes to the real request."""

from __future__ import annotations

import dataclasses
import urllib.parse
from collections.abc import Iterable
from typing import Any, Literal, get_args

from fingerpost import names, origins, secrets
from fingerpost._gen.fingerpost.v1 import follow_pb2, http_pb2
from fingerpost.answers import Hop
from fingerpost.questions import header_list, text_of

Fields = list[tuple[str, str]]

Profile = Literal[
    "strict",
    "fetch",
    "chromium_fetch",
    "chromium_navigation",
    "firefox_fetch",
    "firefox_navigation",
    "curl",
    "curl_x",
    "curl_follow",
    "go",
    "requests",
    "urllib3",
    "httpx",
    "aiohttp",
    "urllib",
    "undici_fetch",
    "undici_redirect",
    "follow_redirects",
    "axios",
    "okhttp",
    "httpclient5",
    "jdk",
    "reqwest",
    "wget",
    "faraday",
    "guzzle",
    "dotnet",
    "node_fetch",
    "http_url_connection",
    "got",
    "superagent",
    "wget2",
    "lwp",
    "httpclient4",
    "httparty",
    "rest_client",
    "http_rb",
    "symfony_http_client",
    "wordpress_requests",
    "reactor_netty",
    "jetty",
    "needle",
    "make_fetch_happen",
    "deno",
    "bun",
]

MAX_DISCARDED = 64 * 1024
"""Octets of a redirect's content that requests reads, undecoded, so that the connection can be used again. A longer content closes it."""
# The response fields that Follow reads. Set-Cookie is not among them: the library keeps the cookies, so their values stay here.
_READ = frozenset({"location", "referrer-policy", "retry-after"})
_NOT_MODIFIED = 304
_HIGHEST_LIMIT = 100


@dataclasses.dataclass(frozen=True)
class Options:
    """Deviations from STRICT; see FollowOptions in follow.proto. Whatever they say, secrets stay on their origin and on ``trusted_origins``."""

    limit: int | None = None
    """Most redirects, 0 to 100. Default: the library's ``max_redirects``."""
    trusted_origins: tuple[str, ...] = ()
    """Origins among which credentials travel: ``https://api.example.com``."""
    secret_fields: tuple[str, ...] = ()
    """Secret fields in addition to Authorization, Proxy-Authorization and Cookie."""
    allow_downgrade: bool | None = None
    """Follow https to http. Default: no."""
    deny_private_addresses: bool = False
    """Refuse literal addresses that are not public, and names that do not exist on the public Internet; in the first URL, too."""
    allowed_hosts: tuple[str, ...] = ()
    """Hosts that may be requested, the first URL's included. Default: all."""
    denied_hosts: tuple[str, ...] = ()
    """Hosts that may not be requested, the first URL's included; wins over ``allowed_hosts``."""
    allowed_ports: tuple[int, ...] = ()
    """Ports that may be requested, 1 to 65535. Default: all."""
    keep_post: bool | None = None
    """Keep POST and its content on 301 and 302 (RFC 9110 §15.4.2). Default: no."""
    follow_multiple_choices: bool | None = None
    """Follow 300 with a Location (RFC 9110 §15.4.1). Default: no."""
    userinfo: Literal["stop", "strip"] | None = None
    """A user name or password in Location (RFC 9110 §4.2.4). Default: stop."""
    stop_on_method_change: bool = False
    """Stop if the next request would have another method, or lack the content: a webhook that arrives as a GET is not delivered."""
    profile: Profile | None = None
    """Whose rules. Default: strict."""

    def __post_init__(self) -> None:
        for name, kind in (("profile", Profile), ("userinfo", Literal["stop", "strip"])):
            if getattr(self, name) not in (None, *get_args(kind)):
                raise ValueError(f"{name}: expected one of {', '.join(get_args(kind))}")

    def message(self, limit: int | None = None) -> follow_pb2.FollowOptions:
        """As the service takes them. ``limit`` is the library's own."""
        if self.limit is None and limit is not None:
            limit = max(0, min(limit, _HIGHEST_LIMIT))
        options = follow_pb2.FollowOptions(
            trusted_origins=self.trusted_origins,
            secret_fields=self.secret_fields,
            limit=limit if self.limit is None else self.limit,
            allow_downgrade=self.allow_downgrade,
            keep_post=self.keep_post,
            follow_multiple_choices=self.follow_multiple_choices,
            stop_on_method_change=self.stop_on_method_change,
        )
        if self.profile:
            options.profile = _number(follow_pb2.Profile, self.profile)
        if self.userinfo:
            options.userinfo = _number(follow_pb2.UserinfoPolicy, self.userinfo)
        if self._has_targets():
            options.targets.CopyFrom(
                follow_pb2.TargetRules(
                    allowed_hosts=self.allowed_hosts,
                    denied_hosts=self.denied_hosts,
                    allowed_ports=self.allowed_ports,
                    deny_private_addresses=self.deny_private_addresses,
                )
            )
        return options

    def _has_targets(self) -> bool:
        return bool(self.allowed_hosts or self.denied_hosts or self.allowed_ports or self.deny_private_addresses)

    def first(self, method: str, url: str) -> follow_pb2.FollowRequest | None:
        """Whether the first URL may be requested. None: every URL may."""
        if not self._has_targets():
            return None
        return follow_pb2.FollowRequest(request=http_pb2.HttpRequest(method=method, url=url), options=self.message(), unsent=True)


class Chain:
    """One request and the redirects that follow from it."""

    def __init__(self, options: Options, limit: int) -> None:
        self._options = options
        self._message = options.message(limit)
        self._chain: follow_pb2.Chain | None = None
        self.secret_fields = secrets.names(options.secret_fields)
        self.left = False
        """The chain has left the first origin, or the trusted ones: credentials that the caller gave for it no longer apply."""

    def question(self, *, method: str, url: str, fields: Fields, body: Any, status: int, response: Iterable[tuple[str, str]]) -> follow_pb2.FollowRequest:
        """The next hop's question; the client keeps the secrets' values from travelling."""
        self._url, self._fields = url, fields
        return follow_pb2.FollowRequest(
            request=http_pb2.HttpRequest(method=method, url=url, body=body, headers=header_list(fields)),
            response=http_pb2.HttpResponse(status=status, headers=header_list((name, value) for name, value in response if name.lower() in _READ)),
            chain=self._chain,
            options=self._message,
        )

    def checked(self, hop: Hop) -> Hop:
        """``hop``, or a stop if no resolver takes the next host: an empty label, or one of more than 63 octets (RFC 1035 §2.3.4)."""
        try:
            if hop.next is not None:
                (urllib.parse.urlsplit(hop.next.url).hostname or "").encode("idna")
        except ValueError as error:
            return self.unusable(hop, error)
        return hop

    def unusable(self, hop: Hop, why: Exception) -> Hop:
        """A stop: the library cannot request the next URL."""
        return dataclasses.replace(hop, next=None, stop="INVALID_LOCATION", message=f"the next URL cannot be requested: {why}", failed=True)

    def next_fields(self, hop: Hop) -> Fields:
        """The fields with the hop's changes. Withheld values keep their place, and stay on their origin."""
        assert hop.next is not None
        if hop.chain is not None:
            self._chain = follow_pb2.Chain()
            self._chain.CopyFrom(hop.chain)
            self._chain.ClearField("cookies")  # The library keeps the cookies. If the chain had any, Cookie's value would travel to the service.
        stays = origins.same(self._url, hop.next.url, self._options.trusted_origins)
        self.left = self.left or not stays
        kept: list[tuple[str, str] | None] = [field if stays or field[0].lower() not in self.secret_fields else None for field in self._fields]
        added: Fields = []
        for change in hop.changes:
            if change.kind == follow_pb2.CHANGE_KIND_FIELD_DROPPED:
                kept[change.index] = None
            elif not change.field.WhichOneof("content"):
                continue  # Withheld: the value does not change.
            elif change.kind == follow_pb2.CHANGE_KIND_FIELD_REWRITTEN:
                kept[change.index] = (change.field.name, text_of(change.field))
            elif change.kind == follow_pb2.CHANGE_KIND_FIELD_ADDED:
                added.append((change.field.name, text_of(change.field)))
        return [field for field in kept if field is not None] + added


def is_redirect(status: int) -> bool:
    """Whether to ask the service. 304 answers a condition and leads nowhere (RFC 9110 §15.4.5); caches need it, also during an outage."""
    return 300 <= status <= 399 and status != _NOT_MODIFIED


def drops_body(hop: Hop) -> bool:
    """The content is not sent again."""
    return any(change.kind == follow_pb2.CHANGE_KIND_BODY_DROPPED for change in hop.changes)


def is_replayable(source: Any) -> bool:
    """Whether the source of a library's content can be read again: a file that can be rewound, or an iterable that is not its own iterator."""
    if hasattr(source, "read"):
        return bool(source.seekable()) if hasattr(source, "seekable") else hasattr(source, "seek")
    if hasattr(source, "aread"):
        return False
    if hasattr(source, "__aiter__"):
        return source.__aiter__() is not source
    return hasattr(source, "__iter__") and iter(source) is not source


def ends_too_many(hop: Hop) -> bool:
    """The libraries call it TooManyRedirects."""
    return hop.stop in ("LIMIT", "LOOP")


def _number(kind: Any, name: str) -> Any:
    return names.number_of(kind.DESCRIPTOR, name)
