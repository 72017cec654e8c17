"""Every block of the package's README runs, and prints what the README says."""

from __future__ import annotations

import os
import pathlib
import re
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[3]
README = (ROOT / "client/python/README.md").read_text()
BLOCKS = re.findall(r"```python\n(.*?)```(?:\n\nIt prints\n\n```text\n(.*?)```)?", README, re.S)
COMMANDS = [line for block in re.findall(r"```sh\n(.*?)```", README, re.S) for line in block.splitlines()]
SHOWN = "127.0.0.1:50051"


@pytest.mark.parametrize("number", range(len(BLOCKS)))
def test_block(service, number):
    code, expected = BLOCKS[number]
    assert SHOWN in code or "FakeClient" in code
    # On a busy machine the first answer may take longer than a web request would wait for it.
    patient = code.replace(SHOWN, service.address).replace("fingerpost.plaintext())", "fingerpost.plaintext(), timeout=20)")
    done = subprocess.run([sys.executable, "-c", patient], capture_output=True, text=True)
    assert (done.stdout, done.returncode) == (expected, 0), done.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_command(service, command, tmp_path):
    if command == "pip install ./client/python":
        installed = (ROOT / "tests/clients/python/install.sh").read_text()
        assert "pip" in installed and "source/client/python" in installed  # How the package under test came here.
        return
    environment = {**os.environ, "FINGERPOST": service.address, "SHOP_DATABASE": str(tmp_path / "shop.sqlite")}
    words = command.replace(SHOWN, service.address).replace("PORT=8000 ", "PORT=0 ").replace("python ", f"exec {sys.executable} ", 1)
    running = subprocess.Popen(["sh", "-c", words], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        assert re.match(r"listening on http://127\.0\.0\.1:\d+\n|HTTP/1\.1 303 See Other\n", running.stdout.readline())
    finally:
        running.kill()
        running.wait()
        running.stdout.close()


def test_there_are_blocks():
    assert len(BLOCKS) >= 6 and len(COMMANDS) == 3 and any(expected for _, expected in BLOCKS)
    assert {"Flask", "Django", "FastAPI"} <= set(re.findall(r"^### (\w+)", README, re.M))
