"""The package's types for mypy --strict, in a user's program; checked, never run. Each "type: ignore" is an error that must be found."""

from __future__ import annotations

import datetime

import flask
import httpx
import starlette.datastructures

import fingerpost
import fingerpost.flask
import fingerpost.requests
from fingerpost.testing import AsyncFakeClient, FakeClient


def shop(client: fingerpost.Client) -> flask.Flask:
    app = flask.Flask("shop")
    fp = fingerpost.flask.Fingerpost(app, client)

    @app.post("/orders")
    def order() -> flask.Response:
        return fp.redirect("form_result", "/orders/1", flash="Order placed")

    return app


def ask() -> int:
    shop(FakeClient())
    with fingerpost.Client("127.0.0.1:50051", fingerpost.plaintext(), on_error="raise") as client:
        try:
            answer = client.decide({"request": {"method": "POST"}, "intent": {"purpose": "form_result", "target": "/x"}}, timeout=1)
        except fingerpost.FingerpostError as error:
            return len([violation.field for violation in error.violations])
        where: str | None = answer.header("Location")
        answer.status = 200  # type: ignore[misc]
        with fingerpost.requests.Session(client, fingerpost.requests.Options(secret_fields=("X-Api-Key",))) as session:
            return session.get("https://shop.example.com/").status_code + len(where or "")


async def wait() -> fingerpost.Outcome:
    async with AsyncFakeClient() as client:
        return (await client.decide({"intent_name": "order"})).outcome


fingerpost.Client("127.0.0.1:50051")  # type: ignore[call-arg]
fingerpost.Client("127.0.0.1:50051", fingerpost.plaintext(), on_error="ignore")  # type: ignore[arg-type]
fingerpost.Client("127.0.0.1:50051", fingerpost.plaintext(), engine="inside")  # type: ignore[arg-type]
inside = fingerpost.Client("127.0.0.1:50051", fingerpost.plaintext(), engine="local", selector={"hosts": ["shop.example.com"]}, policy_file="policy")
stale: bool = inside.policy.state is fingerpost.PolicyState.STALE and inside.policy.since < datetime.datetime.now(datetime.timezone.utc)
FakeClient("rules: []")
FakeClient([])  # type: ignore[arg-type]
FakeClient().decide(7)  # type: ignore[arg-type]


def wrong(fp: fingerpost.flask.Fingerpost) -> None:
    fp.redirect("form_resul", "/orders/1")  # type: ignore[arg-type]
    fp.redirect("form_result", "/orders/1", flahs="Order placed")  # type: ignore[call-arg]
    fp.redirect("form_result", "/orders/1", trust="calller")  # type: ignore[arg-type]
    fp.redirect("operation_accepted", httpx.URL("https://shop.example.com/1"), retry_after=datetime.timedelta(seconds=3))
    fp.redirect("temporary_move", starlette.datastructures.URL("https://shop.example.com/1"), retry_after=1.5)
    fp.back(None, "/")
