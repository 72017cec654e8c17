"""A map of redirects in fingerpostd, nginx and HAProxy: start, memory and CPU time of a request, with one row and with a million.

Theirs is a GET that is redirected; ours is a question in JSON about it, because fingerpostd decides and does not serve."""

import contextlib
import http.client
import json
import pathlib
import random
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/formats"))
import servers  # noqa: E402

servers.SECONDS = 600  # A million rows take nginx seconds, and a busy machine much longer.

# A table large enough for its rows, without nginx's warning.
NGINX = """map_hash_max_size {size}; map_hash_bucket_size 128;
map $uri $to {{ include {file}; }}
server {{ listen 80; server_name www.example.com; if ($to) {{ return 301 $to; }} }}
"""
ROWS = {"one": 1, "many": 1_000_000}
ASKED = 20_000
ROUNDS = 3  # interleaved; the order changes


def path(row):
    return f"/articles/2019/a-rather-long-title-{row}"


def target(row):
    return f"/journal/new-title-of-{row}"


def write_maps(home, rows):
    with (home / "m.csv").open("w") as csv, (home / "to.txt").open("w") as nginx, (home / "m.map").open("w") as haproxy:
        for row in range(rows):
            csv.write(f"{path(row)},{target(row)}\n")
            nginx.write(f"{path(row)} {target(row)};\n")
            haproxy.write(f"{path(row)} {target(row)}\n")
    (home / "p.yaml").write_text("maps: [{name: m, file: m.csv}]\n")
    (home / "nginx.conf").write_text(NGINX.format(size=max(2 * rows, 512), file=home / "to.txt"))


@contextlib.contextmanager
def fingerpost(home, program):
    flags = ["--policy", str(home / "p.yaml"), "--listen=127.0.0.1:0", "--http-listen=127.0.0.1:0", "--access-log=off"]
    with subprocess.Popen([str(program), *flags], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            ports = servers.re.findall(r"127\.0\.0\.1:(\d+)", process.stdout.readline())
            yield int(ports[1]), process
        finally:
            process.terminate()


def of(name, notes=None):
    @contextlib.contextmanager
    def start(home, _):
        source = home / ("nginx.conf" if name == "nginx" else "m.map")
        with servers.serving(name, source, notes) as asks:
            yield asks.connection.port, asks.process

    return start


HAPROXY = {"rules": "http-request redirect code 301 location %[path,map_str(FILE)] if { path,map_str(FILE) -m found }"}
PROGRAMS = {"fingerpostd": fingerpost, "nginx": of("nginx"), "HAProxy": of("haproxy", HAPROXY)}


def seconds(process):
    """CPU time so far, by the clock of clock_getcpuclockid(3)."""
    return time.clock_gettime(~process.pid << 3 | 2)


def resident(process):
    return int(servers.re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{process.pid}/status").read_text())[1]) / 1024


def ask(name, port, rows, count):
    """Requests over one connection, for rows that no cache can predict."""
    draw = random.Random(1)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=servers.SECONDS)
    for _ in range(count):
        row = draw.randrange(rows)
        if name == "fingerpostd":
            question = {"request": {"method": "GET", "url": f"http://www.example.com{path(row)}"}}
            connection.request("POST", "/v1/decide", json.dumps(question), {"Content-Type": "application/json"})
        else:
            connection.request("GET", path(row), headers={"Host": "www.example.com"})
        with connection.getresponse() as answer:
            text = answer.read()
            found = json.loads(text) if name == "fingerpostd" else {"status": answer.status, "target": answer.getheader("Location", "")}
        if found.get("status") not in (301, 308) or not found.get("target", "").endswith(target(row)):
            raise RuntimeError(f"{name} answered wrongly for row {row}: {found}")
    connection.close()


def measure(name, home, rows, program, asked):
    begin = time.monotonic()
    with PROGRAMS[name](home, program) as (port, process):
        ready = time.monotonic() - begin
        memory = resident(process)
        ask(name, port, rows, max(asked // 10, 1))  # Whatever is left to do after a start.
        before = seconds(process)
        ask(name, port, rows, asked)
        return {"ms": ready * 1e3, "MiB": memory, "us": (seconds(process) - before) / asked * 1e6}


def measure_all(program, quick):
    """{"maps:server/size:counter": one figure for each round}, with this fingerpostd."""
    figures = {}
    names = list(PROGRAMS)
    for size, rows in ROWS.items():
        with tempfile.TemporaryDirectory() as name:
            home = pathlib.Path(name)
            write_maps(home, min(rows, 1000) if quick else rows)
            for _ in range(1 if quick else ROUNDS):
                names.append(names.pop(0))
                for server in names:
                    found = measure(server, home, min(rows, 1000) if quick else rows, program, 200 if quick else ASKED)
                    for counter, value in found.items():
                        figures.setdefault(f"maps:{server}/{size}:{counter}", []).append(value)
    return figures
