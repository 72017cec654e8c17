"""Safe following for httpx: ``fingerpost.httpx.Client(client)`` and ``AsyncClient``, then use them as httpx's own.

The service decides each redirect, under STRICT. Secrets stay in the process (see fingerpost.requests); httpx keeps the cookies.
"""

from __future__ import annotations

import urllib.request
from typing import Any

import httpx
from httpx._multipart import FileField, MultipartStream

from fingerpost import client as fingerpost_client
from fingerpost import cookies, hops
from fingerpost._gen.fingerpost.v1 import http_pb2
from fingerpost.hops import Options

__all__ = ["AsyncClient", "Client", "Options", "Stopped", "TooManyRedirects"]

# The only place where httpx follows redirects. It is not part of httpx's public API; without it, no redirect would reach the service.
if not hasattr(httpx.Client, "_send_handling_redirects") or not hasattr(httpx.AsyncClient, "_send_handling_redirects"):
    raise ImportError(f"fingerpost.httpx does not know httpx {httpx.__version__}")


class Stopped(httpx.HTTPError):
    """A redirect that must not be followed, or a first URL that must not be requested.

    ``hop`` says why; ``response`` is the redirect, without its content, or None, and ``response.history`` what came before it.
    """

    def __init__(self, hop: Any, response: httpx.Response | None, request: httpx.Request) -> None:
        super().__init__(f"{hop.stop}: {hop.message}")
        self.hop = hop
        self.response = response
        self.request = request

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.hop, self.response, self.request)


class TooManyRedirects(Stopped, httpx.TooManyRedirects):
    """The limit is reached, or the redirects form a loop."""


class Client(httpx.Client):
    """httpx.Client whose redirects are decided by Fingerpost."""

    def __init__(self, fingerpost: fingerpost_client.Client, options: Options = Options(), **kwargs: Any) -> None:
        super().__init__(**{"follow_redirects": True} | kwargs)
        self.fingerpost = fingerpost
        self.follow_options = options

    def build_request(self, method: str, url: httpx.URL | str, **kwargs: Any) -> httpx.Request:
        return _with_cookies(self, super().build_request(method, url, **kwargs), kwargs)

    def _send_handling_redirects(self, request: httpx.Request, follow_redirects: bool, history: list[httpx.Response]) -> httpx.Response:
        chain = _Chain(self, request)
        if (question := self.follow_options.first(request.method, str(request.url))) is not None:
            chain.begin(self.fingerpost.follow(question))
        while True:
            for hook in self.event_hooks["request"]:
                hook(chain.request)
            response = self._send_single_request(chain.bare())
            try:
                for hook in self.event_hooks["response"]:
                    hook(response)
                response.history = list(history)
                if not follow_redirects or not hops.is_redirect(response.status_code):
                    return response
                hop = chain.checked(self.fingerpost.follow(chain.ask(response)))
                if hop.next is None and not hop.failed:
                    return response
                _discard(response)
                chain.take(hop, response)
            except BaseException:
                response.close()
                raise
            history = [*history, response]


class AsyncClient(httpx.AsyncClient):
    """httpx.AsyncClient whose redirects are decided by Fingerpost."""

    def __init__(self, fingerpost: fingerpost_client.AsyncClient, options: Options = Options(), **kwargs: Any) -> None:
        super().__init__(**{"follow_redirects": True} | kwargs)
        self.fingerpost = fingerpost
        self.follow_options = options

    def build_request(self, method: str, url: httpx.URL | str, **kwargs: Any) -> httpx.Request:
        return _with_cookies(self, super().build_request(method, url, **kwargs), kwargs)

    async def _send_handling_redirects(self, request: httpx.Request, follow_redirects: bool, history: list[httpx.Response]) -> httpx.Response:
        chain = _Chain(self, request)
        if (question := self.follow_options.first(request.method, str(request.url))) is not None:
            chain.begin(await self.fingerpost.follow(question))
        while True:
            for hook in self.event_hooks["request"]:
                await hook(chain.request)
            response = await self._send_single_request(chain.bare())
            try:
                for hook in self.event_hooks["response"]:
                    await hook(response)
                response.history = list(history)
                if not follow_redirects or not hops.is_redirect(response.status_code):
                    return response
                hop = chain.checked(await self.fingerpost.follow(chain.ask(response)))
                if hop.next is None and not hop.failed:
                    return response
                await _adiscard(response)
                chain.take(hop, response)
            except BaseException:
                await response.aclose()
                raise
            history = [*history, response]


Session = Client | AsyncClient


