"""Cookie jars: which cookies a client takes, keeps and sends, and what it does with a Cookie field of the caller."""

import itertools

from .scenarios import START, scenario

A, SUB, B, XA = "http://a.test", "http://sub.a.test", "http://b.test", "http://xa.test"
A_TLS, SUB_TLS, A_PORT, LOCAL = "https://a.test", "https://sub.a.test", "http://a.test:8080", "http://localhost"
THEN = "Expires=Wed, 09 Jun 2100 10:18:14 GMT"
BEFORE = "Expires=Wed, 09 Jun 2010 10:18:14 GMT"

# Set-Cookie fields of one response, by what they try; the next hop is to the same host.
PAIRS = {
    "no-equals": ["s"],
    "no-equals-two": ["s", "t; Path=/"],
    "empty-value": ["s=; Path=/"],
    "empty-name": ["=1; Path=/"],
    "empty-name-two": ["=1; Path=/", "t=2; Path=/"],
    "empty": ["", "t=2; Path=/"],
    "attributes-only": ["; Path=/", "t=2; Path=/"],
    "spaces": [" s = 1 ; Path = / "],
    "space-inside": ["s=a b; Path=/"],
    "comma": ["s=a,b; Path=/"],
    "quoted": ['s="1"; Path=/'],
    "quoted-space": ['s="a b"; Path=/'],
    "quoted-inside": ['s=a"b; Path=/'],
    "quoted-escape": ['s="a\\"b"; Path=/'],
    "quoted-semicolon": ['s="a;b"; Path=/'],
    "lone-quote": ['s="1; Path=/'],
    "backslash": ["s=a\\b; Path=/"],
    "equals": ["s=a=b==; Path=/"],
    "slash": ["s=a/b; Path=/"],
    "percent": ["s=a%20b%3b; Path=/"],
    "brackets": ["s={[(1)]}; Path=/"],
    "colon-name": ["s:t=1; Path=/"],
    "slash-name": ["s/t=1; Path=/"],
    "space-name": ["s t=1; Path=/"],
    "dollar-name": ["$s=1; Path=/"],
    "dotted-name": ["a.b-c_d=1; Path=/"],
    "case-names": ["S=1; Path=/", "s=2; Path=/"],
    "tab": ["s=a\tb; Path=/"],
    "utf8": ["s=\xc3\xa9; Path=/"],
    "http-only": ["s=1; HttpOnly; Path=/"],
    "attribute-case": ["s=1; pATH=/; hTTPoNLY"],
    "unknown-attribute": ["s=1; Priority=High; Path=/; Foo; Bar=1"],
    "two-in-one": ["s=1, t=2; Path=/"],
    "two-paths": ["s=1; Path=/start; Path=/"],
    "path-name": ["path=1; Path=/"],
    "version": ["s=1; Version=1; Path=/"],
    "prefix-secure": ["__Secure-s=1; Path=/"],
    "prefix-host": ["__Host-s=1; Path=/"],
    "same-site-none": ["s=1; SameSite=None; Path=/"],
    "partitioned": ["s=1; Partitioned; Path=/"],
}
AGES = {
    "max-age": ["s=1; Max-Age=3600; Path=/"],
    "max-age-zero": ["s=1; Max-Age=0; Path=/"],
    "max-age-negative": ["s=1; Max-Age=-1; Path=/"],
    "max-age-plus": ["s=1; Max-Age=+5000; Path=/"],
    "max-age-text": ["s=1; Max-Age=soon; Path=/"],
    "max-age-quoted": ['s=1; Max-Age="3600"; Path=/'],
    "max-age-decimal": ["s=1; Max-Age=3600.5; Path=/"],
    "max-age-huge": ["s=1; Max-Age=99999999999999999999; Path=/"],
    "max-age-empty": ["s=1; Max-Age=; Path=/"],
    "max-age-wins": [f"s=1; Max-Age=3600; {BEFORE}; Path=/"],
    "max-age-wins-back": [f"s=1; {THEN}; Max-Age=0; Path=/"],
    "expires": [f"s=1; {THEN}; Path=/"],
    "expires-past": [f"s=1; {BEFORE}; Path=/"],
    "expires-dashes": ["s=1; Expires=Wed, 09-Jun-2010 10:18:14 GMT; Path=/"],
    "expires-short-year": ["s=1; Expires=Wednesday, 09-Jun-10 10:18:14 GMT; Path=/"],
    "expires-asctime": ["s=1; Expires=Wed Jun  9 10:18:14 2010; Path=/"],
    "expires-no-weekday": ["s=1; Expires=09 Jun 2010 10:18:14 GMT; Path=/"],
    "expires-no-zone": ["s=1; Expires=Wed, 09 Jun 2010 10:18:14; Path=/"],
    "expires-iso": ["s=1; Expires=2010-06-09T10:18:14Z; Path=/"],
    "expires-epoch": ["s=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/"],
    "expires-zero": ["s=1; Expires=0; Path=/"],
    "expires-text": ["s=1; Expires=soon; Path=/"],
    "expires-wrong-weekday": ["s=1; Expires=Mon, 09 Jun 2010 10:18:14 GMT; Path=/"],
    "expires-lower": ["s=1; Expires=wed, 09 jun 2010 10:18:14 gmt; Path=/"],
}
SAME_HOST_PATHS = {
    "no-path": ["s=1"],
    "root": ["s=1; Path=/"],
    "empty": ["s=1; Path="],
    "relative": ["s=1; Path=start"],
    "quoted": ['s=1; Path="/"'],
    "directory": ["s=1; Path=/start"],
    "directory-slash": ["s=1; Path=/start/"],
    "directories": ["s=1; Path=/start/dir"],
    "directories-slash": ["s=1; Path=/start/dir/"],
    "file": ["s=1; Path=/start/dir/one"],
    "prefix": ["s=1; Path=/sta"],
    "other": ["s=1; Path=/next"],
    "upper": ["s=1; Path=/START"],
    "query": ["s=1; Path=/start?q=1"],
    "lengths": ["a=1; Path=/", "b=2; Path=/start/dir", "c=3; Path=/start", "d=4; Path=/start/dir/"],
    "same-name": ["s=1; Path=/", "s=2; Path=/start/dir", "s=3; Path=/start"],
    "lengths-of-names": ["a=1; Path=/", "long=2; Path=/", "b=3; Path=/"],
}
PATH_TARGETS = ("/next", "/start", "/start/", "/start/dir", "/start/dir/two", "/start/directory", "/")
DOMAINS = {
    "none": [],
    "host": ["Domain=a.test"],
    "dot-host": ["Domain=.a.test"],
    "upper": ["Domain=A.TEST"],
    "last-dot": ["Domain=a.test."],
    "sub": ["Domain=sub.a.test"],
    "dot-sub": ["Domain=.sub.a.test"],
    "suffix": ["Domain=test"],
    "dot-suffix": ["Domain=.test"],
    "other": ["Domain=b.test"],
    "alike": ["Domain=xa.test"],
    "part": ["Domain=.st"],
    "empty": ["Domain="],
    "no-value": ["Domain"],
    "dot": ["Domain=."],
    "two-dots": ["Domain=..a.test"],
    "port": ["Domain=a.test:80"],
    "quoted": ['Domain="a.test"'],
    "two": ["Domain=b.test", "Domain=a.test"],
    "two-back": ["Domain=a.test", "Domain=b.test"],
}
DOMAIN_MOVES = {"same": (A, A), "subdomain": (A, SUB), "parent": (SUB, A), "inside": (SUB, SUB), "host": (A, B), "port": (A_PORT, A)}
SECURE = {
    "secure": ["s=1; Secure; Path=/"],
    "secure-value": ["s=1; Secure=no; Path=/"],
    "secure-then-plain": ["s=1; Secure; Path=/", "s=2; Path=/"],
    "prefix-secure": ["__Secure-s=1; Secure; Path=/"],
    "prefix-secure-missing": ["__Secure-s=1; Path=/"],
    "prefix-host": ["__Host-s=1; Secure; Path=/"],
    "prefix-host-domain": ["__Host-s=1; Secure; Path=/; Domain=a.test"],
    "prefix-host-path": ["__Host-s=1; Secure; Path=/start"],
    "same-site": ["s=1; SameSite=Strict; Path=/", "l=1; SameSite=Lax; Path=/", "n=1; SameSite=None; Secure; Path=/"],
}
SECURE_MOVES = {"tls": (A_TLS, A_TLS), "clear": (A, A), "up": (A, A_TLS), "down-then-up": (A_TLS, A, A_TLS), "local": (LOCAL, LOCAL)}
# Several responses; each list is one hop's.
HISTORIES = {
    "replaced": (["s=1; Path=/", "t=1; Path=/"], ["s=2; Path=/"]),
    "replaced-same": (["s=1; Path=/", "t=1; Path=/"], ["s=1; Path=/"]),
    "replaced-at-once": (["s=1; Path=/", "t=1; Path=/", "s=2; Path=/"], []),
    "deleted": (["s=1; Path=/", "t=1; Path=/"], ["s=; Max-Age=0; Path=/"]),
    "deleted-by-date": (["s=1; Path=/", "t=1; Path=/"], [f"s=; {BEFORE}; Path=/"]),
    "deleted-elsewhere": (["s=1; Path=/start", "t=1; Path=/"], ["s=; Max-Age=0; Path=/"]),
    "deleted-all": (["s=1; Path=/"], ["s=; Max-Age=0; Path=/"]),
    "back": (["s=1; Path=/", "t=1; Path=/"], ["s=; Max-Age=0; Path=/"], ["s=3; Path=/"]),
    "emptied": (["s=1; Path=/", "t=1; Path=/"], ["s=; Path=/"]),
    "grown": (["b=1; Path=/"], ["a=1; Path=/"], ["c=1; Path=/"]),
    "grown-paths": (["b=1; Path=/"], ["a=1; Path=/hop"], ["c=1; Path=/"]),
    "domain-and-host": (["s=1; Path=/"], ["s=2; Path=/; Domain=a.test"]),
    "host-and-domain": (["s=1; Path=/; Domain=a.test"], ["s=2; Path=/"]),
    "nothing": ([], []),
}
HAND = {"one": "session=1; theme=dark", "same": "s=hand; theme=dark", "alone": "s=hand", "odd": "theme=dark;  s=hand; flag; =x"}
HAND_SETS = {
    "same": ["s=1; Path=/"],
    "other": ["q=1; Path=/"],
    "several": ["z=1; Path=/", "s=2; Path=/", "a=3; Path=/"],
    "narrow": ["s=1; Path=/hop/0"],
    "refused": ["s=1; Path=/; Domain=b.test"],
    "deleted": ["s=1; Max-Age=0; Path=/"],
    "domain": ["s=1; Path=/; Domain=a.test"],
}
HAND_PATHS = {"AA": (A, A), "AAA": (A, A, A), "AB": (A, B), "ABA": (A, B, A), "ABB": (A, B, B), "AS": (A, SUB), "ASA": (A, SUB, A)}


