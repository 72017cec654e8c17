"""Scenarios at the borders: credentials of a URL, origins spelled otherwise, content with any method, and the Locations that a
client can no longer read or no longer calls a URL."""

import itertools

from .scenarios import CONTENT_FIELDS, FOLLOWED, START, TYPE, answer, scenario

A, A_PORT, B, SUB, A_TLS, B_TLS = ("http://a.test", "http://a.test:8080", "http://b.test", "http://sub.a.test", "https://a.test", "https://b.test")

# How a first URL may name its user.
USERS = {"user": "user", "empty-password": "user:", "no-name": ":pw", "escaped": "us%20er:p%3Aw%2F", "octets": "us%C3%A9r:pw", "empty": ""}
# Where a chain goes whose first URL has userinfo.
CREDENTIAL_PATHS = {
    "subdomain-twice": (f"{SUB}/1", f"{SUB}/2", "/3"),
    "subdomain-then-site": (f"{SUB}/1", f"{B}/2", f"{SUB}/3"),
    "site-twice": (f"{B}/1", f"{B}/2", "/3"),
    "site-then-subdomain": (f"{B}/1", f"{SUB}/2", "/3"),
    "site-and-back-twice": (f"{B}/1", f"{A}/2", f"{A}/3", f"{B}/4", f"{A}/5"),
    "stay-then-leave": ("/1", f"{A}/2", f"{B}/3", f"{A}/4"),
    "port-and-back": (f"{A_PORT}/1", f"{A}/2", "/3"),
    "up": (f"{A_TLS}/1", "/2", f"{A_TLS}/3"),
    "up-and-down": (f"{A_TLS}/1", f"{A}/2", "/3"),
    "network-away": (f"//{B[7:]}/1", "/2", f"//{A[7:]}/3", "/4"),
    "network-twice": ("//a.test/1", "//a.test/2", "/3"),
    "written-port": (f"{A}:80/1", "/2", f"{A}/3", "/4"),
    "written-capitals": ("http://A.TEST/1", "/2", f"{A}/3", "/4"),
    "other-user-then-none": ("http://other:pw@a.test/1", f"{A}/2", "/3"),
    "other-user-away-and-back": ("http://other:pw@b.test/1", f"{B}/2", f"{A}/3", "/4"),
    "same-user": ("http://user:pa%40ss@a.test/1", "/2", f"{A}/3"),
}


def with_user(case, user="user:pa%40ss"):
    return case | {"url": case["url"].replace("://", f"://{user}@", 1)}


def credentials():
    """Which hops get the credentials that the first URL had, and those that a Location had."""
    for (name, path), secrets in itertools.product(CREDENTIAL_PATHS.items(), ("none", "authorization")):
        case = scenario("credentials", secrets=secrets, answers=[answer(302, target) for target in path]) | {"form": f"credentials-{name}"}
        yield with_user(case)
        if "user" in name:
            yield case
    for (name, user), move in itertools.product(USERS.items(), ("same", "host", "subdomain")):
        for form in ("path", "absolute") if move == "same" else ("absolute",):
            yield with_user(scenario("credentials", move=move, form=form), user) | {"form": f"credentials-first-{name}"}
        target = f"http://{user}@{'a.test' if move == 'same' else 'b.test'}/1"
        yield scenario("credentials", answers=[answer(302, target), answer(302, "/2")]) | {"form": f"credentials-next-{name}"}
    for status, method, move in itertools.product((302, 303, 307), ("HEAD", "POST", "PUT"), ("same", "host", "subdomain")):
        body = "none" if method == "HEAD" else "replayable"
        yield with_user(scenario("credentials", method, body, move, status=status))


