# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Checks what examples/tradeoff says of its memories: what they recall and keep, and
against their definitions in float64; no times.

  check_tradeoff.py RECORDS.json TRADEOFF_FOLDER
"""

import json
import sys

sys.path.insert(0, sys.argv[2])

import numpy as np
import recall

with open(sys.argv[1], encoding="utf-8") as file:
    records = json.load(file)

distance, state, haystack = (
    {kind: np.array(shares) for kind, shares in records[key]["series"].items()}
    for key in ("distance", "state", "haystack")
)
for shares in (distance, state, haystack):
    assert list(shares) == list(recall.KINDS)
    # Keys and values are all there.
    assert (shares["softmax"] == 1).all()
    for series in shares.values():
        assert ((0 <= series) & (series <= 1)).all()

# A sum of everything knows no distance; what decays forgets, and what overwrites keeps
# the newest. A window remembers what is in it.
near, far = slice(0, 5), slice(-2, None)
assert abs(distance["linear"][far].mean() - distance["linear"][near].mean()) < 0.2
assert distance["mamba"][near].mean() > 2 * distance["mamba"][far].mean()
assert distance["delta"][near].mean() > 0.98 and distance["delta"][far].mean() < 0.1
assert (distance["hybrid"][near] == 1).all()
# A larger state holds more.
for kind in ("linear", "mamba", "delta"):
    assert (np.diff(state[kind]) > 0.15).all()
# What is selected is not crowded out.
assert (haystack["mamba"] == 1).all() and (haystack["delta"] == 1).all()
assert haystack["linear"][0] == 1 and haystack["linear"][-1] < 0.4

# 8 heads of 64 in f32: keys and values for each token, or a state.
memory, lengths = records["length"]["memory"], np.array(records["length"]["x"])
assert memory["softmax"] == list(2 * 8 * 64 * 4 * lengths)
for kind in ("linear", "mamba", "delta"):
    assert memory[kind] == [8 * 64 * 64 * 4] * len(lengths)
assert memory["hybrid"] == [8 * 64 * 64 * 4 + 2 * 8 * 64 * 4 * recall.WINDOW] * len(lengths)

# The memories themselves.
random = np.random.default_rng(1)
tokens, selected, keys, codes, answers = recall.make_pairs(random, 2, 40, 16)
k, v = np.split(tokens.astype(np.float64), 2, -1)
k = np.pad(k, ((0, 0), (1, 0), (0, 0)))[:, :-1]
q = keys.astype(np.float64)
rates = 2.0 ** -np.linspace(4, 12, 16)
states = {kind: np.zeros((2, 16, 16)) for kind in ("linear", "mamba", "delta")}
for t in range(80):
    write = k[:, t, :, None] * v[:, t, None]
    states["linear"] += write
    if selected[0, t]:
        states["mamba"] = np.exp(-rates)[:, None] * states["mamba"] + write
        known = (states["delta"] * k[:, t, :, None]).sum(1)
        states["delta"] = states["delta"] + k[:, t, :, None] * (v[:, t] - known)[:, None]


def attend(keys, values):
    weights = np.exp(recall.SHARPNESS * (q @ keys.swapaxes(1, 2) - 1))
    sums = weights.sum(-1, keepdims=True)
    return weights @ values / sums, np.log(sums) + recall.SHARPNESS


expected = {kind: q @ s for kind, s in states.items()}
expected["softmax"] = attend(k, v)[0]
window, lse = attend(k[:, -recall.WINDOW :], v[:, -recall.WINDOW :])
expected["hybrid"] = np.where(lse > 0.75 * recall.SHARPNESS, window, expected["delta"])
kernels = recall.compile_kernels(16)
for kind in recall.KINDS:
    memory = recall.Memory(kernels, kind, 16)
    memory.absorb(tokens[:, None], selected[:, None])
    np.testing.assert_allclose(
        memory.read(keys[:, None])[:, 0], expected[kind], atol=2e-5, err_msg=kind
    )
