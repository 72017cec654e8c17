"""Text for a terminal: what a stranger wrote can neither move the cursor nor disguise itself."""

from __future__ import annotations

import os
import sys

_STYLES = {"plain": "", "bold": "1", "dim": "2", "good": "32", "warning": "33", "bad": "31"}  # ECMA-48 §8.3.117


def is_deceptive(point: int) -> bool:
    """Controls, and what reverses the direction of writing or breaks lines."""
    return (
        point < 0x20 or 0x7F <= point <= 0x9F or point in (0x061C, 0x200E, 0x200F) or 0x2028 <= point <= 0x202E or 0x2066 <= point <= 0x2069
    )


def harmless(text: str | bytes) -> str:
    """Octets that are not UTF-8 as ``\\xNN``, deceptive characters as ``\\xNN`` or ``\\u{N}``."""
    characters = text.decode("utf-8", "surrogateescape") if isinstance(text, bytes) else text
    out = []
    for character in characters:
        point = ord(character)
        if 0xDC80 <= point <= 0xDCFF:
            out.append(f"\\x{point - 0xDC00:02x}")
        elif not is_deceptive(point):
            out.append(character)
        else:
            out.append(f"\\x{point:02x}" if point < 0x80 else f"\\u{{{point:x}}}")
    return "".join(out)


class Palette:
    """Colours text, if at all."""

    def __init__(self, colours: bool) -> None:
        self._colours = colours

    @classmethod
    def for_standard_output(cls) -> Palette:
        """Colours on a terminal that has them, and not with NO_COLOR (no-color.org)."""
        terminal = os.environ.get("TERM", "dumb")
        return cls(sys.stdout.isatty() and not os.environ.get("NO_COLOR") and terminal != "dumb")

    def paint(self, style: str, text: str) -> str:
        code = _STYLES[style]
        return f"\x1b[{code}m{text}\x1b[0m" if self._colours and code else text
