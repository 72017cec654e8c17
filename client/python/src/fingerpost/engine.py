"""The engine: the service's own answers inside this process (service/engine/fingerpost.h), octets in and octets out."""

from __future__ import annotations

import ctypes
import functools
import importlib.resources
import os
import pathlib
import struct
import weakref
from typing import Any, Protocol

from google.protobuf.message import DecodeError

from fingerpost._gen.fingerpost.v1 import answer_pb2
from fingerpost.errors import FingerpostError

ABI = 2
"""Of the interface that this package was written for."""
LIBRARY = pathlib.Path(str(importlib.resources.files("fingerpost"))) / "libfingerpost.so"
MODULE = LIBRARY.with_name("fingerpost.wasm")

_OK, _ERROR, _TOO_SMALL = 0, 1, 2
_ROOM = 4096
"""Octets that hold nearly every answer."""
_KEPT_ROOM = 1 << 16
"""A larger buffer is not kept for the next answer."""


class EngineError(Exception):
    """There is no engine that this process can use."""


class Policy(Protocol):
    """An open policy. Safe to share between threads; it ends with its last reference."""

    @property
    def version(self) -> str: ...

    def decide(self, question: bytes) -> bytes:
        """From a DecideRequest to a DecideResponse. Raises FingerpostError."""

    def follow(self, question: bytes) -> bytes:
        """From a FollowRequest to a FollowResponse. Raises FingerpostError."""

    def take_usage(self) -> bytes:
        """What was answered since the last time: a ReportUsageRequest, or nothing."""


class Engine(Protocol):
    """Opens policies."""

    def open(self, octets: bytes, version: str = "") -> Policy:
        """From the octets of a Policy. ``version`` defaults to the one that the service wrote into them. Raises FingerpostError."""

    def open_text(self, text: str) -> Policy:
        """From YAML or JSON. Raises FingerpostError."""

    def open_file(self, path: str | os.PathLike[str]) -> Policy:
        """From a file of YAML or JSON. Raises FingerpostError."""


@functools.cache
def load() -> Engine:
    """The engine of this process: the native library or, where there is none, the module. Raises EngineError."""
    if LIBRARY.exists():
        return _Native(LIBRARY)
    if MODULE.exists():
        from fingerpost import module

        return module.Module(MODULE)
    raise EngineError("this package was built without the engine (client/python/README.md, Install)")


def error_of(octets: bytes) -> FingerpostError:
    """From the octets of a v1.Error."""
    try:
        return FingerpostError.of_message(answer_pb2.Error.FromString(octets))
    except DecodeError:
        return FingerpostError("INTERNAL", "the engine's error cannot be read")


def version_octets(version: str) -> bytes | None:
    """For the engine, which reads up to a NUL. Raises FingerpostError."""
    if not version.isascii() or "\0" in version:
        raise FingerpostError("INVALID_ARGUMENT", "version: expected 1 to 64 visible ASCII characters", "INVALID_FIELDS")
    return version.encode() or None


class _Room:
    """A buffer for an answer."""

    def __init__(self, capacity: int = _ROOM) -> None:
        self.buffer = ctypes.create_string_buffer(capacity)
        self.capacity = capacity
        self.address = ctypes.addressof(self.buffer)
        self.size = ctypes.c_size_t()
        self.size_address = ctypes.addressof(self.size)


