# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The results as dots: a line for each row, a panel for each number of threads."""

from __future__ import annotations

from pathlib import Path

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot  # noqa: E402
from matplotlib.lines import Line2D  # noqa: E402
from matplotlib.ticker import FuncFormatter  # noqa: E402

_COLORS = {
    "sdpa": "#d1495b",
    "sdpa-mask": "#e9a0a9",
    "flex": "#edae49",
    "ort": "#00798c",
    "ort-contrib": "#7fc4ce",
    "ggml": "#5a9367",
    "iree": "#8d6a9f",
    "numpy": "#888888",
}


def draw_panel(axes, rows: list[dict], names: list[str], peers: list[str]) -> None:
    """A peer's dot is hollow where its result differs."""
    for peer in peers:
        cells = [(row["cells"].get(peer, {}), row["row"]) for row in rows]
        points = [(cell, names.index(name)) for cell, name in cells if "ratio" in cell]
        if not points:
            continue
        color = _COLORS.get(peer, "black")
        axes.scatter(
            [cell["ratio"] for cell, _ in points],
            [at for _, at in points],
            s=26,
            edgecolors=color,
            facecolors=["white" if cell["differs"] else color for cell, _ in points],
            label=peer,
            zorder=3,
        )
    axes.axvline(1, color="black", linewidth=1, zorder=2)
    axes.set_xscale("log", base=2)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:g}"))
    axes.set_yticks(range(len(names)), names, fontsize=8)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.grid(axis="both", color="#e4e4e4", zorder=0)
    axes.set_axisbelow(True)
    axes.set_xlabel("time relative to attnc (right of 1: attnc is faster)")


def draw(result: dict, path: Path) -> None:
    threads = list(result["machines"])
    peers = [name for name in result["peers"] if name != "attnc"]
    names = list(dict.fromkeys(row["row"] for row in result["rows"]))
    figure, panels = pyplot.subplots(
        1,
        len(threads),
        figsize=(3 + 4.5 * len(threads), 1.6 + 0.2 * len(names)),
        sharey=True,
        squeeze=False,
        layout="constrained",
    )
    for number, axes in zip(threads, panels[0]):
        rows = [row for row in result["rows"] if str(row["threads"]) == number]
        draw_panel(axes, rows, names, peers)
        axes.set_title(f"{number} thread{'s' * (number != '1')}", fontsize=10)
    marks = {
        peer: Line2D([], [], color=_COLORS.get(peer, "black"), marker="o", ls="")
        for peer in peers
    }
    figure.legend(
        list(marks.values()),
        list(marks),
        loc="outside upper center",
        ncols=8,
        fontsize=8,
    )
    figure.savefig(path, dpi=150)
