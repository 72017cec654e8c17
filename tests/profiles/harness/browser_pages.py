"""What browsers do because of the page that asks: mixed content, Origin, Referrer-Policy along a chain, and their cookies.

`page` is the origin of the page from which the request comes; it is never part of the question. What a profile knows of
it is in the request: Origin, Referer and the URL.
"""

import itertools

from .scenarios import A_, A_PORT, A_TLS, A_TLS_PORT, B_, B_TLS, C_, FOLLOWED, LOCAL, MOVES, START, SUB_, SUB_TLS, TYPE, answer, scenario

C_TLS, XA_TLS, NUMBER, LOCAL_PORT = "https://c.test", "https://xa.test", "http://127.0.0.1", f"{LOCAL}:8080"


def asked(form, url, answers, page=None, method="GET", status=302, headers=(), move="same-tls"):
    """A request for this URL's start by a page of its origin, unless another page is named."""
    body = "replayable" if method in ("POST", "PUT", "PATCH") else "none"
    case = scenario("pages", method, body, move, headers, answers, status)
    return case | {"url": url + START, "form": form, "page": page or url}


def hops(path, status=302, extra=()):
    """One redirect to each origin of the path; `extra` are the fields of the first."""
    return [answer(status, f"{origin}/hop/{n}", extra=() if n else extra) for n, origin in enumerate(path)]


def moves():
    """Every border, asked by a page of the first URL's own origin."""
    for move, status, method in itertools.product(MOVES, FOLLOWED, ("GET", "POST")):
        start, _ = MOVES[move]
        secure = "down" in move or move in ("same-tls", "host-tls")
        if secure or (method == "POST" and status in (301, 303, 307)):
            yield scenario("pages", method, "none" if method == "GET" else "replayable", move, status=status) | {
                "form": "page-move",
                "page": f"{start[0]}://{start[1]}{'' if start[2] in (80, 443) else f':{start[2]}'}",
            }
    for move, status, method in itertools.product(("down", "down-host", "host-tls", "same-tls"), (301, 303, 307), ("PUT", "PATCH", "DELETE", "HEAD")):
        body = "replayable" if method in ("PUT", "PATCH") else "none"
        yield scenario("pages", method, body, move, TYPE if body != "none" else (), status=status) | {"form": "page-move", "page": A_TLS}
    for move, secrets in itertools.product(("down", "down-host", "host-tls"), ("authorization", "api-key", "plain")):
        yield scenario("pages", move=move, secrets=secrets) | {"form": "page-move", "page": A_TLS}


# Chains by the pages that ask, the first URL, and the next ones.
CHAINS = {
    "ABA": (A_TLS, A_TLS, (B_TLS, A_TLS)),
    "ABAA": (A_TLS, A_TLS, (B_TLS, A_TLS, A_TLS)),
    "ABCA": (A_TLS, A_TLS, (B_TLS, C_TLS, A_TLS)),
    "ASA": (A_TLS, A_TLS, (SUB_TLS, A_TLS)),
    "APA": (A_TLS, A_TLS, (A_TLS_PORT, A_TLS)),
    "AAB": (A_TLS, A_TLS, (A_TLS, B_TLS)),
    "ABB": (A_TLS, A_TLS, (B_TLS, B_TLS)),
    "clear-ABA": (A_, A_, (B_, A_)),
    "clear-ABB": (A_, A_, (B_, B_)),
    "clear-ABCA": (A_, A_, (B_, C_, A_)),
    "clear-ASA": (A_, A_, (SUB_, A_)),
    "clear-APA": (A_, A_, (A_PORT, A_)),
    "up-down": (A_, A_, (A_TLS, A_)),
    "up-site-down": (A_, A_, (B_TLS, A_)),
    "up-stay": (A_, A_, (A_TLS, A_TLS)),
    "up-site-site": (A_, A_, (B_TLS, C_TLS)),
    "down-up": (A_TLS, A_TLS, (A_, A_TLS)),
    "site-down": (A_TLS, A_TLS, (B_TLS, B_)),
    "stay-down": (A_TLS, A_TLS, (A_TLS, A_)),
    # The page is clear, its request is not.
    "clear-page-down": (A_, A_TLS, (A_,)),
    "clear-page-site-down": (A_, A_TLS, (B_TLS, C_)),
    "clear-page-site": (A_, A_TLS, (B_TLS, A_TLS)),
    "clear-page-elsewhere": (B_, A_TLS, (A_TLS, A_)),
    # The page is of another origin.
    "page-elsewhere": (B_TLS, A_TLS, (A_TLS, B_TLS)),
    "page-elsewhere-on": (B_TLS, A_TLS, (C_TLS, A_TLS)),
    "page-elsewhere-down": (B_TLS, A_TLS, (A_,)),
    "page-sibling": (SUB_TLS, A_TLS, (SUB_TLS, A_TLS)),
    "clear-page-other": (B_, A_, (A_, B_)),
    "clear-page-other-on": (B_, A_, (C_, A_)),
    # Trustworthy without TLS.
    "to-local": (A_TLS, A_TLS, (LOCAL, A_TLS)),
    "to-local-port": (A_TLS, A_TLS, (LOCAL_PORT,)),
    "to-number": (A_TLS, A_TLS, (NUMBER, B_TLS)),
    "to-local-clear": (A_TLS, A_TLS, (LOCAL, A_)),
    "from-local": (LOCAL, LOCAL, (A_, LOCAL)),
    "from-local-tls": (LOCAL, LOCAL, (A_TLS, A_)),
    "from-local-port": (LOCAL, LOCAL, (LOCAL_PORT, LOCAL)),
    "from-number": (NUMBER, NUMBER, (LOCAL, A_)),
    "page-to-local": (A_TLS, LOCAL, (LOCAL, A_)),
}


