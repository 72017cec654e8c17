"""The engine as a WebAssembly module, for machines that have no library of it; slower, and one question at a time. Needs ``fingerpost[module]``."""

from __future__ import annotations

import os
import pathlib
import threading
from collections.abc import Callable
from typing import Any

from fingerpost import engine
from fingerpost.errors import FingerpostError

_OK, _ERROR, _TOO_SMALL = 0, 1, 2
_ROOM = 8192
"""Octets that hold nearly every answer."""


class Module:
    """One instance. After a fault in it there is a new one, in which the policies are opened again."""

    def __init__(self, path: pathlib.Path) -> None:
        try:
            import wasmtime
        except ImportError:
            raise engine.EngineError("the engine of this package is a module: pip install 'fingerpost[module]'") from None
        self._faults = (wasmtime.Trap, wasmtime.WasmtimeError)
        self._lock = threading.RLock()  # What runs in the child of a fork before the lock is free again asks, too.
        try:
            compiler = wasmtime.Engine(self._settings(wasmtime))
            compiled = wasmtime.Module.from_file(compiler, str(path))
            self._make: Callable[[], _Instance] = lambda: _Instance(wasmtime, compiler, compiled)
            self._instance = self._make()
            abi = self._instance.call("abi")
            self.version = self._instance.text(self._instance.call("version"))
        except (OSError, KeyError, *self._faults) as error:
            raise engine.EngineError(f"{path} is no engine: {str(error).splitlines()[0]}") from None
        if abi != engine.ABI:
            raise engine.EngineError(f"{path} has ABI {abi}, and this package needs {engine.ABI}: install an engine and a package of the same version")
        if hasattr(os, "register_at_fork"):  # Not while the instance is in use.
            os.register_at_fork(before=self._lock.acquire, after_in_parent=self._lock.release, after_in_child=self._lock.release)

    def _settings(self, wasmtime: Any) -> Any:
        settings = wasmtime.Config()
        try:
            settings.cache = True  # In the user's own cache: to compile takes seconds.
        except self._faults:
            pass  # There is none.
        return settings

    def open(self, octets: bytes, version: str = "") -> _ModulePolicy:
        given = engine.version_octets(version)
        return _ModulePolicy(self, lambda inside: inside.opened("open", octets, None if given is None else given + b"\0"))

    def open_text(self, text: str) -> _ModulePolicy:
        octets = text.encode()
        return _ModulePolicy(self, lambda inside: inside.opened("open_text", octets))

    def open_file(self, path: str | os.PathLike[str]) -> _ModulePolicy:
        try:
            return self.open_text(pathlib.Path(path).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:  # ValueError: a NUL in the path, a text that is not UTF-8.
            raise FingerpostError("INVALID_ARGUMENT", str(error), "INVALID_FIELDS") from None

    def use(self, work: Callable[[_Instance], Any]) -> Any:
        """What ``work`` returns. Raises FingerpostError, also for a fault."""
        with self._lock:
            try:
                return work(self._instance)
            except self._faults as fault:
                words = self._instance.fault()
                self._instance = self._make()
                if words and "bad_alloc" not in words:  # An exception of the YAML parser's.
                    raise FingerpostError("INVALID_ARGUMENT", f"the policy is not YAML: {words}", "INVALID_FIELDS") from None
                raise FingerpostError("INTERNAL", f"the engine failed, and was begun anew: {words or str(fault).splitlines()[0]}") from None


class _ModulePolicy:
    def __init__(self, module: Module, opened: Callable[[_Instance], int]) -> None:
        self._module, self._opened = module, opened
        self._instance: _Instance | None = None
        self._handle = 0
        self.version: str = module.use(lambda inside: inside.text(inside.call("policy_version", self._in(inside))))

    def decide(self, question: bytes) -> bytes:
        return self._module.use(lambda inside: inside.ask("decide", self._in(inside), question))  # type: ignore[no-any-return]

    def follow(self, question: bytes) -> bytes:
        return self._module.use(lambda inside: inside.ask("follow", self._in(inside), question))  # type: ignore[no-any-return]

    def take_usage(self) -> bytes:
        return self._module.use(lambda inside: inside.ask("take_usage", self._in(inside)))  # type: ignore[no-any-return]

    def _in(self, instance: _Instance) -> int:
        if self._instance is not instance:
            self._handle, self._instance = self._opened(instance), instance
        return self._handle

    def __del__(self) -> None:
        if self._instance is not None:
            self._instance.over.append(self._handle)  # Any thread may come by here, also one that is in the engine.


class _Instance:
    """The functions and the memory of one."""

    def __init__(self, wasmtime: Any, compiler: Any, compiled: Any) -> None:
        self._store = wasmtime.Store(compiler)
        self._store.set_wasi(wasmtime.WasiConfig())
        linker = wasmtime.Linker(compiler)
        linker.define_wasi()
        self._exports = linker.instantiate(self._store, compiled).exports(self._store)
        self._exports["_initialize"](self._store)
        self._memory = self._exports["memory"]
        self._room, self._size, self._handle = self._alloc(_ROOM), self._alloc(4), self._alloc(4)
        self.over: list[int] = []
        """Policies that nobody holds any more."""

    def call(self, name: str, *arguments: int) -> int:
        return int(self._exports[f"fingerpost_{name}"](self._store, *arguments) or 0)

    def text(self, at: int, most: int = 65) -> str:
        """Up to a NUL."""
        octets = bytes(self._memory.read(self._store, at, min(at + most, self._memory.data_len(self._store))))
        return octets.partition(b"\0")[0].decode("utf-8", "replace")

    def fault(self) -> str:
        """Why it failed, if it knows."""
        return self.text(self.call("fault"), 1024)

    def opened(self, name: str, octets: bytes, version: bytes | None = None) -> int:
        """The handle of a policy. Raises FingerpostError."""
        at, version_at = self._given(octets), 0 if version is None else self._given(version)
        try:
            self._answer(name, at, len(octets), *(() if name == "open_text" else (version_at,)), self._handle)
            return self._word(self._handle)
        finally:
            self.call("free", at)
            self.call("free", version_at)

    def ask(self, name: str, policy: int, *question: bytes) -> bytes:
        """Raises FingerpostError."""
        while self.over:
            self.call("close", self.over.pop())
        given = [(self._given(octets), len(octets)) for octets in question]
        try:
            return self._answer(name, policy, *(number for pair in given for number in pair))
        finally:
            for at, _ in given:
                self.call("free", at)

    def _answer(self, name: str, *arguments: int) -> bytes:
        at, capacity = self._room, _ROOM
        try:
            while (status := self.call(name, *arguments, at, capacity, self._size)) == _TOO_SMALL:
                self._free_other(at)
                capacity = self._word(self._size)
                at = self._alloc(capacity)
            octets = bytes(self._memory.read(self._store, at, at + self._word(self._size)))
        finally:
            self._free_other(at)
        if status == _OK:
            return octets
        raise engine.error_of(octets) if status == _ERROR else FingerpostError("INTERNAL", f"the engine returned {status}")

    def _free_other(self, at: int) -> None:
        if at != self._room:
            self.call("free", at)

    def _given(self, octets: bytes) -> int:
        at = self._alloc(max(1, len(octets)))
        self._memory.write(self._store, octets, at)
        return at

    def _alloc(self, size: int) -> int:
        at = self.call("alloc", size) & 0xFFFFFFFF
        if at == 0:
            raise FingerpostError("RESOURCE_EXHAUSTED", "the engine's memory is used up", "OVERLOADED")
        return at

    def _word(self, at: int) -> int:
        return int.from_bytes(self._memory.read(self._store, at, at + 4), "little")
