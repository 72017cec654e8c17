"""No credential crosses an origin, whoever adds it: the service's lie, auth objects, hooks, netrc."""

from __future__ import annotations

import asyncio
import pickle

import httpx
import pytest
import requests
import requests.auth

import fingerpost
import fingerpost.httpx
import fingerpost.requests
from conftest import client
from fingerpost import origins
from fingerpost._gen.fingerpost.v1 import follow_pb2, http_pb2
from fingerpost.hops import Options
from libraries import LIBRARIES, STOPPED, open_httpx, open_requests
from web import to

CHALLENGE = {"WWW-Authenticate": 'Digest realm="r", nonce="n", qop="auth", algorithm=SHA-256'}


class Liar:
    """A service that answers with the next URL ``url`` and keeps the fields in ``kept``, and puts cookies into the chain."""

    def __init__(self, url, *changes):
        self.answer = follow_pb2.FollowResponse(changes=changes)
        self.answer.next.method, self.answer.next.url = "GET", url
        for name in ("Authorization", "Proxy-Authorization", "Cookie", "X-Api-Key"):
            self.answer.next.headers.add(name=name)
        self.answer.chain.cookies.add(name="a", value=b"b", domain="127.0.0.1", path="/")


def rewritten(index, name):
    return follow_pb2.Change(kind="CHANGE_KIND_FIELD_REWRITTEN", index=index, field=http_pb2.Header(name=name))


FIELDS = {"Authorization": "s3cret-1", "Proxy-Authorization": "s3cret-2", "Cookie": "c=s3cret-3", "X-Api-Key": "s3cret-4"}


@LIBRARIES
@pytest.mark.parametrize(
    "changes",
    [
        (),
        [rewritten(i, name) for i, name in enumerate(FIELDS)],
        [follow_pb2.Change(kind="CHANGE_KIND_FIELD_ADDED", field=http_pb2.Header(name=name)) for name in FIELDS],
    ],
)
def test_a_service_that_lies_gets_no_secret_sent_to_another_origin(fake, webs, library, changes):
    a, b = webs
    a.pages["/"] = to(f"{a.url}/end")
    address, servicer = fake(Liar(f"{b.url}/end", *changes).answer)
    errors = []
    with client(address, timeout=20, on_fallback=errors.append) as asking, library(asking, Options(secret_fields=("x-api-key",))) as session:
        session.get(f"{a.url}/", headers=FIELDS)
    assert servicer.calls == 1 and [error.code for error in errors] == ["MALFORMED"] and "would leave the origin" in errors[0].message
    assert [seen.path for seen in a.seen] == ["/", "/end"] and b.seen == []  # The engine follows instead.


@LIBRARIES
def test_a_service_that_lies_gets_no_cookie_told(fake, webs, library):
    a, _ = webs
    a.pages["/"] = to(f"{a.url}/end")
    a.pages["/end"] = to(f"{a.url}/last")
    stop = follow_pb2.FollowResponse()
    stop.stop.reason = follow_pb2.STOP_REASON_FINAL_RESPONSE
    told = []

    class Told(fingerpost.Client):
        def _ask(self, method, request, seconds):
            told.append(request)
            return super()._ask(method, request, seconds)

    address, _ = fake(Liar(f"{a.url}/end").answer, stop)
    with Told(address, fingerpost.plaintext(), engine="remote", timeout=20) as asking, library(asking) as session:
        session.get(f"{a.url}/", headers={"Cookie": "c=s3cret"})
    assert [seen.fields["Cookie"] for seen in a.seen] == ["c=s3cret"] * 2  # On its origin it goes along.
    assert len(told) == 2 and not any(b"s3cret" in question.SerializeToString() for question in told)


@pytest.mark.parametrize("profile", ["strict", "requests"])
@LIBRARIES
def test_no_profile_takes_a_secret_along(fake, webs, library, profile):
    a, b = webs
    a.pages["/"] = to(f"{b.url}/end")
    address, _ = fake(Liar(f"{b.url}/end").answer)
    with client(address, timeout=20) as asking, library(asking, Options(profile=profile, secret_fields=("x-api-key",))) as session:
        try:
            session.get(f"{a.url}/", headers=FIELDS)
        except STOPPED:
            assert profile == "strict"
        else:
            assert len(b.seen) == 1
    assert "s3cret" not in str([seen.fields for seen in b.seen])


