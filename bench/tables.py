# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Tables of measurements, for the benchmarks that print several."""

import json
import sys


def print_rows(title, rows):
    print(f"\n{title}\n")
    keys = list(rows[0])
    print("| " + " | ".join(keys) + " |")
    print("|---" * len(keys) + "|")
    for row in rows:
        cells = [f"{v:.4g}" if isinstance(v, float) else f"{v}" for v in row.values()]
        print("| " + " | ".join("" if c == "None" else c for c in cells) + " |")
    sys.stdout.flush()


def add_options(parser, tables):
    """What all of them take; `tables` has a title and a function for each name."""
    parser.add_argument("target", nargs="?", default="cpu")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--only", default=",".join(tables))


def report(tables, options, *arguments):
    """Measures the tables that are asked for, each as soon as it is printed."""
    results = {}
    for name in options.only.split(","):
        title, measure = tables[name]
        results[name] = measure(*arguments)
        if not options.json:
            print_rows(f"{name}: {title}", results[name])
    if options.json:
        json.dump(results, sys.stdout, indent=2)
