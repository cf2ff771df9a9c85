# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Checks a drawing of `attnc explain`: well-formed, small, and its rectangles
make the number of full and partial tiles that its legend has.

check_drawing.py FILE.svg MAX_BYTES
"""

import re
import sys
import xml.etree.ElementTree as xml
from pathlib import Path

SVG = "{http://www.w3.org/2000/svg}"
RECTANGLE = re.compile(r"[Mm](-?\d+)\s?(-?\d+)h(\d+)v(\d+)h-(\d+)z")

path, limit = Path(sys.argv[1]), int(sys.argv[2])
size = path.stat().st_size
if size >= limit:
    sys.exit(f"{path}: {size} bytes, expected less than {limit}")
root = xml.parse(path).getroot()
legend = " ".join(text.text or "" for text in root.iter(SVG + "text"))
covered = set()
for kind in ("full", "partial"):
    (drawn,) = (e for e in root.iter(SVG + "path") if e.get("class") == f"mask-{kind}")
    data = drawn.get("d")
    if RECTANGLE.sub("", data):
        sys.exit(f"{kind}: unknown path data {RECTANGLE.sub('', data)[:40]!r}")
    column = row = cells = 0
    for right, down, width, height, back in RECTANGLE.findall(data):
        if width != back:
            sys.exit(f"{kind}: a path is no rectangle")
        column, row = column + int(right), row + int(down)
        for y in range(row, row + int(height)):
            for x in range(column, column + int(width)):
                if (x, y) in covered:
                    sys.exit(f"cell {x}, {y} is drawn twice")
                covered.add((x, y))
                cells += 1
    told = re.search(rf"\b{kind}: ([\d ]+) tile", legend)
    if int(told.group(1).replace(" ", "")) != cells:
        sys.exit(f"{kind}: {cells} cells drawn, the legend has {told.group(1)}")
