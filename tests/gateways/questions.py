"""The 200 requests, who is asked, and what of two answers is compared."""

import dataclasses
import hashlib
import http.client
import itertools
import json
import re
import socket
import ssl
import subprocess

from programs import ANY, HERE

SECONDS = 60  # for an answer; none takes long but on a busy machine
FINGERPOST = HERE.parents[1] / "build/bin/fingerpost"

METHODS = ("GET", "HEAD", "POST", "PUT")
TARGETS = (
    *("/", "/?", "/else", "/else?a=b&&c=%zz", "/old", "/old?page=2", "/blog", "/blog/tea", "/blog/tea?page=2&utm_source=mail", "/blog/caf%C3%A9/%7Eme"),
    *("/fax", "/hook", "/twice", "/book", "/start", "/cookies", "/done", "/shared", "/a%2Fb", "/a/b?b=%2F&c", "//x", "/x", "/asked?q=tea%20pot+%2F%26"),
    *("/asked?Q=1&q=", "/deep/er%3Fnot=query"),
)
# Scheme, host, fields; TARGETS and METHODS take turns with them.
CALLERS = (
    ("http", "www.example", {}),
    ("https", "www.example", {"X-Beta": "1", "Accept-Language": "de, en;q=0.5"}),
    ("https", "tea.old.example", {"Accept": "application/json"}),
    ("http", "www.example", {"Cookie": "bucket=0000cafe; other=1", "Accept-Language": "fr"}),
    ("https", "www.example", {"User-Agent": "curl/8.0", "X-Beta": "0"}),
    ("http", "TEA.Old.Example", {"Accept": "text/html", "HX-Request": "true"}),
    ("http", "www.example:80", {"X-Requested-With": "XMLHttpRequest", "X-Beta": "1"}),
)

# Everything that Fingerpost puts into an answer, but for Content-Length, which the connection proves.
FIELDS = (
    *("location", "cache-control", "vary", "set-cookie", "link", "strict-transport-security", "x-robots-tag", "content-type"),
    *("x-content-type-options", "content-security-policy", "retry-after", "hx-redirect", "allow", "www-authenticate"),
)
LISTS = ("vary", "cache-control", "link", "x-robots-tag")  # two lines and one with a comma mean the same (RFC 9110 §5.3)


@dataclasses.dataclass(frozen=True)
class Question:
    method: str
    target: str
    scheme: str = "http"
    host: str = "www.example"
    fields: tuple = ()
    content: bytes = b""

    @property
    def url(self):
        return f"{self.scheme}://{self.host}{self.target}"

    def __str__(self):
        return " ".join([self.method, self.url, *(f"{name}: {value}" for name, value in self.fields)])


def questions():
    for number, (target, method) in enumerate(itertools.product(TARGETS, METHODS)):
        for caller in (number, number + 3):
            scheme, host, fields = CALLERS[caller % len(CALLERS)]
            content = f"{number}&".encode() * 40 if method in ("POST", "PUT") else b""
            yield Question(method, target, scheme, host, tuple(fields.items()), content)


def field(lines, name):
    """Its values, in one spelling."""
    values = [value for key, value in lines if key.lower() == name]
    if name in LISTS:
        return sorted({part.strip().lower() for value in values for part in value.split(",")})
    return [re.sub(r"^(bucket[-12]*)=[0-9a-f]{8};", r"\1=DRAWN;", value) for value in values]


# Of the site's own answer.
SITE_FIELDS = [("Content-Type", "text/plain"), ("Vary", "Accept-Encoding"), ("X-Site", "page")]


def told(status, lines, content):
    answer = "page" if status == 200 and field(lines, "x-site") else str(status)
    return {"answer": answer, "content": content, **{name: field(lines, name) for name in FIELDS}}


def page(question):
    """What the site answers."""
    content = f"{question.method} {question.target} {hashlib.sha256(question.content).hexdigest()}\n"
    return "" if question.method == "HEAD" else content


