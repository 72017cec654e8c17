"""Short names of enum values: ``form_result`` for PURPOSE_FORM_RESULT."""

from __future__ import annotations

from typing import Any

_LONGEST = 64
"""The longest name has fewer characters."""


def short(kind: Any, number: int) -> str:
    """The number if it is unknown: from a newer service."""
    value = kind.values_by_number.get(number)
    return value.name.removeprefix(_prefix(kind)).lower() if value else str(number)


def number_of(kind: Any, text: str) -> int | None:
    if len(text) > _LONGEST:
        return None
    name = "".join("_" if c in "-./ " else c.upper() if c.isascii() else c for c in text)
    value = kind.values_by_name.get(_prefix(kind) + name) or kind.values_by_name.get(name)
    return value.number if value else None


def names_of(kind: Any) -> str:
    """Without the first: the zero value means unspecified."""
    return ", ".join(short(kind, value.number) for value in kind.values[1:])


def expected(kind: Any, text: str) -> str:
    best = closest(text, [short(kind, value.number) for value in kind.values[1:]])
    return f"expected one of {names_of(kind)}" + (f"; did you mean {best}?" if best else "")


def closest(text: str, known: list[str]) -> str:
    """The name that was probably meant, or nothing. A third of the letters may be wrong, and always one."""
    lowered = text.lower() if len(text) <= _LONGEST else ""
    best, distance = "", max(1, len(lowered) // 3) + 1
    for name in known:
        if lowered and (found := _distance(lowered, name)) < distance:
            best, distance = name, found
    return best


def _prefix(kind: Any) -> str:
    return str(kind.values[0].name).removesuffix("UNSPECIFIED")


def _distance(a: str, b: str) -> int:
    row = list(range(len(b) + 1))
    for i, left in enumerate(a):
        diagonal, row[0] = row[0], i + 1
        for j, right in enumerate(b):
            replaced = diagonal + (left != right)
            diagonal = row[j + 1]
            row[j + 1] = min(replaced, diagonal + 1, row[j] + 1)
    return row[-1]
