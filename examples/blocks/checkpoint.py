# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Weights of published models as the arguments of the layers in this folder.

`read` gives the tensors of a safetensors file. `mistral`, `mamba`, `jamba` and `zamba`
take those of a layer, by the names that checkpoints of Hugging Face have, and give the
weights that `prefill` and `decode` of the file of that name take, as keywords: linear
layers [in, out] where checkpoints have [out, in], with channels in heads.
"""

import json
import struct

import numpy as np

_DTYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4"}
_NAMES = {np.dtype(code): name for name, code in _DTYPES.items()}


def read(path):
    """{name: array} of a safetensors file. bf16 becomes f32, which holds it exactly."""
    with open(path, "rb") as file:
        content = file.read()
    if len(content) < 8:
        raise ValueError(f"{path} is no safetensors file: it has {len(content)} bytes")
    (size,) = struct.unpack("<Q", content[:8])
    if size > len(content) - 8:
        raise ValueError(f"{path} is no safetensors file: its header leaves the file")
    header = json.loads(content[8 : 8 + size])
    data = memoryview(content)[8 + size :]
    tensors = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        begin, end = entry["data_offsets"]
        if not 0 <= begin <= end <= len(data):
            raise ValueError(f"{path}: '{name}' leaves the file")
        if entry["dtype"] == "BF16":
            bits = np.frombuffer(data[begin:end], "<u2").astype("<u4") << 16
            array = bits.view("<f4")
        elif entry["dtype"] in _DTYPES:
            array = np.frombuffer(data[begin:end], _DTYPES[entry["dtype"]])
        else:
            raise ValueError(f"{path}: '{name}' has dtype {entry['dtype']}")
        tensors[name] = array.reshape(entry["shape"])
    return tensors


def write(path, tensors):
    """Writes {name: array} as a safetensors file."""
    header, blocks, offset = {}, [], 0
    for name, array in tensors.items():
        block = np.ascontiguousarray(array).tobytes()
        header[name] = {
            "dtype": _NAMES[array.dtype],
            "shape": list(array.shape),
            "data_offsets": [offset, offset + len(block)],
        }
        blocks.append(block)
        offset += len(block)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(blocks))


def layer(tensors, prefix):
    """The tensors whose names begin with `prefix`, without it."""
    return {
        name[len(prefix) :]: array
        for name, array in tensors.items()
        if name.startswith(prefix)
    }


def _f32(array):
    return np.ascontiguousarray(array, dtype=np.float32)


def _linear(weight):
    """[out, in] -> [in, out]"""
    return _f32(weight.T)


def _into_heads(weight, dim):
    """[heads * dim, in] -> [in, heads, dim]"""
    return _f32(weight.T.reshape(weight.shape[1], -1, dim))


def _from_heads(weight, dim):
    """[out, heads * dim] -> [heads, dim, out]"""
    return _f32(weight.T.reshape(-1, dim, weight.shape[0]))


def _channels(array, dim):
    """[heads * dim, ...] -> [heads, dim, ...]"""
    return _f32(array.reshape(-1, dim, *array.shape[1:]))


def _attention(tensors, dim):
    return {
        "w_q": _into_heads(tensors["q_proj.weight"], dim),
        "w_k": _into_heads(tensors["k_proj.weight"], dim),
        "w_v": _into_heads(tensors["v_proj.weight"], dim),
        "w_o": _from_heads(tensors["o_proj.weight"], dim),
    }


def _network(tensors):
    return {
        "w_gate": _linear(tensors["gate_proj.weight"]),
        "w_up": _linear(tensors["up_proj.weight"]),
        "w_down": _linear(tensors["down_proj.weight"]),
    }


def mistral(tensors, dim=32):
    return {
        "attention_norm": _f32(tensors["input_layernorm.weight"]),
        **_attention(layer(tensors, "self_attn."), dim),
        "network_norm": _f32(tensors["post_attention_layernorm.weight"]),
        **_network(layer(tensors, "mlp.")),
    }


def _mixer(tensors, dim=64):
    inner, state = tensors["A_log"].shape
    rank = tensors["dt_proj.weight"].shape[1]
    in_u, in_z = np.split(tensors["in_proj.weight"], 2)
    x_dt, x_b, x_c = np.split(tensors["x_proj.weight"], [rank, rank + state])
    return {
        "in_u": _into_heads(in_u, dim),
        "in_z": _into_heads(in_z, dim),
        "taps": _channels(tensors["conv1d.weight"][:, 0], dim),
        "conv_bias": _channels(tensors["conv1d.bias"], dim),
        "x_dt": _from_heads(x_dt, dim),
        "x_b": _from_heads(x_b, dim)[None],
        "x_c": _from_heads(x_c, dim)[None],
        "dt_up": _into_heads(tensors["dt_proj.weight"], dim),
        "dt_bias": _channels(tensors["dt_proj.bias"], dim),
        "a_log": _channels(tensors["A_log"], dim),
        "skip": _channels(tensors["D"], dim),
        "w_out": _from_heads(tensors["out_proj.weight"], dim),
    }


def mamba(tensors):
    return {
        "norm": _f32(tensors["norm.weight"]),
        **_mixer(layer(tensors, "mixer.")),
    }


def _stack(layers):
    """One dictionary of several with the same names: [layer, ...]."""
    return {name: np.stack([weights[name] for weights in layers]) for name in layers[0]}


def jamba(tensors):
    """Of a period: names begin with `layers.0.` to `layers.7.`."""
    layers = [layer(tensors, f"layers.{i}.") for i in range(8)]
    norms = ("input_layernorm.weight", "pre_ff_layernorm.weight")
    mambas = [layer(each, "mamba.") for each in layers if "mamba.A_log" in each]
    mixers = [
        {
            **{name: array for name, array in _mixer(each).items() if name not in ("x_b", "x_c")},
            **{name: _mixer(each)[name][0] for name in ("x_b", "x_c")},
            **{f"{n}_norm": _f32(each[f"{n}_layernorm.weight"]) for n in ("dt", "b", "c")},
        }
        for each in mambas
    ]
    networks = [layer(each, "feed_forward.") for each in layers]
    routers = [each["router.weight"] for each in networks if "router.weight" in each]
    experts = [
        _stack([_network(layer(each, f"experts.{e}.")) for e in range(len(each["router.weight"]))])
        for each in networks
        if "router.weight" in each
    ]
    return {
        "norms": _f32([each[norms[0]] for each in layers]),
        "network_norms": _f32([each[norms[1]] for each in layers]),
        **_stack(mixers),
        **_attention(layer(tensors, "layers.4.self_attn."), 32),
        **_stack([_network(each) for each in networks if "router.weight" not in each]),
        "router": np.stack([_linear(router) for router in routers]),
        **{f"expert_{name[2:]}": array for name, array in _stack(experts).items()},
    }


def zamba(tensors):
    """Of two layers, `layers.0.` and `layers.1.`; the first has what they share."""
    shared = layer(tensors, "layers.0.shared_transf.")
    heads = _attention(layer(shared, "self_attn."), 64)
    pairs = {"norm": shared["input_layernorm.weight"], **heads}
    halves = {}
    for name in ("norm", "w_q", "w_k", "w_v"):
        for side, half in zip("xe", np.split(pairs[name], 2)):
            halves[f"{name}_{side}"] = _f32(half)
    layers = [layer(tensors, f"layers.{i}.") for i in range(2)]
    mixers = [
        {
            "norm": _f32(each["mamba_decoder.input_layernorm.weight"]),
            "w_layer": _linear(each["linear.weight"]),
            **_mixer(layer(each, "mamba_decoder.mamba.")),
        }
        for each in layers
    ]
    return {
        **halves,
        "w_o": heads["w_o"],
        "network_norm": _f32(shared["pre_ff_layernorm.weight"]),
        **_network(layer(shared, "feed_forward.")),
        **_stack(mixers),
    }
