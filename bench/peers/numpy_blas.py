# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""numpy: attention written out, its products by OpenBLAS, and the rate of a
product alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable

from peers.cases import Case
from peers.peer import Prepared

if TYPE_CHECKING:
    from peers.inputs import Inputs


def sgemm_gflops(
    clock: Callable[[], float], size: int = 2048, rounds: int = 5
) -> float:
    """The best rate of a product of two square matrices of f32."""
    import numpy as np

    random = np.random.default_rng(0)
    a, b = (random.standard_normal((size, size), np.float32) for _ in range(2))
    out = np.empty_like(a)
    best = float("inf")
    for _ in range(rounds):
        start = clock()
        np.matmul(a, b, out=out)
        best = min(best, clock() - start)
    return 2e-9 * size**3 / best


class Numpy:
    name = "numpy"
    about = "numpy written out head by head: sgemm of OpenBLAS, and softmax"

    def version(self) -> str:
        import numpy

        blas = numpy.show_config(mode="dicts")["Build Dependencies"]["blas"]
        return f"numpy {numpy.__version__}, OpenBLAS {blas['version']}"

    def supports(self, case: Case) -> str | None:
        if case.dtype != "f32":
            return f"no {case.dtype} sgemm"
        return None if case.mask == "full" else "no masks"

    def prepare(self, case: Case, inputs: Inputs, threads: int) -> Prepared:
        import numpy as np

        out = np.empty_like(inputs.query)
        score = np.empty((case.queries, case.keys), np.float32)
        scale = np.float32(case.dim**-0.5)

        def call() -> None:
            for head in range(case.heads):
                kv_head = head // case.group
                query = inputs.query[0, head] * scale
                np.matmul(query, inputs.key[0, kv_head].T, out=score)
                np.subtract(score, score.max(1, keepdims=True), out=score)
                np.exp(score, out=score)
                np.matmul(score, inputs.value[0, kv_head], out=out[0, head])
                out[0, head] /= score.sum(1, keepdims=True)

        return Prepared(call, lambda: out)
