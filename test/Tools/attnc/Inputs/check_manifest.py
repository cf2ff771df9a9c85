# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Checks the manifest of awkward_names.mlir.

check_manifest.py MANIFEST.json SPEC.mlir
"""

import hashlib
import json
import sys
from pathlib import Path

manifest = json.loads(Path(sys.argv[1]).read_text())
spec = Path(sys.argv[2]).read_bytes()


def expect(what, actual, expected):
    if actual != expected:
        sys.exit(f"{what}: {actual!r}, expected {expected!r}")


expect("schema", manifest["schema"], 1)
expect("abi", manifest["abi"]["major"], 1)
expect("producer", manifest["producer"]["name"], "attnc")
expect("source", manifest["source"]["sha256"], hashlib.sha256(spec).hexdigest())
expect("target", manifest["target"]["name"], "cpu")
for key in ("triple", "cpu"):
    if not manifest["target"][key]:
        sys.exit(f"the target has no {key}")
(function,) = manifest["functions"]
expect("symbol", function["symbol"], "attend")
query = ["batch", "heads", "query_length", 16]
key = ["batch", "kv_heads", "kv_length", 16]
expected = [
    ("query", "input", query),
    ("class_", "input", key),
    ("x7_a", "input", key),
    ("return_", "output", query),
    ("query_2", "output", query),
]
for argument, (name, role, shape) in zip(function["arguments"], expected, strict=True):
    expect("argument", argument, dict(name=name, role=role, dtype="f32", shape=shape))
symbols = ["batch", "heads", "query_length", "kv_heads", "kv_length"]
expect("symbols", function["symbols"], symbols)
expect("multiples", function["multiples"], [{"extent": "heads", "multiple_of": "kv_heads"}])
(schedule,) = function["schedules"]
expect("operation", schedule["operation"], "attn.attend")
if "query_tile = " not in schedule["schedule"]:
    sys.exit(f"no schedule: {schedule}")
