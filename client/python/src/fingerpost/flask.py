"""Flask: ``return fp.redirect("form_result", "/orders/7829/confirmation", flash="Order placed")``, where ``fp = Fingerpost(app, client)``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import flask
import werkzeug.exceptions

from fingerpost import page, web
from fingerpost.answers import Decision
from fingerpost.client import Client
from fingerpost.errors import FingerpostError

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from fingerpost.wishes import Modifiers, Purpose, Target


class Fingerpost:
    """The helper, and the policy's rules before every request. ``fields``: request fields that the rules look at; ``exempt``: paths that the rules
    never see, with everything below them."""

    def __init__(self, app: flask.Flask, client: Client, *, fields: frozenset[str] = frozenset(), exempt: Iterable[str] = (), rules: bool = True) -> None:
        self.client = client
        self.fields = fields
        self.exempt = tuple(exempt)
        if rules:
            app.before_request(self._rules)
        # Flask runs the first one last, so it also merges what the application's own functions set.
        app.after_request_funcs.setdefault(None, []).insert(0, self._finish)

    def redirect(self, purpose: Purpose, target: Target = "", **modifiers: Unpack[Modifiers]) -> flask.Response:
        """The response to an intent. Raises BadRequest for an unsafe redirect, ServiceUnavailable without an answer, web.NotSent if the answer is no response."""
        return self._answered(purpose=purpose, target=target, **modifiers)

    def named(self, intent_name: str, **parameters: str) -> flask.Response:
        """The response to one of the policy's named intents. Raises as redirect does."""
        return self._answered(intent_name=intent_name, parameters=parameters)

    def back(self, next: Target | None, or_: Target = "/") -> flask.Response:
        """Back to where a login came from, if that is safe; to ``or_`` if it is unsafe or missing."""
        first, *others = web.ways_back(next, or_)
        try:
            return self._answered(**first)
        except werkzeug.exceptions.BadRequest:
            if not others:
                raise
            return self._answered(**others[0])

    def _answered(self, **wish: Any) -> flask.Response:
        try:
            return _response(self.client.decide(self._question(**wish)))
        except FingerpostError as error:
            raise _as_http(error) from None

    def flash(self) -> str:
        """The flash message, once: the response clears it. Empty when there is none."""
        text, flask.g.fingerpost_clear = web.read_flash(flask.request.cookies)
        return text

    def _question(self, **wish: Any) -> dict[str, Any]:
        request = flask.request
        return web.question(
            method=request.method,
            url=web.wsgi_url(request.environ, request.scheme, request.host),
            headers=request.headers.items(),
            protocol=request.environ.get("SERVER_PROTOCOL", ""),
            extra_fields=self.fields,
            **wish,
        )

    def _rules(self) -> flask.Response | None:
        request = flask.request
        if not web.may_match(request.method, web.wsgi_url(request.environ, request.scheme, request.host), request.headers, self.exempt):
            return None
        try:
            decision = self.client.decide(self._question())
            if decision.must_send:
                return _response(decision)
            flask.g.fingerpost_added = decision.headers
        except FingerpostError as error:
            if error.code != "INVALID_ARGUMENT":
                raise _as_http(error) from None
        return None

    def _finish(self, response: flask.Response) -> flask.Response:
        if clear := flask.g.get("fingerpost_clear", ""):
            response.headers.add("Set-Cookie", clear)
        added = flask.g.get("fingerpost_added", ())
        for name, value in page.replaced(added, response.headers.getlist):
            response.headers[name] = value
        for line in page.cookies(added):
            response.headers.add("Set-Cookie", line)
        return response


def _as_http(error: FingerpostError) -> Exception:
    if web.status_of(error) == 400:
        return werkzeug.exceptions.BadRequest(web.REFUSED)
    return werkzeug.exceptions.ServiceUnavailable(web.UNAVAILABLE, retry_after=web.RETRY_AFTER)


def _response(decision: Decision) -> flask.Response:
    fields = web.response_fields(decision)
    response = flask.Response(decision.body, status=decision.status)
    # Werkzeug would make Location absolute or encode it again.
    response.autocorrect_location_header = False
    response.headers.clear()
    for name, value in fields:
        response.headers.add(name, value)
    return response