# Cookies of RFC 2109 and RFC 2965, to the clients that still know them; each list is one response's.
OLD = {
    "plain": ["s=1; Version=1"],
    "root": ["s=1; Version=1; Path=/"],
    "domain": ["s=1; Version=1; Path=/; Domain=.a.test"],
    "own-domain": ["s=1; Version=1; Path=/; Domain=a.test"],
    "quoted": ['s="1"; Version="1"; Path=/'],
    "space": ["s=1 2; Version=1; Path=/"],
    "zero": ["s=1; Version=0; Path=/"],
    "two": ["s=1; Version=2; Path=/"],
    "text": ["s=1; Version=x; Path=/"],
    "empty": ["s=1; Version=; Path=/"],
    "bare": ["s=1; Version; Path=/"],
    "name": ["version=1; Path=/"],
    "expires": [f"s=1; Version=1; {THEN}; Path=/"],
    "age": ["s=1; Max-Age=3600; Path=/; Domain=.a.test"],
    "age-version": ["s=1; Version=1; Max-Age=3600; Path=/"],
    "both": ["s=1; Version=1; Path=/", "t=2; Version=1; Path=/"],
    "mixed": ["s=1; Path=/", "t=2; Version=1; Path=/"],
    "mixed-back": ["s=1; Version=1; Path=/", "t=2; Path=/"],
    "paths": ["s=1; Version=1; Path=/", "t=2; Version=1; Path=/start"],
}
OLD_MOVES = {"AA": (A, A), "AS": (A, SUB), "SS": (SUB, SUB), "LL": (LOCAL, LOCAL)}


