"""The policy's rules in front of real servers: each path as sent, and the fields that an answer adds to a page that it lets pass."""

from __future__ import annotations

import asyncio
import http.client
import json
import pathlib
import threading

import django.conf
import django.core.handlers.wsgi
import django.http
import django.test
import django.urls
import fastapi
import flask
import pytest
import starlette.exceptions
import starlette.responses
import uvicorn
import werkzeug.serving

import fingerpost
import fingerpost.flask
import fingerpost.starlette
from conftest import Service
from fingerpost.page import merged_cache_control, merged_vary

TABLE = json.loads((pathlib.Path(__file__).parents[1] / "paths.json").read_text())
PATHS = [*TABLE["paths"], *TABLE["refused by Fastify"]]
DRAWN = """
rules:
  - id: half
    match: {path_prefix: /drawn, share: {percent: 50, sticky_key: {cookie: bucket, assign: {max_age: 60s}}}}
    intent: {purpose: temporary_move, target: /new}
"""
PATIENT = 20.0  # Long, because the machine may be busy.
# The page's own fields, by path, and the Vary and Cache-Control that reach the visitor if it passes.
PAGES = {
    "/drawn/plain": ([], "Cookie", "private"),
    "/drawn/varied": ([("Vary", "accept, cookie")], "accept, cookie", "private"),
    "/drawn/all": ([("Vary", "*")], "*", "private"),
    "/drawn/public": ([("Cache-Control", 'public, max-age=60, s-maxage=600, no-cache="x, y"')], "Cookie", 'max-age=60, no-cache="x, y", private'),
    "/drawn/secret": ([("Cache-Control", "no-store")], "Cookie", "no-store"),
    "/drawn/cookies": ([("Set-Cookie", "own=1; Path=/")], "Cookie", "private"),
    "/drawn/stream": ([("Vary", "accept")], "accept, Cookie", "private"),
    "/drawn/refused": ([], "Cookie", "private"),
    "/drawn/broken": ([], "Cookie", "private"),
    "/drawn/missing": ([], "Cookie", "private"),
}
STATUS = {"/drawn/refused": 403, "/drawn/broken": 500, "/drawn/missing": 404}


class Handler(werkzeug.serving.WSGIRequestHandler):
    def log(self, *_):
        pass


def serve_wsgi(app):
    server = werkzeug.serving.make_server("127.0.0.1", 0, app, threaded=True, request_handler=Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_port, server.shutdown


def serve_asgi(app):
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical", lifespan="on"))
    ready = threading.Event()
    startup = server.startup

    async def started(sockets=None):
        await startup(sockets)
        ready.set()

    server.startup = started
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()), daemon=True)
    thread.start()
    assert ready.wait(PATIENT)

    def stop():
        server.should_exit = True
        thread.join(PATIENT)

    return server.servers[0].sockets[0].getsockname()[1], stop


def flask_server(address):
    app = flask.Flask("pages")

    @app.after_request
    def late(response):  # Registered before ours, so it would run after.
        for name, value in PAGES.get(flask.request.path, ([],))[0]:
            response.headers[name] = value
        return response

    fingerpost.flask.Fingerpost(app, fingerpost.Client(address, fingerpost.plaintext(), timeout=PATIENT), fields=frozenset({"Cookie"}))

    def page(name):
        if name == "refused":
            flask.abort(403)
        if name == "broken":
            raise RuntimeError("broken")
        if name == "missing":
            flask.abort(404)
        return flask.Response(iter(["pa", "ge"])) if name == "stream" else "page"

    app.add_url_rule("/drawn/<name>", view_func=page)
    app.logger.disabled = True
    return serve_wsgi(app)


def django_server(address):
    import fingerpost.django as ours

    def page(request, name):
        if name == "refused":
            raise django.core.exceptions.PermissionDenied
        if name == "broken":
            raise RuntimeError("broken")
        if name == "missing":
            raise django.http.Http404
        response = django.http.StreamingHttpResponse(iter(["pa", "ge"])) if name == "stream" else django.http.HttpResponse("page")
        for field, value in PAGES[request.path][0]:
            if field == "Set-Cookie":
                response.set_cookie("own", "1")
            else:
                response[field] = value
        return response

    changed = django.test.override_settings(
        FINGERPOST={"ADDRESS": address, "TRANSPORT": fingerpost.plaintext(), "TIMEOUT": PATIENT, "FIELDS": ["Cookie"]},
        ROOT_URLCONF=(django.urls.path("drawn/<name>", page),),
        LOGGING_CONFIG=None,
    )
    changed.enable()
    ours.client.cache_clear()
    port, shutdown = serve_wsgi(django.core.handlers.wsgi.WSGIHandler())

    def stop():
        shutdown()
        changed.disable()
        ours.client.cache_clear()

    return port, stop


def fastapi_server(address):
    app = fastapi.FastAPI()
    ours = fingerpost.starlette.Fingerpost(fingerpost.AsyncClient(address, fingerpost.plaintext(), timeout=PATIENT), fields=frozenset({"Cookie"}))

    @app.get("/drawn/{name}")
    def page(name: str):
        if name == "refused":
            raise starlette.exceptions.HTTPException(403)
        if name == "broken":
            raise RuntimeError("broken")
        if name == "missing":
            raise starlette.exceptions.HTTPException(404)
        Response = starlette.responses.StreamingResponse if name == "stream" else starlette.responses.Response
        response = Response(iter(["pa", "ge"]) if name == "stream" else "page")
        for field, value in PAGES[f"/drawn/{name}"][0]:
            response.headers.append(field, value)
        return response

    # Around the whole application, so that the page of an uncaught error counts as a page, too.
    return serve_asgi(fingerpost.starlette.Middleware(app, fingerpost=ours))


