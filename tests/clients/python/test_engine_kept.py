"""What stays of a policy and of the counts: on disk, over forks, at the end, and in the hands of many threads."""

from __future__ import annotations

import asyncio
import concurrent.futures
import datetime
import gc
import os
import pathlib
import pickle
import stat
import subprocess
import sys
import threading

import pytest

import fingerpost
from conftest import BIN, FOLLOW, FORM, Service, client, closed_port
from fingerpost import PolicyState, Source, watcher
from fingerpost import policy as policy_module
from fingerpost._gen.fingerpost.v1 import decide_pb2, policy_pb2
from policies import OLD, Server, eventually, policy, told
from test_engine import PATIENT, becomes, location, state


@pytest.fixture
def server():
    made = Server()
    made.policies.greeting = [told("v1", policy("/new", handed_out={"version": "v1"}))]
    yield made
    made.stop()


def threads():
    return [thread for thread in threading.enumerate() if thread.name.startswith("fingerpost-")]


def test_the_last_good_one_is_kept_on_disk(server, tmp_path):
    file = tmp_path / "policy"
    with client(server.address, "local", policy_file=file) as asking:
        assert asking.ready(PATIENT)
        server.policies.say(told("v2", policy("/newer", handed_out={"version": "v2"})))
        becomes(asking, "READY", "v2")
    assert file.read_bytes() == policy("/newer", handed_out={"version": "v2"})
    assert stat.S_IMODE(file.stat().st_mode) == 0o600 and list(tmp_path.iterdir()) == [file]
    os.utime(file, (1e9, 1e9))
    with client(closed_port(), "local", policy_file=str(file)) as asking:
        assert asking.policy.state is PolicyState.STALE and asking.policy.since == datetime.datetime.fromtimestamp(1e9, datetime.timezone.utc)
        assert location(asking.decide(OLD)) == ("/newer", "ENGINE")  # The very first question.
    with client(server.address, "auto", policy_file=file) as asking:
        assert asking.ready(PATIENT) and state(asking) == ("READY", "v1")


WHOLE = policy("/x", handed_out={"version": "v0"})


@pytest.mark.parametrize(
    "octets, why",
    [
        (b"\xff\xff", "octets"),
        (b"", "not whole"),
        (policy("/x"), "not whole"),
        (policy("/x", handed_out={"selector": {}}), "not whole"),
        (WHOLE[:-1], "octets"),
        (policy("/x", handed_out={"version": "v0", "selector": {"hosts": ["a.test"]}}), "selector"),
        (WHOLE + b"\xda\x3e\x01x", "update the engine"),
        (bytes(policy_module.LARGEST + 1), "more than"),
    ],
    ids=["nonsense", "empty", "cut off between fields", "without a version", "cut off", "another part", "newer", "large"],
)
def test_a_file_that_cannot_be_taken_is_none(server, tmp_path, octets, why):
    file = tmp_path / "policy"
    file.write_bytes(octets)
    with client(server.address, "local", policy_file=file) as asking:
        assert state(asking) == ("NONE", "") and why in asking.policy.problems[0]
        assert asking.ready(PATIENT) and location(asking.decide(OLD)) == ("/new", "ENGINE")
        assert asking.policy.problems == () and file.read_bytes() == server.policies.greeting[0].policy


PATHS = {
    "a folder": (lambda folder: (folder / "policy").mkdir(), "policy", "directory"),
    "a FIFO": (lambda folder: os.mkfifo(folder / "policy"), "policy", "no regular file"),
    "a device": (lambda folder: (folder / "policy").symlink_to("/dev/null"), "policy", "no regular file"),
    "a loop": (lambda folder: (folder / "policy").symlink_to("policy"), "policy", "symbolic links"),
    "a long name": (lambda folder: None, "x" * 300, "too long"),
    "a NUL": (lambda folder: None, "x\0y", "null"),
    "below a file": (lambda folder: (folder / "file").touch(), "file/policy", "Not a directory"),
}


