"""The fakes answer only the questions that they know."""

from __future__ import annotations

import asyncio
import json

import flask
import pytest
import requests

import fingerpost
import fingerpost.flask
import fingerpost.requests
from fingerpost import FingerpostError, Outcome, Source
from fingerpost.testing import AsyncFakeClient, FakeClient
from test_corpus import SECONDS, as_json, rows

ORDER = {"request": {"method": "POST", "url": "https://shop.test/orders"}, "intent": {"purpose": "form_result", "target": "/orders/1"}}
ORDERED = {
    "decide": {"request": {"method": "POST"}, "intent": ORDER["intent"]},
    "answer": {"outcome": "redirect", "status": 303, "headers": [{"name": "Location", "value": "/orders/1"}]},
}
PASSED = {"decide": {"request": {"method": "GET"}}, "answer": {"outcome": "pass"}}


@pytest.mark.parametrize("kind", ["decide", "follow"])
def test_what_the_service_answered_is_a_row(service, kind):
    different, count = [], 0
    with fingerpost.Client(service.address, fingerpost.plaintext(), on_error="raise", timeout=SECONDS) as real:
        for row in rows(kind):
            try:
                answer = getattr(real, kind)(row[kind])
            except (FingerpostError, TypeError):
                continue
            fake = FakeClient([{kind: row[kind], "answer": as_json(answer.raw)}], on_error="raise")
            if getattr(fake, kind)(row[kind]) != answer or len(fake.questions) != 1:
                different.append(row["name"])
            count += 1
    assert not different and count > 500


def test_an_error_of_the_service_is_a_row():
    wrong = {"code": "INVALID_ARGUMENT", "reason": "invalid_fields", "violations": [{"field": "intent.target", "description": "expected a path"}]}
    with pytest.raises(FingerpostError) as raised:
        FakeClient([{"decide": ORDER, "error": wrong}]).decide(ORDER)
    assert (raised.value.reason, raised.value.violations) == ("INVALID_FIELDS", (fingerpost.Violation("intent.target", "expected a path"),))


def test_a_question_without_a_row_is_an_error_that_shows_it():
    fake = FakeClient([ORDERED])
    assert fake.decide(ORDER).status == 303
    for more in ({"pinned_status": 303}, {"target": "/orders/2"}, {"target": "${any}"}, {"trust": "caller"}):
        with pytest.raises(LookupError, match="no row for this question.*PURPOSE_FORM_RESULT"):
            fake.decide({**ORDER, "intent": {**ORDER["intent"], **more}})
    for other in ({"request": {"method": "PUT"}, "intent": ORDER["intent"]}, {"request": ORDER["request"]}):
        with pytest.raises(LookupError):
            fake.decide(other)
    assert len(fake.questions) == 7


def test_the_first_row_that_fits_answers(tmp_path):
    named = {"intent_name": "order", "parameters": {"id": "7"}}
    own = [{"decide": named, "answer": {"outcome": "refuse"}}, {"decide": named, "answer": {"outcome": "pass"}}]
    file = tmp_path / "rows.json"
    file.write_text(json.dumps(own))
    for given in (own, file, str(file)):
        fake = FakeClient(given)
        assert fake.decide({"request": {"method": "POST"}, **named}).outcome is Outcome.REFUSE
        with pytest.raises(LookupError):
            fake.decide({"intent_name": "order", "parameters": {"id": "8"}})


@pytest.mark.parametrize("row", [{}, {"answer": {}}, {"decide": {"porpoise": 1}, "answer": {}}, {"decide": {}}, {"decide": {}, "answer": {"satus": 303}}])
def test_a_row_that_is_none_is_refused_at_once(row):
    with pytest.raises((ValueError, FingerpostError)):
        FakeClient([row])


def test_fields_are_known_by_their_names_and_others_may_stand_beside():
    row = {
        "follow": {"request": {"headers": [{"name": "AUTHORIZATION", "value": "s3cret"}]}, "response": {"status": 302}},
        "answer": {"stop": {"reason": "no_location", "error": True}},
    }
    headers = [{"name": "X", "value": "x"}, {"name": "authorization", "value": "another"}]  # The fake sees no more of it than the service would.
    question = {"request": {"method": "GET", "url": "https://a.test/", "headers": headers}, "response": {"status": 302}}
    assert FakeClient([row]).follow(question).stop == "NO_LOCATION"
    with pytest.raises(LookupError):
        FakeClient([row]).follow({**question, "request": {"headers": headers[:1]}})


def test_an_outage_is_the_real_client_s():
    fake = FakeClient()
    fake.error = FingerpostError("UNAVAILABLE", "down")
    answer = fake.decide(ORDER)
    assert (answer.source, answer.status, answer.error.code) == (Source.FALLBACK, 303, "UNAVAILABLE")
    fake = FakeClient(on_error="raise")
    fake.error = FingerpostError("UNAVAILABLE", "down")
    with pytest.raises(FingerpostError):
        fake.decide(ORDER)


def test_in_a_framework():
    app = flask.Flask("shop")
    ours = fingerpost.flask.Fingerpost(app, FakeClient([ORDERED, PASSED, {**PASSED, "decide": {"request": {"method": "POST"}}}]))
    app.add_url_rule("/orders", view_func=lambda: ours.redirect("form_result", "/orders/1"), methods=["POST"])
    placed = app.test_client().post("/orders", base_url="https://shop.test")
    assert (placed.status_code, placed.headers["Location"]) == (303, "/orders/1")
    assert app.test_client().get("/").status_code == 404  # The rules let it pass.


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
    row = {
        "follow": {"request": {"method": "POST", "url": "http://shop.test/orders"}, "response": {"status": 303}},
        "answer": {"next": {"method": "GET", "url": "http://shop.test/done"}, "changes": [{"kind": "method", "value": "GET"}, {"kind": "body_dropped"}]},
    }
    with fingerpost.requests.Session(FakeClient([row])) as session:
        session.mount("http://", Replies())
        final = session.post("http://shop.test/orders", data={"item": "tea"})
    assert (final.url, final.request.method, final.request.body) == ("http://shop.test/done", "GET", None)


def test_asyncio():
    async def run():
        async with AsyncFakeClient([ORDERED]) as fake:
            assert await fake.ready(0)
            return await fake.decide(ORDER), len(fake.questions)

    answer, asked = asyncio.run(run())
    assert (answer.status, answer.source, asked) == (303, Source.SERVICE, 1)
