# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The languages and the passes document themselves, in ODS.

A pass tells its idea, contract and example under fixed headings. An op shows
an example, and each numbered constraint (C1, C2, ...) of its description can be
followed by its label, `attend_c2`, to the verifier that enforces it and to the
invalid program that shows it.
"""

import posixpath
import re

from sources import passes, records
from tree import run

HEADINGS = ("Idea", "Needs", "Leaves", "Does not", "Example")
SUMMARY_LENGTH = range(20, 81)
# Words that begin a summary and are no verb, or say nothing.
NO_VERB = {"a", "an", "the", "this", "pass", "passes", "optimize", "process"}

CONSTRAINT = re.compile(r"^\s*(?:[-*+]\s+|\d+\.\s+|\|\s*)?[*_`(]{0,3}C(\d+)\b")
TEST_FILE = re.compile(r"\btest/[\w/-]+\.(?:mlir|test)\b")
MARKDOWN_LINK = re.compile(r"\]\((?!\w+:|#)([^)#\s]+)")
LABEL_COMMENT = re.compile(r"\b([a-z]\w*?)_c(\d+)\b")
LABEL_CASE = re.compile(r"@([a-z]\w*?)_c(\d+)_\w+")


def is_verb_form(word):
    """Imperative, as far as spelling tells: 'simplify', not 'simplifies'."""
    if word in NO_VERB or word.endswith("ing"):
        return False
    return not word.endswith("s") or word.endswith(("ss", "us"))


def check_summary(tree, record, seen):
    summary = record.fields.get("summary", "")
    line = record.field_lines.get("summary", record.line)

    def report(message):
        tree.report(record.path, line, f"summary of '{record.name}': {message}")

    if not summary:
        report("missing")
        return
    if len(summary) not in SUMMARY_LENGTH:
        report(f"{len(summary)} characters, expected 20 to 80")
    word = re.match(r"[a-z][a-z-]*(?=\s)", summary)
    if not word or not is_verb_form(word.group()):
        report("begins with a verb in lower case, in the imperative")
    if summary.endswith("."):
        report("ends without a full stop")
    if summary in seen:
        report(f"the same as that of '{seen[summary]}'")
    seen.setdefault(summary, record.name)


def check_headings(tree, record):
    description = record.fields.get("description", "")
    line = record.field_lines.get("description", record.line)
    positions = []
    for heading in HEADINGS:
        # *Idea*, **Idea**, *Idea.* and *Idea:* at the start of a line.
        match = re.search(
            rf"^\s*(\*{{1,2}}){heading}[.:]?\1", description, re.MULTILINE
        )
        if not match:
            tree.report(
                record.path, line, f"description of '{record.name}' lacks *{heading}*"
            )
        else:
            positions.append(match.start())
    if positions != sorted(positions):
        tree.report(
            record.path,
            line,
            f"description of '{record.name}': the order is {', '.join(HEADINGS)}",
        )


def check_references(tree, record):
    """The files that a description points to exist."""
    line = record.field_lines.get("description", record.line)
    for path in TEST_FILE.findall(record.fields.get("description", "")):
        if not tree.has(path):
            tree.report(
                record.path, line, f"'{record.name}' points to {path}: no such file"
            )


def check_markdown_links(tree, path):
    """Relative links between documents lead somewhere."""
    for number, line in tree.lines(path):
        for target in MARKDOWN_LINK.findall(line):
            to = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
            if not tree.has(to) and not tree.has_folder(to):
                tree.report(path, number, f"links to {target}: no such file")


def constraints(description):
    """{number: (line offset, text)} of the constraints in a description."""
    found, current = {}, None
    for offset, line in enumerate(description.splitlines()):
        match = CONSTRAINT.match(line)
        if match:
            current = int(match.group(1))
            found[current] = (offset, line)
        elif not line.strip():
            current = None
        elif current is not None:
            found[current] = (found[current][0], found[current][1] + line)
    return found


def labels(tree, pattern, paths, after=""):
    """{(mnemonic, number): (path, line)} of the labels in some files, looking in
    each line behind the first `after`."""
    found = {}
    for path in paths:
        for number, line in tree.lines(path):
            for match in pattern.finditer(line.partition(after)[2] if after else line):
                key = (match.group(1), int(match.group(2)))
                found.setdefault(key, (path, number))
    return found


def check_constraints(tree, record, mnemonic, comments, cases):
    """Reports gaps in the chain ODS - verifier - invalid program."""
    description = record.fields.get("description", "")
    found = constraints(description)
    first_line = record.field_lines.get("description", record.line)
    if sorted(found) != list(range(1, len(found) + 1)):
        tree.report(
            record.path,
            first_line,
            f"constraints of '{mnemonic}' are not numbered C1, C2, ... without gaps",
        )
    for number, (offset, text) in sorted(found.items()):
        label = f"{mnemonic}_c{number}"
        line = first_line + offset
        if "(ODS)" not in text and (mnemonic, number) not in comments:
            tree.report(
                record.path,
                line,
                f"no verifier in lib carries the comment '// {label}'; if ODS enforces"
                " the constraint, say '(ODS)'",
            )
        if (mnemonic, number) not in cases:
            tree.report(
                record.path, line, f"no invalid.mlir has a case '@{label}_...'"
            )
    for known in (comments, cases):
        for (name, number), (path, line) in known.items():
            if name == mnemonic and number not in found:
                tree.report(
                    path, line, f"'{name}' has no constraint C{number} in {record.path}"
                )


def mnemonic_of(record):
    """The mnemonic of an op, type or attribute definition, or None."""
    if record.name.endswith("Op"):
        return record.first_argument or None
    return record.fields.get("mnemonic")


def check_op(tree, record):
    description = record.fields.get("description", "")
    if not description.strip():
        tree.report(record.path, record.line, f"'{record.name}' has no description")
    elif "```mlir" not in description:
        tree.report(
            record.path,
            record.field_lines["description"],
            f"description of '{record.name}' has no ```mlir example",
        )


def check_dialect(tree, dialect):
    """One folder of dialects/, with the sources and tests of that dialect."""
    sources = tree.files(".cpp", ".h", under=f"lib/Dialect/{dialect}/")
    comments = labels(tree, LABEL_COMMENT, sources, after="//")
    invalid = [
        path
        for path in tree.files(".mlir", under=f"test/Dialect/{dialect}/")
        if posixpath.basename(path).startswith("invalid")
    ]
    cases = labels(tree, LABEL_CASE, invalid)
    for path in tree.files(".td", under=f"dialects/{dialect}/"):
        for record in records(path, tree.text(path)):
            mnemonic = mnemonic_of(record)
            if not mnemonic:
                continue
            if record.name.endswith("Op"):
                check_op(tree, record)
            check_constraints(tree, record, mnemonic, comments, cases)


def check(tree):
    seen = {}
    for record in passes(tree):
        check_summary(tree, record, seen)
        check_headings(tree, record)
        check_references(tree, record)
    for path in tree.files(".md"):
        check_markdown_links(tree, path)
    dialects = {p.split("/")[1] for p in tree.files(".td", under="dialects/")}
    for dialect in sorted(dialects):
        check_dialect(tree, dialect)


if __name__ == "__main__":
    run(check, __doc__)
