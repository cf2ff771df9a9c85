# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Times the passes that analyse masks, for the patterns of the library and for
their pairs under `and` and `or`.

Called by mask_analysis.sh; the environment variable ATTN_OPT says where attn-opt
is.
"""

import argparse
import itertools
import json
import os
import re
import resource
import subprocess
import sys
from pathlib import Path

# A pattern of each kind with the sizes of long sequences, and those that the
# tests prove things about (below), whose numbers are small.
USUAL = [
    "causal",
    "window<511, 0>",
    "window<w, 0>",
    "prefix<4096>",
    "prefix<n>",
    "strided<64>",
    "dilated<512, 8>",
    "global<64>",
    "block<64>",
    "chunked<1024>",
    "longformer<512, 64>",
    "random_blocks<64, 3, 7>",
    "bigbird<64, 3, 1, 3, 7>",
    "axial<128, 256, row>",
    "axial<128, 256, column>",
    "axial<128, 256, both>",
    "neighborhood2d<128, 256, 6>",
    "document<ids>",
    "packed<offsets>",
    "padding<lengths>",
]
CORPUS = Path(__file__).parent.parent / "test/Unit/Analysis/MaskCorpus.cpp"

PASSES = {
    "VerifyInputPass": "verify",
    "ReindexLatticesPass": "lattices",
    "SchedulePass": "schedule",
    "AttnToTilePass": "tiles",
}
PIPELINE = (
    "builtin.module(attn-verify-input,cpu-attach-target{target=cpu},"
    "func.func(attn-reindex-lattices,attn-schedule,attn-verify-scheduled,"
    "convert-attn-to-tile))"
)


def read_corpus(function):
    """The masks in the list that a function of the tests' corpus returns."""
    text = CORPUS.read_text()
    body = re.search(rf"::{function}\(\) {{.*?\{{(.*?)\n  }};", text, re.DOTALL)
    literals = re.findall(r'^\s*"((?:[^"\\]|\\.)*)",$', body[1], re.MULTILINE)
    if not literals:
        sys.exit(f"{CORPUS}: no masks in {function}")
    return [literal.replace('\\"', '"') for literal in literals]


def pairs(patterns):
    return [
        f"{a} {word} {b}"
        for word in ("and", "or")
        for a, b in itertools.combinations(patterns, 2)
    ]


def find_tables(mask):
    """The tables that a mask reads, with the number of their indices."""
    words = ("row", "column", "both", "and", "or", "not")
    positions = ("b", "h", "q", "k")
    tables = {}
    for name, arguments in re.findall(r"\b([a-z]\w*)\(([^()]*)\)", mask):
        if name not in words:
            tables[name] = len(arguments.split(","))
    for pattern, arguments in re.findall(r"\b(\w+)<([^<>]*)>", mask):
        for argument in map(str.strip, arguments.split(",")):
            if re.fullmatch(r"[a-z]\w*", argument) and argument not in words:
                tables[argument] = int(pattern in ("document", "packed", "padding"))
    predicates = " ".join(re.findall(r'"([^"]*)"', mask))
    for name in re.findall(r"[-+<>=] ([a-z]\w*)\b(?!\()", predicates):
        if name not in positions:
            tables.setdefault(name, 0)
    return tables


def write_spec(mask):
    """A function with one attend; no mask for None."""
    tensor = "tensor<?x?x?x64xf32>"
    tables = find_tables(mask) if mask else {}
    types = {n: "tensor<" + "?x" * rank + "i32>" for n, rank in tables.items()}
    arguments = "".join(f", %{name}: {type}" for name, type in types.items())
    names = ", ".join(f"{name} = %{name}" for name in types)
    operands = "".join(f", {type}" for type in types.values())
    return (
        f"func.func @f(%query: {tensor}, %key: {tensor}, %value: {tensor}"
        f"{arguments}) -> {tensor} {{\n"
        f"  %o = attn.attend %query, %key, %value"
        f"{f' mask(#attn.mask<{mask}>)' if mask else ''}"
        f"{f' tables({names})' if names else ''}\n"
        f"    : ({tensor}, {tensor}, {tensor}{operands}) -> {tensor}\n"
        f"  return %o : {tensor}\n}}\n"
    )


def run(spec, rounds):
    """What attn-opt needs for a spec, in milliseconds of the round that needs the
    least: of processor time, and of time in each of the passes."""
    command = [os.environ["ATTN_OPT"], "--mlir-disable-threading", "--mlir-timing"]
    command += ["--mlir-timing-display=list", "--mlir-output-format=json"]
    command += [f"--pass-pipeline={PIPELINE}", "-", "-o", os.devnull]
    best = None
    for _ in range(rounds):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        result = subprocess.run(command, input=spec, capture_output=True, text=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        if result.returncode != 0:
            sys.exit(f"{spec}{result.stderr}")
        # Remarks come before the report.
        report = json.loads(re.search(r"^\[\n.*", result.stderr, re.M | re.S)[0])
        seconds = {entry["name"]: entry["wall"]["duration"] for entry in report}
        times = {"processor": after.ru_utime + after.ru_stime}
        times["processor"] -= before.ru_utime + before.ru_stime
        times |= {column: seconds.get(name, 0) for name, column in PASSES.items()}
        if best is None or times["processor"] < best["processor"]:
            best = times
    return {name: value * 1e3 for name, value in best.items()}


def main():
    parser = argparse.ArgumentParser(prog="mask_analysis.sh")
    parser.add_argument("masks", nargs="*", help="these instead of the library's")
    parser.add_argument("--all", action="store_true", help="print every pair")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--limit", type=float, help="fail if a mask takes longer")
    options = parser.parse_args()

    groups = [("masks given", options.masks)]
    if not options.masks:
        singles = read_corpus("getPatterns")
        small = read_corpus("getRepresentatives")
        groups = [
            ("patterns, usual sizes", USUAL),
            ("patterns, small sizes", singles),
            ("pairs, usual sizes", pairs(USUAL)),
            ("pairs, small sizes", pairs(small)),
        ]
    unmasked = run(write_spec(None), max(10, options.rounds))["processor"]
    result = []
    for title, masks in groups:
        rows = []
        for mask in masks:
            times = run(write_spec(mask), options.rounds)
            # On a busy machine some of the time is that of others.
            rows.append((mask, {**times, "processor": times["processor"] - unmasked}))
        rows.sort(key=lambda row: -row[1]["processor"])
        result.append((title, rows))
    if options.json:
        print(json.dumps({title: dict(rows) for title, rows in result}, indent=2))
    else:
        print_tables(result, options.all)
    slowest = max(times["processor"] for _, rows in result for _, times in rows)
    if options.limit is not None and slowest > options.limit:
        sys.exit(f"a mask takes {slowest:.1f} ms, more than {options.limit:g}")


def print_tables(result, is_complete):
    for title, rows in result:
        is_cut = title.startswith("pairs") and not is_complete
        print(f"\n{title}: {len(rows)}{', the slowest' if is_cut else ''}\n")
        print("| mask | processor ms | verify | lattices | schedule | tiles |")
        print("|---|---|---|---|---|---|")
        for mask, times in rows[:10] if is_cut else rows:
            print(f"| `{mask}` |", *(f"{ms:.1f} |" for ms in times.values()))


if __name__ == "__main__":
    main()
