"""All scenarios, and which client can send which."""

import itertools

from . import scenarios
from .borders import borders
from .browser_pages import pages
from .host_ends import host_ends, own_urls
from .jars import jars, old_cookies
from .spellings import spellings


def everything():
    """All scenarios, numbered; always the same list."""
    groups = (
        scenarios.methods(),
        scenarios.origins(),
        scenarios.forms(),
        scenarios.chains(),
        scenarios.cookies(),
        scenarios.referrers(),
        scenarios.sampled(150),
        scenarios.userinfos(),
        scenarios.trustworthy(),
        scenarios.hosts(),
        scenarios.controls(),
        jars(),
        host_ends(),
        own_urls(),
        spellings(),
        borders(),
        pages(),
        old_cookies(),
    )
    return [{"id": number} | case for number, case in enumerate(itertools.chain(*groups))]


def suits(client, case):
    """Whether this client can send this request."""
    fields = [name.lower() for name, _ in case["headers"]]
    return (
        (client.borders if case.get("border") else case["family"] in client.families)
        and case["method"] in client.methods
        and (case["body"] != "one-shot" or client.one_shot and case["method"] in client.one_shot)
        and not any(name.startswith(client.forbidden) for name in fields)
        and (client.repeats or len(set(fields)) == len(fields))
        and (case["family"] not in ("cookies", "jars") or client.jar)
        and (case["family"] != "referrers" or client.referrer_policy)
        and (case["family"] != "trustworthy" or client.referrer_policy)
        and not (client.names_users and ("//@" in case["url"] or "//:" in case["url"]))
        and ("@" not in case["url"] or case["secrets"] in client.userinfo)
        and (case["body"] == "none" or case["method"] in (*scenarios.WITH_CONTENT, *client.bodiless))
        and case["move"] not in client.moves_left_out
    )
