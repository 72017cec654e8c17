"""A Fingerpost service for the tests, and results in the form that tests/run counts."""

from __future__ import annotations

import os
import pathlib
import subprocess

import pytest

BIN = pathlib.Path(os.environ["FINGERPOST_BIN"])


class Service:
    """A fingerpostd on a free port."""

    def __init__(self, *flags: str) -> None:
        self.process = subprocess.Popen(
            [BIN / "fingerpostd", "--listen", "127.0.0.1:0", *flags], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        line = self.process.stdout.readline()
        assert "listening on" in line, f"fingerpostd did not start: {line!r}"
        self.address = line.split("listening on ")[1].split()[0]

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture(scope="session")
def service():
    running = Service()
    yield running
    running.stop()


def pytest_runtest_logreport(report):
    name = f"python: {report.nodeid.partition('::')[2]}"
    if report.passed and report.when == "call":
        print(f"\nok {name}", flush=True)
    elif report.failed:
        print(f"\n{report.longreprtext}\nnot ok {name}: {report.when}", flush=True)
    elif report.skipped:
        print(f"\nskip {name}: {report.longrepr[2]}", flush=True)


def pytest_collectreport(report):
    if report.failed:
        print(f"\n{report.longreprtext}\nnot ok python: {report.nodeid} cannot be loaded", flush=True)
