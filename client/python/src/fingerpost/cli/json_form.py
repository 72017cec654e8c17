"""Messages as the ``fingerpost`` command writes them: one line, snake_case, full enum names, what drives a terminal escaped."""

from __future__ import annotations

import json
import re
import sys
from typing import Any

from google.protobuf import json_format
from google.protobuf.message import Message

from fingerpost._gen.fingerpost.v1 import answer_pb2
from fingerpost.cli.text import is_deceptive
from fingerpost.errors import FingerpostError

_SHORT = {r"\b": r"\u0008", r"\f": r"\u000c", r"\r": r"\u000d", r"\t": r"\u0009"}


class Fault(Exception):
    """There is no answer, but this."""

    def __init__(self, error: answer_pb2.Error) -> None:
        super().__init__(error.message)
        self.error = error


def of(message: Message) -> str:
    """Without a line break."""
    value = json_format.MessageToDict(message, preserving_proto_field_name=True)
    return _encoded(_maps_sorted(value, message))


def write(text: str) -> None:
    sys.stdout.buffer.write(text.encode())
    sys.stdout.buffer.flush()


def error_line(error: answer_pb2.Error) -> str:
    return f'{{"error":{of(error)}}}\n'


def error_message(error: FingerpostError) -> answer_pb2.Error:
    reason = f"ERROR_REASON_{error.reason}"
    known = reason if reason in answer_pb2.ErrorReason.keys() else None
    violations = [answer_pb2.FieldViolation(field=v.field, description=v.description) for v in error.violations]
    return answer_pb2.Error(code=error.code, reason=known, message=error.message, violations=violations)


def described(error: answer_pb2.Error) -> str:
    """Every wrong field with what was expected, or the code and the sentence."""
    if not error.violations:
        return f"{error.code}: {error.message}"
    return "; ".join(f"{v.field}: {v.description}" if v.field else v.description for v in error.violations)


def is_about_the_question(error: answer_pb2.Error) -> bool:
    return error.code in ("INVALID_ARGUMENT", "NOT_FOUND", "UNIMPLEMENTED")


def _encoded(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    # json has shorter escapes for some controls, and leaves others as they are.
    text = re.sub(r"\\(?:u[0-9a-f]{4}|.)", lambda m: _SHORT.get(m[0], m[0]), text)
    return "".join(c if not is_deceptive(ord(c)) else f"\\u{ord(c):04x}" for c in text)


def _maps_sorted(value: Any, message: Message) -> Any:
    """Members in the order of the fields, and those of maps by their names, so that equal messages are equal text."""
    for field, member in message.ListFields():
        if field.message_type is not None and field.message_type.GetOptions().map_entry:
            value[field.name] = dict(sorted(value[field.name].items()))
        elif field.message_type is not None and not field.message_type.full_name.startswith("google.protobuf."):
            for one, inner in zip(value[field.name], member) if isinstance(value[field.name], list) else [(value[field.name], member)]:
                _maps_sorted(one, inner)
    return {field.name: value[field.name] for field, _ in message.ListFields()} if isinstance(value, dict) else value
