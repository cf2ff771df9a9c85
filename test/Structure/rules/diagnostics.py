# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Each diagnostic has the program that provokes it.

Every long string literal that a diagnostic in lib/ is made of has to be met in
a test: 20 consecutive characters of it, that no other diagnostic has if there
are such, in an expected-error (or -warning, -remark, -note), a CHECK line, or a
string of a unit test, for what only a program in C++ can provoke.
"""

import re
from collections import Counter
from dataclasses import dataclass

from sources import scan
from tree import run

WINDOW = 20

EMIT = re.compile(r"\b(emitOpError|emitError|emitWarning|emitRemark)\s*\(")
EXPECTED = re.compile(r"\bexpected-(error|warning|remark|note)")
# A FileCheck directive after a comment mark: CHECK:, CHECK-NEXT:, ERR-SAME: ...
DIRECTIVE = re.compile(r"^\s*(?://|#|;)?\s*[A-Z][A-Z0-9_-]*(\{LITERAL\})?:\s")
NO_DIRECTIVE = re.compile(r"^\s*(?://|#|;)?\s*(RUN|REQUIRES|DEFINE|XFAIL)\b")


@dataclass
class Message:
    """A string literal of a diagnostic, adjacent literals joined."""

    path: str
    line: int
    text: str


def statement_end(code, start):
    """The offset of the `;` that ends the statement, or of the scope's end."""
    depth = 0
    for i in range(start, len(code)):
        if code[i] in "([{":
            depth += 1
        elif code[i] in ")]}":
            depth -= 1
            if depth < 0:
                return i
        elif code[i] == ";" and depth == 0:
            return i
    return len(code)


def literals_between(source, start, end):
    """(offset, text) of the literals, those with only space between joined."""
    joined, previous_end = [], None
    for literal in source.literals:
        if not start <= literal.start < end:
            continue
        adjacent = (
            previous_end is not None
            and not source.text[previous_end : literal.start].strip()
        )
        if adjacent:
            offset, text = joined.pop()
            joined.append((offset, text + literal.value))
        else:
            joined.append((literal.start, literal.value))
        previous_end = literal.end
    return joined


def messages(tree, path):
    """The literals that need a test: the long ones of each statement, or, of a
    statement that has only short ones, the longest."""
    source = scan(tree.text(path))
    found, scanned_to = [], 0
    for match in EMIT.finditer(source.code):
        if match.start() < scanned_to:
            continue
        end = scanned_to = statement_end(source.code, match.start())
        texts = literals_between(source, match.start(), end)
        chosen = [t for t in texts if len(t[1]) >= WINDOW]
        if not chosen and texts:
            chosen = [max(texts, key=lambda t: len(t[1]))]
        for offset, text in chosen:
            if text.strip():
                found.append(Message(path, source.index.line(offset), text))
    return found


def windows(text):
    size = min(WINDOW, len(text))
    return {text[i : i + size] for i in range(len(text) - size + 1)}


def expectations(tree):
    """What the tests say is printed, as one text."""
    lines = [
        literal.value
        for path in tree.files(".cpp", under="test/Unit/")
        for literal in scan(tree.text(path)).literals
    ]
    for path in tree.files(".mlir", ".test", under="test/"):
        for _, line in tree.lines(path):
            is_directive = DIRECTIVE.match(line) and not NO_DIRECTIVE.match(line)
            if EXPECTED.search(line) or is_directive:
                lines.append(line)
    return "\n".join(lines)


def check(tree):
    found = [
        message
        for path in tree.files(".cpp", ".h", under="lib/")
        + tree.files(".h", under="include/")
        for message in messages(tree, path)
    ]
    # In how many different messages each window occurs.
    count = Counter(w for text in {m.text for m in found} for w in windows(text))
    expected = expectations(tree)
    for message in found:
        distinctive = {w for w in windows(message.text) if count[w] == 1}
        if not any(w in expected for w in distinctive or windows(message.text)):
            tree.report(
                message.path,
                message.line,
                f'no test expects the diagnostic "{message.text.strip()}"',
            )


if __name__ == "__main__":
    run(check, __doc__)
