# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What five kinds of memory recall, and what they cost: README.md beside this file.

  recall.py [--full] [--json=FILE] [--png=FILE] [--seed=N]

Prints tables; `--json` writes the numbers, `--png` draws them and needs matplotlib.
`--full` has more sequences, sizes and lengths.
"""

import argparse
import json
import time
from pathlib import Path

import attnc
import numpy as np

HERE = Path(__file__).resolve().parent
CODES = 64  # different values; guessing finds one in as many
SHARPNESS = 24.0  # the score of a key with itself
WINDOW = 64  # positions that the hybrid attends to
KINDS = ("softmax", "linear", "mamba", "delta", "hybrid")


def compile_kernels(dim):
    text = (HERE / "kernels.mlir").read_text()
    return attnc.compile(text.replace("x64", f"x{dim}"), name=f"tradeoff{dim}")


def unit(random, *shape):
    x = random.standard_normal(shape).astype(np.float32)
    return x / np.linalg.norm(x, axis=-1, keepdims=True)


class Memory:
    """A constructed layer: keys are what tokens show in their first half, values what
    they show in the second. What a key means is told by the token behind it, so the
    convolution in front of the operator moves keys on by one position."""

    def __init__(self, kernels, kind, dim, heads=1):
        self.kernels, self.kind, self.dim = kernels, kind, dim
        self.taps = np.zeros((heads, dim, 2), np.float32)
        self.taps[..., 0] = 1
        # Rows of the state forget over 16 to 4096 writes.
        rates = 2.0 ** -np.linspace(4, 12, dim)
        self.rates = np.tile(rates, (heads, 1)).astype(np.float32)

    def absorb(self, tokens, selected):
        """Takes in [batch, heads, length, 2 * dim]; `selected` are the positions of
        values that the gates of mamba and delta let in."""
        keys, self.values = np.split(tokens, 2, -1)
        self.keys = self.kernels.shift(np.ascontiguousarray(keys), self.taps)
        batch, heads, _, dim = self.keys.shape
        self.state = np.zeros((batch, heads, dim, dim), np.float32)
        if self.kind != "softmax":
            self.scan(np.zeros_like(self.keys), self.keys, self.values, selected)

    def scan(self, q, k, v, gate):
        """Advances the state, and returns what is read at each position."""
        gate = gate.astype(np.float32)
        if self.kind == "linear":
            y, self.state = self.kernels.linear(q, k, v, self.state)
        elif self.kind == "mamba":
            y, self.state = self.kernels.mamba(q, k, v, gate, self.rates, self.state)
        else:
            y, self.state = self.kernels.delta(q, k, v, gate, self.state)
        return y

    def read(self, queries):
        """What is recalled for [batch, heads, queries, dim], all behind the last token."""
        if self.kind == "softmax":
            return self.kernels.softmax(SHARPNESS * queries, self.keys, self.values)
        none, gate = np.zeros_like(queries), np.zeros(queries.shape[:-1], np.float32)
        if self.kind != "hybrid":
            return self.scan(queries, none, none, gate)
        first = max(0, self.keys.shape[2] - WINDOW)
        y, _ = self.kernels.hybrid(
            *(SHARPNESS * queries, self.keys, self.values, queries, none, none, gate),
            *(first, 0.75 * SHARPNESS, self.state),
        )
        return y


def recalled(kernels, kind, dim, tokens, selected, queries, codes, answers):
    """Which of the queries, [batch, queries], find their answer among the codes."""
    memory = Memory(kernels, kind, dim)
    memory.absorb(tokens[:, None], selected[:, None])
    read = memory.read(queries[:, None])[:, 0]
    return (read @ codes.T).argmax(-1) == answers


def make_pairs(random, batch, pairs, dim):
    """Keys and their values in turn: tokens, keys, the codes of values, which is whose."""
    keys, codes = unit(random, batch, pairs, dim), unit(random, CODES, dim)
    answers = random.integers(0, CODES, (batch, pairs))
    tokens = np.zeros((batch, 2 * pairs, 2 * dim), np.float32)
    tokens[:, 0::2, :dim] = keys
    tokens[:, 1::2, dim:] = codes[answers]
    selected = np.zeros((batch, 2 * pairs), bool)
    selected[:, 1::2] = True
    return tokens, selected, keys, codes, answers


def by_distance(kernels, random, batch, pairs, dim):
    """Of how many pairs the value is recalled, by how many tokens have come since."""
    tokens, selected, keys, codes, answers = make_pairs(random, batch, pairs, dim)
    edges = [2**i for i in range(2 * pairs.bit_length()) if 2**i <= 2 * pairs]
    distance = 2 * (pairs - np.arange(pairs)) - 1
    series = {}
    for kind in KINDS:
        found = recalled(kernels, kind, dim, tokens, selected, keys, codes, answers)
        ranges = [(distance >= a) & (distance < b) for a, b in zip(edges, edges[1:])]
        series[kind] = [float(found[:, r].mean()) for r in ranges]
    return {"x": edges[1:], "series": series}


def by_state(of_dim, random, batch, pairs):
    """Of how many of the pairs the value is recalled, by the numbers of a state."""
    series = {kind: [] for kind in KINDS}
    for dim, kernels in of_dim.items():
        problem = make_pairs(random, batch, pairs, dim)
        for kind in KINDS:
            tokens, selected, keys, codes, answers = problem
            found = recalled(kernels, kind, dim, tokens, selected, keys, codes, answers)
            series[kind].append(float(found.mean()))
    return {"x": [dim * dim for dim in of_dim], "series": series}


def by_haystack(kernels, random, batch, dim, lengths):
    """How often one pair is recalled that a marker tells from all others: what a gate
    can select does not fill the state."""
    series = {kind: [] for kind in KINDS}
    for length in lengths:
        tokens, selected, keys, codes, answers = make_pairs(random, batch, length // 2, dim)
        selected[:, 2:] = False
        for kind in KINDS:
            found = recalled(
                *(kernels, kind, dim, tokens, selected),
                *(keys[:, :1], codes, answers[:, :1]),
            )
            series[kind].append(float(found.mean()))
    return {"x": list(lengths), "series": series}


def by_length(kernels, random, dim, heads, lengths):
    """Bytes that are kept for a sequence, and the seconds of a call for its next token."""
    memory = {kind: [] for kind in KINDS}
    seconds = {kind: [] for kind in KINDS}
    token, gate = unit(random, 1, heads, 1, dim), np.ones((1, heads, 1), np.float32)
    for length in lengths:
        keys, values = (unit(random, 1, heads, length, dim) for _ in range(2))
        for kind in KINDS:
            layer = Memory(kernels, kind, dim, heads)
            layer.keys, layer.values = keys, values
            layer.state = np.zeros((1, heads, dim, dim), np.float32)
            kept = {"softmax": keys.nbytes + values.nbytes}
            window = 2 * min(length, WINDOW) * heads * dim * 4
            kept["hybrid"] = window + layer.state.nbytes
            memory[kind].append(kept.get(kind, layer.state.nbytes))
            if kind in ("softmax", "hybrid"):
                call = lambda: layer.read(token)
            else:
                call = lambda: layer.scan(token, token, token, gate)
            seconds[kind].append(best_time(call))
    return {"x": list(lengths), "memory": memory, "seconds": seconds}


def best_time(call):
    """The shortest of many calls, which other programs have disturbed least."""
    times, end = [], time.perf_counter() + 0.1
    while len(times) < 10 or time.perf_counter() < end:
        begin = time.perf_counter()
        call()
        times.append(time.perf_counter() - begin)
    return min(times)


def print_table(title, head, x, series, form):
    print(f"\n{title}\n")
    print(f"  {head:>12}" + "".join(f"{kind:>10}" for kind in series))
    for i, at in enumerate(x):
        print(f"  {at:>12}" + "".join(f"{form(values[i]):>10}" for values in series.values()))


def share(value):
    return f"{100 * value:.0f} %"


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--json")
    parser.add_argument("--png")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    if options.png:
        import draw  # before the work, so that what it needs is missed now

    # Of one thread times are alike on machines that have other work to do.
    attnc.set_num_threads(1)
    full, random = options.full, np.random.default_rng(options.seed)
    batch = 64 if full else 16
    of_dim = {d: compile_kernels(d) for d in ((8, 16, 32, 64, 128) if full else (16, 32, 64))}
    kernels = of_dim[64]
    records = {
        "distance": by_distance(kernels, random, batch, 512, 64),
        "state": by_state(of_dim, random, batch, 64),
        "haystack": by_haystack(
            kernels, random, 4 * batch, 64, [2**i for i in range(4, 15 if full else 12)]
        ),
        "length": by_length(
            kernels, random, 64, 8, [2**i for i in range(8, 16 if full else 14)]
        ),
    }
    length = records["length"]
    print(f"Values are one of {CODES}: guessing recalls {share(1 / CODES)}.")
    for key, title, head in (
        ("distance", "512 pairs in 1024 tokens, states of 64 x 64", "tokens since"),
        ("state", "64 pairs, by the numbers of a state", "numbers"),
        ("haystack", "one marked pair among others, states of 64 x 64", "tokens"),
    ):
        print_table(title, head, records[key]["x"], records[key]["series"], share)
    kib = lambda bytes: f"{bytes / 1024:.0f}"
    micro = lambda seconds: f"{1e6 * seconds:.0f}"
    print_table("KiB for a sequence, 8 heads", "tokens", length["x"], length["memory"], kib)
    print_table("microseconds a token, one thread", "tokens", length["x"], length["seconds"], micro)
    if options.json:
        Path(options.json).write_text(json.dumps(records, indent=1) + "\n")
    if options.png:
        draw.draw(records, options.png)


if __name__ == "__main__":
    main()
