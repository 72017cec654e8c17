"""Connections that ask nothing: more than there are descriptors (CVE-2023-4785), half open, and on the other ports."""

import contextlib
import resource
import socket
import struct
import time

import grpc

from beside import Daemon, report, under
from frames import DECIDE, PREFACE, QUESTION, call, connect


def hold(port, seconds, count, say=b""):
    held = []
    for _ in range(count):
        with contextlib.suppress(OSError):
            held.append(socket.create_connection(("127.0.0.1", port), 0.5))
            held[-1].sendall(say)
    time.sleep(seconds)


def silent(port, seconds):
    hold(port, seconds, 1300)


def all_connections(port, seconds):
    """The most connections, from two addresses, each after its handshake and its preface; and on ten of them the most calls, whose answers
    wait for a window."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    held = []
    for at in range(1500):
        with contextlib.suppress(OSError):
            held.append(connect(port, struct.pack(">HI", 4, 0), (f"127.0.0.{2 + at % 2}", 0)))
    for connection in held[:10]:
        with contextlib.suppress(OSError):
            connection.sendall(b"".join(call(stream, message=QUESTION) for stream in range(1, 2000, 2)))
    time.sleep(seconds)


def half_preface(port, seconds):
    hold(port, seconds, 500, PREFACE[:10])


def ask(port):
    with grpc.insecure_channel(f"127.0.0.1:{port}", [("grpc.use_local_subchannel_pool", 1)]) as channel:
        channel.unary_unary(DECIDE)(QUESTION, timeout=5, wait_for_ready=True)


def hard_limit():
    """Even if the hard limit of open files is no higher, the service accepts again at once."""
    daemon = Daemon(files="1024; ulimit -Hn 1024")
    try:
        held = []
        for _ in range(1300):
            with contextlib.suppress(OSError):
                held.append(socket.create_connection(("127.0.0.1", daemon.port), 0.5))
        begin = time.monotonic()
        ask(daemon.port)  # A silent one makes room.
        room = time.monotonic() - begin
        for connection in held:
            connection.close()
        begin = time.monotonic()
        ask(daemon.port)
        again = time.monotonic() - begin
        counted = daemon.limited()
        print(f"     1,300 silent connections, 1,024 descriptors: served after {room:.2f} s, when they had gone after {again:.2f} s, {counted}", flush=True)
        fault = "" if again < 1 and counted else f"served again after {again:.2f} s, {counted}"
    except grpc.RpcError as lost:
        fault = f"{lost.code().name}: {lost.details()}"
    finally:
        daemon.close()
    report("descriptors run out at a hard limit of 1,024", fault)


def probe(name, *flags, count=8, say=b"GET /read", port="admin"):
    """While many connections hold a port, /readyz and /healthz answer within a second."""
    daemon = Daemon(*flags)
    try:
        held = [socket.create_connection(("127.0.0.1", getattr(daemon, port)), 1) for _ in range(count)]
        for connection in held:
            connection.sendall(say)
        begin = time.monotonic()
        said = [daemon.get(path) for path in ("/readyz", "/healthz")]
        took = time.monotonic() - begin
        fault = "" if said == ["serving\n", "alive\n"] and took < 1 else f"{said} after {took:.2f} s"
    except OSError as lost:
        fault = str(lost)
    finally:
        daemon.close()
    report(name, fault)


def untrue():
    """Readiness shows that the port accepts nobody."""
    daemon = Daemon("--max-connections=20", "--handshake-timeout=60s")
    try:
        ready = daemon.get("/readyz")
        held = []
        for _ in range(20):
            channel = grpc.insecure_channel(f"127.0.0.1:{daemon.port}", [("grpc.use_local_subchannel_pool", 1)])
            channel.unary_unary(DECIDE)(QUESTION, timeout=5)
            held.append(channel)
        time.sleep(1.1)  # Its last answer is a second old.
        full = ""
        try:
            daemon.get("/readyz", 5)
        except OSError as refused:
            full = str(refused)
        for channel in held:
            channel.close()
        time.sleep(1.1)
        again = daemon.get("/readyz")
        true = ready == again == "serving\n" and "503" in full
        fault = "" if true else f"{ready!r}, when no connection is admitted {full!r}, then {again!r}"
    except (OSError, grpc.RpcError) as lost:
        fault = str(lost)
    finally:
        daemon.close()
    report("readiness is that of the port", fault)


def run():
    probe("eight silent connections to the admin port", say=b"")
    probe("eight connections to the admin port with half a request")
    probe("200 silent connections to the admin port", count=200, say=b"")
    untrue()
    under("1,300 silent connections", silent)
    under("500 connections with half a preface", half_preface)
    for tls in ("", "server"):
        under("all connections and calls that there may be", all_connections, seconds=8, tls=tls)
    under("1,300 silent connections with a limit of 300", silent, "--max-connections-per-peer=300", limits=["max-connections-per-peer", "evicted-silent"])
    hard_limit()
