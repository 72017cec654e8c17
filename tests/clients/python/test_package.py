"""The content of the package, installed from its own source distribution (install.sh)."""

from __future__ import annotations

import importlib.metadata
import os
import pathlib
import re
import subprocess
import sys
import tarfile

import fingerpost

SETTINGS = pathlib.Path(__file__).parents[3] / "client/python/pyproject.toml"
SITE = pathlib.Path(fingerpost.__file__).parents[1]


def test_the_source_distribution_has_sources_alone():
    (archive,) = SITE.parent.glob("fingerpost-*.tar.gz")
    with tarfile.open(archive) as sources:
        names = {name.partition("/")[2] for name in sources.getnames()}
    assert {"repository/CMakeLists.txt", "repository/proto/fingerpost/v1/decide.proto", "repository/client/service_config.json"} <= names
    assert not [name for name in names if "_gen" in name or "__pycache__" in name or name.startswith("tests")]


def test_the_licence_is_in_both():
    licence = (SETTINGS.parents[2] / "LICENSE").read_bytes()
    (archive,) = SITE.parent.glob("fingerpost-*.tar.gz")
    with tarfile.open(archive) as sources:
        assert sources.extractfile(f"{archive.name.removesuffix('.tar.gz')}/LICENSE").read() == licence
    (installed,) = (file for file in importlib.metadata.files("fingerpost") if file.name == "LICENSE")
    assert installed.locate().read_bytes() == licence
    assert importlib.metadata.metadata("fingerpost")["License-Expression"] == "Apache-2.0"


def test_the_package_has_its_modules_types_and_shared_files():
    files = {str(file) for file in importlib.metadata.files("fingerpost") if "dist-info" not in str(file) and "__pycache__" not in str(file)}
    assert {
        "fingerpost/py.typed",
        "fingerpost/libfingerpost.so",
        "fingerpost/licences",
        "fingerpost/service_config.json",
        "fingerpost/_gen/fingerpost/v1/decide_pb2.pyi",
    } <= files
    assert all(file.startswith("fingerpost/") and file.endswith((".py", ".pyi", ".json", "/libfingerpost.so", "/licences", "/py.typed")) for file in files)


def test_the_wheel_is_for_every_python_and_for_the_engine_s_platform():
    (wheel,) = (file for file in importlib.metadata.files("fingerpost") if file.name == "WHEEL")
    assert re.search(r"^Root-Is-Purelib: false\nTag: py3-none-manylinux_2_[0-9]+_(x86_64|aarch64)$", wheel.read_text(), re.M)


BAD = {
    'fp.redirect("form_resul", "/orders/1")': "arg-type",
    'fp.redirect("form_result", "/orders/1", flahs="Order placed")': "call-arg",
    'fp.redirect("form_result", "/orders/1", trust="calller")': "arg-type",
    'fp.redirect("operation_accepted", "/orders/1", retry_after=[])': "arg-type",
    'fp.redirect("form_result", 7)': "arg-type",
    "fp.redirect()": "call-arg",
}
SNIPPET = "import fingerpost.flask\n\n\ndef wrong(fp: fingerpost.flask.Fingerpost) -> None:\n    {}\n"


def test_bad_snippets_fail_in_the_type_checker(tmp_path):
    good = 'fp.redirect("form_result", "/orders/1", flash="Order placed", trust="caller", retry_after=1.5)'
    files = [tmp_path / f"snippet{number}.py" for number in range(len(BAD) + 1)]
    for file, line in zip(files, [good, *BAD]):
        file.write_text(SNIPPET.format(line))
    checked = subprocess.run(
        [sys.executable, "-m", "mypy", "--config-file", str(SETTINGS), "--cache-dir", str(tmp_path / "cache"), *files],
        cwd=SITE,
        capture_output=True,
        text=True,
        env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
    )
    errors = [line for line in checked.stdout.splitlines() if ": error: " in line and "snippet" in line]
    found = [next((error for error in errors if f"{file.name}:5:" in error), "") for file in files]
    assert found[0] == "" and checked.returncode == 1, checked.stdout + checked.stderr
    assert [f"[{code}]" in error for code, error in zip(BAD.values(), found[1:])] == [True] * len(BAD), checked.stdout