def spelled_origins():
    """The first URL, or the Location, has capitals or a port that goes without saying."""
    first = {"port": "http://a.test:80", "capitals": "http://A.test", "plain": A}
    following = {"port": f"{A}:80/1", "capitals": "HTTP://A.TEST/1", "plain": f"{A}/1", "path": "/1", "relative": "1", "empty-port": f"{A}:/1"}
    for (one, start), (two, target), secrets in itertools.product(first.items(), following.items(), ("authorization", "several", "host")):
        case = scenario("origins", secrets=secrets, answers=[answer(302, target), answer(302, "/2"), answer(302, f"{A}/3")])
        yield case | {"url": start + START, "form": f"spelled-{one}-{two}"}
    for port, target in itertools.product(("", ":443"), (f"{A_TLS}:443/1", f"{A_TLS}/1", "/1", f"{A}:80/1")):
        case = scenario("origins", secrets="authorization", answers=[answer(302, target), answer(302, f"{A_TLS}/2")])
        yield case | {"url": A_TLS + port + START, "form": "spelled-tls"}
    values = ("other.test:80", "other.test:8080", "OTHER.test", "a.test", "a.test:80", "b.test")
    for value, targets in itertools.product(values, (("/1", "2"), ("2", "?q"), (f"{A}/1", "/2"), ("//a.test/1", "/2"), (f"{B}/1", "/2"))):
        yield scenario("origins", headers=[["Host", value]], answers=[answer(302, target) for target in targets]) | {"form": "host-field", "secrets": "host"}


BODILESS = ("GET", "HEAD", "OPTIONS")
KEPT_AND_CHANGED = ((303, 307), (302, 307), (307, 303), (307, 307), (301, 302))


def contents():
    """Content with methods that have none as a rule, and content that is sent once."""
    for status, method, body in itertools.product(FOLLOWED, BODILESS, ("replayable", "one-shot")):
        yield scenario("contents", method, body, status=status, headers=TYPE)
    for status, method in itertools.product(FOLLOWED, BODILESS):
        yield scenario("contents", method, "replayable", "host", status=status, headers=CONTENT_FIELDS)
    for status, body in itertools.product((300, *FOLLOWED), ("replayable", "one-shot")):
        for fields, move in ((TYPE, "same"), ((), "host")):
            yield scenario("contents", "DELETE", body, move, status=status, headers=fields)
    for status, method in itertools.product(FOLLOWED, ("PATCH", "PROPFIND", "FROB")):
        yield scenario("contents", method, "one-shot", status=status)
    for status, method in itertools.product((300, 304, 305, 399), ("GET", "POST", "PUT")):
        yield scenario("contents", method, "one-shot", status=status)
    for statuses, method, body in itertools.product(KEPT_AND_CHANGED, ("GET", "POST", "PUT", "DELETE"), ("replayable", "one-shot")):
        hops = [answer(status, f"/hop/{n}") for n, status in enumerate(statuses)]
        yield scenario("contents", method, body, headers=TYPE, answers=hops) | {"form": "-".join(map(str, statuses))}


# Octets of a Location. Not within a few hundred of a power of two where a client counts other fields, too.
LENGTHS = (4096, 8000, 8189, 8190, 8191, 8300, 9000, 15000, 16000, 17000, 33000, 60000, 65000, 67000, 70000)


