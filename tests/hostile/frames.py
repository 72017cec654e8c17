"""An attacker's HTTP/2 frames (RFC 9113 §4, §6), and the fields of a call in HPACK without Huffman."""

import socket
import struct

DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = range(10)
END_STREAM, ACK, END_HEADERS = 1, 1, 4
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DECIDE = "/fingerpost.v1.RedirectService/Decide"
BATCH_DECIDE = "/fingerpost.v1.RedirectService/BatchDecide"
STREAM_DECIDE = "/fingerpost.v1.RedirectService/StreamDecide"
# DecideRequest{request {method: "POST" url: "https://a.example/"} intent {purpose: FORM_RESULT target: "/b"}}
QUESTION = b"\x0a\x1a\x0a\x04POST\x12\x12https://a.example/" + b"\x12\x06\x08\x01\x12\x02/b"


def frame(kind, flags=0, stream=0, payload=b""):
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def number(value, prefix):
    """RFC 7541 §5.1: an integer whose first octet has `prefix` bits."""
    most = (1 << prefix) - 1
    if value < most:
        return bytes([value])
    out = bytes([most])
    value -= most
    while value >= 128:
        out += bytes([value % 128 | 128])
        value //= 128
    return out + bytes([value])


def literal(name, value):
    """A field that no table keeps (RFC 7541 §6.2.2)."""
    name, value = name.encode(), value.encode()
    return b"\x00" + number(len(name), 7) + name + number(len(value), 7) + value


def call_fields(path):
    fields = {":method": "POST", ":scheme": "http", ":path": path, ":authority": "localhost", "content-type": "application/grpc", "te": "trailers"}
    return b"".join(literal(name, value) for name, value in fields.items())


def prefixed(message):
    """A message in gRPC's form: uncompressed, with its length."""
    return b"\x00" + struct.pack(">I", len(message)) + message


def call(stream, path=DECIDE, message=None):
    """A call, with its message if there is one."""
    out = frame(HEADERS, END_HEADERS, stream, call_fields(path))
    if message is not None:
        out += frame(DATA, END_STREAM, stream, prefixed(message))
    return out


# The attackers' TLS: an ssl.SSLContext, set for each case before they start; None is plaintext.
tls = None


def dial(port, source=None):
    """A TCP connection, after its handshake if the service has TLS."""
    connection = socket.create_connection(("127.0.0.1", port), 5, source_address=source)
    return connection if tls is None else tls.wrap_socket(connection)


def connect(port, settings=b"", source=None):
    """A connection that has sent its preface."""
    connection = dial(port, source)
    connection.sendall(PREFACE + frame(SETTINGS, payload=settings))
    return connection
