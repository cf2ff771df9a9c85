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


class Ggml:
    name = "ggml"
    about = "ggml_flash_attn_ext of llama.cpp's library, f16 masks of all pairs"

    def version(self) -> str:
        import ggml

        return f"ggml {ggml.ggml_version().decode()}"

    def supports(self, case: Case) -> str | None:
        return None if case.mask == "full" else case.too_dense(2)

    def prepare(self, case: Case, inputs: Inputs, threads: int) -> Prepared:
        import ggml
        import numpy as np

        types = {
            "float32": ggml.GGML_TYPE_F32,
            "float16": ggml.GGML_TYPE_F16,
            "bfloat16": ggml.GGML_TYPE_BF16,
        }
        query = inputs.query.astype(np.float32)
        mask = _mask(case, inputs)
        arrays = [query, inputs.key, inputs.value, *([] if mask is None else [mask])]
        size = sum(array.nbytes for array in arrays) + query.nbytes + _OVERHEAD
        ggml.ggml_cpu_init()
        context = ggml.ggml_init(ggml.ggml_init_params(size, None, False))

        def tensor(array: np.ndarray):
            made = ggml.ggml_new_tensor_4d(
                context, types[array.dtype.name], *reversed(array.shape)
            )
            ctypes.memmove(ggml.ggml_get_data(made), array.ctypes.data, array.nbytes)
            return made

        operands = [tensor(array) for array in arrays]
        operands += [None] * (4 - len(operands))
        out = ggml.ggml_flash_attn_ext(
            context,
            *operands,
            case.dim**-0.5,
            8.0 if case.score == "alibi" else 0.0,
            SOFT_CAP if case.score == "softcap" else 0.0,
        )
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
            shape = (1, case.queries, case.heads, case.dim)
            return np.ctypeslib.as_array(data, shape).swapaxes(1, 2)

        weakref.finalize(call, ggml.ggml_free, context)
        return Prepared(call, output)
