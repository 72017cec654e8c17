"""A Django shop answers every kind of redirect with the service stopped, exactly as with it running: each intent of the corpus, named intents, and rules."""

from __future__ import annotations

import pathlib
import subprocess
import sys

from conftest import Service

POLICY = """
defaults: {allowed_hosts: [partner.example]}
hosts:
  - hosts: [legacy.example]
    defaults: {compatibility: legacy}
intents:
  order_placed:
    intent: {purpose: form_result, target: "/orders/{id}/confirmation"}
    parameters: {id: {}}
rules:
  - id: blog
    match: {path_prefix: /blog}
    intent: {purpose: permanent_move, target: "https://partner.example{rest}"}
  - id: sale
    match: {path: /sale, methods: [GET, HEAD]}
    intent: {purpose: campaign, target: "/products?promo=spring"}
  - id: gone
    match: {path: /gone}
    intent: {purpose: gone}
  - id: seen
    match: {path: /seen, fields: [{name: X-Route, equals: blue}]}
    intent: {purpose: temporary_move, target: /blue}
maps:
  - {name: moved, file: moved.csv}
"""
MAP = "/tea,/coffee\n/old/x,https://partner.example/x\n"

PROGRAM = """
import json, re, sys, urllib.parse
sys.path.insert(0, sys.argv[1])
import django, fingerpost
from django.conf import settings
from django.http import HttpResponse
from django.urls import re_path

settings.configure(
    ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], MIDDLEWARE=["fingerpost.django.Middleware"], DATA_UPLOAD_MAX_MEMORY_SIZE=None,
    FINGERPOST={"ADDRESS": sys.argv[2], "TRANSPORT": fingerpost.plaintext(), "TIMEOUT": 20, "ENGINE": sys.argv[3], "FIELDS": ["X-Route", "Cookie"]},
)
django.setup()
from django.test import Client
from fingerpost import web
from fingerpost.django import back, client, named, redirect
from test_corpus import rows

asked = web.question
web.question = lambda **wish: {**asked(**wish), "now": "2026-11-30T00:00:00Z", "draw": 7}
wish = {}

def page(request, *_):
    if "back" in wish:
        return back(request, wish["back"])
    if "named" in wish:
        return named(request, wish["named"], **wish["parameters"])
    return redirect(request, **wish) if wish else HttpResponse("the page")

urlpatterns = [re_path(".*", page)]
browser = Client(raise_request_exception=True)

def answer(request, given):
    wish.clear()
    wish.update(given)
    url = urllib.parse.urlsplit(request["url"])
    fields = {line["name"]: line["value"] for line in request.get("headers", ()) if isinstance(line.get("value"), str) and line["value"].isascii()}
    fields = {name: value for name, value in fields.items() if "\\n" not in name + value and name.lower() not in ("host", "content-length")}
    path = (url.path or "/") + (f"?{url.query}" if url.query else "")
    try:
        found = browser.generic(request["method"], path, secure=url.scheme == "https", headers={"host": url.netloc} | fields)
    except Exception as error:
        return [type(error).__name__, str(error)]
    return [found.status_code, sorted(found.items()), [morsel.OutputString() for morsel in found.cookies.values()], found.content.decode()]

def all_answers():
    found = {}
    for row in rows("decide"):
        question = row["decide"]
        if not isinstance(question, dict) or not isinstance(question.get("intent"), dict) or not isinstance(question.get("request"), dict):
            continue
        request, intent = question["request"], question["intent"]
        url, method = request.get("url"), request.get("method")
        if not isinstance(url, str) or not re.match("https?://[A-Za-z0-9.:-]+(?=[/?#]|$)", url):
            continue
        if not isinstance(method, str) or not method.isalpha() or "purpose" not in intent:
            continue
        modifiers = dict(intent)
        if isinstance(flash := modifiers.pop("flash", None), dict):
            modifiers["flash"] = flash.get("text", "")
        found[row["name"]] = answer(request, modifiers)
    shop = "https://shop.example.com"
    for method in ("GET", "HEAD", "POST", "PUT", "DELETE"):
        for url in ("/", "/blog/tea", "/sale", "/gone", "/seen", "/tea", "/old/x", "/tea?q=1"):
            for host in (shop, "http://legacy.example"):
                found[f"{method} {host}{url}"] = answer({"method": method, "url": host + url, "headers": [{"name": "X-Route", "value": "blue"}]}, {})
        found[f"{method} named"] = answer({"method": method, "url": shop + "/x"}, {"named": "order_placed", "parameters": {"id": "7"}})
        found[f"{method} unknown"] = answer({"method": method, "url": shop + "/x"}, {"named": "none", "parameters": {}})
        for next in ("/account", "//evil.example", "", "https://partner.example/"):
            found[f"{method} back {next}"] = answer({"method": method, "url": shop + "/x"}, {"back": next})
    return found

assert client().ready(20)
if sys.argv[3] != "remote":
    assert client().policy.state.name == "READY", client().policy
print("ready", flush=True)
sys.stdin.readline()
json.dump({"answers": all_answers(), "state": client().policy.state.name}, sys.stdout)
"""


def test_the_shop_answers_without_the_service_as_with_it(tmp_path):
    import json

    (tmp_path / "policy.yaml").write_text(POLICY)
    (tmp_path / "moved.csv").write_text(MAP)
    service = Service("--policy", str(tmp_path / "policy.yaml"))
    shops = {}
    for mode in ("remote", "auto", "local"):
        words = [sys.executable, "-c", PROGRAM, str(pathlib.Path(__file__).parent), service.address, mode]
        shops[mode] = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        for shop in shops.values():
            assert shop.stdout.readline() == "ready\n", shop.communicate()[1]
        said, errors = shops["remote"].communicate("go\n")
        assert said, errors
        running = json.loads(said)["answers"]
        service.stop()
        for mode in ("auto", "local"):
            said, errors = shops[mode].communicate("go\n")
            stopped = json.loads(said)
            different = [f"{name}: {answer} {stopped['answers'][name]}" for name, answer in running.items() if stopped["answers"][name] != answer]
            assert not different, f"{len(different)} of {len(running)}:\n" + "\n".join(different[:20])
            assert stopped["state"] == "STALE"
        statuses = {answer[0] for answer in running.values()}
        assert len(running) > 700 and {200, 201, 202, 301, 302, 303, 307, 308, 400, 401, 404, 405, 410, 422, 451} <= statuses, statuses
    finally:
        service.stop()
        for shop in shops.values():
            shop.kill()
            shop.wait()
