"""The Rust sample against a real service, a silent one, and nobody."""

import os
import re
import socket
import subprocess
import sys
import time

PLACED = ["303", "location: /orders/7829/confirmation"]
AWAY = ["503 Retry-After: 5"]


def said(address):
    begun = time.monotonic()
    ran = subprocess.run([sys.argv[1], f"http://{address}"], capture_output=True, text=True, timeout=60, check=False)
    return ran.stdout.splitlines(), time.monotonic() - begun, ran.stderr


def row(name, right, got):
    print(f"ok samples: Rust: {name}" if right else f"{got}\nnot ok samples: Rust: {name}", flush=True)


service = subprocess.Popen([os.environ["FINGERPOST_BIN"] + "/fingerpostd", "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE, text=True)
try:
    address = re.search(r"listening on (\S+)", service.stdout.readline())[1]
    for _ in range(20):  # 100 ms may pass on a busy machine.
        got = said(address)
        if got[0] != AWAY:
            break
    row("the order form", [line.lower() for line in got[0][:2]] == PLACED, got)
finally:
    service.kill()
got = said(address)
row("nobody is there", got[0] == AWAY, got)
with socket.create_server(("127.0.0.1", 0)) as silent:
    got = said(f"127.0.0.1:{silent.getsockname()[1]}")
row("a silent service costs no more than the deadline", got[0] == AWAY and got[1] < 5, got)
