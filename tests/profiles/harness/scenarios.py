"""The scenarios: requests, and a server's successive answers. Deterministic for a seed.

First each axis is covered alone, then pairs of axes are sampled. A scenario names its characteristics (form, move,
secrets …), so that an exception can select scenarios.
"""

import itertools
import random

from .locations import ANY_ORIGIN_FORMS, CONTROLS, HOST_READINGS, SAME_ORIGIN_FORMS, location
from .origins import serialize

SEED = 20261120
STATUSES = (300, 301, 302, 303, 304, 305, 306, 307, 308)
FOLLOWED = (301, 302, 303, 307, 308)
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY", "PROPFIND", "FROB")
WITH_CONTENT = ("POST", "PUT", "PATCH", "DELETE", "QUERY", "PROPFIND", "FROB")
CONTENT = "ball=round"
START = "/start/dir/one?q=1"

A = ("http", "a.test", 80)
MOVES = {  # name: the first origin, the next one
    "same": (A, A),
    "same-tls": (("https", "a.test", 443), ("https", "a.test", 443)),
    "port": (A, ("http", "a.test", 8080)),
    "port-back": (("http", "a.test", 8080), A),
    "host": (A, ("http", "b.test", 80)),
    "host-tls": (("https", "a.test", 443), ("https", "b.test", 443)),
    "host-port": (("http", "a.test", 8080), ("http", "b.test", 8080)),
    "subdomain": (A, ("http", "sub.a.test", 80)),
    "parent": (("http", "sub.a.test", 80), A),
    "suffix": (A, ("http", "xa.test", 80)),
    "up": (A, ("https", "a.test", 443)),
    "up-port": (("http", "a.test", 8080), ("https", "a.test", 8443)),
    "up-host": (A, ("https", "b.test", 443)),
    "up-subdomain": (A, ("https", "sub.a.test", 443)),
    "down": (("https", "a.test", 443), A),
    "down-port": (("https", "a.test", 8443), ("http", "a.test", 8080)),
    "down-host": (("https", "a.test", 443), ("http", "b.test", 80)),
    "down-subdomain": (("https", "a.test", 443), ("http", "sub.a.test", 80)),
}

SECRETS = {
    "none": [],
    "authorization": [["Authorization", "Bearer one"]],
    "cookie": [["Cookie", "session=1; theme=dark"]],
    "proxy": [["Proxy-Authorization", "Basic cHJveHk6c2VjcmV0"]],
    "api-key": [["X-Api-Key", "key-1"], ["X-Auth-Token", "token-1"]],
    "host": [["Host", "other.test"]],
    "referer": [["Referer", "http://user:pass@a.test/from?secret=1#part"]],
    "origin": [["Origin", "http://a.test"]],
    "kin": [["WWW-Authenticate", "Basic"], ["Proxy-Authenticate", "Basic"], ["Cookie2", "$Version=1"]],
    "case": [["aUTHORIZATION", "Bearer one"], ["cOOKIE", "session=1"], ["x-API-key", "key-1"]],
    "repeated": [["Authorization", "Bearer one"], ["Authorization", "Bearer two"], ["X-Api-Key", "a"], ["X-Api-Key", "b"]],
    "several": [["Authorization", "Bearer one"], ["Cookie", "session=1"], ["Proxy-Authorization", "Basic cDpz"], ["X-Api-Key", "key-1"], ["X-Trace", "1"]],
    "conditions": [["If-None-Match", '"1"'], ["If-Modified-Since", "Sat, 29 Oct 1994 19:43:31 GMT"], ["Range", "bytes=0-9"], ["If-Range", '"1"']],
    "plain": [["Accept", "application/json"], ["Accept-Language", "de"], ["User-Agent", "probe/1"], ["X-Trace", "1"]],
}
CONTENT_FIELDS = [
    ["Content-Type", "text/x-ball"],
    ["Content-Language", "de"],
    ["Content-Location", "/ball"],
    ["Content-Encoding", "identity"],
    ["Digest", "sha-256=1"],
    ["Last-Modified", "Sat, 29 Oct 1994 19:43:31 GMT"],
    ["X-Content-Ball", "1"],
    ["Content-Ball", "1"],
]
TYPE = [["Content-Type", "text/x-ball"]]


