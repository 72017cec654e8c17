"""Every block of the package's README runs, and prints the README's output."""

from __future__ import annotations

import http.server
import os
import pathlib
import re
import subprocess
import sys
import threading

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[3]
README = (ROOT / "client/python/README.md").read_text()
BLOCKS = re.findall(r"```python\n(.*?)```(?:\n\nIt prints\n\n```text\n(.*?)```)?", README, re.S)
COMMANDS = [line for block in re.findall(r"```sh\n(.*?)```", README, re.S) for line in block.splitlines()]
SHOWN = "127.0.0.1:50051"


@pytest.fixture(scope="module")
def shop():
    """The address of a stand-in for the example shop."""

    class Shop(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(302 if self.path == "/spring-sale" else 200)
            self.send_header("Location", "/products?promo=spring")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Shop)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.mark.parametrize("number", range(len(BLOCKS)))
def test_block(service, shop, number):
    code, expected = BLOCKS[number]
    assert SHOWN in code or "FakeClient" in code
    # On a busy machine the first answer may take longer than a web request would wait.
    code, expected = (text.replace("127.0.0.1:8000", shop) for text in (code, expected))
    patient = code.replace(SHOWN, service.address).replace("fingerpost.plaintext())", "fingerpost.plaintext(), timeout=20)")
    done = subprocess.run([sys.executable, "-c", patient], capture_output=True, text=True)
    assert (done.stdout, done.returncode) == (expected, 0), done.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_command(service, command, tmp_path):
    if command == "pip install ./client/python":
        installed = (ROOT / "tests/clients/python/install.sh").read_text()
        assert "pip" in installed and "source/client/python" in installed  # The way the package under test was installed.
        return
    if "-m venv" in command:
        subprocess.run(["sh", "-ec", f"{command}; test $VIRTUAL_ENV = $PWD/venv"], cwd=tmp_path, check=True)
        return
    environment = {**os.environ, "FINGERPOST": service.address, "SHOP_DATABASE": str(tmp_path / "shop.sqlite")}
    words = command.replace(SHOWN, service.address).replace("PORT=8000 ", "PORT=0 ").replace("python ", f"exec {sys.executable} ", 1)
    running = subprocess.Popen(["sh", "-c", words], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        assert re.match(r'listening on http://127\.0\.0\.1:\d+\n|SERVING\n|{"outcome":"OUTCOME_REDIRECT","status":303,', running.stdout.readline())
    finally:
        running.kill()
        running.wait()
        running.stdout.close()


def test_the_main_readme_shows_lines_that_the_packages_show():
    section = (ROOT / "README.md").read_text().split("## In your framework")[1].split("\n## ")[0]
    lines = re.findall(r"`([^`]+\))`", section)
    assert len(lines) >= 10
    shown = "".join(path.read_text() for path in (ROOT / "client").glob("*/README.md"))
    assert [line for line in lines if line.removesuffix(")") not in shown] == []


def test_there_are_blocks():
    assert len(BLOCKS) >= 6 and len(COMMANDS) == 5 and any(expected for _, expected in BLOCKS)
    assert {"Flask", "Django", "FastAPI"} <= set(re.findall(r"^### (\w+)", README, re.M))
