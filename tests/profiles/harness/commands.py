"""Running the commands of an installation, and its errors."""

import pathlib
import shutil
import subprocess

INSTALL_SECONDS = 1200


class Unavailable(Exception):
    """A kit that is not available here, and what was tried."""


def run(*command, **more):
    words = [str(word) for word in command]
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False, **more)
    except subprocess.TimeoutExpired as late:
        raise Unavailable(str(late)[:200]) from late
    if done.returncode:
        raise Unavailable(f"{pathlib.Path(words[0]).name} {' '.join(words[1:])[:80]} failed: {(done.stderr or done.stdout).strip()[-300:]}")
    return done.stdout


def tool(name):
    path = shutil.which(name)
    if not path:
        raise Unavailable(f"{name} is not installed")
    return path