@pytest.mark.parametrize("path", PATHS)
def test_a_path_that_is_no_file_s_is_told(server, tmp_path, path):
    make, name, why = PATHS[path]
    make(tmp_path)
    before = list(tmp_path.iterdir()), [one.lstat().st_mode for one in tmp_path.iterdir()]
    with client(server.address, "local", policy_file=f"{tmp_path}/{name}") as asking:
        assert state(asking) == ("NONE", "") and why in asking.policy.problems[0]
        assert asking.ready(PATIENT) and location(asking.decide(OLD)) == ("/new", "ENGINE")
        assert "was not written" in asking.policy.problems[0]
    assert before == (list(tmp_path.iterdir()), [one.lstat().st_mode for one in tmp_path.iterdir()])


def test_a_file_that_may_not_be_read_is_told(server, tmp_path, monkeypatch):
    def refused(path, *more, **words):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(policy_module.os, "open", refused)
    with client(closed_port(), "local", policy_file=tmp_path / "policy") as asking:
        assert state(asking) == ("NONE", "") and "Permission denied" in asking.policy.problems[0]


@pytest.mark.parametrize("name", ["policy", "x" * 255], ids=["short", "long"])
def test_a_link_stays_one(server, tmp_path, name):
    (tmp_path / "to").mkdir()
    real, link = tmp_path / "to" / name, tmp_path / "policy"
    link.symlink_to(f"to/{name}")
    for _ in range(2):  # The first time there is no file.
        with client(server.address, "local", policy_file=link) as asking:
            assert asking.ready(PATIENT) and asking.policy.problems == ()
        assert link.is_symlink() and list(real.parent.iterdir()) == [real] and real.read_bytes() == server.policies.greeting[0].policy


SELECTOR = {"hosts": ["*.B.Test", "A.test.", "a.test", "[0:0::1]", "B\u00fccher.test"], "intents": ["order", "cancel", "order"]}


def test_a_part_is_the_same_however_it_is_spelled(tmp_path):
    """By the service itself: what it hands out is taken, and its own file is read again."""
    file, rules = tmp_path / "policy", tmp_path / "rules.yaml"
    rules.write_text("rules: [{id: old, match: {path: /old}, intent: {purpose: permanent_move, target: /new}}]")
    real = Service("--policy", str(rules))
    try:
        with client(real.address, "local", policy_file=file, selector=SELECTOR) as asking:
            assert asking.ready(PATIENT) and asking.policy.state is PolicyState.READY, asking.policy
    finally:
        real.stop()
    with client(closed_port(), "local", policy_file=file, selector={**SELECTOR, "hosts": SELECTOR["hosts"][::-1]}) as asking:
        assert asking.policy.state is PolicyState.STALE and location(asking.decide(OLD)) == ("/new", "ENGINE")
    with client(closed_port(), "local", policy_file=file, selector={"hosts": ["a.test"]}) as asking:
        assert asking.policy.state is PolicyState.NONE and "another part" in asking.policy.problems[0]


def test_a_folder_that_is_not_there_is_told(server, tmp_path):
    with client(server.address, "local", policy_file=tmp_path / "none/policy") as asking:
        assert asking.ready(PATIENT) and "was not written" in asking.policy.problems[0] and location(asking.decide(OLD)) == ("/new", "ENGINE")


def test_a_part_of_the_policy(server):
    part = {"version": "v1", "selector": {"hosts": ["a.test"], "intents": ["order"]}}
    server.policies.greeting = [told("v1", policy("/new", handed_out=part))]
    with client(server.address, "local", selector={"hosts": ["a.test"], "intents": ["order"]}) as asking:
        assert asking.ready(PATIENT) and state(asking) == ("READY", "v1")
    assert server.policies.asked[0].selector == policy_pb2.PolicySelector(hosts=["a.test"], intents=["order"])
    with pytest.raises(fingerpost.FingerpostError, match="did you mean hosts"):
        client(server.address, selector={"host": ["a.test"]})


def test_counts_arrive(server, monkeypatch):
    monkeypatch.setattr(watcher, "REPORT_SECONDS", 0.05)
    with client(server.address, "local") as asking:
        assert asking.ready(PATIENT)
        for _ in range(3):
            asking.decide(OLD)
        asking.follow(FOLLOW)
        eventually(lambda: sum(report.rules[0].hits for report in server.policies.reports if report.rules) == 3)
        eventually(lambda: sum(report.follows[0].hits for report in server.policies.reports if report.follows) == 1)
    (rule,) = (rule for report in server.policies.reports for rule in report.rules if rule.hits)
    assert (rule.name, rule.outcome) == ("old", decide_pb2.OUTCOME_REDIRECT)
    assert {report.policy_version for report in server.policies.reports} == {"v1"}
    assert {report.agent for report in server.policies.reports} == {f"python/{fingerpost.__version__}"}


