# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes a tuning file for this machine by hand.

write_tuning.py TUNING.json SPEC.mlir FUNCTION OP:KIND=ATTRIBUTE...

KIND is schedule or decode. The target is read off what cpu-attach-target does, and
the digest of the definition is the one that the refusal of a wrong one names.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

path, spec, function = sys.argv[1:4]


def compile(*options):
    command = ["attnc", spec, "-o", f"{path}.o", *options]
    return subprocess.run(command, capture_output=True, text=True).stderr


printed = compile("--print-after=attn-reindex-lattices")
(target,) = set(re.findall(r"#attn\.cpu<[^>]*>", printed))
# The module is printed for each function; in the last one all are done.
body = printed.split(f"@attnc.kernel.{function}(")[-1].split("\n  }")[0]
names = re.findall(r"\battn\.(?:attend|scan)\b(?= %)", body)
ops = {}
for text in sys.argv[4:]:
    number, kind, attribute = re.fullmatch(r"(\d+):(\w+)=(.*)", text).groups()
    new = {"op": int(number), "operation": names[int(number)]}
    ops.setdefault(number, new)[kind] = attribute
tuned = {"function": function, "definition": "unknown", "ops": list(ops.values())}
tuning = {"version": 1, "target": target, "functions": [tuned]}
Path(path).write_text(json.dumps(tuning))
refusal = compile(f"--tuning={path}")
tuned["definition"] = re.search(r"definition is (\w{64}) now", refusal).group(1)
Path(path).write_text(json.dumps(tuning, indent=2))
