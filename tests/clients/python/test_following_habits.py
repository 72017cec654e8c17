"""The libraries' usual behaviour stays: repeated content, discarded content, following switched off, limits, auth flows."""

from __future__ import annotations

import asyncio
import io
import pickle
import tempfile
import tracemalloc
import zlib

import httpx
import pytest
import requests

import fingerpost
import fingerpost.httpx
import fingerpost.requests
from conftest import client
from fingerpost import hops
from fingerpost.hops import Options
from rows import RowsClient
from libraries import LIBRARIES, STOPPED, open_httpx, open_requests
from web import to

UNREACHABLE = "127.0.0.1:1"


# Content that is sent again.


def opened(octets):
    file = tempfile.TemporaryFile()
    file.write(octets)
    file.seek(0)
    return file


class Again:
    """An iterable that can be iterated again."""

    def __iter__(self):
        return iter([b"on", b"ce"])


AGAIN = {"bytes": lambda: b"once", "str": lambda: "once", "BytesIO": lambda: io.BytesIO(b"once"), "file": lambda: opened(b"once"), "iterable": Again}
REPLAYED = (
    [("requests", name, {"data": make}) for name, make in AGAIN.items()]
    + [("httpx", name, {"content": make}) for name, make in AGAIN.items()]
    + [
        ("httpx", "list", {"content": lambda: [b"on", b"ce"]}),
        ("httpx", "form", {"data": lambda: {"a": "once"}}),
        ("httpx", "json", {"json": lambda: "once"}),
        *(
            (library, f"files, {name}", {"files": lambda make=make: {"f": make()}})
            for library in ("requests", "httpx")
            for name, make in list(AGAIN.items())[2:4]
        ),
        ("httpx", "files, bytes", {"files": lambda: {"f": b"once"}, "data": lambda: {"a": "b"}}),
    ]
)


@pytest.mark.parametrize("status", [307, 308])
@pytest.mark.parametrize("library, name, content", REPLAYED, ids=[f"{library}, {name}" for library, name, _ in REPLAYED])
def test_what_the_library_can_send_again_is(asking, web, status, library, name, content):
    web.pages["/"] = to("/two", status)
    web.pages["/two"] = to("/three", status)
    with (open_requests if library == "requests" else open_httpx)(asking) as session:
        assert session.post(f"{web.url}/", **{key: make() for key, make in content.items()}).status_code == 200
    first, *later = web.seen
    assert len(later) == 2 and b"once" in first.body
    for again in later:
        framing = ("Content-Type", "Content-Length", "Transfer-Encoding")
        assert (again.method, again.body, *(again.fields[field] for field in framing)) == ("POST", first.body, *(first.fields[field] for field in framing))


@pytest.mark.parametrize(
    "library, content",
    [
        ("requests", lambda: {"data": (piece for piece in [b"once"])}),
        ("requests", lambda: {"data": iter([b"once"])}),
        ("httpx", lambda: {"content": (piece for piece in [b"once"])}),
        ("httpx", lambda: {"content": iter([b"once"])}),
    ],
)
def test_what_can_be_sent_once_is_sent_once(asking, web, library, content):
    web.pages["/"] = to("/two", 307)
    with (open_requests if library == "requests" else open_httpx)(asking) as session:
        with pytest.raises(STOPPED, match="BODY_NOT_REPLAYABLE"):
            session.post(f"{web.url}/", **content())
        web.pages["/"] = to("/two", 303)
        assert session.post(f"{web.url}/", **content()).status_code == 200
    assert web.seen[-1].method == "GET" and web.seen[-1].body == b""


def test_httpx_asyncio_sends_again(service, web):
    web.pages["/"] = to("/two", 307)

    async def once():
        yield b"once"

    class Again:
        def __aiter__(self):
            return once()

    async def run():
        async with fingerpost.AsyncClient(service.address, fingerpost.plaintext(), timeout=20) as asking:
            async with fingerpost.httpx.AsyncClient(asking) as session:
                for content in ({"files": {"f": io.BytesIO(b"once")}}, {"content": Again()}):
                    assert (await session.post(f"{web.url}/", **content)).status_code == 200
                    assert b"once" in web.seen[-1].body and web.seen[-1].body == web.seen[-2].body
                with pytest.raises(STOPPED, match="BODY_NOT_REPLAYABLE"):
                    await session.post(f"{web.url}/", content=once())

    asyncio.run(run())


# Following that is off.


def test_following_that_is_off_asks_nobody(web):
    for status in (301, 302, 303, 307, 308, 300):
        web.pages["/"] = [(status, {"Location": "file:///etc/passwd"}, b"as it came")]
        with client(UNREACHABLE, on_error="raise") as nobody, fingerpost.requests.Session(nobody) as session:
            answers = [session.get(f"{web.url}/", allow_redirects=False), session.head(f"{web.url}/")]
            assert [answer.status_code for answer in answers] == [status] * 2 and answers[0].text == "as it came" and answers[0].next is None
        with client(UNREACHABLE, on_error="raise") as nobody, fingerpost.httpx.Client(nobody, follow_redirects=False) as session:
            answer = session.get(f"{web.url}/")
            assert (answer.status_code, answer.text, answer.has_redirect_location) == (status, "as it came", status != 300)


