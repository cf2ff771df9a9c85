# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes the digests of definitions into a tuning file.

fill_definitions.py TUNING.json COMMAND...

The command applies the file; as long as it says that a definition is another
one now, that one is written into the file.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

CHANGED = re.compile(r"'(\S+)' is not the function .* its definition is (\w{64}) now")

path, command = Path(sys.argv[1]), sys.argv[2:]
tuning = json.loads(path.read_text())
for _ in tuning["functions"]:
    result = subprocess.run(command, capture_output=True, text=True)
    changed = CHANGED.search(result.stderr)
    if not changed:
        break
    for function in tuning["functions"]:
        if function["function"] == changed.group(1):
            function["definition"] = changed.group(2)
    path.write_text(json.dumps(tuning, indent=2))
