"""Installs the clients from the package registries, at the versions of locks/, outside the checkout.

A kit is a directory below the cache, named by a digest of its sources, so that a second run finds it. The registries
are this machine's for pip, npm, cargo, go, mvn and apt.
"""

import hashlib
import json
import os
import pathlib
import re
import shutil
import sys
import tempfile

from . import debian
from .commands import run, tool

HERE = pathlib.Path(__file__).resolve().parent.parent
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "fingerpost" / "profiles"


def pip(lock, directory):
    run(
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--require-hashes",
        "--no-deps",
        "--only-binary",
        ":all:",
        "--target",
        directory,
        "-r",
        HERE / "locks" / lock,
    )


def python(directory):
    pip("requirements.txt", directory)


def dotnet(directory):
    """A program in the npm registry brings the runtime with it; here it is laid out as if it was installed."""
    pip("dotnet/requirements.txt", directory)
    npm("dotnet", directory)
    (program,) = directory.glob("node_modules/@azure/*/dist")
    dependencies = json.loads(next(program.glob("*.deps.json")).read_text())
    target = dependencies["runtimeTarget"]["name"]
    pack, files = next(one for one in dependencies["targets"][target].items() if one[0].startswith("runtimepack.Microsoft.NETCore.App"))
    framework = {
        "runtimeTarget": {"name": target},
        "targets": {target: {pack: files}},
        "libraries": {pack: {"type": "package", "serviceable": True, "sha512": ""}},
    }
    version = pack.partition("/")[2]
    for folder, names in (
        (directory / "root/shared/Microsoft.NETCore.App" / version, [*files["runtime"], *files["native"]]),
        (directory / "root/host/fxr" / version, ["libhostfxr.so"]),
    ):
        folder.mkdir(parents=True)
        for name in names:
            (folder / pathlib.Path(name).name).symlink_to(program / pathlib.Path(name).name)
    (directory / "root/shared/Microsoft.NETCore.App" / version / "Microsoft.NETCore.App.deps.json").write_text(json.dumps(framework))


def npm(lock, directory):
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / "locks" / lock / name, directory)
    run(tool("npm"), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries", "5", cwd=directory)


def node(directory):
    npm("node", directory)


def runtimes(directory):
    """Deno and Bun, whose programs are npm packages."""
    npm("runtimes", directory)


def go(directory):
    environment = os.environ | {"GOTOOLCHAIN": "go1.27.3", "GOFLAGS": "-trimpath -buildvcs=false"}
    run(tool("go"), "build", "-o", directory / "driver", ".", cwd=HERE / "drivers/go", env=environment)


def rust(directory):
    """Cargo's lock names the registry in every entry. Ours says REGISTRY, which is replaced by the name of this machine's registry."""
    with tempfile.TemporaryDirectory(prefix="fingerpost-cargo-") as scratch:
        package = pathlib.Path(shutil.copytree(HERE / "drivers/rust", f"{scratch}/package"))
        lock = package / "Cargo.lock"
        locked = lock.read_text()
        lock.unlink()
        run(tool("cargo"), "generate-lockfile", "--quiet", cwd=package)
        registry = re.search('^source = "(.*)"$', lock.read_text(), re.MULTILINE)[1]
        lock.write_text(locked.replace("REGISTRY", registry))
        run(tool("cargo"), "install", "--quiet", "--locked", "--path", package, "--target-dir", f"{scratch}/target", "--root", directory)


def java(directory):
    run(
        tool("mvn"),
        "--quiet",
        "--batch-mode",
        "--file",
        HERE / "drivers/java/pom.xml",
        "dependency:copy-dependencies",
        "-DincludeScope=runtime",
        f"-DoutputDirectory={directory}/lib",
    )
    run("sha256sum", "--check", "--strict", "--quiet", HERE / "locks/java.sha256", cwd=directory / "lib")
    run(tool("javac"), "--release", "17", "-cp", f"{directory}/lib/*", "-d", directory / "classes", *sorted((HERE / "drivers/java").glob("*.java")))


def debian_tree(directory):
    debian.make(directory, HERE / "locks/debian.txt")


# How each kit is made, and from which files.
KITS = {
    "dotnet": (dotnet, ("locks/dotnet/requirements.txt", "locks/dotnet/package.json", "locks/dotnet/package-lock.json")),
    "python": (python, ("locks/requirements.txt",)),
    "node": (node, ("locks/node/package.json", "locks/node/package-lock.json")),
    "runtimes": (runtimes, ("locks/runtimes/package.json", "locks/runtimes/package-lock.json")),
    "go": (go, ("drivers/go/go.mod", "drivers/go/main.go")),
    "rust": (rust, ("drivers/rust/Cargo.toml", "drivers/rust/Cargo.lock", "drivers/rust/src/main.rs")),
    "java": (
        java,
        (
            "drivers/java/pom.xml",
            "locks/java.sha256",
            "drivers/java/Driver.java",
            "drivers/java/OkHttpDriver.java",
            "drivers/java/HttpClient5Driver.java",
            "drivers/java/JdkDriver.java",
            "drivers/java/HttpUrlConnectionDriver.java",
            "drivers/java/HttpClient4Driver.java",
            "drivers/java/ReactorNettyDriver.java",
            "drivers/java/JettyDriver.java",
        ),
    ),
    "debian": (debian_tree, ("locks/debian.txt", "harness/debian.py")),
}


def directory_of(name):
    _, sources = KITS[name]
    digest = hashlib.sha256(sys.version.encode())  # wheels are for one Python
    for source in sources:
        digest.update((HERE / source).read_bytes())
    return CACHE / f"{name}-{digest.hexdigest()[:16]}"


def install(name):
    """Makes a kit's directory if it is missing."""
    directory = directory_of(name)
    if not (directory / ".complete").exists():
        for old in CACHE.glob(f"{name}-*"):
            shutil.rmtree(old, ignore_errors=True)
        directory.mkdir(parents=True)
        make, _ = KITS[name]
        make(directory)
        (directory / ".complete").touch()
