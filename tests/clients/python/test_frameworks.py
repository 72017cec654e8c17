"""One line in Django, Flask and Starlette (FastAPI), by their own test clients."""

from __future__ import annotations

import urllib.parse

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
import fingerpost.web
from conftest import closed_port
from rows import AsyncRowsClient, RowsClient
from fingerpost.answers import Decision, Outcome
from fingerpost.heard import Rate
from fingerpost.web import NotSent, asgi_url, may_match, status_of, wsgi_url

CONFIRMATION = "/orders/7829/confirmation"
OVER_HTTPS = {"django_client": {"secure": True}, "flask_client": {"base_url": "https://shop.example.com"}}
PATIENT = 20.0  # Long, because the machine may be busy.


@pytest.fixture(scope="module")
def django_client(service):
    django.conf.settings.configure(
        ROOT_URLCONF=__name__,
        ALLOWED_HOSTS=["shop.example.com"],
        MIDDLEWARE=["fingerpost.django.Middleware"],
        DEBUG=False,
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

    globals()["urlpatterns"] = [django.urls.path("orders", order), django.urls.path("evil", evil), django.urls.path("orders/7829/confirmation", confirmation)]
    return lambda: django.test.Client(headers={"host": "shop.example.com"})


@pytest.fixture(scope="module")
def flask_client(service):
    app = flask.Flask("shop")
    ours = fingerpost.flask.Fingerpost(app, fingerpost.Client(service.address, fingerpost.plaintext(), timeout=PATIENT))
    app.add_url_rule(
        "/orders", view_func=lambda: ours.redirect("form_result", CONFIRMATION, flash="Order placed – grüße"), endpoint="o", methods=["POST", "PUT", "DELETE"]
    )
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
            starlette.routing.Route("/evil", evil, methods=["POST"]),
            starlette.routing.Route(CONFIRMATION, confirmation),
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
    https = OVER_HTTPS.get(framework, {})
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
def test_a_script_that_swaps_pages_gets_its_own_form(request, framework):
    browser = request.getfixturevalue(framework)()
    https = OVER_HTTPS.get(framework, {})
    placed = browser.post("/orders", **https, headers={"HX-Request": "true"})
    assert status(placed) == 200
    assert fields(placed)["hx-redirect"] == CONFIRMATION and "location" not in fields(placed)
    assert set_cookies(placed)[0].startswith("__Host-flash=")
    assert status(browser.post("/orders", **https, headers={"HX-Request": "true", "HX-Boosted": "true"})) == 303
    assert status(browser.put("/orders", **https, headers={"X-Inertia": "true", "X-Requested-With": "XMLHttpRequest"})) == 303
    assert browser.post("/evil", headers={"HX-Request": "true"}).status_code == 400


@FRAMEWORKS
def test_an_unsafe_wish_is_a_400_that_says_nothing(request, framework, caplog):
    browser = request.getfixturevalue(framework)()
    refused = browser.post("/evil")
    text = refused.content.decode() if hasattr(refused, "content") else refused.get_data(as_text=True)
    assert refused.status_code == 400
    assert not any(word in text for word in ("evil", "trust", "allowed_hosts", "caller"))
    assert any("evil.example" in record.getMessage() for record in caplog.records if record.name == "fingerpost")


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


@pytest.mark.parametrize("ask, fake", [(by_flask, RowsClient), (by_starlette, AsyncRowsClient), (by_django, RowsClient)])
def test_middleware_sends_an_allow_list(django_client, ask, fake):
    asked = fake([{"decide": {}, "answer": {"outcome": "pass"}}])
    assert ask(asked).status_code == 404  # There is no such page, and no rule for it.
    (question,) = asked.questions
    assert (question.request.method, question.request.url) == ("GET", "https://shop.example.com/page?q=1")
    assert {header.name.lower(): header.value for header in question.request.headers} == {"accept": "text/html", "x-route": "blue"}
    assert b"s3cret" not in question.SerializeToString()


REFUSING = {"decide": {}, "error": {"code": "INVALID_ARGUMENT", "reason": "invalid_fields", "violations": [{"field": "request.url"}]}}


@pytest.mark.parametrize("ask, fake", [(by_flask, RowsClient), (by_starlette, AsyncRowsClient), (by_django, RowsClient)])
def test_a_request_that_the_service_finds_wrong_gets_its_page(django_client, ask, fake):
    asked = fake([REFUSING])
    assert ask(asked).status_code == 404 and len(asked.questions) == 1


@pytest.mark.parametrize("ask, fake", [(by_flask, RowsClient), (by_starlette, AsyncRowsClient), (by_django, RowsClient)])
def test_an_outage_serves_the_page(django_client, ask, fake):
    asked = fake()
    asked.error = fingerpost.FingerpostError("UNAVAILABLE", "down")
    assert ask(asked).status_code == 404


def test_a_url_that_is_none_is_the_framework_s_matter():
    assert may_match("GET", "https://shop.example.com/", {})
    for url in ("https:///", "https://[/"):  # No Host field, and one without a valid host.
        assert not may_match("GET", url, {})


def test_every_method_that_a_rule_may_answer_is_asked_about():
    url = "https://shop.example.com/health/live"
    assert all(may_match(method, url, {}) for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY"))
    assert not any(may_match(method, url, {}) for method in ("CONNECT", "TRACE"))
    assert not may_match("OPTIONS", url, {"Access-Control-Request-Method": "PUT"})
    assert not may_match("GET", url, {}, ["/health"]) and not may_match("GET", url, {}, ["/health/live"])
    for path in ("/health/../x", "/health/%2E%2e/x", "/health/.", "/health/..\\x"):
        assert may_match("GET", f"https://shop.example.com{path}", {}, ["/health"])
    assert may_match("GET", url, {}, ["/heal"]) and may_match("GET", url, {}, ["/other"])


def test_a_proxy_that_the_framework_does_not_know_is_heard(caplog, monkeypatch):
    monkeypatch.setattr(fingerpost.web, "_proto_rate", Rate(lambda: 0.0))
    for proto in ("http", "https", "https"):
        may_match("GET", "http://shop.example.com/", {"X-Forwarded-Proto": proto})
    assert len([record for record in caplog.records if "behind a proxy" in record.getMessage()]) == 1


@pytest.mark.parametrize(
    "raw, script, path, query, asked",
    [
        ("/a%2Fb?q=%20", "", "/a/b", "q=%20", "/a%2Fb?q=%20"),
        ("/a%252Fb", "", "/a%2Fb", "", "/a%252Fb"),
        ("", "", "/a%2Fb", "", "/a%252Fb"),
        ("", "", "/a?b#c;d", "", "/a%3Fb%23c%3Bd"),
        ("/blog/100%25", "", "/blog/100%", "", "/blog/100%25"),
        ("", "", "/blog/100%", "", "/blog/100%25"),
        ("https://evil.example/x", "", "/x", "", "/x"),
        ("https://evil.example/y", "", "/x", "", "/x"),
        ("/other", "", "/x", "", "/x"),
        ("//evil.example/x", "", "//evil.example/x", "", "//evil.example/x"),
        ("/b%2Fc", "/a", "/b/c", "", "/a/b%2Fc"),
        ("/a/b%2Fc", "/a", "/b/c", "", "/a/b%2Fc"),
        ("", "", "/\xc3\xbc", "", "/%C3%BC"),
        ("*", "", "", "", ""),
    ],
)
def test_the_url_asked_has_the_path_as_sent(raw, script, path, query, asked):
    environ = {"REQUEST_URI": raw, "SCRIPT_NAME": script, "PATH_INFO": path, "QUERY_STRING": query}
    assert wsgi_url(environ, "https", "a.test") == f"https://a.test{asked}"
    scope = {"raw_path": raw.encode(), "root_path": script, "path": path.encode("latin-1").decode(), "query_string": query.encode()}
    assert asgi_url(scope, "https", "a.test") == f"https://a.test{asked}"


VARYING = {"decide": {}, "answer": {"outcome": "pass", "headers": [{"name": "Vary", "value": "X-Route"}]}}
TARGETS = {"good": ("/cart?a=1", "/cart?a=1"), "hostile": ("//evil.example/", "/home"), "none": (None, "/home"), "control": ("/a\nb", "/home")}


def flask_app(fake, **options):
    app = flask.Flask("app")
    ours = fingerpost.flask.Fingerpost(app, fake, **options)
    app.add_url_rule("/back", view_func=lambda: ours.back(flask.request.args.get("next"), "/home"), endpoint="b", methods=["POST"])
    app.add_url_rule("/hostile", view_func=lambda: ours.redirect("form_result", "https://evil.example/"), endpoint="h")
    app.add_url_rule("/named", view_func=lambda: ours.named("order"), endpoint="n")
    app.add_url_rule("/login", view_func=lambda: ours.redirect("login_required", "/login?next=/x"), endpoint="l")
    app.add_url_rule("/page", view_func=lambda: flask.Response("page", headers={"Vary": "accept"}), endpoint="p")

    def ask(method, path, query=None):
        answer = app.test_client().open(path, method=method, query_string=query or {}, base_url="https://shop.example.com")
        return answer.status_code, answer.headers

    return ask


def starlette_app(fake, **options):
    ours = fingerpost.starlette.Fingerpost(fake, **options)

    async def back(request):
        return await ours.back(request, request.query_params.get("next"), "/home")

    async def hostile(request):
        return await ours.redirect(request, "form_result", "https://evil.example/")

    async def named(request):
        return await ours.named(request, "order")

    async def login(request):
        return await ours.redirect(request, "login_required", "/login?next=/x")

    async def page(request):
        return starlette.responses.Response("page", headers={"Vary": "accept"})

    Route = starlette.routing.Route
    app = starlette.applications.Starlette(
        routes=[Route("/back", back, methods=["POST"]), Route("/hostile", hostile), Route("/named", named), Route("/login", login), Route("/page", page)],
        middleware=[starlette.middleware.Middleware(fingerpost.starlette.Middleware, fingerpost=ours)],
    )
    browser = starlette.testclient.TestClient(app, base_url="https://shop.example.com", follow_redirects=False)

    def ask(method, path, query=None):
        answer = browser.request(method, path, params=query or {})
        return answer.status_code, answer.headers

    return ask


def django_app(fake, exempt=()):
    import fingerpost.django as ours

    def page(request):
        return django.http.HttpResponse("page", headers={"Vary": "accept"})

    patterns = [
        django.urls.path("back", lambda request: ours.back(request, request.GET.get("next"), "/home")),
        django.urls.path("hostile", lambda request: ours.redirect(request, "form_result", "https://evil.example/")),
        django.urls.path("named", lambda request: ours.named(request, "order")),
        django.urls.path("login", lambda request: ours.redirect(request, "login_required", "/login?next=/x")),
        django.urls.path("page", page),
    ]

    def ask(method, path, query=None):
        ours.client.cache_clear()
        try:
            with django.test.override_settings(FINGERPOST={"CLIENT": fake, "EXEMPT": exempt}, ROOT_URLCONF=tuple(patterns)):
                query = "?" + urllib.parse.urlencode(query) if query else ""
                answer = django.test.Client(headers={"host": "shop.example.com"}).generic(method, path + query, secure=True, REQUEST_URI=path + query)
        finally:
            ours.client.cache_clear()
        return answer.status_code, answer.headers

    return ask


APPS = pytest.mark.parametrize(
    "app, fake, real",
    [(flask_app, RowsClient, fingerpost.Client), (starlette_app, AsyncRowsClient, fingerpost.AsyncClient), (django_app, RowsClient, fingerpost.Client)],
)


@APPS
@pytest.mark.parametrize("case", TARGETS)
@pytest.mark.parametrize("served", [True, False])
def test_back_is_safe_with_and_without_the_service(django_client, service, app, fake, real, case, served):
    next, location = TARGETS[case]
    client = real(service.address if served else closed_port(), fingerpost.plaintext(), timeout=PATIENT)
    status, headers = app(client)("POST", "/back", {"next": next} if next else {})
    assert (status, headers["Location"]) == (303, location)


@APPS
@pytest.mark.parametrize("on_error", ["fallback", "raise"])
def test_an_outage_is_no_500(django_client, app, fake, real, on_error):
    client = real(closed_port(), fingerpost.plaintext(), timeout=PATIENT, on_error=on_error)
    ask = app(client, exempt=["/page", "/hostile", "/named", "/login"])
    for path in ("/hostile", "/named"):
        status, headers = ask("GET", path)
        assert (status, headers["Retry-After"]) == (503, "5")
    assert ask("GET", "/login")[0] == (303 if on_error == "fallback" else 503)
    status, headers = app(client)("GET", "/page")  # Not exempt: failing closed is a 503 of the middleware's.
    assert status == (200 if on_error == "fallback" else 503)
    assert ask("GET", "/page")[0] == 200


@APPS
@pytest.mark.parametrize("on_error", ["fallback", "raise"])
def test_vary_of_a_pass_is_the_page_s(django_client, app, fake, real, on_error):
    status, headers = app(fake([VARYING], on_error=on_error))("GET", "/page")
    assert (status, headers["Vary"]) == (200, "accept, X-Route")
    assert app(fake([VARYING], on_error=on_error))("GET", "/none")[1]["Vary"] == "X-Route"  # A 404, too.


@APPS
def test_the_middleware_asks_for_other_methods_and_not_below_exempt(django_client, app, fake, real):
    asked = fake([VARYING])
    ask = app(asked, exempt=["/page"])
    ask("PUT", "/x%2Fy")
    ask("GET", "/page")
    (question,) = asked.questions
    assert (question.request.method, question.request.url) == ("PUT", "https://shop.example.com/x%2Fy")


@pytest.mark.parametrize("reason, status", [("TARGET_NOT_ALLOWED", 400), ("LOOP", 400), ("PINNED_STATUS_CONTRADICTS", None), ("FLASH_ON_PERMANENT", None)])
def test_a_refusal_is_the_visitors_fault_but_for_the_programs_own_modifiers(reason, status):
    refused = NotSent(Decision(Outcome.REFUSE, reason=reason))
    if status is None:
        with pytest.raises(NotSent):
            status_of(refused)
    else:
        assert status_of(refused) == status
