"""Flask: ``return fp.redirect("form_result", "/orders/7829/confirmation", flash="Order placed")``, where ``fp = Fingerpost(app, client)``."""

from __future__ import annotations

from typing import Any

import flask

from fingerpost import web
from fingerpost.answers import Decision
from fingerpost.client import Client
from fingerpost.errors import FingerpostError


class Fingerpost:
    """The helper, and the policy's rules before every GET and HEAD. ``fields``: request fields that the rules look at."""

    def __init__(self, app: flask.Flask, client: Client, *, fields: frozenset[str] = frozenset(), rules: bool = True) -> None:
        self.client = client
        self.fields = fields
        if rules:
            app.before_request(self._rules)
        app.after_request(self._clear)

    def redirect(self, purpose: str, target: str = "", **modifiers: Any) -> flask.Response:
        """The response to an intent. ``modifiers`` are those of Intent, and ``flash`` a text. Raises web.NotSent for an unsafe wish."""
        return _response(self.client.decide(self._question(purpose=purpose, target=target, **modifiers)))

    def named(self, intent_name: str, **parameters: str) -> flask.Response:
        """The response to one of the policy's named intents."""
        return _response(self.client.decide(self._question(intent_name=intent_name, parameters=parameters)))

    def flash(self) -> str:
        """The flash message, once: the response clears it. Empty when there is none."""
        text, flask.g.fingerpost_clear = web.read_flash(flask.request.cookies)
        return text

    def _question(self, **wish: Any) -> dict[str, Any]:
        request = flask.request
        return web.question(
            method=request.method, url=request.url, headers=request.headers.items(),
            protocol=request.environ.get("SERVER_PROTOCOL", ""), extra_fields=self.fields, **wish,
        )

    def _rules(self) -> flask.Response | None:
        if not web.may_match(flask.request.method, flask.request.url):
            return None
        try:
            decision = self.client.decide(self._question())
        except FingerpostError as error:
            web.let_pass(error)
            return None
        return _response(decision) if decision.must_send else None

    def _clear(self, response: flask.Response) -> flask.Response:
        clear = flask.g.get("fingerpost_clear", "")
        if clear:
            response.headers.add("Set-Cookie", clear)
        return response


def _response(decision: Decision) -> flask.Response:
    fields = web.response_fields(decision)
    response = flask.Response(decision.body, status=decision.status)
    # Location stays as it was decided: Werkzeug would make it absolute or re-encode it.
    response.autocorrect_location_header = False
    response.headers.clear()
    for name, value in fields:
        response.headers.add(name, value)
    return response
