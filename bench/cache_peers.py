# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Other projects' attention over the same quantised caches, for caches.py.

All read the same numbers: those of a peer's format are taken apart and put into the
arrays that attnc reads. `ggml_flash_attn_ext` has blocks of 32 numbers with a scale
in f16 (q8_0, q4_0); onnxruntime's GroupQueryAttention has a scale for each channel
of a head, and appends the last token as it goes.
"""

from dataclasses import dataclass

import numpy as np

BLOCK = 32


@dataclass
class Sides:
    """Keys or values of `[1, heads, tokens, dim]`, as each of them keeps them."""

    numbers: np.ndarray
    scales: np.ndarray | None
    of_peer: np.ndarray


def pack_nibbles(numbers):
    """Two numbers of 4 bits in a byte, the first one in the low half."""
    halves = (numbers & 15).astype(np.uint8)
    return (halves[..., 0::2] | halves[..., 1::2] << 4).view(np.int8)


def in_blocks(values, bits):
    """Values in blocks of 32, for ggml: the scale, then the numbers; of 4 bits those of
    the block's first half in the low halves of its bytes, plus 8."""
    most = 127 if bits == 8 else 7
    blocks = values.reshape(*values.shape[:-1], -1, BLOCK)
    scales = (np.abs(blocks).max(-1) / most).astype(np.float16)
    numbers = np.rint(blocks / scales[..., None].astype(np.float32))
    numbers = np.clip(numbers, -most, most).astype(np.int8)
    packed = numbers.view(np.uint8)
    if bits == 4:
        raised = (numbers + 8).astype(np.uint8)
        packed = raised[..., : BLOCK // 2] | raised[..., BLOCK // 2 :] << 4
    of_peer = np.concatenate([scales[..., None].view(np.uint8), packed], axis=-1)
    flat = numbers.reshape(values.shape)
    return Sides(
        pack_nibbles(flat) if bits == 4 else flat,
        scales.astype(np.float32),
        np.ascontiguousarray(of_peer),
    )


def by_channel(values):
    """Values with a scale for each channel of a head, for onnxruntime."""
    scales = (np.abs(values).max((0, 2), keepdims=True) / 127).astype(np.float32)
    numbers = np.rint(values / scales).astype(np.int8)
    return Sides(numbers, np.ascontiguousarray(scales[0, :, 0]), numbers)


def plain(values):
    halves = values.astype(np.float16)
    return Sides(halves, None, halves)


class Ggml:
    """One query over a cache of f16, q8_0 or q4_0."""

    name = "ggml"
    formats = {
        "f16": (plain, "f16", ""),
        "q8_0": (lambda v: in_blocks(v, 8), "i8", f"scale<group = {BLOCK}>"),
        "q4_0": (lambda v: in_blocks(v, 4), "i4", f"scale<group = {BLOCK}>"),
    }

    def prepare(self, format, query, keys, values):
        from peers.ggml_flash import bind

        dim = query.shape[3]
        shape = (*keys.of_peer.shape[:3], dim)
        prepared = bind(
            [
                ("F32", query.shape, query),
                (format.upper(), shape, keys.of_peer),
                (format.upper(), shape, values.of_peer),
            ],
            1,
            dim**-0.5,
        )
        return prepared.call, lambda: prepared.output().swapaxes(1, 2)


class OnnxRuntime:
    """One query over a cache of f16 or of i8 by channel, in place."""

    name = "onnxruntime"
    formats = {
        "f16": (plain, "f16", ""),
        "i8": (by_channel, "i8", "scale<channel>"),
    }

    def prepare(self, format, query, keys, values):
        from peers.onnx_runtime import bind

        heads, kv_heads, tokens = query.shape[1], *keys.numbers.shape[1:3]
        # The token that is appended is the last one, which is there already.
        wide = np.float16 if format == "f16" else np.float32
        scales = {}
        attributes = {}
        if format == "i8":
            shape = (1, kv_heads, 1, query.shape[3])
            scales = {
                "rope_cos": None, "rope_sin": None, "positions": None, "bias": None,
                "sink": None, "k_scale": keys.scales.reshape(shape),
                "v_scale": values.scales.reshape(shape),
            }  # fmt: skip
            attributes = {
                "k_quant_type": "PER_CHANNEL",
                "v_quant_type": "PER_CHANNEL",
                "kv_cache_bit_width": 8,
            }

        def last(side):
            token = side.numbers[:, :, -1].astype(wide)
            if side.scales is not None:
                token = token * side.scales[None]
            return np.ascontiguousarray(token.reshape(1, 1, -1))

        prepared = bind(
            "GroupQueryAttention",
            "com.microsoft",
            {
                "q": query.reshape(1, 1, -1).astype(wide),
                "k": last(keys),
                "v": last(values),
                "past_key": keys.of_peer,
                "past_value": values.of_peer,
                "lengths": np.array([tokens - 1], np.int32),
                "total": np.array(tokens, np.int32),
                **scales,
            },
            {
                "out": np.zeros((1, 1, query.shape[1] * query.shape[3]), wide),
                "new_key": np.zeros_like(keys.of_peer),
                "new_value": np.zeros_like(values.of_peer),
            },
            {"new_key": "past_key", "new_value": "past_value"},
            1,
            num_heads=heads,
            kv_num_heads=kv_heads,
            **attributes,
        )
        return prepared.call, lambda: prepared.output().reshape(query.shape)


PEERS = (Ggml(), OnnxRuntime())
