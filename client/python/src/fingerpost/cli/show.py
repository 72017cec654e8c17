"""Answers as a person reads them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from fingerpost._gen.fingerpost.v1 import answer_pb2, decide_pb2, follow_pb2, http_pb2
from fingerpost.cli.text import Palette, harmless
from fingerpost.names import short

_VERSIONS = {http_pb2.PROTOCOL_HTTP_1_0: "HTTP/1.0", http_pb2.PROTOCOL_HTTP_2: "HTTP/2", http_pb2.PROTOCOL_HTTP_3: "HTTP/3"}
# Of the statuses that Decide answers with (RFC 9110 §15).
_PHRASES = {
    200: "OK", 201: "Created", 202: "Accepted", 300: "Multiple Choices", 301: "Moved Permanently", 302: "Found", 303: "See Other",
    307: "Temporary Redirect", 308: "Permanent Redirect", 401: "Unauthorized", 405: "Method Not Allowed", 410: "Gone",
    422: "Unprocessable Content",
}
# A longer text than this pushes its own reason to the right, and no other.
_WIDEST = 48


class Page:
    """Lines of text."""

    def __init__(self, palette: Palette) -> None:
        self._palette = palette
        self._lines: list[str] = []

    def line(self, style: str, text: str) -> None:
        self._lines.append(self._palette.paint(style, harmless(text)))

    def blank(self) -> None:
        self._lines.append("")

    def field(self, header: http_pb2.Header) -> None:
        value = harmless(_value(header)) if header.WhichOneof("content") else self._palette.paint("dim", "(withheld)")
        self._lines.append(f"{self._palette.paint('bold', harmless(header.name))}: {value}")

    def note(self, label: str, text: str, style: str = "plain") -> None:
        self._lines.append(f"{self._palette.paint(style, f'{label:<10}')} {harmless(text)}")

    def content(self, text: str) -> None:
        for line in text.removesuffix("\n").split("\n") if text else ():
            self.line("dim", line)

    def table(self, rows: list[tuple[str, str, str | bytes, str]]) -> None:
        octets = [what if isinstance(what, bytes) else what.encode() for _, _, what, _ in rows]
        width = max((len(what) for what in octets if len(what) <= _WIDEST), default=0)
        for (style, label, _, why), what in zip(rows, octets):
            shown = harmless(what)
            shown += " " * (width - len(shown.encode()))
            self._lines.append(f"{self._palette.paint(style, f'{label:<10}')} {shown}  {self._palette.paint('dim', harmless(why))}")

    def warnings(self, warnings: Iterable[answer_pb2.Warning]) -> None:
        for position, warning in enumerate(warnings):
            if position == 0:
                self.blank()
            code = short(answer_pb2.WarningCode.DESCRIPTOR, warning.code)
            self.note("warning", f"{code}: {_cited(warning)}", "warning")

    def text(self) -> str:
        return "".join(line + "\n" for line in self._lines)


def decide(question: decide_pb2.DecideRequest, answer: decide_pb2.DecideResponse, palette: Palette) -> str:
    page = Page(palette)
    _verdict(question, answer, page)
    page.blank()
    page.note("reason", f"{short(decide_pb2.ReasonCode.DESCRIPTOR, answer.reason.code)}: {_cited(answer.reason)}")
    if answer.rule:
        page.note("rule", answer.rule)
    if answer.clear_cookie:
        page.note("afterwards", f"Set-Cookie: {answer.clear_cookie}")
    page.warnings(answer.warnings)
    if answer.HasField("explanation"):
        _explanation(answer.explanation, page)
    return page.text()


def follow(question: follow_pb2.FollowRequest, answer: follow_pb2.FollowResponse, palette: Palette) -> str:
    page = Page(palette)
    if answer.WhichOneof("result") == "next":
        _next(answer.next, page)
        page.blank()
    else:
        stop = answer.stop
        page.line("bad" if stop.error else "good", "STOP: do not go on, and fail" if stop.error else "STOP: this response is the result")
        page.blank()
        page.note("reason", f"{short(follow_pb2.StopReason.DESCRIPTOR, stop.reason)}: {_cited(stop)}")
    page.table([_row(question.request, change) for change in answer.changes])
    if answer.HasField("wait"):
        page.note("wait", answer.wait.ToJsonString())
    page.warnings(answer.warnings)
    return page.text()


def _verdict(question: decide_pb2.DecideRequest, answer: decide_pb2.DecideResponse, page: Page) -> None:
    if answer.outcome == decide_pb2.OUTCOME_FORWARD:
        page.line("good", f"FORWARD: send no redirect; hand the request to {answer.target} yourself")
    elif answer.outcome == decide_pb2.OUTCOME_PASS:
        page.line("good", "PASS: no redirect; answer the request as if nothing had been asked")
    elif answer.outcome == decide_pb2.OUTCOME_REFUSE:
        page.line("bad", "REFUSE: do not send this redirect")
    else:
        version = _version(question.request.protocol)
        # HTTP/2 and HTTP/3 have no reason phrase (RFC 9113 §8.3.2).
        phrase = f" {_PHRASES[answer.status]}" if answer.status in _PHRASES and version.startswith("HTTP/1") else ""
        page.line("good", f"{version} {answer.status}{phrase}")
        for header in answer.headers:
            page.field(header)
        if answer.body:
            page.blank()
            page.content(answer.body)


def _explanation(explanation: decide_pb2.Explanation, page: Page) -> None:
    if explanation.HasField("facts"):
        page.blank()
        _facts(explanation.facts, page)
    for position, step in enumerate(explanation.trace):
        if position == 0:
            page.blank()
        text = step.rule + (f": {step.detail}" if step.detail else "")
        page.note("applied" if step.matched else "not", _with_citations(text, step.citations), "good" if step.matched else "dim")
    for position, forecast in enumerate(explanation.forecasts):
        if position == 0:
            page.blank()
        goes_on = forecast.HasField("next")
        stops = f"stops: {short(follow_pb2.StopReason.DESCRIPTOR, forecast.stop.reason)}"
        does = f"{forecast.next.method} {forecast.next.url}" if goes_on else stops
        page.note("client", f"{short(follow_pb2.Profile.DESCRIPTOR, forecast.profile):<21} {does}")


def _facts(facts: decide_pb2.StatusFacts, page: Page) -> None:
    page.note("code", f"{facts.status} {facts.phrase}")
    leads = 300 <= facts.status <= 399
    of_redirects = (
        (facts.permanent, "permanent: the client may use the new URL from now on", "temporary"),
        (facts.keeps_method, "the client repeats the request's method", "the client does not repeat the request's method"),
    )
    if not leads and facts.permanent:
        page.note("", "permanent: it does not come back")
    not_again = "the same request must not be sent again" if facts.processed else "the same request would get the same answer"
    for holds, yes, no in (
        *(of_redirects if leads else ()),
        (facts.processed, "the request has been processed", "the request has not been processed"),
        (facts.may_be_repeated, "the same request may be sent again, to the target", not_again),
        (facts.heuristically_cacheable, "may be stored without explicit freshness", "is only stored with explicit freshness"),
    ):
        page.note("", yes if holds else no)
    if facts.crawlers:
        page.note("", f"search engines: {facts.crawlers}")


def _next(request: http_pb2.HttpRequest, page: Page) -> None:
    """RFC 9112 §3.2.1. The service has parsed and written the URL."""
    parts = re.fullmatch(r"https?://([^/?#]*)([^?#]*)(\?[^#]*)?(#.*)?", request.url, re.DOTALL)
    query = (parts[3] or "") if parts else ""
    target = parts[2] + (query if query != "?" else "") if parts else request.url
    page.line("bold", f"{request.method} {target} {_version(request.protocol)}")
    if parts and not any(header.name.lower() == "host" for header in request.headers):
        page.field(http_pb2.Header(name="Host", value=parts[1]))
    for header in request.headers:
        page.field(header)
    if request.body in (http_pb2.BODY_REPLAYABLE, http_pb2.BODY_ONE_SHOT):
        page.blank()
        page.content("(the same content)")


def _row(request: http_pb2.HttpRequest, change: follow_pb2.Change) -> tuple[str, str, str | bytes, str]:
    """What changed, in a few words: style, label, what, why."""
    why = _cited(change)
    name = change.field.name
    text: str | bytes = b"%s: %s" % (name.encode(), _value(change.field) if change.field.WhichOneof("content") else b"(withheld)")
    rows: dict[Any, tuple[str, str, str | bytes, str]] = {
        follow_pb2.CHANGE_KIND_METHOD: ("warning", "method", f"{request.method} -> {change.value}", why),
        follow_pb2.CHANGE_KIND_URL: ("good", "url", change.value, why),
        follow_pb2.CHANGE_KIND_BODY_DROPPED: ("warning", "content", "dropped", why),
        follow_pb2.CHANGE_KIND_FIELD_DROPPED: ("bad", "dropped", name, why),
        follow_pb2.CHANGE_KIND_FIELD_REWRITTEN: ("warning", "rewritten", text, why),
        follow_pb2.CHANGE_KIND_FIELD_ADDED: ("good", "added", text, why),
    }
    return rows.get(change.kind, ("warning", "changed", name, why))


def _version(protocol: int) -> str:
    return _VERSIONS.get(protocol, "HTTP/1.1")  # type: ignore[call-overload, no-any-return]


def _value(header: http_pb2.Header) -> bytes:
    return header.raw_value if header.WhichOneof("content") == "raw_value" else header.value.encode()


def _cited(said: Any) -> str:
    return _with_citations(said.message, said.citations)


def _with_citations(sentence: str, citations: Iterable[str]) -> str:
    cited = ", ".join(citations)
    return f"{sentence} [{cited}]" if cited else sentence
