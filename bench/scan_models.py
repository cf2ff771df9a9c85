# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The recurrences of examples/specs: inputs, and what they define.

A model's `terms` are written for numpy and for torch alike: they are called with
the module whose arrays they get. `recur` is the definition in numpy.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable

import numpy as np


@dataclass
class Terms:
    """What the recurrence is made of, `[batch, heads, length, ...]`."""

    query: object
    key: object
    value: object
    # Logarithms, `[..., length, dim, value_dim]`, of which the last two may be 1.
    decay: object = None
    beta: object = None
    normalize: bool = False
    # What becomes of a result.
    output: Callable = lambda out: out


@dataclass(frozen=True)
class Model:
    name: str
    dim: int
    value_dim: int
    make: Callable
    terms: Callable
    # Operations for each position, head and element of the state.
    operations: int = 4
    # Inputs and results have a state, which is the last of them.
    has_state: bool = True

    def flops(self, batch, heads, length):
        positions = batch * heads * length
        return self.operations * self.dim * self.value_dim * positions

    def inputs(self, batch, heads, length):
        """By name, in the order of the spec's arguments."""
        random = np.random.default_rng(0)

        def normal(*shape):
            return random.standard_normal(shape, np.float32)

        made = self.make(normal, batch, heads, length)
        if self.has_state:
            made["state"] = normal(batch, heads, self.dim, self.value_dim)
        return made

    def results(self, batch, heads, length):
        """Memory of the results, in the order of the spec."""
        out = channels(np.zeros([batch, length, heads, self.value_dim], np.float32))
        if self.name != "mamba":
            out = np.ascontiguousarray(out)
        # Written to, so that its pages are there.
        out.fill(0)
        if self.name == "linear_attention":
            return [out]
        return [out, np.ones([batch, heads, self.dim, self.value_dim], np.float32)]


def channels(array):
    """`[batch, length, heads, n]` as `[batch, heads, length, n]`, without a copy."""
    return array.transpose(0, 2, 1, 3)


def softplus(xp, x):
    return xp.log1p(xp.exp(x))


def sigmoid(xp, x):
    return 1 / (1 + xp.exp(-x))


def step_bias(*shape):
    """A bias of steps for which these are between 0.001 and 0.1."""
    steps = np.exp(np.random.default_rng(1).uniform(np.log(1e-3), np.log(0.1), shape))
    return np.log(np.expm1(steps)).astype(np.float32)


def rates(heads):
    return np.log(np.linspace(1, 16, heads)).astype(np.float32)


def make_qkv(normal, batch, heads, length, key_heads=None):
    keys = (batch, key_heads or heads, length, 64)
    return {
        "q": normal(*keys), "k": normal(*keys), "v": normal(batch, heads, length, 64)
    }  # fmt: skip


def linear_attention_terms(xp, q, k, v):
    def feature(x):
        return xp.where(x > 0, x + 1, xp.exp(x))

    return Terms(feature(q), feature(k), v, normalize=True)


def retnet_terms(xp, q, k, v):
    forgotten = [2.0 ** (-5 - head) for head in range(v.shape[1])]
    decay = xp.log1p(-xp.asarray(forgotten, dtype=v.dtype))[:, None, None, None]
    return Terms(q, k, v, xp.broadcast_to(decay, (*v.shape[:3], 1, 1)))


def make_gla(normal, batch, heads, length):
    made = make_qkv(normal, batch, heads, length)
    x = normal(batch, heads, length, 64)
    return made | {"log_gate": -np.log1p(np.exp(-x)) / 16}


def gla_terms(xp, q, k, v, log_gate, state):
    return Terms(q, k, v, log_gate[..., None])


def make_deltanet(normal, batch, heads, length):
    made = make_qkv(normal, batch, heads, length)
    return made | {"beta": normal(batch, heads, length)}


def deltanet_terms(xp, q, k, v, beta, state):
    return Terms(q / 8, k / 8, v, beta=sigmoid(xp, beta))


