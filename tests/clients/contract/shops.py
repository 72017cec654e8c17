"""The example shops of a language, with the requests of client/contract/shop: the service running, stopped, and started again."""

from __future__ import annotations

import http.client
import json
import os
import pathlib
import re
import shlex
import subprocess
import tempfile
import time
import urllib.parse
from collections.abc import Iterator
from typing import Any, NamedTuple

from corpus import CONTRACT, REPOSITORY, load
from driver import PATIENCE
from service import Real

SHOP = CONTRACT / "shop"
COMPARED = ("location", "set-cookie", "vary", "cache-control")
"""Not there unless expected; of the other fields, those that are expected."""
METHODS_OF_RULES = ("GET", "HEAD")


class Answer(NamedTuple):
    status: int
    fields: dict[str, list[str]]


class Requests:
    """Each with its name, as a shop on any port gets it."""

    def __init__(self) -> None:
        self.rows = load(SHOP / "requests.json")

    @staticmethod
    def sent(row: dict[str, Any], port: int) -> tuple[str, str, bytes, dict[str, str]]:
        """Method, target, content and fields."""
        row = json.loads(json.dumps(row).replace("${port}", str(port)))
        target, fields, content = row["path"], dict(row.get("fields", {})), b""
        if "query" in row:
            target += "?" + urllib.parse.urlencode(row["query"])
        if "form" in row:
            content = urllib.parse.urlencode(row["form"]).encode()
            fields["Content-Type"] = "application/x-www-form-urlencoded"
        elif "body" in row:
            content = row["body"].encode()
        return row["method"], target, content, fields


class Shop:
    """A running one, with a database of its own."""

    def __init__(self, command: list[str], service: Real, folder: pathlib.Path, log: Any) -> None:
        environment = {"FINGERPOST": service.address, "FINGERPOST_HTTP": service.http, "PORT": "0", "SHOP_DATABASE": str(folder / "shop.sqlite")}
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True, cwd=folder, env={**os.environ, **environment})
        for line in self._process.stdout:
            if found := re.search(r"listening on http://127\.0\.0\.1:(\d+)", line):
                self.port = int(found[1])
                break
        else:
            raise RuntimeError(f"the shop did not start: {shlex.join(command)}")
        self.orders = 0

    def ask(self, row: dict[str, Any]) -> Answer:
        method, target, content, fields = Requests.sent(row, self.port)
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.putrequest(method, target, skip_accept_encoding=True)
            for name, value in {**fields, **({"Content-Length": str(len(content))} if content or method not in METHODS_OF_RULES else {})}.items():
                connection.putheader(name, value)
            connection.endheaders(content or None)
            got = connection.getresponse()
            got.read()
        finally:
            connection.close()
        if (method, target) == ("POST", "/orders"):
            self.orders += 1
        found: dict[str, list[str]] = {}
        for name, value in got.getheaders():
            found.setdefault(name.lower(), []).append(self._general(value))
        return Answer(got.status, found)

    def _general(self, value: str) -> str:
        """Without what differs from run to run."""
        value = value.replace(f":{self.port}", ":${port}").replace(f"%3A{self.port}", "%3A${port}")
        value = re.sub(r"([?&#]code=)[^&#]+", r"\1${code}", value)
        return re.sub(rf"/orders/{self.orders}/confirmation$", "/orders/${order}/confirmation", value)

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()
        self._process.stdout.close()


def of_language(language: str, lacks: frozenset[str], log: Any) -> Iterator[tuple[str, list[str]]]:
    """For each shop and each state of the service, and what is wrong."""
    program = REPOSITORY / "tests/clients" / language / "shops"
    if not program.exists():
        return
    told = subprocess.run([program], stdout=subprocess.PIPE, stderr=log, text=True, check=False)
    if told.returncode:
        yield "shops", [f"tests/clients/{language}/shops exits with {told.returncode}"]
    for line in told.stdout.splitlines():
        name, _, command = line.partition("\t")
        try:
            yield from of_shop(name, shlex.split(command), lacks, log)
        except (RuntimeError, OSError, http.client.HTTPException) as error:
            yield f"shop: {name}", [f"{type(error).__name__}: {error}"]


