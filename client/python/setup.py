"""Generates the stubs from the repository's protos when the package is built; nothing generated is committed."""

import pathlib
import re
import shutil
import subprocess
import sys

from setuptools import setup
from setuptools.command.build_py import build_py

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PROTOS = sorted((ROOT / "proto/fingerpost/v1").glob("*.proto"))
SHARED = [ROOT / "client" / name for name in ("service_config.json", "fallback.json", "golden.json")]


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
        [sys.executable, "-m", "grpc_tools.protoc", f"-I{ROOT / 'proto'}", f"--python_out={gen}",
         f"--pyi_out={gen}", f"--grpc_python_out={gen}", *map(str, PROTOS)],
        check=True,
    )
    # protoc writes absolute imports; below our own package they would not be found, and at top level they would collide.
    for file in gen.rglob("*.py*"):
        text = file.read_text()
        file.write_text(re.sub(r"^from fingerpost\.v1 import", "from fingerpost._gen.fingerpost.v1 import", text, flags=re.M))
    for folder in [gen, gen / "fingerpost", gen / "fingerpost/v1"]:
        (folder / "__init__.py").touch()
    for file in SHARED:
        shutil.copy(file, package)


class Build(build_py):
    def run(self) -> None:
        if self.editable_mode:
            generate(HERE / "src/fingerpost")
        super().run()
        if not self.editable_mode:
            generate(pathlib.Path(self.build_lib) / "fingerpost")


setup(version=version(), cmdclass={"build_py": Build})
