"""Shared by the tests: a Fingerpost service, one with given answers, and results in the form that tests/run counts."""

from __future__ import annotations

import concurrent.futures
import os
import pathlib
import socket
import subprocess

import grpc
import pytest

import fingerpost
from fingerpost import engine, inside
from fingerpost._gen.fingerpost.v1 import decide_pb2, redirect_service_pb2_grpc
from web import Web

BIN = pathlib.Path(os.environ["FINGERPOST_BIN"])


class Service:
    """A fingerpostd, on a free port unless told otherwise."""

    def __init__(self, *flags: str, listen: str = "127.0.0.1:0") -> None:
        self.process = subprocess.Popen([BIN / "fingerpostd", "--listen", listen, *flags], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        line = self.process.stdout.readline()
        assert "listening on" in line, f"fingerpostd did not start: {line!r}"
        self.address = line.split("listening on ")[1].split()[0]
        self.line = line

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture(scope="session")
def service():
    running = Service()
    yield running
    running.stop()


FORM = {"request": {"method": "POST", "url": "https://a.test/orders"}, "intent": {"purpose": "form_result", "target": "/orders/1"}}
FOLLOW = {"request": {"method": "GET", "url": "https://a.test/"}, "response": {"status": 302, "headers": [{"name": "Location", "value": "/b"}]}}


class Fake(redirect_service_pb2_grpc.RedirectServiceServicer):
    """Gives the test's answers, and counts."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.calls = 0

    def Decide(self, request, context):
        self.calls += 1
        self.seconds = context.time_remaining()
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, grpc.StatusCode):
            context.abort(answer, "told to")
        return answer

    Follow = Decide


@pytest.fixture
def fake():
    servers = []

    def start(*answers):
        server = grpc.server(concurrent.futures.ThreadPoolExecutor(4))
        servicer = Fake(*answers)
        redirect_service_pb2_grpc.add_RedirectServiceServicer_to_server(servicer, server)
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        servers.append(server)
        return f"127.0.0.1:{port}", servicer

    yield start
    for server in servers:
        server.stop(None)


def answer(**kwargs):
    headers = kwargs.pop("headers", {"Location": "/x"})
    made = decide_pb2.DecideResponse(outcome=kwargs.pop("outcome", decide_pb2.OUTCOME_REDIRECT), status=kwargs.pop("status", 303), **kwargs)
    for name, value in headers.items() if isinstance(headers, dict) else headers:
        made.headers.add(name=name, value=value)
    return made


def closed_port() -> str:
    """An address that refuses connections: bound, never listened on."""
    held = socket.socket()
    held.bind(("127.0.0.1", 0))
    closed_port.held.append(held)
    return f"127.0.0.1:{held.getsockname()[1]}"


closed_port.held = []


def client(address, engine="remote", **kwargs):
    """A client that asks; the tests of the engine say so."""
    return fingerpost.Client(address, fingerpost.plaintext(), engine=engine, **kwargs)


def nobody(**kwargs):
    """A client without a service, patient enough for a busy machine."""
    return client(closed_port(), timeout=20, **kwargs)


def pytest_runtest_logreport(report):
    name = f"python: {report.nodeid.partition('::')[2]}"
    if report.passed and report.when == "call":
        print(f"ok {name}", flush=True)
    elif report.failed:
        print(f"{report.longreprtext}\nnot ok {name}: {report.when}", flush=True)
    elif report.skipped:
        print(f"skip {name}: {report.longrepr[2]}", flush=True)


def pytest_collectreport(report):
    if report.failed:
        print(f"{report.longreprtext}\nnot ok python: {report.nodeid} cannot be loaded", flush=True)


@pytest.fixture(params=["remote", "local"])
def asking(service, request):
    """Both ways to follow."""
    with client(service.address, request.param, timeout=20) as made:
        yield made


@pytest.fixture
def web():
    made = Web()
    yield made
    made.server.shutdown()


@pytest.fixture
def webs():
    made = Web(), Web()
    yield made
    for web in made:
        web.server.shutdown()


@pytest.fixture
def place(monkeypatch, tmp_path):
    """Where the library is looked for in this test."""
    file = tmp_path / "libfingerpost.so"
    monkeypatch.setattr(engine, "LIBRARY", file)
    monkeypatch.setattr(engine, "MODULE", tmp_path / "none.wasm")
    monkeypatch.setattr(inside, "_warned", set())
    engine.load.cache_clear()
    yield file
    engine.load.cache_clear()


@pytest.fixture
def without_an_engine(place):
    pass
