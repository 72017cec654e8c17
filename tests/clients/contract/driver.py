"""A package's driver: tests/clients/LANGUAGE/contract, JSON lines in and out (client/contract/README.md)."""

from __future__ import annotations

import json
import select
import subprocess
from typing import Any

from corpus import REPOSITORY

PATIENCE = 60.0
"""Seconds for one answer, on a busy machine."""
BUILT = 600.0
"""Seconds for the first: the driver may have to be built."""


class Driver:
    def __init__(self, language: str, log: Any) -> None:
        program = REPOSITORY / "tests/clients" / language / "contract"
        self._process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, bufsize=0)
        self._rest = b""
        self._patience = BUILT

    def ask(self, op: str, **more: Any) -> dict[str, Any]:
        self._process.stdin.write(json.dumps({"op": op, **more}).encode() + b"\n")
        answer = json.loads(self._line(op))
        if not isinstance(answer, dict):
            raise RuntimeError(f"{op}: the driver answered {answer!r}")
        return answer

    def _line(self, op: str) -> bytes:
        while b"\n" not in self._rest:
            if not select.select([self._process.stdout], [], [], self._patience)[0]:
                raise RuntimeError(f"{op}: the driver did not answer within {self._patience:.0f} s")
            octets = self._process.stdout.read(1 << 20)
            if not octets:
                raise RuntimeError(f"{op}: the driver ended with {self._process.wait()}")
            self._rest += octets
        self._patience = PATIENCE
        line, _, self._rest = self._rest.partition(b"\n")
        return line

    def end(self) -> int:
        """Its exit status."""
        self._process.stdin.close()
        try:
            return self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()