class Connections:
    """Asks a gateway, over a connection for each scheme."""

    def __init__(self, ports, proxied, seconds=SECONDS):
        self.ports, self.proxied, self.seconds, self.open = ports, proxied, seconds, {}

    def connect(self, scheme):
        if scheme == "http":
            return http.client.HTTPConnection(ANY, self.ports.plain, timeout=self.seconds)
        if not self.proxied:
            unchecked = ssl._create_unverified_context()  # pylint: disable=protected-access
            return http.client.HTTPSConnection(ANY, self.ports.tls, timeout=self.seconds, context=unchecked)
        # What ends TLS before this gateway says so by the PROXY protocol.
        connection = http.client.HTTPConnection(ANY, self.ports.tls, timeout=self.seconds)
        connection.sock = socket.create_connection((ANY, self.ports.tls), self.seconds)
        connection.sock.sendall(b"PROXY TCP4 127.0.0.1 127.0.0.1 1 443\r\n")
        connection.auto_open = 0
        return connection

    def ask(self, question):
        """(status, fields, content)"""
        used = question.scheme in self.open
        connection = self.open.pop(question.scheme, None) or self.connect(question.scheme)
        try:
            connection.putrequest(question.method, question.target, skip_host=True, skip_accept_encoding=True)
            for name, value in (("Host", question.host), *question.fields):
                connection.putheader(name, value)
            if question.content:
                connection.putheader("Content-Length", str(len(question.content)))
            connection.endheaders(question.content or None)
            answer = connection.getresponse()
            content = answer.read()
        except (ConnectionError, http.client.NotConnected):
            connection.close()
            if used:  # It was closed meanwhile.
                return self.ask(question)
            raise
        except BaseException:
            connection.close()
            raise
        if not answer.will_close:
            self.open[question.scheme] = connection
        else:
            connection.close()
        return answer.status, answer.getheaders(), content.decode("latin-1")

    def close(self):
        for connection in self.open.values():
            connection.close()
        self.open.clear()


def asked(question):
    """As POST /v1/decide and the command line take it."""
    headers = [{"name": name, "value": value} for name, value in question.fields]
    return {"request": {"method": question.method, "url": question.url, "headers": headers}}


def by_json(port, wanted):
    connection = http.client.HTTPConnection(ANY, port, timeout=SECONDS)
    for question in wanted:
        connection.request("POST", "/v1/decide", json.dumps(asked(question)), {"Content-Type": "application/json"})
        with connection.getresponse() as answer:
            yield json.loads(answer.read())
    connection.close()


def by_grpc(port, wanted):
    text = "".join(json.dumps(asked(question)) + "\n" for question in wanted)
    command = [FINGERPOST, "decide", "--server", f"{ANY}:{port}", "--input", "-"]
    done = subprocess.run(command, input=text, capture_output=True, text=True, timeout=SECONDS, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def expected(question, answer):
    """What a client must get, given Fingerpost's answer."""
    lines = [(header["name"], header["value"]) for header in answer.get("headers", [])]
    if answer["outcome"] in ("OUTCOME_REDIRECT", "OUTCOME_RESPOND"):
        content = "" if question.method == "HEAD" else answer.get("body", "").encode().decode("latin-1")
        return told(answer["status"], lines, content)
    return told(200, SITE_FIELDS + (lines if answer["outcome"] == "OUTCOME_PASS" else []), page(question))


def differences(found, wanted):
    """The names of what differs; of another answer only that it is one."""
    return [name for name in found if found[name] != wanted[name]] if found["answer"] == wanted["answer"] else ["answer"]


class Exceptions:
    """The page's table of what a gateway cannot carry: each row must be needed."""

    def __init__(self):
        rows = re.findall(r"^\| (`.+`) \| `([\w, -]+)` \| `(.+)` \| .+ \|$", (HERE / "README.md").read_text(), re.MULTILINE)
        self.rows = [
            (recipe, part, re.compile(asked))
            for recipes, parts, asked in rows
            for recipe in re.findall("`(.*?)`", recipes)
            for part in parts.lower().split(", ")
        ]
        self.used = set()

    def allows(self, recipe, part, question, answer):
        """The third column's pattern is searched in "METHOD URL FIELDS -> ANSWER", where the answer is "page" or a status."""
        found = [row for row in self.rows if row[:2] == (recipe, part) and row[2].search(f"{question} -> {answer}")]
        self.used.update(found)
        return bool(found)

    def unused(self, recipe):
        return [f"{part}, {asked.pattern}" for name, part, asked in self.rows if name == recipe and (name, part, asked) not in self.used]
