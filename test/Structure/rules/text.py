# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What must not stand in any file, whatever the file is about."""

import re

from tree import run

SPDX = "SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception"
SPDX_SUFFIXES = (".cpp", ".h", ".c", ".td", ".py", ".sh")

# The rule and its test name what they forbid.
EXEMPT = ("test/Structure/rules/text.py", "test/Structure/text.test")

# (pattern, message) for each line of each other text file.
FORBIDDEN = (
    (
        re.compile(r"\b(TODO|FIXME|XXX)\b"),
        "no '{0}': a limit is a diagnostic, a line in docs/limits.md and a"
        " negative test",
    ),
    (
        re.compile(r"(?<![\w.%$}/)-])(/(?:work|tmp|home|root|Users)\b)"),
        "no path of one machine ('{0}'): use a relative path, %t in a test or"
        " mktemp in a script",
    ),
)

VAGUE_NAME = re.compile(r"^(utils?|commons?|misc|helpers?)$", re.IGNORECASE)
VERSIONED_NAME = re.compile(r"(?<=[a-z])(New|Old|Impl\d+)$")
USING_NAMESPACE = re.compile(r"^\s*using\s+namespace\b")
TYPE_SWITCH = re.compile(r"\bTypeSwitch\s*<")

NO_CPP_FOLDER = "dialects/"


def check_lines(tree, path):
    for number, line in tree.lines(path):
        for pattern, message in FORBIDDEN:
            match = pattern.search(line)
            if match:
                tree.report(path, number, message.format(match.group(1)))


def check_name(tree, path):
    name = path.rsplit("/", 1)[-1]
    stem = name.split(".", 1)[0]
    if VAGUE_NAME.match(stem):
        tree.report(path, 1, f"the name '{name}' has no topic word: say what is in it")
    if VERSIONED_NAME.search(stem):
        tree.report(path, 1, f"the name '{name}' tells its history, not its content")
    if path.startswith(NO_CPP_FOLDER):
        if not path.endswith((".td", ".md")) and name != "CMakeLists.txt":
            tree.report(
                path, 1, "dialects/ holds only .td, .md and CMakeLists.txt: move it"
            )


def check_cpp(tree, path):
    in_dialect = path.startswith(("lib/Dialect/", "include/attnc/Dialect/"))
    for number, line in tree.lines(path):
        code = line.split("//", 1)[0]
        if path.endswith(".h") and USING_NAMESPACE.match(code):
            tree.report(
                path,
                number,
                "no 'using namespace' in a header: import names as"
                " include/attnc/Support/LLVM.h does",
            )
        if TYPE_SWITCH.search(code) and not in_dialect:
            tree.report(
                path,
                number,
                "no TypeSwitch outside lib/Dialect: ask the entity through an"
                " interface",
            )


def check_license(tree, path):
    head = tree.text(path).splitlines()[:12]
    if not any(SPDX in line for line in head):
        tree.report(path, 1, f"the first lines lack '{SPDX}'")


def check(tree):
    for path in tree.paths:
        check_name(tree, path)
        if not tree.is_text(path):
            continue
        if path not in EXEMPT:
            check_lines(tree, path)
        if path.endswith((".h", ".cpp")):
            check_cpp(tree, path)
        if path.endswith(SPDX_SUFFIXES):
            check_license(tree, path)


if __name__ == "__main__":
    run(check, __doc__)
