"""The fakes say what the service says, and never guess."""

from __future__ import annotations

import asyncio
import json
import pathlib

import flask
import pytest
import requests

import fingerpost
import fingerpost.flask
import fingerpost.requests
from fingerpost import FingerpostError, Outcome, Source
from fingerpost.testing import AsyncFakeClient, FakeClient
from test_corpus import check, rows

GOLDEN = json.loads((pathlib.Path(__file__).resolve().parents[3] / "client/golden.json").read_text())
SAMPLES = {"scheme": "http", "host": "shop.test:8080", "page": "a/b?c", "path": "orders/7", "flash": "Größe: 1,5 m", "code": "a b/c", "state": "x=y&z"}


def filled(value):
    if isinstance(value, dict):
        return {key: filled(member) for key, member in value.items()}
    if isinstance(value, list):
        return [filled(member) for member in value]
    if isinstance(value, str):
        for name, sample in SAMPLES.items():
            value = value.replace("${%s}" % name, sample)
    return value


def seen(decision):
    shown = ("Location", "Cache-Control", "Set-Cookie", "Allow", "WWW-Authenticate", "Referrer-Policy")
    return decision.outcome, decision.status, {name: decision.header(name) for name in shown}, decision.reason


@pytest.mark.parametrize("row", GOLDEN, ids=lambda row: row["name"])
def test_a_shipped_row_answers_as_the_service(service, row):
    fake = FakeClient()
    with fingerpost.Client(service.address, fingerpost.plaintext(), on_error="raise", timeout=20) as real:
        if "decide" in row:
            question = filled(row["decide"])
            question["request"].setdefault("method", "POST" if "intent" in question else "GET")
            question["request"].setdefault("url", "https://shop.test/here")
            assert seen(fake.decide(question)) == seen(real.decide(question))
        else:
            question = filled(row["follow"])
            question["request"] = {"method": "GET", "url": "https://shop.test/here", **question.get("request", {})}
            faked, hop = fake.follow(question), real.follow(question)
            assert (faked.stop, faked.next and (faked.next.method, faked.next.url)) == (hop.stop, hop.next and (hop.next.method, hop.next.url))
            assert [change.kind for change in faked.changes] == [change.kind for change in hop.changes]
    assert len(fake.golden.questions) == 1


def test_every_row_of_the_corpus_can_be_fed():
    failures, partial, count = [], [], 0
    for kind in ("decide", "follow"):
        for row in rows(kind):
            expect = row["expect"]
            if {"stays_on", "error"} & expect.keys() or kind == "decide" and not {"status", "outcome"} & expect.keys():
                continue  # No answer is written.
            fake = FakeClient([row], on_error="raise")
            try:
                failures += [f"{row['name']}: {wrong}" for wrong in check(row["expect"], getattr(fake, kind)(row[kind]).raw)]
            except LookupError as error:
                failures.append(f"{row['name']}: {error}")
            except FingerpostError as error:  # Neither Location nor the next URL is written.
                partial.append(f"{row['name']}: {error}")
            count += 1
    assert not failures, f"{len(failures)} of {count}:\n" + "\n".join(failures[:10])
    assert len(partial) * 10 < count, partial[:10]
    assert count > 500, "the corpus is missing"


ORDER = {"request": {"method": "POST", "url": "https://shop.test/orders"}, "intent": {"purpose": "form_result", "target": "/orders/1"}}


def test_a_question_without_a_row_is_an_error_that_shows_it():
    for more in ({"pinned_status": 303}, {"target": "//evil.test"}, {"target": "/\\evil.test"}, {"target": "https://evil.test/"}):
        with pytest.raises(LookupError, match="no golden row fits.*PURPOSE_FORM_RESULT"):
            FakeClient().decide({**ORDER, "intent": {**ORDER["intent"], **more}})


def test_own_rows_come_first(tmp_path):
    row = {"decide": {"intent_name": "order", "parameters": {"id": "${id}"}}, "expect": {"status": 303, "fields": {"Location": "/orders/${id}"}}}
    file = tmp_path / "rows.json"
    file.write_text(json.dumps([row]))
    for own in ([row], file, str(tmp_path)):
        fake = FakeClient(own)
        answer = fake.decide({"request": {"method": "POST"}, "intent_name": "order", "parameters": {"id": "7"}})
        assert (answer.status, answer.header("Location")) == (303, "/orders/7")
    refusal = {"decide": {"request": {"method": "POST"}, "intent": {"purpose": "form_result", "target": "/${any}"}}, "expect": {"outcome": "refuse"}}
    assert FakeClient([refusal]).decide(ORDER).outcome is Outcome.REFUSE
    wrong = {"decide": ORDER, "expect": {"error": {"code": "INVALID_ARGUMENT", "reason": "invalid_fields", "violations": ["intent.target"]}}}
    with pytest.raises(FingerpostError) as raised:
        FakeClient([wrong]).decide(ORDER)
    assert [violation.field for violation in raised.value.violations] == ["intent.target"]


def test_an_outage_is_the_real_client_s():
    fake = FakeClient()
    fake.golden.error = FingerpostError("UNAVAILABLE", "down")
    answer = fake.decide(ORDER)
    assert (answer.source, answer.status, answer.error.code) == (Source.FALLBACK, 303, "UNAVAILABLE")
    fake = FakeClient(on_error="raise")
    fake.golden.error = FingerpostError("UNAVAILABLE", "down")
    with pytest.raises(FingerpostError):
        fake.decide(ORDER)


def test_in_a_framework():
    app = flask.Flask("shop")
    ours = fingerpost.flask.Fingerpost(app, FakeClient())
    app.add_url_rule("/orders", view_func=lambda: ours.redirect("form_result", "/orders/1", flash="Order placed"), methods=["POST"])
    placed = app.test_client().post("/orders", base_url="https://shop.test")
    assert (placed.status_code, placed.headers["Location"]) == (303, "/orders/1")
    assert placed.headers["Set-Cookie"].startswith("__Host-flash=Order%20placed; ")
    assert app.test_client().get("/").status_code == 404  # The rules let it pass.


class Replies(requests.adapters.BaseAdapter):
    """What the web says, without a web."""

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
        async with AsyncFakeClient() as fake:
            return await fake.decide(ORDER), len(fake.golden.questions)

    answer, asked = asyncio.run(run())
    assert (answer.status, answer.source, asked) == (303, Source.SERVICE, 1)
