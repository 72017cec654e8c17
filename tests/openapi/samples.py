"""The samples of client/README.md, run as they stand there."""

import json
import pathlib
import re
import subprocess
import tempfile

from service import ROOT, serving

README = (ROOT / "client/README.md").read_text()
SHOWN = "127.0.0.1:8080"
POLICY = ROOT / "service/policy/examples/shop.yaml"


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)


def curl():
    samples = [block for block in blocks("sh") if SHOWN in block]
    with serving("--policy", POLICY) as address, tempfile.TemporaryDirectory() as room:
        decide, policy = (block.strip().replace(SHOWN, address) for block in samples)
        answer = json.loads(subprocess.run(decide, shell=True, cwd=room, check=True, capture_output=True).stdout)
        yield answer["status"] != 303 and f"decide: {answer}"
        code = ["--write-out", "%{http_code}"]
        for wanted in ("200", "304"):
            told = subprocess.run(f"{policy} {' '.join(code)}", shell=True, cwd=room, check=True, capture_output=True, text=True).stdout
            yield told != wanted and f"policy: expected {wanted}, got {told}"
            mirrored = json.loads((pathlib.Path(room) / "policy.json").read_text())
            yield not mirrored["rules"] and f"policy: {mirrored}"


CHECKS = {"the samples for curl": lambda: list(curl())}