@LIBRARIES
def test_each_hop_is_asked_about_once(web, library):
    fake = RowsClient(
        [{"follow": {"request": {"url": f"{web.url}/{i}"}}, "answer": {"next": {"method": "GET", "url": f"{web.url}/{i + 1}"}}} for i in range(2)]
    )
    web.pages.update({"/0": to("/1"), "/1": to("/2")})
    with library(fake) as session:
        assert session.get(f"{web.url}/0").status_code == 200
    assert len(fake.questions) == 2


# Content of redirects.


def bomb():
    """509 KiB that decode to half a gigabyte."""
    packing = zlib.compressobj(9, zlib.DEFLATED, 31)
    packed = b"".join(packing.compress(b"\0" * (1 << 20)) for _ in range(510))
    return packed + packing.flush()


BOMB = bomb()
DAMAGED = {
    "plain text as gzip": ({"Content-Encoding": "gzip"}, b"plain text"),
    "cut chunks": ({"Transfer-Encoding": "chunked", "Connection": "close"}, b"20\r\ncut"),
    "no chunks": ({"Transfer-Encoding": "chunked", "Connection": "close"}, b"no chunks at all\r\n"),
    "too short": ({"Content-Length": "100", "Connection": "close"}, b"short"),
    "too long": ({"Content-Length": "3"}, b"longer than it says"),
    "a bomb": ({"Content-Encoding": "gzip"}, BOMB),
    "a bomb, chunked": ({"Content-Encoding": "gzip", "Transfer-Encoding": "chunked"}, b"%x\r\n%s\r\n0\r\n\r\n" % (len(BOMB), BOMB)),
    "an unknown coding": ({"Content-Encoding": "br, zstd"}, b"nonsense"),
}


@LIBRARIES
@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("damage", DAMAGED)
def test_the_content_of_a_redirect_is_discarded(asking, web, library, damage, stream):
    fields, content = DAMAGED[damage]
    web.pages["/"] = [(302, {"Location": "/two", **fields}, content)]
    web.pages["/two"] = [(302, {"Location": "/three", **fields}, content)]
    with library(asking) as session:
        if isinstance(session, requests.Session):
            final = session.get(f"{web.url}/", stream=stream)
        else:
            final = session.send(session.build_request("GET", f"{web.url}/"), stream=stream)
            final.read()
        assert (final.content, [one.content for one in final.history]) == (b"content", [b"", b""])


def test_httpx_asyncio_discards_it_too(service, web):
    async def run():
        async with fingerpost.AsyncClient(service.address, fingerpost.plaintext(), timeout=20) as asking:
            async with fingerpost.httpx.AsyncClient(asking) as session:
                for fields, content in DAMAGED.values():
                    web.pages["/"] = [(302, {"Location": "/two", **fields}, content)]
                    assert (await session.get(f"{web.url}/")).content == b"content"

    asyncio.run(run())


@LIBRARIES
def test_a_bomb_costs_no_memory(asking, web, library):
    assert len(BOMB) > 400 * 1024
    web.pages["/"] = [(302, {"Location": "/two", "Content-Encoding": "gzip"}, BOMB)]
    with library(asking) as session:
        session.get(f"{web.url}/two")
        tracemalloc.start()
        session.get(f"{web.url}/")
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < 4 * 1024 * 1024


@LIBRARIES
def test_a_connection_is_used_again_where_that_is_cheap(asking, web, library):
    web.pages["/"] = [(302, {"Location": "/two"}, b"x" * (hops.MAX_DISCARDED if library is open_requests else 0))]
    with library(asking) as session:
        session.get(f"{web.url}/")
        assert web.server.connections == 1
        web.pages["/"] = [(302, {"Location": "/two"}, b"x" * (4 * hops.MAX_DISCARDED))]
        session.get(f"{web.url}/")
        assert web.server.connections == 2


# What Location may hold.