def answer(status, *locations, extra=()):
    return {"status": status, "headers": [["Location", value] for value in locations] + [list(field) for field in extra]}


def scenario(family, method="GET", body="none", move="same", headers=(), answers=None, status=302, form="absolute", fragment="", secrets="none", extra=()):
    start, target = MOVES[move]
    if answers is None:
        answers = [answer(status, *location(form, start, target), extra=extra)]
    fields = [list(field) for field in [*SECRETS[secrets], *headers]]
    return {
        "family": family,
        "status": status,
        "method": method,
        "body": body,
        "move": move,
        "form": form,
        "secrets": secrets,
        "url": serialize(*start) + START + fragment,
        "headers": fields,
        "answers": answers,
    }


def methods():
    """The treatment of method, content and its fields."""
    for status, method in itertools.product(STATUSES, METHODS):
        yield scenario("methods", method, status=status)
        if method in WITH_CONTENT:
            yield scenario("methods", method, "replayable", status=status, headers=CONTENT_FIELDS)
    for status, method in itertools.product(FOLLOWED, ("POST", "PUT", "QUERY")):
        yield scenario("methods", method, "one-shot", status=status, headers=TYPE)
        yield scenario("methods", method, "replayable", "host", status=status, headers=CONTENT_FIELDS)
    for status, move in itertools.product(STATUSES, ("same", "host", "up")):
        yield scenario("methods", "POST", "replayable", move, status=status)
    for status, method in itertools.product(FOLLOWED, ("GET", "HEAD")):
        yield scenario("methods", method, status=status, headers=CONTENT_FIELDS)


def origins():
    """Which fields cross which border."""
    for move, secrets in itertools.product(MOVES, SECRETS):
        yield scenario("origins", move=move, secrets=secrets, status=302 if len(move) % 2 else 307)


def forms():
    """The interpretation of Location."""
    for form, secrets in itertools.product(SAME_ORIGIN_FORMS, ("authorization", "none")):
        yield scenario("forms", form=form, status=302, fragment="#old", secrets=secrets)
    for form, move, secrets in itertools.product(ANY_ORIGIN_FORMS, ("same", "host"), ("authorization", "none")):
        yield scenario("forms", move=move, form=form, status=307, fragment="#old", secrets=secrets)
    for form, secrets in itertools.product(("path", "network", "relative"), ("host", "referer", "origin")):
        yield scenario("forms", form=form, secrets=secrets)
    for status in STATUSES:
        yield scenario("forms", form="missing", status=status)
        yield scenario("forms", form="empty", status=status)


# These keep the request's scheme, or have many readings if the scheme differs.
WITHOUT_SCHEME = ("network", "network-user", "slash-backslash", "triple-slash", "one-slash", "no-slash", "backslash-host")

A_, A_PORT, B_, C_, SUB_, A_TLS = ("http://a.test", "http://a.test:8080", "http://b.test", "http://c.test", "http://sub.a.test", "https://a.test")
PATHS = {
    "ABA": (B_, A_),
    "ABB": (B_, B_),
    "ABAA": (B_, A_, A_),
    "ABABA": (B_, A_, B_, A_),
    "AAB": (A_, B_),
    "AAA": (A_, A_),
    "ABCA": (B_, C_, A_),
    "ASA": (SUB_, A_),
    "ASB": (SUB_, B_),
    "ABS": (B_, SUB_),
    "ASS": (SUB_, SUB_),
    "APA": (A_PORT, A_),
    "ATA": (A_TLS, A_),
    "ATT": (A_TLS, A_TLS),
    "ABAB": (B_, A_, B_),
    "APAB": (A_PORT, A_, B_),
}


