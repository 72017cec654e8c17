"""The samples of client/README.md, run as they stand there."""

import contextlib
import json
import pathlib
import re
import socket
import subprocess
import tempfile
import time

from service import ROOT, SECONDS, Answer, ask, head, serving

README = (ROOT / "client/README.md").read_text()
SHOWN = "127.0.0.1:8080"
POLICY = ROOT / "service/policy/examples/shop.yaml"


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)


def curl():
    samples = [block for block in blocks("sh") if SHOWN in block]
    with serving("--policy", POLICY) as address, tempfile.TemporaryDirectory() as room:
        decide, policy = (block.strip().replace(SHOWN, address) for block in samples)
        answer = json.loads(subprocess.run(decide, shell=True, cwd=room, check=True, capture_output=True).stdout)
        yield answer["status"] != 303 and f"decide: {answer}"
        code = ["--write-out", "%{http_code}"]
        for wanted in ("200", "304"):
            told = subprocess.run(f"{policy} {' '.join(code)}", shell=True, cwd=room, check=True, capture_output=True, text=True).stdout
            yield told != wanted and f"policy: expected {wanted}, got {told}"
            mirrored = json.loads((pathlib.Path(room) / "policy.json").read_text())
            yield not mirrored["rules"] and f"policy: {mirrored}"


@contextlib.contextmanager
def php(address):
    """PHP's own server with the sample, as (the address, its room)."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        here = f"127.0.0.1:{probe.getsockname()[1]}"
    with tempfile.TemporaryDirectory() as directory:
        room = pathlib.Path(directory)
        for name, block in zip(("fingerpost.php", "index.php"), blocks("php"), strict=True):
            # The machine may be busy.
            (room / name).write_text(block.replace(SHOWN, address).replace("TIMEOUT_MS => 100", "TIMEOUT_MS => 20000"))
        (room / "accepted.php").write_text(
            "<?php require 'fingerpost.php'; answered(['outcome' => 'OUTCOME_RESPOND', 'status' => 202,"
            " 'headers' => [['name' => 'Location', 'value' => '/state'], ['name' => 'X-Raw', 'raw_value' => '6Q==']]]);"
        )
        command = ["php", "-d", "expose_php=0", "-S", here, "-t", room]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            try:
                end = time.monotonic() + SECONDS
                while time.monotonic() < end and process.poll() is None:
                    with contextlib.suppress(OSError), socket.create_connection(here.rsplit(":", 1), timeout=SECONDS):
                        break
                yield here, room
            finally:
                process.kill()


def shop(here, line):
    octets = head(line, "Content-Length: 0").replace(b"Host: localhost", b"Host: shop.example.com")
    return ask(here, octets)


def differs(name, answer: Answer, status, location=None, content=None):
    got = (answer.status, answer.fields.get("Location"), answer.content.decode())
    wanted = (status, location, got[2] if content is None else content)
    return got != wanted and f"{name}: expected {wanted}, got {got}"


def in_php():
    with serving("--policy", POLICY) as address, php(address) as (here, _):
        moved = shop(here, "GET /blog/tea?a=1 HTTP/1.1")
        yield differs("a rule", moved, 308, "https://www.cdn.example.com/journal/tea?a=1")
        yield not moved.fields.get("Cache-Control") and "a rule: no Cache-Control"
        yield differs("HEAD", shop(here, "HEAD /blog/tea HTTP/1.1"), 308, "https://www.cdn.example.com/journal/tea", "")
        order = shop(here, "POST /orders HTTP/1.1")
        yield differs("a form", order, 303, "/orders/7829/confirmation")
        yield len(order.fields.get_all("Content-Type", [])) > 1 and "a form: two Content-Type"
        yield differs("gone", shop(here, "GET /fax/a HTTP/1.1"), 410)
        yield differs("a page", shop(here, "GET /page HTTP/1.1"), 200, None, "The page.")
        accepted = shop(here, "GET /accepted.php HTTP/1.1")
        yield differs("202 with a Location", accepted, 202, "/state", "")
        yield accepted.fields["X-Raw"].encode("latin-1", "surrogateescape") != b"\xe9" and "the octets of a field"


def php_without_a_service():
    with serving() as address:
        pass  # It has stopped.
    with php(address) as (here, _):
        yield differs("a rule", shop(here, "GET /blog/tea HTTP/1.1"), 200, None, "The page.")
        yield differs("a form", shop(here, "POST /orders HTTP/1.1"), 303, "/orders/7829/confirmation")


CHECKS = {
    "the samples for curl": lambda: list(curl()),
    "the sample for PHP": lambda: list(in_php()),
    "the sample for PHP while the service is away": lambda: list(php_without_a_service()),
}
