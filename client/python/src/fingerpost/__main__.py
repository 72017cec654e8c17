"""``python -m fingerpost``: questions to a server as lines of JSON, its answers as lines of JSON."""

from __future__ import annotations

import argparse
import json
import os
import pathlib
import re
import sys
from typing import Any

import grpc
from google.protobuf import json_format

from fingerpost import Client, FingerpostError, __version__, plaintext, tls
from fingerpost._gen.fingerpost.v1.decide_pb2 import DecideRequest
from fingerpost._gen.fingerpost.v1.follow_pb2 import FollowRequest
from fingerpost.questions import M, message

ANSWERED, WRONG_QUESTION, USAGE, NO_SERVER, INPUT_OUTPUT = range(5)
FOOTER = """\
exit status: 0 all is answered; 1 a question is wrong, and its line is the error; 2 the command line is wrong;
3 the server gave no answer, or is not serving; 4 the input cannot be read, or the output cannot be written

The C++ program fingerpost is the tool: it takes questions as flags, prints answers for people, answers without a
server, checks policies and traces chains. This stub only asks a server."""
_LOCAL = re.compile(r"unix(-abstract)?:|(localhost|127(\.[0-9]{1,3}){3}|\[::1\])(:|\Z)")


def main() -> int:
    asked = _parser().parse_args()
    try:
        client = _client(asked)
    except (OSError, TypeError, ValueError) as problem:
        return _complain(problem, USAGE)
    with client:
        try:
            if asked.command != "health":
                return _answer(client, asked)
            serving = client.ready(asked.timeout)
            print("SERVING" if serving else "NOT_SERVING", flush=True)
            return ANSWERED if serving else NO_SERVER
        except OSError as problem:
            if isinstance(problem, BrokenPipeError):  # The reader has gone. Python would write the rest when it ends.
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return _complain(problem, INPUT_OUTPUT)


def _answer(client: Client, asked: argparse.Namespace) -> int:
    kind, method = (DecideRequest, client.stub.Decide) if asked.command == "decide" else (FollowRequest, client.stub.Follow)
    status = ANSWERED
    for line in asked.question or sys.stdin.buffer:
        try:
            answer = json_format.MessageToDict(method(_question(kind, line), timeout=asked.timeout), preserving_proto_field_name=True)
        except (grpc.RpcError, FingerpostError) as problem:
            error = problem if isinstance(problem, FingerpostError) else FingerpostError.of(problem)
            if error.code not in ("INVALID_ARGUMENT", "NOT_FOUND", "UNIMPLEMENTED") and not error.too_large:
                return _complain(error, NO_SERVER)
            status, answer = WRONG_QUESTION, {"error": _error(error)}
        # All that could drive a terminal is escaped.
        print(json.dumps(answer, separators=(",", ":")).replace("\x7f", r"\u007f"), flush=True)
    return status


def _question(kind: type[M], line: str | bytes) -> M:
    try:
        question = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise FingerpostError("INVALID_ARGUMENT", f"expected a JSON object; {error}", "MALFORMED_JSON") from None
    if isinstance(question, dict):
        return message(kind, question)
    raise FingerpostError("INVALID_ARGUMENT", "expected a JSON object", "MALFORMED_JSON")


def _error(error: FingerpostError) -> dict[str, Any]:
    reason = {"reason": f"ERROR_REASON_{error.reason}"} if error.reason else {}
    violations = {"violations": [vars(violation) for violation in error.violations]} if error.violations else {}
    return {"code": error.code, **reason, "message": error.message, **violations}


def _parser() -> argparse.ArgumentParser:
    look: dict[str, Any] = {"formatter_class": argparse.RawDescriptionHelpFormatter, "epilog": FOOTER, "allow_abbrev": False}
    made = argparse.ArgumentParser("fingerpost", description=__doc__, **look)
    made.add_argument("--version", action="version", version=f"fingerpost {__version__}")
    commands = made.add_subparsers(dest="command", required=True)
    for name, text in (("decide", "what to send"), ("follow", "what to request next"), ("health", "whether the server takes requests")):
        command = commands.add_parser(name, help=text, description=text, **look)
        if name != "health":
            command.add_argument("question", nargs="*", help=f"a {name.title()}Request in JSON; without any: each line of standard input")
        command.add_argument("--server", metavar="HOST:PORT", required=True)
        command.add_argument("--insecure", action="store_true", help="without TLS to a server on another machine")
        command.add_argument("--tls", action="store_true", help="with TLS, trusting gRPC's own authorities")
        for flag, text in {"ca": "authorities to trust", "cert": "this client's certificate", "key": "the key of --tls-cert"}.items():
            command.add_argument(f"--tls-{flag}", metavar="FILE", help=f"{text}, PEM")
        command.add_argument("--tls-name", metavar="NAME", help="the name in the server's certificate; default: HOST")
        command.add_argument("--timeout", metavar="SECONDS", type=float, default=5.0, help="longest wait for an answer; default: 5")
    return made


def _client(asked: argparse.Namespace) -> Client:
    """Raises ValueError or TypeError for flags that contradict each other, OSError for a file that cannot be read."""
    with_tls = asked.tls or asked.tls_ca or asked.tls_cert or asked.tls_key or asked.tls_name
    if with_tls and asked.insecure:
        raise ValueError("--insecure and --tls contradict each other")
    if not 0.001 <= asked.timeout <= 3600:
        raise ValueError("--timeout: expected 0.001 to 3600 seconds")
    if not with_tls and not asked.insecure and not _LOCAL.match(asked.server):
        raise ValueError(f"{asked.server} is on another machine: choose --tls, --tls-ca FILE, or --insecure for plain text")
    ca, key, certificate = (pathlib.Path(path).read_bytes() if path else None for path in (asked.tls_ca, asked.tls_key, asked.tls_cert))
    transport = tls(ca=ca, key=key, certificate=certificate, server_name=asked.tls_name) if with_tls else plaintext()
    return Client(asked.server, transport, engine="remote")


def _complain(problem: object, status: int) -> int:
    print("fingerpost:", "".join(c if c.isprintable() else "?" for c in str(problem)), file=sys.stderr, flush=True)
    return status


sys.exit(main())