def chains():
    for (name, (page, url, path)), (status, method) in itertools.product(CHAINS.items(), ((302, "GET"), (307, "POST"), (302, "POST"))):
        yield asked(f"page-{name}", url, hops(path, status), page, method, status)
    for (name, (page, url, path)), method in itertools.product(CHAINS.items(), ("PUT", "DELETE", "HEAD")):
        if name in ("ABA", "ASA", "AAB", "clear-ABA", "up-down", "clear-page-site", "page-elsewhere"):
            yield asked(f"page-{name}", url, hops(path, 307), page, method, 307, TYPE if method == "PUT" else ())
    for statuses, target in itertools.product(((303, 307), (307, 303), (307, 302), (302, 308), (308, 307)), (A_TLS, B_TLS, A_)):
        first, second = statuses
        yield asked("page-{}-{}".format(*statuses), A_TLS, [answer(first, f"{B_TLS}/hop/0"), answer(second, f"{target}/hop/1")], method="POST", status=first)


POLICIES = ("no-referrer", "origin", "same-origin", "strict-origin", "unsafe-url", "no-referrer-when-downgrade", "origin-when-cross-origin")
POLICY_PATHS = {
    "same": (A_TLS, A_TLS),
    "site": (B_TLS, B_TLS),
    "back": (B_TLS, A_TLS),
    "sibling": (SUB_TLS, A_TLS),
    "later": (A_TLS, B_TLS),
    "clear-back": (A_, A_TLS),
}
POLICY_VALUES = {
    "list": ["no-referrer, unsafe-url"],
    "unknown-last": ["origin, bogus"],
    "fields": ["unsafe-url", "no-referrer"],
    "capitals": ["No-Referrer"],
    "empty": [""],
    "comma": [","],
    "space": ["no-referrer unsafe-url"],
    "quoted": ['"no-referrer"'],
}


def policies():
    """Referrer-Policy on the first redirect, which holds for the ones after it, too."""
    for policy, (name, path) in itertools.product(POLICIES, POLICY_PATHS.items()):
        yield asked(f"page-policy-{policy}-{name}", A_TLS, hops(path, extra=[["Referrer-Policy", policy]]))
    for policy, path, status in itertools.product(POLICIES, ((B_TLS, A_TLS), (A_, A_TLS), (SUB_TLS, B_)), (307,)):
        yield asked(f"page-policy-{policy}-post", A_TLS, hops(path, status, [["Referrer-Policy", policy]]), method="POST", status=status)
    for policy, path in itertools.product(POLICIES, ((B_, A_), (SUB_, A_), (A_, B_))):
        yield asked(f"page-policy-{policy}-clear", A_, hops(path, extra=[["Referrer-Policy", policy]]), move="same")
    for (name, values), path in itertools.product(POLICY_VALUES.items(), ((A_TLS, B_TLS), (B_TLS, B_TLS))):
        yield asked(f"page-policy-{name}", A_TLS, hops(path, extra=[["Referrer-Policy", value] for value in values]))
    for first, second in (("no-referrer", "unsafe-url"), ("origin", "unsafe-url"), ("unsafe-url", "bogus"), ("same-origin", "origin")):
        answers = [answer(302, f"{origin}/hop/{n}", extra=[["Referrer-Policy", value]]) for n, (origin, value) in enumerate(((B_TLS, first), (A_TLS, second)))]
        yield asked("page-policy-twice", A_TLS, answers)
        yield asked("page-policy-twice", A_TLS, [one | {"status": 307} for one in answers], method="POST", status=307)


