"""Django: ``return redirect(request, "form_result", "/orders/7829/confirmation", flash="Order placed")``.

Settings: ``FINGERPOST = {"ADDRESS": "127.0.0.1:50051", "TRANSPORT": fingerpost.plaintext()}``, optionally ``"FIELDS": ["X-Route"]`` for request fields
that the policy's rules look at, ``"EXEMPT": ["/healthz"]`` for paths, and what is below them, that the middleware lets pass, ``"ENGINE"``, ``"SELECTOR"``,
``"POLICY_FILE"``, ``"TIMEOUT"``, ``"ON_ERROR"`` and ``"ON_FALLBACK"`` as those of Client; or ``"CLIENT"``, a client of your own, as a test's fake. ``"fingerpost.django.Middleware"`` in MIDDLEWARE asks the policy for every request, and clears flash
messages that a view has read with ``flash(request)``.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse

from fingerpost import page, web
from fingerpost.answers import Decision, Headers
from fingerpost.client import Client
from fingerpost.errors import FingerpostError

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from fingerpost.wishes import Modifiers, Purpose, Target


_OPTIONS = ("engine", "selector", "policy_file", "timeout", "on_error", "on_fallback")


@functools.cache
def client() -> Client:
    """The one client of this project."""
    ours = settings.FINGERPOST
    options = {name: ours[name.upper()] for name in _OPTIONS if name.upper() in ours}
    return ours.get("CLIENT") or Client(ours["ADDRESS"], ours["TRANSPORT"], **options)


class Refused(SuspiciousOperation):  # type: ignore[misc]  # Django has no types.
    """A visitor's unsafe or wrong value: Django answers 400."""


def redirect(request: HttpRequest, purpose: Purpose, target: Target = "", **modifiers: Unpack[Modifiers]) -> HttpResponse:
    """The response to an intent; 503 without an answer. Raises Refused for an unsafe redirect, web.NotSent if the answer is no response."""
    return _answered(request, purpose=purpose, target=target, **modifiers)


def named(request: HttpRequest, intent_name: str, **parameters: str) -> HttpResponse:
    """The response to one of the policy's named intents. As redirect."""
    return _answered(request, intent_name=intent_name, parameters=parameters)


def back(request: HttpRequest, next: Target | None, or_: Target = "/") -> HttpResponse:
    """Back to where a login came from, if that is safe; to ``or_`` if it is unsafe or missing."""
    first, *others = web.ways_back(next, or_)
    try:
        return _answered(request, **first)
    except Refused:
        if not others:
            raise
        return _answered(request, **others[0])


def _answered(request: HttpRequest, **wish: Any) -> HttpResponse:
    try:
        return _response(client().decide(_question(request, **wish)))
    except FingerpostError as error:
        if web.status_of(error) == 400:
            raise Refused(web.REFUSED) from None
        return _unavailable()


def _unavailable() -> HttpResponse:
    return HttpResponse(web.UNAVAILABLE, status=503, content_type="text/plain", headers={"Retry-After": str(web.RETRY_AFTER)})


def flash(request: HttpRequest) -> str:
    """The flash message, once: with the middleware, the response clears it. Empty when there is none."""
    text, clear = web.read_flash(request.COOKIES)
    if clear:
        request.fingerpost_clear = clear
    return text


class Middleware:
    """Asks the policy before the view. It sends an answer that is a response; all other requests go on to the view."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        added: Headers = ()
        if web.may_match(request.method, _url(request), request.headers, settings.FINGERPOST.get("EXEMPT", ())):
            try:
                decision = client().decide(_question(request))
                if decision.must_send:
                    return _response(decision)
                added = decision.headers
            except FingerpostError as error:
                if error.code != "INVALID_ARGUMENT":
                    web.status_of(error)
                    return _unavailable()
        response = self.get_response(request)
        clear = getattr(request, "fingerpost_clear", "")
        if clear:
            _set_cookie(response, clear)
        for name, value in page.replaced(added, lambda name: [response[name]] if name in response else []):
            response[name] = value
        for line in page.cookies(added):
            _set_cookie(response, line)
        return response


def _url(request: HttpRequest) -> str:
    """The URL asked, its path as sent."""
    scope = getattr(request, "scope", None)
    if scope is not None:
        return web.asgi_url(scope, request.scheme or "http", request.get_host())
    # Django has read these two as UTF-8 already; WSGI has one character for each octet.
    octets = {name: request.META.get(name, "").encode().decode("latin-1") for name in ("SCRIPT_NAME", "PATH_INFO")}
    return web.wsgi_url({**request.META, **octets}, request.scheme or "http", request.get_host())


def _question(request: HttpRequest, **wish: Any) -> dict[str, Any]:
    return web.question(
        method=request.method or "GET",
        url=_url(request),
        headers=request.headers.items(),
        protocol=request.META.get("SERVER_PROTOCOL", ""),
        extra_fields=frozenset(settings.FINGERPOST.get("FIELDS", ())),
        **wish,
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
    """Adds a Set-Cookie line unchanged."""
    pair, *attributes = line.split("; ")
    name, _, value = pair.partition("=")
    response.cookies[name] = ""
    morsel = response.cookies[name]
    morsel.set(name, value, value)
    for attribute in attributes:
        key, _, setting = attribute.partition("=")
        morsel[key.lower()] = setting or True
