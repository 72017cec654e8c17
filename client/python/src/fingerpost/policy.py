"""The policy that this process has: the service's own, the last good one, or none (client/README.md, "The policy inside")."""

from __future__ import annotations

import collections
import contextlib
import dataclasses
import datetime
import enum
import ipaddress
import os
import pathlib
import stat
import tempfile
import unicodedata

from google.protobuf.message import DecodeError

from fingerpost import engine
from fingerpost._gen.fingerpost.v1 import policy_pb2, policy_service_pb2
from fingerpost.errors import FingerpostError
from fingerpost.heard import log

LARGEST = 16 << 20
"""Octets of the largest message and file that is read. The service hands out at most 10 MiB."""
_FORMER = 4
"""Policies whose last counts wait to be reported, at most."""


class PolicyState(enum.Enum):
    """Whose policy it is."""

    READY = "READY"
    """The service's: the process is told of each change."""
    STALE = "STALE"
    """The last good one: the service cannot be reached."""
    NONE = "NONE"
    """There has been none yet."""


@dataclasses.dataclass(frozen=True)
class PolicyStatus:
    """What a client knows of its policy."""

    state: PolicyState
    since: datetime.datetime
    """When the state began; for a policy from ``policy_file``, when it was written."""
    version: str = ""
    """As Decision.policy_version."""
    problems: tuple[str, ...] = ()
    """Why a newer policy does not answer, or why there is none."""


