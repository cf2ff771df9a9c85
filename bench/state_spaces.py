# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""S4 and S4D of examples/specs beside PyTorch, as the published code computes them.

`loop` is the recurrent mode. `convolution` is the other one: a filter as long as the
sequence, made of powers of the state matrix (`S4DKernel`), and a product of Fourier
transforms. `fft` is that product alone, with a filter that was made before.
"""

from __future__ import annotations

import statistics
import sys

import numpy as np
from peers.measure import difference
from peers.peer import Prepared

STATE, DIM = 32, 64
SPECS = ("s4d", "s4")
PEERS = ("loop", "convolution", "fft")
# As a share of the largest value: the filter of a thousand channels is rounded, too.
TOLERANCE = 1e-3


def make_inputs(spec, heads, length):
    """By name, in the order of the spec's arguments; S4D-Lin's initial values."""
    random = np.random.default_rng(0)

    def normal(*shape):
        return random.standard_normal(shape, np.float32)

    shape = (heads, 2, STATE, DIM)
    a = np.empty(shape, np.float32)
    a[:, 0] = np.log(0.5)
    a[:, 1] = np.pi * np.arange(STATE)[:, None]
    steps = random.uniform(np.log(0.1), np.log(10), (heads, DIM))
    inputs = {"x": normal(1, heads, length, DIM), "a": a, "b": normal(*shape)}
    inputs["c"] = normal(*shape)
    if spec == "s4":
        inputs["p"] = normal(*shape)
    inputs["log_step"] = steps.astype(np.float32)
    inputs["skip"] = normal(heads, DIM)
    inputs["state"] = np.zeros([1, heads, 2, STATE, DIM], np.float32)
    return inputs


def as_complex(parameter):
    """`[heads, state, dim]`."""
    return parameter[:, 0] + 1j * parameter[:, 1]


def discretize(spec, inputs):
    """A, B, P and Q of a step, in complex128."""
    double = {name: array.astype(np.float64) for name, array in inputs.items()}
    rate = as_complex(double["a"])
    rate = -np.exp(rate.real) + 1j * rate.imag
    b, step = as_complex(double["b"]), 0.01 * np.exp(double["log_step"])[:, None]
    if spec == "s4d":
        a = np.exp(step * rate)
        return a, (a - 1) / rate * b, None, None
    p = as_complex(double["p"])
    d = 1 / (2 / step - rate)

    def project(x):
        return 2 * (p.conj() * x).real.sum(1, keepdims=True)

    low = d * p / (1 + project(d * p))
    b = 2 * (d * b - low * project(d * b))
    return (2 / step + rate) * d, b, low, 4 / step * d.conj() * p


def recur(spec, inputs, length):
    """The first `length` positions in float64."""
    a, b, p, q = discretize(spec, inputs)
    c, x = as_complex(inputs["c"].astype(np.float64)), inputs["x"][0]
    state = np.zeros_like(a)
    out = np.empty([1, x.shape[0], length, DIM])
    for t in range(length):
        taken = b * x[:, t, None]
        if p is not None:
            taken -= p * 2 * (q.conj() * state).real.sum(1, keepdims=True)
        state = a * state + taken
        out[0, :, t] = 2 * (c * state).real.sum(1) + inputs["skip"] * x[:, t]
    return out


def make_peer(spec, peer, inputs):
    """The peer as a function of nothing, or why there is none."""
    import torch

    torch.set_num_threads(1)
    made = [None if m is None else torch.from_numpy(m.astype(np.complex64))
            for m in discretize(spec, inputs)]  # fmt: skip
    a, b, p, q = made
    c = torch.from_numpy(as_complex(inputs["c"]).astype(np.complex64))
    x, skip = torch.from_numpy(inputs["x"][0]), torch.from_numpy(inputs["skip"])
    length = x.shape[1]

    def loop():
        state, out = torch.zeros_like(a), torch.empty_like(x)
        for t in range(length):
            taken = b * x[:, t, None]
            if p is not None:
                taken = taken - p * 2 * (q.conj() * state).real.sum(1, keepdim=True)
            state = a * state + taken
            out[:, t] = 2 * (c * state).real.sum(1)
        return out

    def make_filter():
        powers = torch.log(a)[..., None] * torch.arange(length)
        return 2 * torch.einsum("hnd,hndl->hdl", c * b, powers.exp()).real

    def convolve(taps):
        signal = torch.fft.rfft(x.transpose(1, 2), n=2 * length)
        product = signal * torch.fft.rfft(taps, n=2 * length)
        return torch.fft.irfft(product, n=2 * length)[..., :length].transpose(1, 2)

    if peer == "loop":
        form = loop
    elif spec == "s4":
        raise ValueError("its filter takes a Cauchy product, which PyTorch has not")
    elif peer == "convolution":
        form = lambda: convolve(make_filter())  # noqa: E731
    else:
        taps = make_filter()
        form = lambda: convolve(taps)  # noqa: E731
    result = []

    def call():
        with torch.no_grad():
            result[:] = [(form() + skip[:, None] * x)[None]]

    return Prepared(call, lambda: result[0].numpy())


def measure(kernels, take_turns, options):
    """Median times of attnc, and the peers' relative to them; best times as well."""
    rows = []
    for spec in SPECS:
        inputs = make_inputs(spec, options.heads, options.length)
        results = [np.zeros_like(inputs["x"]), np.zeros_like(inputs["state"])]
        ours = kernels.prepare(spec, [*inputs.values(), *results], results[0])
        ours.call()
        checked = min(options.length, 200)
        found = difference(results[0][:, :, :checked], recur(spec, inputs, checked))
        if found > TOLERANCE:
            sys.exit(f"{spec} differs from its definition by {found:.2g}")
        prepared, reasons = {"attnc": ours}, {}
        for peer in PEERS if options.peers else ():
            try:
                prepared[peer] = make_peer(spec, peer, inputs)
                prepared[peer].call()
                apart = difference(prepared[peer].output(), results[0])
                if apart > TOLERANCE:
                    raise ValueError(f"differs by {apart:.2g}")
            except Exception as error:  # Of any library: it is shown to the user.
                prepared.pop(peer, None)
                reasons[peer] = str(error)
        taken, failed = take_turns(prepared, options.rounds, options.seconds)
        reasons |= failed
        best = {name: min(v.samples) for name, v in taken.items()}
        row = {
            "model": spec,
            "median_ms": statistics.median(taken["attnc"].samples) * 1e3,
            "best_ms": best["attnc"] * 1e3,
            "difference": found,
        }
        for peer in PEERS:
            has = peer in taken
            row[peer] = (
                statistics.median(taken[peer].ratios) if has else reasons.get(peer)
            )
            row[f"{peer}_best"] = best[peer] / best["attnc"] if has else None
        rows.append(row)
    return rows