def make_gated_deltanet(normal, batch, heads, length):
    # Two heads of value share one of query and key, unless there is only one.
    made = make_qkv(normal, batch, heads, length, max(1, heads // 2))
    gate = (batch, heads, length)
    return made | {
        "beta": normal(*gate), "x": normal(*gate) - 4, "a_log": rates(heads)
    }  # fmt: skip


def gated_deltanet_terms(xp, q, k, v, beta, x, a_log, state):
    share = v.shape[1] // k.shape[1]
    served = [head // share for head in range(v.shape[1])]
    decay = -xp.exp(a_log)[:, None] * softplus(xp, x)
    return Terms(q[:, served] / 8, k[:, served] / 8, v, decay[..., None, None],
                 sigmoid(xp, beta))  # fmt: skip


def make_mamba(normal, batch, heads, length):
    wide, narrow = (batch, length, heads, 64), (batch, 1, length, 16)
    rate = np.log(np.arange(1, 17, dtype=np.float32))
    return {
        "u": channels(normal(*wide)),
        "dt": channels(normal(*wide)),
        "b": normal(*narrow),
        "c": normal(*narrow),
        "z": channels(normal(*wide)),
        "a_log": np.ascontiguousarray(np.broadcast_to(rate, (heads, 64, 16))),
        "bias": step_bias(heads, 64),
        "skip": normal(heads, 64),
    }


def mamba_terms(xp, u, dt, b, c, z, a_log, bias, skip, state):
    step = softplus(xp, dt + bias[:, None])
    rate = xp.exp(a_log).swapaxes(1, 2)[:, None]
    return Terms(
        c, b, step * u, -rate * step[..., None, :],
        output=lambda out: (out + skip[:, None] * u) * z * sigmoid(xp, z),
    )  # fmt: skip


def make_mamba2(normal, batch, heads, length):
    return {
        "u": normal(batch, heads, length, 64),
        "dt": normal(batch, heads, length),
        "b": normal(batch, 1, length, 128),
        "c": normal(batch, 1, length, 128),
        "a_log": rates(heads),
        "bias": step_bias(heads),
        "skip": normal(heads),
    }


def mamba2_terms(xp, u, dt, b, c, a_log, bias, skip, state):
    step = softplus(xp, dt + bias[:, None])
    decay = -xp.exp(a_log)[:, None] * step
    return Terms(c, b, step[..., None] * u, decay[..., None, None],
                 output=lambda out: out + skip[:, None, None] * u)  # fmt: skip


MODELS = {
    model.name: model
    for model in (
        Model("linear_attention", 64, 64, make_qkv, linear_attention_terms,
              has_state=False),
        Model("retnet", 64, 64, make_qkv, retnet_terms, has_state=False),
        Model("gla", 64, 64, make_gla, gla_terms),
        Model("deltanet", 64, 64, make_deltanet, deltanet_terms, operations=6),
        Model("gated_deltanet", 64, 64, make_gated_deltanet, gated_deltanet_terms,
              operations=6),
        Model("mamba", 16, 64, make_mamba, mamba_terms),
        Model("mamba2", 128, 64, make_mamba2, mamba2_terms),
    )
}  # fmt: skip


def recur(model, inputs, length):
    """The first `length` positions of the result, in float64."""
    double = {name: array.astype(np.float64) for name, array in inputs.items()}
    terms = model.terms(np, **double)
    batch, heads = terms.value.shape[:2]
    state = double.get("state", np.zeros([batch, heads, model.dim, model.value_dim]))
    norm = np.zeros([batch, heads, model.dim])
    out = np.empty_like(terms.value)
    for t in range(length):
        q, k, v = terms.query[:, :, t], terms.key[:, :, t], terms.value[:, :, t]
        if terms.decay is not None:
            state = np.exp(terms.decay[:, :, t]) * state
        if terms.beta is not None:
            v = terms.beta[:, :, t, None] * (v - (k[..., None] * state).sum(-2))
        state = state + k[..., None] * v[..., None, :]
        out[:, :, t] = (q[..., None] * state).sum(-2)
        if terms.normalize:
            norm = norm + k
            out[:, :, t] /= (q * norm).sum(-1, keepdims=True)
    return terms.output(out)[:, :, :length]