class Held:
    """One client's policy. One thread at a time writes it; any number of threads read it."""

    def __init__(self, selector: policy_pb2.PolicySelector, file: str | os.PathLike[str] | None, opener: engine.Engine | None, why_not: str) -> None:
        self.policy: engine.Policy | None = None
        self.former: collections.deque[engine.Policy] = collections.deque(maxlen=_FORMER)
        self._selector, self._engine = _spelled(selector), opener
        self._file = None if file is None else pathlib.Path(file)
        self._refused = ""
        self.status = PolicyStatus(PolicyState.NONE, _now(), problems=(why_not,) if why_not else ())
        if opener and self._file:
            self._read(self._file)

    def come(self, answer: policy_service_pb2.WatchPolicyResponse) -> None:
        """The service says which policy answers now."""
        assert self._engine is not None
        problems = tuple(_sentence(problem) for problem in answer.problems)
        octets = answer.policy if answer.HasField("policy") else None
        if octets is None and self.version == answer.version:
            return self._become(PolicyState.READY, problems)
        try:
            if octets is None:
                raise FingerpostError("INTERNAL", "its text did not come with it")
            policy = self._engine.open(octets, answer.version)
            if (version := self._whole(octets)) != answer.version:
                raise FingerpostError("INTERNAL", f"handed_out.version: expected the message's version, got {version!r}")
        except (FingerpostError, DecodeError) as error:
            refused = f"the service's policy {answer.version!r} was not taken: {error}"
            if refused != self._refused:
                log.warning("%s; %s", refused, f"{self.version!r} stays" if self.policy else "there is none")
            self._refused = refused
            return self._become(PolicyState.READY if self.policy else PolicyState.NONE, (*problems, refused))
        if self.policy is not None:
            self.former.append(self.policy)
        self.policy, self._refused = policy, ""
        unwritten = self._write(self._file, octets) if self._file else ()
        self._become(PolicyState.READY, (*problems, *unwritten), new=True)

    def give(self, policy: engine.Policy) -> None:
        """A policy that no service hands out."""
        self.policy = policy
        self._become(PolicyState.READY, ())

    def leave(self, why: str) -> None:
        """The service is out of reach."""
        self._become(PolicyState.STALE if self.policy else PolicyState.NONE, (why,))

    @property
    def version(self) -> str:
        return self.policy.version if self.policy else ""

    def forget_counts(self) -> None:
        """In the child of a fork: the parent reports them."""
        self.former.clear()
        if self.policy is not None:
            self.policy.take_usage()

    def _become(self, state: PolicyState, problems: tuple[str, ...], *, new: bool = False) -> None:
        same = self.status.state is state and not new
        self.status = PolicyStatus(state, self.status.since if same else _now(), self.version, problems)

    def _whole(self, octets: bytes) -> str:
        """Its version. Raises FingerpostError unless these octets are all of the part that was asked for: handed_out is their last field."""
        part = policy_pb2.Policy.FromString(octets).handed_out
        if not part.version:
            raise FingerpostError("FAILED_PRECONDITION", "it is not whole: handed_out.version is not set")
        if _spelled(part.selector) != self._selector:
            raise FingerpostError("FAILED_PRECONDITION", "it is another part of the policy (handed_out.selector)")
        return part.version

    def _read(self, file: pathlib.Path) -> None:
        assert self._engine is not None
        try:
            with open(file, "rb", opener=_unblocked) as opened:
                about = os.fstat(opened.fileno())
                _require_regular(about)
                if len(octets := opened.read(LARGEST + 1)) > LARGEST:
                    raise OSError(f"it has more than {LARGEST} octets")
            written = datetime.datetime.fromtimestamp(about.st_mtime, datetime.timezone.utc)
            policy = self._engine.open(octets)
            self._whole(octets)
        except FileNotFoundError:
            return
        except (OSError, ValueError, OverflowError, DecodeError, FingerpostError) as error:
            problem = f"{file} was not taken: {error}"
            log.warning("%s", problem)
            self.status = dataclasses.replace(self.status, problems=(problem,))
            return
        self.policy = policy
        self.status = PolicyStatus(PolicyState.STALE, written, self.version)

    def _write(self, file: pathlib.Path, octets: bytes) -> tuple[str, ...]:
        """Beside the file and renamed, so that a reader finds the old one or the new one; for its owner alone."""
        beside = ""
        try:
            real = pathlib.Path(os.path.realpath(file))  # A link stays one.
            with contextlib.suppress(FileNotFoundError):
                _require_regular(os.stat(real))
            descriptor, beside = tempfile.mkstemp(prefix=".fingerpost.", dir=real.parent)
            with open(descriptor, "wb") as opened:
                opened.write(octets)
                opened.flush()
                os.fsync(opened.fileno())
            os.replace(beside, real)
        except (OSError, ValueError) as error:  # ValueError: a NUL in the name.
            if beside:
                pathlib.Path(beside).unlink(missing_ok=True)
            log.warning("the policy was not written: %s", error)
            return (f"{file} was not written: {error}",)
        return ()


def _unblocked(path: str, flags: int) -> int:
    """To open a FIFO waits for a writer otherwise."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _require_regular(about: os.stat_result) -> None:
    if not stat.S_ISREG(about.st_mode):
        raise OSError("it is a directory" if stat.S_ISDIR(about.st_mode) else "it is no regular file")


def _spelled(selector: policy_pb2.PolicySelector) -> policy_pb2.PolicySelector:
    """As the service spells it in handed_out."""
    return policy_pb2.PolicySelector(hosts=sorted({_spelled_host(host) for host in selector.hosts}), intents=sorted(set(selector.intents)))


def _spelled_host(host: str) -> str:
    """The host "*.Example.com." is ".example.com"; labels beyond ASCII are Punycode (RFC 3492)."""
    host = unicodedata.normalize("NFKC", host).lower().removesuffix(".")
    host = host[1:] if host.startswith("*.") else host
    with contextlib.suppress(ValueError):
        if host.startswith("["):
            return f"[{ipaddress.IPv6Address(host[1:-1]).compressed}]"
        return ".".join(label if label.isascii() else f"xn--{label.encode('punycode').decode()}" for label in host.split("."))
    return host


def _sentence(problem: policy_service_pb2.PolicyProblem) -> str:
    return ": ".join(part for part in (problem.place, problem.field, problem.description) if part)


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.timezone.utc)
