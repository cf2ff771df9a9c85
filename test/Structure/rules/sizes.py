# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""No file is longer than one can review.

A file that has a reason to be longer is listed in size-exceptions.txt with the
lines it is granted and the reason; an entry no longer needed is an error, so
the list only shrinks.
"""

import re

from tree import run

LIMITS = {".cpp": 600, ".h": 400, ".td": 400, ".mlir": 250}
TOOL_MAIN_LIMIT = 100
EXCEPTIONS = "test/Structure/size-exceptions.txt"

_MAIN = re.compile(r"^int main\(", re.MULTILINE)


def limit_of(tree, path):
    if path.startswith("tools/") and path.endswith(".cpp"):
        if _MAIN.search(tree.text(path)):
            return TOOL_MAIN_LIMIT
    return LIMITS["." + path.rsplit(".", 1)[1]]


def granted_lines(tree):
    """{path: lines} from the exceptions file, reporting entries that are off."""
    granted = {}
    if not tree.has(EXCEPTIONS):
        return granted
    for number, line in tree.lines(EXCEPTIONS):
        if not line.strip() or line.startswith("#"):
            continue
        entry = re.match(r"(\S+)\s+(\d+)\s+(\S.{19,})$", line)
        if not entry:
            tree.report(
                EXCEPTIONS,
                number,
                "expected 'path lines reason', with a reason of 20 characters or more",
            )
            continue
        path, lines = entry.group(1), int(entry.group(2))
        if not tree.has(path):
            tree.report(EXCEPTIONS, number, f"no such file: {path}")
        elif tree.text(path).count("\n") <= limit_of(tree, path):
            tree.report(EXCEPTIONS, number, f"{path} needs no exception any more")
        granted[path] = lines
    return granted


def check(tree):
    granted = granted_lines(tree)
    for path in tree.files(*LIMITS):
        limit = granted.get(path, limit_of(tree, path))
        lines = tree.text(path).count("\n")
        if lines > limit:
            tree.report(
                path,
                limit + 1,
                f"{lines} lines, at most {limit}: split it by idea, or list it"
                f" in {EXCEPTIONS} with a reason",
            )


if __name__ == "__main__":
    run(check, __doc__)
