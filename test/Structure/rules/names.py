# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A reader can guess the path of anything from its name.

For a pass, `def SimplifyMasksPass` in include/attnc/Dialect/Attn/Transforms/
Passes.td fixes the rest: lib/Dialect/Attn/Transforms/SimplifyMasks.cpp, the
flag attn-simplify-masks, and test/Dialect/Attn/Transforms/simplify-masks.mlir,
in which that flag is run. A pass that needs several files has a folder of its
own name: lib/Conversion/AttnToTile/AttnToTile.cpp. Tests lie where the sources
they test lie.
"""

import posixpath
import re

from sources import passes, scan
from tree import kebab, run

# Folders of test/ that mirror no folder of lib/, and what they mirror instead.
FREE_TEST_FOLDERS = ("Structure", "Numerics", "Fuzz", "Regression", "Docs")
MIRRORS = {"Tools": "tools", "Examples": "examples", "Bench": "bench", "Python": "python"}

LIT_NAME = re.compile(r"^[a-z0-9]+(-[a-z0-9]+)*\.(mlir|test)$")
GEN_PASS_DEF = re.compile(r"^#define GEN_PASS_DEF_(\w+)", re.MULTILINE)
PIPELINE = re.compile(r"\bPassPipelineRegistration\s*<")


def flag_prefixes(folder):
    """The words a flag may begin with, from the folder of its Passes.td."""
    parts = folder.split("/")
    for parent in ("Dialect", "Target"):
        if parent in parts[:-1]:
            return [kebab(parts[parts.index(parent) + 1])]
    if "Conversion" in parts:
        return ["convert"]
    return ["attn", "tile"]


def expected_flags(record, stem):
    folder = posixpath.dirname(record.path)
    prefixes = flag_prefixes(folder)
    # A stage contract is named after its stage, not after a dialect.
    if stem.startswith("verify-"):
        return [stem] + [f"{p}-{stem}" for p in prefixes]
    return [
        stem if stem.startswith(prefix + "-") else f"{prefix}-{stem}"
        for prefix in prefixes
    ]


def mirrored(path, top):
    """include/attnc/A/Passes.td, seen from lib or test: lib/A or test/A."""
    folder = posixpath.dirname(path)
    for root in ("include/attnc", "lib"):
        if folder == root or folder.startswith(root + "/"):
            return top + folder[len(root) :]
    return None


def run_lines(tree):
    """Everything that lit runs, as one text."""
    return "\n".join(
        line
        for path in tree.files(".mlir", ".test", under="test/")
        for _, line in tree.lines(path)
        if "RUN:" in line
    )


def is_run(flag, commands):
    # Preceded by dashes as an option, or by '(' or ',' in a textual pipeline.
    return re.search(rf"(?:^|[^\w-])-{{0,2}}{re.escape(flag)}(?![\w-])", commands)


def check_pass(tree, record, commands):
    def report(message):
        tree.report(record.path, record.line, message)

    if not record.name.endswith("Pass"):
        report(f"'{record.name}': the def of a pass ends in 'Pass'")
        return
    name = record.name[: -len("Pass")]
    stem, flag = kebab(name), record.first_argument

    flags = expected_flags(record, stem)
    if flag not in flags:
        report(f"'{record.name}' has the flag '{flag}': expected {' or '.join(flags)}")

    lib = mirrored(record.path, "lib")
    if lib is None:
        report("Passes.td lies below include/attnc, where it mirrors a folder of lib")
        return
    in_own_folder = tree.has(f"{lib}/{name}/{name}.cpp")
    if not tree.has(f"{lib}/{name}.cpp") and not in_own_folder:
        report(
            f"'{record.name}' is implemented in {lib}/{name}.cpp or"
            f" {lib}/{name}/{name}.cpp: no such file"
        )
    test_folder = mirrored(record.path, "test") + (f"/{name}" if in_own_folder else "")
    test = f"{test_folder}/{stem}.mlir"
    if not tree.has(test):
        report(f"'{record.name}' is tested in {test}: no such file")
    if not is_run(flag, commands):
        report(f"no test runs the flag '{flag}'")


def check_pass_files(tree, records):
    """One pass in one .cpp, of the pass's name."""
    by_macro = {r.name.upper(): r for r in records}
    for path in tree.files(".cpp", under="lib/"):
        text = tree.text(path)
        found = list(GEN_PASS_DEF.finditer(text))
        for match in found:
            line = text.count("\n", 0, match.start()) + 1
            record = by_macro.get(match.group(1))
            if record is None:
                tree.report(path, line, f"no Passes.td defines {match.group(1)}")
            elif posixpath.basename(path) != record.name[: -len("Pass")] + ".cpp":
                tree.report(
                    path, line, f"'{record.name}' does not belong in this file"
                )
            if match is not found[0]:
                tree.report(path, line, "one pass in one .cpp: move this one out")


def check_pipelines(tree, commands):
    """Every registered pipeline is run by a test."""
    for path in tree.files(".cpp", under="lib/"):
        source = scan(tree.text(path))
        for match in PIPELINE.finditer(source.code):
            name = next((l for l in source.literals if l.start > match.end()), None)
            if name and not is_run(name.value, commands):
                tree.report(
                    path,
                    source.index.line(match.start()),
                    f"no test runs the pipeline '{name.value}'",
                )


def check_lit_places(tree):
    for path in tree.files(".mlir", ".test", under="test/"):
        folder, name = posixpath.split(path[len("test/") :])
        top, _, rest = folder.partition("/")
        if "Inputs" in folder.split("/"):
            continue
        if not LIT_NAME.match(name):
            tree.report(path, 1, "a lit test has a kebab-case name")
        if top in FREE_TEST_FOLDERS:
            continue
        source = posixpath.join(MIRRORS.get(top, f"lib/{top}"), rest).rstrip("/")
        if not tree.has_folder(source):
            tree.report(path, 1, f"mirrors {source}, which does not exist")


def check_unit_places(tree):
    for path in tree.files(".cpp", under="test/Unit/"):
        folder, name = posixpath.split(path[len("test/Unit/") :])
        # What several tests share has a header beside it.
        if tree.has(path[: -len(".cpp")] + ".h"):
            continue
        if not name.endswith("Test.cpp"):
            tree.report(path, 1, "a unit test is named after its subject: FooTest.cpp")
            continue
        subject = posixpath.join(folder, name[: -len("Test.cpp")])
        if not (
            tree.has(f"lib/{subject}.cpp") or tree.has(f"include/attnc/{subject}.h")
        ):
            tree.report(
                path,
                1,
                f"tests lib/{subject}.cpp or include/attnc/{subject}.h, and neither"
                " exists",
            )


def check(tree):
    records = passes(tree)
    commands = run_lines(tree)
    for record in records:
        check_pass(tree, record, commands)
    check_pass_files(tree, records)
    check_pipelines(tree, commands)
    check_lit_places(tree)
    check_unit_places(tree)


if __name__ == "__main__":
    run(check, __doc__)
