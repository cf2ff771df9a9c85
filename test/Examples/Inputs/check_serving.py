# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Checks what examples/serving says of its three caches; counts, no times.

  check_serving.py RECORDS.json DRAWING.svg
"""

import json
import sys
import xml.etree.ElementTree

with open(sys.argv[1], encoding="utf-8") as file:
    contiguous, paged, shared = json.load(file)
assert [r["cache"] for r in (contiguous, paged, shared)] == [
    "contiguous",
    "paged",
    "paged + shared prefix",
]

# Two MiB have room for 8 regions of 1024 tokens.
assert contiguous["largest_batch"] == 8
assert paged["sustained_batch"] > 2 * contiguous["sustained_batch"]
assert shared["sustained_batch"] > 1.3 * paged["sustained_batch"]
assert contiguous["wasted_share"] > 0.5 > 0.1 > paged["wasted_share"]
for record in (contiguous, paged, shared):
    assert record["generated_tokens"] == contiguous["generated_tokens"] > 0
    assert 0 < record["stored_share"] <= 1
    # Every step generates for each session of its batch; each prompt gives one.
    assert sum(record["step_batch"]) + 100 == record["generated_tokens"]

# What is not found is computed, and nothing twice but after a preemption.
assert contiguous["preemptions"] == contiguous["recomputed_tokens"] == 0
assert contiguous["reused_tokens"] == paged["reused_tokens"] == 0
assert shared["reused_tokens"] > 0.2 * contiguous["prefilled_tokens"]
assert paged["preemptions"] > 0
prompts = contiguous["prefilled_tokens"]
assert paged["prefilled_tokens"] - paged["recomputed_tokens"] == prompts

drawing = xml.etree.ElementTree.parse(sys.argv[2]).getroot()
assert drawing.tag == "{http://www.w3.org/2000/svg}svg"
paths = [e for e in drawing.iter() if e.get("fill") == "none"]
assert len(paths) == 3
