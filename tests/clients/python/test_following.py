"""requests and httpx with every redirect decided by the service, and their secrets kept from it."""

from __future__ import annotations

import asyncio
import http.server
import io
import pickle
import threading

import grpc
import httpx
import pytest
import requests

import fingerpost
import fingerpost.httpx
import fingerpost.requests
from conftest import client
from fingerpost.hops import Options

SECRETS = ["Bearer-s3cret", "Proxy-s3cret", "Cookie-s3cret", "Key-s3cret", "Jar-s3cret"]


class Origin:
    """A web server that records requests, and redirects by the path: /to/STATUS/URL, /loop."""

    def __init__(self):
        self.seen = seen = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def answer(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                if self.headers.get("Transfer-Encoding") == "chunked":
                    while size := int(self.rfile.readline(), 16):
                        body += self.rfile.read(size)
                        self.rfile.readline()
                    self.rfile.readline()
                seen.append((self.command, self.path, self.headers, body))
                _, kind, *rest = self.path.split("/", 3)
                self.send_response(int(rest[0]) if kind == "to" else 302 if kind == "loop" else 200)
                if kind in ("to", "loop"):
                    self.send_header("Location", rest[1] if rest else self.path)
                    self.send_header("Set-Cookie", "jar=Jar-s3cret; Path=/")
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_GET = do_HEAD = do_POST = do_PUT = answer

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def origins():
    made = [Origin(), Origin()]
    yield made
    for origin in made:
        origin.server.shutdown()


class Wire(grpc.UnaryUnaryClientInterceptor):
    """Every byte that goes to the service."""

    def __init__(self):
        self.octets = b""

    def intercept_unary_unary(self, continuation, details, request):
        self.octets += request.SerializeToString() + repr(details.metadata).encode()
        return continuation(details._replace(timeout=20), request)


@pytest.fixture
def asking(service):
    with fingerpost.Client(service.address, fingerpost.plaintext(), engine="remote") as client:
        wire = Wire()
        stub = client.stub  # Makes the channel.
        assert stub is not None
        from fingerpost._gen.fingerpost.v1 import redirect_service_pb2_grpc

        client._stub = redirect_service_pb2_grpc.RedirectServiceStub(grpc.intercept_channel(client._channel, wire))
        client.wire = wire
        yield client


OPTIONS = Options(secret_fields=("X-Api-Key",))
FIELDS = {"Authorization": "Bearer-s3cret", "Proxy-Authorization": "Proxy-s3cret", "Cookie": "c=Cookie-s3cret", "X-Api-Key": "Key-s3cret", "X-Plain": "p"}


def open_requests(asking):
    return fingerpost.requests.Session(asking, OPTIONS)


def open_httpx(asking):
    return fingerpost.httpx.Client(asking, OPTIONS)


LIBRARIES = pytest.mark.parametrize("library", [open_requests, open_httpx])


@LIBRARIES
def test_secrets_stay_here_and_on_their_origin(asking, origins, library):
    a, b = origins
    with library(asking) as session:
        final = session.post(f"{a.url}/to/307/{a.url}/to/302/{b.url}/end", data=b"x=1", headers=FIELDS)
    assert final.status_code == 200 and [r.status_code for r in final.history] == [307, 302]
    (_, _, first, _), (method, _, same, body) = a.seen
    assert (method, body) == ("POST", b"x=1")
    for name in ("Authorization", "X-Api-Key", "X-Plain"):
        assert same[name] == first[name] == FIELDS[name]
    ((method, _, crossed, body),) = b.seen
    assert (method, body, crossed["X-Plain"]) == ("GET", b"", "p")
    for name in ("Authorization", "Proxy-Authorization", "X-Api-Key", "Content-Type", "Content-Length"):
        assert crossed[name] in (None, "0"), name
    assert "Cookie-s3cret" not in str(crossed["Cookie"])
    for secret in SECRETS:
        assert secret.encode() not in asking.wire.octets, f"{secret} reached the service"
    assert b"X-Api-Key" in asking.wire.octets  # The name travelled, so the test inspects the right bytes.


@LIBRARIES
def test_a_password_in_the_url_stays_here_and_on_its_origin(asking, origins, library):
    a, b = origins
    start = a.url.replace("http://", "http://me:Url-s3cret@")
    with library(asking) as session:
        assert session.get(f"{start}/to/302/{a.url}/to/302/{b.url}/end").status_code == 200
    assert [fields["Authorization"] for _, _, fields, _ in a.seen] == ["Basic bWU6VXJsLXMzY3JldA=="] * 2
    assert b.seen[0][2]["Authorization"] is None
    assert b"s3cret" not in asking.wire.octets and b"/to/302/" in asking.wire.octets


@LIBRARIES
def test_see_other_becomes_get_and_keeps_the_library_s_cookies(asking, origins, library):
    a, _ = origins
    with library(asking) as session:
        final = session.post(f"{a.url}/to/303/{a.url}/end", data=b"x=1")
    assert final.status_code == 200
    method, path, fields, body = a.seen[1]
    assert (method, path, body, fields["Cookie"]) == ("GET", "/end", b"", "jar=Jar-s3cret")


@LIBRARIES
@pytest.mark.parametrize("location", ["file:///etc/passwd", "javascript:alert(1)", "http://u:p@127.0.0.1:1/", "http://[::1/"])
def test_what_must_not_be_followed_raises(asking, origins, library, location):
    a, _ = origins
    refused = (httpx.RemoteProtocolError, httpx.InvalidURL)
    stopped = (fingerpost.requests.Stopped, fingerpost.httpx.Stopped, *refused)
    with library(asking) as session, pytest.raises(stopped) as raised:
        session.get(f"{a.url}/to/302/{location}")
    assert len(a.seen) == 1
    if isinstance(raised.value, refused):
        return  # httpx itself reads Location first, and refuses one that it cannot parse.
    assert raised.value.hop.stop in {"SCHEME_NOT_ALLOWED", "USERINFO", "INVALID_LOCATION"}
    assert raised.value.response.status_code == 302
    twin = pickle.loads(pickle.dumps(raised.value))  # Like an error from a worker process.
    assert (str(twin), twin.hop, twin.response.status_code) == (str(raised.value), raised.value.hop, 302)


@LIBRARIES
def test_a_loop_ends(asking, origins, library):
    a, _ = origins
    with library(asking) as session, pytest.raises((fingerpost.requests.Stopped, fingerpost.httpx.Stopped), match="LOOP"):
        session.get(f"{a.url}/loop")
    assert len(a.seen) == 1


@LIBRARIES
def test_following_can_be_off(asking, origins, library):
    a, _ = origins
    with library(asking) as session:
        off = {"allow_redirects": False} if isinstance(session, requests.Session) else {"follow_redirects": False}
        assert session.get(f"{a.url}/to/302/{a.url}/end", **off).status_code == 302


def test_following_can_be_off_for_all_of_a_client(asking, origins):
    a, _ = origins
    with fingerpost.httpx.Client(asking, follow_redirects=False) as session:
        assert session.get(f"{a.url}/to/302/{a.url}/end").status_code == 302
        assert session.get(f"{a.url}/to/302/{a.url}/end", follow_redirects=True).status_code == 200


def test_a_stream_is_not_sent_twice(asking, origins):
    a, _ = origins
    with open_requests(asking) as session:
        seekable = session.post(f"{a.url}/to/307/{a.url}/end", data=io.BytesIO(b"again"))
        assert seekable.status_code == 200 and a.seen[-1][3] == b"again"
        with pytest.raises(fingerpost.requests.Stopped, match="BODY_NOT_REPLAYABLE"):
            session.post(f"{a.url}/to/307/{a.url}/end", data=iter([b"once"]))
    with open_httpx(asking) as session, pytest.raises(fingerpost.httpx.Stopped, match="BODY_NOT_REPLAYABLE"):
        session.post(f"{a.url}/to/307/{a.url}/end", content=iter([b"once"]))


@pytest.mark.parametrize("mode", ["auto", "local", "remote"])
def test_an_outage_does_not_stop_following(origins, mode):
    a, b = origins
    with client("127.0.0.1:1", mode) as unreachable, fingerpost.requests.Session(unreachable) as session:
        assert session.get(f"{a.url}/to/302/{b.url}/end", headers={"Authorization": "s3cret"}).status_code == 200
    assert (len(a.seen), len(b.seen)) == (1, 1) and "s3cret" not in str(b.seen)


@pytest.mark.parametrize("open_library", [fingerpost.requests.Session, fingerpost.httpx.Client])
def test_not_modified_is_a_result_also_in_an_outage(origins, open_library):
    a, _ = origins
    with fingerpost.Client("127.0.0.1:1", fingerpost.plaintext()) as unreachable, open_library(unreachable) as session:
        assert session.get(f"{a.url}/to/304/x", headers={"If-None-Match": '"x"'}).status_code == 304


def test_httpx_asyncio(service, origins):
    a, _ = origins

    async def run():
        async with fingerpost.AsyncClient(service.address, fingerpost.plaintext(), timeout=20) as asking:
            async with fingerpost.httpx.AsyncClient(asking) as session:
                return await session.post(f"{a.url}/to/303/{a.url}/end", content=b"x")

    final = asyncio.run(run())
    assert isinstance(final, httpx.Response) and final.status_code == 200 and a.seen[-1][0] == "GET"
