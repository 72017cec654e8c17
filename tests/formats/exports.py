"""Exported policies, served by the program that they are for: it answers what the policy answers.

Each policies/NAME.yaml has a NAME.expect.yaml: the hosts, more URLs, and for each format that it is exported to the differences
that the report must explain: `{line: 7, urls: REGEX}`, with `file: NAME.csv` for a row; line 0 is the whole file.
"""

import json
import pathlib
import re
import subprocess
import tempfile

import yaml
from servers import serving

HERE = pathlib.Path(__file__).resolve().parent
METHODS = {"nginx": ("GET", "HEAD", "POST"), "haproxy": ("GET", "HEAD", "POST"), "netlify": ("GET",)}
SECONDS = 600
SHOWN = 12


def answers(fingerpost, policy, questions, told):
    """What the policy answers, with the freshness of its redirects."""
    text = "".join(json.dumps({"request": {"method": method, "url": url}}) + "\n" for method, url in questions)
    done = subprocess.run([fingerpost, "decide", "--policy", policy, "--input", "-"], input=text, capture_output=True, text=True, timeout=SECONDS, check=False)
    for (_, url), line in zip(questions, done.stdout.splitlines(), strict=True):
        answer = json.loads(line)
        fields = {header["name"].lower(): header["value"] for header in answer.get("headers", [])}
        status = answer.get("status", 0)
        yield told(url, status, fields.get("location")), fields.get("cache-control")


def many(folder):
    """A policy of more rows than nginx should try one by one."""
    codes = ("301", "307", "308", "410")
    rows = [f"/old/{i},{'' if i % 4 == 3 else f'/new/{i}?a=b'},{codes[i % 4]}" for i in range(1200)]
    (folder / "many.csv").write_text("".join(f"{row}\n" for row in [*rows, "/Old/1,/another,308"]))
    (folder / "many.yaml").write_text("maps: [{name: pages, file: many.csv}]\n")
    differences = {"nginx": [{"file": "many.csv", "line": 1, "urls": "/(OLD|Old|oLD)/[02-9]"}]}
    asked = {"ask": [f"/old/{i}" for i in range(8)] + ["/Old/1"], "differences": differences}
    (folder / "many.expect.yaml").write_text(yaml.safe_dump(asked))
    return folder / "many.yaml"


def check(case_name, policy, run):
    """Reports of one policy: (what, fault)."""
    expect = yaml.safe_load(policy.with_name(policy.stem + ".expect.yaml").read_text())
    rows = policy.with_suffix(".csv")
    text = policy.read_text() + (rows.read_text().replace(",", " ") if rows.exists() else "")
    urls = run.questions(text if len(text) < 10_000 else "", expect)
    for name, differences in expect["differences"].items():
        with tempfile.TemporaryDirectory() as out:
            yield from compare(f"{case_name} as {name}", name, policy, pathlib.Path(out), urls, differences, run)


def compare(title, name, policy, out, urls, expected, run):
    target = out / ("_redirects" if name == "netlify" else "exported")
    done = subprocess.run([run.FINGERPOST, "policy", "export", name, policy, "--output", target], capture_output=True, text=True, timeout=SECONDS, check=False)
    yield f"{title} is written", "" if done.returncode in (0, 1) and target.exists() else done.stderr
    questions = [(method, url) for method in METHODS[name] for url in urls]
    with serving(name, target, {"rules": target.read_text()}) as server:
        real = server.ask(questions)
    ours = list(answers(run.FINGERPOST, policy, questions, run.told))
    used, strange, stale, leads = set(), [], [], 0
    for (method, url), (status, location, cache), (mine, fresh) in zip(questions, real, ours, strict=True):
        theirs = run.told(url, status, location)
        leads += theirs != "pass"
        if theirs == mine:
            if theirs != "pass" and cache is not None and fresh != cache:
                stale.append(f"\n  {method} {url}: {cache}, not {fresh}")
            continue
        reasons = [i for i, entry in enumerate(expected) if re.search(entry["urls"], f"{method} {url}")]
        used.update(reasons)
        if not reasons:
            strange.append(f"\n  {method} {url}\n    real: {theirs}\n    ours: {mine}")
    more = f"\n  … and {len(strange) - SHOWN} more" if len(strange) > SHOWN else ""
    yield f"{title}: {len(questions) - len(strange)} of {len(questions)} answers are the policy's or explained", "".join(strange[:SHOWN]) + more
    yield f"{title}: redirects are as fresh as the policy's", "".join(stale[:SHOWN])
    yield f"{title}: {leads} answers redirect", "" if leads else "none does"
    unused = [entry for i, entry in enumerate(expected) if i not in used]
    yield f"{title}: every expected difference occurs", f"{unused}" if unused else ""
    silent = [entry for entry in expected if not named(done.stderr, entry.get("file", policy.name), entry["line"])]
    yield f"{title}: the report names every difference", f"nothing about {silent} in\n{done.stderr}" if silent else ""


def named(report, file, line):
    return re.search(rf"{re.escape(file)}{f':{line}' if line else ''}: (skipped|changed)", report)
