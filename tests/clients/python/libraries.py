"""The two libraries that follow redirects, opened the same way."""

from __future__ import annotations

import pytest

import fingerpost.httpx
import fingerpost.requests
from fingerpost.hops import Options

STOPPED = (fingerpost.requests.Stopped, fingerpost.httpx.Stopped)


def open_requests(asking, options=Options()):
    session = fingerpost.requests.Session(asking, options)
    session.trust_env = False
    return session


def open_httpx(asking, options=Options(), **kwargs):
    return fingerpost.httpx.Client(asking, options, trust_env=False, **kwargs)


LIBRARIES = pytest.mark.parametrize("library", [open_requests, open_httpx])