def chains():
    """More than one hop: restored fields, memory, and the end."""
    for (name, path), secrets in itertools.product(PATHS.items(), ("none", "authorization", "several", "host", "referer", "origin")):
        yield scenario("chains", secrets=secrets, answers=[answer(302, f"{origin}/hop/{n}") for n, origin in enumerate(path)]) | {"form": name}
    for statuses in ((303, 307), (302, 307), (307, 302), (301, 301), (307, 303), (303, 302, 308), (302, 308, 307), (307, 307, 303)):
        form = {"form": "-".join(map(str, statuses))}
        for method, move in itertools.product(("POST", "PUT", "HEAD", "FROB"), (A_, B_)):
            hops = [answer(status, f"{move}/hop/{n}") for n, status in enumerate(statuses)]
            body = "replayable" if method in WITH_CONTENT else "none"
            yield scenario("chains", method, body, headers=CONTENT_FIELDS if body != "none" else (), answers=hops) | form
            if method == "POST":
                yield scenario("chains", method, body, answers=hops) | form
    for name, targets in {
        "distinct": [f"/hop/{n}" for n in range(70)],
        "self": ["/start/dir/one?q=1"] * 70,
        "pair": ["/hop/1", "/start/dir/one?q=1"] * 35,
        "other-origin": [f"{B_ if n % 2 else A_}/hop/{n}" for n in range(70)],
    }.items():
        for status in (302, 307):
            yield scenario("chains", answers=[answer(status, target) for target in targets]) | {"form": f"limit-{name}"}
    for fragments in (("#new", ""), ("", "#new"), ("#new", "#"), ("", "")):
        yield scenario("chains", fragment="#old", answers=[answer(302, f"/hop/{n}{text}") for n, text in enumerate(fragments)]) | {"form": "fragments"}
    for second, secrets in itertools.product(("/hop", "next", "//b.test/x", "?q", "http://a.test/x"), ("none", "authorization")):
        yield scenario("chains", secrets=secrets, answers=[answer(302, "http://user:pass@b.test/dir/x"), answer(302, second)]) | {"form": "userinfo-then"}


COOKIES = {
    "session": ["s=1; Path=/"],
    "no-path": ["s=1"],
    "domain": ["s=1; Domain=a.test; Path=/"],
    "other-domain": ["s=1; Domain=b.test; Path=/"],
    "top-domain": ["s=1; Domain=test; Path=/"],
    "secure": ["s=1; Secure; Path=/"],
    "expired": ["s=1; Max-Age=0; Path=/"],
    "path": ["s=1; Path=/start", "t=2; Path=/next"],
    "replace": ["session=2; Path=/"],
    "two": ["z=1; Path=/", "y=2; Path=/", "z=3; Path=/"],
    "same-site": ["s=1; SameSite=Strict; Path=/", "l=1; SameSite=Lax; Path=/"],
}


def cookies():
    """The jar, in clients that have one."""
    for (name, values), move in itertools.product(COOKIES.items(), ("same", "subdomain", "host", "up", "port", "same-tls")):
        extra = [["Set-Cookie", value] for value in values]
        yield scenario("cookies", move=move, extra=extra) | {"form": f"cookie-{name}"}
        if move in ("same", "host"):
            yield scenario("cookies", move=move, extra=extra, secrets="cookie") | {"form": f"cookie-{name}"}
    for path in ("ABA", "ABB", "ASA"):
        hops = [answer(302, f"{origin}/hop/{n}", extra=[["Set-Cookie", f"hop{n}=1; Path=/"]]) for n, origin in enumerate(PATHS[path])]
        yield scenario("cookies", answers=hops) | {"form": path}
        yield scenario("cookies", answers=hops, secrets="cookie") | {"form": path}


REFERRER_POLICIES = (
    "no-referrer",
    "no-referrer-when-downgrade",
    "origin",
    "origin-when-cross-origin",
    "same-origin",
    "strict-origin",
    "strict-origin-when-cross-origin",
    "unsafe-url",
    "bogus",
)


def referrers():
    """Referrer-Policy on the redirect, which browsers obey."""
    for policy, move in itertools.product(REFERRER_POLICIES, ("same", "host", "up", "down")):
        yield scenario("referrers", move=move, extra=[["Referrer-Policy", policy]]) | {"form": f"policy-{policy}"}


# The target of a first hop, and of a second and third one.
USERINFO_CHAINS = {
    "relative": ("/1", "/2"),
    "relative-absolute": ("/1", f"{A_}/2"),
    "absolute-relative": (f"{A_}/1", "/2"),
    "network": ("/1", "//a.test/2"),
    "left": ("/1", f"{B_}/2", "/3"),
    "there": (f"{B_}/1", "/2"),
    "there-and-back": (f"{B_}/1", f"{A_}/2", "/3"),
    "subdomain-and-back": (f"{SUB_}/1", f"{A_}/2"),
    "another-user": ("http://other:pw@a.test/1", "/2"),
    "another-user-elsewhere": ("http://other:pw@b.test/1", "/2", f"{A_}/3"),
}


