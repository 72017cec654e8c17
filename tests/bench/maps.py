"""A map of redirects in fingerpostd, nginx and HAProxy: start, memory and CPU time of a request, from one row to a million.

Theirs is a GET that is redirected; ours is a question in JSON about it, because fingerpostd decides and does not serve. What a
map costs for each request is what a request costs more than with one row."""

import contextlib
import http.client
import json
import os
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

# A table large enough for its rows, without nginx's warning.
NGINX = """map_hash_max_size {size}; map_hash_bucket_size 128;
map $uri $to {{ include {file}; }}
server {{ listen 80; server_name www.example.com; if ($to) {{ return 301 $to; }} }}
"""
ROWS = (1, 1_000, 1_000_000)
ASKED = 20_000
ROUNDS = 3  # interleaved; the median counts


def path(row):
    return f"/articles/2019/a-rather-long-title-{row}"


def write_maps(home, rows):
    with (home / "m.csv").open("w") as csv, (home / "to.txt").open("w") as nginx, (home / "m.map").open("w") as haproxy:
        for row in range(rows):
            target = f"/journal/new-title-of-{row}"
            csv.write(f"{path(row)},{target}\n")
            nginx.write(f"{path(row)} {target};\n")
            haproxy.write(f"{path(row)} {target}\n")
    (home / "p.yaml").write_text("maps: [{name: m, file: m.csv}]\n")
    (home / "nginx.conf").write_text(NGINX.format(size=max(2 * rows, 512), file=home / "to.txt"))


@contextlib.contextmanager
def fingerpost(home):
    program = str(ROOT / "build/bench/bin/fingerpostd")
    flags = ["--policy", str(home / "p.yaml"), "--listen=127.0.0.1:0", "--http-listen=127.0.0.1:0", "--access-log=off"]
    with subprocess.Popen([program, *flags], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            ports = servers.re.findall(r"127\.0\.0\.1:(\d+)", process.stdout.readline())
            yield int(ports[1]), process
        finally:
            process.terminate()


def of(name, notes=None):
    @contextlib.contextmanager
    def start(home):
        source = home / ("nginx.conf" if name == "nginx" else "m.map")
        with servers.serving(name, source, notes) as asks:
            yield asks.connection.port, asks.process

    return start


HAPROXY = {"rules": "http-request redirect code 301 location %[path,map_str(FILE)] if { path,map_str(FILE) -m found }"}
PROGRAMS = {"fingerpostd": fingerpost, "nginx": of("nginx"), "HAProxy": of("haproxy", HAPROXY)}


def seconds(process):
    """CPU time so far."""
    fields = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident(process):
    return int(servers.re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{process.pid}/status").read_text())[1]) / 1024


def ask(name, port, rows, count):
    """Requests over one connection, for rows that no cache can predict."""
    draw = random.Random(1)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    for number in range(count):
        wanted = path(draw.randrange(rows))
        if name == "fingerpostd":
            question = {"request": {"method": "GET", "url": f"http://www.example.com{wanted}"}}
            connection.request("POST", "/v1/decide", json.dumps(question), {"Content-Type": "application/json"})
        else:
            connection.request("GET", wanted, headers={"Host": "www.example.com"})
        with connection.getresponse() as answer:
            text = answer.read()
            found = json.loads(text).get("status") if name == "fingerpostd" else answer.status
        if found not in (301, 308):
            sys.exit(f"{name} answered question {number} with {found}: {text[:200]}")
    connection.close()


def measure(name, home, rows):
    begin = time.monotonic()
    with PROGRAMS[name](home) as (port, process):
        ready = time.monotonic() - begin
        memory = resident(process)
        ask(name, port, rows, ASKED // 10)  # Whatever is left to do after a start.
        before = seconds(process)
        ask(name, port, rows, ASKED)
        return ready * 1e3, memory, (seconds(process) - before) / ASKED * 1e6


def median(values):
    return sorted(values)[len(values) // 2]


def main():
    results = {}
    for rows in ROWS:
        with tempfile.TemporaryDirectory() as name:
            home = pathlib.Path(name)
            write_maps(home, rows)
            for _ in range(ROUNDS):
                for program in PROGRAMS:
                    results.setdefault((program, rows), []).append(measure(program, home, rows))
    print(f"  {'':12}{'rows':>10}{'start':>10}{'memory':>11}{'a request':>13}{'of it the map':>15}")
    for program in PROGRAMS:
        few = median([request for _, _, request in results[program, ROWS[0]]])
        for rows in ROWS:
            ready, memory, request = map(median, zip(*results[program, rows], strict=True))
            print(f"  {program:12}{rows:10,}{ready:7.0f} ms{memory:7.0f} MiB{request:10.1f} µs{request - few:12.1f} µs")


if __name__ == "__main__":
    main()
