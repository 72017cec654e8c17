"""unit_results.py JUNIT: one line per test of helm-unittest."""

import sys
import xml.etree.ElementTree as xml


def main(path):
    try:
        suites = xml.parse(path).getroot()
    except (OSError, xml.ParseError) as fault:
        print(f"not ok helm-unittest: {fault}")
        return 1
    failed = False
    for suite in suites.iter("testsuite"):
        for case in suite.iter("testcase"):
            fault = case.find("failure") if case.find("failure") is not None else case.find("error")
            name = f"{suite.get('name')}: {case.get('name')}"
            failed |= fault is not None
            print(f"ok {name}" if fault is None else f"not ok {name}: {' '.join((fault.text or '').split())}")
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