@LIBRARIES
@pytest.mark.parametrize(
    "location, outcome",
    [
        ("/a\tb", "/ab"),
        ("\thttp://HOST/x", "/x"),
        ("http://HOST/a\x01b", "/a%01b"),
        ("data:,x", "SCHEME_NOT_ALLOWED"),
        ("mailto:a@b.test", "SCHEME_NOT_ALLOWED"),
        ("http://\U0001f4a9.test/", None),
        ("http://a\x01b.test/", "INVALID_LOCATION"),
        ("http://", "INVALID_LOCATION"),
        ("javascript:alert(1)", "SCHEME_NOT_ALLOWED"),
        ("http://a..b.test/", "INVALID_LOCATION"),
        (f"http://{'a' * 64}.test/", "INVALID_LOCATION"),
        ("http://%41:1:2/", "INVALID_LOCATION"),
        ("/\U0001f4a9", "/%F0%9F%92%A9"),
    ],
)
def test_a_strange_location_is_repaired_or_a_stop(asking, web, library, location, outcome):
    octets = location.replace("HOST", web.url.removeprefix("http://")).encode().decode("latin-1")
    web.pages["/"] = to(octets)
    with library(asking) as session:
        try:
            session.get(f"{web.url}/")
            assert web.seen[-1].path == outcome
        except STOPPED as stopped:
            assert stopped.hop.stop == (outcome or "INVALID_LOCATION") and stopped.response.status_code == 302
        except (requests.ConnectionError, httpx.ConnectError):
            assert outcome is None  # Followed: there is no such host. httpx cannot express such a URL.


# Auth flows.


class Token(httpx.Auth):
    """Gets a new token when the old one is refused."""

    def __init__(self):
        self.token, self.statuses = "old", []

    def auth_flow(self, request):
        request.headers["Authorization"] = self.token
        response = yield request
        self.statuses.append(response.status_code)
        if response.status_code == 401:
            request.headers["Authorization"] = self.token = "new"
            yield request


def test_an_auth_flow_sees_what_lies_behind_a_redirect(service, asking, web):
    def pages():
        web.pages.update({"/": to("/two"), "/two": [(401, {}, b""), (200, {}, b"in")]})

    pages()
    auth = Token()
    with open_httpx(asking, auth=auth) as session:
        final = session.get(f"{web.url}/")
    assert (final.text, auth.statuses) == ("in", [401])
    assert [(seen.path, seen.fields["Authorization"]) for seen in web.seen] == [("/", "old"), ("/two", "old"), ("/", "new"), ("/two", "new")]
    pages()

    async def run():
        async with fingerpost.AsyncClient(service.address, fingerpost.plaintext(), timeout=20) as asking:
            async with fingerpost.httpx.AsyncClient(asking, auth=Token()) as session:
                return (await session.get(f"{web.url}/")).text

    assert asyncio.run(run()) == "in"


# Limits, exceptions, pickles.


@LIBRARIES
@pytest.mark.parametrize("by_options", [False, True])
def test_the_library_s_limit_is_the_limit(asking, web, library, by_options):
    web.pages.update({f"/{i}": to(f"/{i + 1}") for i in range(40)})
    too_many = (requests.TooManyRedirects, httpx.TooManyRedirects)
    with library(asking, Options(limit=3)) if by_options else library(asking) as session:
        session.max_redirects = 30 if by_options else 3
        with pytest.raises(too_many, match="LIMIT") as raised:
            session.get(f"{web.url}/0")
        assert isinstance(raised.value, STOPPED) and len(web.seen) == 4
        stopped = pickle.loads(pickle.dumps(raised.value)) if isinstance(session, requests.Session) else raised.value
        assert [one.status_code for one in stopped.response.history] == [302] * 3 and stopped.hop.stop == "LIMIT"
        assert session.get(f"{web.url}/37").status_code == 200
        session.max_redirects = 1000  # More than the service would count to.
        assert by_options or session.get(f"{web.url}/20").status_code == 200
        web.pages["/loop"] = to("/loop")
        with pytest.raises(too_many, match="LOOP"):
            session.get(f"{web.url}/loop")


def test_httpx_limit_is_an_argument(asking, web):
    web.pages.update({"/": to("/two"), "/two": to("/three")})
    with open_httpx(asking, max_redirects=1) as session, pytest.raises(httpx.TooManyRedirects):
        session.get(f"{web.url}/")


@pytest.mark.parametrize("transport", [fingerpost.plaintext(), fingerpost.tls(server_name="a.test")])
def test_a_session_can_be_pickled(service, web, transport):
    web.pages["/"] = to("/two")
    with fingerpost.Client(service.address, transport, timeout=20) as asking, fingerpost.requests.Session(asking, Options(limit=7)) as session:
        session.cookies.set("s", "1")
        if transport.credentials is None:
            session.get(f"{web.url}/")
        twin = pickle.loads(pickle.dumps(session))
    assert twin.follow_options == Options(limit=7) and (twin.fingerpost._transport.credentials is None) == (transport.credentials is None)
    if transport.credentials is None:
        twin.fingerpost._closed = False
        assert twin.get(f"{web.url}/").status_code == 200 and web.seen[-1].fields["Cookie"] == "s=1"


def test_an_outage_is_no_exit(web):
    web.pages["/"] = to("/two")
    with client(UNREACHABLE, on_error="raise") as nobody, open_httpx(nobody) as session, pytest.raises(fingerpost.FingerpostError):
        session.get(f"{web.url}/")
    with client(UNREACHABLE, on_error="raise") as nobody, open_requests(nobody) as session, pytest.raises(fingerpost.FingerpostError):
        session.get(f"{web.url}/")
