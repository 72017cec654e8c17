"""The example shops run, each as its own program against the service, with a browser's requests."""

from __future__ import annotations

import os
import pathlib
import sqlite3
import subprocess
import sys

import pytest
import requests

EXAMPLES = pathlib.Path(__file__).resolve().parents[3] / "client/python/examples"


class Shop:
    """One of the example programs on a free port, with its own database."""

    def __init__(self, program: str, service: str, folder: pathlib.Path, **more: str) -> None:
        self.database = folder / "shop.sqlite"
        environment = {**os.environ, "FINGERPOST": service, "PORT": "0", "SHOP_DATABASE": str(self.database), **more}
        # Its output goes to the test's own.
        self.process = subprocess.Popen([sys.executable, EXAMPLES / program], env=environment, stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        assert line.startswith("listening on http://127.0.0.1:"), f"{program} did not start: {line!r}"
        self.url = line.split()[-1]

    def orders(self) -> list[str]:
        with sqlite3.connect(self.database) as database:
            return [item for (item,) in database.execute("SELECT item FROM orders ORDER BY id")]

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


PROGRAMS = ["django_shop.py", "flask_shop.py", "fastapi_shop.py"]


@pytest.fixture(params=PROGRAMS)
def shop(request, service, tmp_path):
    running = Shop(request.param, service.address, tmp_path)
    yield running
    running.stop()


@pytest.fixture
def browser():
    with requests.Session() as session:
        yield session


def steps(response):
    """(method, path, status) of every request that led to ``response``."""
    return [(r.request.method, r.request.path_url, r.status_code) for r in (*response.history, response)]


def test_an_order_is_placed_once_and_its_message_shown_once(shop, browser):
    assert "<form" in browser.get(shop.url).text
    page = browser.post(f"{shop.url}/orders", data={"item": "tea & <b>"})
    assert steps(page) == [("POST", "/orders", 303), ("GET", "/orders/1/confirmation", 200)]
    assert '<p id="flash">Order placed: tea &amp; &lt;b&gt;</p>' in page.text
    placed = page.history[0]
    assert placed.headers["Location"] == "/orders/1/confirmation" and placed.headers["Cache-Control"] == "no-store"
    reloaded = browser.get(page.url)
    assert 'id="flash"' not in reloaded.text and "Order 1: tea &amp;" in reloaded.text
    assert shop.orders() == ["tea & <b>"]


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_anti_pattern_orders_again(service, browser, tmp_path, program):
    shop = Shop(program, service.address, tmp_path, SHOP_ANTI_PATTERN="1")
    try:
        for _ in range(2):  # Like a reload.
            page = browser.post(f"{shop.url}/orders", data={"item": "tea"})
            assert steps(page) == [("POST", "/orders", 200)] and "Order placed: tea" in page.text
        assert shop.orders() == ["tea", "tea"]
    finally:
        shop.stop()


def test_destroy_leads_to_the_list_by_get(shop, browser):
    browser.post(f"{shop.url}/orders", data={"item": "tea"})
    page = browser.delete(f"{shop.url}/orders/1")
    assert steps(page) == [("DELETE", "/orders/1", 303), ("GET", "/orders", 200)]
    assert shop.orders() == [] and '<ul id="orders"></ul>' in page.text


def test_a_move_keeps_the_method_and_the_content(shop, browser):
    page = browser.post(f"{shop.url}/checkout", data={"item": "coffee"})
    assert steps(page) == [("POST", "/checkout", 307), ("POST", "/orders", 303), ("GET", "/orders/1/confirmation", 200)]
    page = browser.post(f"{shop.url}/cart", data={"item": "cocoa"})
    assert steps(page) == [("POST", "/cart", 308), ("POST", "/orders", 303), ("GET", "/orders/2/confirmation", 200)]
    assert shop.orders() == ["coffee", "cocoa"]


def test_a_webhook_keeps_its_event(shop, browser):
    event = b'{"event": "paid"}'
    delivered = browser.post(f"{shop.url}/webhooks", data=event, headers={"Content-Type": "application/json"})
    assert steps(delivered) == [("POST", "/webhooks", 307), ("POST", "/v2/webhooks", 200)]
    assert delivered.content == event


def test_a_campaign(shop, browser):
    page = browser.get(f"{shop.url}/spring-sale")
    assert steps(page) == [("GET", "/spring-sale", 302), ("GET", "/products?promo=spring", 200)]
    assert '<p id="promo">spring</p>' in page.text


def test_the_oauth_hop_carries_no_password(shop, browser):
    form = {"redirect_uri": f"{shop.url}/callback".replace("127.0.0.1", "localhost"), "state": "s1", "user": "u", "password": "s3cret"}
    assert form["redirect_uri"] in browser.get(f"{shop.url}/login", params=form).text
    page = browser.post(f"{shop.url}/login", data=form, allow_redirects=False)
    assert page.status_code == 303 and page.headers["Location"].startswith(form["redirect_uri"] + "?code=")
    assert page.headers["Referrer-Policy"] == "no-referrer" and page.headers["Cache-Control"] == "no-store"
    arrived = browser.post(f"{shop.url}/login", data={**form, "redirect_uri": f"{shop.url}/callback"})
    assert [step[0] for step in steps(arrived)] == ["POST", "GET"]
    assert '<p id="received">GET code=' in arrived.text and "state=s1" in arrived.text and "s3cret" not in arrived.text


def test_an_unregistered_redirect_uri_is_never_sent(shop, browser):
    form = {"redirect_uri": "https://evil.example/callback", "state": "s1", "user": "u", "password": "s3cret"}
    refused = browser.post(f"{shop.url}/login", data=form, allow_redirects=False)
    assert refused.status_code == 400 and "Location" not in refused.headers


def test_an_outage_still_places_the_order(service, browser, tmp_path):
    shop = Shop("flask_shop.py", "127.0.0.1:1", tmp_path)
    try:
        page = browser.post(f"{shop.url}/orders", data={"item": "tea"})
        assert steps(page) == [("POST", "/orders", 303), ("GET", "/orders/1/confirmation", 200)]
        assert '<p id="flash">Order placed: tea</p>' in page.text and shop.orders() == ["tea"]
    finally:
        shop.stop()
