"""The engine inside and a real service: changes and their faults, parts of the policy, and counts that are the service's."""

from __future__ import annotations

import json
import os
import pathlib
import re
import urllib.request

import pytest

from conftest import FOLLOW, FORM, Service, client
from policies import OLD, eventually
from test_engine import PATIENT, becomes, location, state


class Served:
    """A service whose policy the test writes."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.file = folder / "policy.json"
        self.flags = ("--policy", str(self.file), "--admin-listen", "127.0.0.1:0")

    def write(self, where: str = "/new", **more) -> None:
        rule = {"id": "old", "match": {"path": "/old"}, "intent": {"purpose": "permanent_move", "target": where}}
        self.text(json.dumps({"rules": [rule], **more}))

    def text(self, text: str) -> None:
        beside = self.file.with_suffix(".new")
        beside.write_text(text)
        beside.replace(self.file)

    def start(self, **more: str) -> None:
        self.running = Service(*self.flags, **more)

    def metrics(self) -> str:
        (admin,) = re.findall(r"admin on ([0-9.:]+)", self.running.line)
        with urllib.request.urlopen(f"http://{admin}/metrics") as answer:
            return answer.read().decode()

    def sum_of(self, family: str, *labels: str) -> int:
        lines = [line for line in self.metrics().splitlines() if line.startswith((f"{family}{{", f"{family} ")) and all(label in line for label in labels)]
        return sum(int(float(line.split()[-1])) for line in lines)


@pytest.fixture
def served(tmp_path):
    made = Served(tmp_path)
    made.write()
    made.start()
    yield made
    made.running.stop()


def test_changes_and_their_faults(served):
    with client(served.running.address, "local") as asking:
        assert asking.ready(PATIENT) and location(asking.decide(OLD)) == ("/new", "ENGINE")
        served.write("/two")
        eventually(lambda: location(asking.decide(OLD)) == ("/two", "ENGINE"))
        served.write("/three", rulse=[])
        assert "rulse" in eventually(lambda: asking.policy.problems)[0] and state(asking)[0] == "READY"
        assert location(asking.decide(OLD)) == ("/two", "ENGINE")
        served.write("/four")
        eventually(lambda: location(asking.decide(OLD)) == ("/four", "ENGINE") and not asking.policy.problems)
        with client(served.running.address) as remote:
            assert remote.decide(OLD, timeout=PATIENT).policy_version == asking.policy.version


def test_a_stop_and_a_start(served):
    with client(served.running.address, "auto") as asking:
        assert asking.ready(PATIENT)
        version = asking.policy.version
        served.running.stop()
        becomes(asking, "STALE", version)
        assert location(asking.decide(OLD)) == ("/new", "ENGINE")
        served.start(listen=served.running.address)
        becomes(asking, "READY", version)


def test_counts_are_the_service_s(served):
    with client(served.running.address, "local") as asking:
        assert asking.ready(PATIENT)
        for _ in range(7):
            asking.decide(OLD)
        for _ in range(2):
            asking.decide(FORM)
        asking.follow(FOLLOW)
    assert served.sum_of("fingerpost_decisions_total") == 9
    assert served.sum_of("fingerpost_decisions_total", 'purpose="FORM_RESULT"') == 2
    assert served.sum_of("fingerpost_follows_total") == 1


def test_a_part_of_the_policy(served):
    order = {"intent": {"purpose": "form_result", "target": "/orders/1"}}
    served.running.stop()
    served.write(intents={"order": order, "other": order})
    served.start()
    with client(served.running.address, "auto", selector={"hosts": ["a.test"], "intents": ["order"]}, timeout=PATIENT) as asking:
        assert asking.ready(PATIENT)
        named = {"request": {"method": "POST", "url": "https://a.test/x"}}
        assert asking.decide({**named, "intent_name": "order"}).source.name == "ENGINE"
        assert asking.decide({**named, "intent_name": "other"}).source.name == "SERVICE"
        assert location(asking.decide(OLD)) == ("/new", "ENGINE")
        elsewhere = {"request": {"method": "GET", "url": "https://b.test/old"}}
        assert location(asking.decide(elsewhere)) == ("/new", "SERVICE")


def test_maps(served, tmp_path):
    (tmp_path / "small.csv").write_text("/small,/row\n")
    (tmp_path / "large.csv").write_text("".join(f"/large/{i},/row/{i}\n" for i in range(20_000)))
    assert os.stat(tmp_path / "large.csv").st_size > 256 * 1024
    small = {"request": {"method": "GET", "url": "https://a.test/small"}}
    large = {"request": {"method": "GET", "url": "https://a.test/large/7"}}
    with client(served.running.address, "auto", timeout=PATIENT) as asking:
        assert asking.ready(PATIENT)
        served.write(maps=[{"name": "small", "file": "small.csv"}])
        eventually(lambda: location(asking.decide(small)) == ("/row", "ENGINE"))
        served.write(maps=[{"name": "small", "file": "small.csv"}, {"name": "large", "file": "large.csv"}])
        eventually(lambda: location(asking.decide(large)) == ("/row/7", "SERVICE"))
        assert asking.decide(FORM).source.name == "ENGINE"
        served.running.stop()
        eventually(lambda: asking.policy.state.name == "STALE")
        assert (asking.decide(large).source.name, asking.decide(large).must_send) == ("FALLBACK", False)