def test_the_last_counts_arrive_at_the_end_and_those_of_the_policy_before(server, monkeypatch):
    monkeypatch.setattr(watcher, "REPORT_SECONDS", 3600.0)  # Not in between.
    with client(server.address, "local") as asking:
        assert asking.ready(PATIENT)
        asking.decide(OLD)
        server.policies.say(told("v2", policy("/newer")))
        becomes(asking, "READY", "v2")
        asking.decide(OLD)
        asking.decide(FORM)
    assert [(report.policy_version, report.rules[0].hits) for report in server.policies.reports] == [("v1", 1), ("v2", 1)]
    assert not threads()


def test_counts_wait_while_the_service_is_away(server, monkeypatch):
    monkeypatch.setattr(watcher, "REPORT_SECONDS", 0.05)
    with client(server.address, "local") as asking:
        assert asking.ready(PATIENT)
        server.stop()
        becomes(asking, "STALE", "v1")
        for _ in range(7):
            asking.decide(OLD)
        again = Server(address=server.address)
        try:
            again.policies.greeting = [told("v1")]
            eventually(lambda: sum(report.rules[0].hits for report in again.policies.reports if report.rules) == 7)
        finally:
            again.stop()


@pytest.mark.parametrize("kind", [fingerpost.Client, fingerpost.AsyncClient])
def test_a_client_that_nobody_closes_ends_its_threads(server, kind):
    asking = kind(server.address, fingerpost.plaintext(), engine="local")
    asking._inside.start()
    becomes(asking, "READY", "v1")
    assert len(threads()) == 2
    del asking
    gc.collect()
    eventually(lambda: not threads())


def test_a_system_without_another_thread_asks_the_service(server, monkeypatch, caplog):
    with client(server.address, "auto") as asking:
        monkeypatch.setattr(watcher.threading.Thread, "start", lambda self: (_ for _ in ()).throw(RuntimeError("can't start new thread")))
        decided = asking._inside.decide(decide_pb2.DecideRequest())
        monkeypatch.undo()
    assert decided is None and any("the policy is not watched" in record.getMessage() for record in caplog.records)


def test_asyncio(server):
    async def run():
        async with fingerpost.AsyncClient(server.address, fingerpost.plaintext(), engine="local") as asking:
            assert await asking.ready(PATIENT) and asking.policy.state is PolicyState.READY
            return await asking.decide(OLD), await asking.follow(FOLLOW)

    decision, hop = asyncio.run(run())
    assert location(decision) == ("/new", "ENGINE") and hop.source is Source.ENGINE
    assert not threads() and server.policies.reports


def test_a_client_travels_without_its_policy(server):
    server.policies.greeting = [told("v1", policy("/new", handed_out={"version": "v1", "selector": {"hosts": ["a.test"]}}))]
    with client(server.address, "local", selector={"hosts": ["a.test"]}) as asking:
        assert asking.ready(PATIENT)
        with pickle.loads(pickle.dumps(asking)) as twin:
            assert state(twin) == ("NONE", "") and twin.ready(PATIENT) and location(twin.decide(OLD)) == ("/new", "ENGINE")


def test_threads_ask_while_the_policy_changes(server):
    """Each answer is whole, and by one policy; an old policy ends when its last question does."""
    with client(server.address, "local") as asking:
        assert asking.ready(PATIENT)
        ended = threading.Event()

        def ask():
            found = set()
            while not ended.is_set():
                decision = asking.decide(OLD)
                found.add((decision.policy_version, decision.header("Location")))
            return found

        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            asked = [pool.submit(ask) for _ in range(8)]
            for number in range(2, 60):
                server.policies.say(told(f"v{number}", policy(f"/{number}")))
                eventually(lambda: state(asking) == ("READY", f"v{number}"))
            ended.set()
            found = set().union(*(one.result() for one in asked))
    assert len(found) > 10 and all(where == ("/new" if version == "v1" else f"/{version[1:]}") for version, where in found)