@pytest.mark.parametrize(
    "url, other, same",
    [
        ("http://a.test/x", "http://a.test:80/y", True),
        ("HTTPS://A.Test:443", "https://a.test/", True),
        ("http://u:p@a.test/", "http://a.test/", True),
        ("http://bücher.example/", "http://xn--bcher-kva.example/", True),
        ("http://straße.example/", "http://xn--strae-oqa.example/", True),
        ("http://127.1/", "http://127.0.0.1/", True),
        ("http://0x7f.1/", "http://127.0.0.1/", True),
        ("http://[::1]/", "http://[0:0:0:0:0:0:0:1]/", True),
        ("http://a.test/", "https://a.test/", False),
        ("http://a.test/", "http://a.test:8080/", False),
        ("http://a.test/", "http://b.a.test/", False),
        ("http://a.test/", "http://a.test./", False),
        ("http://a.test/", "http://b.test\\@a.test/", False),
        ("http://a.test/", "http://a.test\\.b.test/", False),
        ("http://a.test/", "http://a.test@b.test/", False),
        ("http://a.test/", "http://a.te%73t/", False),
        ("http://straße.example/", "http://strasse.example/", False),
        ("http://a.test/", "http://a.test:80:80/", False),
        ("/x", "/x", False),
        ("http://a.test/", "http://a@b@a.test/", True),
        ("http://[::1/", "http://[::1/", False),
    ],
)
def test_what_an_origin_is(url, other, same):
    assert (origins.same(url, other), origins.same(other, url)) == (same, same)


def test_trusted_origins_are_both_named():
    trusted = ("https://a.test", "http://b.test:80")
    assert origins.same("https://a.test/x", "http://b.test/y", trusted)
    assert not origins.same("https://a.test/x", "http://c.test/y", trusted) and not origins.same("http://c.test/x", "http://b.test/y", trusted)


# Auth objects and hooks.


def test_digest_answers_no_challenge_of_another_origin(asking, webs):
    a, b = webs
    a.pages["/"] = [(401, CHALLENGE, b""), *to("/here")]
    a.pages["/here"] = to(f"{b.url}/there")
    b.pages["/there"] = [(401, CHALLENGE, b"")]
    with open_requests(asking) as session:
        final = session.get(f"{a.url}/", auth=requests.auth.HTTPDigestAuth("me", "pw"))
    assert (final.status_code, final.url) == (401, f"{b.url}/there")
    assert any("Digest" in str(seen.fields["Authorization"]) for seen in a.seen)
    ((there),) = b.seen
    assert there.fields["Authorization"] is None


def test_digest_goes_on_working_on_its_origin(asking, webs):
    a, _ = webs
    a.pages["/"] = to("/here")
    a.pages["/here"] = [(401, CHALLENGE, b""), (200, {}, b"in")]
    with open_requests(asking) as session:
        assert session.get(f"{a.url}/", auth=requests.auth.HTTPDigestAuth("me", "pw")).text == "in"
    assert a.seen[-1].fields["Authorization"].startswith("Digest")


def answers_challenges(response, **kwargs):
    """A response hook of a program, which sends the request again with its token."""
    heard.append(response.url)
    if response.status_code != 401 or "Authorization" in response.request.headers:
        return None
    again = response.request.copy()
    again.headers["Authorization"] = "Bearer s3cret"
    return response.connection.send(again, **kwargs)


heard: list[str] = []


@pytest.mark.parametrize("where", ["request", "session"])
def test_a_hook_adds_no_credential_elsewhere_and_is_still_called(asking, webs, where):
    a, b = webs
    heard.clear()
    a.pages["/"] = [(401, {}, b""), *to(f"{b.url}/there")]
    b.pages["/there"] = [(401, {}, b"no")]
    with open_requests(asking) as session:
        if where == "session":
            session.hooks["response"].append(answers_challenges)
        final = session.get(f"{a.url}/", hooks={"response": answers_challenges} if where == "request" else None)
    assert (final.status_code, final.text) == (401, "no")
    assert [seen.fields["Authorization"] for seen in a.seen] == [None, "Bearer s3cret"]
    assert {seen.fields["Authorization"] for seen in b.seen} == {None} and f"{b.url}/there" in heard
    assert pickle.loads(pickle.dumps(final)).status_code == 401


def test_what_left_its_origin_stays_bare_when_it_comes_back(asking, webs):
    a, b = webs
    a.pages["/"] = to(f"{b.url}/")
    b.pages["/"] = to(f"{a.url}/back")
    a.pages["/back"] = [(401, CHALLENGE, b"")]
    with open_requests(asking) as session:
        session.auth = requests.auth.HTTPDigestAuth("me", "pw")
        session.get(f"{a.url}/", headers={"X-Api-Key": "k"})
    assert a.seen[-1].path == "/back" and a.seen[-1].fields["Authorization"] is None
    with open_httpx(asking, event_hooks={"request": [lambda r: r.headers.update({"Authorization": "s3cret"})]}) as session:
        session.get(f"{a.url}/")
    assert [a.seen[-2].fields["Authorization"], b.seen[-1].fields["Authorization"], a.seen[-1].fields["Authorization"]] == ["s3cret", None, None]