def lengths():
    """Long Locations."""
    for length in LENGTHS:
        yield scenario("lengths", answers=[answer(302, "/" + "n" * (length - 1))]) | {"form": f"length-{length}"}
    for length in (8000, 9000, 15000, 33000, 60000):
        yield scenario("lengths", answers=[answer(302, f"{B}/?".ljust(length, "q"))]) | {"form": f"length-{length}"}
        yield scenario("lengths", answers=[answer(302, "/" + "n/" * (length // 2)), answer(302, "x")]) | {"form": f"length-{length}"}
    for length in (3000, 7000, 12000):
        yield scenario("lengths", answers=[answer(302, "/next", extra=[["X-Long", "n" * length]] * 3)]) | {"form": f"length-others-{length}"}


SCHEMES = ("ws", "wss", "WS", "data", "file", "about", "blob", "foo", "c", "https", "http")
NO_HOSTS = ("", "?q", "#f", "/b.test/x", ":80", ":80/x", ":/x", "@", "@/x", "user@", "user@/x", "user:pw@:80/x", "/", "//")
ODD_HOSTS = {
    "last-dot-port": "b.test.:80/x",
    "last-dot-user": "user@b.test./x",
    "zone": "[fe80::1%25lo]/x",
    "zone-bare": "[::1%lo]/x",
    "zone-empty": "[::1%25]/x",
    "zone-escaped": "[::1%25l%6f]/x",
    "bracket-port": "[::1]:http/x",
    "bracket-tail": "[::1]x/x",
    "user-empty-password": "user:@b.test/x",
    "password-only": ":pw@b.test/x",
    "empty-both": ":@b.test/x",
    "two-empty": "@@b.test/x",
    "port-high": "b.test:65536/x",
    "port-negative": "b.test:-80/x",
    "port-zeros": "b.test:00080/x",
    "percent": "b%.test/x",
    "percent-slash": "b%2f.test/x",
    "percent-null": "b%00.test/x",
}


def authorities():
    """URLs without a host, or with one that is hardly a host."""
    for scheme, secrets in itertools.product(SCHEMES, ("none", "authorization")):
        for target in (f"{scheme}://b.test/x", f"{scheme}:b.test/x"):
            yield scenario("authorities", secrets=secrets, answers=[answer(302, target)]) | {"form": f"scheme-{scheme.lower()}"}
    for rest, secrets in itertools.product(NO_HOSTS, ("none", "authorization")):
        for start in ("http://", "//") if secrets == "none" else ("http://",):
            yield scenario("authorities", secrets=secrets, answers=[answer(302, start + rest)]) | {"form": "no-host"}
    for rest in ("", "/b.test/x"):
        yield scenario("authorities", answers=[answer(302, "https://" + rest)]) | {"form": "no-host"}
    for (name, rest), secrets in itertools.product(ODD_HOSTS.items(), ("none", "authorization")):
        yield scenario("authorities", secrets=secrets, answers=[answer(302, "http://" + rest), answer(302, "/y")]) | {"form": f"host-{name}"}


SEVERAL = {
    "equal": ("/x", "/x"),
    "different": ("/x", "/y"),
    "last-empty": ("/x", ""),
    "first-empty": ("", "/x"),
    "both-empty": ("", ""),
    "three": ("/x", "/x", "/y"),
    "absolute": (f"{B}/x", f"{A}/y"),
    "absolute-equal": (f"{B}/x", f"{B}/x"),
    "bad-first": ("http://[", "/y"),
    "bad-last": ("/y", "http://["),
    "space-first": (" ", "/y"),
    "comma": ("/x, /y",),
    "fragment": ("/x#one", "/x#two"),
}


def several():
    """Several Locations in one response, followed and not."""
    for (name, values), secrets in itertools.product(SEVERAL.items(), ("none", "authorization")):
        yield scenario("several", secrets=secrets, answers=[answer(302, *values)]) | {"form": f"several-{name}"}
    for status, name in itertools.product((200, 300, 304, 305, 399), ("equal", "different", "last-empty")):
        yield scenario("several", status=status, answers=[answer(status, *SEVERAL[name])]) | {"form": f"several-{name}"}


OCTETS = ("\x00", "\x01", "\x08", "\x0b", "\x0c", "\x1b", "\x1f", "\x7f", "\t")


def more_controls():
    """Controls in every part of Location."""
    places = ("/p{}q", "/p?p{}q", "/p#p{}q", "{}/p", "/p{}", "http://b{}.test/p", "http://us{}er@b.test/p", "http://b.test:8{}0/p", "ht{}tp://b.test/p")
    for octet, place in itertools.product(OCTETS, places):
        yield scenario("controls", answers=[answer(302, place.format(octet))]) | {"form": f"control-{ord(octet):02x}"}
    for octet, status in itertools.product(("\x01", "\t"), (200, 304, 399)):
        yield scenario("controls", status=status, answers=[answer(status, f"/p{octet}q")]) | {"form": f"control-{ord(octet):02x}"}


def borders():
    for case in itertools.chain(credentials(), spelled_origins(), contents(), lengths(), authorities(), several(), more_controls()):
        yield case | {"border": True}
