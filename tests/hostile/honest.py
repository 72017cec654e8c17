"""Slow clients, many clients, and clients that ask much: none is treated as an attacker."""

import contextlib
import struct
import threading
import time

import grpc
from beside import Daemon, report
from certificates import channel
from frames import (
    ACK,
    BATCH_DECIDE,
    DATA,
    END_HEADERS,
    END_STREAM,
    HEADERS,
    PING,
    RST_STREAM,
    SETTINGS,
    STREAM_DECIDE,
    WINDOW_UPDATE,
    call_fields,
    connect,
    frame,
    prefixed,
)

FRAME = 16384  # octets of the largest
SLOW = 12  # seconds that a slow client takes for a message


def varint(value):
    out = b""
    while value >= 128:
        out += bytes([value % 128 | 128])
        value //= 128
    return out + bytes([value])


def field(number, octets):
    """A protobuf field with a length."""
    return bytes([number << 3 | 2]) + varint(len(octets)) + octets


def batch(octets, count=1024):
    """A batch of so many questions, filled up to the size with long URLs."""
    url = b"https://a.example/" + b"a" * max(1, octets // count - 45)
    return field(1, field(1, field(1, b"GET") + field(2, url))) * count


class Client:
    """Sends when flow control (RFC 9113 §5.2) allows, and always reads."""

    def __init__(self, port, path, count):
        self.connection = connect(port, struct.pack(">HI", 4, (1 << 31) - 1))  # SETTINGS_INITIAL_WINDOW_SIZE
        self.connection.sendall(frame(WINDOW_UPDATE, 0, 0, struct.pack(">I", 1 << 30)))
        self.streams = range(1, 2 * count, 2)
        self.left = set(self.streams)
        self.windows = dict.fromkeys([0, *self.streams], 65535)
        self.fault = ""
        self.changed = threading.Condition()
        threading.Thread(target=self.read, daemon=True).start()
        self.send(b"".join(frame(HEADERS, END_HEADERS, stream, call_fields(path)) for stream in self.streams))

    def send(self, octets):
        with contextlib.suppress(OSError):
            self.connection.sendall(octets)

    def send_message(self, stream, octets, last=False):
        with self.changed:
            self.changed.wait_for(lambda: self.fault or min(self.windows[0], self.windows[stream]) >= len(octets), 60)
            self.windows[0] -= len(octets)
            self.windows[stream] -= len(octets)
        self.send(frame(DATA, END_STREAM if last else 0, stream, octets))

    def read(self):
        fault = "the connection was ended"
        try:
            with self.connection.makefile("rb") as came:
                while len(head := came.read(9)) == 9:
                    self.take(head[3], head[4], int.from_bytes(head[5:], "big"), came.read(int.from_bytes(head[:3], "big")))
        except OSError as lost:
            fault = str(lost)
        with self.changed:
            self.fault = self.fault or (fault if self.left else "")
            self.changed.notify_all()

    def take(self, kind, flags, stream, payload):
        with self.changed:
            if kind == WINDOW_UPDATE and stream in self.windows:
                self.windows[stream] += int.from_bytes(payload, "big")
            elif kind == SETTINGS and not flags & ACK:
                for name, value in struct.iter_unpack(">HI", payload):
                    if name == 4:
                        self.windows |= {stream: self.windows[stream] + value - 65535 for stream in self.streams}
                self.send(frame(SETTINGS, ACK))
            elif kind == PING and not flags & ACK:
                self.send(frame(PING, ACK, 0, payload))
            elif kind == RST_STREAM and stream in self.left:
                self.fault = self.fault or f"stream {stream} was reset"
            elif kind == HEADERS and b"grpc-status" in payload and b"grpc-status\x010" not in payload:
                self.fault = self.fault or f"{payload}"
            elif kind == HEADERS and flags & END_STREAM:
                self.left.discard(stream)
            self.changed.notify_all()

    def wait(self):
        """Waits until every call has its status; returns the fault, if any."""
        with self.changed:
            if not self.changed.wait_for(lambda: self.fault or not self.left, 30):
                return f"no status of {len(self.left)} calls"
        return self.fault


def drip(path, octets, pieces, seconds):
    """One call whose message is sent in so many pieces, one after the other."""

    def run(port):
        client = Client(port, path, 1)
        message = prefixed(batch(octets))
        size = -(-len(message) // pieces)
        for at in range(0, len(message), size):
            for inner in range(at, min(at + size, len(message)), FRAME):
                client.send_message(1, message[inner : min(inner + FRAME, at + size)])
            time.sleep(seconds / pieces)
        client.send_message(1, b"", last=True)
        return client.wait()

    return run


def parallel(count, octets, rounds, tls=""):
    """So many calls at once on one connection of a real client."""

    def run(port):
        message = batch(octets)
        with channel(port, tls) as shared:
            ask = shared.unary_unary(BATCH_DECIDE)
            for _ in range(rounds):
                for future in [ask.future(message, timeout=60) for _ in range(count)]:
                    try:
                        future.result()
                    except grpc.RpcError as fault:
                        return f"{fault.code().name}: {fault.details()}"
        return ""

    return run


def interleaved(count, octets):
    """So many calls at once, a frame of each in turn, like grpc-go and Node.js."""

    def run(port):
        client = Client(port, BATCH_DECIDE, count)
        message = prefixed(batch(octets))
        for at in range(0, len(message), FRAME):
            for stream in client.streams:
                client.send_message(stream, message[at : at + FRAME], at + FRAME >= len(message))
        return client.wait()

    return run


def unharmed(name, client, count=1, tls="", flags=()):
    """`count` such clients at once, each with its own connection; all are answered."""
    daemon = Daemon(*flags, tls=tls)
    faults = []
    try:

        def run():
            fault = client(daemon.port)
            if fault:
                faults.append(fault)

        threads = [threading.Thread(target=run, daemon=True) for _ in range(count)]
        begin = time.monotonic()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(90)
        limited = daemon.limited()
        print(f"     {name}: {time.monotonic() - begin:.1f} s, peak {daemon.peak() >> 20} MiB, {limited}", flush=True)
        if limited:
            faults.append(str(limited))
    except OSError as gone:
        faults.append(str(gone))
    finally:
        daemon.close()
    report(name, "; ".join(sorted(set(faults))[:3]))


def run():
    unharmed(f"1 MiB in {SLOW} s", drip(BATCH_DECIDE, 1_000_000, 60, SLOW), count=8)
    unharmed("a message that comes octet by octet", drip(STREAM_DECIDE, 3_000, 3_000, SLOW), count=4)
    for tls in ("", "server"):
        name = ", server TLS" * bool(tls)
        unharmed("16 batches of 1 MiB at once" + name, parallel(16, 1_000_000, 2, tls), tls=tls)
        unharmed("24 connections that each send batches of 1 MiB" + name, parallel(1, 1_000_000, 4, tls), count=24, tls=tls)
        unharmed("40 connections that each send 50 small batches" + name, parallel(4, 60_000, 12, tls), count=40, tls=tls)
    unharmed("12 batches of 1 MiB, a frame of each in turn", interleaved(12, 1_000_000))