def test_a_large_answer_needs_room(server):
    with client(server.address, "local") as asking:
        assert asking.ready(PATIENT)
        for length in (10, 7000, 10, 7000):
            target = "/" + "a" * length
            decision = asking.decide({**FORM, "intent": {"purpose": "form_result", "target": target}})
            assert location(decision) == (target, "ENGINE") and (length < 100 or len(decision.raw.SerializeToString()) > 2 * length)


HERE = str(pathlib.Path(__file__).parent)


def ran(program, *words):
    done = subprocess.run([sys.executable, "-c", program, HERE, *words], capture_output=True, text=True, timeout=300)
    assert done.stdout == "answered\n", done.stdout + done.stderr
    return done.stderr


# The parent watches when it forks, as gunicorn's does with --preload. Each child has the policy at once, and then a watcher of its own.
FORKING = """
import sys, threading
sys.path.insert(0, sys.argv[1])
import fingerpost
from policies import OLD, eventually
from test_transport import in_a_child
client = fingerpost.Client(sys.argv[2], fingerpost.plaintext(), engine=sys.argv[3], timeout=20)
assert client.ready(20) and client.decide(OLD).source.name == "ENGINE"

def child():
    here = client.policy.state.name, client.decide(OLD).source.name
    eventually(lambda: client.policy.state.name == "READY")
    return here == ("STALE", "ENGINE") and client.decide(OLD).header("Location") == "/new"

for _ in range(5):
    assert in_a_child(child), "a child got no answer"
assert client.decide(OLD).source.name == "ENGINE"
eventually(lambda: client.policy.state.name == "READY")
print("answered")
"""


@pytest.mark.parametrize("mode", ["auto", "local"])
def test_children_of_a_fork_answer_at_once_and_watch_for_themselves(server, mode):
    from conftest import answer

    server.redirects.answers = [answer()]
    # Where a thread is in gRPC, gRPC says so and forks as it is: a few children in a thousand crash.
    assert "skipping fork() handlers" not in ran(FORKING, server.address, mode)
    # The parent's count is the parent's alone: once before the fork and once after, and twice in each child.
    total = sum(rule.hits for report in server.policies.reports for rule in report.rules)
    assert total <= 2 + 5 * 2


ASYNC = """
import asyncio, sys
sys.path.insert(0, sys.argv[1])
import fingerpost
from policies import OLD, eventually
from test_transport import in_a_child
client = fingerpost.AsyncClient(sys.argv[2], fingerpost.plaintext(), engine="local")
assert asyncio.run(client.ready(20))

def child():
    decision = asyncio.run(client.decide(OLD))
    eventually(lambda: client.policy.state.name == "READY")
    return decision.source.name == "ENGINE"

for _ in range(3):
    assert in_a_child(child), "a child got no answer"
print("answered")
"""


def test_an_asyncio_client_in_the_children_of_a_fork(server):
    ran(ASYNC, server.address)


MANY = """
import os, sys
sys.path.insert(0, sys.argv[1])
import fingerpost
from policies import OLD, eventually
client = fingerpost.Client(sys.argv[2], fingerpost.plaintext(), engine="local")
children = []
for number in range(int(sys.argv[3])):
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            assert client.ready(60) and client.decide(OLD).source.name == "ENGINE"
            eventually(lambda: client.decide(OLD).header("Location") == "/changed", seconds=120)
            status = 0
        finally:
            os._exit(status)
    children.append(pid)
assert [os.waitpid(pid, 0)[1] for pid in children] == [0] * len(children)
print("answered")
"""


def test_a_change_reaches_every_process(server):
    """How fast is for the benchmark; here it is that it does."""
    many = 24
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        running = pool.submit(ran, MANY, server.address, str(many))
        eventually(lambda: len(server.policies._streams) == many or running.done(), seconds=120)
        server.policies.say(told("v2", policy("/changed")))
        running.result()


def test_the_benchmark_runs():
    environment = {**os.environ, "FINGERPOST_BIN": str(BIN)}
    done = subprocess.run([sys.executable, pathlib.Path(HERE) / "bench", "--quick"], env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0 and done.stdout.count("| engine, a message,") == 2 and "change, 4 processes" in done.stdout, done.stdout + done.stderr
