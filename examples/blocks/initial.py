# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Weights of layers that nobody trained: the shapes and names of a checkpoint, numbers
from a seed, distributed as a training would start from them."""

import numpy as np

MODEL, HIDDEN, INNER, STATE, RANK, TAPS = 128, 448, 256, 16, 8, 4


class Initial:
    def __init__(self, seed):
        self.random = np.random.default_rng(seed)
        self.tensors = {}

    def add(self, name, array):
        self.tensors[name] = array.astype(np.float32)

    def linear(self, name, outputs, inputs):
        bound = inputs**-0.5
        self.add(f"{name}.weight", self.random.uniform(-bound, bound, (outputs, inputs)))

    def norm(self, name, features=MODEL):
        self.add(f"{name}.weight", 1 + 0.1 * self.random.standard_normal(features))

    def attention(self, prefix, heads, kv_heads, dim, inputs=MODEL, outputs=MODEL):
        self.linear(f"{prefix}q_proj", heads * dim, inputs)
        self.linear(f"{prefix}k_proj", kv_heads * dim, inputs)
        self.linear(f"{prefix}v_proj", kv_heads * dim, inputs)
        self.linear(f"{prefix}o_proj", outputs, heads * dim)

    def network(self, prefix):
        self.linear(f"{prefix}gate_proj", HIDDEN, MODEL)
        self.linear(f"{prefix}up_proj", HIDDEN, MODEL)
        self.linear(f"{prefix}down_proj", MODEL, HIDDEN)

    def mixer(self, prefix):
        self.linear(f"{prefix}in_proj", 2 * INNER, MODEL)
        taps = self.random.uniform(-0.5, 0.5, (INNER, 1, TAPS))
        self.add(f"{prefix}conv1d.weight", taps)
        self.add(f"{prefix}conv1d.bias", self.random.uniform(-0.5, 0.5, INNER))
        self.linear(f"{prefix}x_proj", RANK + 2 * STATE, INNER)
        self.linear(f"{prefix}dt_proj", INNER, RANK)
        # Step sizes from 0.001 to 0.1 and rates 1 to 16, as Gu and Dao start.
        step = np.exp(self.random.uniform(np.log(1e-3), np.log(0.1), INNER))
        self.add(f"{prefix}dt_proj.bias", step + np.log(-np.expm1(-step)))
        rates = np.tile(np.arange(1, STATE + 1), (INNER, 1))
        self.add(f"{prefix}A_log", np.log(rates))
        self.add(f"{prefix}D", np.ones(INNER))
        self.linear(f"{prefix}out_proj", MODEL, INNER)

    def mistral(self, prefix=""):
        self.norm(f"{prefix}input_layernorm")
        self.attention(f"{prefix}self_attn.", 4, 2, 32)
        self.norm(f"{prefix}post_attention_layernorm")
        self.network(f"{prefix}mlp.")
        return self.tensors

    def mamba(self, prefix=""):
        self.norm(f"{prefix}norm")
        self.mixer(f"{prefix}mixer.")
        return self.tensors

    def jamba(self, experts=4):
        for i in range(8):
            prefix = f"layers.{i}."
            self.norm(f"{prefix}input_layernorm")
            if i == 4:
                self.attention(f"{prefix}self_attn.", 4, 2, 32)
            else:
                self.mixer(f"{prefix}mamba.")
                for name, features in (("dt", RANK), ("b", STATE), ("c", STATE)):
                    self.norm(f"{prefix}mamba.{name}_layernorm", features)
            self.norm(f"{prefix}pre_ff_layernorm")
            if i % 2 == 0:
                self.network(f"{prefix}feed_forward.")
            else:
                self.linear(f"{prefix}feed_forward.router", experts, MODEL)
                for e in range(experts):
                    self.network(f"{prefix}feed_forward.experts.{e}.")
        return self.tensors

    def zamba(self):
        shared = "layers.0.shared_transf."
        self.norm(f"{shared}input_layernorm", 2 * MODEL)
        self.attention(f"{shared}self_attn.", 4, 4, 64, inputs=2 * MODEL)
        self.norm(f"{shared}pre_ff_layernorm")
        self.network(f"{shared}feed_forward.")
        for i in range(2):
            self.linear(f"layers.{i}.linear", MODEL, MODEL)
            self.norm(f"layers.{i}.mamba_decoder.input_layernorm")
            self.mixer(f"layers.{i}.mamba_decoder.mamba.")
        return self.tensors
