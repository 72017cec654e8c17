"""The fakes are the engine with the test's own policy."""

from __future__ import annotations

import asyncio
import pickle

import flask
import pytest
import requests

import fingerpost
import fingerpost.flask
import fingerpost.requests
from fingerpost import FingerpostError, Outcome, PolicyState, Source, testing
from fingerpost.testing import AsyncFakeClient, FakeClient

ORDER = {"request": {"method": "POST", "url": "https://shop.test/orders"}, "intent": {"purpose": "form_result", "target": "/orders/1"}}
POLICY = """
rules:
  - id: blog
    match: {path_prefix: /blog}
    intent: {purpose: permanent_move, target: "/journal{rest}"}
intents:
  order_placed: {intent: {purpose: form_result, target: "/orders/{id}"}, parameters: {id: {}}}
"""
BLOG = {"request": {"method": "GET", "url": "https://shop.test/blog/tea"}}


def test_the_example_of_the_docstring():
    fake = eval(testing.__doc__.partition("::")[2].strip(), {"FakeClient": FakeClient})
    moved = fake.decide({"request": {"method": "GET", "url": "https://shop.test/blog"}})
    assert (moved.status, moved.header("Location"), moved.rule) == (308, "/journal", "blog")


def test_a_policy_of_the_test_s_own(tmp_path):
    file = tmp_path / "shop.yaml"
    file.write_text(POLICY)
    for given in (POLICY, file):
        fake = FakeClient(given)
        assert fake.ready(0) and fake.policy.state is PolicyState.READY
        moved = fake.decide(BLOG)
        assert (moved.status, moved.header("Location"), moved.rule, moved.source) == (308, "/journal/tea", "blog", Source.ENGINE)
        placed = fake.decide({**ORDER, "intent": None, "intent_name": "order_placed", "parameters": {"id": "7"}})
        assert (placed.status, placed.header("Location")) == (303, "/orders/7")
        assert fake.decide({"request": {"method": "GET", "url": "https://shop.test/"}}).outcome is Outcome.PASS
        assert [question.request.url for question in fake.questions] == [BLOG["request"]["url"], ORDER["request"]["url"], "https://shop.test/"]


def test_without_a_policy():
    fake = FakeClient()
    assert (fake.decide(ORDER).status, fake.decide(ORDER).source) == (303, Source.ENGINE)
    with pytest.raises(FingerpostError, match="NOT_FOUND"):
        fake.decide({**ORDER, "intent": None, "intent_name": "order_placed"})


@pytest.mark.parametrize("policy", ["rules: [", "rulse: []", "rules: [{}]", "rules: [{id: a, match: {path: 7}}]"])
def test_a_policy_that_is_none_is_refused_at_once(policy):
    with pytest.raises(FingerpostError, match="INVALID_ARGUMENT"):
        FakeClient(policy)


def test_a_file_that_is_none_is_refused_at_once(tmp_path):
    with pytest.raises(FingerpostError, match="none.yaml"):
        FakeClient(tmp_path / "none.yaml")


def test_an_outage_is_the_real_client_s():
    fake = FakeClient(POLICY)
    fake.error = FingerpostError("UNAVAILABLE", "down")
    answer = fake.decide(ORDER)
    assert (answer.source, answer.status, answer.error.code) == (Source.FALLBACK, 303, "UNAVAILABLE")
    assert fake.decide(BLOG).outcome is Outcome.PASS
    fake.error = None
    assert fake.decide(BLOG).status == 308
    fake = FakeClient(on_error="raise")
    fake.error = FingerpostError("UNAVAILABLE", "down")
    with pytest.raises(FingerpostError):
        fake.decide(ORDER)


def test_a_fake_travels():
    twin = pickle.loads(pickle.dumps(FakeClient(POLICY)))
    assert twin.decide(BLOG).status == 308 and len(twin.questions) == 1


def test_without_an_engine_there_is_no_fake(without_an_engine):
    with pytest.raises(fingerpost.EngineError):
        FakeClient()


def test_in_a_framework():
    app = flask.Flask("shop")
    ours = fingerpost.flask.Fingerpost(app, FakeClient(POLICY))
    app.add_url_rule("/orders", view_func=lambda: ours.redirect("form_result", "/orders/1"), methods=["POST"])
    placed = app.test_client().post("/orders", base_url="https://shop.test")
    assert (placed.status_code, placed.headers["Location"]) == (303, "/orders/1")
    assert app.test_client().get("/").status_code == 404  # The rules let it pass.
    assert app.test_client().get("/blog/tea").headers["Location"] == "/journal/tea"


class Replies(requests.adapters.BaseAdapter):
    """The web's responses, without a web."""

    def send(self, request, **_):
        response = requests.Response()
        response.status_code, response.request, response.url = (303 if request.method == "POST" else 200), request, request.url
        response.raw = type("Raw", (), {"headers": {"Location": "/done"} if request.method == "POST" else {}, "_original_response": None})()
        response._content = b""
        return response

    def close(self):
        pass


def test_in_an_http_library():
    with fingerpost.requests.Session(FakeClient()) as session:
        session.mount("http://", Replies())
        final = session.post("http://shop.test/orders", data={"item": "tea"})
    assert (final.url, final.request.method, final.request.body) == ("http://shop.test/done", "GET", None)


def test_asyncio():
    async def run():
        async with AsyncFakeClient(POLICY) as fake:
            assert await fake.ready(0)
            return await fake.decide(BLOG), len(fake.questions)

    answer, asked = asyncio.run(run())
    assert (answer.status, answer.source, asked) == (308, Source.ENGINE, 1)
