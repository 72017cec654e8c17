"""The contract of the client packages, for each language that is named: a line for each row, as tests/run counts them."""

from __future__ import annotations

import json
import sys
import traceback
from collections.abc import Iterator

import expected
import shops
from corpus import CONTRACT, REPOSITORY, load
from driver import Driver
from golden import Golden
from rows import Row
from service import Real

LANGUAGES = json.loads((CONTRACT / "languages.json").read_text())
FILES = ("questions", "hostile", "future", "outage", "secrets", "policy", "http")


def main() -> int:
    real = Real()
    failed = 0
    try:
        failed += said(
            "contract: shop/expected.json is the service's own words", [] if expected.is_fresh() else ["write it by tests/clients/contract/run --write"]
        )
        golden = Golden(real)
        for language in sys.argv[1:]:
            failed += sum(said(f"contract: {language}: {name}", wrong) for name, wrong in of_language(language, real, golden))
    finally:
        real.stop()
    return 1 if failed else 0


def of_language(language: str, real: Real, golden: Golden) -> Iterator[tuple[str, list[str]]]:
    """Each row's name, and what is wrong."""
    lacks = frozenset(LANGUAGES[language].get("lacks", ()))
    log = open(REPOSITORY / f"build/clients/contract-{language}.log", "w")
    driver = Driver(language, log)
    for file in FILES:
        for row in load(CONTRACT / f"{file}.json"):
            if lacks.isdisjoint(row.get("needs", ())) and ("http" not in row.get("only", ()) or "grpc" in lacks):
                try:
                    yield f"{file}: {row['name']}", Row(row, driver, lacks, real).run()
                except (RuntimeError, OSError, ValueError) as error:
                    yield f"{file}: {row['name']}", [str(error) or traceback.format_exc()]
                    driver.end()
                    driver = Driver(language, log)
    try:
        yield from golden.run(driver, lacks)
    except (RuntimeError, OSError, ValueError) as error:
        yield "golden", [str(error)]
    yield from shops.of_language(language, lacks, log)
    status = driver.end()
    yield "the driver ends with its input", [] if status == 0 else [f"exit status {status}"]


def said(name: str, wrong: list[str]) -> bool:
    """Whether it failed."""
    for line in wrong[:20]:
        print(line)
    print(f"not ok {name}: {len(wrong)} differences, listed above" if wrong else f"ok {name}", flush=True)
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
