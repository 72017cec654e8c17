"""The calls that clients lose while two replicas are replaced in turn, six times in all.

With a balancer: it probes /readyz like the kubelet, and tells the client where to call. Without: the client knows both addresses from the start.
"""

import base64
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[3]
BIN = ROOT / "build/bin"
HERE = pathlib.Path(__file__).resolve().parent
REPLACED = 6
DRAIN_DELAY = "2s"
PATIENCE = 60
BETWEEN_LOOKS = 0.1
BEFORE_EACH = 1.0  # seconds of calls

QUESTION = """request {method: "POST" url: "https://shop.example.com/orders"}
intent {purpose: PURPOSE_FORM_RESULT target: "/orders/7829/confirmation"}"""


def question():
    encoded = subprocess.run(
        ["protoc", "-I", ROOT / "proto", "--encode=fingerpost.v1.DecideRequest", "fingerpost/v1/decide.proto"],
        input=QUESTION.encode(),
        capture_output=True,
        check=True,
    ).stdout
    return base64.b64encode(encoded).decode()


def free_port():
    """A port that no outgoing connection gets while its server is replaced."""
    for port in range(20000, 30000):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    raise RuntimeError("no free port")


class Replica:
    def __init__(self, port):
        self.port = port
        self.start()

    def start(self):
        # Like a pod: other machines can reach it, so that it drains like one.
        self.process = subprocess.Popen(
            [BIN / "fingerpostd", "--listen", f"0.0.0.0:{self.port}", "--insecure", "--admin-listen", "127.0.0.1:0", "--drain-delay", DRAIN_DELAY],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.admin = self.process.stdout.readline().split("admin on ")[1].split()[0]

    def ready(self):
        try:
            return urllib.request.urlopen(f"http://{self.admin}/readyz", timeout=PATIENCE).status == 200
        except urllib.error.URLError:
            return False

    def wait_until(self, ready):
        end = time.monotonic() + PATIENCE
        while self.ready() != ready:
            if time.monotonic() > end:
                raise RuntimeError(f"/readyz stays {'down' if ready else 'up'}")
            time.sleep(BETWEEN_LOOKS)


class Client:
    def __init__(self, command, config):
        self.process = subprocess.Popen(
            [*command, question(), config], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ, "no_proxy": "*"}
        )

    def use(self, replicas):
        self.process.stdin.write("use " + ",".join(f"127.0.0.1:{replica.port}" for replica in replicas) + "\n")
        self.process.stdin.flush()

    def counts(self):
        return json.loads(self.process.communicate("stop\n", timeout=PATIENCE)[0])


def roll(command, config, balanced):
    replicas = []
    for _ in range(2):
        replicas.append(Replica(free_port()))
    for replica in replicas:
        replica.wait_until(True)
    client = Client(command, config)
    try:
        client.use(replicas)
        for number in range(REPLACED):
            time.sleep(BEFORE_EACH)
            leaving = replicas[number % 2]
            leaving.process.send_signal(signal.SIGTERM)
            leaving.wait_until(False)
            if balanced:
                client.use([replica for replica in replicas if replica is not leaving])
            if leaving.process.wait(timeout=PATIENCE) != 0:
                raise RuntimeError("fingerpostd did not end well")
            leaving.start()
            leaving.wait_until(True)
            if balanced:
                client.use(replicas)
        return client.counts()
    finally:
        client.process.kill()
        for replica in replicas:
            replica.process.kill()


def main():
    name, *command = sys.argv[1:]
    shared = (ROOT / "client/service_config.json").read_text(encoding="utf-8")
    for retries, config in (("no retry", ""), ("service_config.json", shared)):
        for balanced in (True, False):
            counts = roll(command, config, balanced)
            answered = counts.pop("OK", 0)
            lost = sum(counts.values())
            case = f"{name}, {retries}, {'a balancer' if balanced else 'no balancer'}: {answered} answered, {lost} lost"
            print(f"not ok {case}: {counts}" if lost else f"ok {case}", flush=True)


if __name__ == "__main__":
    main()
