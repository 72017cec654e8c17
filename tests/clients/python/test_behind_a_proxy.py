"""The README's settings behind a proxy: the service is asked about the visitor's URL."""

from __future__ import annotations

import pathlib
import re
import subprocess
import sys

import pytest
import requests

README = (pathlib.Path(__file__).resolve().parents[3] / "client/python/README.md").read_text()
SECTION = README.split("### Behind a proxy")[1]
FLASK = """
import flask, werkzeug.middleware.proxy_fix
import fingerpost.flask, fingerpost.testing
app = flask.Flask("shop")
fake = fingerpost.testing.FakeClient()
fp = fingerpost.flask.Fingerpost(app, fake, rules=False)
app.add_url_rule("/orders", "orders", lambda: fp.redirect("form_result", "/orders/1"), methods=["POST"])
SETTING
app.test_client().post("/orders", base_url="http://shop.example.com", headers={"X-Forwarded-Proto": "https"})
print(fake.questions[0].request.url)
"""

DJANGO = """
import django, fingerpost.testing
from django.conf import settings
from django.urls import path
fake = fingerpost.testing.FakeClient()
SETTING
proxy = {"SECURE_PROXY_SSL_HEADER": SECURE_PROXY_SSL_HEADER} if "SECURE_PROXY_SSL_HEADER" in globals() else {}
settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["shop.example.com"], FINGERPOST={"CLIENT": fake}, **proxy)
django.setup()
from fingerpost.django import redirect
urlpatterns = [path("orders", lambda request: redirect(request, "form_result", "/orders/1"))]
from django.test import Client
Client(headers={"host": "shop.example.com", "x-forwarded-proto": "https"}).post("/orders")
print(fake.questions[0].request.url)
"""

ASGI = """
import fastapi
import fingerpost.starlette, fingerpost.testing
app = fastapi.FastAPI()
fake = fingerpost.testing.AsyncFakeClient()
fp = fingerpost.starlette.Fingerpost(fake)

@app.post("/orders")
async def orders(request: fastapi.Request):
    await fp.redirect(request, "form_result", "/orders/1")
    return fake.questions[-1].request.url
"""


def setting(framework):
    return re.search(rf"^\| {framework}[^|]*\| `(.+)` \|$", SECTION, re.M).group(1)


@pytest.mark.parametrize("framework, program", [("Flask", FLASK), ("Django", DJANGO)])
@pytest.mark.parametrize("told, scheme", [(True, "https"), (False, "http")], ids=("told", "not told"))
def test_wsgi(framework, program, told, scheme):
    program = program.replace("SETTING\n", (setting(framework) if told else "") + "\n", 1)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout == f"{scheme}://shop.example.com/orders\n", done.stderr


# The test is the proxy, with another address than the README's.
@pytest.mark.parametrize("proxy, scheme", [("127.0.0.1", "https"), ("10.0.0.1", "http")])
def test_uvicorn(proxy, scheme, tmp_path):
    (tmp_path / "shop.py").write_text(ASGI)
    program, *flags = setting("FastAPI, Starlette").replace("10.0.0.1", proxy).split()
    server = subprocess.Popen([sys.executable, "-m", program, "--port", "0", *flags, "shop:app"], cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    try:
        log = ""
        while not (at := re.search(r"running on (http://127\.0\.0\.1:\d+)", log)):
            line = server.stderr.readline()
            assert line, log
            log += line
        asked = requests.post(f"{at.group(1)}/orders", headers={"Host": "shop.example.com", "X-Forwarded-Proto": "https"}, timeout=60)
        assert asked.json() == f"{scheme}://shop.example.com/orders"
    finally:
        server.kill()
        server.wait()
        server.stderr.close()
