"""From plain Python to the protobuf messages: dicts in protobuf JSON, with short enum names (``form_result``)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from google.protobuf import json_format
from google.protobuf.message import Message

from fingerpost._gen.fingerpost.v1 import http_pb2
from fingerpost.errors import FingerpostError

M = TypeVar("M", bound=Message)


def message(kind: type[M], question: M | Mapping[str, Any]) -> M:
    """``question`` as a message of that kind. Raises FingerpostError with code INVALID_ARGUMENT."""
    if isinstance(question, kind):
        return question
    assert isinstance(question, Mapping), f"expected a {kind.__name__} or a mapping"
    try:
        return json_format.ParseDict(_long_names(question, kind.DESCRIPTOR), kind())
    except json_format.ParseError as error:
        raise FingerpostError("INVALID_ARGUMENT", str(error), "MALFORMED_JSON") from None


def header_list(headers: Mapping[str, str] | Iterable[tuple[str, str | None]]) -> list[http_pb2.Header]:
    """Field lines; a value of None is withheld."""
    pairs = headers.items() if isinstance(headers, Mapping) else headers
    lines = []
    for name, value in pairs:
        line = http_pb2.Header(name=name)
        if value is not None:
            try:
                value.encode("utf-8")
                line.value = value
            except UnicodeEncodeError:  # Surrogate escapes: octets that are not UTF-8.
                line.raw_value = value.encode("utf-8", "surrogateescape")
        lines.append(line)
    return lines


def _long_names(value: Any, kind: Any) -> Any:
    """Short enum names spelled out, all the way down."""
    if not isinstance(value, Mapping) or kind.full_name.startswith("google.protobuf."):
        return value
    return {key: _field(item, kind.fields_by_name.get(key) or kind.fields_by_camelcase_name.get(key)) for key, item in value.items()}


def _field(value: Any, field: Any) -> Any:
    if field is None:
        return value  # ParseDict names the unknown field.
    if isinstance(value, (list, tuple)):
        return [_field(item, field) for item in value]
    if field.enum_type is not None and isinstance(value, str):
        names = field.enum_type.values_by_name
        prefix = next(iter(names)).removesuffix("UNSPECIFIED")
        return value if value in names else prefix + value.upper()
    if field.message_type is not None and not field.message_type.GetOptions().map_entry:
        return _long_names(value, field.message_type)
    return value
