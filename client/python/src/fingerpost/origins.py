"""Origins (RFC 6454 §4). The client compares them itself: nobody else decides whether a secret may travel."""

from __future__ import annotations

import ipaddress
import re
import socket
import unicodedata
from collections.abc import Collection

Origin = tuple[str, object, int]

# The authority ends where a URL parser ends it. A host with characters that parsers read differently ("\", "%", a second "@") has no origin.
_AUTHORITY = re.compile(r"(https?)://(?:[^/?#\\]*@)?(\[[0-9a-f:.]+\]|[^\x00-\x20/?#\\@:\[\]<>^|%\x7f]+)(?::([0-9]{0,5}))?(?=[/?#]|\Z)", re.IGNORECASE)
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_PORTS = {"http": 80, "https": 443}


def origin(url: str) -> Origin | None:
    """Scheme, host and effective port of an http or https URL, in one spelling. None: it cannot be told."""
    parts = _AUTHORITY.match(url)
    host = _host(parts[2]) if parts else None
    if parts is None or host is None:
        return None
    scheme = parts[1].lower()
    return scheme, host, int(parts[3] or _PORTS[scheme])


def same(url: str, other: str, trusted: Collection[str] = ()) -> bool:
    """Whether a secret of ``url``'s origin may go to ``other``: it is the same origin, or both are ``trusted``."""
    one, two = origin(url), origin(other)
    if one is None or two is None:
        return False
    among = {origin(each) for each in trusted}
    return one == two or (one in among and two in among)


def _host(text: str) -> object | None:
    """An address, or a domain in its ASCII form (URL Standard, "host parsing")."""
    if text.startswith("["):
        try:
            return ipaddress.IPv6Address(text[1:-1])
        except ValueError:
            return None
    labels = unicodedata.normalize("NFKC", text.lower()).replace("\u3002", ".").split(".")
    if _NUMBER.fullmatch(labels[-1] or labels[-2:][0]):  # "127.1" and "0x7f.1" are addresses, too.
        try:
            return ipaddress.IPv4Address(socket.inet_aton(".".join(labels).removesuffix(".")))
        except OSError:
            return None
    return ".".join(label if label.isascii() else "xn--" + label.encode("punycode").decode() for label in labels)
