# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Adds up what ctest and, inside it, lit have run.

tally.py RESULTS_DIR [--failed PHASE]. The folder holds ctest's own reports (*.xml, JUnit) and
lit's (NAME.json, for the test NAME of ctest). A ctest test that is a run of lit
counts as lit's tests, or, where lit left no report, as one failure. The last
line reads `N passed, N failed`; the exit code is 1 if anything failed or
nothing passed. A phase that failed before its tests could run is one failure.
"""

import argparse
import glob
import json
import os
import sys
import xml.etree.ElementTree

# What lit's result codes mean here; any other code is a failure.
LIT_OUTCOMES = {
    "PASS": "passed",
    "XFAIL": "passed",
    "FLAKYPASS": "passed",
    "UNSUPPORTED": "skipped",
    "SKIPPED": "skipped",
    "EXCLUDED": "skipped",
}


def lit_results(path):
    """[(test, outcome)] with the outcome passed, failed or skipped."""
    with open(path, encoding="utf-8") as file:
        tests = json.load(file)["tests"]
    return [(t["name"], LIT_OUTCOMES.get(t["code"], "failed")) for t in tests]


def ctest_outcome(case):
    """The outcome of a <testcase>. `notrun` is what ctest says of a test that
    asked to be skipped, but also of one whose program was not built."""
    status, skipped = case.get("status"), case.find("skipped")
    if status == "run":
        return "passed"
    asked = skipped is not None and skipped.get("message", "").startswith("SKIP_")
    return "skipped" if status == "disabled" or asked else "failed"


def ctest_results(folder):
    """The same for the tests of ctest, with those that are lit's expanded."""
    results = []
    for report in sorted(glob.glob(os.path.join(folder, "*.xml"))):
        for case in xml.etree.ElementTree.parse(report).getroot().iter("testcase"):
            name, outcome = case.get("name"), ctest_outcome(case)
            lit_report = os.path.join(folder, name + ".json")
            if not os.path.exists(lit_report):
                results.append((name, outcome))
                continue
            expanded = lit_results(lit_report)
            results += expanded
            # lit itself failed without blaming one of its tests.
            if outcome == "failed" and not any(o == "failed" for _, o in expanded):
                results.append((name, "failed"))
    return results


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("results", help="the folder with the reports")
    parser.add_argument("--failed", action="append", default=[], metavar="PHASE")
    arguments = parser.parse_args()
    results = ctest_results(arguments.results)
    results += [(phase, "failed") for phase in arguments.failed]
    names = {
        outcome: [name for name, o in results if o == outcome]
        for outcome in ("passed", "failed", "skipped")
    }
    for outcome in ("skipped", "failed"):
        for name in names[outcome]:
            print(f"{outcome}: {name}")
    if not names["passed"]:
        print("no test ran")
    print(f"{len(names['passed'])} passed, {len(names['failed'])} failed")
    return 1 if names["failed"] or not names["passed"] else 0


if __name__ == "__main__":
    sys.exit(main())
