"""Clients that do not read answers, and streams that ask nothing."""

import contextlib
import struct
import time

from beside import under
from frames import BATCH_DECIDE, QUESTION, STREAM_DECIDE, WINDOW_UPDATE, call, connect, frame

EMPTY = b"\x0a\x00"  # a question in a batch: its error is a hundred times as large
NO_WINDOW = struct.pack(">HI", 4, 0)  # SETTINGS_INITIAL_WINDOW_SIZE


def unread(port, seconds):
    """Twenty connections with 500 calls each, whose answers HTTP/2's flow control keeps at the server."""
    held = []
    for _ in range(20):
        with contextlib.suppress(OSError):
            held.append(connect(port, NO_WINDOW))
            held[-1].sendall(b"".join(call(stream, message=QUESTION) for stream in range(1, 1000, 2)))
    time.sleep(seconds)


def taking_nothing(port, seconds):
    """Two connections that accept all answers but read none: they fill the sockets, and then the service."""
    held = []
    for _ in range(2):
        with contextlib.suppress(OSError):
            held.append(connect(port, struct.pack(">HI", 4, (1 << 31) - 1)))
            held[-1].sendall(frame(WINDOW_UPDATE, 0, 0, struct.pack(">I", 1 << 30)))
            held[-1].sendall(b"".join(call(stream, BATCH_DECIDE, EMPTY * 1024) for stream in range(1, 60, 2)))
    time.sleep(seconds)


def idle_streams(port, seconds):
    """All of --max-calls, ten connections with a thousand streams each that never ask anything."""
    held = []
    for _ in range(10):
        with contextlib.suppress(OSError):
            held.append(connect(port))
            held[-1].sendall(b"".join(call(stream, STREAM_DECIDE) for stream in range(1, 2000, 2)))
    time.sleep(seconds)


def run():
    for tls in ("", "server"):
        under("answers that nobody reads", unread, limits=["max-calls", "stalling"], tls=tls)
        under("connections that take nothing", taking_nothing, "--write-timeout=1s", limits=["write-timeout"], seconds=5, tls=tls)
        under("ten connections with a thousand idle streams", idle_streams, limits=["max-calls", "stalling"], tls=tls)
