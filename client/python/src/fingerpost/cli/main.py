"""The two commands."""

from __future__ import annotations

import argparse
import datetime
import enum
import os
import sys
from typing import Any, NoReturn

import grpc

from fingerpost import __version__
from fingerpost._gen.fingerpost.v1 import answer_pb2, decide_pb2, follow_pb2
from fingerpost.cli import batches, flags, json_form, server, show
from fingerpost.cli.text import Palette, harmless
from fingerpost.errors import FingerpostError

FOOTER = """\
exit status:
  0  every question has its answer; REFUSE, PASS and a stop are answers
  1  a question is wrong, or one line of --input is; the error names the field
  2  the command line is wrong
  3  the server gave no answer
  4  the input cannot be read, or the output cannot be written"""


class Exit(enum.IntEnum):
    ANSWERED = 0
    WRONG_QUESTION = 1
    USAGE = 2
    NO_SERVER = 3
    INPUT_OUTPUT = 4


def complain(text: str) -> None:
    sys.stderr.buffer.write(f"fingerpost: {harmless(text)}\n".encode())
    sys.stderr.buffer.flush()


class Parser(argparse.ArgumentParser):
    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.register("action", None, flags.Once)

    def error(self, message: str) -> NoReturn:
        complain(f"{message} (see fingerpost --help)")
        sys.exit(Exit.USAGE)


def parser() -> argparse.ArgumentParser:
    made = Parser(
        prog="fingerpost", description="The two answers about HTTP redirects: what to send, and what to request next.", epilog=FOOTER,
        formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False,
    )
    made.add_argument("--version", action="version", version=f"fingerpost {__version__}")
    commands = made.add_subparsers(dest="command", required=True, parser_class=Parser)
    for name, text, add in (
        ("decide", "What to send: an intent in, status and fields out", flags.add_decide),
        ("follow", "What to request next: a response in, a request or a stop out", flags.add_follow),
    ):
        command = commands.add_parser(name, help=text, description=text, allow_abbrev=False)
        add(command)
        server.add(command)
    return made


def main(words: list[str]) -> int:
    asked = parser().parse_args(words)
    try:
        if asked.input:
            flags.refuse_beside_input(asked)
        client = server.connect(asked)
    except server.Contradiction as problem:
        complain(str(problem))
        return Exit.USAGE
    with client:
        try:
            if asked.input:
                return batches.answer(client.stub, asked.command, asked.input, asked.timeout, complain)
            return one(client.stub, asked)
        except BrokenPipeError:  # The reader has gone.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return Exit.INPUT_OUTPUT


def one(stub: Any, asked: argparse.Namespace) -> int:
    palette = Palette.for_standard_output()
    try:
        if asked.command == "decide":
            decide = flags.decide_question(asked)
            _fill_in_now(decide)
            decided = _ask(stub.Decide, decide, asked.timeout)
            text = json_form.of(decided) + "\n" if asked.json else show.decide(decide, decided, palette)
        else:
            follow = flags.follow_question(asked)
            _fill_in_now(follow)
            followed = _ask(stub.Follow, follow, asked.timeout)
            text = json_form.of(followed) + "\n" if asked.json else show.follow(follow, followed, palette)
    except json_form.Fault as fault:
        complain(json_form.described(fault.error))
        if asked.json:
            json_form.write(json_form.error_line(fault.error))
        return Exit.WRONG_QUESTION if json_form.is_about_the_question(fault.error) else Exit.NO_SERVER
    json_form.write(text)
    return Exit.ANSWERED


def _fill_in_now(question: decide_pb2.DecideRequest | follow_pb2.FollowRequest) -> None:
    if not question.HasField("now"):
        question.now.FromDatetime(datetime.datetime.now(datetime.timezone.utc))


def _ask(method: Any, question: Any, seconds: float) -> Any:
    try:
        return method(question, timeout=seconds)
    except grpc.RpcError as error:
        raise json_form.Fault(error_of(error)) from None


def error_of(error: grpc.RpcError) -> answer_pb2.Error:
    return json_form.error_message(FingerpostError.of(error))
