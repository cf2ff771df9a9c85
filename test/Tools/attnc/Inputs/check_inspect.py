# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compares what files say of themselves with their manifest.

check_inspect.py MANIFEST.json OBJECT.json SHARED.json
"""

import json
import sys
from pathlib import Path

manifest, *reports = [json.loads(Path(path).read_text()) for path in sys.argv[1:]]
for report, kind in zip(reports, ["object", "shared-library"], strict=True):
    if report["manifests"] != [manifest]:
        sys.exit(f"another manifest: {report['manifests']}")
    if (report["version"], report["kind"]) != (1, kind):
        sys.exit(f"version {report['version']}, kind {report['kind']}")
    if not (report["bytes"] > 1000 and report["machine"]):
        sys.exit(f"bytes {report['bytes']}, machine {report['machine']}")
