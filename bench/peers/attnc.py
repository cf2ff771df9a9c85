# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""attnc: a spec for each case, compiled to a shared library and called in C."""

from __future__ import annotations

import ctypes
import json
import os
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from peers.cases import SOFT_CAP, WINDOW, Case
from peers.peer import Prepared

if TYPE_CHECKING:
    from peers.inputs import Inputs

_MASKS = {
    "full": "",
    "causal": " mask(#attn.mask<causal>)",
    "window": f" mask(#attn.mask<window<{WINDOW - 1}, 0>>)",
    "document": " mask(#attn.mask<document<ids> and causal>) tables(ids = %ids)",
}
_BLOCK = """ score {{
  ^bb0(%s: f32, %b: index, %h: index, %i: index, %j: index):
{body}
    attn.yield %score : f32
  }}"""
_SOFT_CAP = f"""\
    %cap = arith.constant {SOFT_CAP} : f32
    %share = arith.divf %s, %cap : f32
    %bounded = math.tanh %share : f32
    %score = arith.mulf %bounded, %cap : f32"""
_ALIBI = """\
    %step = arith.constant {step} : f32
    %one = arith.constant 1 : index
    %number = arith.addi %h, %one : index
    %number_i = arith.index_cast %number : index to i32
    %number_f = arith.sitofp %number_i : i32 to f32
    %exponent = arith.mulf %step, %number_f : f32
    %slope = math.exp2 %exponent : f32
    %distance = arith.subi %i, %j : index
    %distance_i = arith.index_cast %distance : index to i32
    %distance_f = arith.sitofp %distance_i : i32 to f32
    %penalty = arith.mulf %slope, %distance_f : f32
    %score = arith.subf %s, %penalty : f32"""


def spec(case: Case) -> str:
    """The case as a function `f` of query, key, value and, for documents, ids."""
    tensor = f"tensor<?x?x?x{case.dim}x{case.dtype}>"
    table = case.mask == "document"
    score = ""
    if case.score == "softcap":
        score = _BLOCK.format(body=_SOFT_CAP)
    elif case.score == "alibi":
        score = _BLOCK.format(body=_ALIBI.format(step=-8.0 / case.heads))
    return (
        f"func.func @f(%q: {tensor}, %k: {tensor}, %v: {tensor}"
        f"{', %ids: tensor<?xi32>' if table else ''}) -> {tensor} {{\n"
        f"  %out = attn.attend %q, %k, %v{_MASKS[case.mask]}{score}\n"
        f"    : ({tensor}, {tensor}, {tensor}{', tensor<?xi32>' if table else ''})"
        f" -> {tensor}\n  return %out : {tensor}\n}}\n"
    )


def _run(*arguments: str | Path) -> str:
    command = [os.environ["ATTNC"], *arguments]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(done.stderr.strip() or f"exit code {done.returncode}")
    return done.stdout


def machine(threads: int, rounds: int = 8) -> dict[str, float]:
    """Multiply-add peak, GFLOP/s, and read bandwidth, GB/s: the best that attnc
    measures in some runs."""
    case = Case("machine", 1024, 1024, 64, 8, 8)
    arguments = [f"--dims={name}=1x8x1024x64" for name in "qkv"]
    arguments += [f"--threads={threads}", "--min-time=0.2", "--json"]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "machine.mlir"
        path.write_text(spec(case))
        runs = [json.loads(_run("bench", path, *arguments)) for _ in range(rounds)]
    keys = ("peak_gflops", "peak_gbytes_per_second")
    return {key: max(run[key] for run in runs) for key in keys}


class Attnc:
    name = "attnc"
    about = "this compiler, for the processor it runs on"

    def version(self) -> str:
        return _run("--version").split("\n")[0].removeprefix("attnc ")

    def supports(self, case: Case) -> str | None:
        return None

    def prepare(self, case: Case, inputs: Inputs, threads: int) -> Prepared:
        import numpy as np

        from peers.dlpack import describe

        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "case.mlir"
            path.write_text(spec(case))
            _run("compile", path, "--emit=shared", "-o", path.with_suffix(".so"))
            library = ctypes.CDLL(str(path.with_suffix(".so")))
        library.attnc_rt_set_num_threads(threads)
        out = np.empty_like(inputs.query)
        arrays = [inputs.query, inputs.key, inputs.value]
        arrays += [inputs.ids] if case.mask == "document" else []
        tensors = [describe(array) for array in [*arrays, out]]
        arguments = [ctypes.byref(tensor) for tensor in tensors]

        def call() -> None:
            if status := library.f(*arguments):
                raise RuntimeError(f"the kernel returned {status}")

        return Prepared(call, lambda: out)
