"""Django: ``return redirect(request, "form_result", "/orders/7829/confirmation", flash="Order placed")``.

Settings: ``FINGERPOST = {"ADDRESS": "127.0.0.1:50051", "TRANSPORT": fingerpost.plaintext()}``, optionally ``"FIELDS": ["X-Route"]`` for request fields
that the policy's rules look at, ``"TIMEOUT"`` in seconds and ``"ON_ERROR"`` as those of Client; or
``"CLIENT"``, a client of your own, as a test's fake. ``"fingerpost.django.Middleware"`` in MIDDLEWARE asks the policy for every GET and HEAD, and clears flash
messages that a view has read with ``flash(request)``.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from fingerpost import web
from fingerpost.answers import Decision
from fingerpost.client import Client
from fingerpost.errors import FingerpostError


@functools.cache
def client() -> Client:
    """The one client of this project."""
    ours = settings.FINGERPOST
    return ours.get("CLIENT") or Client(ours["ADDRESS"], ours["TRANSPORT"], on_error=ours.get("ON_ERROR", "fallback"), timeout=ours.get("TIMEOUT"))


def redirect(request: HttpRequest, purpose: str, target: str = "", **modifiers: Any) -> HttpResponse:
    """The response to an intent. ``modifiers`` are those of Intent, and ``flash`` a text. Raises web.NotSent for an unsafe wish."""
    return _response(client().decide(_question(request, purpose=purpose, target=target, **modifiers)))


def named(request: HttpRequest, intent_name: str, **parameters: str) -> HttpResponse:
    """The response to one of the policy's named intents."""
    return _response(client().decide(_question(request, intent_name=intent_name, parameters=parameters)))


def flash(request: HttpRequest) -> str:
    """The flash message, once: with the middleware, the response clears it. Empty when there is none."""
    text, clear = web.read_flash(request.COOKIES)
    if clear:
        request.fingerpost_clear = clear
    return text


class Middleware:
    """Asks the policy before the view; an answer that is a response is sent, everything else goes on."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if web.may_match(request.method, request.build_absolute_uri()):
            try:
                decision = client().decide(_question(request))
                if decision.must_send:
                    return _response(decision)
            except FingerpostError as error:
                web.let_pass(error)
        response = self.get_response(request)
        clear = getattr(request, "fingerpost_clear", "")
        if clear:
            _set_cookie(response, clear)
        return response


def _question(request: HttpRequest, **wish: Any) -> dict[str, Any]:
    return web.question(
        method=request.method or "GET", url=request.build_absolute_uri(), headers=request.headers.items(),
        protocol=request.META.get("SERVER_PROTOCOL", ""), extra_fields=frozenset(settings.FINGERPOST.get("FIELDS", ())), **wish,
    )


def _response(decision: Decision) -> HttpResponse:
    fields = web.response_fields(decision)
    response = HttpResponse(decision.body, status=decision.status)
    del response["Content-Type"]
    for name, value in fields:
        if name.lower() == "set-cookie":
            _set_cookie(response, value)
        else:
            response[name] = value
    return response


def _set_cookie(response: HttpResponse, line: str) -> None:
    """A Set-Cookie line as it stands."""
    pair, *attributes = line.split("; ")
    name, _, value = pair.partition("=")
    response.cookies[name] = ""
    morsel = response.cookies[name]
    morsel.set(name, value, value)
    for attribute in attributes:
        key, _, setting = attribute.partition("=")
        morsel[key.lower()] = setting or True
