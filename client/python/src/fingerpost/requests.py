"""Safe following for requests: ``session = fingerpost.requests.Session(client)``, then use it as any session.

Each redirect is decided by the service under STRICT. Secrets stay in the process: Authorization, Proxy-Authorization, Cookie and the declared
secret fields are sent to the service without their values. requests keeps the cookies, as ever.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import requests
from requests.cookies import extract_cookies_to_jar, get_cookie_header, merge_cookies
from requests.utils import rewind_body

from fingerpost import hops
from fingerpost._gen.fingerpost.v1 import http_pb2
from fingerpost.client import Client
from fingerpost.hops import Options

__all__ = ["Options", "Session", "Stopped"]


class Stopped(requests.exceptions.RequestException):
    """A redirect that must not be followed. ``hop`` says why; ``response`` is the redirect."""

    def __init__(self, hop: Any, response: requests.Response) -> None:
        super().__init__(f"{hop.stop}: {hop.message}", response=response, request=response.request)
        self.hop = hop

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.hop, self.response)


class Session(requests.Session):
    """A session whose redirects are decided by Fingerpost."""

    def __init__(self, client: Client, options: Options = Options()) -> None:
        super().__init__()
        self.fingerpost = client
        self.follow_options = options

    def resolve_redirects(
        self, resp: requests.Response, req: Any, stream: bool = False, timeout: Any = None, verify: Any = True,
        cert: Any = None, proxies: Any = None, yield_requests: bool = False, **adapter_kwargs: Any,
    ) -> Iterator[Any]:
        chain, history = None, [resp]
        while hops.is_redirect(resp.status_code):
            fields = [(_text(name), _text(value)) for name, value in req.headers.items() if not _is_jars(name, req)]
            hop = self.fingerpost.follow(hops.question(
                method=req.method or "GET", url=req.url or "", fields=fields, body=_body(req), status=resp.status_code,
                response=_response_fields(resp), chain=chain, options=self.follow_options,
            ))
            if hop.next is None:
                if hop.failed:
                    raise Stopped(hop, resp)
                return
            chain = hop.chain
            resp.content  # So that the connection can be used again.
            resp.close()
            req = self._next(req, resp, fields, hop)
            if yield_requests:
                yield req
                return
            proxies = self.rebuild_proxies(req, proxies)
            resp.history = history[1:]
            resp = self.send(
                req, stream=stream, timeout=timeout, verify=verify, cert=cert, proxies=proxies, allow_redirects=False, **adapter_kwargs
            )
            extract_cookies_to_jar(self.cookies, req, resp.raw)
            history.append(resp)
            yield resp

    def _next(self, req: Any, resp: requests.Response, fields: hops.Fields, hop: Any) -> Any:
        following = req.copy()
        following.method, following.url = hop.next.method, hop.next.url
        following.headers = requests.structures.CaseInsensitiveDict(hops.next_fields(fields, hop))
        if hops.drops_body(hop):
            following.body = None
        elif following.body is not None and following._body_position is not None:
            rewind_body(following)
        extract_cookies_to_jar(following._cookies, req, resp.raw)
        merge_cookies(following._cookies, self.cookies)
        following.prepare_cookies(following._cookies)
        return following


def _is_jars(name: str, req: Any) -> bool:
    """The field is the jar's: it stays here, and is made anew for each hop."""
    if name.lower() != "cookie":
        return False
    bare = req.copy()
    bare.headers.pop("Cookie", None)
    return get_cookie_header(bare._cookies, bare) is not None


def _body(req: Any) -> int:
    if req.body is None:
        return http_pb2.BODY_NONE
    if isinstance(req.body, (str, bytes)) or isinstance(req._body_position, int):
        return http_pb2.BODY_REPLAYABLE
    return http_pb2.BODY_ONE_SHOT


def _response_fields(resp: requests.Response) -> Iterator[tuple[str, str]]:
    """As they came: requests joins repeated fields, and two Locations must not become one."""
    for name, value in resp.raw.headers.items():
        yield name, value.encode("latin-1").decode("utf-8", "surrogateescape")


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode("latin-1")
