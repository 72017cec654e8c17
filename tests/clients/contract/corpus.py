"""Rows: their expansion by ``for`` (tests/golden/README.md), and what an answer in protobuf JSON lacks of what a row expects."""

from __future__ import annotations

import copy
import itertools
import json
import pathlib
import re
from typing import Any

REPOSITORY = pathlib.Path(__file__).resolve().parents[3]
CONTRACT = REPOSITORY / "client/contract"
GOLDEN = REPOSITORY / "tests/golden"


def load(file: pathlib.Path) -> list[dict[str, Any]]:
    return [one for row in json.loads(file.read_text()) for one in expanded(row)]


def expanded(row: dict[str, Any]) -> list[dict[str, Any]]:
    axes = row.get("for", {})
    rows = []
    for values in itertools.product(*axes.values()):
        chosen = dict(zip(axes, values))
        one = {key: substituted(value, chosen) for key, value in row.items() if key != "for"}
        if chosen and one["name"] == row["name"]:
            shown = ", ".join(f"{key}={bare(value)}" for key, value in chosen.items())
            one["name"] = f"{row['name']} [{shown}]"
        rows.append(one)
    return rows


def bare(value: Any) -> str:
    """A value's form inside a text."""
    if isinstance(value, dict) and "name" in value:
        return str(value["name"])
    return value if isinstance(value, str) else json.dumps(value)


def looked_up(path: str, chosen: dict[str, Any]) -> Any:
    value: Any = chosen
    for part in path.split("."):
        value = value[part]
    return value


def substituted(value: Any, chosen: dict[str, Any]) -> Any:
    if isinstance(value, dict):
        return {substituted(key, chosen): substituted(item, chosen) for key, item in value.items()}
    if isinstance(value, list):
        return [substituted(item, chosen) for item in value]
    if not isinstance(value, str):
        return value
    whole = re.fullmatch(r"\$\{([^}]+)\}", value)
    if whole and whole[1].split(".")[0] in chosen:
        return copy.deepcopy(looked_up(whole[1], chosen))
    return re.sub(r"\$\{([^}]+)\}", lambda found: bare(looked_up(found[1], chosen)) if found[1].split(".")[0] in chosen else found[0], value)


def check(expect: dict[str, Any], got: dict[str, Any]) -> list[str]:
    """The differences in the members that a client's user sees; the C++ runners compare the rest."""
    wrong = []
    for key in ("status", "body", "target"):
        if key in expect and got.get(key, 0 if key == "status" else "") != expect[key]:
            wrong.append(f"{key}: expected {expect[key]!r}, got {got.get(key)!r}")
    if "outcome" in expect and not short_equal(expect["outcome"], got.get("outcome", "")):
        wrong.append(f"outcome: expected {expect['outcome']}, got {got.get('outcome')}")
    for member, code in (("reason", "code"), ("stop", "reason")):
        want = expect.get(member)
        if isinstance(want, dict) and code in want and not short_equal(want[code], got.get(member, {}).get(code, "")):
            wrong.append(f"{member}: expected {want[code]}, got {got.get(member)}")
    wrong += check_fields(expect.get("fields", {}), got.get("headers", []))
    following = expect.get("next")
    if isinstance(following, dict):
        for key in ("method", "url"):
            if key in following and got.get("next", {}).get(key) != following[key]:
                wrong.append(f"next.{key}: expected {following[key]!r}, got {got.get('next', got.get('stop'))}")
        wrong += check_fields(following.get("fields", {}), got.get("next", {}).get("headers", []))
    return wrong


def short_equal(want: str, got: Any) -> bool:
    return got == want or str(got).endswith("_" + want.upper())


def check_fields(want: dict[str, Any], headers: list[dict[str, str]]) -> list[str]:
    wrong = []
    for name, value in want.items():
        lines = [line.get("value", True if "raw_value" not in line else line["raw_value"]) for line in headers if line["name"].lower() == name.lower()]
        expected = [] if value is None else value if isinstance(value, list) else [value]
        if lines != expected:
            wrong.append(f"{name}: expected {expected}, got {lines}")
    return wrong
