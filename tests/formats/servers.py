"""The real programs, each on a free loopback port for as long as its questions take."""

import contextlib
import hashlib
import http.client
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.parse

HERE = pathlib.Path(__file__).resolve().parent
SECONDS = 60  # for a start or an answer; nothing takes long but on a busy machine

NGINX = """daemon off; master_process off; pid {home}/pid; error_log {home}/error.log;
events {{}}
http {{
  access_log off; absolute_redirect off; server_names_hash_bucket_size 128;
  client_body_temp_path {home}; proxy_temp_path {home}; fastcgi_temp_path {home}; uwsgi_temp_path {home}; scgi_temp_path {home};
  {content}
}}
"""

APACHE = """ServerRoot {home}
PidFile {home}/pid
ErrorLog {home}/error.log
LogLevel core:info
DefaultRuntimeDir {home}
Listen 127.0.0.1:{port}
ServerName localhost
DocumentRoot {home}/www
{modules}
{content}
"""
APACHE_MODULES = ("mpm_event", "authz_core", "alias", "rewrite", "dir")

HAPROXY = """global
  log /dev/null local0
defaults
  mode http
  timeout connect 60s
  timeout client 60s
  timeout server 60s
frontend in
  bind 127.0.0.1:{port}
  {rules}
  http-request return status 200
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(port, process, log):
    end = time.monotonic() + SECONDS
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.02)
    said = log.read_text() if log.exists() else ""
    raise RuntimeError(f"{process.args[0]} does not serve: {said[-2000:]}")


# What nginx and Apache write into their log where the 404 is that of a missing file.
MISSING = re.compile(r"\(2: No such file or directory\)|AH0012[89]:")


class Http:
    """Asks a server over one connection; gives (status, Location or None). Status 0: nothing of its configuration answers."""

    def __init__(self, port, process, log):
        self.process, self.log = process, log
        self.seen = self.size()
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)

    def size(self):
        return self.log.stat().st_size if self.log.exists() else 0

    def is_missing(self):
        """Whether the log has grown by a line about a file, which is written before the answer is sent."""
        with self.log.open("rb") as log:
            log.seek(self.seen)
            return bool(MISSING.search(log.read().decode(errors="replace")))

    def __call__(self, url, method="GET"):
        self.seen = self.size()
        parts = urllib.parse.urlsplit(url)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        self.connection.request(method, target, headers={"Host": parts.netloc})
        with self.connection.getresponse() as answer:
            answer.read()
            location = answer.getheader("Location")
            self.freshness = answer.getheader("Cache-Control", "")
            if answer.status == 404 and self.log.exists() and self.is_missing():
                return 0, None
            # Octets that are not ASCII arrive as Latin-1.
            return answer.status, location and urllib.parse.quote(location.encode("latin-1"), safe="!#$%&'()*+,/:;=?@[]~")

    def all(self, urls):
        return [self(url) for url in urls]

    def ask(self, questions):
        """(status, Location, Cache-Control) for each (method, URL)."""
        return [(*self(url, method), self.freshness) for method, url in questions]


@contextlib.contextmanager
def running(command, port, home):
    log = home / "error.log"
    with (home / "output").open("w") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, cwd=home)
        try:
            wait_for(port, process, log if log.exists() else home / "output")
            yield Http(port, process, log)
        finally:
            process.terminate()
            try:
                process.wait(SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def nginx(source, home, _):
    """A file of server blocks, or of what stands in one; a file of "from to;" lines is the content of a map."""
    port = free_port()
    text = source.read_text()
    if source.suffix == ".map":
        text = f"map $uri $to {{ include {source}; }} server {{ listen 80; if ($to) {{ return 301 $to; }} }}"
    elif "server_name" not in text:
        text = f"server {{ listen 80; {text}\n}}"
    default = " default_server" if "default_server" in text else ""
    text = re.sub(r"listen\s+(\[::\]:)?\d+[^;]*;", lambda m: "" if m[1] else f"listen 127.0.0.1:{port}{default * ('default_server' in m[0])};", text)
    text = re.sub(r"include\s+(\w)", rf"include {source.parent}/\1", text)
    if "server_name" in text and not default:  # A host that no server names gets the first server.
        text = f"server {{ listen 127.0.0.1:{port} default_server; }}\n{text}"
    (home / "nginx.conf").write_text(NGINX.format(home=home, content=text))
    return running(["nginx", "-c", home / "nginx.conf", "-e", home / "error.log"], port, home)


def apache(source, home, _):
    port = free_port()
    (home / "www").mkdir()
    # What an .htaccess would say is in the directory's context.
    text = source.read_text()
    if source.name.endswith(".htaccess"):
        shutil.copy(source, home / "www/.htaccess")
        text = f"<Directory {home}/www>\nAllowOverride All\nRequire all granted\nOptions FollowSymLinks\n</Directory>"
    text = re.sub(r"<VirtualHost [^>]*>", f"<VirtualHost 127.0.0.1:{port}>", text)
    text = re.sub(r"(txt:)(?=\w)", rf"\1{source.parent}/", text)
    folder = pathlib.Path("/usr/lib/apache2/modules")
    modules = "\n".join(f"LoadModule {name}_module {folder}/mod_{name}.so" for name in APACHE_MODULES)
    (home / "apache.conf").write_text(APACHE.format(home=home, port=port, modules=modules, content=text))
    return running(["apache2", "-X", "-f", home / "apache.conf"], port, home)


def haproxy(source, home, notes):
    """A map, as `notes["rules"]` uses it."""
    port = free_port()
    rules = notes["rules"].replace("FILE", str(source)).strip().replace("\n", "\n  ")
    (home / "haproxy.cfg").write_text(HAPROXY.format(port=port, rules=rules))
    return running(["haproxy", "-f", home / "haproxy.cfg"], port, home)


def packages():
    """The packages of the programs of Node.js in the user's cache, under the hash of their list."""
    digest = hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()[:16]
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / f"fingerpost/formats-{digest}"
    if not (cache / "done").exists():
        shutil.rmtree(cache, ignore_errors=True)
        cache.mkdir(parents=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, cache)
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries", "5"]
        subprocess.run(command, cwd=cache, check=True, capture_output=True)
        (cache / "done").touch()
    return cache


class Node:
    """A program of Node.js that answers a line for each URL."""

    def __init__(self, program, source):
        self.program, self.source = program, source

    def all(self, urls):
        command = ["node", HERE / self.program, self.source]
        text = "".join(f"{url}\n" for url in urls)
        done = subprocess.run(command, cwd=packages(), input=text, capture_output=True, text=True, timeout=SECONDS * 5, check=True)
        answers = [json.loads(line) for line in done.stdout.splitlines()]
        return [(answer.get("status", 0), answer.get("location")) for answer in answers]

    def ask(self, questions):
        """As Http.ask; it has no fields but Location."""
        return [(*answer, None) for answer in self.all([url for _, url in questions])]


@contextlib.contextmanager
def netlify(source, _home, _notes):
    yield Node("netlify.mjs", source)


@contextlib.contextmanager
def vercel(source, _home, _notes):
    yield Node("vercel.mjs", source)


REAL = {"netlify": netlify, "netlify.toml": netlify, "vercel": vercel, "nginx": nginx, "apache": apache, "haproxy": haproxy}


@contextlib.contextmanager
def serving(name, source, notes):
    with tempfile.TemporaryDirectory() as home, REAL[name](source, pathlib.Path(home), notes) as server:
        yield server
