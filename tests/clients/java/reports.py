"""Surefire's reports, a line for each test, as tests/run counts them."""

from __future__ import annotations

import pathlib
import sys
import xml.etree.ElementTree


def main(name: str, folder: str) -> int:
    count = failed = 0
    for file in sorted(pathlib.Path(folder).glob("TEST-*.xml")):
        for case in xml.etree.ElementTree.parse(file).iter("testcase"):
            count += 1
            said = f"{name}: {case.get('classname', '').rpartition('.')[2]}: {case.get('name')}"
            wrong = [fault for kind in ("failure", "error") for fault in case.findall(kind)]
            if wrong:
                failed += 1
                print(f"{wrong[0].text}\nnot ok {said}")
            elif (skipped := case.find("skipped")) is not None:
                print(f"skip {said}: {skipped.get('message', '')}")
            else:
                print(f"ok {said}")
    if not count:
        print(f"not ok {name}: {folder} has no report")
    return 1 if failed or not count else 0


sys.exit(main(*sys.argv[1:]))
