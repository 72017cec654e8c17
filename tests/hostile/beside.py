"""A real fingerpostd, an innocent client beside an attack, and the measurements of both."""

import atexit
import contextlib
import multiprocessing
import os
import pathlib
import re
import subprocess
import tempfile
import threading
import time
import urllib.request

import certificates
import frames
from frames import DECIDE, QUESTION

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("FINGERPOSTD", str(ROOT / "build/bin/fingerpostd"))
MEMORY_LIMIT = 384 << 20  # of the chart
WORST = 1.0  # seconds that a call of the innocent client may take because of an attack
PAUSE = 0.01  # between its calls
# Rows of the tables that run --tables prints.
attacks, figures = [], []


class Daemon:
    """On free ports of 127.0.0.1; `files` is the soft limit of open files, as in containerd 2. `tls`: "" for plaintext,
    "server" for its certificate only, "mutual" for the client's, too."""

    def __init__(self, *flags, files=1024, tls=""):
        self.log = tempfile.NamedTemporaryFile("w+", suffix=".log")
        self.cgroup = limited_cgroup()
        self.process = subprocess.Popen(
            [
                "sh",
                "-c",
                f'{self.cgroup_entry()} ulimit -Sn {files}; exec "$0" "$@"',
                PROGRAM,
                "--listen=127.0.0.1:0",
                "--admin-listen=127.0.0.1:0",
                *certificates.flags(tls),
                *flags,
            ],
            stdout=subprocess.PIPE,
            stderr=self.log,
            text=True,
        )
        line = self.process.stdout.readline()
        ports = re.findall(r"127\.0\.0\.1:(\d+)", line)
        self.port, self.admin = int(ports[0]), int(ports[-1])
        self.http = int(ports[1]) if len(ports) > 2 else 0

    def cgroup_entry(self):
        return f"echo $$ >{self.cgroup}/cgroup.procs;" if self.cgroup else ""

    def get(self, path, timeout=2):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.admin}{path}", timeout=timeout) as answer:
            return answer.read().decode()

    def limited(self):
        """Connections and calls that a limit refused or ended, by its name."""
        rows = re.findall(r'^fingerpost_\w+_limited_total\{(?:port="[^"]+",)?limit="([^"]+)"\} (\d+)', self.get("/metrics"), re.M)
        counted = {}
        for name, count in rows:
            counted[name] = counted.get(name, 0) + int(count)
        return {name: count for name, count in counted.items() if count}

    def peak(self):
        """Its peak memory, in octets."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmHWM:\s+(\d+)", status).group(1)) << 10

    def resident(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status).group(1)) << 10

    def lines(self):
        self.log.seek(0)
        return self.log.read()

    def close(self):
        self.process.kill()
        self.process.wait()
        if self.cgroup:
            with contextlib.suppress(OSError):
                self.cgroup.rmdir()


def limited_cgroup():
    """A new cgroup with the chart's memory limit, or None if the machine allows none."""
    for root, limit in (("/sys/fs/cgroup/memory", "memory.limit_in_bytes"), ("/sys/fs/cgroup", "memory.max")):
        path = pathlib.Path(root) / f"fingerpost-hostile-{os.getpid()}-{time.monotonic_ns()}"
        try:
            path.mkdir()
            (path / limit).write_text(str(MEMORY_LIMIT))
            if os.access(path / "cgroup.procs", os.W_OK):
                return path
            path.rmdir()
        except OSError:
            with contextlib.suppress(OSError):
                path.rmdir()
    return None


class Asking(threading.Thread):
    """Calls almost without a pause until it is told to stop. call(timeout) makes a call, and raises a fault if it is lost."""

    def __init__(self):
        super().__init__(daemon=True)
        self.calls, self.lost, self.worst, self.faults = 0, 0, 0.0, set()
        self.over = threading.Event()
        self.ask(10)  # The connection exists before the attack.
        self.calls, self.worst = 0, 0.0

    def ask(self, timeout=5):
        begin = time.monotonic()
        try:
            self.call(timeout)
        except Exception as fault:
            self.lost += 1
            self.faults.add(f"{type(fault).__name__}: {fault}"[:300])
        self.calls += 1
        self.worst = max(self.worst, time.monotonic() - begin)

    def run(self):
        while not self.over.wait(PAUSE):
            self.ask()

    def stop(self):
        self.over.set()
        self.join()


