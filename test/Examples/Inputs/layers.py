# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The layers of examples/blocks from their papers, in float64, on weights as
checkpoints have them: one position after the other, no heads of 64, no states."""

import math

import numpy as np


def norm(x, weight, epsilon=1e-5):
    return x / np.sqrt((x * x).mean(-1, keepdims=True) + epsilon) * weight


def silu(x):
    return x / (1 + np.exp(-x))


def softplus(x):
    return np.logaddexp(x, 0)


def split_heads(x, dim):
    return x.reshape(*x.shape[:-1], -1, dim).swapaxes(1, 2)


def rotate(x, theta=10000.0):
    """[batch, heads, length, dim], by pairs (d, d + dim / 2) as complex numbers."""
    half = x.shape[-1] // 2
    angles = np.outer(np.arange(x.shape[2]), theta ** (-np.arange(half) / half))
    turned = (x[..., :half] + 1j * x[..., half:]) * np.exp(1j * angles)
    return np.concatenate([turned.real, turned.imag], -1)


def attend(x, w, dim, window=None, rotary=False, scale=None):
    q, k, v = (split_heads(x @ w[f"{n}_proj.weight"].T, dim) for n in "qkv")
    if rotary:
        q, k = rotate(q), rotate(k)
    k, v = (np.repeat(y, q.shape[1] // k.shape[1], 1) for y in (k, v))
    distance = np.subtract.outer(np.arange(x.shape[1]), np.arange(x.shape[1]))
    sees = (distance >= 0) & (distance < (window or x.shape[1]))
    scores = q @ k.swapaxes(-1, -2) * (dim**-0.5 if scale is None else scale)
    scores = np.where(sees, scores, -np.inf)
    weights = np.exp(scores - scores.max(-1, keepdims=True))
    out = weights @ v / weights.sum(-1, keepdims=True)
    return out.swapaxes(1, 2).reshape(*x.shape[:2], -1) @ w["o_proj.weight"].T


def network(x, w, activation=silu):
    gate = activation(x @ w["gate_proj.weight"].T)
    return (gate * (x @ w["up_proj.weight"].T)) @ w["down_proj.weight"].T


def part(w, prefix):
    return {n[len(prefix) :]: a for n, a in w.items() if n.startswith(prefix)}


def mistral(x, w, dim=32, window=32):
    x = x + attend(norm(x, w["input_layernorm.weight"]), part(w, "self_attn."), dim, window, True)
    return x + network(norm(x, w["post_attention_layernorm.weight"]), part(w, "mlp."))


def mixer(x, w):
    """Mamba's mixer; with Jamba's norms of step size, B and C where there are some."""
    inner, state = w["A_log"].shape
    rank = w["dt_proj.weight"].shape[1]
    u, z = np.split(x @ w["in_proj.weight"].T, 2, -1)
    taps = w["conv1d.weight"][:, 0]
    padded = np.pad(u, ((0, 0), (taps.shape[1] - 1, 0), (0, 0)))
    u = silu(
        sum(padded[:, j : j + u.shape[1]] * taps[:, j] for j in range(taps.shape[1]))
        + w["conv1d.bias"]
    )
    dt, b, c = np.split(u @ w["x_proj.weight"].T, [rank, rank + state], -1)
    if "dt_layernorm.weight" in w:
        dt, b, c = (
            norm(y, w[f"{n}_layernorm.weight"]) for n, y in (("dt", dt), ("b", b), ("c", c))
        )
    dt = softplus(dt @ w["dt_proj.weight"].T + w["dt_proj.bias"])
    a = -np.exp(w["A_log"])
    s, y = np.zeros((x.shape[0], inner, state)), np.empty_like(u)
    for t in range(x.shape[1]):
        s = np.exp(dt[:, t, :, None] * a) * s
        s += (dt[:, t] * u[:, t])[..., None] * b[:, t, None]
        y[:, t] = (s * c[:, t, None]).sum(-1)
    return (y + w["D"] * u) * silu(z) @ w["out_proj.weight"].T


def mamba(x, w):
    return x + mixer(norm(x, w["norm.weight"]), part(w, "mixer."))


def experts(x, w):
    """The two best experts of each token, one token after the other."""
    count, out = len(w["router.weight"]), np.empty_like(x)
    logits = x @ w["router.weight"].T
    shares = np.exp(logits - logits.max(-1, keepdims=True))
    shares /= shares.sum(-1, keepdims=True)
    for b, t in np.ndindex(*x.shape[:2]):
        best = np.argsort(-shares[b, t], kind="stable")[:2]
        out[b, t] = sum(
            shares[b, t, e] * network(x[b, t], part(w, f"experts.{e}.")) for e in best
        )
    assert count > 2
    return out


def jamba(x, w):
    for i in range(8):
        own = part(w, f"layers.{i}.")
        normed = norm(x, own["input_layernorm.weight"])
        if i == 4:
            x = x + attend(normed, part(own, "self_attn."), 32)
        else:
            x = x + mixer(normed, part(own, "mamba."))
        normed = norm(x, own["pre_ff_layernorm.weight"])
        feed = part(own, "feed_forward.")
        x = x + (experts(normed, feed) if i % 2 else network(normed, feed))
    return x


def gelu(x):
    return x / 2 * (1 + np.vectorize(math.erf)(x / math.sqrt(2)))


def zamba(x, e, w):
    shared = part(w, "layers.0.shared_transf.")
    for i in range(2):
        t = norm(np.concatenate([x, e], -1), shared["input_layernorm.weight"])
        t = attend(t, part(shared, "self_attn."), 64, scale=32**-0.5)
        t = norm(t, shared["pre_ff_layernorm.weight"])
        t = network(t, part(shared, "feed_forward."), gelu)
        own = part(w, f"layers.{i}.")
        mixed = norm(x + t @ own["linear.weight"].T, own["mamba_decoder.input_layernorm.weight"])
        x = x + mixer(mixed, part(own, "mamba_decoder.mamba."))
    return x
