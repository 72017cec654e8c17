"""The cookies of an HTTP library's own jar, kept where RFC 6265bis keeps them."""

from __future__ import annotations

import copy
import http.cookiejar
from typing import Any


def bind(jar: http.cookiejar.CookieJar, request: Any) -> None:
    """Binds the caller's cookies without a domain to the host of ``request``, the first of the chain (RFC 6265bis §5.7).

    ``request`` has the form that http.cookiejar takes. The jar would send cookies without a domain to every host.
    """
    _, host = http.cookiejar.eff_request_host(request)  # type: ignore[attr-defined]
    for cookie in [cookie for cookie in jar if not cookie.domain]:
        jar.clear(cookie.domain, cookie.path, cookie.name)
        bound = copy.copy(cookie)
        bound.domain = host
        jar.set_cookie(bound)


def host_only(jar: Any) -> None:
    """Makes ``jar`` keep cookies without a Domain attribute from subdomains; by default http.cookiejar does not."""
    policy = copy.copy(jar._policy)
    if isinstance(policy, http.cookiejar.DefaultCookiePolicy):
        policy.strict_ns_domain |= policy.DomainStrictNonDomain
        jar.set_policy(policy)


def by_hand(field: str | None, jars: str | None) -> str | None:
    """The pairs of a Cookie field that the caller set beside the jar's."""
    pairs = [pair for pair in _pairs(field) if pair not in _pairs(jars)]
    return "; ".join(pairs) or None


def joined(jars: str | None, hand_set: str | None) -> str | None:
    """Joins both into one Cookie field; the jar wins, name by name."""
    named = {_name(pair) for pair in _pairs(jars)}
    pairs = _pairs(jars) + [pair for pair in _pairs(hand_set) if _name(pair) not in named]
    return "; ".join(pairs) or None


def _pairs(field: str | None) -> list[str]:
    return [pair for part in (field or "").split(";") if (pair := part.strip())]


def _name(pair: str) -> str:
    return pair.partition("=")[0].rstrip()
