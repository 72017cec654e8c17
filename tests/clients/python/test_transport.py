"""The connection to the service: TLS, mutual TLS, and from the children of a fork."""

from __future__ import annotations

import asyncio
import os
import pathlib
import subprocess
import sys
import time

import pytest
import requests

import fingerpost
from conftest import FORM, Service
from fingerpost import Source

PATIENT = 20.0


class Certificates:
    """Made by openssl in its own folder."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder
        for name in ("ca", "other"):
            self.openssl(f"req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN={name} -keyout {name}.key -out {name}.pem")
        self.make("server", "ca", "DNS:localhost")
        self.make("elsewhere", "ca", "DNS:elsewhere.example")
        self.make("shop", "ca", "URI:spiffe://example.org/shop")
        self.make("stranger", "other", "URI:spiffe://example.org/shop")

    def openssl(self, arguments: str) -> None:
        subprocess.run(["openssl", *arguments.split()], cwd=self.folder, check=True, capture_output=True)

    def make(self, name: str, authority: str, alternative: str) -> None:
        key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
        self.openssl(f"req {key} -subj /CN={name} -addext subjectAltName={alternative} -keyout {name}.key -out {name}.csr")
        signed = f"-CAcreateserial -CA {authority}.pem -CAkey {authority}.key -days 1 -out {name}.pem"
        self.openssl(f"x509 -req -copy_extensions copy -in {name}.csr {signed}")

    def path(self, file: str) -> str:
        return str(self.folder / file)

    def read(self, file: str) -> bytes:
        return (self.folder / file).read_bytes()


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return Certificates(tmp_path_factory.mktemp("certificates"))


def serving(files, name="server", *more):
    return Service("--tls-cert", files.path(f"{name}.pem"), "--tls-key", files.path(f"{name}.key"), *more)


@pytest.fixture(scope="module")
def with_tls(files):
    running = serving(files)
    yield running.address
    running.stop()


@pytest.fixture(scope="module")
def with_mutual_tls(files):
    running = serving(files, "server", "--tls-client-ca", files.path("ca.pem"))
    yield running.address
    running.stop()


def ask(address, transport):
    with fingerpost.Client(address, transport, on_error="raise", timeout=PATIENT) as client:
        return client.decide(FORM).source


def refused(address, transport):
    with fingerpost.Client(address, transport, timeout=PATIENT) as client:
        answer = client.decide(FORM)
    assert (answer.source, answer.error.code) == (Source.FALLBACK, "UNAVAILABLE")
    return answer.error.message


def test_tls(files, with_tls):
    right = fingerpost.tls(ca=files.read("ca.pem"), server_name="localhost")
    assert ask(with_tls, right) is Source.SERVICE

    async def run():
        async with fingerpost.AsyncClient(with_tls, right, on_error="raise", timeout=PATIENT) as client:
            return (await client.decide(FORM)).source

    assert asyncio.run(run()) is Source.SERVICE


def test_a_wrong_authority(files, with_tls):
    assert "CERTIFICATE_VERIFY_FAILED" in refused(with_tls, fingerpost.tls(ca=files.read("other.pem"), server_name="localhost"))


def test_the_system_s_authorities_do_not_know_ours(with_tls):
    assert "CERTIFICATE_VERIFY_FAILED" in refused(with_tls, fingerpost.tls(server_name="localhost"))


def test_a_wrong_name(files, with_tls):
    refused(with_tls, fingerpost.tls(ca=files.read("ca.pem"), server_name="elsewhere.example"))


def test_plaintext_does_not_reach_a_tls_server(with_tls):
    refused(with_tls, fingerpost.plaintext())


def test_tls_does_not_fall_back_to_plaintext(files, service):
    refused(service.address, fingerpost.tls(ca=files.read("ca.pem"), server_name="localhost"))


def mutual(files, name):
    pair = {"key": files.read(f"{name}.key"), "certificate": files.read(f"{name}.pem")} if name else {}
    return fingerpost.tls(ca=files.read("ca.pem"), server_name="localhost", **pair)


def test_a_key_and_its_certificate_belong_together(files):
    for half in ({"key": files.read("shop.key")}, {"certificate": files.read("shop.pem")}):
        with pytest.raises(TypeError, match="belong together"):
            fingerpost.tls(**half)


def test_mutual_tls(files, with_mutual_tls):
    assert ask(with_mutual_tls, mutual(files, "shop")) is Source.SERVICE
    refused(with_mutual_tls, mutual(files, "stranger"))
    refused(with_mutual_tls, mutual(files, ""))


def test_the_command_line(files, with_tls, with_mutual_tls):
    def run(address, *more):
        question = '{"request": {"method": "POST"}, "intent": {"purpose": "form_result", "target": "/x"}}'
        words = [sys.executable, "-m", "fingerpost", "decide", question, "--server", address]
        return subprocess.run([*words, "--tls-name", "localhost", "--timeout", "20", *more], capture_output=True, text=True)

    assert run(with_tls, "--tls-ca", files.path("ca.pem")).stdout.startswith('{"outcome":"OUTCOME_REDIRECT","status":303,')
    wrong = run(with_tls, "--tls-ca", files.path("other.pem"))
    assert (wrong.returncode, wrong.stdout) == (3, "") and "CERTIFICATE_VERIFY_FAILED" in wrong.stderr
    pair = ["--tls-cert", files.path("shop.pem"), "--tls-key", files.path("shop.key")]
    assert run(with_mutual_tls, "--tls-ca", files.path("ca.pem"), *pair).returncode == 0
    assert run(with_mutual_tls, "--tls-ca", files.path("ca.pem")).returncode == 3


def in_a_child(work):
    """Whether ``work`` returns True in the child of a fork."""
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            status = 0 if work() else 1
        finally:
            os._exit(status)
    end = time.monotonic() + 3 * PATIENT
    while (done := os.waitpid(pid, os.WNOHANG)) == (0, 0):
        if time.monotonic() > end:
            os.kill(pid, 9)
            os.waitpid(pid, 0)
            return False
        time.sleep(0.01)  # waitpid has no deadline.
    return os.waitstatus_to_exitcode(done[1]) == 0


# pytest's process has threads of gRPC servers, so the fork happens in a process with only the client.
FORKING = """
import sys
sys.path.insert(0, sys.argv[1])
import fingerpost
from test_transport import FORM, PATIENT, in_a_child
client = fingerpost.Client(sys.argv[2], fingerpost.plaintext(), on_error="raise", timeout=PATIENT)
assert client.decide(FORM).status == 303  # The parent's channel is in use before the fork.
before = client.stub
for _ in range(5):
    assert in_a_child(lambda: client.decide(FORM).status == 303 and client.stub is not before), "a child got no answer"
