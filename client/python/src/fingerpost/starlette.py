"""FastAPI and Starlette: ``return await fp.redirect(request, "form_result", "/orders/7829/confirmation", flash="Order placed")``.

``fp = Fingerpost(client)``; ``app.add_middleware(Middleware, fingerpost=fp)`` asks the policy for every GET and HEAD.
"""

from __future__ import annotations

from typing import Any

from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from fingerpost import web
from fingerpost.answers import Decision
from fingerpost.client import AsyncClient
from fingerpost.errors import FingerpostError


class Fingerpost:
    """The helper. ``fields``: request fields that the policy's rules look at."""

    def __init__(self, client: AsyncClient, *, fields: frozenset[str] = frozenset()) -> None:
        self.client = client
        self.fields = fields

    async def redirect(self, request: Request, purpose: str, target: str = "", **modifiers: Any) -> Response:
        """The response to an intent. ``modifiers`` are those of Intent, and ``flash`` a text. Raises web.NotSent for an unsafe wish."""
        return _response(await self.client.decide(self.question(request, purpose=purpose, target=target, **modifiers)))

    async def named(self, request: Request, intent_name: str, **parameters: str) -> Response:
        """The response to one of the policy's named intents."""
        return _response(await self.client.decide(self.question(request, intent_name=intent_name, parameters=parameters)))

    def flash(self, request: Request, response: Response) -> str:
        """The flash message, once: ``response`` clears it. Empty when there is none."""
        text, clear = web.read_flash(request.cookies)
        if clear:
            response.raw_headers.append((b"set-cookie", clear.encode("latin-1")))
        return text

    def question(self, request: HTTPConnection, **wish: Any) -> dict[str, Any]:
        """The question that ``request`` asks."""
        return web.question(
            method=request.scope["method"], url=str(request.url), headers=request.headers.items(),
            protocol="HTTP/" + request.scope.get("http_version", ""), extra_fields=self.fields, **wish,
        )


class Middleware:
    """Asks the policy before the application; an answer that is a response is sent, everything else goes on."""

    def __init__(self, app: ASGIApp, fingerpost: Fingerpost) -> None:
        self.app = app
        self.fingerpost = fingerpost

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and web.may_match(scope["method"], str(Request(scope).url)):
            try:
                decision = await self.fingerpost.client.decide(self.fingerpost.question(Request(scope)))
                if decision.must_send:
                    return await _response(decision)(scope, receive, send)
            except FingerpostError as error:
                web.let_pass(error)
        await self.app(scope, receive, send)


def _response(decision: Decision) -> Response:
    fields = web.response_fields(decision)
    response = Response(decision.body, status_code=decision.status)
    response.raw_headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in fields]
    return response
