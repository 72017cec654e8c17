"""Attacks on TLS itself: half handshakes, thousands of handshakes, records of one octet, and, if the service requires a certificate,
everything before it is asked for one."""

import contextlib
import socket
import ssl
import subprocess
import time

import certificates
import frames
from beside import under
from frames import CONTINUATION, HEADERS, PREFACE, SETTINGS, frame, number
from headers import continuation

MODES = ("server", "mutual")


def hello():
    """OpenSSL's ClientHello."""
    into, out = ssl.MemoryBIO(), ssl.MemoryBIO()
    with contextlib.suppress(ssl.SSLWantReadError):
        certificates.stranger().wrap_bio(into, out).do_handshake()
    return out.read()


def hold(port, seconds, say):
    held = []
    for _ in range(500):
        with contextlib.suppress(OSError):
            held.append(socket.create_connection(("127.0.0.1", port), 0.5))
            held[-1].sendall(say)
    time.sleep(seconds)


def half_hello(port, seconds):
    hold(port, seconds, hello()[:100])


def half_handshake(port, seconds):
    hold(port, seconds, hello())


def endless_hello(port, seconds):
    """A ClientHello of 16 MiB, in as many records as needed, repeatedly."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with contextlib.suppress(OSError):
            connection = socket.create_connection(("127.0.0.1", port), 1)
            connection.sendall(b"\x16\x03\x01\x40\x00\x01\xff\xff\xff" + b"\x03\x03" + bytes(16378))
            for _ in range(1000):
                connection.sendall(b"\x16\x03\x01\x40\x00" + bytes(16384))


def handshakes(port, seconds):
    """Each costs the service a signature."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with contextlib.suppress(OSError):
            frames.dial(port).close()


def small_records(port, seconds):
    """An endless header, each of its octets in its own record: 23 octets for one."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with contextlib.suppress(OSError):
            connection = frames.dial(port)
            for octet in PREFACE + frame(SETTINGS) + frame(HEADERS, 0, 1, b"\x00\x01a" + number(1 << 30, 7)):
                connection.send(bytes([octet]))
            octets = frame(CONTINUATION, 0, 1, b"x" * 16000)
            while time.monotonic() < end:
                for octet in octets:
                    connection.send(bytes([octet]))


def command(port, seconds, version, letter):
    """openssl s_client, which repeats its command, on a new connection when the old one ends."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        client = subprocess.Popen(
            ["openssl", "s_client", "-connect", f"127.0.0.1:{port}", version, "-alpn", "h2"],
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        with contextlib.suppress(OSError):
            while time.monotonic() < end:
                client.stdin.write(letter)
                time.sleep(0.0005)
        client.kill()
        client.wait()


def renegotiation(port, seconds):
    command(port, seconds, "-tls1_2", b"R\n")


def key_update(port, seconds):
    command(port, seconds, "-tls1_3", b"K\n")


def run():
    for tls in MODES:
        under("500 connections with half a ClientHello", half_hello, tls=tls)
        under("500 connections with half a handshake", half_handshake, tls=tls)
        under("a ClientHello of 16 MiB", endless_hello, tls=tls)
        under("handshakes without a pause", handshakes, tls=tls, attackers=2)
        under("renegotiation", renegotiation, tls=tls)
        under("key updates", key_update, tls=tls)
    under("records of one octet", small_records, tls="server", attackers=2)
    under("a header without a certificate", continuation, tls="mutual", attackers=2)
