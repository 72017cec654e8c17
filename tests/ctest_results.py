"""Prints ctest's JUnit report as lines of tests/run: the output of failed tests, then "ok", "not ok" or "skip" for each test."""

import re
import sys
import xml.etree.ElementTree as ElementTree


def skip_reason(output):
    """The reason from GTEST_SKIP() << ...; ctest itself only knows that the test was skipped."""
    said = re.search(r": Skipped\n(.*?)\n*\[  SKIPPED \]", output, re.DOTALL)
    return " ".join(said.group(1).split()) if said and said.group(1).strip() else "no reason given"


def main(report):
    for case in ElementTree.parse(report).getroot().iter("testcase"):
        name = case.get("name")
        output = case.findtext("system-out") or ""
        if case.get("status") == "run":
            print(f"ok {name}")
        elif case.find("skipped") is not None:
            print(f"skip {name}: {skip_reason(output)}")
        else:
            failure = case.find("failure")
            message = failure.get("message") if failure is not None else case.get("status")
            print(f"not ok {name}: {message or 'see above'}")


if __name__ == "__main__":
    main(sys.argv[1])
