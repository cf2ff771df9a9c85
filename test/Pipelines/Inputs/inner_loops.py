# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Counts what stands in the innermost loops of AArch64 assembly.

inner_loops.py FILE.s

For each innermost loop, in the order of the file, a line
`causal: 24 fma, 0 widen, 0 scalar, 0 stack of 37`: vector multiply-adds,
conversions of 16-bit vectors to f32 and of single 16-bit floats, and
instructions that touch the stack, of so many instructions.
"""

import re
import sys
from pathlib import Path

LABEL = re.compile(r"(\S+):")
BRANCH = re.compile(r"\s+(?:b|b\.\w+|cbn?z|tbn?z)\s.*?(\.L\w+)$")
INSTRUCTION = re.compile(r"\s+[a-z]")
COUNTED = {
    "fma": re.compile(r"\s+fmla\s+v\d+\.4s"),
    "widen": re.compile(r"\s+(?:fcvtl|shll)2?\s+v\d+\.4s"),
    "scalar": re.compile(r"\s+fcvt\s+[sh]\d|\s+bfcvt\s"),
    "stack": re.compile(r".*\[sp"),
}


def find_loops(lines):
    """[(function, first line, last line)] of all branches back."""
    loops, begin, function = [], {}, ""
    for number, line in enumerate(lines):
        if label := LABEL.match(line):
            begin[label.group(1)] = number
            if not label.group(1).startswith("."):
                function = label.group(1)
        branch = BRANCH.match(line)
        if branch and branch.group(1) in begin:
            loops.append((function, begin[branch.group(1)], number))
    return loops


def is_innermost(loop, loops):
    _, begin, end = loop
    return not any(begin <= b and e <= end and (b, e) != (begin, end) for _, b, e in loops)


def main():
    lines = [line.split("//")[0].rstrip() for line in Path(sys.argv[1]).read_text().splitlines()]
    loops = find_loops(lines)
    for loop in loops:
        if not is_innermost(loop, loops):
            continue
        function, begin, end = loop
        body = [line for line in lines[begin : end + 1] if INSTRUCTION.match(line)]
        counts = [
            f"{sum(bool(pattern.match(line)) for line in body)} {name}"
            for name, pattern in COUNTED.items()
        ]
        print(f"{function}: {', '.join(counts)} of {len(body)}")


main()
