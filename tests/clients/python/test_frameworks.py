"""One line in Django, Flask and Starlette (FastAPI), by their own test clients."""

from __future__ import annotations

import django
import django.conf
import django.http
import django.test
import django.urls
import flask
import pytest
import starlette.applications
import starlette.middleware
import starlette.responses
import starlette.routing
import starlette.testclient

import fingerpost
import fingerpost.flask
import fingerpost.starlette
from fingerpost.testing import AsyncFakeClient, FakeClient
from fingerpost.web import NotSent, may_match

CONFIRMATION = "/orders/7829/confirmation"
PATIENT = 20.0  # A busy machine is no test of speed.


@pytest.fixture(scope="module")
def django_client(service):
    django.conf.settings.configure(
        ROOT_URLCONF=__name__, ALLOWED_HOSTS=["shop.example.com"], MIDDLEWARE=["fingerpost.django.Middleware"], DEBUG=False,
        FINGERPOST={"ADDRESS": service.address, "TRANSPORT": fingerpost.plaintext(), "TIMEOUT": PATIENT},
    )
    django.setup()
    import fingerpost.django as ours

    def order(request):
        return ours.redirect(request, "form_result", CONFIRMATION, flash="Order placed – grüße")

    def evil(request):
        return ours.redirect(request, "form_result", "https://evil.example/")

    def confirmation(request):
        return django.http.HttpResponse(ours.flash(request))

    globals()["urlpatterns"] = [
        django.urls.path("orders", order), django.urls.path("evil", evil), django.urls.path("orders/7829/confirmation", confirmation)
    ]
    return lambda: django.test.Client(headers={"host": "shop.example.com"})


@pytest.fixture(scope="module")
def flask_client(service):
    app = flask.Flask("shop")
    ours = fingerpost.flask.Fingerpost(app, fingerpost.Client(service.address, fingerpost.plaintext(), timeout=PATIENT))
    app.add_url_rule("/orders", view_func=lambda: ours.redirect("form_result", CONFIRMATION, flash="Order placed – grüße"), endpoint="o", methods=["POST", "PUT", "DELETE"])
    app.add_url_rule("/evil", view_func=lambda: ours.redirect("form_result", "https://evil.example/"), endpoint="e", methods=["POST"])
    app.add_url_rule(CONFIRMATION, view_func=lambda: ours.flash(), endpoint="c")
    app.testing = True
    return app.test_client


@pytest.fixture(scope="module")
def starlette_client(service):
    ours = fingerpost.starlette.Fingerpost(fingerpost.AsyncClient(service.address, fingerpost.plaintext(), timeout=PATIENT))

    async def order(request):
        return await ours.redirect(request, "form_result", CONFIRMATION, flash="Order placed – grüße")

    async def evil(request):
        return await ours.redirect(request, "form_result", "https://evil.example/")

    async def confirmation(request):
        response = starlette.responses.PlainTextResponse("")
        response.body = ours.flash(request, response).encode()
        response.headers["content-length"] = str(len(response.body))
        return response

    app = starlette.applications.Starlette(
        routes=[
            starlette.routing.Route("/orders", order, methods=["POST", "PUT", "DELETE"]),
            starlette.routing.Route("/evil", evil, methods=["POST"]), starlette.routing.Route(CONFIRMATION, confirmation),
        ],
        middleware=[starlette.middleware.Middleware(fingerpost.starlette.Middleware, fingerpost=ours)],
    )
    with starlette.testclient.TestClient(app, base_url="https://shop.example.com", follow_redirects=False) as made:
        yield lambda: made


FRAMEWORKS = pytest.mark.parametrize("framework", ["django_client", "flask_client", "starlette_client"])


def fields(response):
    items = response.items() if hasattr(response, "items") else response.headers.items()
    return {name.lower(): value for name, value in items}


def status(response):
    return response.status_code


def set_cookies(response):
    if hasattr(response, "cookies") and hasattr(response.cookies, "output"):
        return [morsel.OutputString() for morsel in response.cookies.values()]
    if hasattr(response.headers, "getlist"):
        return response.headers.getlist("Set-Cookie")
    return response.headers.get_list("set-cookie")