class Innocent(Asking):
    """Calls Decide over gRPC."""

    def __init__(self, port, tls=""):
        self.channel = certificates.channel(port, tls)
        self.decide = self.channel.unary_unary(DECIDE)
        super().__init__()

    def call(self, timeout):
        self.decide(QUESTION, timeout=timeout)

    def stop(self):
        super().stop()
        self.channel.close()


def attempt(tls, attack, *arguments):
    frames.tls = certificates.stranger() if tls else None
    with contextlib.suppress(OSError):
        attack(*arguments)


def slowdown():
    """How many times longer than on a quiet machine work takes now, without an attack."""
    begin, end = time.monotonic(), time.thread_time() + 0.05
    while time.thread_time() < end:
        pass
    return (time.monotonic() - begin) / 0.05


class Control:
    """The same client of a service without an attack: how long calls take because the machine is busy."""

    daemon = None

    def __enter__(self):
        if Control.daemon is None:
            Control.daemon = Daemon()
            atexit.register(Control.daemon.close)
        self.client = Innocent(Control.daemon.port)
        self.client.start()
        return self.client

    def __exit__(self, *_):
        self.client.stop()


def under(name, attack, *flags, limits=(), seconds=3, files=1024, attackers=1, port="port", tls="", client=None):
    """Runs attack(port, seconds) in separate processes beside an innocent client, and reports it. `limits`: names, one of which must have
    been counted and logged. `tls` is the service's; attackers have no certificate.
    `client` makes an innocent client other than gRPC's."""
    daemon = Daemon(*flags, files=files, tls=tls)
    if tls:
        name += f", {tls} TLS"
    faults = []
    try:
        innocent = client(daemon) if client else Innocent(daemon.port, tls)
        innocent.start()
        busy = slowdown()
        with Control() as control:
            attacked(attack, getattr(daemon, port), seconds, attackers, tls)
            innocent.stop()
        bound = (WORST + control.worst) * max(busy, slowdown())
        if daemon.process.poll() is not None:
            faults.append(f"the service ended with {daemon.process.returncode}")
        else:
            counted = daemon.limited()
            if limits and not any(limit in counted and (limit == "max-calls" or limit in daemon.lines()) for limit in limits):
                faults.append(f"no counter and log line of {' or '.join(limits)}: {counted}")
            peak = daemon.peak()
            if peak > MEMORY_LIMIT:
                faults.append(f"{peak >> 20} MiB")
            print(
                f"     {name}: {innocent.calls} calls, {innocent.lost} lost, worst {innocent.worst * 1000:.0f} ms "
                f"({control.worst * 1000:.0f} ms where nobody attacks), peak {peak >> 20} MiB, "
                f"{'in a cgroup' if daemon.cgroup else 'without a cgroup'}, {counted}",
                flush=True,
            )
            attacks.append((name, peak >> 20, innocent.worst, control.worst, sorted(counted)))
        if innocent.lost:
            faults.append(f"{innocent.lost} of {innocent.calls} calls lost: {sorted(innocent.faults)[:2]}")
        if innocent.worst > bound:
            faults.append(f"a call took {innocent.worst:.2f} s, on this machine now {bound:.2f} s are right")
        if not innocent.calls:
            faults.append("the innocent client made no call")
    finally:
        daemon.close()
    report(name, "; ".join(faults))


def attacked(attack, port, seconds, attackers, tls):
    # From a process without threads: gRPC may wait forever for its own threads before a fork.
    forked = multiprocessing.get_context("forkserver")
    processes = [forked.Process(target=attempt, args=(tls, attack, port, seconds), daemon=True) for _ in range(attackers)]
    for process in processes:
        process.start()
    end = time.monotonic() + seconds + 5
    while any(process.is_alive() for process in processes) and time.monotonic() < end:
        time.sleep(0.05)
    for process in processes:
        process.kill()
    time.sleep(0.2)


def report(name, fault=""):
    print(f"not ok {name}: {fault}" if fault else f"ok {name}", flush=True)
