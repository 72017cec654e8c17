"""FastAPI and Starlette: ``return await fp.redirect(request, "form_result", "/orders/7829/confirmation", flash="Order placed")``.

``fp = Fingerpost(client)``; ``app.add_middleware(Middleware, fingerpost=fp)`` asks the policy for every request.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fingerpost import page, web
from fingerpost.answers import Decision, Headers
from fingerpost.client import AsyncClient
from fingerpost.errors import FingerpostError

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from fingerpost.wishes import Modifiers, Purpose, Target


class Fingerpost:
    """The helper. ``fields``: request fields that the policy's rules look at; ``exempt``: paths that the middleware lets pass, with everything below them."""

    def __init__(self, client: AsyncClient, *, fields: frozenset[str] = frozenset(), exempt: Iterable[str] = ()) -> None:
        self.client = client
        self.fields = fields
        self.exempt = tuple(exempt)

    async def redirect(self, request: Request, purpose: Purpose, target: Target = "", **modifiers: Unpack[Modifiers]) -> Response:
        """The response to an intent. Raises HTTPException, 400 for an unsafe redirect and 503 without an answer; web.NotSent if the answer is no response."""
        return await self._answered(request, purpose=purpose, target=target, **modifiers)

    async def named(self, request: Request, intent_name: str, **parameters: str) -> Response:
        """The response to one of the policy's named intents. Raises as redirect does."""
        return await self._answered(request, intent_name=intent_name, parameters=parameters)

    async def back(self, request: Request, next: Target | None, or_: Target = "/") -> Response:
        """Back to where a login came from, if that is safe; to ``or_`` if it is unsafe or missing."""
        first, *others = web.ways_back(next, or_)
        try:
            return await self._answered(request, **first)
        except HTTPException as error:
            if error.status_code != 400 or not others:
                raise
            return await self._answered(request, **others[0])

    async def _answered(self, request: Request, **wish: Any) -> Response:
        try:
            return _response(await self.client.decide(self.question(request, **wish)))
        except FingerpostError as error:
            if web.status_of(error) == 400:
                raise HTTPException(400, web.REFUSED) from None
            raise HTTPException(503, web.UNAVAILABLE, {"Retry-After": str(web.RETRY_AFTER)}) from None

    def flash(self, request: Request, response: Response) -> str:
        """The flash message, once: ``response`` clears it. Empty when there is none."""
        text, clear = web.read_flash(request.cookies)
        if clear:
            response.raw_headers.append((b"set-cookie", clear.encode("latin-1")))
        return text

    def question(self, request: HTTPConnection, **wish: Any) -> dict[str, Any]:
        """The question that ``request`` asks."""
        return web.question(
            method=request.scope["method"],
            url=url_of(request),
            headers=request.headers.items(),
            protocol="HTTP/" + request.scope.get("http_version", ""),
            extra_fields=self.fields,
            **wish,
        )


class Middleware:
    """Asks the policy before the application. It sends an answer that is a response; all other requests go on to the application."""

    def __init__(self, app: ASGIApp, fingerpost: Fingerpost) -> None:
        self.app = app
        self.fingerpost = fingerpost

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":  # Connect while the server starts.
            connecting = asyncio.create_task(self.fingerpost.client.ready())
            try:
                return await self.app(scope, receive, send)
            finally:
                connecting.cancel()
        added: Headers = ()
        if scope["type"] == "http" and web.may_match(scope["method"], url_of(Request(scope)), Request(scope).headers, self.fingerpost.exempt):
            try:
                decision = await self.fingerpost.client.decide(self.fingerpost.question(Request(scope)))
                if decision.must_send:
                    return await _response(decision)(scope, receive, send)
                added = decision.headers
            except FingerpostError as error:
                if error.code != "INVALID_ARGUMENT":
                    # Nothing outside the application turns an HTTPException into a response.
                    web.status_of(error)
                    return await PlainTextResponse(web.UNAVAILABLE, 503, {"Retry-After": str(web.RETRY_AFTER)})(scope, receive, send)

        async def with_added(message: Message) -> None:
            if added and message["type"] == "http.response.start":
                headers = MutableHeaders(raw=list(message.get("headers", ())))
                for name, value in page.replaced(added, headers.getlist):
                    headers[name] = value
                for line in page.cookies(added):
                    headers.append("Set-Cookie", line)
                message = {**message, "headers": headers.raw}
            await send(message)

        await self.app(scope, receive, with_added)


def url_of(request: HTTPConnection) -> str:
    """The URL asked, its path as sent."""
    return web.asgi_url(request.scope, request.url.scheme, request.url.netloc)


def _response(decision: Decision) -> Response:
    fields = web.response_fields(decision)
    response = Response(decision.body, status_code=decision.status)
    response.raw_headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in fields]
    return response