assert client.stub is before and client.decide(FORM).status == 303
print("answered")
"""


ASYNC_FORKING = """
import asyncio, sys
sys.path.insert(0, sys.argv[1])
import fingerpost
from test_transport import FORM, PATIENT, in_a_child
client = fingerpost.AsyncClient(sys.argv[2], fingerpost.plaintext(), on_error="raise", timeout=PATIENT)
for _ in range(3):
    assert in_a_child(lambda: asyncio.run(client.decide(FORM)).status == 303), "a child got no answer"
print("answered")
"""


# gRPC's asyncio poller stays in the parent: the child must get an error rather than hang.
ASYNC_USED = """
import asyncio, sys
sys.path.insert(0, sys.argv[1])
import fingerpost
from test_transport import FORM, PATIENT, in_a_child

def made():
    return fingerpost.AsyncClient(sys.argv[2], fingerpost.plaintext(), engine="remote", on_error="raise", timeout=PATIENT)

def refused(client):
    try:
        asyncio.run(client.decide(FORM))
    except RuntimeError as error:
        return "forked" in str(error)

client = made()
assert asyncio.run(client.decide(FORM)).status == 303
assert in_a_child(lambda: refused(client)), "the same client"
assert in_a_child(lambda: refused(made())), "another one"
assert asyncio.run(client.decide(FORM)).status == 303
print("answered")
"""


# Another thread holds every lock at the moment of the fork.
HELD = """
import sys
sys.path.insert(0, sys.argv[1])
import fingerpost
from fingerpost import web
from test_transport import FORM, in_a_child
client = fingerpost.Client("127.0.0.1:1", fingerpost.plaintext(), timeout=0.1)
with client._lock, client._breaker._lock, client._heard._rate._lock, web._proto_rate._lock:
    assert in_a_child(lambda: client.decide(FORM).status == 303 and web._proto_rate.take() == 1), "a child waits"
print("answered")
"""


@pytest.mark.parametrize("program", [FORKING, ASYNC_FORKING, ASYNC_USED, HELD], ids=["threads", "asyncio", "asyncio, used", "locks held"])
def test_children_of_a_fork_make_their_own_channel(service, program):
    here = str(pathlib.Path(__file__).parent)
    done = subprocess.run([sys.executable, "-c", program, here, service.address], capture_output=True, text=True)
    assert done.stdout == "answered\n", done.stderr


APP = """
import os, flask, fingerpost, fingerpost.flask
app = flask.Flask("shop")
client = fingerpost.Client(os.environ["FINGERPOST"], fingerpost.plaintext(), on_error="raise", timeout=20)
fp = fingerpost.flask.Fingerpost(app, client)
# With --preload this runs before gunicorn forks.
assert client.decide({"request": {"method": "POST"}, "intent": {"purpose": "form_result", "target": "/x"}}).status == 303

@app.post("/orders")
def order():
    response = fp.redirect("form_result", "/orders/1")
    response.headers["X-Worker"] = str(os.getpid())
    return response
"""


def test_gunicorn_forks_after_the_first_use(service, tmp_path):
    (tmp_path / "shop.py").write_text(APP)
    words = [sys.executable, "-m", "gunicorn", "--preload", "--workers", "2", "--bind", "127.0.0.1:0", "--no-control-socket", "shop:app"]
    environment = {**os.environ, "FINGERPOST": service.address}
    log = tmp_path / "log"
    with open(log, "w") as to:
        server = subprocess.Popen(words, cwd=tmp_path, env=environment, stdout=to, stderr=to)
    try:
        url = ""
        while not url:
            assert server.poll() is None, log.read_text()
            url = next((word for line in log.read_text().splitlines() if "Listening at:" in line for word in line.split() if "http://" in word), "")
            time.sleep(0.01)  # Its log is the only sign of life.
        workers = set()
        for _ in range(40):
            placed = requests.post(f"{url}/orders", allow_redirects=False, timeout=60)
            assert (placed.status_code, placed.headers["Location"]) == (303, "/orders/1"), log.read_text()
            workers.add(placed.headers["X-Worker"])
        assert workers and str(server.pid) not in workers
    finally:
        server.terminate()
        server.wait()
