# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Checks that the tables of models and devices in docs/plan.md are those of attnc.

check_plan_docs.py docs/plan.md [--print]

With --print: prints what has to stand there.
"""

import json
import subprocess
import sys


def attnc(*arguments):
    command = ["attnc", "plan", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def describe(layer):
    count = layer["count"]
    if layer["kind"] == "scan":
        text = f"scan, {layer['state_bytes']} bytes"
    elif layer["kind"] == "latent":
        text = (
            f"latent, {layer['query_heads']} heads, {layer['latent_dim']}"
            f" + {layer['rope_dim']}"
        )
    else:
        text = f"{layer['query_heads']} heads on {layer['kv_heads']}"
        text += f", dim {layer['key_dim']}"
        if "window" in layer:
            text += f", window {layer['window']}"
    return f"{count} x {text}"


def model_row(model):
    layers = "; ".join(describe(layer) for layer in model["layers"])
    if model["repeat"] > 1:
        layers = f"{model['repeat']} times ({layers})"
    return f"| {model['name']} | {layers} | {model['source']} |"


def device_row(device):
    gib = device["memory"] / 2**30
    return (
        f"| {device['name']} | {device['flops'] / 1e12:g}e12"
        f" | {device['bandwidth'] / 1e9:g}e9 | {gib:g} GiB | {device['source']} |"
    )


def main():
    models, devices = attnc("--list").split("devices\n")
    names = [line.split()[0] for line in models.splitlines()[1:]]
    wanted = [
        model_row(json.loads(attnc(f"--model={name}", "--print-model")))
        for name in names
    ]
    names = [line.split()[0] for line in devices.splitlines()]
    wanted += [
        device_row(json.loads(attnc(f"--device={name}", "--print-device")))
        for name in names
    ]
    wanted.append(attnc("--model=jamba-v0.1", "--print-model"))
    wanted.append(attnc("--device=l40s", "--print-device"))
    if "--print" in sys.argv:
        print("\n".join(wanted))
        return
    with open(sys.argv[1], encoding="utf-8") as file:
        text = file.read()
    missing = [part for part in wanted if part not in text]
    if missing:
        sys.exit("docs/plan.md lacks:\n" + "\n".join(missing))


if __name__ == "__main__":
    main()
