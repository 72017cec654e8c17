"""Every Python block of the package's README runs, and prints what the README says."""

from __future__ import annotations

import contextlib
import io
import pathlib
import re

import pytest

README = (pathlib.Path(__file__).resolve().parents[3] / "client/python/README.md").read_text()
BLOCKS = re.findall(r"```python\n(.*?)```(?:\n\nIt prints\n\n```text\n(.*?)```)?", README, re.S)


@pytest.mark.parametrize("number", range(len(BLOCKS)))
def test_block(service, number):
    code, expected = BLOCKS[number]
    assert "127.0.0.1:50051" in code
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(code.replace("127.0.0.1:50051", service.address), "README.md", "exec"), {"__name__": "readme"})
    assert printed.getvalue() == expected


def test_there_are_blocks():
    assert len(BLOCKS) >= 3 and any(expected for _, expected in BLOCKS)
