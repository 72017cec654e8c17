"""From plain Python to the protobuf messages: dicts in protobuf JSON, with short enum names (``form_result``)."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from google.protobuf import json_format
from google.protobuf.message import Message

from fingerpost import names
from fingerpost._gen.fingerpost.v1 import http_pb2
from fingerpost.errors import FingerpostError, Violation

M = TypeVar("M", bound=Message)
_SURROGATE = re.compile("[\ud800-\udfff]")


def message(kind: type[M], question: M | Mapping[str, Any]) -> M:
    """``question`` as a message of that kind. Raises FingerpostError with code INVALID_ARGUMENT, and every wrong name at once."""
    if isinstance(question, kind):
        return question
    if not isinstance(question, Mapping):
        raise TypeError(f"question: a {kind.__name__} or a mapping, not {type(question).__name__}")
    faults: list[Violation] = []
    spelled_out = _long_names(question, kind.DESCRIPTOR, "", faults)
    if faults:
        more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
        raise FingerpostError("INVALID_ARGUMENT", f"{faults[0].field}: {faults[0].description}{more}", "INVALID_FIELDS", tuple(faults))
    try:
        return json_format.ParseDict(spelled_out, kind())
    except json_format.ParseError as error:
        raise FingerpostError("INVALID_ARGUMENT", str(error), "MALFORMED_JSON") from None


def header_list(headers: Iterable[tuple[str, str | None]]) -> list[http_pb2.Header]:
    """Field lines; a value of None is withheld."""
    lines = []
    for name, value in headers:
        line = http_pb2.Header(name=name)
        if value is not None:
            try:
                value.encode("utf-8")
                line.value = value
            except UnicodeEncodeError:  # Surrogate escapes: octets that are not UTF-8.
                line.raw_value = value.encode("utf-8", "surrogateescape")
        lines.append(line)
    return lines


def text_of(line: http_pb2.Header) -> str:
    """A line's value as ``header_list`` took it."""
    return line.raw_value.decode("utf-8", "surrogateescape") if line.raw_value else line.value


def _long_names(value: Any, kind: Any, path: str, faults: list[Violation]) -> Any:
    """Spells out short enum names at every level; ``faults`` gets unknown members and names."""
    if kind.full_name == "google.protobuf.Duration" and isinstance(value, (int, float, datetime.timedelta)) and not isinstance(value, bool):
        return _duration(value, path, faults)
    if kind.full_name.startswith("google.protobuf."):
        return value
    if not isinstance(value, Mapping):
        faults.append(Violation(path, "expected an object"))
        return value
    spelled_out = {}
    for key, item in value.items():
        at = f"{path}.{key}" if path else str(key)
        field = kind.fields_by_name.get(key) or kind.fields_by_camelcase_name.get(key)
        if field is None:
            meant = names.closest(str(key), [one.name for one in kind.fields])
            faults.append(Violation(at, f"there is no such field in {kind.name}" + (f"; did you mean {meant}?" if meant else "")))
        else:
            spelled_out[key] = _member(item, field, at, faults)
    return spelled_out


def _member(value: Any, field: Any, path: str, faults: list[Violation]) -> Any:
    if value is None:
        return None
    if isinstance(value, (list, tuple)) and field.default_value == []:  # A repeated field.
        return [_member(item, field, f"{path}[{index}]", faults) for index, item in enumerate(value)]
    if field.enum_type is not None and isinstance(value, str):
        number = names.number_of(field.enum_type, value)
        if number is None:
            faults.append(Violation(path, names.expected(field.enum_type, value)))
        return number
    if field.type == field.TYPE_STRING and hasattr(value, "scheme") and hasattr(value, "fragment"):  # A URL object (wishes.Url).
        value = str(value)
    if isinstance(value, str) and _SURROGATE.search(value):  # It comes from a visitor, and no message can hold it.
        faults.append(Violation(path, "expected Unicode without lone surrogates"))
        return None
    if field.message_type is not None and not field.message_type.GetOptions().map_entry:
        return _long_names(value, field.message_type, path, faults)
    return value


def _duration(value: float | datetime.timedelta, path: str, faults: list[Violation]) -> Any:
    """Seconds, in protobuf's JSON form."""
    seconds = value.total_seconds() if isinstance(value, datetime.timedelta) else value
    if not math.isfinite(seconds):
        faults.append(Violation(path, "expected a number of seconds"))
        return None
    return f"{seconds:.9f}s"
