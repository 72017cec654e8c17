"""What an answer adds to the fields of a page that passed: Vary and Cache-Control are merged, Set-Cookie is added."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

Lines = Iterable[tuple[str, str]]

_DIRECTIVE = re.compile(r'(?:[^",]|"(?:[^"\\]|\\.)*"?)+')
# The directives that "private" replaces (RFC 9111 §5.2.2).
_SHARED = frozenset({"public", "s-maxage", "private"})


def merged_vary(lines: Iterable[str]) -> str:
    """Merges several Vary: each name once, whatever its case; "*" replaces all (RFC 9110 §12.5.5)."""
    names = {name.lower(): name for line in reversed(list(lines)) for name in reversed([part.strip() for part in line.split(",")]) if name}
    return "*" if "*" in names else ", ".join(reversed(names.values()))


def merged_cache_control(page: Iterable[str], added: Iterable[str]) -> str:
    """The stricter of two: no-store before private, and private before what the page lets shared caches do (RFC 9111 §5.2.2)."""
    own, ours = _directives(page), _directives(added)
    if "no-store" in ours.values() and "no-store" not in own.values():
        return ", ".join(ours)
    if "private" not in ours.values() or "no-store" in own.values():
        return ", ".join(own or ours)
    return ", ".join([*(text for text, name in own.items() if name not in _SHARED), "private"])


def _directives(lines: Iterable[str]) -> dict[str, str]:
    """Each directive as it stands, and its name."""
    texts = [text.strip() for line in lines for text in _DIRECTIVE.findall(line)]
    return {text: text.partition("=")[0].strip().lower() for text in texts if text}


def replaced(added: Lines, of_page: Callable[[str], Sequence[str]]) -> list[tuple[str, str]]:
    """The fields that replace the page's own. ``of_page``: the page's lines of a name."""
    ours = list(added)
    vary, caching = _values(ours, "vary"), _values(ours, "cache-control")
    return [
        *([("Vary", merged_vary([*of_page("Vary"), *vary]))] if vary else []),
        *([("Cache-Control", merged_cache_control(of_page("Cache-Control"), caching))] if caching else []),
    ]


def cookies(added: Lines) -> list[str]:
    """The Set-Cookie lines to add to the page's own."""
    return _values(added, "set-cookie")


def _values(lines: Lines, name: str) -> list[str]:
    return [value for key, value in lines if key.lower() == name]
