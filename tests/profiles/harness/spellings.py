"""How a client writes the next URL: which characters it escapes, what it makes of escapes and of dot segments."""

import itertools

from .scenarios import answer, scenario

# Printable ASCII that is neither a letter nor a digit, and not what divides a URL.
PUNCTUATION = " !\"$%&'()*+,-./:;<=>@[\\]^_`{|}~"
# Everything whose escape may be read: those, what divides a URL, a letter, NUL and the line's end.
ESCAPED = PUNCTUATION + "#?A\x00\n"
OTHER_ESCAPES = ("%c3%a9", "%C3%A9", "%e9", "%", "%4", "%zz", "%%41", "%2f%2F%zz", "%5b%zz[")
DOTS = (
    "/a/./b",
    "/a/../b",
    "/a/b/..",
    "/a/b/.",
    "/../b",
    "/a/../../b",
    "/a/%2e/b",
    "/a/%2E%2E/b",
    "/a/.%2e/b",
    "/a/b/%2e%2e",
    "/a/.../b",
    "/a/..;x/b",
    "/a//../b",
    "/a/?b=/../c",
)
RELATIVE_DOTS = ("./b", "../b", "../../../b", "b/./c", "b/../c", "%2e%2e/b", ".", "..", "b/..", "./b?c=/../d")
OCTETS = {"utf8": "\u00c3\u00a9", "latin1": "\u00e9", "wide": "\u00e2\u0082\u00ac"}
# What the first request's URL ends with: its path and query are the base of a relative Location.
BASES = {
    "quotes": "/it's/(a)/b?q='x'",
    "escapes": "/a%2fb%7e%41/c%2Fd?q=%2f%7E%41",
    "brackets": "/a[1]/b?q[]=1",
    "octets": "/a|b/c^d?q=`{x}`",
    "marks": '/a"b/c<d>?q="<x>"',
    "space": "/a b/c d?q=x y",
    "percent": "/a%zz/b%?q=%",
    "dots": "/a/./b/../c%2e/d?q=/../",
    "escaped-dots": "/a/%2e%2e/b/%2e/c?q",
    "plain": "/a/b/c?q=/..//x",
}
REFERENCES = {"query": "?x=1", "relative": "next", "up": "../up", "path": "/next", "empty": "#part", "quoted": "it's?q='x'"}
A, B = "http://a.test", "http://b.test"
ORIGINS = {"": "", "same-": A, "other-": B, "network-": "//a.test"}


def spellings():
    """Each Location twice: the second answer is relative, so that a URL is read again as it was written."""

    def asked(name, value, then="?then=1"):
        return scenario("spellings", answers=[answer(302, value), answer(302, then)]) | {"form": f"spelling-{name}"}

    for character, origin in itertools.product(PUNCTUATION, ("", B)):
        where = f"{'absolute-' if origin else ''}{ord(character):02x}"
        yield asked(f"path-{where}", f"{origin}/p{character}q/r")
        yield asked(f"query-{where}", f"{origin}/next?p{character}q", "then")
    for character, change in itertools.product(ESCAPED, (str.lower, str.upper)):
        escape = change(f"%{ord(character):02x}")
        if change is str.lower or escape != escape.lower():
            yield asked(f"path-{escape}", f"/p{escape}q/r")
            yield asked(f"query-{escape}", f"/next?p{escape}q", "then")
    for escape in OTHER_ESCAPES:
        yield asked(f"path-{escape}", f"{A}/p{escape}/r")
        yield asked(f"query-{escape}", f"/next?p{escape}", "then")
        yield asked(f"path-query-{escape}", f"/p%2f/r?p{escape}&%2f", "then")
    for path, (name, origin) in itertools.product(DOTS, ORIGINS.items()):
        yield asked(f"dots-{name}{path}", f"{origin}{path}", "then")
    for path in RELATIVE_DOTS:
        yield asked(f"dots-{path}", path, "then")
    for (name, octets), origin in itertools.product(OCTETS.items(), ("", B)):
        yield asked(f"octets-{name}-path{'-absolute' if origin else ''}", f"{origin}/p{octets}/r")
        yield asked(f"octets-{name}-query{'-absolute' if origin else ''}", f"{origin}/next?p{octets}", "then")
    for (name, base), (kind, reference) in itertools.product(BASES.items(), REFERENCES.items()):
        case = scenario("spellings", answers=[answer(302, reference)])
        yield case | {"url": A + base, "form": f"spelling-base-{name}-{kind}"}
