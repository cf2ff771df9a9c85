# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Checks `attnc explain --json` against masks evaluated pair by pair.

check_explain.py MASKS.mlir TABLE.npy, where it writes tables.
"""

import json
import subprocess
import sys

import numpy as np

BATCH, HEADS, DIM = 2, 4, 64

SIZE, WIDTH = 50, 70


def is_neighbor(q, k):
    same = q // 4096 == k // 4096
    near = abs(q // 64 - k // 64) <= 3 and abs(q % 64 - k % 64) <= 3
    return same and near


MASKS = {
    "axial": lambda q, k: q // 4096 == k // 4096
    and (q // 64 == k // 64 or q % 64 == k % 64),
    "neighbors": is_neighbor,
    "documents": lambda q, k: q // SIZE == k // SIZE and q - WIDTH <= k <= q,
    "causal": lambda q, k: k <= q,
    "sinks": lambda q, k: q - 512 <= k <= q or k < 64,
    "dilated": lambda q, k: 0 <= q - k < 4096 and (q - k) % 8 == 0,
}


LATTICES = {
    "#attn.mask<axial<64, 64, both>>": [None, 64],
    '#attn.mask<"q - k >= 0 and q - k < 4096 and (q - k) mod 8 == 0">': [8],
}


def explain(spec, entry, queries, keys, *options):
    value_dim = 32 if entry == "causal" else DIM
    command = ["attnc", "explain", spec, f"--entry={entry}", "--json"]
    command += [f"--dims=q={BATCH}x{HEADS}x{queries}x{DIM}"]
    command += [f"--dims=k={BATCH}x2x{keys}x{DIM}"]
    command += [f"--dims=v={BATCH}x2x{keys}x{value_dim}", *options]
    if entry == "documents" and "--op=0" not in options:
        ids = np.tile(np.arange(keys, dtype=np.int64) // SIZE, (BATCH, 1))
        np.save(sys.argv[2], ids)
        command += [f"--in=ids={sys.argv[2]}", f"--set=width={WIDTH}"]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(run.stdout)


def expect(what, actual, expected):
    if actual != expected:
        sys.exit(f"{what}: {actual!r}, expected {expected!r}")


def check_rows(mask, allows, queries, keys):
    """The runs of keys: complete, and full ones free of masked keys."""
    rows, tile = mask["rows"], mask["picture"]["query_tile"]
    expect("rows", rows["count"], -(-queries // tile))
    expect("listed rows", len(rows["list"]), rows["listed"])
    expect("listed rows", rows["listed"], rows["count"])
    offset, visited, tested = keys - queries, 0, 0
    for number, row in enumerate(rows["list"]):
        expect("first row", row["first_row"], number * tile)
        positions = range(row["first_row"], row["first_row"] + row["rows"])
        kinds = {k: kind for begin, end, kind in row["keys"] for k in range(begin, end)}
        visited += len(kinds) * row["rows"]
        tested += sum(kind == "partial" for kind in kinds.values()) * row["rows"]
        for k in range(keys):
            allowed = [allows(i + offset, k) for i in positions]
            if any(allowed) and k not in kinds:
                sys.exit(f"key {k} is allowed in tile {number} and not visited")
            if kinds.get(k) == "full" and not all(allowed):
                sys.exit(f"key {k} is masked in tile {number} and counts as full")
    return visited, tested


def check_parts(mask):
    """Parts have no pair in common, so their counts add up."""
    for key in ("visited", "tested", "allowed"):
        parts = [part["pairs"][key] for part in mask["parts"]]
        expect(f"{key} of {parts}", mask["pairs"][key], sum(parts))
    lattices = [part["lattice"] for part in mask["parts"]]
    expect("lattices", lattices, LATTICES.get(mask["mask"], [None]))
    for part in mask["parts"]:
        kind = part["rule"]["kind"]
        expect("kind", kind == "residue-classes", part["lattice"] is not None)
    if len(lattices) == 1:
        for key in ("rule", "key_ranges", "schedule"):
            expect(key, mask["parts"][0][key], mask[key])


def check_mask(spec, entry, queries, keys, tiles=()):
    report = explain(spec, entry, queries, keys, *tiles)
    expect("schema", report["schema"], 1)
    expect("spec", report["spec"], "masks")
    expect("function", report["function"], entry)
    expect("dims", report["dims"]["q"], [BATCH, HEADS, queries, DIM])
    (mask,) = report["masks"]
    allows = MASKS[entry]
    visited, tested = check_rows(mask, allows, queries, keys)
    pairs, picture = mask["pairs"], mask["picture"]
    allowed = sum(
        allows(i + keys - queries, k) for i in range(queries) for k in range(keys)
    )
    expect("all", pairs["all"], queries * keys)
    expect("allowed", pairs["allowed"], allowed)
    expect("first position", picture["first_position"], keys - queries)
    is_one = len(mask["parts"]) == 1 and mask["parts"][0]["lattice"] is None
    if is_one and picture["strip_rows"] == picture["query_tile"]:
        expect("visited", pairs["visited"], visited)
        expect("tested", pairs["tested"], tested)
    if not allowed <= pairs["visited"] <= visited:
        sys.exit(f"{pairs['visited']} pairs visited, {allowed} allowed")
    waste = (pairs["visited"] - allowed) / max(pairs["visited"], 1)
    expect("waste", round(pairs["waste"], 9), round(waste, 9))
    counts = mask["tiles"]
    expect("tiles", counts["full"] + counts["partial"] + counts["empty"], counts["all"])
    expect("exact", mask["rule"]["exact"], True)
    expect("reason", mask["rule"]["reason"], "")
    check_parts(mask)
    work = mask["work"]
    value_dim = 32 if entry == "causal" else DIM
    flops = 2 * (DIM + value_dim) * allowed * BATCH * HEADS
    expect("flops", work["useful_flops"], flops)
    size = 2 if entry == "sinks" else 4
    expected = {
        "query": BATCH * HEADS * queries * DIM * size,
        "key": BATCH * 2 * keys * DIM * size,
        "value": BATCH * 2 * keys * value_dim * size,
        "out": BATCH * HEADS * queries * value_dim * size,
    }
    if entry == "causal":
        expected["lse"] = BATCH * HEADS * queries * 4
    expect("bytes", work["tensor_bytes"], expected)
    expect("sum of bytes", work["bytes"], sum(expected.values()))
    return mask


spec = sys.argv[1]
for name in MASKS:
    check_mask(spec, name, 200, 700, ["--query-tile=64", "--key-tile=32"])
    check_mask(spec, name, 700, 200, ["--query-tile=50", "--key-tile=30"])
    mask = check_mask(spec, name, 650, 650)
    for key in ("query_tile", "key_tile"):
        expect(key, mask["picture"][key], mask["schedule"][key])

# Tiles of causal: everything below the diagonal, the diagonal, the rest.
causal = check_mask(spec, "causal", 512, 512, ["--query-tile=64", "--key-tile=64"])
expect(
    "tiles of causal",
    causal["tiles"],
    {"all": 64, "full": 28, "partial": 8, "empty": 28, "sparsity": 28 / 64},
)

# Of many rows the first are listed; without a mask there is nothing to print.
long = explain(spec, "causal", 5000, 5000, "--query-tile=1")["masks"][0]["rows"]
expect("rows", (long["count"], long["listed"], len(long["list"])), (5000, 4096, 4096))
once, again = explain(spec, "twice", 100, 100, "--head=0")["masks"]
expect("no mask", (once["mask"], once["rule"]["kind"]), (None, "no-mask"))
expect("operations", (once["operation"], again["operation"]), (0, 1))
# The mask of head 0 is empty, those of the three others are causal.
expect("head 0", again["pairs"]["allowed"], 0)
expect("all heads", again["work"]["useful_flops"], 256 * 5050 * 3 * BATCH)
(again,) = explain(spec, "twice", 100, 100, "--head=1", "--op=1")["masks"]
expect("head 1", again["pairs"]["allowed"], 5050)

# Values that nobody gives are asked for, and counts need them.
(unknown,) = explain(spec, "documents", 100, 100, "--op=0")["masks"]
expect(
    "needed",
    unknown["needed"],
    [
        {"name": "doc", "option": "--in ids=FILE.npy"},
        {"name": "width", "option": "--set width=NUMBER"},
    ],
)
expect("tiles", (unknown["tiles"], unknown["rows"]), (None, None))
counts = {key: None for key in ("visited", "tested", "allowed", "waste")}
expect("pairs", unknown["pairs"], {"all": 10000, **counts})
expect("kind", unknown["rule"]["kind"], "key-blocks")
expect("flops", unknown["work"]["useful_flops"], None)
