"""client/java/README.md from nothing to the first answer: its commands, its pom.xml and its program, in a project of its own.

Maven has what it fetched before, in a repository of this test's own (the first argument), and nothing of this package. The
other arguments are for every mvn.
"""

from __future__ import annotations

import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[3]
FENCED = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
# The README's first blocks, in this order.
ORDER = ["sh", "xml", "java", "sh", "text"]


def repository(kept: pathlib.Path) -> pathlib.Path:
    """Maven's cache once more, as hard links, without this package."""
    cache = pathlib.Path.home() / ".m2/repository"
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        if not cache.exists() or subprocess.run(["cp", "-al", cache, kept], capture_output=True).returncode:
            shutil.rmtree(kept, ignore_errors=True)
            kept.mkdir()
    shutil.rmtree(kept / "dev/fingerpost", ignore_errors=True)
    return kept


def answered(project: pathlib.Path, mvn: str, address: str) -> tuple[str, str, float]:
    """What the program prints, what the README says that it prints, and the seconds from the first command to that."""
    found = FENCED.findall((ROOT / "client/java/README.md").read_text())[: len(ORDER)]
    assert [language for language, _ in found] == ORDER, found
    install, pom, program, run, shown = (text for _, text in found)
    (project / "src/main/java").mkdir(parents=True)
    (project / "pom.xml").write_text(pom)
    # On a busy machine the start may take longer than a reader would wait.
    patient = program.replace("127.0.0.1:50051", address).replace("ofSeconds(20)", "ofMinutes(10)")
    (project / "src/main/java/Ask.java").write_text(patient)
    shell = ["bash", "-ec"]
    began = time.monotonic()
    subprocess.run([*shell, f"{mvn}\n{install}"], cwd=ROOT, stdout=sys.stderr, check=True)
    printed = subprocess.run([*shell, f"{mvn}\n{run}"], cwd=project, stdout=subprocess.PIPE, text=True, check=True).stdout
    seconds = time.monotonic() - began
    return re.sub(r"\x1b\[[0-9;]*m", "", printed), shown, seconds  # Some versions of Maven set colours, though asked not to.


def main(kept: str, *words: str) -> int:
    words = ("--batch-mode", *words, f"-Dmaven.repo.local={repository(pathlib.Path(kept))}")
    mvn = f'mvn() {{ command mvn {shlex.join(words)} "$@"; }}'
    fingerpostd = pathlib.Path(os.environ["FINGERPOST_BIN"]) / "fingerpostd"
    with (
        tempfile.TemporaryDirectory() as project,
        subprocess.Popen([fingerpostd, "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as service,
    ):
        try:
            address = service.stdout.readline().split("listening on ")[1].split()[0]
            printed, shown, seconds = answered(pathlib.Path(project), mvn, address)
        finally:
            service.kill()
    if printed != shown:
        print(f"{printed}not ok java: README, from nothing to the first answer: expected\n{shown}")
        return 1
    print(f"ok java: README, from nothing to the first answer ({seconds:.0f} s)")
    return 0


try:
    sys.exit(main(*sys.argv[1:]))
except (OSError, subprocess.CalledProcessError, IndexError) as error:
    print(getattr(error, "stdout", None) or "", end="")  # Maven writes its errors there.
    print(f"not ok java: README, from nothing to the first answer: {error}")
    sys.exit(1)
