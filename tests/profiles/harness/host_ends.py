"""Hosts that end early for a client that parses a URL of the URL Standard again by older rules, and a Location that is the request's own URL."""

import itertools

from .scenarios import answer, scenario

# Characters that the URL Standard allows in a host, and at which url.parse() of Node.js ends it.
ENDS = "\"';`{}"
OWN = "http://a.test/start/dir/one?q=1"


def host_ends():
    """Which host is reached, and with which credentials."""
    for character, pattern, secrets in itertools.product(ENDS, ("b.test{}.a.test", "a.test{}.b.test:8080"), ("none", "authorization", "cookie")):
        host = pattern.format(character)
        yield scenario("host-ends", answers=[answer(302, f"http://{host}/next?a'b"), answer(302, "/then")], secrets=secrets) | {"form": f"host-{host}"}


def own_urls():
    """A Location that is the URL of the request, as it is written or otherwise."""
    for status, (name, location) in itertools.product(
        (302, 307), {"same": OWN, "fragment": f"{OWN}#part", "upper": OWN.replace("a.", "A."), "path": OWN[13:]}.items()
    ):
        yield scenario("own-urls", status=status, answers=[answer(status, location)]) | {"form": f"own-{name}"}
        yield scenario("own-urls", status=status, answers=[answer(status, "/next"), answer(status, location.replace("/start/dir/one?q=1", "/next"))]) | {
            "form": f"own-second-{name}"
        }
