"""``python -m fingerpost`` answers like build/bin/fingerpost, a line of JSON for a line of JSON."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys

import pytest

from conftest import BIN, closed_port
from test_corpus import rows

OURS = [sys.executable, "-m", "fingerpost"]
THEIRS = [str(BIN / "fingerpost")]
NOW = "2026-01-31T12:00:00Z"
FORM = '{"request":{"method":"POST"},"intent":{"purpose":"form_result","target":"/x"}}'
WRONG = '{"request":{"method":"POST"},"intent":{"purpose":"form_result"}}'


def run(program, words, given=b""):
    done = subprocess.run([*program, *words], input=given, capture_output=True)
    return done.stdout, done.stderr, done.returncode


def test_the_stub_is_thin():
    assert len((pathlib.Path(__file__).parents[3] / "client/python/src/fingerpost/__main__.py").read_text().splitlines()) <= 120


@pytest.mark.parametrize("kind", ["decide", "follow"])
def test_every_row_of_the_corpus(service, kind):
    questions = [{**row[kind], "now": row[kind].get("now", NOW)} for row in rows(kind) if isinstance(row[kind], dict)]
    lines = "".join(json.dumps(question) + "\n" for question in questions).encode()
    words = [kind, "--server", service.address, "--timeout", "60"]
    out, err, status = run(OURS, words, lines)
    theirs, their_err, their_status = run(THEIRS, [*words, "--input", "-"], lines)
    assert (err, status) == (their_err, their_status) == (b"", 1)
    answers = [(json.loads(ours), json.loads(their)) for ours, their in zip(out.splitlines(), theirs.splitlines(), strict=True)]
    assert len(answers) == len(questions) > 500
    different = [(question, *pair) for question, pair in zip(questions, answers) if pair[0] != pair[1]]
    # The package itself refuses what is not a message, in its own words.
    assert all(ours["error"]["code"] == their["error"]["code"] == "INVALID_ARGUMENT" for _, ours, their in different), different[:3]
    assert len(different) < len(answers) / 20


REQUEST_FLAGS = ["-X", "POST", "--url", "https://shop.test/orders", "--protocol", "HTTP/1.0", "-H", "Accept: text/html", "-H", "Cookie", "--body", "replayable"]
REQUEST = {
    "method": "POST",
    "url": "https://shop.test/orders",
    "protocol": "HTTP/1.0",
    "body": "replayable",
    "headers": [{"name": "Accept", "value": "text/html"}, {"name": "Cookie"}],
}
PENDING_FLAGS = ["--purpose", "operation_result", "--state", "pending", "--retry-after", "2.5", "--client", "api", "--trust", "caller", "/jobs/{id}"]
PENDING = {"purpose": "operation_result", "operation_state": "pending", "retry_after": "2.5s", "client": "api", "trust": "caller", "target": "/jobs/{id}"}
SEEN_FLAGS = ["--purpose", "form_result", "--pin", "303", "--flash", "Thank you", "--allow-host", ".shop.test", "https://a.shop.test/"]
SEEN = {"purpose": "form_result", "pinned_status": 303, "flash": {"text": "Thank you"}, "allowed_hosts": [".shop.test"], "target": "https://a.shop.test/"}
MOVED_FLAGS = ["--purpose", "canonical_url", "--permanence", "temporary", "/x"]
RESPONSE_FLAGS = ["--status", "302", "--location", "/b", "--response-header", "Retry-After: 90"]
RESPONSE = {"status": 302, "headers": [{"name": "Location", "value": "/b"}, {"name": "Retry-After", "value": "90"}]}


@pytest.mark.parametrize(
    "kind, flags, question",
    [
        ("decide", [*PENDING_FLAGS, "--param", "id=7", "--explain"], {"intent": PENDING, "parameters": {"id": "7"}, "explain": True}),
        ("decide", SEEN_FLAGS, {"intent": SEEN}),
        ("decide", MOVED_FLAGS, {"intent": {"purpose": "canonical_url", "permanence": "temporary", "target": "/x"}}),
        ("decide", ["--intent", "nobody"], {"intent_name": "nobody"}),
        ("follow", [*RESPONSE_FLAGS, "--profile", "curl"], {"response": RESPONSE, "options": {"profile": "curl"}}),
    ],
    ids=["pending", "seen", "moved", "named", "follow"],
)
def test_every_flag_of_the_tool_can_be_said_in_json(service, kind, flags, question):
    server = ["--server", service.address, "--timeout", "60"]
    ours = run(OURS, [kind, json.dumps({"request": REQUEST, "now": NOW, **question}), *server])
    theirs = run(THEIRS, [kind, *REQUEST_FLAGS, *flags, "--now", NOW, "--json", *server])
    assert json.loads(ours[0]) == json.loads(theirs[0]) and ours[2] == theirs[2]


@pytest.mark.parametrize("given", ["arguments", "lines"])
def test_questions_are_answered_in_their_order(service, given):
    questions = [FORM, WRONG, "{", "[]", '"\xfc"', FORM]
    words = ["decide", "--server", service.address, "--timeout", "60"]
    if given == "arguments":
        out, err, status = run(OURS, [*words, *questions])
    else:
        out, err, status = run(OURS, words, "\n".join(questions).encode())
    assert (err, status) == (b"", 1)
    answers = [json.loads(line) for line in out.splitlines()]
    assert [answer.get("status", answer.get("error", {}).get("reason")) for answer in answers] == [
        303,
        "ERROR_REASON_INVALID_FIELDS",
        *["ERROR_REASON_MALFORMED_JSON"] * 3,
        303,
    ]
    assert answers[1]["error"]["violations"][0]["field"] == "intent.target"


def test_what_drives_a_terminal_is_escaped(service):
    url = "https://shop.test/?a=\x1b[31m\x7f\x85\u202e"
    question = json.dumps({"request": {"method": "GET", "url": url}, "intent": {"purpose": "form_resul\x1b\x7f\x85\u202e", "target": "/"}})
    out, err, _ = run(OURS, ["decide", "--server", service.address, "--timeout", "60", question])
    assert json.loads(out) and all(0x20 <= octet < 0x7F for octet in (out + err).replace(b"\n", b""))


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["trace"],
        ["decide"],
        ["decide", "--nonsense"],
        ["decide", "--server", "far.example:1"],
        ["decide", "--server", "127.evil.example:1"],
        ["decide", "--server", "127.0.0.1:1", "--tls", "--insecure"],
        ["health", "--server", "127.0.0.1:1", "--tls-cert", "/dev/null"],
        ["decide", "--server", "127.0.0.1:1", "--tls-ca", "/no/such/file"],
        ["decide", "--server", "127.0.0.1:1", "--timeout", "soon"],
        ["health", "--server", "127.0.0.1:1", "{}"],
        ["decide", "--server", "127.0.0.1:1", "--timeout", "nan"],
        ["decide", "--server", "127.0.0.1:1", "--timeout", "inf"],
        ["health", "--server", "127.0.0.1:1", "--timeout", "0"],
    ],
    ids=str,
)
def test_a_wrong_command_line(words):
    out, err, status = run(OURS, words)
    assert (out, status) == (b"", 2) and b"fingerpost" in err


def test_nobody_is_there():
    for given, words in ((b"", ["decide", FORM]), (FORM.encode(), ["decide"])):
        out, err, status = run(OURS, [*words, "--server", closed_port(), "--timeout", "60"], given)
        assert (out, status) == (b"", 3) and b"UNAVAILABLE" in err


def test_health(service, tmp_path):
    for program in (OURS, THEIRS):
        assert run(program, ["health", "--server", service.address, "--timeout", "60"]) == (b"SERVING\n", b"", 0)
        assert run(program, ["health", "--server", closed_port(), "--timeout", "1"])[2] == 3
    assert run(OURS, ["health", "--server", f"unix:{tmp_path}/none", "--timeout", "0.1"]) == (b"NOT_SERVING\n", b"", 3)


def test_a_reader_that_goes(service):
    talk = subprocess.Popen([*OURS, "decide", "--server", service.address, "--timeout", "60", FORM], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    talk.stdout.close()
    assert (talk.wait(), talk.stderr.read().count(b"\n")) == (4, 1)
    talk.stderr.close()


def test_an_input_that_cannot_be_read(service):
    unreadable = os.open(os.devnull, os.O_WRONLY)
    done = subprocess.run([*OURS, "decide", "--server", service.address], stdin=unreadable, capture_output=True)
    os.close(unreadable)
    assert (done.stdout, done.returncode) == (b"", 4) and b"Bad file descriptor" in done.stderr


def test_help():
    assert run(OURS, ["--version"])[0] == run(THEIRS, ["--version"])[0]
    for words in (["--help"], ["decide", "--help"]):
        out, err, status = run(OURS, words)
        assert (err, status) == (b"", 0) and b"fingerpost is the tool" in out


def test_a_conversation_is_answered_line_by_line(service):
    talk = subprocess.Popen([*OURS, "decide", "--server", service.address, "--timeout", "60"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    for _ in range(2):
        talk.stdin.write(FORM.encode() + b"\n")
        talk.stdin.flush()
        assert b'"status":303' in talk.stdout.readline()
    talk.stdin.close()
    assert talk.wait() == 0
    talk.stdout.close()