def userinfos():
    """Userinfo in the first URL: whether the next hops get its credentials."""

    def named(case):
        return case | {"family": "userinfo", "url": case["url"].replace("://", "://user:pa%40ss@", 1)}

    for move, form, secrets in itertools.product(
        ("same", "same-tls", "host", "subdomain", "port", "up", "down"), ("absolute", "explicit-port", "upper", "user"), ("none", "authorization")
    ):
        yield named(scenario("userinfo", move=move, form=form, secrets=secrets))
    for move, secrets in itertools.product(("same", "host", "subdomain", "port"), ("none", "authorization")):
        yield named(scenario("userinfo", move=move, form="network", secrets=secrets))
    for form, secrets in itertools.product(("path", "relative", "query", "fragment-only"), ("none", "authorization")):
        yield named(scenario("userinfo", form=form, secrets=secrets))
    for (name, targets), secrets in itertools.product(USERINFO_CHAINS.items(), ("none", "authorization")):
        yield named(scenario("userinfo", secrets=secrets, answers=[answer(302, target) for target in targets])) | {"form": f"userinfo-{name}"}
    for status in (303, 307):
        yield named(scenario("userinfo", "POST", "replayable", status=status, form="path"))


B_TLS, SUB_TLS, A_TLS_PORT, LOCAL = "https://b.test", "https://sub.a.test", "https://a.test:8443", "http://localhost"
TRUSTWORTHY = {
    "same": (A_TLS, A_TLS),
    "sibling-and-back": (SUB_TLS, A_TLS),
    "site-and-back": (B_TLS, A_TLS),
    "port": (A_TLS_PORT, A_TLS),
    "clear": (A_, A_TLS),
    "clear-then-site": (A_, B_, B_TLS),
    "sibling-then-clear": (SUB_TLS, A_, SUB_TLS),
}


def trustworthy():
    """Fields that browsers send only to potentially trustworthy URLs: Sec-Fetch-* and Secure cookies."""
    for name, path in TRUSTWORTHY.items():
        yield scenario("trustworthy", move="same-tls", answers=[answer(302, f"{origin}/hop/{n}") for n, origin in enumerate(path)]) | {"form": f"trust-{name}"}
    for target in ("/next", f"{LOCAL}/next", f"{LOCAL}:8080/next", f"{A_}/next"):
        case = scenario("trustworthy", answers=[answer(302, target, extra=[["Set-Cookie", "s=1; Secure; Path=/"]])])
        yield case | {"url": LOCAL + START, "form": "trust-cookie"}


def hosts():
    """Which host a client reaches by a Location that can be read in two ways, and with which credentials."""
    for (name, value), secrets in itertools.product(HOST_READINGS.items(), ("none", "authorization")):
        yield scenario("hosts", secrets=secrets, answers=[answer(302, value)]) | {"form": name}


def controls():
    """Controls in the path and in the query of Location."""
    for name, octet in CONTROLS.items():
        yield scenario("controls", answers=[answer(302, f"/p{octet}q")]) | {"form": f"path-{name}"}
        yield scenario("controls", answers=[answer(302, f"/next?p{octet}q")]) | {"form": f"query-{name}"}


def sampled(count):
    """Every axis at once."""
    draw = random.Random(SEED)
    for _ in range(count):
        move = draw.choice(list(MOVES))
        method = draw.choice(METHODS)
        body = draw.choice(("none", "replayable", "replayable", "one-shot")) if method in WITH_CONTENT else "none"
        schemes = {origin[0] for origin in MOVES[move]}
        any_origin = [form for form in ANY_ORIGIN_FORMS if len(schemes) == 1 or form not in WITHOUT_SCHEME]
        form = draw.choice(any_origin if move != "same" else [*SAME_ORIGIN_FORMS, *any_origin])
        fields = draw.choice((CONTENT_FIELDS, TYPE)) if body != "none" else ()
        yield scenario("sampled", method, body, move, fields, None, draw.choice(STATUSES), form, draw.choice(("", "#old")), draw.choice(list(SECRETS)))