def of_shop(name: str, command: list[str], lacks: frozenset[str], log: Any) -> Iterator[tuple[str, list[str]]]:
    rows, expected = Requests().rows, json.loads((SHOP / "expected.json").read_text())
    # An address of its own in 127/8, so that nobody else takes the ports while it is stopped.
    host = f"127.{1 + os.getpid() // 250 % 250}.{os.getpid() % 250}.3"
    flags = ("--policy", str(SHOP / "policy.yaml"))
    service = Real(*flags, listen=f"{host}:0", http_listen=f"{host}:0")
    with tempfile.TemporaryDirectory() as folder:
        shop = None
        try:
            shop = Shop(command, service, pathlib.Path(folder), log)
            for state in ("running", "stopped", "started again"):
                if state == "stopped":
                    if "engine" not in lacks:
                        answers_itself(shop, service)
                    service.stop()
                elif state == "started again":
                    service = Real(*flags, listen=service.address, http_listen=service.http.removeprefix("http://"))
                    if "engine" in lacks:
                        is_asked_again(shop)
                key = "stopped without an engine" if state == "stopped" and "engine" in lacks else "answer"
                wrong = [f"{row['name']}: {one}" for row in rows for one in differs(expected[row["name"]], key, shop.ask(row))]
                yield f"shop: {name}, the service {state}: {len(rows)} requests", wrong
        finally:
            service.stop()
            if shop is not None:
                shop.stop()


def answers_itself(shop: Shop, service: Real) -> None:
    """Waits until the shop has the policy: then it asks nothing."""
    row, end = {"method": "GET", "path": "/sale"}, time.monotonic() + PATIENCE
    while True:
        before = service.asked()
        shop.ask(row)
        if service.asked() == before:
            return
        if time.monotonic() >= end:
            raise RuntimeError("the shop asks the service for each request: it has no policy")
        time.sleep(0.01)


def is_asked_again(shop: Shop) -> None:
    """Waits for a package's breaker, which is open for a second."""
    row, end = {"method": "POST", "path": "/checkout"}, time.monotonic() + PATIENCE
    while shop.ask(row).status == 503:
        if time.monotonic() >= end:
            raise RuntimeError("the shop does not ask the service that is there again")
        time.sleep(0.01)


def differs(expected: dict[str, Any], key: str, got: Answer) -> list[str]:
    want = expected.get(key, expected["answer"])
    wrong = [] if got.status == want["status"] else [f"expected {want['status']}, got {got.status}"]
    for field, lines in want.get("fields", {}).items():
        have = normal(field, got.fields.get(field, []))
        # A framework may add to its own page's Cache-Control.
        if normal(field, lines) != have and not (want.get("page") and field == "cache-control" and normal(field, lines) <= have):
            wrong.append(f"{field}: expected {lines}, got {got.fields.get(field, [])}")
    # A page's Cache-Control is the framework's own matter.
    may_have = {"cache-control"} if want.get("page") else set()
    wrong += [f"{field}: expected none, got {got.fields[field]}" for field in COMPARED if field in got.fields.keys() - want.get("fields", {}).keys() - may_have]
    return wrong


def normal(field: str, lines: list[str]) -> Any:
    """Members of a list may be in any order and any number of lines, names in any case (RFC 9110 §5.3); a cookie's attributes are in any order (RFC 6265 §5.2)."""
    if field in ("vary", "cache-control"):
        return {one.strip().lower() for line in lines for one in line.split(",")}
    if field == "content-type":
        return [";".join(part.strip() for part in line.split(";")) for line in lines]  # White space around ";" has no meaning (RFC 9110 §5.6.6).
    if field == "set-cookie":
        return sorted((pair, sorted(one.lower() for one in attributes)) for pair, *attributes in (line.split("; ") for line in lines))
    return lines
