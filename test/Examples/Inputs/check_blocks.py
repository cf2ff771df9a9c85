# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Whole layers give what their papers say, prompts of any lengths and steps behind them
alike: a prompt of n tokens and then m tokens in any pieces are a prompt of n + m.

  check_blocks.py BLOCKS_FOLDER [Mistral] [Mamba] [Jamba] [Zamba]
"""

import sys
import unittest
from pathlib import Path

BLOCKS = Path(sys.argv.pop(1))
sys.path.insert(0, str(BLOCKS))

import attnc
import checkpoint
import layers
import numpy as np
from initial import Initial

# Lengths around windows, chunks and tiles, none of which divides them; and the pieces in
# which what follows comes.
SPLITS = [(1, [1, 1, 1]), (3, [1]), (31, [1, 2, 1]), (37, [5, 1, 7]), (70, [33, 1, 30])]


def double(weights):
    return {name: array.astype(np.float64) for name, array in weights.items()}


def draw(*shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


class Checks(unittest.TestCase):
    def check(self, actual, expected):
        """The bounds of include/attnc/Support/Tolerance.h, for sums of 448 products and
        a few of them behind each other."""
        units = (64 + 4 * 448**0.5) * 2**-24
        bound = units * (np.abs(expected).max() + np.abs(expected))
        self.assertFalse((np.abs(actual - expected) > bound).any())
        self.assertLess(((actual - expected) ** 2).sum() / (expected**2).sum(), 1e-10)

    def check_hybrid(self, kernels, inputs, rest, n, pieces, expected):
        lengths = np.full(2, n, np.int32)
        parts = {name: array[:, :n] for name, array in inputs.items()}
        y, conv, state = kernels.prefill(**parts, **rest, lengths=lengths)
        out = [y]
        for m in pieces:
            begin = lengths[0]
            lengths += m
            parts = {name: array[:, begin : begin + m] for name, array in inputs.items()}
            y, conv, state = kernels.decode(
                **parts, **rest, lengths=lengths, conv=conv, state=state
            )
            out.append(y)
        self.check(np.concatenate(out, 1), expected)


class Mistral(Checks):
    def test_prompt_and_steps(self):
        kernels = attnc.compile(BLOCKS / "mistral.mlir")
        tensors = Initial(1).mistral()
        weights = checkpoint.mistral(tensors)
        for n, pieces in SPLITS:
            x = draw(2, n + sum(pieces), 128, seed=n)
            expected = layers.mistral(x.astype(np.float64), double(tensors))
            rings = {name: draw(2, 2, 64, 32) for name in ("keys", "values")}
            lengths = np.full(2, n, np.int32)
            out = [kernels.prefill(x[:, :n], **weights, **rings, lengths=lengths)]
            for m in pieces:
                begin = lengths[0]
                lengths += m
                part = x[:, begin : begin + m]
                out.append(kernels.decode(part, **weights, **rings, lengths=lengths))
            self.check(np.concatenate(out, 1), expected)

    def test_prompts_of_different_lengths(self):
        kernels = attnc.compile(BLOCKS / "mistral.mlir")
        tensors = Initial(2).mistral()
        weights = checkpoint.mistral(tensors)
        x = draw(3, 91, 128)
        expected = layers.mistral(x.astype(np.float64), double(tensors))
        rings = {name: draw(3, 2, 64, 32) for name in ("keys", "values")}
        lengths = np.array([7, 90, 33], np.int32)
        out = kernels.prefill(x[:, :90], **weights, **rings, lengths=lengths)
        for b, n in enumerate(lengths):
            self.check(out[b, :n], expected[b, :n])
        lengths += 1
        last = np.stack([x[b, n - 1 : n] for b, n in enumerate(lengths)])
        out = kernels.decode(last, **weights, **rings, lengths=lengths)
        for b, n in enumerate(lengths):
            self.check(out[b], expected[b, n - 1 : n])


class Mamba(Checks):
    def test_prompt_and_steps(self):
        kernels = attnc.compile(BLOCKS / "mamba.mlir")
        tensors = Initial(3).mamba()
        weights = checkpoint.mamba(tensors)
        for n, pieces in SPLITS:
            x = draw(2, n + sum(pieces), 128, seed=n)
            expected = layers.mamba(x.astype(np.float64), double(tensors))
            y, *states = kernels.prefill(x[:, :n], **weights)
            out = [y]
            for m in pieces:
                part, n = x[:, n : n + m], n + m
                y, *states = kernels.decode(part, *weights.values(), *states)
                out.append(y)
            self.check(np.concatenate(out, 1), expected)


class Jamba(Checks):
    def test_prompt_and_steps(self):
        kernels = attnc.compile(BLOCKS / "jamba.mlir")
        tensors = Initial(4).jamba()
        weights = checkpoint.jamba(tensors)
        for n, pieces in SPLITS:
            x = draw(2, n + sum(pieces), 128, seed=n)
            expected = layers.jamba(x.astype(np.float64), double(tensors))
            caches = {name: draw(2, 2, x.shape[1], 32) for name in ("keys", "values")}
            self.check_hybrid(kernels, {"x": x}, {**weights, **caches}, n, pieces, expected)


class Zamba(Checks):
    def test_prompt_and_steps(self):
        kernels = attnc.compile(BLOCKS / "zamba.mlir")
        tensors = Initial(5).zamba()
        weights = checkpoint.zamba(tensors)
        for n, pieces in SPLITS:
            x, e = (draw(2, n + sum(pieces), 128, seed=seed) for seed in (n, n + 100))
            expected = layers.zamba(*(y.astype(np.float64) for y in (x, e)), double(tensors))
            names = ("keys0", "values0", "keys1", "values1")
            caches = {name: draw(2, 4, x.shape[1], 64) for name in names}
            inputs = {"x": x, "e": e}
            self.check_hybrid(kernels, inputs, {**weights, **caches}, n, pieces, expected)


if __name__ == "__main__":
    unittest.main()
