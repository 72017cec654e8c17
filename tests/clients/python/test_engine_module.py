"""The engine as a module, where there is no library of it: the same octets, and faults that end nothing."""

from __future__ import annotations

import concurrent.futures
import os
import pathlib

import pytest
import wasmtime

import fingerpost
from conftest import FOLLOW, FORM, client, closed_port
from fingerpost import Source, engine, inside, module, questions
from fingerpost._gen.fingerpost.v1 import decide_pb2, follow_pb2, policy_service_pb2
from policies import OLD, policy
from test_corpus import rows
from test_transport import in_a_child

BUILT = pathlib.Path(__file__).resolve().parents[3] / "build/engine/fingerpost.wasm"


@pytest.fixture(scope="module")
def made():
    return module.Module(BUILT)


def answer(ask, octets):
    try:
        return ask(octets)
    except fingerpost.FingerpostError as error:
        return str(error), error.reason, error.violations


@pytest.mark.parametrize("kind, message", [("decide", decide_pb2.DecideRequest), ("follow", follow_pb2.FollowRequest)])
def test_every_row_has_the_library_s_octets(made, kind, message):
    ours, theirs = made.open(b"", "v1"), engine.load().open(b"", "v1")
    different, count = [], 0
    for row in rows(kind):
        try:
            asked = questions.message(message, {"now": "2026-11-30T00:00:00Z", **({"draw": 7} if kind == "decide" else {}), **row[kind]})
        except (fingerpost.FingerpostError, TypeError):
            continue
        octets, count = asked.SerializeToString(deterministic=True), count + 1
        if answer(getattr(ours, kind), octets) != answer(getattr(theirs, kind), octets):
            different.append(row["name"])
    assert different == [] and count > 500


def test_a_policy_and_its_counts(made):
    opened = made.open(policy("/new"), "v1")
    asked = inside.decide_octets(questions.message(decide_pb2.DecideRequest, OLD))
    for _ in range(3):
        assert b"/new" in opened.decide(asked)
    usage = policy_service_pb2.ReportUsageRequest.FromString(opened.take_usage())
    assert (usage.policy_version, usage.rules[0].name, usage.rules[0].hits) == ("v1", "old", 3) and opened.take_usage() == b""
    long = questions.message(decide_pb2.DecideRequest, {**FORM, "intent": {"purpose": "form_result", "target": "/" + "a" * 7000}})
    assert len(opened.decide(inside.decide_octets(long))) > 8192


@pytest.mark.parametrize(
    "octets, version, code", [(b"\xff", "v", "INVALID_ARGUMENT"), (policy("/x") + b"\xda\x3e\x01x", "v", "UNIMPLEMENTED"), (b"", "é", "INVALID_ARGUMENT")]
)
def test_a_policy_that_is_none(made, octets, version, code):
    with pytest.raises(fingerpost.FingerpostError) as raised:
        made.open(octets, version)
    assert raised.value.code == code
    assert made.open(b"").version


@pytest.mark.parametrize("version", ["v\0x", "\0", "é"])
def test_a_version_is_never_cut(made, version):
    for opener in (made, engine.load()):
        with pytest.raises(fingerpost.FingerpostError, match="version: expected"):
            opener.open(b"", version)


def test_a_path_is_never_cut(made, tmp_path):
    (tmp_path / "p").write_text("rules: []")
    for opener in (made, engine.load()):
        with pytest.raises(fingerpost.FingerpostError) as raised:
            opener.open_file(f"{tmp_path}/p\0x")
        assert raised.value.code == "INVALID_ARGUMENT"


@pytest.mark.parametrize("text", ["rules: [", "\t- x", "{" * 1000, "rulse: []"])
def test_a_text_that_is_none(made, text):
    with pytest.raises(fingerpost.FingerpostError) as raised:
        made.open_text(text)
    assert (raised.value.code, raised.value.reason) == ("INVALID_ARGUMENT", "INVALID_FIELDS")
    assert made.open_text("rules: []").version


def test_threads_and_forks(made):
    opened = made.open(policy("/new"))
    asked = inside.decide_octets(questions.message(decide_pb2.DecideRequest, OLD))
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(lambda _: opened.decide(asked), range(200)))) == 1
    assert in_a_child(lambda: b"/new" in opened.decide(asked))


def test_policies_that_come_and_go_leave_no_memory(made):
    def pages():
        return made._instance._memory.data_len(made._instance._store)

    for _ in range(50):
        made.open(policy("/new")).take_usage()
    before = pages()
    for _ in range(500):
        made.open(policy("/new")).take_usage()
    assert pages() <= before + (1 << 20)


