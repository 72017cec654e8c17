"""The memory of one connection and of one call, from a thousand idle ones of each."""

import contextlib
import struct
import time

import certificates
import frames
from beside import Daemon, figures, report
from frames import PREFACE, QUESTION, SETTINGS, STREAM_DECIDE, call, connect, frame

COUNT = 1000
NO_WINDOW = struct.pack(">HI", 4, 0)  # SETTINGS_INITIAL_WINDOW_SIZE


def silent(port):
    return [frames.dial(port) for _ in range(COUNT)]


def idle(port):
    held = silent(port)
    for connection in held:
        connection.sendall(PREFACE + frame(SETTINGS))
    return held


def streams(port):
    connection = connect(port)
    connection.sendall(b"".join(call(stream, STREAM_DECIDE) for stream in range(1, 2 * COUNT, 2)))
    return [connection]


def unread(port):
    connection = connect(port, NO_WINDOW)
    connection.sendall(b"".join(call(stream, message=QUESTION) for stream in range(1, 2 * COUNT, 2)))
    return [connection]


def measure(name, hold, most, tls=""):
    """KiB for each of COUNT; more than `most` is a fault."""
    daemon = Daemon(tls=tls)
    frames.tls = certificates.stranger() if tls else None
    held = []
    try:
        before = daemon.resident()
        held = hold(daemon.port)
        after = settled(daemon)
        each = (after - before) / COUNT / 1024
        figures.append((name, f"{each:.0f} KiB"))
        print(f"     {name}: {each:.1f} KiB", flush=True)
        report(f"memory of {name}", "" if 0 < each < most else f"{each:.1f} KiB, not below {most}")
    finally:
        for connection in held:
            with contextlib.suppress(OSError):
                connection.close()
        frames.tls = None
        daemon.close()


def settled(daemon):
    """Its memory when it has stopped growing."""
    last, now = -1, daemon.resident()
    while now != last:
        time.sleep(0.5)
        last, now = now, daemon.resident()
    return now


def run():
    for tls, silence, most in (("", silent, 40), ("server", silent, 120)):
        name = "TLS" if tls else "plaintext"
        measure(f"a connection that says nothing, {name}", silence, most, tls)
        measure(f"a connection without calls, {name}", idle, most, tls)
    measure("a stream that asks nothing", streams, 40)
    measure("a call whose answer nobody reads", unread, 40)
