"""A fingerpostd under load for a long time, while its policy is replaced by good and bad documents in turn."""

import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = ROOT / "build/bin"
SECONDS = int(os.environ.get("FINGERPOST_SOAK_SECONDS", "600"))
CLIENTS = 2
LINES = 2000  # questions in one run of a client
# How much the end may exceed the first quarter: allocators keep the memory of a peak.
MEMORY_MARGIN = 1.15
# Below this size one allocator arena is a large part.
MEMORY_SLACK_KIB = 8 << 10
FILES_MARGIN = 16

GOOD = (ROOT / "service/policy/examples/shop.yaml").read_text(encoding="utf-8")
BAD = GOOD + "\nno_such_key: true\n"


def result(name, wrong):
    print(f"not ok {name}: {wrong}" if wrong else f"ok {name}", flush=True)


def questions(kind):
    """The corpus's questions, repeated to fill a run."""
    rows = []
    for path in sorted((ROOT / "tests/golden" / kind).glob("*.json")):
        for row in json.loads(path.read_text(encoding="utf-8")):
            text = json.dumps(row[kind], ensure_ascii=False)
            if "${" not in text:
                rows.append(text)
    return "".join(f"{rows[i % len(rows)]}\n" for i in range(LINES))


class Sample:
    """The resources of the process."""

    def __init__(self, pid):
        status = pathlib.Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
        self.memory = int(re.search(r"VmRSS:\s+(\d+)", status).group(1))
        self.threads = int(re.search(r"Threads:\s+(\d+)", status).group(1))
        self.files = len(os.listdir(f"/proc/{pid}/fd"))


class Load:
    """Command-line clients, one after another, until told to stop."""

    def __init__(self, address, kind, folder, stop):
        self.kind, self.stop, self.failures, self.answers = kind, stop, [], 0
        self.input = folder / f"{kind}.jsonl"
        self.input.write_text(questions(kind), encoding="utf-8")
        self.command = [BIN / "fingerpost", kind, "--input", self.input, "--server", address, "--timeout", "60"]
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        while not self.stop.is_set():
            run = subprocess.run(self.command, capture_output=True, text=True)
            lines = run.stdout.splitlines()
            self.answers += len(lines)
            # Malformed rows of the corpus are answered with their violations; only an answer from the service matters.
            wrong = [
                line
                for line in lines
                if '"reason":"ERROR_REASON_' in line and "INVALID_FIELDS" not in line and "MALFORMED" not in line and "NOT_FOUND" not in line
            ]
            if len(lines) != LINES or wrong:
                self.failures.append(f"{len(lines)} of {LINES} answers, exit {run.returncode}; {wrong[:1]}{run.stderr[-300:]}")


def replace(path, text):
    beside = path.with_suffix(".new")
    beside.write_text(text, encoding="utf-8")
    beside.rename(path)


def soak(folder):
    policy = folder / "policy.yaml"
    replace(policy, GOOD)
    log = open(folder / "log", "w", encoding="utf-8")
    server = subprocess.Popen(
        [BIN / "fingerpostd", "--listen", "127.0.0.1:0", "--policy", policy, "--access-log", "off"], stdout=subprocess.PIPE, stderr=log, text=True
    )
    address = server.stdout.readline().split("listening on ")[1].split()[0]
    stop = threading.Event()
    loads = [Load(address, kind, folder, stop) for kind in ("decide", "follow") for _ in range(CLIENTS // 2)]
    samples, end, changes = [], time.monotonic() + SECONDS, 0
    while time.monotonic() < end and server.poll() is None:
        changes += 1
        replace(policy, BAD if changes % 3 == 0 else f"{GOOD}\n# {changes}\n")
        stop.wait(0.1)
        if changes % 10 == 0:
            samples.append(Sample(server.pid))
    stop.set()
    for load in loads:
        load.thread.join()
    server.send_signal(signal.SIGTERM)
    code = server.wait(timeout=60)
    log.close()
    return loads, samples, changes, code, (folder / "log").read_text(encoding="utf-8")


def main():
    with tempfile.TemporaryDirectory() as folder:
        loads, samples, changes, code, log = soak(pathlib.Path(folder))
    quarter = max(1, len(samples) // 4)
    first, last = samples[:quarter], samples[-quarter:]
    for load in loads:
        result(f"{load.kind}: {load.answers} answers, none failed", "; ".join(load.failures[:3]))
    before, after = max(s.memory for s in first), max(s.memory for s in last)
    grown = after > max(before * MEMORY_MARGIN, before + MEMORY_SLACK_KIB)
    result(f"memory: {before} KiB in the first quarter, {after} KiB in the last", "it grows" if grown else "")
    files = max(s.files for s in last) - max(s.files for s in first)
    result("open files stay level", f"{files} more" if files > FILES_MARGIN else "")
    threads = max(s.threads for s in last) - max(s.threads for s in first)
    result("threads stay level", f"{threads} more" if threads > FILES_MARGIN else "")
    refused = log.count("no_such_key")
    result(f"policies: {changes} written, bad ones named in the log", "" if refused else "no bad policy was refused")
    result("it ends with 0", "" if code == 0 else f"exit {code}: {log[-500:]}")


if __name__ == "__main__":
    sys.exit(main())
