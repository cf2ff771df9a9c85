# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""ggml, the library of llama.cpp: ggml_flash_attn_ext through ggml-python.

Queries are f32, as the op requires; keys and values are of the case's type.
Masks are f16 tensors of all pairs, the op's only kind.
"""

from __future__ import annotations

import ctypes
import weakref
from typing import TYPE_CHECKING

from peers.cases import SOFT_CAP, Case
from peers.peer import Prepared

if TYPE_CHECKING:
    import numpy as np

    from peers.inputs import Inputs

# For the tensors' headers and the graph.
_OVERHEAD = 16 << 20


def _mask(case: Case, inputs: Inputs) -> np.ndarray | None:
    """`[1, 1, queries, keys]`. With a bias the op multiplies it by the slopes of
    ALiBi, so it holds distances."""
    import numpy as np

    if case.mask == "full":
        return None
    bias = np.zeros((case.queries, case.keys), np.float16)
    if case.score == "alibi":
        n = np.arange(case.keys, dtype=np.float32)
        bias += n[None, :] - n[:, None]
    bias[~inputs.dense_mask] = -np.inf
    return bias[None, None]


def bind(
    operands: list[tuple[str, tuple[int, ...], np.ndarray]],
    threads: int,
    scale: float,
    bias: float = 0.0,
    cap: float = 0.0,
) -> Prepared:
    """A graph of one ggml_flash_attn_ext. `operands` are query, key, value and a mask
    where there is one: ggml's name of the type, the shape and the bytes. The output is
    [batch, queries, heads, dim]."""
    import ggml
    import numpy as np

    query = operands[0][2]
    size = sum(array.nbytes for _, _, array in operands) + query.nbytes + _OVERHEAD
    ggml.ggml_cpu_init()
    context = ggml.ggml_init(ggml.ggml_init_params(size, None, False))

    def tensor(kind: str, shape: tuple[int, ...], array: np.ndarray):
        made = ggml.ggml_new_tensor_4d(
            context, getattr(ggml, f"GGML_TYPE_{kind}"), *reversed(shape)
        )
        ctypes.memmove(ggml.ggml_get_data(made), array.ctypes.data, array.nbytes)
        return made

    tensors = [tensor(*operand) for operand in operands]
    tensors += [None] * (4 - len(tensors))
    out = ggml.ggml_flash_attn_ext(context, *tensors, scale, bias, cap)
    graph = ggml.ggml_new_graph(context)
    ggml.ggml_build_forward_expand(graph, out)
    plan = ggml.ggml_graph_plan(graph, threads, None)
    work = (ctypes.c_uint8 * max(1, plan.work_size))()
    plan.work_data = ctypes.cast(work, ctypes.POINTER(ctypes.c_uint8))

    def call() -> None:
        if status := ggml.ggml_graph_compute(graph, ctypes.byref(plan)):
            raise RuntimeError(f"ggml_graph_compute returned {status}")

    def output() -> np.ndarray:
        data = ctypes.cast(ggml.ggml_get_data(out), ctypes.POINTER(ctypes.c_float))
        batch, heads, queries, _ = query.shape
        shape = (batch, queries, heads, operands[2][1][-1])
        return np.ctypeslib.as_array(data, shape)

    weakref.finalize(call, ggml.ggml_free, context)
    return Prepared(call, output)


class Ggml:
    name = "ggml"
    about = "ggml_flash_attn_ext of llama.cpp's library, f16 masks of all pairs"

    def version(self) -> str:
        import ggml

        return f"ggml {ggml.ggml_version().decode()}"

    def supports(self, case: Case) -> str | None:
        return None if case.mask == "full" else case.too_dense(2)

    def prepare(self, case: Case, inputs: Inputs, threads: int) -> Prepared:
        import numpy as np

        types = {"float32": "F32", "float16": "F16", "bfloat16": "BF16"}
        query = inputs.query.astype(np.float32)
        mask = _mask(case, inputs)
        arrays = [query, inputs.key, inputs.value, *([] if mask is None else [mask])]
        prepared = bind(
            [(types[array.dtype.name], array.shape, array) for array in arrays],
            threads,
            case.dim**-0.5,
            8.0 if case.score == "alibi" else 0.0,
            SOFT_CAP if case.score == "softcap" else 0.0,
        )
        return Prepared(prepared.call, lambda: prepared.output().swapaxes(1, 2))
