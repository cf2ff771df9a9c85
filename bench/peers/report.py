# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The results as tables of Markdown, one for each number of threads."""

from __future__ import annotations

# Longer reasons stand below the table.
_LONGEST_REASON = 16


def processor() -> str:
    """The name of the processor, as Linux has it."""
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        for line in file:
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return "unknown processor"


def rate(row: dict, machine: dict) -> tuple[str, str]:
    """What attnc reaches, and its share of the machine's: of the bandwidth for a
    single query, else of the multiply-add peak."""
    seconds = row["cells"]["attnc"]["median_seconds"]
    if row["row"].startswith("decode"):
        reached = row["kv_bytes"] / seconds * 1e-9
        return (
            f"{reached:.1f} GB/s",
            f"{reached / machine['peak_gbytes_per_second']:.0%}",
        )
    reached = row["flops"] / seconds * 1e-9
    return f"{reached:.1f} GFLOP/s", f"{reached / machine['peak_gflops']:.0%}"


def milliseconds(seconds: float) -> str:
    value = seconds * 1e3
    return f"{value:.{3 if value < 1 else 2 if value < 10 else 1}f}"


class Notes:
    """Numbered texts, each once."""

    def __init__(self):
        self.texts: list[str] = []

    def mark(self, text: str) -> str:
        if text not in self.texts:
            self.texts.append(text)
        return f"[{self.texts.index(text) + 1}]"


def cell(found: dict | None, notes: Notes) -> str:
    """A ratio, in bold where attnc loses, and marked where the result differs."""
    if found is None:
        return ""
    if "reason" in found:
        short = len(found["reason"]) <= _LONGEST_REASON
        return found["reason"] if short else f"failed {notes.mark(found['reason'])}"
    ratio = f"{found['ratio']:.2f}"
    ratio = f"**{ratio}**" if found["ratio"] < 1 else ratio
    if found["differs"]:
        ratio += f" (differs by {found['difference']:.1g})"
    return ratio


def print_table(result: dict, threads: str, notes: Notes) -> None:
    machine = result["machines"][threads]
    others = [name for name in result["peers"] if name != "attnc"]
    print(
        f"\n{threads} thread{'s' * (threads != '1')}: multiply-add peak"
        f" {machine['peak_gflops']:.0f} GFLOP/s, read bandwidth"
        f" {machine['peak_gbytes_per_second']:.1f} GB/s, sgemm of OpenBLAS"
        f" {machine['sgemm_gflops']:.0f} GFLOP/s\n"
    )
    if machine["load"] > int(threads) / 2:
        print(f"The machine was busy when this began: load {machine['load']:.1f}.\n")
    print(f"| row | shape | attnc ms | rate | of peak | {' | '.join(others)} |")
    print("|---" * (5 + len(others)) + "|")
    for row in result["rows"]:
        if str(row["threads"]) != threads:
            continue
        cells = row["cells"]
        ours = milliseconds(cells["attnc"]["median_seconds"])
        if cells["attnc"]["differs"]:
            ours += f" (differs by {cells['attnc']['difference']:.1g})"
        columns = [f"`{row['row']}`", row["shape"], ours, *rate(row, machine)]
        columns += [cell(cells.get(name), notes) for name in others]
        print(f"| {' | '.join(columns)} |")


def print_report(result: dict) -> None:
    print(f"{processor()}; " + "; ".join(dict.fromkeys(result["versions"].values())))
    print("\nA peer's column: its time by that of attnc; **below 1** attnc is slower.")
    notes = Notes()
    for threads in result["machines"]:
        print_table(result, threads, notes)
    if notes.texts:
        print()
    for number, text in enumerate(notes.texts, 1):
        print(f"[{number}] {text}")