class _Native:
    def __init__(self, path: pathlib.Path) -> None:
        try:
            if not _is_whole(path):
                raise EngineError(f"{path} is not a whole library")
            # Questions take microseconds, so they keep the GIL: no other thread is inside the engine when this one forks. A policy takes longer to open.
            self._asking, self._opening = ctypes.PyDLL(str(path)), ctypes.CDLL(str(path))
            if (abi := int(self._asking.fingerpost_abi())) != ABI:
                raise EngineError(f"{path} has ABI {abi}, and this package needs {ABI}: install an engine and a package of the same version")
            self._find_functions()
        except (OSError, AttributeError) as error:
            raise EngineError(f"{path} is no engine for this machine: {error}") from None
        self._rooms: list[_Room] = []

    def _find_functions(self) -> None:
        pointer, size, text = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_char_p
        out = [pointer, size, pointer]
        self.decide = self._function("decide", [pointer, text, size, *out])
        self.follow = self._function("follow", [pointer, text, size, *out])
        self.take_usage = self._function("take_usage", [pointer, *out])
        self._open = self._function("open", [text, size, text, pointer, *out], self._opening)
        self._open_text = self._function("open_text", [text, size, pointer, *out], self._opening)
        self._open_file = self._function("open_file", [text, pointer, *out], self._opening)
        self.version_of = self._function("policy_version", [pointer], restype=text)
        self.close = self._function("close", [pointer], self._opening, None)
        self.version: str = self._function("version", [], restype=text)().decode()

    def _function(self, name: str, arguments: list[Any], library: Any = None, restype: Any = ctypes.c_int) -> Any:
        function = getattr(library or self._asking, f"fingerpost_{name}")
        function.argtypes, function.restype = arguments, restype
        return function

    def open(self, octets: bytes, version: str = "") -> _NativePolicy:
        return self._opened(self._open, octets, len(octets), version_octets(version))

    def open_text(self, text: str) -> _NativePolicy:
        octets = text.encode()
        return self._opened(self._open_text, octets, len(octets))

    def open_file(self, path: str | os.PathLike[str]) -> _NativePolicy:
        if b"\0" in (name := os.fsencode(path)):
            raise FingerpostError("INVALID_ARGUMENT", f"{path!r}: expected a path without NUL", "INVALID_FIELDS")
        return self._opened(self._open_file, name)

    def _opened(self, function: Any, *arguments: Any) -> _NativePolicy:
        handle = ctypes.c_void_p()
        self.call(function, *arguments, ctypes.addressof(handle))
        return _NativePolicy(self, handle.value or 0)

    def call(self, function: Any, *arguments: Any) -> bytes:
        """What ``function`` writes. Raises FingerpostError."""
        try:
            room = self._rooms.pop()  # Of this call alone, whatever thread or signal handler asks meanwhile.
        except IndexError:
            room = _Room()
        while (status := function(*arguments, room.address, room.capacity, room.size_address)) == _TOO_SMALL:
            room = _Room(room.size.value)
        octets = ctypes.string_at(room.address, room.size.value)
        if room.capacity <= _KEPT_ROOM:
            self._rooms.append(room)
        if status == _OK:
            return octets
        raise error_of(octets) if status == _ERROR else FingerpostError("INTERNAL", f"the engine returned {status}")


class _NativePolicy:
    def __init__(self, engine: _Native, handle: int) -> None:
        self._engine, self._handle = engine, handle
        self.version: str = engine.version_of(handle).decode()
        # At exit the process's memory goes as a whole.
        weakref.finalize(self, engine.close, handle).atexit = False

    def decide(self, question: bytes) -> bytes:
        return self._engine.call(self._engine.decide, self._handle, question, len(question))

    def follow(self, question: bytes) -> bytes:
        return self._engine.call(self._engine.follow, self._handle, question, len(question))

    def take_usage(self) -> bytes:
        return self._engine.call(self._engine.take_usage, self._handle)


def _is_whole(path: pathlib.Path) -> bool:
    """Whether the file has all that its header promises: to load a part of it may end the process."""
    with open(path, "rb") as file:
        header = file.read(64)
        if len(header) < 64 or header[:5] != b"\x7fELF\x02":
            return False
        order = "<" if header[5] == 1 else ">"
        (sections,), (entry, count) = struct.unpack_from(f"{order}Q", header, 40), struct.unpack_from(f"{order}HH", header, 58)
        return bool(os.fstat(file.fileno()).st_size >= sections + entry * count)
