"""HTTP/1.1 on the HTTP/JSON port, in plaintext and with mutual TLS, beside an innocent HTTP client."""

import contextlib
import functools
import http.client
import json
import socket
import ssl
import time

import certificates
from beside import Asking, under

BODY = json.dumps({"request": {"method": "POST", "url": "https://a.example/"}, "intent": {"purpose": "form_result", "target": "/b"}})
HEAD = "POST /v1/decide HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
ORDINARY = f"{HEAD}Content-Length: {len(BODY)}\r\n\r\n{BODY}".encode()
# An explanation repeats the names of the fields for each profile: the answer has 40 times as much.
LARGE = json.dumps(
    {
        "request": {"method": "GET", "url": "https://a.example/", "headers": [{"name": "x" * 250}] * 240},
        "explain": True,
        "intent": {"purpose": "temporary_move", "target": "/b"},
    }
)
MANY = 100  # connections, of the 128 that one peer may have


@functools.cache
def context(directory):
    """A client with a certificate of the authority with these files."""
    made = ssl.create_default_context(cafile=f"{directory}/ca.pem")
    made.load_cert_chain(f"{directory}/client.pem", f"{directory}/client.key")
    return made


class Visitor(Asking):
    """Calls /v1/decide on a kept connection, from its own address; every tenth call uses a new connection."""

    source = ("127.0.0.2", 0)

    def __init__(self, port, directory=""):
        self.port, self.context, self.connection = port, directory and context(directory), None
        super().__init__()

    def connect(self, timeout):
        if self.connection:
            self.connection.close()
        self.connection = (
            http.client.HTTPSConnection("127.0.0.1", self.port, timeout=timeout, source_address=self.source, context=self.context)
            if self.context
            else http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout, source_address=self.source)
        )

    def call(self, timeout):
        if self.connection is None or self.calls % 10 == 0:
            self.connect(timeout)
        try:
            self.connection.request("POST", "/v1/decide", BODY, {"Content-Type": "application/json"})
            answer = self.connection.getresponse()
            text = answer.read()
        except Exception:
            self.connection = None
            raise
        if answer.status != 200:
            raise RuntimeError(f"{answer.status} {text[:200]}")


def connect(port, directory):
    connection = socket.create_connection(("127.0.0.1", port), 5)
    return context(directory).wrap_socket(connection, server_hostname="127.0.0.1") if directory else connection


class Attacks:
    """Each attack takes a port and seconds. `directory`: the certificates'; "" for plaintext."""

    def __init__(self, directory=""):
        self.directory = directory

    def open(self, port, count, say=b""):
        held = []
        for _ in range(count):
            with contextlib.suppress(OSError):
                held.append(connect(port, self.directory))
                held[-1].sendall(say)
        return held

    def trickle(self, port, seconds, begin, piece):
        held, end = self.open(port, MANY, begin), time.monotonic() + seconds
        while time.monotonic() < end:
            for connection in held:
                with contextlib.suppress(OSError):
                    connection.sendall(piece)
            time.sleep(0.1)

    def flood(self, port, seconds, begin, chunk):
        """Repeats, on a new connection when the old one ends; reads nothing."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with contextlib.suppress(OSError):
                connection = connect(port, self.directory)
                connection.sendall(begin)
                while time.monotonic() < end:
                    connection.sendall(chunk)

    def half_sent(self, port, seconds):
        held = self.open(port, MANY, HEAD.encode()[:-9])
        time.sleep(seconds)
        del held

    def slow_head(self, port, seconds):
        self.trickle(port, seconds, b"POST /v1/decide HTTP/1.1\r\nHost: localhost\r\n", b"X-A: b\r\n")

    def slow_content(self, port, seconds):
        self.trickle(port, seconds, f"{HEAD}Content-Length: 100000\r\n\r\n".encode(), b" ")

    def slow_reader(self, port, seconds):
        held = self.open(port, MANY // 4, f"{HEAD}Content-Length: {len(LARGE)}\r\n\r\n{LARGE}".encode() * 16)
        time.sleep(seconds)
        del held

    def huge_head(self, port, seconds):
        self.flood(port, seconds, b"GET / HTTP/1.1\r\nHost: localhost\r\nX-A: ", b"x" * 65536)

    def many_fields(self, port, seconds):
        self.flood(port, seconds, b"GET / HTTP/1.1\r\nHost: localhost\r\n", b"a:b\r\n" * 4000)

    def tiny_chunks(self, port, seconds):
        self.flood(port, seconds, f"{HEAD}Transfer-Encoding: chunked\r\n\r\n".encode(), b"1\r\nx\r\n" * 4000)

    def pipelining(self, port, seconds):
        self.flood(port, seconds, b"", ORDINARY * 200)

    def connections(self, port, seconds):
        end, held = time.monotonic() + seconds, []
        while time.monotonic() < end:
            with contextlib.suppress(OSError):
                held.append(socket.create_connection(("127.0.0.1", port), 1))
            if len(held) > 900:
                held.pop(0).close()

    def silent(self, port, seconds):
        held = [socket.create_connection(("127.0.0.1", port), 5) for _ in range(MANY)]
        time.sleep(seconds)
        del held

    def half_handshake(self, port, seconds):
        held = [socket.create_connection(("127.0.0.1", port), 5) for _ in range(MANY)]
        for connection in held:
            connection.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")
        time.sleep(seconds)

    def handshakes(self, port, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with contextlib.suppress(OSError):
                connect(port, self.directory).close()


# Attack, the limits (one of them ends it), attackers.
ROWS = [
    ("half_sent", ["read-timeout"], 1),
    ("slow_head", ["read-timeout"], 1),
    ("slow_content", ["read-timeout"], 1),
    ("slow_reader", ["write-timeout", "max-memory"], 1),
    ("huge_head", ["head-size"], 2),
    ("many_fields", ["head-size"], 2),
    ("tiny_chunks", ["max-message-size"], 2),
    ("pipelining", ["write-timeout"], 2),
    ("connections", ["evicted-silent"], 2),
    ("silent", ["handshake-timeout"], 1),
]
TLS_ROWS = [("half_handshake", ["handshake-timeout"], 1), ("handshakes", [], 2)]


def run():
    flags = ["--http-listen=127.0.0.1:0", "--handshake-timeout=2s", "--write-timeout=2s"]
    for tls, directory, rows in (("", "", ROWS), ("mutual", str(certificates.directory()), ROWS + TLS_ROWS)):
        for name, limits, attackers in rows:
            under(
                f"HTTP/1.1: {name.replace('_', ' ')}",
                getattr(Attacks(directory), name),
                *flags,
                limits=limits,
                attackers=attackers,
                port="http",
                tls=tls,
                client=lambda daemon, directory=directory: Visitor(daemon.http, directory),
                seconds=4,
            )
