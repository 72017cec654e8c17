"""h2spec: HTTP/2 by RFC 9113 and RFC 7541, and a service that survives. The faults of gRPC 1.51 are listed in
h2spec/known-failures.txt: it answers too kindly, and ends nothing."""

import pathlib
import shutil
import subprocess
import xml.etree.ElementTree

from beside import ROOT, Daemon, Innocent, report

HERE = pathlib.Path(__file__).resolve().parent / "h2spec"
PATH = "/fingerpost.v1.RedirectService/Decide"


def program():
    """Built from the versions that h2spec/go.sum pins."""
    path = ROOT / "build/h2spec"
    subprocess.run(
        ["go", "build", "-mod=readonly", "-o", str(path), "github.com/summerwind/h2spec/cmd/h2spec"], cwd=HERE, check=True, capture_output=True, text=True
    )
    return path


def failures(h2spec, port, patience, *sections):
    """All tests, or those of the sections, and which of them failed."""
    result = ROOT / "build/h2spec.xml"
    subprocess.run(
        [str(h2spec), "-p", str(port), "-P", PATH, "-o", str(patience), "-j", str(result), *sections],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        timeout=300,
    )
    ran, failed = set(), set()
    for case in xml.etree.ElementTree.parse(result).iter("testcase"):
        name = f"{case.get('package')}: {case.get('classname')}"
        ran.add(name)
        if case.find("error") is not None or case.find("failure") is not None:
            failed.add(name)
    return ran, failed


def run():
    if not shutil.which("go"):
        print("skip h2spec: Go is not installed", flush=True)
        return
    h2spec = program()
    known = set((HERE / "known-failures.txt").read_text().splitlines())
    daemon = Daemon()
    try:
        innocent = Innocent(daemon.port)
        innocent.start()
        ran, failed = failures(h2spec, daemon.port, 1)
        # On a busy machine an answer may come too late, so unlisted results are tried again, with more patience.
        for section in sorted({name.split(": ")[0] for name in failed ^ known}):
            again, still = failures(h2spec, daemon.port, 5, section)
            failed = failed - (again - known - still) | (still & known)
        innocent.stop()
        print(f"     h2spec: {len(ran)} tests, {len(failed)} failed; {innocent.calls} calls beside it, {innocent.lost} lost", flush=True)
        for name in sorted(failed - known):
            report(f"h2spec {name}", "failed, and gRPC 1.51 does not")
        for name in sorted(known - failed):
            report(f"h2spec {name}", "passes, or is there no more: take it off known-failures.txt")
        lost = f"{innocent.lost} of {innocent.calls} calls lost" if innocent.lost else ""
        report("h2spec", lost or ("" if len(ran) > 100 else f"only {len(ran)} tests ran"))
    finally:
        daemon.close()
