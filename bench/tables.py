# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Tables of measurements, for the benchmarks that print several."""

import argparse
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

    def parse_names(text):
        unknown = [name for name in text.split(",") if name not in tables]
        if unknown:
            raise argparse.ArgumentTypeError(
                f"no table '{unknown[0]}'; there are {', '.join(tables)}"
            )
        return text

    parser.add_argument(
        "--only",
        type=parse_names,
        default=",".join(tables),
        help=f"of the tables {', '.join(tables)} these",
    )


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
