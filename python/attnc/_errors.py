# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What is raised, and the diagnostics that it carries."""

from __future__ import annotations

from dataclasses import dataclass

# The statuses of attnc-c/runtime.h and attnc-c/attnc.h.
STATUSES = {
    1: "invalid argument",
    2: "out of memory",
    3: "internal",
    4: "exhausted",
    16: "invalid spec",
    17: "limit exceeded",
    18: "unavailable",
    19: "not cached",
    20: "io error",
}
INVALID_ARGUMENT = 1
UNAVAILABLE = 18


@dataclass(frozen=True)
class Diagnostic:
    """One message about a place in a spec, with the notes that belong to it."""

    severity: str
    """"error", "warning", "remark" or "note"."""
    message: str
    file: str = ""
    line: int = 0
    """From 1; 0 where the place is not known."""
    column: int = 0
    notes: tuple[Diagnostic, ...] = ()

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}: " if self.line else ""
        lines = [f"{place}{self.severity}: {self.message}"]
        return "\n".join(lines + [str(note) for note in self.notes])


class Error(RuntimeError):
    """Why a spec did not compile or a kernel did not run.

    The message is one line; it names the argument where one is at fault.
    `status` is a number of attnc-c/attnc.h, `status_name` its name in words, and
    `diagnostics` are those of a spec that has errors.
    """

    def __init__(
        self,
        message: str,
        status: int = INVALID_ARGUMENT,
        diagnostics: tuple[Diagnostic, ...] = (),
    ) -> None:
        super().__init__(message)
        self.status = status
        self.diagnostics = diagnostics

    @property
    def status_name(self) -> str:
        return STATUSES.get(self.status, str(self.status))
