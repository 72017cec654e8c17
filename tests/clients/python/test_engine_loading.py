"""Engines that cannot be used: the client does without, and says why, once."""

from __future__ import annotations

import ctypes
import pathlib
import resource
import subprocess

import pytest

import fingerpost
from conftest import FOLLOW, FORM, client, nobody
from fingerpost import Outcome, Source, engine
from policies import policy

OTHER = """
int fingerpost_abi(void) { return 77; }
"""


def compiled(place, source):
    place.with_suffix(".c").write_text(source)
    subprocess.run(["cc", "-shared", "-fPIC", "-o", place, place.with_suffix(".c")], check=True)


def truncated(place, octets):
    place.write_bytes(pathlib.Path(REAL).read_bytes()[:octets])


REAL = engine.LIBRARY
BAD = {
    "none": (lambda place: None, "without the engine"),
    "empty": (lambda place: truncated(place, 0), "not a whole library"),
    "a header": (lambda place: truncated(place, 64), "not a whole library"),
    "half": (lambda place: truncated(place, REAL.stat().st_size // 2), "not a whole library"),
    "all but one": (lambda place: truncated(place, REAL.stat().st_size - 1), "not a whole library"),
    "text": (lambda place: place.write_text("no library" * 100), "not a whole library"),
    "a folder": (lambda place: place.mkdir(), "directory"),
    "foreign": (lambda place: compiled(place, "int other(void) { return 1; }"), "no engine for this machine"),
    "another ABI": (lambda place: compiled(place, OTHER), "has ABI 77, and this package needs"),
    "functions missing": (lambda place: compiled(place, OTHER.replace("77", str(engine.ABI))), "no engine for this machine"),
    "another machine": (lambda place: of_another_machine(place), "no engine for this machine"),
}


def of_another_machine(place):
    octets = bytearray(REAL.read_bytes())
    octets[18:20] = b"\x16\x00"  # S/390.
    place.write_bytes(octets)


@pytest.mark.parametrize("bad", BAD)
def test_an_engine_that_cannot_be_used(place, service, caplog, bad):
    make, why = BAD[bad]
    make(place)
    for mode in ("auto", "remote"):
        for _ in range(2):
            with client(service.address, mode, timeout=20) as asking:
                assert (asking.decide(FORM).source, asking.follow(FOLLOW).source) == (Source.SERVICE, Source.SERVICE)
                assert why in asking.policy.problems[0]
    with pytest.raises(fingerpost.EngineError, match=why):
        client(service.address, "local")
    assert len([record for record in caplog.records if "no answer is made in this process" in record.getMessage()]) == 1


@pytest.mark.parametrize("mode", ["auto", "remote"])
def test_an_outage_without_an_engine(without_an_engine, mode):
    with nobody(engine=mode) as unreachable:
        with pytest.raises(fingerpost.FingerpostError, match="UNAVAILABLE"):
            unreachable.decide(FORM)
        assert unreachable.decide({"request": {"method": "GET", "url": "https://a.test/"}}).outcome is Outcome.PASS
        hop = unreachable.follow(FOLLOW)
        assert (hop.next, hop.stop, hop.source) == (None, "SERVICE_UNAVAILABLE", Source.FALLBACK)


def test_the_engine_that_is_there(place):
    place.symlink_to(REAL)  # The same library a second time.
    found = engine.load()
    assert found.version == fingerpost.__version__ and engine.load() is found
    assert ctypes.CDLL(str(REAL)).fingerpost_abi() == engine.ABI
    policy = found.open_text("rules: []")
    for octets in (b"\xff", b"\x0a\x05abc"):
        for ask in (policy.decide, policy.follow):
            with pytest.raises(fingerpost.FingerpostError, match="expected the octets of a fingerpost.v1"):
                ask(octets)


def test_policies_that_come_and_go_leave_no_memory():
    def resident():
        return int(pathlib.Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()

    found = engine.load()
    for _ in range(500):
        found.open(policy("/new"), "v1").take_usage()
    before = resident()
    for _ in range(10_000):
        found.open(policy("/new"), "v1").take_usage()
    assert resident() < before + (8 << 20)
