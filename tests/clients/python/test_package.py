"""What is in the package, installed from its own source distribution (install.sh)."""

from __future__ import annotations

import importlib.metadata
import pathlib
import tarfile

import fingerpost

SITE = pathlib.Path(fingerpost.__file__).parents[1]


def test_the_source_distribution_has_sources_alone():
    (archive,) = SITE.parent.glob("fingerpost-*.tar.gz")
    with tarfile.open(archive) as sources:
        names = {name.partition("/")[2] for name in sources.getnames()}
    assert {"repository/CMakeLists.txt", "repository/proto/fingerpost/v1/decide.proto", "repository/client/golden.json"} <= names
    assert not [name for name in names if "_gen" in name or "__pycache__" in name or name.startswith("tests")]


def test_the_package_has_its_modules_types_and_shared_files():
    files = {str(file) for file in importlib.metadata.files("fingerpost") if "dist-info" not in str(file) and "__pycache__" not in str(file)}
    assert {"fingerpost/py.typed", "fingerpost/golden.json", "fingerpost/_gen/fingerpost/v1/decide_pb2.pyi"} <= files
    assert all(file.startswith("fingerpost/") and file.endswith((".py", ".pyi", ".json", "/py.typed")) for file in files)
