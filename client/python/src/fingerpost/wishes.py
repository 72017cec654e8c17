"""What an intent may say, for type checkers: they find an unknown purpose or modifier before the program runs. intent.proto explains each."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any, Literal, Protocol, TypedDict

Purpose = Literal[
    "form_result",
    "validation_failed",
    "resource_created",
    "operation_accepted",
    "operation_result",
    "authorization_response",
    "login_required",
    "temporary_move",
    "permanent_move",
    "canonical_url",
    "https_upgrade",
    "reroute",
    "campaign",
    "describes",
    "choices",
    "gone",
    "not_found",
    "unavailable_for_legal_reasons",
]
Duration = float | datetime.timedelta | str
"""Seconds, a timedelta, or protobuf's own form ("1.5s")."""
Client = Literal["browser", "script", "api", "webhook_sender", "crawler", "unknown", "htmx", "inertia", "turbo"]
Robots = Literal["noindex", "nofollow", "none", "noarchive", "nosnippet", "noimageindex", "notranslate"]


class Url(Protocol):
    """A URL object: Starlette's, yarl's, httpx's. Its text counts."""

    @property
    def scheme(self) -> str: ...

    @property
    def fragment(self) -> str: ...


Target = str | Url


class Modifiers(TypedDict, total=False):
    """The fields of Intent except purpose and target, with ``flash`` as a text."""

    permanence: Literal["permanent", "temporary"]
    pinned_status: int
    compatibility: Literal["modern", "legacy"]
    flash: str
    cache: Mapping[str, Any]
    query: Mapping[str, Any]
    window: Mapping[str, Any]
    weighted_targets: Sequence[Mapping[str, Any]]
    sticky_key: Mapping[str, str]
    client: Client
    trust: Literal["end_user", "caller"]
    allowed_hosts: Sequence[str]
    unsafe_target: Literal["refuse", "fall_back", "report_only"]
    fallback_target: Target
    redirect_uris: Sequence[str]
    response_parameters: Sequence[Mapping[str, str]]
    response_mode: Literal["query", "fragment"]
    redirect_capable: bool
    prefer_see_other: bool
    operation_state: Literal["pending", "done", "failed", "expired"]
    retry_after: Duration
    challenge: str
    alternatives: Sequence[Mapping[str, Any]]
    hsts: Mapping[str, Any]
    looked_at_fields: Sequence[str]
    cors: Mapping[str, Any]
    robots: Sequence[Robots]
    links: Sequence[Mapping[str, str]]
    cookies: Sequence[Mapping[str, Any]]
    full_page_load: bool