class _Chain(hops.Chain):
    """A chain of httpx's requests; ``request`` is the next one that is sent."""

    def __init__(self, session: Session, request: httpx.Request) -> None:
        super().__init__(session.follow_options, session.max_redirects)
        self._session = session
        self.request = request
        self._secrets: list[tuple[bytes, bytes]] = []
        self._hand_set = cookies.by_hand(request.headers.get("Cookie"), _jars(session, request))
        source = _source(request)
        self._position = source.tell() if hasattr(source, "read") and hops.is_replayable(source) else None

    def begin(self, hop: Any) -> None:
        if hop.next is None:
            raise Stopped(hop, None, self.request)

    def bare(self) -> httpx.Request:
        """The request as it is sent. Once the chain has left its origin, event hooks cannot add credentials."""
        if self.left:
            others = [(name, value) for name, value in self.request.headers.raw if not self._is_secret(name)]
            self.request.headers = httpx.Headers(others + self._secrets)
        return self.request

    def ask(self, response: httpx.Response) -> Any:
        """The question about ``response``."""
        request = self.request
        own_host = request.url.netloc.decode("ascii")
        pairs = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers.raw if name.lower() != b"cookie"]
        fields = [(name, value) for name, value in pairs if not (name.lower() == "host" and value == own_host)]
        if self._hand_set:
            fields.append(("Cookie", self._hand_set))
        return self.question(
            method=request.method,
            url=str(request.url),
            fields=fields,
            body=_body(request),
            status=response.status_code,
            response=[(name.decode("latin-1"), value.decode("utf-8", "surrogateescape")) for name, value in response.headers.raw],
        )

    def checked(self, hop: Any) -> Any:
        """As hops.Chain.checked; httpx takes names by stricter rules (IDNA 2008)."""
        try:
            if hop.next is not None:
                _ = httpx.URL(hop.next.url).host
        except (httpx.InvalidURL, UnicodeError) as error:
            return self.unusable(hop, error)
        return super().checked(hop)

    def take(self, hop: Any, response: httpx.Response) -> None:
        """Turns ``request`` into the hop's. Raises Stopped."""
        if hop.next is None:
            raise (TooManyRedirects if hops.ends_too_many(hop) else Stopped)(hop, response, self.request)
        request = self.request
        fields = self.next_fields(hop)
        self._hand_set = next((value for name, value in fields if name.lower() == "cookie"), None)
        fields = [field for field in fields if field[0].lower() != "cookie"]
        names = {name.lower() for name, _ in fields}
        if "host" not in names:
            # httpx adds Host itself only when it makes the stream, too.
            fields.insert(0, ("Host", httpx.URL(hop.next.url).netloc.decode("ascii")))
        has_content = not hops.drops_body(hop) and _body(request) != http_pb2.BODY_NONE
        if has_content and not names & {"content-length", "transfer-encoding"}:
            fields.append(("Transfer-Encoding", "chunked"))
        if has_content and self._position is not None:
            _source(request).seek(self._position)
        following = httpx.Request(hop.next.method, hop.next.url, headers=fields, stream=request.stream if has_content else httpx.ByteStream(b""))
        cookies.bind(self._session.cookies.jar, urllib.request.Request(str(request.url)))
        if cookie := cookies.joined(_jars(self._session, following), self._hand_set):
            following.headers["Cookie"] = cookie
        following.extensions = dict(request.extensions)
        self.request = following
        self._secrets = [(name, value) for name, value in following.headers.raw if self._is_secret(name)]

    def _is_secret(self, name: bytes) -> bool:
        return name.decode("latin-1").lower() in self.secret_fields


def _with_cookies(session: Session, request: httpx.Request, given: dict[str, Any]) -> httpx.Request:
    """``request`` with its host's cookies; those without a domain belong to it from now on."""
    asked = urllib.request.Request(str(request.url))
    cookies.bind(session.cookies.jar, asked)
    if "Cookie" not in session.headers and "Cookie" not in httpx.Headers(given.get("headers")):
        request.headers.pop("Cookie", None)
        jar = httpx.Cookies(session.cookies)
        jar.update(given.get("cookies"))
        cookies.bind(jar.jar, asked)
        cookies.host_only(jar.jar)
        jar.set_cookie_header(request)
    return request


def _jars(session: Session, request: httpx.Request) -> str | None:
    """The Cookie field that the jar makes anew for each hop; it stays here."""
    probe = httpx.Request("GET", request.url)
    jar = httpx.Cookies(session.cookies)
    cookies.host_only(jar.jar)
    jar.set_cookie_header(probe)
    field: str | None = probe.headers.get("Cookie")
    return field


def _source(request: httpx.Request) -> Any:
    """The caller's file or iterable that httpx reads the content from."""
    return None if isinstance(request.stream, httpx.ByteStream) else getattr(request.stream, "_stream", None)


def _body(request: httpx.Request) -> int:
    stream = request.stream
    if isinstance(stream, httpx.ByteStream):
        return http_pb2.BODY_REPLAYABLE if any(stream) else http_pb2.BODY_NONE
    if isinstance(stream, MultipartStream):
        files = [field.file for field in stream.fields if isinstance(field, FileField)]
        again = all(isinstance(file, (str, bytes)) or hops.is_replayable(file) for file in files)
    else:
        again = hops.is_replayable(_source(request))
    return http_pb2.BODY_REPLAYABLE if again else http_pb2.BODY_ONE_SHOT


def _discard(response: httpx.Response) -> None:
    """Drops the content of a redirect together with the connection: whatever follows damaged content would be taken for the next response."""
    if response.is_closed:
        return  # A hook has read it.
    if _is_empty(response):
        for _ in response.stream:  # type: ignore[union-attr]
            break
    response.close()
    response._content = b""


async def _adiscard(response: httpx.Response) -> None:
    """As _discard."""
    if response.is_closed:
        return
    if _is_empty(response):
        async for _ in response.stream:  # type: ignore[union-attr]
            break
    await response.aclose()
    response._content = b""


def _is_empty(response: httpx.Response) -> bool:
    """The connection can be used again."""
    return response.headers.get("Content-Length") == "0" and "Transfer-Encoding" not in response.headers
