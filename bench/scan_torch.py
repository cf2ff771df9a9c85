# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The recurrences in PyTorch, as the reference code of their authors has them.

`loop` goes from position to position, as mamba-ssm's `selective_scan_ref` and the
naive functions of flash-linear-attention do. The chunked forms are listing 1 of
Mamba-2 (Dao and Gu 2024), the two-level form of GLA, and the WY form of the delta
rule as transformers computes it where there is no kernel.
"""

from __future__ import annotations

import torch
from peers.peer import Prepared

CHUNK = 64


def advance(state, gain, written, query):
    """One position of a decay of each element."""
    state = gain * state + written
    return state, (query[..., None] * state).sum(-2)


def loop(terms, state, advance=advance):
    q, k, v, beta = terms.query, terms.key, terms.value, terms.beta
    gain = None if terms.decay is None else terms.decay.exp()
    out = torch.empty(v.shape)
    if gain is not None and gain.shape[-1] > 1:
        written = k[..., None] * v[..., None, :]
        for t in range(v.shape[2]):
            state, out[:, :, t] = advance(
                state, gain[:, :, t], written[:, :, t], q[:, :, t]
            )
        return out, state
    norm = k.cumsum(2) if terms.normalize else None
    for t in range(v.shape[2]):
        key, value = k[:, :, t], v[:, :, t]
        if gain is not None:
            state = gain[:, :, t] * state
        if beta is not None:
            read = (key[:, :, None] @ state)[:, :, 0]
            value = beta[:, :, t, None] * (value - read)
        state = state + key[..., None] * value[..., None, :]
        out[:, :, t] = (q[:, :, t, None] @ state)[:, :, 0]
    if norm is not None:
        out /= (q * norm).sum(-1, keepdim=True)
    return out, state


def split(x):
    """A chunk, and positions in it, instead of positions."""
    return x.unflatten(2, (-1, CHUNK))


def chunked_sum(terms, state):
    """Linear attention without decay."""
    q, k, v = split(terms.query), split(terms.key), split(terms.value)
    sums = (k.transpose(-1, -2) @ v).cumsum(2)
    before = torch.cat([state[:, :, None], sums[:, :, :-1] + state[:, :, None]], 2)
    out = q @ before + (q @ k.transpose(-1, -2)).tril() @ v
    out = out.flatten(2, 3)
    norm = (terms.query * terms.key.cumsum(2)).sum(-1, keepdim=True)
    return out / norm, sums[:, :, -1] + state


def segment_sums(x):
    """Sums from behind one position to another, computed as sums."""
    length = x.shape[-1]
    lower = torch.ones(length, length, dtype=torch.bool).tril()
    sums = x[..., None].expand(*x.shape, length)
    sums = sums.masked_fill(~lower.tril(-1), 0).cumsum(-2)
    return sums.masked_fill(~lower, -torch.inf)


def chunked_ssd(terms, state):
    """One decay for each position: `ssd_minimal_discrete` of Mamba-2."""
    c, b, x = split(terms.query), split(terms.key), split(terms.value)
    a = split(terms.decay[..., 0, 0])
    sums = a.cumsum(-1)
    weights = (c @ b.transpose(-1, -2)) * segment_sums(a).exp()
    diagonal = weights @ x
    kept = (sums[..., -1:] - sums).exp()
    states = b.transpose(-1, -2) @ (kept[..., None] * x)
    states = torch.cat([state[:, :, None], states], 2)
    between = segment_sums(torch.nn.functional.pad(sums[..., -1], (1, 0))).exp()
    states = torch.einsum("bhzc,bhcnp->bhznp", between, states)
    states, final = states[:, :, :-1], states[:, :, -1]
    out = diagonal + (c @ states) * sums.exp()[..., None]
    return out.flatten(2, 3), final


def chunked_gla(terms, state):
    """A decay for each row; divides by the decays of a chunk, which must not be
    strong."""
    q, k, v = split(terms.query), split(terms.key), split(terms.value)
    sums = split(terms.decay[..., 0]).cumsum(-2)
    last = sums[..., -1:, :]
    q = q * sums.exp()
    inside = (q @ (k * (-sums).exp()).transpose(-1, -2)).tril() @ v
    written = (k * (last - sums).exp()).transpose(-1, -2) @ v
    gain = last.exp().transpose(-1, -2)
    parts = []
    for chunk in range(v.shape[2]):
        parts.append(q[:, :, chunk] @ state)
        state = gain[:, :, chunk] * state + written[:, :, chunk]
    return (torch.stack(parts, 2) + inside).flatten(2, 3), state


def chunked_delta(terms, state):
    """`torch_chunk_gated_delta_rule` of transformers."""
    q, k, v = split(terms.query), split(terms.key), split(terms.value)
    beta = split(terms.beta)[..., None]
    written, weighted = v * beta, k * beta
    upper = torch.ones(CHUNK, CHUNK, dtype=torch.bool).triu()
    pairs = weighted @ k.transpose(-1, -2)
    inside = q @ k.transpose(-1, -2)
    if terms.decay is not None:
        sums = split(terms.decay[..., 0, 0]).cumsum(-1)
        decays = (sums[..., :, None] - sums[..., None, :]).tril().exp().tril()
        pairs, inside = pairs * decays, inside * decays
        weighted = weighted * sums.exp()[..., None]
        q = q * sums.exp()[..., None]
        k = k * (sums[..., -1:] - sums).exp()[..., None]
    inverse = -pairs.masked_fill(upper, 0)
    for i in range(1, CHUNK):
        row, above = inverse[..., i, :i].clone(), inverse[..., :i, :i].clone()
        inverse[..., i, :i] = row + (row[..., None] * above).sum(-2)
    inverse = inverse + torch.eye(CHUNK)
    written, weighted = inverse @ written, inverse @ weighted
    inside = inside.tril()
    parts = []
    for chunk in range(v.shape[2]):
        new = written[:, :, chunk] - weighted[:, :, chunk] @ state
        parts.append(q[:, :, chunk] @ state + inside[:, :, chunk] @ new)
        if terms.decay is not None:
            state = sums[:, :, chunk, -1, None, None].exp() * state
        state = state + k[:, :, chunk].transpose(-1, -2) @ new
    return torch.stack(parts, 2).flatten(2, 3), state


CHUNKED = {
    "linear_attention": chunked_sum,
    "retnet": chunked_ssd,
    "gla": chunked_gla,
    "deltanet": chunked_delta,
    "gated_deltanet": chunked_delta,
    "mamba2": chunked_ssd,
}


def make_function(model, peer, length):
    """The model as a function of its inputs."""

    def define(form):
        def run(inputs):
            terms = model.terms(torch, **inputs)
            state = inputs.get("state")
            if state is None:
                state = torch.zeros(*terms.value.shape[:2], model.dim, model.value_dim)
            out, state = form(terms, state)
            return terms.output(out), state

        return run

    if peer == "loop":
        return define(loop)
    form = CHUNKED.get(model.name)
    if form and length % CHUNK != 0:
        raise ValueError(f"the length is not a multiple of {CHUNK}")
    if peer == "chunked":
        if not form:
            raise ValueError("no chunked form")
        return define(form)
    if form:
        return torch.compile(define(form), dynamic=False)
    # A loop would be unrolled: one position is compiled.
    compiled = torch.compile(advance, dynamic=False)
    return define(lambda terms, state: loop(terms, state, compiled))


def prepare(model, peer, inputs, length):
    """`inputs` are numpy arrays."""
    torch.set_num_threads(1)
    tensors = {name: torch.from_numpy(array) for name, array in inputs.items()}
    function = make_function(model, peer, length)
    result = []

    def call():
        with torch.no_grad():
            result[:] = function(tensors)

    return Prepared(call, lambda: result[0].numpy())
