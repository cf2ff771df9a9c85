# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""IREE: its attention op, compiled by llvm-cpu for the processor it runs on.

Shapes are constants of the program. Masks are tensors of all pairs.
"""

from __future__ import annotations

import math
import os
from typing import TYPE_CHECKING

from peers.cases import SOFT_CAP, Case
from peers.peer import Prepared

if TYPE_CHECKING:
    import numpy as np

    from peers.inputs import Inputs

# b, h: batch and key head; g: query head of the group; i, j: query and key;
# d, e: dim of the keys and of the values.
_DIMS = "b, h, g, i, j, d, e"
_MASK_MAPS = {"i1": "i, j", "f32": "b, h, g, i, j"}
# The region sees the scores times log2(e), as the op computes with exp2.
_CAP = SOFT_CAP * math.log2(math.e)
_SOFT_CAP = f"""\
    %cap = arith.constant {_CAP} : f32
    %share = arith.divf %score, %cap : f32
    %bounded = math.tanh %share : f32
    %result = arith.mulf %bounded, %cap : f32"""


def _program(case: Case, mask_type: str | None) -> str:
    """A function `f` of query `[1, kv_heads, group, queries, dim]`, key, value and,
    if it has a type, the mask."""

    def tensor(*shape: int, element: str = case.dtype) -> str:
        return f"tensor<{'x'.join(map(str, shape))}x{element}>"

    query = tensor(1, case.kv_heads, case.group, case.queries, case.dim)
    key = tensor(1, case.kv_heads, case.keys, case.dim)
    pairs = (case.queries, case.keys)
    masks = {
        None: None,
        "i1": tensor(*pairs, element="i1"),
        "f32": tensor(1, case.kv_heads, case.group, *pairs, element="f32"),
    }
    mask = masks[mask_type]
    results = ["b, h, g, i, d", "b, h, j, d", "b, h, j, e", ""]
    results += [_MASK_MAPS[mask_type]] if mask_type else []
    results += ["b, h, g, i, e"]
    maps = ", ".join(f"affine_map<({_DIMS}) -> ({result})>" for result in results)
    body, result = ("", "%score")
    if case.score == "softcap":
        body, result = _SOFT_CAP + "\n", "%result"
    more = f", %m: {mask}" if mask else ""
    return f"""\
func.func @f(%q: {query}, %k: {key}, %v: {key}{more}) -> {query} {{
  %empty = tensor.empty() : {query}
  %scale = arith.constant {case.dim**-0.5} : {case.dtype}
  %out = iree_linalg_ext.attention <{{indexing_maps = [{maps}]}}>
    ins(%q, %k, %v, %scale{', %m' if mask else ''} :
        {query}, {key}, {key}, {case.dtype}{f', {mask}' if mask else ''})
    outs(%empty : {query}) {{
  ^bb0(%score: f32):
{body}    iree_linalg_ext.yield {result} : f32
  }} -> {query}
  return %out : {query}
}}
"""


class Iree:
    name = "iree"
    about = "IREE's iree_linalg_ext.attention, llvm-cpu, masks of all pairs"

    def version(self) -> str:
        from importlib.metadata import version

        return f"iree {version('iree-base-compiler')}"

    def supports(self, case: Case) -> str | None:
        return None if case.mask == "full" else case.too_dense(4)

    def prepare(self, case: Case, inputs: Inputs, threads: int) -> Prepared:
        import iree.compiler
        import iree.runtime

        mask_type, masks = None, []
        if case.score == "alibi":
            shape = (1, case.kv_heads, case.group, case.queries, case.keys)
            mask_type, masks = "f32", [inputs.dense_bias.reshape(shape)]
        elif case.mask != "full":
            mask_type, masks = "i1", [inputs.dense_mask]
        binary = iree.compiler.compile_str(
            _program(case, mask_type),
            target_backends=["llvm-cpu"],
            extra_args=["--iree-llvmcpu-target-cpu=host", "--iree-opt-level=O3"],
        )
        # Those that the process was confined to.
        processors = ",".join(map(str, sorted(os.sched_getaffinity(0))))
        iree.runtime.flags.parse_flags(f"--task_topology_cpu_ids={processors}")
        driver = "local-sync" if threads == 1 else "local-task"
        config = iree.runtime.Config(driver)
        context = iree.runtime.SystemContext(config=config)
        module = iree.runtime.VmModule.copy_buffer(context.instance, binary)
        context.add_vm_module(module)
        shape = (1, case.kv_heads, case.group, case.queries, case.dim)
        arrays = [inputs.query.reshape(shape), inputs.key, inputs.value, *masks]
        arguments = [
            iree.runtime.asdevicearray(config.device, array) for array in arrays
        ]
        function = context.modules.module.f
        last: list[iree.runtime.DeviceArray] = []

        def call() -> None:
            last[:] = [function(*arguments)]

        def output() -> np.ndarray:
            return last[0].to_host().reshape(inputs.query.shape)

        return Prepared(call, output)
