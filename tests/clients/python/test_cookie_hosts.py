"""The caller's cookies go only to the host that they were given for."""

from __future__ import annotations

import httpx
import pytest
import requests

from libraries import LIBRARIES, open_httpx
from web import to


def by_argument(session, url):
    return session.get(url, cookies={"s": "1"})


def by_set(session, url):
    session.cookies.set("s", "1")
    return session.get(url)


def by_update(session, url):
    session.cookies.update({"s": "1"})
    return session.get(url)


def by_assignment(session, url):
    session.cookies = requests.cookies.cookiejar_from_dict({"s": "1"}) if isinstance(session, requests.Session) else {"s": "1"}
    return session.get(url)


def by_prepared(session, url):
    if isinstance(session, requests.Session):
        return session.send(requests.Request("GET", url, cookies=requests.cookies.cookiejar_from_dict({"s": "1"})).prepare())
    session.cookies["s"] = "1"
    return session.send(session.build_request("GET", url))


@LIBRARIES
@pytest.mark.parametrize("give", [by_argument, by_set, by_update, by_assignment, by_prepared])
@pytest.mark.filterwarnings("ignore:Setting per-request cookies")
def test_a_cookie_without_a_domain_is_for_the_host_first_asked(asking, webs, library, give):
    a, b = webs
    a.pages["/"] = to("/same")
    a.pages["/same"] = to(f"{b.elsewhere}/there")
    b.pages["/there"] = to("/again")
    with library(asking) as session:
        give(session, f"{a.url}/")
        assert [seen.fields["Cookie"] for seen in a.seen] == ["s=1", "s=1"]
        assert [seen.fields["Cookie"] for seen in b.seen] == [None, None]
        session.get(f"{b.elsewhere}/")
        assert b.seen[-1].fields["Cookie"] is None
        if give in (by_set, by_update, by_assignment):
            session.get(f"{a.url}/last")
            assert a.seen[-1].fields["Cookie"] == "s=1" and session.cookies.get("s") == "1"


def test_httpx_cookies_of_the_client_are_for_the_host_first_asked(asking, webs):
    a, b = webs
    a.pages["/"] = to(f"{b.elsewhere}/there")
    with open_httpx(asking, cookies={"s": "1"}) as session:
        session.get(f"{a.url}/")
    assert (a.seen[0].fields["Cookie"], b.seen[0].fields["Cookie"]) == ("s=1", None)


@LIBRARIES
def test_a_cookie_without_a_domain_is_not_for_subdomains(asking, library):
    with library(asking) as session:
        session.cookies.set("s", "1")
        prepare = session.build_request if isinstance(session, httpx.Client) else lambda method, url: session.prepare_request(requests.Request(method, url))
        assert prepare("GET", "http://a.test/").headers.get("Cookie") == "s=1"
        assert [prepare("GET", url).headers.get("Cookie") for url in ("http://b.a.test/", "http://b.test/")] == [None, None]
        assert prepare("GET", "http://A.test:8080/").headers.get("Cookie") == "s=1"
        session.cookies.set("t", "2", domain="c.test")
        assert prepare("GET", "http://b.c.test/").headers.get("Cookie") == "t=2"


@LIBRARIES
@pytest.mark.filterwarnings("ignore:Setting per-request cookies")
def test_the_caller_s_cookies_and_the_jar_s_go_together(asking, webs, library):
    a, _ = webs
    a.pages["/"] = to("/two", Set_Cookie="session=x; Path=/")
    a.pages["/two"] = to("/three", Set_Cookie="session=; Path=/; Max-Age=0")
    for given in ({"cookies": {"consent": "1"}}, {"headers": {"Cookie": "consent=1"}}):
        a.seen.clear()
        with library(asking) as session:
            session.get(f"{a.url}/", **given)
        assert [set((seen.fields["Cookie"] or "").split("; ")) for seen in a.seen] == [{"consent=1"}, {"consent=1", "session=x"}, {"consent=1"}]
