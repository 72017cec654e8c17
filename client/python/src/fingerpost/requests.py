"""Safe following for requests: ``session = fingerpost.requests.Session(client)``, then use it as any session.

The service decides each redirect, under STRICT. Secrets stay in the process: Authorization, Proxy-Authorization, Cookie and the declared
secret fields are sent to the service without their values. requests keeps the cookies, as ever.
"""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from typing import Any

import requests
import urllib3.exceptions
from requests.adapters import BaseAdapter
from requests.auth import AuthBase
from requests.cookies import MockRequest, extract_cookies_to_jar, get_cookie_header, merge_cookies
from requests.utils import get_netrc_auth, rewind_body

from fingerpost import cookies, hops
from fingerpost._gen.fingerpost.v1 import http_pb2
from fingerpost.client import Client
from fingerpost.hops import Options

__all__ = ["Options", "Session", "Stopped", "TooManyRedirects"]

# A host that no netrc file names (RFC 6761 §6.4).
_NOBODY = "http://netrc.invalid/"


class Stopped(requests.exceptions.RequestException):
    """A redirect that must not be followed, or a first URL that must not be requested.

    ``hop`` says why; ``response`` is the redirect, without its content, or None, and ``response.history`` what came before it.
    """

    def __init__(self, hop: Any, response: requests.Response | None, request: Any = None) -> None:
        super().__init__(f"{hop.stop}: {hop.message}", response=response, request=request)
        self.hop = hop

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.hop, self.response, self.request)


class TooManyRedirects(Stopped, requests.exceptions.TooManyRedirects):
    """The limit is reached, or the redirects form a loop."""


class Session(requests.Session):
    """A session whose redirects are decided by Fingerpost."""

    __attrs__ = [*requests.Session.__attrs__, "fingerpost", "follow_options"]

    def __init__(self, client: Client, options: Options = Options()) -> None:
        super().__init__()
        self.fingerpost = client
        self.follow_options = options

    def prepare_request(self, request: requests.Request) -> requests.PreparedRequest:
        prepared: Any = super().prepare_request(request)
        before = _jars(prepared)
        self._bind_cookies(prepared._cookies, prepared)
        if before is not None and prepared.headers.get("Cookie") == before:
            del prepared.headers["Cookie"]
            prepared.prepare_cookies(prepared._cookies)
        return prepared  # type: ignore[no-any-return]

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        question = self.follow_options.first(request.method or "GET", request.url or "")
        if question is not None and not isinstance(request, _Next):
            hop = self.fingerpost.follow(question)
            if hop.next is None:
                raise Stopped(hop, None, request)
        return super().send(request, **kwargs)

    def resolve_redirects(
        self,
        resp: requests.Response,
        req: Any,
        stream: bool = False,
        timeout: Any = None,
        verify: Any = True,
        cert: Any = None,
        proxies: Any = None,
        yield_requests: bool = False,
        **adapter_kwargs: Any,
    ) -> Iterator[Any]:
        if yield_requests:
            return  # Following is off.
        chain, history = hops.Chain(self.follow_options, self.max_redirects), list[requests.Response]()
        while hops.is_redirect(resp.status_code):
            resp.history = history[:]
            try:
                hop = chain.checked(self.fingerpost.follow(_question(chain, resp, req)))
            except BaseException:
                resp.close()
                raise
            if hop.next is None and not hop.failed:
                return
            _discard(resp)
            if hop.next is None:
                raise (TooManyRedirects if hops.ends_too_many(hop) else Stopped)(hop, resp)
            history.append(resp)
            req = self._next(req, resp, chain, hop)
            proxies = self.rebuild_proxies(req, proxies)
            self.rebuild_auth(req, resp)
            if chain.left:
                cert = None
                _keep_credentials_from(req, chain.secret_fields)
            # As a stream, because a redirect's content must not be decoded. send() reads the last response's content if it is wanted.
            resp = self.send(req, stream=True, timeout=timeout, verify=verify, cert=cert, proxies=proxies, allow_redirects=False, **adapter_kwargs)
            extract_cookies_to_jar(self.cookies, req, resp.raw)
            yield resp

    def rebuild_auth(self, prepared_request: requests.PreparedRequest, response: requests.Response) -> None:
        """Gives the next request, if it has none, the credentials that a netrc file names for its host. ``default`` never applies to a redirect."""
        if self.trust_env and "Authorization" not in prepared_request.headers:
            login = get_netrc_auth(prepared_request.url or "")
            if login is not None and login != get_netrc_auth(_NOBODY):
                prepared_request.prepare_auth(login)

    def _next(self, req: Any, resp: requests.Response, chain: hops.Chain, hop: Any) -> Any:
        following = _Next.of(req)
        following.method, following.url = hop.next.method, hop.next.url
        following.headers = requests.structures.CaseInsensitiveDict(chain.next_fields(hop))
        if hops.drops_body(hop):
            following.body = following._body_position = None
        elif isinstance(following._body_position, int):
            rewind_body(following)
        self._bind_cookies(following._cookies, req)
        extract_cookies_to_jar(following._cookies, req, resp.raw)
        merge_cookies(following._cookies, self.cookies)
        following.hand_set = following.headers.pop("Cookie", None)
        following.prepare_cookies(following._cookies)
        if cookie := cookies.joined(following.headers.get("Cookie"), following.hand_set):
            following.headers["Cookie"] = cookie
        return following

    def _bind_cookies(self, jar: Any, asked: Any) -> None:
        for one in (self.cookies, jar):
            cookies.bind(one, MockRequest(asked))
        cookies.host_only(jar)


