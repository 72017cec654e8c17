"""Safe following for httpx: ``fingerpost.httpx.Client(client)`` and ``AsyncClient``, then use them as httpx's own.

Each redirect is decided by the service under STRICT. Secrets stay in the process (see fingerpost.requests); httpx keeps the cookies.
"""

from __future__ import annotations

from typing import Any

import httpx

from fingerpost import client as fingerpost_client
from fingerpost import hops
from fingerpost._gen.fingerpost.v1 import http_pb2
from fingerpost.hops import Options

__all__ = ["AsyncClient", "Client", "Options", "Stopped"]


class Stopped(httpx.HTTPError):
    """A redirect that must not be followed. ``hop`` says why; ``response`` is the redirect."""

    def __init__(self, hop: Any, response: httpx.Response) -> None:
        super().__init__(f"{hop.stop}: {hop.message}")
        self.hop = hop
        self.response = response
        self.request = response.request

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.hop, self.response)


class Client(httpx.Client):
    """httpx.Client whose redirects are decided by Fingerpost."""

    def __init__(self, fingerpost: fingerpost_client.Client, options: Options = Options(), **kwargs: Any) -> None:
        super().__init__(**{"follow_redirects": True} | kwargs)
        self.fingerpost = fingerpost
        self.follow_options = options

    def send(self, request: httpx.Request, *, stream: bool = False, auth: Any = httpx.USE_CLIENT_DEFAULT, follow_redirects: Any = httpx.USE_CLIENT_DEFAULT) -> httpx.Response:
        response = super().send(request, stream=stream, auth=auth, follow_redirects=False)
        chain, history = None, list[httpx.Response]()
        while _follows(self, follow_redirects) and hops.is_redirect(response.status_code):
            hop = self.fingerpost.follow(_question(self, response, chain))
            if hop.next is None:
                break
            chain = hop.chain
            response.read()
            history.append(response)
            response = super().send(_next(self, response, hop), stream=stream, auth=None, follow_redirects=False)
            response.history = list(history)
        else:
            return response
        return _stopped(hop, response)


class AsyncClient(httpx.AsyncClient):
    """httpx.AsyncClient whose redirects are decided by Fingerpost."""

    def __init__(self, fingerpost: fingerpost_client.AsyncClient, options: Options = Options(), **kwargs: Any) -> None:
        super().__init__(**{"follow_redirects": True} | kwargs)
        self.fingerpost = fingerpost
        self.follow_options = options

    async def send(self, request: httpx.Request, *, stream: bool = False, auth: Any = httpx.USE_CLIENT_DEFAULT, follow_redirects: Any = httpx.USE_CLIENT_DEFAULT) -> httpx.Response:
        response = await super().send(request, stream=stream, auth=auth, follow_redirects=False)
        chain, history = None, list[httpx.Response]()
        while _follows(self, follow_redirects) and hops.is_redirect(response.status_code):
            hop = await self.fingerpost.follow(_question(self, response, chain))
            if hop.next is None:
                break
            chain = hop.chain
            await response.aread()
            history.append(response)
            response = await super().send(_next(self, response, hop), stream=stream, auth=None, follow_redirects=False)
            response.history = list(history)
        else:
            return response
        return _stopped(hop, response)


def _follows(session: Client | AsyncClient, wish: Any) -> bool:
    return bool(session.follow_redirects if wish is httpx.USE_CLIENT_DEFAULT else wish)


def _stopped(hop: Any, response: httpx.Response) -> httpx.Response:
    if hop.failed:
        raise Stopped(hop, response)
    return response


def _fields(session: Client | AsyncClient, request: httpx.Request) -> hops.Fields:
    """The request's fields but those that the library makes anew: Host, and Cookie when it is the jar's."""
    probe = httpx.Request(request.method, request.url)
    httpx.Cookies(session.cookies).set_cookie_header(probe)
    jar = probe.headers.get("Cookie")
    pairs = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers.raw]
    own_host = request.url.netloc.decode("ascii")
    return [
        (name, value) for name, value in pairs
        if not (name.lower() == "host" and value == own_host) and not (name.lower() == "cookie" and value == jar)
    ]


def _question(session: Client | AsyncClient, response: httpx.Response, chain: Any) -> Any:
    request = response.request
    return hops.question(
        method=request.method, url=str(request.url), fields=_fields(session, request), body=_body(request), status=response.status_code,
        response=[(name.decode("latin-1"), value.decode("utf-8", "surrogateescape")) for name, value in response.headers.raw],
        chain=chain, options=session.follow_options,
    )


def _body(request: httpx.Request) -> int:
    if isinstance(request.stream, httpx.ByteStream):
        return http_pb2.BODY_REPLAYABLE if request.headers.get("Content-Length", "0") != "0" else http_pb2.BODY_NONE
    return http_pb2.BODY_ONE_SHOT


def _next(session: Client | AsyncClient, response: httpx.Response, hop: Any) -> httpx.Request:
    request = response.request
    stream = None if hops.drops_body(hop) or _body(request) == http_pb2.BODY_NONE else request.stream
    fields = hops.next_fields(_fields(session, request), hop)
    if not any(name.lower() == "host" for name, _ in fields):
        # httpx adds Host itself only when it makes the stream, too.
        fields.insert(0, ("Host", httpx.URL(hop.next.url).netloc.decode("ascii")))
    following = httpx.Request(hop.next.method, hop.next.url, headers=fields, stream=stream)
    httpx.Cookies(session.cookies).set_cookie_header(following)
    following.extensions = dict(request.extensions)
    return following
