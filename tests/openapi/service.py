"""fingerpostd with its HTTP/JSON port, and requests to it from raw octets."""

import contextlib
import http.client
import io
import pathlib
import re
import socket
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
SECONDS = 60  # for anything; nothing takes long but on a busy machine


@contextlib.contextmanager
def serving(*arguments):
    """HOST:PORT of the HTTP/JSON port, while it serves."""
    command = [ROOT / "build/bin/fingerpostd", "--listen", "127.0.0.1:0", "--http-listen", "127.0.0.1:0", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            yield re.search(r"HTTP/JSON on (\S+)", process.stdout.readline())[1]
        finally:
            process.kill()


class Answer:
    def __init__(self, status, fields, content):
        self.status = status
        self.fields = fields
        self.content = content

    @property
    def type(self):
        return self.fields.get("Content-Type", "").split(";")[0]


def ask(address, octets):
    """Sends the octets unchanged, and reads to the end of the connection."""
    host, port = address.rsplit(":", 1)
    with socket.create_connection((host, int(port)), timeout=SECONDS) as connection:
        with contextlib.suppress(OSError):  # It may be refused before it is read.
            connection.sendall(octets)
        with connection.makefile("rb") as reader:
            text = reader.read()

    class Octets:
        def makefile(self, *_arguments, **_options):
            return io.BytesIO(text)

    response = http.client.HTTPResponse(Octets(), method="HEAD" if octets.startswith(b"HEAD") else "GET")
    response.begin()
    return Answer(response.status, response.headers, response.read())


def head(line, *fields):
    return "\r\n".join([line, "Host: localhost", "Connection: close", *fields, "", ""]).encode()


def post(address, path, content, *fields):
    length = f"Content-Length: {len(content)}"
    return ask(address, head(f"POST {path} HTTP/1.1", "Content-Type: application/json", length, *fields) + content)


def get(address, path, *fields):
    return ask(address, head(f"GET {path} HTTP/1.1", *fields))