@FRAMEWORKS
@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_the_order_and_its_flash(request, framework, method):
    browser = request.getfixturevalue(framework)()
    https = {"secure": True} if framework == "django_client" else {"base_url": "https://shop.example.com"} if framework == "flask_client" else {}
    placed = getattr(browser, method)("/orders", **https)
    assert status(placed) == 303
    assert fields(placed)["location"] == CONFIRMATION and fields(placed)["cache-control"] == "no-store"
    (cookie,) = set_cookies(placed)
    assert cookie.startswith("__Host-flash=Order%20placed%20%E2%80%93%20gr%C3%BC%C3%9Fe;")
    for attribute in ("Path=/", "Max-Age=60", "Secure", "HttpOnly", "SameSite=Lax"):
        assert attribute in cookie
    page = browser.get(CONFIRMATION, **https)
    text = page.content.decode() if hasattr(page, "content") else page.get_data(as_text=True)
    assert text == "Order placed – grüße"
    (cleared,) = set_cookies(page)
    assert cleared.startswith("__Host-flash=") and "Max-Age=0" in cleared and "Secure" in cleared and "Path=/" in cleared
    again = browser.get(CONFIRMATION, **https)
    assert not (again.content if hasattr(again, "content") else again.get_data())


@FRAMEWORKS
def test_an_unsafe_wish_is_never_sent(request, framework):
    browser = request.getfixturevalue(framework)()
    with pytest.raises(NotSent, match="REFUSE"):
        browser.post("/evil")


SENT = {"Accept": "text/html", "X-Route": "blue"}
SECRET = {"Authorization": "Bearer s3cret", "Cookie": "session=s3cret", "X-Forwarded-Host": "s3cret.example", "User-Agent": "s3cret"}


def by_flask(fake):
    app = flask.Flask("sends")
    fingerpost.flask.Fingerpost(app, fake, fields=frozenset({"X-Route"}))
    return app.test_client().get("/page?q=1", base_url="https://shop.example.com", headers=SENT | SECRET)


def by_starlette(fake):
    ours = fingerpost.starlette.Fingerpost(fake, fields=frozenset({"X-Route"}))
    app = starlette.applications.Starlette(middleware=[starlette.middleware.Middleware(fingerpost.starlette.Middleware, fingerpost=ours)])
    return starlette.testclient.TestClient(app, base_url="https://shop.example.com").get("/page?q=1", headers=SENT | SECRET)


def by_django(fake):
    import fingerpost.django as ours

    ours.client.cache_clear()
    settings = {"CLIENT": fake, "FIELDS": ["X-Route"]}
    try:
        with django.test.override_settings(FINGERPOST=settings):
            return django.test.Client(headers={"host": "shop.example.com"}).get("/page?q=1", secure=True, headers=SENT | SECRET)
    finally:
        ours.client.cache_clear()


@pytest.mark.parametrize("ask, fake", [(by_flask, FakeClient), (by_starlette, AsyncFakeClient), (by_django, FakeClient)])
def test_middleware_sends_an_allow_list(django_client, ask, fake):
    asked = fake()
    assert ask(asked).status_code == 404  # There is no such page, and no rule for it.
    (question,) = asked.golden.questions
    assert (question.request.method, question.request.url) == ("GET", "https://shop.example.com/page?q=1")
    assert {header.name.lower(): header.value for header in question.request.headers} == {"accept": "text/html", "x-route": "blue"}
    assert b"s3cret" not in question.SerializeToString()


REFUSING = {"decide": {"request": {}}, "expect": {"error": {"code": "INVALID_ARGUMENT", "reason": "invalid_fields", "violations": ["request.url"]}}}


@pytest.mark.parametrize("ask, fake", [(by_flask, FakeClient), (by_starlette, AsyncFakeClient), (by_django, FakeClient)])
def test_a_request_that_the_service_finds_wrong_gets_its_page(django_client, ask, fake):
    asked = fake([REFUSING])
    assert ask(asked).status_code == 404 and len(asked.golden.questions) == 1


@pytest.mark.parametrize("ask, fake", [(by_flask, FakeClient), (by_starlette, AsyncFakeClient), (by_django, FakeClient)])
def test_an_outage_serves_the_page(django_client, ask, fake):
    asked = fake()
    asked.golden.error = fingerpost.FingerpostError("UNAVAILABLE", "down")
    assert ask(asked).status_code == 404


def test_a_url_that_is_none_is_the_framework_s_matter():
    assert may_match("GET", "https://shop.example.com/")
    for url in ("https:///", "https://[/"):  # No Host field, and one that is no host.
        assert not may_match("GET", url)