SERVERS = {"Flask": flask_server, "Django": django_server, "FastAPI": fastapi_server}


@pytest.fixture(scope="module")
def configured():
    if not django.conf.settings.configured:
        django.conf.settings.configure()
    with django.test.override_settings(ALLOWED_HOSTS=["*"], MIDDLEWARE=["fingerpost.django.Middleware"], DEBUG=False):
        django.setup()
        yield


@pytest.fixture(scope="module")
def policies(tmp_path_factory):
    folder = tmp_path_factory.mktemp("policies")
    (folder / "paths.yaml").write_text(json.dumps(TABLE["policy"]))
    (folder / "pages.csv").write_text(TABLE["pages.csv"])
    (folder / "drawn.yaml").write_text(DRAWN)
    running = {name: Service("--policy", str(folder / f"{name}.yaml")) for name in ("paths", "drawn")}
    yield running
    for one in running.values():
        one.stop()


def ask(port, path, method="GET", **fields):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENT)
    try:
        connection.putrequest(method, path, skip_host=True)
        for name, value in {"Host": "shop.example.com", **fields}.items():
            connection.putheader(name, value)
        connection.endheaders()
        response = connection.getresponse()
        return response.status, response.headers, response.read()
    finally:
        connection.close()


def test_the_table_is_what_the_service_says(policies):
    with fingerpost.Client(policies["paths"].address, fingerpost.plaintext(), timeout=PATIENT) as client:
        said = [[path, client.decide({"request": {"method": "GET", "url": f"http://shop.example.com{path}"}}).header("Location")] for path, _ in PATHS]
    assert said == PATHS


@pytest.mark.parametrize("framework", SERVERS)
def test_each_path_is_asked_as_it_was_sent(configured, policies, framework):
    port, stop = SERVERS[framework](policies["paths"].address)
    try:
        assert [[path, ask(port, path)[1]["Location"]] for path, _ in PATHS] == PATHS
    finally:
        stop()


@pytest.mark.parametrize("framework", SERVERS)
def test_a_drawn_key_is_kept_and_stays_on_its_side(configured, policies, framework):
    port, stop = SERVERS[framework](policies["drawn"].address)
    try:
        sides = set()
        for _ in range(64):  # Both sides occur, except in one run of 2^63.
            status, fields, _ = ask(port, "/drawn/plain")
            (line,) = fields.get_all("Set-Cookie")
            pair, *attributes = line.split("; ")
            assert pair.startswith("bucket=") and {"Path=/", "Max-Age=60", "HttpOnly", "SameSite=Lax"} == set(attributes)
            again, fields, _ = ask(port, "/drawn/plain", Cookie=f"a=b; {pair}")
            assert (again, fields["Set-Cookie"], fields["Vary"].split(", ")[-1]) == (status, None, "Cookie")
            sides.add(status)
            if sides == {200, 307}:
                break
        assert sides == {200, 307}
    finally:
        stop()


@pytest.mark.parametrize("framework", SERVERS)
def test_a_page_that_is_let_pass_has_the_fields_of_the_answer(configured, policies, framework):
    port, stop = SERVERS[framework](policies["drawn"].address)
    try:
        for path, (own, vary, caching) in PAGES.items():
            status = 307
            while status == 307:  # A client outside the share gets the page.
                status, fields, content = ask(port, path)
            lines = fields.get_all("Set-Cookie")
            got = (status, fields.get_all("Vary"), fields.get_all("Cache-Control"), sorted(line.split("=")[0] for line in lines))
            ours = ["bucket", *(["own"] if any(name == "Set-Cookie" for name, _ in own) else [])]
            assert (path, *got) == (path, STATUS.get(path, 200), [vary], [caching], ours)
            assert content == b"page" or status != 200
    finally:
        stop()


@pytest.mark.parametrize(
    "page, added, merged",
    [
        ([], ["private"], "private"),
        (["max-age=5"], ["private"], "max-age=5, private"),
        (["PUBLIC, S-Maxage=5"], ["private"], "private"),
        (["no-cache, No-Store"], ["private"], "no-cache, No-Store"),
        (['private="a, public", max-age=1'], ["private"], "max-age=1, private"),
        (["public", "max-age=5"], ["no-store"], "no-store"),
        (["max-age=5"], ["max-age=9"], "max-age=5"),
        ([" , "], ["private"], "private"),
        (['no-cache="no-store"'], ["private"], 'no-cache="no-store", private'),
        (['x="a\\"b, no-store"'], ["private"], 'x="a\\"b, no-store", private'),
    ],
)
def test_cache_control_is_at_least_as_strict(page, added, merged):
    assert merged_cache_control(page, added) == merged


@pytest.mark.parametrize(
    "lines, merged", [(["Accept", "accept, Cookie"], "Accept, Cookie"), (["", "X-Route"], "X-Route"), (["Accept", "*"], "*"), (["Cookie"], "Cookie")]
)
def test_vary_is_merged(lines, merged):
    assert merged_vary(lines) == merged
