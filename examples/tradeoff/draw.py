# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Draws what recall.py found; needs matplotlib."""

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot  # noqa: E402
from matplotlib.ticker import PercentFormatter  # noqa: E402

# Colours that the usual kinds of colour blindness tell apart (Okabe and Ito 2008).
STYLES = {
    "softmax": ("softmax attention", "#000000", "o", "-"),
    "linear": ("linear attention", "#56B4E9", "s", "-"),
    "mamba": ("diagonal decay, as Mamba", "#009E73", "^", "-"),
    "delta": ("delta rule", "#D55E00", "v", "-"),
    "hybrid": ("window of 64 tokens + delta rule", "#CC79A7", "D", "--"),
}


def plot(axes, title, across, up, x, series):
    for kind, values in series.items():
        label, colour, marker, line = STYLES[kind]
        axes.plot(
            x, values, line, color=colour, marker=marker, markersize=4, lw=1.4, label=label
        )
    axes.set_xscale("log", base=2)
    axes.set_title(title, fontsize=9)
    axes.set_xlabel(across, fontsize=8)
    axes.set_ylabel(up, fontsize=8)
    axes.tick_params(labelsize=7)
    axes.grid(True, lw=0.3)


def draw(records, path):
    figure, axes = pyplot.subplots(2, 3, figsize=(11, 6.2))
    for place, key, title, across in (
        (axes[0, 0], "distance", "512 pairs, states of 64 x 64", "tokens since the pair, up to"),
        (axes[0, 1], "state", "64 pairs", "numbers in a state"),
        (axes[0, 2], "haystack", "one marked pair among others", "tokens"),
    ):
        record = records[key]
        plot(place, title, across, "recalled", record["x"], record["series"])
        place.set_ylim(-0.04, 1.04)
        place.yaxis.set_major_formatter(PercentFormatter(1))
    length = records["length"]
    memory = {kind: [b / 2**20 for b in bytes] for kind, bytes in length["memory"].items()}
    plot(axes[1, 0], "kept for a sequence, 8 heads", "tokens", "MiB", length["x"], memory)
    seconds = {kind: [1e3 * s for s in times] for kind, times in length["seconds"].items()}
    plot(axes[1, 1], "a call for the next token, one thread", "tokens before it", "ms", length["x"], seconds)
    for place in axes[1, :2]:
        place.set_yscale("log")
    axes[1, 2].axis("off")
    handles, labels = axes[0, 0].get_legend_handles_labels()
    axes[1, 2].legend(handles, labels, loc="center", fontsize=9, frameon=False)
    figure.tight_layout()
    figure.savefig(path, dpi=110)
