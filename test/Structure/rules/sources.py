# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Reads C++ and TableGen just well enough for the structure rules.

Both languages share comments and string literals, so one scanner serves them:
it knows what is code, what is a comment and what is a string, and nothing of
the grammar. Records are found from there by matching brackets.
"""

import re
from dataclasses import dataclass, field

from tree import LineIndex

_TOKEN = re.compile(
    r"""
      (?P<line_comment>//[^\n]*)
    | (?P<block_comment>/\*.*?\*/)
    | (?P<code_block>\[\{.*?\}\])
    | (?P<raw>R"(?P<delimiter>[^(\s]*)\(.*?\)(?P=delimiter)")
    | (?P<string>"(?:\\.|[^"\\\n])*")
    | (?P<char>'(?:\\.|[^'\\\n])+')
    """,
    re.VERBOSE | re.DOTALL,
)

_ESCAPES = {"n": "\n", "t": "\t", "0": "\0", "r": "\r"}


@dataclass
class Literal:
    """A string literal or a TableGen code block: where it is and what it says."""

    start: int
    end: int
    value: str


@dataclass
class Source:
    """A scanned file.

    `code` has the length of the text; comments, strings and code blocks are
    blanked, so brackets in it are brackets of the language.
    """

    text: str
    code: str
    literals: list
    comments: list
    index: LineIndex


def _unescape(text):
    return re.sub(r"\\(.)", lambda m: _ESCAPES.get(m.group(1), m.group(1)), text)


def scan(text, tablegen=False):
    """Splits a text into code, literals and comments."""
    code, literals, comments = list(text), [], []
    position = 0
    while match := _TOKEN.search(text, position):
        start, end = match.span()
        kind = match.lastgroup
        # `[{` begins a lambda in a subscript in C++ and a code block in TableGen.
        if kind == "code_block" and not tablegen:
            position = start + 1
            continue
        # A digit separator (1'000) is no character literal.
        if kind == "char" and (tablegen or text[start - 1 : start].isalnum()):
            position = start + 1
            continue
        if kind in ("line_comment", "block_comment"):
            comments.append(Literal(start, end, text[start:end]))
        elif kind == "code_block":
            literals.append(Literal(start, end, text[start + 2 : end - 2]))
        elif kind == "string":
            literals.append(Literal(start, end, _unescape(text[start + 1 : end - 1])))
        elif match.group("raw"):
            opening = start + 3 + len(match.group("delimiter"))
            closing = end - 2 - len(match.group("delimiter"))
            literals.append(Literal(start, end, text[opening:closing]))
        for i in range(start, end):
            if code[i] != "\n":
                code[i] = " "
        position = end
    return Source(text, "".join(code), literals, comments, LineIndex(text))


@dataclass
class Record:
    """A `def` of TableGen: its parents as written and its `let` fields."""

    name: str
    path: str
    line: int
    parent: str
    first_argument: str
    fields: dict = field(default_factory=dict)
    field_lines: dict = field(default_factory=dict)


_DEF = re.compile(r"\bdef\s+(\w+)\s*:\s*(\w+)\s*")
_LET = re.compile(r"\blet\s+(\w+)\s*=")


def _matching_end(code, start, pairs):
    """The offset after the bracket that closes the one at `start`."""
    depth = 0
    for i in range(start, len(code)):
        if code[i] in pairs:
            depth += 1
        elif code[i] in pairs.values():
            depth -= 1
            if depth == 0:
                return i + 1
    return len(code)


def records(path, text):
    """The `def`s of a .td file that have a parent class."""
    source = scan(text, tablegen=True)
    found = []
    for match in _DEF.finditer(source.code):
        cursor = match.end()
        arguments_end = cursor
        if source.code[cursor : cursor + 1] == "<":
            arguments_end = _matching_end(source.code, cursor, {"<": ">"})
        first = next((l for l in source.literals if l.start > cursor), None)
        first_argument = ""
        # The first argument counts only if it is the literal itself.
        if first and first.end <= arguments_end:
            if not source.code[cursor + 1 : first.start].strip():
                first_argument = first.value
        record = Record(
            match.group(1),
            path,
            source.index.line(match.start()),
            match.group(2),
            first_argument,
        )
        body = re.compile(r"[{;]").search(source.code, arguments_end)
        if body and body.group() == "{":
            body_end = _matching_end(source.code, body.start(), {"{": "}"})
            _read_fields(source, body.start(), body_end, record)
        found.append(record)
    return found


def _read_fields(source, start, end, record):
    for let in _LET.finditer(source.code, start, end):
        stop = source.code.find(";", let.end(), end)
        parts = [l for l in source.literals if let.end() <= l.start < stop]
        if parts:
            name = let.group(1)
            record.fields[name] = "".join(p.value for p in parts)
            record.field_lines[name] = source.index.line(parts[0].start)


def passes(tree):
    """The pass definitions of the tree's Passes.td files."""
    return [
        record
        for path in tree.files("Passes.td")
        for record in records(path, tree.text(path))
        if record.parent in ("Pass", "InterfacePass")
    ]