COOKIES = {
    "strict": ["s=1; SameSite=Strict; Path=/"],
    "strict-secure": ["s=1; SameSite=Strict; Secure; Path=/", "l=1; SameSite=Lax; Secure; Path=/", "n=1; SameSite=None; Secure; Path=/", "d=1; Path=/"],
    "none-not-secure": ["n=1; SameSite=None; Path=/", "b=1; SameSite=bogus; Path=/", "e=1; SameSite; Path=/"],
}
COOKIE_PATHS = {
    "same": (A_TLS, (A_TLS,)),
    "site-back": (A_TLS, (B_TLS, A_TLS)),
    "sibling-back": (A_TLS, (SUB_TLS, A_TLS)),
    "site-back-on": (A_TLS, (B_TLS, A_TLS, A_TLS)),
    "suffix-back": (A_TLS, (XA_TLS, A_TLS)),
    "port": (A_TLS, (A_TLS_PORT, A_TLS)),
    "clear-same": (A_, (A_,)),
    "clear-site-back": (A_, (B_, A_)),
    "clear-port": (A_, (A_PORT, A_)),
    "up-down": (A_, (A_TLS, A_)),
    "up": (A_, (A_TLS, A_TLS)),
    "down-up": (A_TLS, (A_, A_TLS)),
    "local": (LOCAL, (LOCAL_PORT, LOCAL)),
    "number": (NUMBER, (NUMBER, LOCAL, NUMBER)),
}
# One value that must be stored or not, by name; on https unless it says otherwise.
COOKIE_VALUES = {
    "host-prefix": ["__Host-s=1; Secure; Path=/"],
    "host-prefix-domain": ["__Host-s=1; Secure; Path=/; Domain=a.test"],
    "host-prefix-path": ["__Host-s=1; Secure; Path=/hop"],
    "host-prefix-no-path": ["__Host-s=1; Secure"],
    "host-prefix-not-secure": ["__Host-s=1; Path=/"],
    "host-prefix-empty-domain": ["__Host-s=1; Secure; Path=/; Domain="],
    "host-prefix-case": ["__host-s=1; Path=/", "__HOST-t=1; Secure; Path=/"],
    "secure-prefix": ["__Secure-s=1; Secure; Path=/"],
    "secure-prefix-not-secure": ["__Secure-s=1; Path=/", "__SECURE-t=1; Path=/"],
    "prefix-in-value": ["=__Host-s=1; Path=/", "__Secure-t; Path=/"],
    "http-prefix": ["__Http-s=1; Secure; HttpOnly; Path=/", "__Http-t=1; Secure; Path=/", "__Host-Http-u=1; Secure; HttpOnly; Path=/"],
    "max-age-zero": ["s=1; Path=/; Max-Age=0"],
    "max-age-negative": ["s=1; Path=/; Max-Age=-1"],
    "max-age": ["s=1; Path=/; Max-Age=3600"],
    "max-age-text": ["s=1; Path=/; Max-Age=soon", "t=1; Path=/; Max-Age=0x0", "u=1; Path=/; Max-Age="],
    "max-age-plus": ["s=1; Path=/; Max-Age=+0", "t=1; Path=/; Max-Age=0.5", "u=1; Path=/; Max-Age=-0"],
    "max-age-quoted": ['s=1; Path=/; Max-Age="0"', "t=1; Path=/; Max-Age= 0 "],
    "max-age-huge": ["s=1; Path=/; Max-Age=99999999999999999999", "t=1; Path=/; Max-Age=-99999999999999999999"],
    "max-age-first": ["s=1; Path=/; Max-Age=3600; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "t=1; Path=/; Expires=Fri, 01 Jan 2060 00:00:00 GMT; Max-Age=0"],
    "max-age-twice": ["s=1; Path=/; Max-Age=0; Max-Age=3600", "t=1; Path=/; Max-Age=3600; Max-Age=0", "u=1; Path=/; Max-Age=0; Max-Age=soon"],
    "expires-past": ["s=1; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT"],
    "expires-future": ["s=1; Path=/; Expires=Fri, 01 Jan 2060 00:00:00 GMT"],
    "expires-forms": [
        "s=1; Path=/; Expires=Thu, 01-Jan-1970 00:00:01 GMT",
        "t=1; Path=/; Expires=Thu Jan  1 00:00:01 1970",
        "u=1; Path=/; Expires=Thursday, 01-Jan-70 00:00:01 GMT",
        "v=1; Path=/; Expires=1 Jan 1970 00:00:01",
    ],
    "expires-garbage": ["s=1; Path=/; Expires=0", "t=1; Path=/; Expires=-1", "u=1; Path=/; Expires=yesterday", "v=1; Path=/; Expires="],
    "domain-dot": ["s=1; Domain=.a.test; Path=/"],
    "domain-capitals": ["s=1; Domain=A.Test; Path=/"],
    "domain-empty": ["s=1; Domain=; Path=/", "t=1; Domain; Path=/"],
    "domain-one-dot": ["s=1; Domain=.; Path=/"],
    "domain-two-dots": ["s=1; Domain=..a.test; Path=/"],
    "domain-last-dot": ["s=1; Domain=a.test.; Path=/"],
    "domain-below": ["s=1; Domain=sub.a.test; Path=/"],
    "domain-suffix": ["s=1; Domain=test; Path=/", "t=1; Domain=xa.test; Path=/"],
    "domain-port": ["s=1; Domain=a.test:443; Path=/", "t=1; Domain=https://a.test; Path=/"],
    "domain-twice": ["s=1; Domain=b.test; Domain=a.test; Path=/", "t=1; Domain=a.test; Domain=b.test; Path=/", "u=1; Domain=b.test; Domain=; Path=/"],
    "domain-space": ["s=1; Domain= a.test ; Path=/", 't=1; Domain="a.test"; Path=/'],
    "path-forms": ["s=1; Path=hop", "t=1; Path=", "u=1; Path=/hop/", "v=1; Path=/hop", "w=1; Path=/HOP", "x=1; Path=/ho"],
    "path-quoted": ['s=1; Path="/"', "t=1; Path=/hop?x", "u=1; Path=/%68op"],
    "path-twice": ["s=1; Path=/x; Path=/", "t=1; Path=/; Path=/x", "u=1; Path=/; Path="],
    "order": ["a=1; Path=/", "b=1; Path=/hop", "c=1; Path=/", "d=1; Path=/hop/0"],
    "order-again": ["a=1; Path=/", "b=1; Path=/", "a=1; Path=/"],
    "order-again-flags": ["a=1; Path=/", "b=1; Path=/", "a=1; Secure; HttpOnly; Path=/"],
    "order-deleted": ["a=1; Path=/", "b=1; Path=/", "a=1; Max-Age=0; Path=/", "a=2; Path=/"],
    "same-name-paths": ["a=1; Path=/", "a=2; Path=/hop"],
    "same-name-domain": ["a=1; Path=/", "a=2; Domain=a.test; Path=/"],
    "no-name": ["=v; Path=/"],
    "no-equals": ["plain; Path=/"],
    "no-name-twice": ["=v; Path=/", "=w; Path=/", "plain=1; Path=/", "plain; Path=/"],
    "empty": ["", ";", "=", "s=; Path=/"],
    "quotes": ['s="a b"; Path=/', "t=a=b; Path=/", "u = 1 ; Path=/"],
    "utf8": ["s=\u00c3\u00a9; Path=/", "\u00c3\u00a9=1; Path=/"],
    "latin1": ["s=\u00e9; Path=/"],
    "tab": ["s=a\tb; Path=/", "t\tu=1; Path=/"],
    "control": ["s=a\x01b; Path=/", "t=1; Path=/; X=\x7f", "u=1; Path=/"],
    "comma": ["s=1, t=2; Path=/"],
    "long": ["s=" + "v" * 4095 + "; Path=/", "t=" + "v" * 4096 + "; Path=/"],
    "long-attribute": ["s=1; Path=/" + "p" * 1100, "t=1; Path=/; Domain=" + "d" * 1100],
    "attributes": ["s=1; path=/; HTTPONLY; SECURE; samesite=STRICT", "t=1; Path=/; Unknown=1; Partitioned", "u=1; Path=/; Secure; Partitioned"],
    "secure-value": ["s=1; Secure=no; Path=/", "t=1; SecureX; Path=/"],
}
OVER_HTTP = ("host-prefix", "secure-prefix", "attributes", "domain-dot", "order-again", "secure-value", "path-forms")


def cookies():
    for (name, values), (where, (url, path)) in itertools.product(COOKIES.items(), COOKIE_PATHS.items()):
        extra = [["Set-Cookie", value] for value in values]
        yield asked(f"page-cookie-{name}-{where}", url, hops(path, extra=extra))
    for status, (where, (url, path)) in itertools.product((303, 307), COOKIE_PATHS.items()):
        extra = [["Set-Cookie", value] for value in COOKIES["strict-secure"]]
        yield asked(f"page-cookie-post-{where}", url, hops(path, status, extra), method="POST", status=status)
    for page, path in itertools.product((B_TLS, SUB_TLS), ((A_TLS, A_TLS), (B_TLS, A_TLS))):
        yield asked("page-cookie-page-elsewhere", A_TLS, hops(path, extra=[["Set-Cookie", value] for value in COOKIES["strict-secure"]]), page)
    for name, values in COOKIE_VALUES.items():
        extra = [["Set-Cookie", value] for value in values]
        yield asked(f"page-cookie-{name}", A_TLS, hops((A_TLS, SUB_TLS) if "domain" in name else (A_TLS,), extra=extra))
        if name in OVER_HTTP:
            yield asked(f"page-cookie-{name}", A_, hops((A_, A_TLS), extra=extra), move="same")
    for later in ("s=2; Path=/", "s=; Max-Age=0; Path=/", "s=2; Path=/hop", "s=2; Secure; Path=/", "s=2; Domain=a.test; Path=/"):
        answers = [answer(302, f"{A_TLS}/hop/{n}", extra=[["Set-Cookie", v] for v in vs]) for n, vs in enumerate((["s=1; Path=/", "t=1; Path=/"], [later], []))]
        yield asked("page-cookie-later", A_TLS, answers)
    # Over http, beside a Secure cookie.
    for weak in ("s=2; Path=/", "s=2; Domain=a.test; Path=/", "s=2; Path=/hop", "s=2; Path=/hop/1/x"):
        answers = [answer(302, f"{A_}/hop/0", extra=[["Set-Cookie", "s=1; Secure; Path=/hop"]]), answer(302, f"{A_TLS}/hop/1", extra=[["Set-Cookie", weak]])]
        yield asked("page-cookie-shadow", A_TLS, answers, A_)
    for path in ((SUB_TLS, A_TLS), (SUB_TLS, B_TLS, SUB_TLS)):
        answers = [answer(302, f"{origin}/hop/{n}", extra=[["Set-Cookie", f"c{n}=1; Domain=a.test; Path=/"]]) for n, origin in enumerate(path)]
        yield asked("page-cookie-domain-chain", A_TLS, answers)


def odd():
    """Statuses, Locations and lengths that stop a browser."""
    for status in (300, 304, 305, 306, 309, 399):
        yield asked("page-status", A_TLS, [answer(status, f"{A_TLS}/next")], status=status)
    for status, values in itertools.product((200, 201, 300, 302, 304), (("/a", "/b"), ("/a", "/a"), ("", "/a"), ("/a", ""))):
        yield asked("page-two-locations", A_TLS, [answer(status, *values)], status=status)
    for length in (4_000, 30_000, 60_000):
        yield asked("page-long", A_TLS, [answer(302, "/" + "n" * length), answer(302, "/next")])
        yield asked("page-long", A_TLS, [answer(302, f"{B_TLS}/?" + "n" * length)])
    for length in (400_000, 3_000_000):
        yield asked("page-too-long", A_TLS, [answer(302, "/" + "n" * length)])
    for target in ("//b.test/x", "///b.test/x", "https:/b.test/x", "HTTP://A.TEST/", "https:next", "HTTPS://A.TEST:443/"):
        yield asked("page-location", A_TLS, [answer(302, target)])


def pages():
    """Requests of pages, for the browsers."""
    return itertools.chain(moves(), chains(), policies(), cookies(), odd())
