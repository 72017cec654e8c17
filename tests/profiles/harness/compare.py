"""Compares the requests that arrived with Follow's, part by part."""

import base64
import json
import subprocess
from urllib.parse import unquote_to_bytes, urlsplit

from .origins import ADDRESSES
from .scenarios import CONTENT

# Fields of the connection and of framing: they follow from the URL and the content, which are compared.
FRAMING = ("host", "content-length", "transfer-encoding", "connection", "expect", "te", "keep-alive")
# Fields that a client adds and a redirect changes: they are always part of the question.
JUDGED = ("origin", "referer")
BODIES = {"none": "BODY_NONE", "replayable": "BODY_REPLAYABLE", "one-shot": "BODY_ONE_SHOT"}


class Follow:
    """Fingerpost's Follow in a process: a FollowRequest a line, a FollowResponse or Error a line."""

    def __init__(self, program):
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, question):
        self.process.stdin.write(json.dumps(question) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


def header(name, value):
    """A field of proto's Header; value holds octets as Latin-1."""
    octets = value.encode("latin-1")
    try:
        return {"name": name, "value": octets.decode("utf-8")}
    except UnicodeDecodeError:
        return {"name": name, "raw_value": base64.b64encode(octets).decode()}


def value_of(field):
    if "raw_value" in field:
        return base64.b64decode(field["raw_value"]).decode("latin-1")
    return field.get("value", "").encode("utf-8").decode("latin-1")


def authority(url):
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return host.removesuffix({"http": ":80", "https": ":443"}.get(parts.scheme, ":")).removesuffix(":")


def named_host(scheme, value):
    """The authority that a Host field names; a value that is none as it is."""
    try:
        return authority(where_to(f"{scheme}://{value.lower()}"))
    except ValueError:
        return value


def where_to(url):
    """A URL as it arrives: without userinfo and fragment, and with the name in place of an address."""
    parts = urlsplit(url.partition("#")[0])
    rest = url.partition("#")[0].partition("//")[2]
    path = rest[len(parts.netloc) :] or "/"
    host, _, port = authority(url).partition(":")
    return f"{parts.scheme}://{ADDRESSES.get(host, host)}{':' * bool(port)}{port}{path if path.startswith('/') else '/' + path}"


def arrived_url(request):
    target = request["target"]
    return target if target.startswith("http") else request["origin"] + target.partition("#")[0]


def meaning(url):
    """A URL in one spelling: percent-decoded, without dot segments (RFC 3986 section 6.2.2)."""
    origin, _, rest = url.partition("://")[2].partition("/")
    path, mark, query = rest.partition("?")
    segments = []
    for segment in unquote_to_bytes(path.encode("latin-1")).split(b"/"):
        if segment == b"..":
            del segments[-1:]
        elif segment != b".":
            segments.append(segment)
    return url.partition("://")[0], origin, segments, mark, unquote_to_bytes(query.encode("latin-1"))


def grouped(fields):
    groups = {}
    for name, value in fields:
        groups.setdefault(name.lower(), []).append(value)
    return groups


class Comparison:
    """Compares one client's scenarios with its profile."""

    def __init__(self, client, follow, baseline):
        self.client, self.follow = client, follow
        self.automatic = {}
        for seen in baseline:
            if seen["requests"]:
                request = seen["requests"][0]
                key = request["method"], bool(request["content"])
                self.automatic.setdefault(key, grouped(request["headers"]))

    def host_of(self, url):
        """The Host field that the client makes from a URL."""
        return authority(url) if self.client.host_has_port else authority(url).partition(":")[0]

    def added(self, sent):
        """The fields that the client adds to such a request; to a GET with content, those of a POST."""
        has_content = bool(sent["content"])
        return self.automatic.get((sent["method"], has_content)) or self.automatic.get(("POST", has_content), {})

    def disagreements(self, seen):
        """The differences between the client and Follow; nothing is compared after the first hop that differs."""
        case, requests = seen["case"], seen["requests"]
        # Elsewhere the first request may go to a URL that is not trustworthy, so the next one's fields are unknown.
        self.judges_metadata = case["family"] == "trustworthy"
        if not requests and (case["family"] == "spellings" or case["form"].startswith("jar-hand-")):
            return []  # The client refuses its own first URL or Cookie: nothing is redirected.
        if not requests:
            return [self.difference(seen, 0, "sent", "a request", seen["outcome"])]
        request, chain = self.first_request(case, requests[0]), None
        for hop in range(200):
            answered = case["answers"][hop] if hop < len(case["answers"]) else {"status": 200, "headers": []}
            reply = self.follow.ask(self.question(request, answered, chain))
            if "next" not in reply:
                return self.ended(seen, hop, reply)
            if hop + 1 >= len(requests):
                return [self.difference(seen, hop, "stop", f"next {reply['next']['url']}", seen["outcome"])]
            found = self.next_request(seen, hop, reply, requests[hop + 1])
            if found:
                return found
            request, chain = reply["next"], reply["chain"]
        raise RuntimeError("a chain without end")

    def first_request(self, case, sent):
        """The caller's request, without the fields that the client adds to every such request."""
        automatic = self.added(sent)
        callers = {name.lower() for name, _ in case["headers"]}
        # The field that the client makes from the URL's userinfo is its own, also beside the caller's.
        by_url = "@" in urlsplit(case["url"]).netloc
        made = ("authorization",) if by_url and "authorization" not in callers else ()
        given = grouped(case["headers"])
        beside = by_url and not self.client.keeps_basic and "authorization" in given and len(grouped(sent["headers"])["authorization"]) > 1
        fields = []
        for name, value in sent["headers"]:
            implied = self.host_of(case["url"]).lower(), urlsplit(case["url"]).netloc.rpartition("@")[2].lower()
            explicit_host = name.lower() == "host" and ("host" in callers or value.lower() not in implied)
            own = (
                name.lower() in (*FRAMING, *made)
                or self.is_ignored(name)
                or (beside and name.lower() == "authorization" and value not in given["authorization"])
                or (name.lower() not in (*callers, *JUDGED, *self.client.made) and automatic.get(name.lower()) == [value])
            )
            if explicit_host or not own:
                fields.append(header(name, value))
        return {"method": case["method"], "url": case["url"], "headers": fields, "body": BODIES[case["body"]]}

    def question(self, request, answered, chain):
        options = {"profile": f"PROFILE_{self.client.profile}"}
        if self.client.switches:
            options["switches"] = [f"CLIENT_SWITCH_{switch}" for switch in self.client.switches]
        if self.client.limit is not None:
            options["limit"] = self.client.limit
        if self.client.asked_jar:
            options["jar"] = "COOKIE_JAR_CLIENT"
        question = {
            "request": request,
            "options": options,
            "now": "2026-11-20T00:00:00Z",
            "response": {"status": answered["status"], "headers": [header(*field) for field in answered["headers"]]},
        }
        return question | ({"chain": chain} if chain else {})

    def ended(self, seen, hop, reply):
        if "stop" not in reply:
            return [self.difference(seen, hop, "answer", reply, "")]
        stop, outcome = reply["stop"], seen["outcome"]
        said = f"{stop['reason'].removeprefix('STOP_REASON_')}, {'an error' if stop.get('error') else 'the response'}"
        if len(seen["requests"]) > hop + 1:
            sent, before = seen["requests"][hop + 1], seen["requests"][hop]
            # A client may try again after a response that it could not read.
            if stop["reason"] == "STOP_REASON_LOCATION_TOO_LONG" and (sent["method"], arrived_url(sent)) == (before["method"], arrived_url(before)):
                return []
            return [self.difference(seen, hop, "stop", said, f"next {sent['method']} {arrived_url(sent)}")]
        if bool(stop.get("error")) != ("error" in outcome):
            return [self.difference(seen, hop, "outcome", said, outcome)]
        return []

    def next_request(self, seen, hop, reply, sent):
        found, case, said = [], seen["case"], reply["next"]

        def part(what, expected, actual):
            if expected != actual:
                found.append(self.difference(seen, hop, what, expected, actual))

        part("method", said["method"], sent["method"])
        # The address that was reached has no last dot; Host is compared below.
        url = said["url"].encode().decode("latin-1")  # its octets, as they arrive
        expected_url, actual_url = where_to(url).replace(".test./", ".test/", 1), arrived_url(sent)
        if "request_target" in reply:
            expected_url = "/".join(expected_url.split("/")[:3]) + base64.b64decode(reply["request_target"]).decode("latin-1")
        part("spelling" if meaning(expected_url) == meaning(actual_url) else "url", expected_url, actual_url)
        part("body", said.get("body", "BODY_NONE") not in ("BODY_NONE", "BODY_UNSPECIFIED"), bool(sent["content"]))
        if sent["content"]:
            part("content", CONTENT, sent["content"])
        expected = grouped((field["name"], value_of(field)) for field in said.get("headers", []))
        actual = grouped(sent["headers"])
        automatic = self.added(sent)
        if case["body"] == "one-shot":
            # A stream that has ended is content to some, and has a type.
            automatic = self.added({**sent, "content": CONTENT}) | automatic
        if "host" not in expected:
            actual_host = named_host(sent["origin"].partition(":")[0], actual.get("host", [""])[0])
            part("field:host", self.host_of(where_to(said["url"])), actual_host)
        for name in sorted(expected.keys() | actual.keys()):
            if self.is_ignored(name) or name in FRAMING and not (name == "host" and name in expected):
                continue
            if name not in expected and name not in JUDGED and actual[name] == automatic.get(name):
                continue
            # Lines of Authorization have no order.
            order = sorted if name == "authorization" and name in expected and name in actual else lambda values: values
            part(f"field:{name}", order(expected.get(name)), order(actual.get(name)))
        return found

    def is_ignored(self, name):
        if self.judges_metadata and name.lower().startswith("sec-fetch-"):
            return False
        return name.lower().startswith(self.client.ignored) if self.client.ignored else False

    def difference(self, seen, hop, what, expected, actual):
        case = seen["case"]
        return {
            "client": self.client.name,
            "what": what,
            "hop": hop,
            "expected": expected,
            "actual": actual,
            "case": {key: case[key] for key in ("id", "family", "status", "method", "body", "move", "form", "secrets")},
        }