def hops(targets, fields):
    """Answers that lead to each target; the n-th sets the n-th of `fields`."""
    return [
        {"status": 302, "headers": [["Location", target], *(["Set-Cookie", value] for value in values)]}
        for target, values in itertools.zip_longest(targets, fields[: len(targets)], fillvalue=())
    ]


def case(form, origin, targets, *fields, hand=None):
    made = scenario("jars", answers=hops(targets, fields), headers=[["Cookie", hand]] if hand else ())
    return made | {"url": origin + START, "form": form, "secrets": "cookie" if hand else "none"}


def jars():
    for name, values in PAIRS.items():
        yield case(f"jar-pair-{name}", A, ["/next"], values)
    for name, values in AGES.items():
        yield case(f"jar-age-{name}", A, ["/next"], values)
    for (name, values), target in itertools.product(SAME_HOST_PATHS.items(), PATH_TARGETS):
        yield case(f"jar-path-{name}", A, [target], values)
    for (name, attributes), (_, (first, second)) in itertools.product(DOMAINS.items(), DOMAIN_MOVES.items()):
        yield case(f"jar-domain-{name}", first, [f"{second}/next"], ["; ".join(["s=1", "Path=/", *attributes])])
    for move in ((SUB, A, SUB), (A, SUB, A), (A, XA, B), (SUB, B, A)):
        yield case("jar-domain-walk", move[0], [f"{origin}/{n}" for n, origin in enumerate(move[1:])], ["h=1; Path=/", "d=1; Path=/; Domain=a.test"], ["t=1"])
    for (name, values), path in itertools.product(SECURE.items(), SECURE_MOVES.values()):
        targets = [f"{origin}/{n}" for n, origin in enumerate(path[1:])]
        yield case(f"jar-secure-{name}", path[0], targets, values)
    yield case("jar-secure-overwritten", A_TLS, [f"{A}/0", f"{A}/1", f"{A_TLS}/2"], ["s=1; Secure; Path=/", "t=1; Path=/"], ["s=2; Path=/"])
    yield case("jar-secure-deleted", A_TLS, [f"{A}/0", f"{A}/1", f"{A_TLS}/2"], ["s=1; Secure; Path=/", "t=1; Path=/"], ["s=; Max-Age=0; Path=/"])
    for name, fields in HISTORIES.items():
        yield case(f"jar-history-{name}", A, [f"/hop/{n}" for n in range(4)], *fields)
    for count in (12, 60):
        yield case("jar-many", A, ["/next"], [f"c{n}={n}; Path=/" for n in range(count)])
    for (kind, hand), (name, values), (walk, path) in itertools.product(HAND.items(), HAND_SETS.items(), HAND_PATHS.items()):
        if kind in ("one", "same") or walk in ("AA", "AB"):
            yield case(f"jar-hand-{name}-{walk}", A, [f"{origin}/hop/{n}" for n, origin in enumerate(path[1:])] + ["/end"], values, hand=hand)


def old_cookies():
    for (name, values), (walk, (first, second)) in itertools.product(OLD.items(), OLD_MOVES.items()):
        yield case(f"jar-old-{name}-{walk}", first, [f"{second}/start/two", f"{second}/start/three"], values)
    yield case("jar-old-replaced", A, ["/hop/0", "/hop/1", "/hop/2"], ["s=1; Version=1; Path=/"], ["s=2; Path=/"])
    yield case("jar-old-replaces", A, ["/hop/0", "/hop/1", "/hop/2"], ["s=1; Path=/"], ["s=2; Version=1; Path=/"])
    for name, hand in HAND.items():
        yield case(f"jar-hand-old-{name}", A, ["/hop/0", "/hop/1"], ["s=1; Version=1; Path=/"], hand=hand)
