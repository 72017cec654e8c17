"""The options of following mean the same in both libraries."""

from __future__ import annotations

import pickle

import pytest

from conftest import client
from fingerpost import hops
from fingerpost._gen.fingerpost.v1 import follow_pb2
from fingerpost.hops import Options
from libraries import LIBRARIES, STOPPED
from web import to

UNREACHABLE = "127.0.0.1:1"


def test_options_are_the_service_s(asking):
    options = Options(
        limit=1,
        keep_post=True,
        userinfo="strip",
        denied_hosts=("a.test",),
        allowed_ports=(443,),
        follow_multiple_choices=True,
        profile="curl",
        stop_on_method_change=True,
        deny_private_addresses=True,
        allowed_hosts=("b.test",),
        secret_fields=("X",),
        trusted_origins=("https://a.test",),
        allow_downgrade=True,
    ).message()
    # A session polls by itself, keeps its cookies by itself, and has no command line with switches.
    left_out = {"allow_polling", "jar", "switches"}
    assert {field.name for field, _ in options.ListFields()} == {field.name for field in follow_pb2.FollowOptions.DESCRIPTOR.fields} - left_out
    assert {field.name for field, _ in options.targets.ListFields()} == {field.name for field in follow_pb2.TargetRules.DESCRIPTOR.fields}
    assert options.profile == follow_pb2.PROFILE_CURL and options.userinfo == follow_pb2.USERINFO_POLICY_STRIP
    assert Options().message() == follow_pb2.FollowOptions()


def test_every_profile_has_its_name():
    assert [f"PROFILE_{name.upper()}" for name in hops.Profile.__args__] == follow_pb2.Profile.keys()[1:]
    for wrong in ({"profile": "netscape"}, {"userinfo": "keep"}):
        with pytest.raises(ValueError, match=f"{next(iter(wrong))}: expected one of"):
            Options(**wrong)


@LIBRARIES
def test_post_is_kept_and_300_followed_where_the_options_say_so(asking, web, library):
    web.pages["/"] = to("/two", 302)
    web.pages["/two"] = to("/three", 300)
    with library(asking, Options(keep_post=True, follow_multiple_choices=True)) as session:
        session.post(f"{web.url}/", data={"a": "b"})
    assert [(seen.method, seen.path, seen.body) for seen in web.seen] == [("POST", path, b"a=b") for path in ("/", "/two", "/three")]
    web.pages["/"] = to(web.url.replace("//", "//me:pw@") + "/three")
    with library(asking, Options(userinfo="strip")) as session:
        assert session.get(f"{web.url}/").status_code == 200 and web.seen[-1].fields["Authorization"] is None


@LIBRARIES
@pytest.mark.parametrize("status", [301, 302, 303])
def test_a_delivery_is_no_get(asking, web, library, status):
    web.pages.update({"/": to("/login", status), "/moved": to("/hook", 308)})
    with library(asking, Options(stop_on_method_change=True)) as session:
        with pytest.raises(STOPPED, match="METHOD_CHANGED"):
            session.post(f"{web.url}/", data={"a": "b"})
        assert len(web.seen) == 1
        assert session.post(f"{web.url}/moved", data={"a": "b"}).status_code == 200 and web.seen[-1].method == "POST"


@LIBRARIES
@pytest.mark.parametrize(
    "rules", [{"deny_private_addresses": True}, {"allowed_hosts": ("shop.example",)}, {"denied_hosts": ("127.0.0.1",)}, {"allowed_ports": (443,)}]
)
def test_the_first_url_is_held_to_the_rules(asking, web, library, rules):
    with library(asking, Options(**rules)) as session, pytest.raises(STOPPED, match="TARGET_NOT_ALLOWED") as raised:
        session.get(f"{web.url}/")
    assert web.seen == [] and raised.value.response is None and str(raised.value.request.url) == f"{web.url}/"
    assert str(pickle.loads(pickle.dumps(raised.value))) == str(raised.value)


@LIBRARIES
def test_what_the_rules_allow_goes_through(asking, web, library):
    web.pages["/"] = to("/two")
    port = web.server.server_port
    with library(asking, Options(allowed_hosts=(f"127.0.0.1:{port}",), allowed_ports=(port,), denied_hosts=("localhost",))) as session:
        assert session.get(f"{web.url}/").status_code == 200
        web.pages["/two"] = to(f"{web.elsewhere}/three")
        with pytest.raises(STOPPED, match="TARGET_NOT_ALLOWED"):
            session.get(f"{web.url}/")
    with client(UNREACHABLE) as nobody, library(nobody, Options(deny_private_addresses=True)) as session, pytest.raises(STOPPED, match="TARGET_NOT_ALLOWED"):
        session.get(f"{web.url}/")  # Nobody needs to be asked.
