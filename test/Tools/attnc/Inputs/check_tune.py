# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Checks what `attnc tune` wrote and printed. Nothing depends on times.

check_tune.py TUNING.json OUTPUT.json PROGRESS FUNCTION OP:PLAN,PLAN...
"""

import json
import re
import sys
from pathlib import Path

tuning, output = (json.loads(Path(path).read_text()) for path in sys.argv[1:3])
progress = Path(sys.argv[3]).read_text().splitlines()
name = sys.argv[4]


def expect(what, actual, expected):
    if actual != expected:
        sys.exit(f"{what}: {actual!r}, expected {expected!r}")


expect("version", tuning["version"], 1)
if not re.fullmatch(r"#attn\.cpu<.*>", tuning["target"]):
    sys.exit(f"no target: {tuning['target']}")
(function,) = [f for f in tuning["functions"] if f["function"] == name]
if not re.fullmatch(r"[0-9a-f]{64}", function["definition"]):
    sys.exit(f"no digest: {function['definition']}")
expect("schema", output["schema"], 1)
expect("function", output["function"], name)

numLines = 0
expected = [text.split(":") for text in sys.argv[5:]]
expect("ops", [str(op["op"]) for op in function["ops"]], [op for op, _ in expected])
for op, told, (_, plans) in zip(function["ops"], output["ops"], expected, strict=True):
    expect("op", told["op"], op["op"])
    expect("operation", told["operation"], op["operation"])
    measured = {k: v for k, v in op["measured"].items() if k != "threads"}
    expect("plans", list(measured), plans.split(","))
    expect("plans told", list(told["plans"]), plans.split(","))
    for kind, plan in measured.items():
        best, full = op[kind], told["plans"][kind]
        expect("best", full["best"], best)
        expect("model", full["model"], plan["model"])
        alternatives = full["alternatives"]
        expect("alternatives", len(alternatives), plan["alternatives"])
        if not 1 <= len(alternatives) <= 12:
            sys.exit(f"{len(alternatives)} alternatives")
        numLines += len(alternatives) + 1
        known = [a["plan"] for a in alternatives if a["faster"]] + [plan["model"]]
        if best not in known:
            sys.exit(f"{best} was found in no run")
        if len(set(a["plan"] for a in alternatives)) != len(alternatives):
            sys.exit("an alternative was measured twice")
        for shape in plan["shapes"]:
            if best == plan["model"]:
                expect("ratio of the model's", shape["ratio"], 1)
            low, ratio, high = (
                shape[key] for key in ("lower_quartile", "ratio", "upper_quartile")
            )
            if not 0 < low <= ratio <= high or shape["milliseconds"] <= 0:
                sys.exit(f"implausible: {shape}")
lines = [line for line in progress if ", #attn." in line]
expect("lines of progress", len(lines), numLines)
