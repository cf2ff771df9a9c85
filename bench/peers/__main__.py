# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The command line of peers.sh."""

from __future__ import annotations

import argparse
import fnmatch
import json
import sys
from pathlib import Path

from peers import worker
from peers.cases import CASES
from peers.peer import all_peers


def chosen(names: list[str], patterns: str | None, what: str) -> list[str]:
    """Those that match one of the patterns, separated by commas."""
    if not patterns:
        return names
    found = []
    for pattern in patterns.split(","):
        matching = fnmatch.filter(names, pattern)
        if not matching:
            sys.exit(f"peers.sh: no {what} '{pattern}'; --list prints them")
        found += matching
    return [name for name in names if name in found]


def print_list() -> None:
    for case in CASES:
        print(f"row   {case.name:22} {case.shape()}{', quick' if case.quick else ''}")
    for peer in all_peers():
        print(f"peer  {peer.name:22} {peer.about}")


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="peers.sh", description="compares attnc with other attention on CPUs"
    )
    parser.add_argument("--list", action="store_true", help="print rows and peers")
    parser.add_argument("--rows", help="names, with * and ?, separated by commas")
    parser.add_argument("--peers", help="names, as for rows; attnc is always there")
    parser.add_argument("--threads", default="1,2", help="numbers (default 1,2)")
    parser.add_argument("--rounds", type=int, help="at most so many (default 7)")
    parser.add_argument(
        "--budget", type=float, help="seconds for a peer of a row (default 6)"
    )
    parser.add_argument("--quick", action="store_true", help="few rows and rounds")
    parser.add_argument("--json", type=Path, metavar="FILE", help="all samples")
    parser.add_argument("--plot", type=Path, metavar="FILE.png", help="a drawing")
    parser.add_argument(
        "--from",
        type=Path,
        metavar="FILE",
        dest="sources",
        action="append",
        help="no runs: that JSON; may be given several times",
    )
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        worker.main(options.worker)
    elif options.list:
        print_list()
    else:
        report(options)


def run(options: argparse.Namespace) -> dict:
    names = [case.name for case in CASES if case.quick or not options.quick]
    rows = chosen(names, options.rows, "row")
    peers = chosen([peer.name for peer in all_peers()], options.peers, "peer")
    if "attnc" not in peers:
        peers.insert(0, "attnc")
    result: dict = {"schema": 1, "peers": peers, "machines": {}, "rows": []}
    for threads in map(int, options.threads.split(",")):
        plan = worker.Plan(
            threads,
            list(rows),
            peers,
            options.rounds or (3 if options.quick else 7),
            options.budget or (1.0 if options.quick else 6.0),
            [],
        )
        machine, measured = worker.run(plan)
        result["versions"] = machine.pop("versions")
        result["machines"][str(threads)] = machine
        result["rows"] += measured
    return result


def merge(results: list[dict]) -> dict:
    """Several runs as one, in the order of the rows; of the same row, the first."""
    order = [case.name for case in CASES]
    merged = results[-1] | {"machines": {}, "rows": []}
    seen = set()
    for result in results:
        for threads, machine in result["machines"].items():
            merged["machines"].setdefault(threads, machine)
        for row in result["rows"]:
            key = (row["threads"], row["row"])
            if key not in seen:
                merged["rows"].append(row)
            seen.add(key)
    merged["rows"].sort(key=lambda row: (row["threads"], order.index(row["row"])))
    return merged


def report(options: argparse.Namespace) -> None:
    from peers.report import print_report

    if options.sources:
        result = merge([json.loads(path.read_text()) for path in options.sources])
    else:
        result = run(options)
    if options.json:
        options.json.write_text(json.dumps(result, indent=1) + "\n")
    print_report(result)
    if options.plot:
        from peers.plot import draw

        draw(result, options.plot)


if __name__ == "__main__":
    main()
