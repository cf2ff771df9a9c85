# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A language model of bytes from a safetensors file: layers of mamba.mlir. Reads a prompt at once, then writes byte after byte.

  text.py WEIGHTS [--prompt=TEXT] [--bytes=N]
  text.py --make=WEIGHTS [--layers=N] [--seed=N]

`--make` writes weights that nobody trained, from a seed: what such a model writes is
noise, but the way there is that of a trained one. Names are those of Hugging Face's
checkpoints of Mamba, so one of these with 256 tokens runs as it is.
"""

import argparse
import sys
import time
from pathlib import Path

import attnc
import checkpoint
import numpy as np
from initial import MODEL, Initial

HERE = Path(__file__).resolve().parent


def make(path, layers, seed):
    initial = Initial(seed)
    embeddings = initial.random.standard_normal((256, MODEL)) * MODEL**-0.5
    initial.add("backbone.embeddings.weight", embeddings)
    for i in range(layers):
        initial.mamba(f"backbone.layers.{i}.")
    initial.norm("backbone.norm_f")
    checkpoint.write(path, initial.tensors)


class Model:
    def __init__(self, path):
        tensors = checkpoint.read(path)
        self.embeddings = tensors["backbone.embeddings.weight"].astype(np.float32)
        if len(self.embeddings) != 256:
            raise ValueError(f"{path} has {len(self.embeddings)} tokens; bytes are 256")
        self.norm = tensors["backbone.norm_f.weight"].astype(np.float32)
        self.layers = []
        while of_layer := checkpoint.layer(tensors, f"backbone.layers.{len(self.layers)}."):
            self.layers.append(checkpoint.mamba(of_layer))
        self.kernels = attnc.compile(HERE / "mamba.mlir")

    def logits(self, x):
        x = x / np.sqrt((x * x).mean(-1, keepdims=True) + 1e-5) * self.norm
        return x @ self.embeddings.T

    def read(self, text):
        """The logits behind each byte of a text, and the states at its end."""
        x, states = self.embeddings[np.frombuffer(text, np.uint8)][None], []
        for weights in self.layers:
            x, conv, state = self.kernels.prefill(x, **weights)
            states.append({"conv": conv, "state": state})
        return self.logits(x)[0], states

    def step(self, byte, states):
        """The logits behind one more byte; `states` become those behind it."""
        x = self.embeddings[byte][None, None]
        for i, weights in enumerate(self.layers):
            x, conv, state = self.kernels.decode(x, **weights, **states[i])
            states[i] = {"conv": conv, "state": state}
        return self.logits(x)[0, 0]


def write(model, prompt, count):
    """The bytes that the model finds likeliest, one after the other."""
    logits, states = model.read(prompt)
    logits, answer = logits[-1], bytearray()
    for _ in range(count):
        answer.append(int(logits.argmax()))
        logits = model.step(answer[-1], states)
    return bytes(answer)


def main(arguments):
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("weights", nargs="?")
    parser.add_argument("--make", metavar="WEIGHTS")
    parser.add_argument("--layers", type=int, default=4)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--prompt", default="It was a bright cold day in April")
    parser.add_argument("--bytes", type=int, default=32)
    options = parser.parse_args(arguments)
    if options.make:
        return make(options.make, options.layers, options.seed)
    if not options.weights or not options.prompt:
        parser.error("give a file of weights, and a prompt that is not empty")
    model, prompt = Model(options.weights), options.prompt.encode()

    begin = time.perf_counter()
    logits, _ = model.read(prompt)
    read = time.perf_counter()
    answer = write(model, prompt, options.bytes)
    end = time.perf_counter()
    # What was written in steps is read at once: the logits must be those of the steps.
    check, _ = model.read(prompt + answer)
    steps = check[len(prompt) - 1 : -1].argmax(-1)
    logits -= logits.max(-1, keepdims=True)
    following = logits[np.arange(len(prompt) - 1), np.frombuffer(prompt[1:], np.uint8)]
    loss = np.log(np.exp(logits[:-1]).sum(-1)) - following
    print(f"{len(model.layers)} layers, {len(prompt)} bytes read in {read - begin:.3f} s,")
    print(f"{len(answer)} written in {end - read:.3f} s: {answer!r}")
    print(f"loss of the prompt: {loss.mean():.3f} nats a byte")
    if bytes(steps.astype(np.uint8)) != answer:
        sys.exit("text.py: bytes written in steps are not those of the text read at once")
    print("read at once they are the same")


if __name__ == "__main__":
    main(sys.argv[1:])
