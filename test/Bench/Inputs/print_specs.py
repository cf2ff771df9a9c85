# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes the specs that bench/peers.sh compiles for attnc to a folder, one for each
kind of row, and checks how many pairs its rows count."""

import sys
from pathlib import Path

from peers.attnc import spec
from peers.cases import CASES, WINDOW

folder = Path(sys.argv[1])
folder.mkdir(exist_ok=True)
for case in CASES:
    (folder / f"{case.name.split('-')[0]}.mlir").write_text(spec(case))

by_name = {case.name: case for case in CASES}
long = by_name["window-64-32768"]
# The first queries see fewer keys than the window has.
assert long.entries() == WINDOW * 32768 - WINDOW * (WINDOW - 1) // 2
assert by_name["causal-64-2048"].entries() == 8 * 2048 * 2049 // 2
documents = by_name["document-64-4096"]
ids = documents.document_ids()
sizes = [ids.count(number) for number in set(ids)]
assert sum(sizes) == 4096 and min(sizes) > 64
assert documents.entries() == 4 * sum(n * (n + 1) // 2 for n in sizes)
