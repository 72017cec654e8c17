"""seeds.py DIRECTORY: the corpus and the policies as seeds, and the words of the API as dictionaries."""

import json
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
OUT = pathlib.Path(sys.argv[1])


def write(kind, name, content):
    folder = OUT / kind
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)


def words(*protos):
    """Field names and enum values."""
    found = set()
    for proto in protos:
        text = (ROOT / "proto/fingerpost/v1" / proto).read_text(encoding="utf-8")
        found |= set(re.findall(r"^\s+(?:[\w.<>, ]+ )?(\w+) = \d+;", text, re.M))
    return "".join(f'"{word}"\n' for word in sorted(found))


for kind in ("decide", "follow"):
    for path in sorted((ROOT / "tests/golden" / kind).glob("*.json")):
        for number, row in enumerate(json.loads(path.read_text(encoding="utf-8"))):
            question = json.dumps(row[kind], ensure_ascii=False).encode()
            write(kind, f"{path.stem}-{number}", question)
for folder in ("service/policy/examples", "tests/policy/rejected"):
    for path in sorted((ROOT / folder).glob("*.yaml")):
        write("policy", path.stem, path.read_bytes())

for kind, protos in {
    "decide": ["http.proto", "intent.proto", "decide.proto"],
    "follow": ["http.proto", "follow.proto"],
    "policy": ["intent.proto", "policy.proto"],
}.items():
    (OUT / f"{kind}.dict").write_text(words(*protos), encoding="utf-8")
