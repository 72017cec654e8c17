"""``python -m fingerpost`` prints what build/bin/fingerpost prints, byte for byte."""

from __future__ import annotations

import json
import os
import pathlib
import shlex
import subprocess
import sys

import pytest

from conftest import BIN
from test_corpus import rows

TRANSCRIPTS = pathlib.Path(__file__).resolve().parents[2] / "cli/transcripts"
OURS = [sys.executable, "-m", "fingerpost"]
THEIRS = [str(BIN / "fingerpost")]
NOW = "2026-01-31T12:00:00Z"


def run(program, words, given=b""):
    done = subprocess.run([*program, *words], input=given, capture_output=True, env={**os.environ, "COLUMNS": "100"})
    return done.stdout, done.stderr, done.returncode


def commands():
    found = []
    for file in sorted(TRANSCRIPTS.glob("*.txt")):
        for line in file.read_text().splitlines():
            if line.startswith("$ fingerpost "):
                found.append(shlex.split(line)[2:])
    return found


def test_there_are_commands():
    assert len(commands()) > 20


@pytest.mark.parametrize("words", [words for words in commands() if words[0] in ("decide", "follow")], ids=lambda words: " ".join(words)[:80])
@pytest.mark.parametrize("form", ["text", "json"])
def test_a_documented_command(service, words, form):
    words = [*words, "--server", service.address, "--timeout", "60"] + ["--json"] * (form == "json") + ["--now", NOW] * ("--now" not in words)
    if form == "json" and "--json" in words[:-1]:
        words.remove("--json")
    expected = run(THEIRS, words)
    assert expected[0] or expected[1]
    assert run(OURS, words) == expected


ORDER = ["decide", "-X", "POST", "--url", "https://shop.example.com/orders", "--purpose", "form_result"]
HOP = ["follow", "--url", "https://a.example/", "--status", "302"]


@pytest.mark.parametrize(
    "words",
    [
        [*ORDER, "/x", "--explain"],
        [*ORDER, "/x", "--explain", "--json"],
        [*ORDER, "/x\x1b[31m"],
        [*ORDER, "/grüße", "--flash", "Grüße \u202e", "--json"],
        [*ORDER, b"/\xff"],
        ["follow", "--url", "https://a.example/", "--status", "-5"],
        [*ORDER, "/x", "-H", "no token: x", "-H", "Cookie", "--now", "tomorrow", "--retry-after", "soon", "--client", "scrpt"],
        [*ORDER, "/x", "--param", "a"],
        [*ORDER, "/x/{a}", "--param", "a=b c"],
        [*ORDER, "/x", "--intent", "order"],
        ["decide", "--intent", "nobody"],
        ["decide", "--purpose", "form_resalt", "--json"],
        ["decide", "--purpose", "operation_result", "--state", "pending", "--retry-after", "2.5", "/x"],
        [*HOP],
        [*HOP, "--location", ""],
        [*HOP, "--location", "/b?c#d", "-H", "Authorization", "-H", b"X: \xff\xfe", "--response-header", "Retry-After: 90"],
        [*HOP, "--location", "https://b.example?", "-H", "Authorization: x", "-H", "Cookie: a=b", "--body", "replayable"],
        [*HOP, "--location", "/b", "-X", "POST", "--body", "replayable", "-H", "Content-Type: text/plain", "--protocol", "HTTP/2", "--json"],
        [*HOP, "--location", "/b", "--profile", "curl", "--response-header", "Set-Cookie: a=b; Max-Age=60"],
        [*HOP, "--location", "/b", "--profile", "crl"],
    ],
    ids=str,
)
def test_another_command(service, words):
    words = [*words, "--server", service.address, "--timeout", "60"] + ["--now", NOW] * ("--now" not in words)
    expected = run(THEIRS, words)
    assert expected[0] or expected[1]
    assert run(OURS, words) == expected


@pytest.mark.parametrize("kind", ["decide", "follow"])
def test_every_row_of_the_corpus(service, kind):
    questions = [{**row[kind], "now": row[kind].get("now", NOW)} for row in rows(kind) if isinstance(row[kind], dict)]
    lines = "".join(json.dumps(question) + "\n" for question in questions).encode()
    words = [kind, "--input", "-", "--server", service.address, "--timeout", "60"]
    out, err, status = run(OURS, words, lines)
    theirs, their_err, their_status = run(THEIRS, words, lines)
    assert (err, status) == (their_err, their_status)
    answers = list(zip(out.splitlines(), theirs.splitlines(), strict=True))
    assert len(answers) == len(questions) > 500
    different = [pair for pair in answers if pair[0] != pair[1]]
    # A line that is no message is refused here, in the words of protobuf's own parser or of the service: it may find more there.
    for ours, their in different:
        error, expected = json.loads(ours)["error"], json.loads(their)["error"]
        assert error["code"] == expected["code"] == "INVALID_ARGUMENT"
        assert error["reason"] == "ERROR_REASON_MALFORMED_JSON" or fields(error) >= fields(expected), (error, expected)
    assert len(different) < len(answers) / 20


def fields(error):
    return {violation["field"] for violation in error["violations"]}


@pytest.mark.parametrize(
    "words",
    [
        [], ["decide", "--nonsense"], ["decide", "--server", "far.example:1", "/x"], ["decide", "--server", "127.0.0.1:1", "--tls", "--insecure"],
        ["decide", "--server", "127.0.0.1:1", "--tls-cert", "x"], ["decide", "--server", "127.0.0.1:1", "--tls-ca", "/no/such/file"],
        ["decide", "--server", "127.0.0.1:1", "--timeout", "0"], ["decide", "--server", "127.0.0.1:1", "-X", "GET", "--method", "POST"],
        ["follow", "--server", "127.0.0.1:1", "--status", "99999999999"], ["follow", "--server", "127.0.0.1:1", "--status", "1_0"],
        ["decide", "--server", "127.0.0.1:1", "--input", "-", "--url", "https://a.example/"],
    ],
    ids=str,
)
def test_a_wrong_command_line(words):
    out, err, status = run(OURS, words)
    assert (out, status) == (b"", 2) and err.startswith(b"fingerpost: ") and err.count(b"\n") == 1
    assert run(THEIRS, words)[2] == 2


def test_nobody_is_there():
    for given, words in ((b"", [*ORDER, "/x"]), (b'{"request":{"method":"GET"}}\n', ["decide", "--input", "-"])):
        out, err, status = run(OURS, [*words, "--server", "127.0.0.1:1", "--timeout", "60"], given)
        assert (out, status) == (b"", 3) and b"UNAVAILABLE" in err


def test_an_input_that_cannot_be_read(service, tmp_path):
    out, err, status = run(OURS, ["decide", "--input", str(tmp_path / "none"), "--server", service.address])
    assert (out, status) == (b"", 4) and b"No such file" in err


def test_help():
    assert run(OURS, ["--help"])[2] == 0 and run(OURS, ["--version"])[0] == run(THEIRS, ["--version"])[0]


def test_a_conversation_is_answered_line_by_line(service):
    talk = subprocess.Popen([*OURS, "decide", "--input", "-", "--server", service.address, "--timeout", "60"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    for _ in range(2):
        talk.stdin.write(b'{"request":{"method":"POST"},"intent":{"purpose":"form_result","target":"/x"}}\n')
        talk.stdin.flush()
        assert b'"status":303' in talk.stdout.readline()
    talk.stdin.close()
    assert talk.wait() == 0
    talk.stdout.close()
