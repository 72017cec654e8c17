"""Generates the stubs from the repository's protos when the package is built, and packs the engine; nothing generated is committed."""

import os
import pathlib
import re
import shutil
import subprocess
import sys

from setuptools import setup
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build_py import build_py
from setuptools.command.sdist import sdist

HERE = pathlib.Path(__file__).resolve().parent
# A source distribution includes the parts of the repository that it needs.
CARRIED = HERE / "repository"
ROOT = CARRIED if CARRIED.is_dir() else HERE.parents[1]
# A package's licence has to be here, and a symbolic link would not be packed.
if ROOT != CARRIED:
    shutil.copy(ROOT / "LICENSE", HERE)
PROTOS = sorted((ROOT / "proto/fingerpost/v1").glob("*.proto"))
SHARED = [ROOT / "client/service_config.json"]
# What service/engine/build makes: the library, and the module for machines that have no library.
LIBRARY = pathlib.Path(os.environ.get("FINGERPOST_ENGINE") or ROOT / "build/engine/libfingerpost.so")
MODULE = ROOT / "build/engine/fingerpost.wasm"


def version() -> str:
    text = (ROOT / "CMakeLists.txt").read_text()
    found = re.search(r"project\(fingerpost VERSION ([0-9.]+)", text)
    assert found, "CMakeLists.txt has no project(fingerpost VERSION …)"
    return found[1]


def generate(package: pathlib.Path) -> None:
    gen = package / "_gen"
    shutil.rmtree(gen, ignore_errors=True)
    gen.mkdir(parents=True)
    subprocess.run(
        [
            sys.executable,
            "-m",
            "grpc_tools.protoc",
            f"-I{ROOT / 'proto'}",
            f"--python_out={gen}",
            f"--pyi_out={gen}",
            f"--grpc_python_out={gen}",
            *map(str, PROTOS),
        ],
        check=True,
    )
    # protoc writes absolute imports, which do not exist below our package and would collide at top level. It also writes each message's module name
    # in quotes, where pickle looks.
    for file in gen.rglob("*.py*"):
        file.write_text(re.sub(r"(^from |')fingerpost\.v1( import|\.\w+_pb2')", r"\1fingerpost._gen.fingerpost.v1\2", file.read_text(), flags=re.M))
    for folder in [gen, gen / "fingerpost", gen / "fingerpost/v1"]:
        (folder / "__init__.py").touch()
    for file in SHARED:
        shutil.copy(file, package)
    if engine := next((file for file in (LIBRARY, MODULE) if file.exists()), None):
        shutil.copyfile(engine, package / ("libfingerpost.so" if engine == LIBRARY else engine.name))
        if (licences := engine.with_name("licences")).exists():  # Of all that is linked into it.
            shutil.copyfile(licences, package / licences.name)


def platform(library: bytes) -> str:
    """Where a library runs, by its own words: what it was made for, the C library that it asks for, and whether it asks for others."""
    machine = {b"\x3e\x00": "x86_64", b"\xb7\x00": "aarch64"}[library[18:20]]
    others = set(re.findall(rb"\0(lib[\w+-]+)\.so[.0-9]*(?=\0)", library)) - {b"libc", b"libm", b"libpthread", b"libdl", b"libfingerpost"}
    newest = max(int(minor) for minor in re.findall(rb"\0GLIBC_2\.([0-9]+)[.0-9]*(?=\0)", library))
    return f"linux_{machine}" if others else f"manylinux_2_{newest}_{machine}"


class Wheel(bdist_wheel):
    """For every Python; with the library in it, for one platform."""

    def finalize_options(self) -> None:
        super().finalize_options()
        self.root_is_pure = not LIBRARY.exists()

    def get_tag(self) -> tuple[str, str, str]:
        return ("py3", "none", platform(LIBRARY.read_bytes()) if LIBRARY.exists() else "any")


class Build(build_py):
    def run(self) -> None:
        if self.editable_mode:
            generate(HERE / "src/fingerpost")
        super().run()
        if not self.editable_mode:
            generate(pathlib.Path(self.build_lib) / "fingerpost")


class Source(sdist):
    def make_release_tree(self, base_dir: str, files: list[str]) -> None:
        super().make_release_tree(base_dir, files)
        for file in [ROOT / "CMakeLists.txt", *PROTOS, *SHARED]:
            to = pathlib.Path(base_dir, CARRIED.name, file.relative_to(ROOT))
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, to)


setup(version=version(), cmdclass={"build_py": Build, "bdist_wheel": Wheel, "sdist": Source})
