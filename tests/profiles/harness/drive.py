"""Runs one client through its scenarios, one at a time, and records what it did."""

import json
import os
import queue
import signal
import subprocess
import threading

from .scenarios import CONTENT, METHODS, START, WITH_CONTENT


START_SECONDS = 300  # for a browser on a busy machine


class Driver:
    """A client's driver process: a line out, a line in. A driver that hangs is restarted."""

    def __init__(self, command, environment, seconds, log):
        self.command, self.environment, self.seconds, self.log = command, environment, seconds, log
        self.version = None
        self.start()

    def start(self):
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                self.command,
                env=self.environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                encoding="utf-8",
                start_new_session=True,
            )
        self.lines = queue.Queue()
        threading.Thread(target=self._read, args=(self.process, self.lines), daemon=True).start()
        hello = self.receive(START_SECONDS)
        if "version" not in hello:
            raise RuntimeError(f"{self.command[0]} did not start: {hello} {self.log.read_text()[-1000:]}")
        self.version = hello["version"]

    @staticmethod
    def _read(process, lines):
        for line in process.stdout:
            lines.put(line)
        lines.put(None)

    def receive(self, seconds):
        try:
            line = self.lines.get(timeout=seconds)
        except queue.Empty:
            return {"error": "timeout"}
        return {"error": "the driver ended"} if line is None else json.loads(line)

    def ask(self, request):
        try:
            self.process.stdin.write(json.dumps(request) + "\n")
            self.process.stdin.flush()
            outcome = self.receive(self.seconds)
        except BrokenPipeError:
            outcome = {"error": "the driver ended"}
        if outcome.get("error") in ("timeout", "the driver ended"):
            self.stop()
            self.start()
        return outcome

    def stop(self):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def request_of(case):
    return {
        "method": case["method"],
        "url": case["url"],
        "headers": case["headers"],
        "content": None if case["body"] == "none" else CONTENT,
        "one_shot": case["body"] == "one-shot",
        "answers": case["answers"],
        "page": case.get("page"),
    }


def observe(driver, recorder, client, cases):
    """Yields each scenario with the requests that arrived and the client's own result."""
    for case in cases:
        # If nothing arrives there is no observation; on a busy machine a browser may need a second start.
        for _ in range(2):
            recorder.begin(case["answers"], client.cors)
            outcome = driver.ask(request_of(case))
            if recorder.requests:
                break
        with recorder.lock:
            yield {"case": case, "requests": recorder.requests, "outcome": outcome}


def baseline_cases(client):
    """Direct requests without fields of the caller: they show the fields that the client adds."""
    for method in METHODS:
        for body in ("none", "replayable", "one-shot"):
            if (
                (method in client.methods or method == "GET")
                and (body == "none" or method in (*WITH_CONTENT, *client.bodiless))
                and (body != "one-shot" or method in client.one_shot)
            ):
                yield {"id": -1, "family": "baseline", "method": method, "body": body, "url": "http://a.test" + START, "headers": [], "answers": []}
