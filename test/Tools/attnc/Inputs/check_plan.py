# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Checks the JSON of `attnc plan` against sums written down again here.

check_plan.py

Every model preset is printed, read again and planned for several caches and
lengths; bytes and FLOPs are summed layer by layer and token by token.
"""

import json
import subprocess
import sys

BITS = {"f32": 32, "f16": 16, "bf16": 16, "f8": 8, "i8": 8, "i4": 4}


def attnc(*arguments, text=None):
    command = ["attnc", "plan", *arguments]
    return subprocess.run(
        command, input=text, capture_output=True, text=True, check=True
    ).stdout


def vector_bytes(dim, cache):
    size = -(-dim * BITS[cache["type"]] // 8)
    group = cache["elements_per_scale"]
    if group is not None:
        scales = 1 if group == "token" else -(-dim // group)
        size += scales * BITS[cache["scale_type"]] // 8 * (1 + cache["zero_points"])
    return size


def token_bytes(layer, cache):
    if layer["kind"] == "scan":
        return 0
    if layer["kind"] == "latent":
        return vector_bytes(layer["latent_dim"], cache) + vector_bytes(
            layer["rope_dim"], cache
        )
    return layer["kv_heads"] * (
        vector_bytes(layer["key_dim"], cache) + vector_bytes(layer["value_dim"], cache)
    )


def flops(layer, tokens, phase):
    if layer["kind"] == "scan":
        return layer["flops_per_token"] * (tokens if phase == "prefill" else 1)
    window = layer.get("window", tokens)
    dims = layer["key_dim"] + layer["value_dim"]
    if phase == "decode":
        if layer["kind"] == "latent":
            dims = 2 * layer["latent_dim"] + layer["rope_dim"]
        pairs = min(tokens, window)
    else:
        pairs = sum(min(query + 1, window) for query in range(tokens))
    return 2 * layer["query_heads"] * dims * pairs


def expect(what, found, wanted):
    if abs(found - wanted) > 1e-12 * abs(wanted):
        sys.exit(f"{what}: {found}, expected {wanted}")


def check(model, plan):
    tokens, cache = plan["context"], plan["cache"]
    assert plan["schema"] == 1 and plan["model"] == model
    per_token, sequence, attention, scan = 0, 0, {}, {}
    for layer in model["layers"]:
        count = model["repeat"] * layer["count"]
        size = token_bytes(layer, cache)
        per_token += count * size
        sequence += count * size * min(tokens, layer.get("window", tokens))
        sequence += count * layer.get("state_bytes", 0)
        for phase in ("prefill", "decode"):
            sums = scan if layer["kind"] == "scan" else attention
            sums[phase] = sums.get(phase, 0) + count * flops(layer, tokens, phase)
    name = model["name"]
    expect(f"{name} bytes a token", cache["bytes_per_token"], per_token)
    expect(f"{name} bytes a sequence", cache["bytes_per_sequence"], sequence)
    for phase in ("prefill", "decode"):
        work = plan["work"][phase]
        read = tokens if phase == "prefill" else 1
        active = model.get("active_parameters", model["parameters"])
        expect(f"{name} attention", work["attention"], attention.get(phase, 0))
        expect(f"{name} scan", work["scan"], scan.get(phase, 0))
        expect(f"{name} weights", work["weights"], 2 * active * read)
        expect(
            f"{name} total",
            work["total"],
            work["attention"] + work["scan"] + work["weights"],
        )
    if plan["reductions"]:
        steps = plan["reductions"]["steps"]
        product = 1
        for step in steps:
            product *= step["factor"]
        expect("product of factors", product, plan["reductions"]["factor"])
        expect("last step", steps[-1]["bytes_per_sequence"], sequence)


def check_traffic(plan):
    traffic = plan["traffic"]
    for held in (traffic["contiguous"], traffic["paged"]):
        expect("shares", held["used"] + held["reserved"] + held["internal"], 1)
        expect("waste", held["waste"], held["reserved"] + held["internal"])
        memory = plan["device"]["cache_memory"]
        expect("sequences", held["sequences"], int(memory / held["bytes_held"]))
        if not 0 <= held["external"] < 1:
            sys.exit(f"external fragmentation of {held['external']}")


def check_device(plan):
    device = plan["device"]
    for batch in device["decode"]:
        seconds = max(
            batch["bytes"] / device["bandwidth"], batch["flops"] / device["flops"]
        )
        expect("seconds", batch["seconds"], seconds)
        expect("rate", batch["tokens_per_second"], batch["sequences"] / seconds)
        first = device["compute_bound_from"]
        is_compute = first is not None and batch["sequences"] >= first
        if batch["limit"] != ("compute" if is_compute else "memory"):
            sys.exit(f"limit of {batch['sequences']} is {batch['limit']}")
        if batch["fits"] != (batch["sequences"] <= device["sequences_paged"]):
            sys.exit(f"fit of {batch['sequences']} is {batch['fits']}")


def main():
    listing = attnc("--list").split("devices")[0].split("\n")[1:]
    names = [line.split()[0] for line in listing if line.strip()]
    assert len(names) >= 14, names
    for name in names:
        text = attnc(f"--model={name}", "--print-model")
        model = json.loads(text)
        assert attnc("--model=-", "--print-model", text=text) == text
        for cache in (
            ["--kv=f16"],
            ["--kv=i8"],
            ["--kv=i4", "--kv-zeros", "--kv-scale-type=f16", "--kv-scales=48"],
            ["--kv=f8", "--kv-scales=none"],
        ):
            for tokens in (17, 5000):
                options = [f"--model={name}", f"--context={tokens}", "--json"]
                check(model, json.loads(attnc(*options, *cache)))
    for device in ("h100-sxm", "cpu-epyc-9654"):
        options = ["--model=llama-3-8b", f"--device={device}", "--json"]
        options += ["--lengths=uniform:1:3000", "--max-length=4K", "--context=64"]
        plan = json.loads(attnc(*options, "--batch=1,2,63,500,100000"))
        check_device(plan)
        check_traffic(plan)


if __name__ == "__main__":
    main()