class _Next(requests.PreparedRequest):
    """A request that follows from a redirect."""

    hand_set: str | None = None
    """The part of its Cookie field that the caller set."""

    @classmethod
    def of(cls, request: requests.PreparedRequest) -> Any:
        following = cls()
        following.__dict__.update(request.copy().__dict__)
        return following


def _question(chain: hops.Chain, resp: requests.Response, req: Any) -> Any:
    fields = [(_text(name), _text(value)) for name, value in req.headers.items() if name.lower() != "cookie"]
    field = req.headers.get("Cookie")
    hand_set = req.hand_set if isinstance(req, _Next) else cookies.by_hand(field and _text(field), _jars(req))
    if hand_set:
        fields.append(("Cookie", hand_set))
    return chain.question(
        method=req.method or "GET", url=req.url or "", fields=fields, body=_body(req), status=resp.status_code, response=_response_fields(resp)
    )


def _jars(req: Any) -> str | None:
    """The Cookie field that the jar makes anew for each hop; it stays here."""
    bare = req.copy()
    bare.headers.pop("Cookie", None)
    field: str | None = get_cookie_header(bare._cookies, bare)
    return field


def _body(req: Any) -> int:
    if req.body is None:
        return http_pb2.BODY_NONE
    if isinstance(req.body, (str, bytes)):
        return http_pb2.BODY_REPLAYABLE
    known = not hasattr(req.body, "read") or isinstance(req._body_position, int)
    return http_pb2.BODY_REPLAYABLE if known and hops.is_replayable(req.body) else http_pb2.BODY_ONE_SHOT


def _response_fields(resp: requests.Response) -> Iterator[tuple[str, str]]:
    """The response's field lines: requests joins repeated fields, and two Locations must not become one."""
    for name, value in resp.raw.headers.items():
        yield name, value.encode("latin-1").decode("utf-8", "surrogateescape")


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode("latin-1")


def _discard(resp: Any) -> None:
    """Reads the content of a redirect if it is short and complete, so that the connection can be used again; otherwise closes it."""
    if isinstance(resp._content, bytes):
        resp._content_consumed = True
    elif not resp._content_consumed:
        try:
            resp._content_consumed = len(resp.raw.read(hops.MAX_DISCARDED + 1, decode_content=False)) <= hops.MAX_DISCARDED
        except (urllib3.exceptions.HTTPError, http.client.HTTPException, OSError):
            pass
    resp.close()
    if not isinstance(resp._content, bytes):
        resp._content, resp._content_consumed = b"", True


def _keep_credentials_from(req: Any, names: frozenset[str]) -> None:
    """Outside the first origin ``auth=`` answers no challenge (RFC 9110 §11.5), and other hooks run but cannot add credentials."""
    others = [hook for hook in req.hooks["response"] if not isinstance(hook, _Guard) and not isinstance(getattr(hook, "__self__", None), AuthBase)]
    own = {name: value for name, value in req.headers.items() if name.lower() in names}
    req.hooks = {**req.hooks, "response": [_Guard(own, names), *others]}


class _Guard:
    """The first hook: gives the others a connection that knows no credentials but ``own``."""

    def __init__(self, own: dict[str, Any], names: frozenset[str]) -> None:
        self._own, self._names = own, names

    def __call__(self, response: Any, **_: Any) -> None:
        response.connection = _Bare(response.connection, self._own, self._names)


class _Bare(BaseAdapter):
    def __init__(self, adapter: Any, own: dict[str, Any], names: frozenset[str]) -> None:
        super().__init__()
        self._adapter, self._own, self._names = adapter, own, names

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:  # type: ignore[override]
        for name in [name for name in request.headers if name.lower() in self._names]:
            del request.headers[name]
        request.headers.update(self._own)
        response: Any = self._adapter.send(request, **kwargs)
        response.connection = self
        return response  # type: ignore[no-any-return]

    def close(self) -> None:
        self._adapter.close()
