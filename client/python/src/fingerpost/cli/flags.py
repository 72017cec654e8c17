"""Questions spelled as flags."""

from __future__ import annotations

import argparse
import re
from typing import Any

from google.protobuf import duration_pb2, timestamp_pb2
from google.protobuf.message import Message

from fingerpost._gen.fingerpost.v1 import answer_pb2, decide_pb2, follow_pb2, http_pb2, intent_pb2
from fingerpost.cli import json_form
from fingerpost.cli.server import Contradiction
from fingerpost.names import expected, names_of, number_of
from fingerpost.questions import header_list

_NUMBER = re.compile(r"[+-]?[0-9]{1,9}\Z")
_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+\Z")
_PROTOCOL, _BODY = http_pb2.Protocol.DESCRIPTOR, http_pb2.Body.DESCRIPTOR


class Once(argparse.Action):
    """What a flag does with its value: a second one is a mistake, not a better idea."""

    def __call__(self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: Any, option: str | None = None) -> None:
        given: set[str] = vars(parser).setdefault("given", set())
        if option and self.dest in given:
            raise argparse.ArgumentError(self, "expected once")
        given.add(self.dest)
        setattr(namespace, self.dest, values)


def number(text: str) -> int:
    if not _NUMBER.match(text):
        raise argparse.ArgumentTypeError("expected a number")
    return int(text)


def add_decide(command: argparse.ArgumentParser) -> None:
    _add_request(command)
    intent = command.add_argument_group("The intent")
    intent.add_argument("target", metavar="TARGET", nargs="?", default="", help="Where to: a URL or a path")

    def option(name: str, metavar: str, text: str, **more: Any) -> None:
        intent.add_argument(name, metavar=metavar, help=text, **({"default": ""} | more))

    option("--purpose", "PURPOSE", f"What is meant: {names_of(intent_pb2.Purpose.DESCRIPTOR)}")
    option("--intent", "NAME", "An intent of the policy, instead of --purpose")
    option("--param", "NAME=VALUE", "Value of a {placeholder} of the target. Repeatable", action="append", default=[])
    option("--trust", "TRUST", "Who chose the target: end_user, caller; default: end_user")
    option("--allow-host", "HOST", "A host that the target may name. Repeatable", action="append", default=[])
    option("--client", "KIND", f"Who asks, if not read from the fields: {names_of(intent_pb2.ClientKind.DESCRIPTOR)}")
    option("--flash", "TEXT", "A message for the next page, in a cookie")
    option("--permanence", "PERMANENCE", f"canonical_url, https_upgrade: {names_of(intent_pb2.Permanence.DESCRIPTOR)}")
    option("--pin", "STATUS", "The status code that a contract promises", type=number, default=0)
    option("--state", "STATE", f"operation_result: {names_of(intent_pb2.OperationState.DESCRIPTOR)}")
    option("--retry-after", "SECONDS", "When to ask again")
    answer = _add_answer(command)
    answer.add_argument(
        "--explain", action="store_true", help="Show the rules that were tried, what the code means, and what each known client would do"
    )


def add_follow(command: argparse.ArgumentParser) -> None:
    _add_request(command)
    response = command.add_argument_group("The response")
    response.add_argument("--status", metavar="STATUS", type=number, default=0, help="Its status code")
    response.add_argument("--location", metavar="URL", help="Its Location field")
    response.add_argument("--response-header", metavar="'NAME: VALUE'", action="append", default=[], help="Another of its fields. Repeatable")
    answer = _add_answer(command)
    names = names_of(follow_pb2.Profile.DESCRIPTOR)
    answer.add_argument("--profile", metavar="PROFILE", default="", help=f"Whose rules; default: strict. One of {names}")


def _add_request(command: argparse.ArgumentParser) -> None:
    group = command.add_argument_group("The request")
    group.add_argument("-X", "--method", metavar="METHOD", default="GET", help="Its method; default: GET")
    group.add_argument("--url", metavar="URL", default="", help="Its URL: absolute, http or https")
    group.add_argument(
        "-H", "--header", metavar="'NAME: VALUE'", action="append", default=[],
        help="One of its fields; NAME alone: present, its value withheld. Repeatable",
    )
    group.add_argument("--protocol", metavar="VERSION", default="", help=f"HTTP version: {names_of(_PROTOCOL)}, or as in HTTP/1.0")
    group.add_argument("--body", metavar="BODY", default="", help=f"Whether it has content: {names_of(_BODY)}")


def _add_answer(command: argparse.ArgumentParser) -> Any:
    group = command.add_argument_group("The answer")
    group.add_argument("--now", metavar="RFC3339", default="", help="The instant of the answer; default: the clock's")
    group.add_argument(
        "--input", metavar="FILE", default="",
        help='Answer every line of FILE ("-": standard input), each a question in protobuf JSON, with a line of JSON',
    )
    group.add_argument("--json", action="store_true", help="Print the answer as protobuf JSON")
    return group


_NOT_QUESTION = {"command", "input", "json", "server", "insecure", "tls", "tls_ca", "tls_cert", "tls_key", "tls_name", "timeout"}


def refuse_beside_input(asked: argparse.Namespace) -> None:
    """A file has whole questions: no flag may speak about one beside it."""
    for name, value in vars(asked).items():
        if name not in _NOT_QUESTION and value not in ("", [], 0, None, "GET" if name == "method" else ""):
            shown = "TARGET" if name == "target" else f"--{name.replace('_', '-')}"
            raise Contradiction(f"--input has whole questions: expected no {shown} beside it")


