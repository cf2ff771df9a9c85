# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""onnxruntime: the standard Attention op, and its own MultiHeadAttention and
GroupQueryAttention.

Results, and caches of keys and values, are bound to memory allocated once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from peers.cases import SOFT_CAP, WINDOW, Case
from peers.peer import Prepared

if TYPE_CHECKING:
    import numpy as np

    from peers.inputs import Inputs

_OPSETS = (("", 24), ("com.microsoft", 1))


def bind(
    op: str,
    domain: str,
    inputs: dict[str, np.ndarray],
    outputs: dict[str, np.ndarray],
    aliases: dict[str, str],
    threads: int,
    **attributes,
) -> Prepared:
    """A graph of one node. An input with an empty array is left out; an output in
    `aliases` shares the memory of that input."""
    import onnxruntime
    from onnx import helper

    def info(name: str, array: np.ndarray):
        kind = helper.np_dtype_to_tensor_dtype(array.dtype)
        return helper.make_tensor_value_info(name, kind, array.shape)

    names = [name if array is not None else "" for name, array in inputs.items()]
    given = {name: array for name, array in inputs.items() if array is not None}
    node = helper.make_node(op, names, list(outputs), domain=domain, **attributes)
    graph = helper.make_graph(
        [node],
        "attention",
        [info(*item) for item in given.items()],
        [info(*item) for item in outputs.items()],
    )
    opsets = [helper.make_opsetid(*opset) for opset in _OPSETS]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=11)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    binding = session.io_binding()
    to_value = onnxruntime.OrtValue.ortvalue_from_numpy
    values = {name: to_value(array) for name, array in given.items()}
    for name, value in values.items():
        binding.bind_ortvalue_input(name, value)
    for name, array in outputs.items():
        value = values[aliases[name]] if name in aliases else to_value(array)
        values[name] = value
        binding.bind_ortvalue_output(name, value)
    result = values[next(iter(outputs))]
    return Prepared(lambda: session.run_with_iobinding(binding), result.numpy)


class OnnxAttention:
    name = "ort"
    about = "onnxruntime, the Attention op of ONNX, biases of all pairs for masks"

    def version(self) -> str:
        import onnxruntime

        return f"onnxruntime {onnxruntime.__version__}"

    def supports(self, case: Case) -> str | None:
        if case.mask in ("full", "causal") and case.score != "alibi":
            return None
        return case.too_dense(4)

    def prepare(self, case: Case, inputs: Inputs, threads: int) -> Prepared:
        import numpy as np

        # A mask as bool becomes biases inside of the op.
        mask = None
        if case.score == "alibi":
            mask = inputs.dense_bias
        elif case.mask not in ("full", "causal"):
            mask = inputs.dense_mask
        named = {"q": inputs.query, "k": inputs.key, "v": inputs.value, "m": mask}
        if mask is None:
            del named["m"]
        return bind(
            "Attention",
            "",
            named,
            {"out": np.zeros_like(inputs.query)},
            {},
            threads,
            is_causal=int(case.mask == "causal" and mask is None),
            softcap=SOFT_CAP if case.score == "softcap" else 0.0,
        )


def _by_length(array: np.ndarray) -> np.ndarray:
    """`[1, heads, length, dim]` as `[1, length, heads * dim]`."""
    import numpy as np

    swapped = array.swapaxes(1, 2)
    return np.ascontiguousarray(swapped).reshape(1, swapped.shape[1], -1)


class OnnxContrib(OnnxAttention):
    name = "ort-contrib"
    about = "onnxruntime's MultiHeadAttention (full) and GroupQueryAttention (causal)"

    def supports(self, case: Case) -> str | None:
        if case.dtype == "bf16":
            return "no bf16"
        if case.mask == "document":
            return "no such mask"
        return "no scores" if case.score == "alibi" else None

    def prepare(self, case: Case, inputs: Inputs, threads: int) -> Prepared:
        import numpy as np

        query, key, value = map(_by_length, (inputs.query, inputs.key, inputs.value))
        named = {"q": query, "k": key, "v": value}
        outputs = {"out": np.zeros_like(query)}
        if case.mask == "full" and not case.decode:
            prepared = bind(
                "MultiHeadAttention",
                "com.microsoft",
                named,
                outputs,
                {},
                threads,
                num_heads=case.heads,
            )
        else:
            prepared = self._grouped(case, inputs, named, outputs, threads)
        shape = (1, case.queries, case.heads, case.dim)
        return Prepared(
            prepared.call,
            lambda: prepared.output().reshape(shape).swapaxes(1, 2),
        )

    def _grouped(self, case, inputs, named, outputs, threads) -> Prepared:
        """The op appends keys to a cache. In decoding, the last key and value are
        new, and the cache is updated in place."""
        import numpy as np

        aliases = {}
        named |= {"past_key": None, "past_value": None}
        if case.decode:
            named["k"], named["v"] = named["k"][:, -1:], named["v"][:, -1:]
            named |= {"past_key": inputs.key, "past_value": inputs.value}
            aliases = {"new_key": "past_key", "new_value": "past_value"}
        named = {
            **{name: array for name, array in named.items()},
            "lengths": np.array([case.keys - 1], np.int32),
            "total": np.array(case.keys, np.int32),
        }
        outputs |= {
            "new_key": np.zeros_like(inputs.key),
            "new_value": np.zeros_like(inputs.value),
        }
        return bind(
            "GroupQueryAttention",
            "com.microsoft",
            named,
            outputs,
            aliases,
            threads,
            num_heads=case.heads,
            kv_num_heads=case.kv_heads,
            local_window_size=WINDOW if case.mask == "window" else -1,
            softcap=SOFT_CAP if case.score == "softcap" else 0.0,
        )