def test_a_client_by_the_module(made, place, tmp_path):
    place.with_name("none.wasm").symlink_to(BUILT)
    file = tmp_path / "policy"
    file.write_bytes(policy("/new", handed_out={"version": "v1"}))
    with client(closed_port(), "local", policy_file=file) as asking:
        assert isinstance(engine.load(), module.Module)
        decision, hop = asking.decide(OLD), asking.follow(FOLLOW)
        assert (decision.header("Location"), decision.source, hop.source) == ("/new", Source.ENGINE, Source.ENGINE)
        assert asking.decide(FORM).status == 303


# A module that has all functions, of which one ends in a fault.
FAKE = """(module
  (memory (export "memory") 2) (data (i32.const 16) "v1")
  (global $next (mut i32) (i32.const 4096))
  (func (export "_initialize"))
  (func (export "fingerpost_fault") (result i32) i32.const 15)
  (func (export "fingerpost_abi") (result i32) i32.const {abi})
  (func (export "fingerpost_version") (result i32) i32.const 16)
  (func (export "fingerpost_policy_version") (param i32) (result i32) i32.const 16)
  (func (export "fingerpost_alloc") (param i32) (result i32)
    global.get $next (global.set $next (i32.add (global.get $next) (i32.and (i32.add (local.get 0) (i32.const 15)) (i32.const -16)))))
  (func (export "fingerpost_free") (param i32))
  (func (export "fingerpost_close") (param i32))
  (func (export "fingerpost_open") (param i32 i32 i32 i32 i32 i32 i32) (result i32)
    (i32.store (local.get 3) (i32.const 1)) (i32.store (local.get 6) (i32.const 0)) i32.const 0)
  (func (export "fingerpost_decide") (param i32 i32 i32 i32 i32 i32) (result i32) unreachable)
  (func (export "fingerpost_follow") (param i32 i32 i32 i32 i32 i32) (result i32) (i32.store (local.get 5) (i32.const 0)) i32.const 0))"""


def faked(place, abi=engine.ABI):
    place.write_bytes(wasmtime.wat2wasm(FAKE.replace("{abi}", str(abi))))
    return place


def test_a_fault_is_an_error_and_the_next_question_has_an_answer(tmp_path):
    made = module.Module(faked(tmp_path / "fake.wasm"))
    opened, other = made.open(b""), made.open(b"")
    for _ in range(3):
        with pytest.raises(fingerpost.FingerpostError, match="INTERNAL: the engine failed, and was begun anew"):
            opened.decide(b"")
        assert opened.follow(b"") == other.follow(b"") == b""


def test_a_fault_leaves_the_question_to_the_service(place, service, tmp_path):
    faked(place.with_name("none.wasm"))
    file = tmp_path / "policy"
    file.write_bytes(b"")
    with client(service.address, "auto", policy_file=file, timeout=20) as asking:
        assert asking.decide(FORM).source is Source.SERVICE


BAD = {
    "empty": (lambda place: place.write_bytes(b""), "is no engine"),
    "nonsense": (lambda place: place.write_bytes(os.urandom(1000)), "is no engine"),
    "truncated": (lambda place: place.write_bytes(faked(place).read_bytes()[:-100]), "is no engine"),
    "foreign": (lambda place: place.write_bytes(wasmtime.wat2wasm("(module)")), "is no engine"),
    "foreign imports": (lambda place: place.write_bytes(wasmtime.wat2wasm('(module (import "env" "x" (func)))')), "is no engine"),
    "a start that ends": (lambda place: place.write_bytes(wasmtime.wat2wasm("(module (func $f unreachable) (start $f))")), "is no engine"),
    "another ABI": (lambda place: faked(place, 77), "has ABI 77"),
}


@pytest.mark.parametrize("bad", BAD)
def test_a_module_that_cannot_be_used(place, service, bad):
    make, why = BAD[bad]
    make(place.with_name("none.wasm"))
    with client(service.address, "auto", timeout=20) as asking:
        assert asking.decide(FORM).source is Source.SERVICE and why in asking.policy.problems[0]
    with pytest.raises(fingerpost.EngineError, match=why):
        client(service.address, "local")


def test_a_module_without_the_extra(place, monkeypatch):
    faked(place.with_name("none.wasm"))
    monkeypatch.setitem(__import__("sys").modules, "wasmtime", None)
    with pytest.raises(fingerpost.EngineError, match=r"pip install 'fingerpost\[module\]'"):
        engine.load()