class Reader:
    """From the texts of flags to values. Notes what is wrong under the field's path."""

    def __init__(self) -> None:
        self._violations: list[answer_pb2.FieldViolation] = []

    def fault(self, path: str, description: str) -> None:
        self._violations.append(answer_pb2.FieldViolation(field=path, description=description))

    def finish(self) -> None:
        """Raises a Fault when there was any."""
        if self._violations:
            first = self._violations[0]
            message = f"{first.field}: {first.description}"
            if len(self._violations) > 1:
                message += f" (and {len(self._violations) - 1} more)"
            raise json_form.Fault(
                answer_pb2.Error(
                    code="INVALID_ARGUMENT", reason=answer_pb2.ERROR_REASON_INVALID_FIELDS, message=message, violations=self._violations
                )
            )

    def text(self, text: str, path: str) -> str:
        """Arguments are octets; strings of messages are UTF-8."""
        if text.isascii() or not any(0xDC80 <= ord(c) <= 0xDCFF for c in text):
            return text
        self.fault(path, "expected UTF-8")
        return ""

    def name(self, kind: Any, text: str, path: str) -> int:
        number = number_of(kind, text) if text else 0
        if number is None:
            self.fault(path, expected(kind, text))
        return number or 0

    def well_known(self, into: Message, text: str, path: str, description: str) -> None:
        try:
            into.FromJsonString(text)  # type: ignore[attr-defined]
        except ValueError:
            self.fault(path, description)

    def fields(self, lines: list[str], path: str, first: int = 0) -> list[http_pb2.Header]:
        pairs: list[tuple[str, str | None]] = []
        for position, line in enumerate(lines, first):
            name, colon, value = line.partition(":")
            if _TOKEN.match(name):
                pairs.append((name, value.strip(" \t") if colon else None))
            else:
                self.fault(f"{path}[{position}]", 'expected "Name: value", or "Name" to withhold the value')
        return header_list(pairs)


def _request(asked: argparse.Namespace, reader: Reader) -> http_pb2.HttpRequest:
    return http_pb2.HttpRequest(
        method=reader.text(asked.method, "request.method"), url=reader.text(asked.url, "request.url"),
        protocol=reader.name(_PROTOCOL, asked.protocol, "request.protocol"),  # type: ignore[arg-type]
        headers=reader.fields(asked.header, "request.headers"), body=reader.name(_BODY, asked.body, "request.body"),  # type: ignore[arg-type]
    )


def _now(asked: argparse.Namespace, reader: Reader) -> timestamp_pb2.Timestamp | None:
    now = timestamp_pb2.Timestamp()
    if asked.now:
        reader.well_known(now, asked.now, "now", "expected an instant such as 2026-01-31T12:00:00Z (RFC 3339)")
    return now if asked.now else None


def decide_question(asked: argparse.Namespace) -> decide_pb2.DecideRequest:
    """Raises a Fault that names the fields."""
    reader = Reader()
    question = decide_pb2.DecideRequest(request=_request(asked, reader), explain=asked.explain)
    if asked.intent:
        question.intent_name = reader.text(asked.intent, "intent_name")
    for pair in asked.param:
        name, equals, value = pair.partition("=")
        if equals and reader.text(pair, "parameters"):
            question.parameters[name] = value
        elif not equals:
            reader.fault("parameters", "expected NAME=VALUE in UTF-8")
    now = _now(asked, reader)
    if now is not None:
        question.now.CopyFrom(now)
    intent = _intent(asked, reader)
    if intent.ByteSize() > 0:
        if asked.intent:
            reader.fault("intent_name", "the policy has the whole intent: expected nothing beside it")
        question.intent.CopyFrom(intent)
    reader.finish()
    return question


def _intent(asked: argparse.Namespace, reader: Reader) -> intent_pb2.Intent:
    intent = intent_pb2.Intent(
        purpose=reader.name(intent_pb2.Purpose.DESCRIPTOR, asked.purpose, "intent.purpose"),  # type: ignore[arg-type]
        target=reader.text(asked.target, "intent.target"),
        permanence=reader.name(intent_pb2.Permanence.DESCRIPTOR, asked.permanence, "intent.permanence"),  # type: ignore[arg-type]
        pinned_status=asked.pin,
    )
    if asked.flash:
        intent.flash.text = reader.text(asked.flash, "intent.flash.text")
    intent.client = reader.name(intent_pb2.ClientKind.DESCRIPTOR, asked.client, "intent.client")  # type: ignore[assignment]
    intent.trust = reader.name(intent_pb2.Trust.DESCRIPTOR, asked.trust, "intent.trust")  # type: ignore[assignment]
    intent.allowed_hosts.extend(reader.text(host, "intent.allowed_hosts") for host in asked.allow_host)
    state = reader.name(intent_pb2.OperationState.DESCRIPTOR, asked.state, "intent.operation_state")
    intent.operation_state = state  # type: ignore[assignment]
    if asked.retry_after:
        seconds = duration_pb2.Duration()
        text = asked.retry_after if asked.retry_after.endswith("s") else asked.retry_after + "s"
        reader.well_known(seconds, text, "intent.retry_after", "expected a number of seconds")
        intent.retry_after.CopyFrom(seconds)
    return intent


def follow_question(asked: argparse.Namespace) -> follow_pb2.FollowRequest:
    """As decide_question."""
    reader = Reader()
    question = follow_pb2.FollowRequest(request=_request(asked, reader))
    question.response.status = asked.status
    if asked.location is not None:
        question.response.headers.extend(header_list([("Location", asked.location)]))
    question.response.headers.extend(reader.fields(asked.response_header, "response.headers", len(question.response.headers)))
    if asked.profile:
        question.options.profile = reader.name(follow_pb2.Profile.DESCRIPTOR, asked.profile, "options.profile")  # type: ignore[assignment]
    now = _now(asked, reader)
    if now is not None:
        question.now.CopyFrom(now)
    reader.finish()
    return question