def test_hooks_may_add_credentials_among_trusted_origins(asking, webs):
    a, b = webs
    a.pages["/"] = to(f"{b.url}/there")
    options = Options(trusted_origins=(a.url, b.url))
    with open_httpx(asking, options, event_hooks={"request": [lambda r: r.headers.update({"Authorization": "s3cret"})]}) as session:
        session.get(f"{a.url}/")
    b.pages["/there"] = [(401, CHALLENGE, b""), (200, {}, b"in")]
    with open_requests(asking, options) as session:
        assert session.get(f"{a.url}/", auth=requests.auth.HTTPDigestAuth("me", "pw")).text == "in"
    assert b.seen[0].fields["Authorization"] == "s3cret" and b.seen[-1].fields["Authorization"].startswith("Digest")


@pytest.mark.parametrize("field", ["Authorization", "X-Api-Key", "Cookie"])
def test_an_event_hook_adds_no_credential_elsewhere(service, asking, webs, field):
    a, b = webs
    a.pages["/"] = to("/same")
    a.pages["/same"] = to(f"{b.url}/there")
    options, called = Options(secret_fields=("X-Api-Key",)), []

    def hook(request):
        called.append(str(request.url))
        request.headers[field] = "k=s3cret"

    async def ahook(request):
        hook(request)

    with open_httpx(asking, options, event_hooks={"request": [hook]}) as session:
        session.get(f"{a.url}/")

    async def run():
        async with fingerpost.AsyncClient(service.address, fingerpost.plaintext(), timeout=20) as asking:
            async with fingerpost.httpx.AsyncClient(asking, options, event_hooks={"request": [ahook]}) as session:
                await session.get(f"{a.url}/")

    asyncio.run(run())
    assert [seen.fields[field] for seen in a.seen] == ["k=s3cret"] * 4
    assert [seen.fields[field] for seen in b.seen] == [None] * 2
    assert called == [f"{a.url}/", f"{a.url}/same", f"{b.url}/there"] * 2


@pytest.mark.parametrize(
    "auth", [("me", "s3cret"), httpx.DigestAuth("me", "s3cret"), lambda request: request.headers.update({"Authorization": "s3cret"}) or request]
)
def test_httpx_auth_stays_on_its_origin(asking, webs, auth):
    a, b = webs
    a.pages["/"] = [(401, CHALLENGE, b""), *to(f"{b.url}/there")] if isinstance(auth, httpx.DigestAuth) else to(f"{b.url}/there")
    b.pages["/there"] = [(401, CHALLENGE, b"")]
    with open_httpx(asking, auth=auth) as session:
        session.get(f"{a.url}/")
    assert a.seen[-1].fields["Authorization"] and {seen.fields["Authorization"] for seen in b.seen} == {None}


@pytest.fixture
def netrc(tmp_path, monkeypatch):
    file = tmp_path / "netrc"
    monkeypatch.setenv("NETRC", str(file))
    return file


@pytest.mark.parametrize(
    "text, sent",
    [
        ("machine localhost login it password theirs\n", "Basic aXQ6dGhlaXJz"),
        ("default login me password s3cret\n", None),
        ("machine 127.0.0.1 login me password s3cret\n", None),
    ],
)
def test_netrc_is_asked_for_the_next_host_by_name(asking, webs, netrc, text, sent):
    a, b = webs
    netrc.write_text(text)
    a.pages["/"] = to(f"{b.elsewhere}/there")
    b.pages["/there"] = to("/again")
    with fingerpost.requests.Session(asking) as session:
        session.get(f"{a.url}/")
    assert [seen.fields["Authorization"] for seen in b.seen] == [sent, sent]


def test_rebuild_auth_of_a_subclass_is_called(asking, webs):
    a, b = webs
    a.pages["/"] = to(f"{b.url}/there")
    called = []

    class Mine(fingerpost.requests.Session):
        def rebuild_auth(self, prepared_request, response):
            called.append((prepared_request.url, response.url))

    with Mine(asking) as session:
        session.get(f"{a.url}/")
    assert called == [(f"{b.url}/there", f"{a.url}/")]


def test_a_client_certificate_is_not_shown_elsewhere(asking, webs):
    a, b = webs
    a.pages["/"] = to("/same")
    a.pages["/same"] = to(f"{b.url}/there")
    certs = []

    class Adapter(requests.adapters.HTTPAdapter):
        def send(self, request, **kwargs):
            certs.append(kwargs.pop("cert"))
            return super().send(request, **kwargs)

    with open_requests(asking) as session:
        session.mount("http://", Adapter())
        session.cert = "mine.pem"
        session.get(f"{a.url}/")
    assert certs == ["mine.pem", "mine.pem", None]
