# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The source tree as the structure rules see it.

A rule is a function that takes a Tree and reports what breaks it; `run` turns
such a function into a program that prints one `file:line: message` for each
and fails if there was any. Only the standard library is used.
"""

import argparse
import bisect
import os
import re
import sys

# Never looked into: version control, build trees, caches, and the samples that
# break the rules on purpose.
SKIPPED_FOLDERS = re.compile(r"^(\..*|build.*|__pycache__)$")
SAMPLES = "test/Structure/Inputs"


class Tree:
    """The files below a root, read at most once, and the findings so far."""

    def __init__(self, root):
        self.root = os.path.abspath(root)
        self.findings = []
        self._texts = {}
        self.paths = sorted(self._walk())
        self._known = set(self.paths)

    def _walk(self):
        for folder, folders, files in os.walk(self.root):
            relative = os.path.relpath(folder, self.root)
            relative = "" if relative == "." else relative.replace(os.sep, "/") + "/"
            folders[:] = [
                name
                for name in folders
                if (name == ".ci" or not SKIPPED_FOLDERS.match(name))
                and relative + name != SAMPLES
            ]
            for name in files:
                if not name.endswith(".pyc"):
                    yield relative + name

    def files(self, *suffixes, under=""):
        """The paths that end in one of the suffixes, below a folder "a/b/"."""
        return [p for p in self.paths if p.startswith(under) and p.endswith(suffixes)]

    def has(self, path):
        return path in self._known

    def has_folder(self, path):
        return any(p.startswith(path.rstrip("/") + "/") for p in self.paths)

    def text(self, path):
        if path not in self._texts:
            with open(os.path.join(self.root, path), encoding="utf-8") as file:
                self._texts[path] = file.read()
        return self._texts[path]

    def is_text(self, path):
        with open(os.path.join(self.root, path), "rb") as file:
            return b"\0" not in file.read(4096)

    def lines(self, path):
        """(number, line) of each line, from 1."""
        return enumerate(self.text(path).splitlines(), 1)

    def report(self, path, line, message):
        self.findings.append((path, line, message))


class LineIndex:
    """Maps an offset in a text to its line number."""

    def __init__(self, text):
        self._starts = [0] + [m.end() for m in re.finditer("\n", text)]

    def line(self, offset):
        return bisect.bisect_right(self._starts, offset)


def kebab(camel):
    """SimplifyMasks -> simplify-masks, SplitKVCache -> split-kv-cache."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-", camel)
    return words.lower()


def run(rule, description):
    """Runs the rule on --root, prints the findings and exits 1 if any."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--root", required=True, help="the tree to look at")
    arguments = parser.parse_args()
    if not os.path.isdir(arguments.root):
        parser.error(f"--root: no such folder: {arguments.root}")
    tree = Tree(arguments.root)
    rule(tree)
    for path, line, message in sorted(set(tree.findings)):
        print(f"{path}:{line}: {message}")
    sys.exit(1 if tree.findings else 0)
