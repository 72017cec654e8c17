"""Answers many times as large as their questions: unread ones, and many at once."""

import contextlib
import socket
import struct
import threading
import time

import grpc

from beside import MEMORY_LIMIT, Daemon, report, under
from frames import DATA, END_HEADERS, END_STREAM, HEADERS, QUESTION, STREAM_DECIDE, call_fields, connect, frame
from slow import NO_WINDOW

BATCH_DECIDE = "/fingerpost.v1.RedirectService/BatchDecide"
EXPLAINED = QUESTION + b"\x30\x01"  # DecideRequest.explain
FRAME = 16384  # octets, the most in one frame (RFC 9113 §4.2)
EXPLAIN = ["max-memory-explain"]
LARGE = ["max-memory-large", "max-memory"]


def batch(question, count):
    return b"".join(b"\x0a" + bytes([len(question)]) + question for _ in range(count))


def long_call(stream, path, message, last=END_STREAM):
    """A call with a message of any length; a new connection may send 64 KiB."""
    content = b"\x00" + struct.pack(">I", len(message)) + message
    pieces = [content[at : at + FRAME] for at in range(0, len(content), FRAME)]
    return frame(HEADERS, END_HEADERS, stream, call_fields(path)) + b"".join(frame(DATA, last if piece is pieces[-1] else 0, stream, piece) for piece in pieces)


def hold(port, seconds, count, calls):
    """So many connections that send this and read nothing: HTTP/2's flow control keeps the answers at the server."""
    held = []
    for _ in range(count):
        with contextlib.suppress(OSError):
            held.append(connect(port, NO_WINDOW))
            held[-1].sendall(calls)
    time.sleep(seconds)


def unread(port, seconds):
    """200 batches of 1,024 with explain."""
    message = batch(EXPLAINED, 1000)
    hold(port, seconds, 200, long_call(1, BATCH_DECIDE, message))


def unread_plain(port, seconds):
    """600 batches of 1,024 without."""
    hold(port, seconds, 600, long_call(1, BATCH_DECIDE, batch(QUESTION, 1024)))


def unread_streams(port, seconds):
    """200 streams that keep asking without reading an answer."""
    message = batch(EXPLAINED, 750)
    content = b"\x00" + struct.pack(">I", len(message)) + message
    again = b"".join(frame(DATA, 0, 1, content[at : at + FRAME]) for at in range(0, len(content), FRAME))
    hold(port, seconds, 200, long_call(1, STREAM_DECIDE, message, 0) + again)


def unread_json(port, seconds):
    """Decides with explain over HTTP/JSON, with as many and as long names as they may have, whose answers of 2.7 MB nobody reads: four on each connection."""
    fields = ",".join('{"name":"%s"}' % ("x" * 250) for _ in range(250))
    body = '{"request":{"method":"POST","url":"https://a.example/","headers":[%s]},"intent":{"purpose":"FORM_RESULT","target":"/b"},"explain":true}' % fields
    held = []
    for _ in range(30):
        with contextlib.suppress(OSError):
            held.append(socket.create_connection(("127.0.0.1", port), 5))
            held[-1].setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            question = f"POST /v1/decide HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}"
            held[-1].sendall(question.encode() * 4)  # the kernel may take as much as one answer or two
    time.sleep(seconds)


def honest(port, seconds, count=24):
    """So many callers at once, which read their answers and try again when they are refused."""
    message = batch(EXPLAINED, 1024)
    end = time.monotonic() + seconds

    def ask():
        with grpc.insecure_channel(f"127.0.0.1:{port}", [("grpc.use_local_subchannel_pool", 1), ("grpc.max_receive_message_length", -1)]) as channel:
            while time.monotonic() < end:
                try:
                    channel.unary_unary(BATCH_DECIDE)(message, timeout=seconds)
                except grpc.RpcError:
                    time.sleep(0.1)

    callers = [threading.Thread(target=ask, daemon=True) for _ in range(count)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join(seconds)


def resident(daemon):
    """Its current memory, in octets."""
    with open(f"/proc/{daemon.process.pid}/statm") as statm:
        return int(statm.read().split()[1]) * 4096


def goes_back():
    """Within seconds after a burst of unread answers, the memory goes back to the system."""
    daemon = Daemon()
    try:
        before = resident(daemon)
        unread(daemon.port, 3)
        peak = daemon.peak()
        end = time.monotonic() + 10
        bound = before + (24 << 20)
        while resident(daemon) > bound and time.monotonic() < end:
            time.sleep(0.1)
        after = resident(daemon)
        print(f"     memory: {before >> 20} MiB before a burst, at most {peak >> 20}, then {after >> 20}", flush=True)
        fault = "" if after <= bound < peak <= MEMORY_LIMIT else f"{before >> 20}, {peak >> 20}, {after >> 20} MiB"
    finally:
        daemon.close()
    report("memory goes back after a burst", fault)


def run():
    under("200 batches of 1,000 with explain that nobody reads", unread, limits=EXPLAIN)
    under("600 batches that nobody reads", unread_plain, limits=LARGE)
    under("200 streams with explain that nobody reads", unread_streams, limits=EXPLAIN)
    under("24 honest callers of batches with explain at once", honest)
    under("30 connections with long answers over HTTP/JSON that nobody reads", unread_json, "--http-listen=127.0.0.1:0", limits=EXPLAIN, port="http")
    goes_back()
