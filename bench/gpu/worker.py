# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Checks and times kernels in a process of its own, which may hang or lose its
context: reads jobs and writes results, each a line of JSON."""

from __future__ import annotations

import json
import os
import statistics
import sys
import time

import torch

import cases
import peers
import reference
from kernels import Kernel, KernelError

DTYPES = {"bf16": torch.bfloat16, "f16": torch.float16, "f32": torch.float32}
BY_NAME = {case.name: case for case in cases.CASES}
# Elements around each tensor that are NaN: reading them shows in the results, and
# writing them too.
MARGIN = 4096


class Guarded:
    """A tensor within memory that is NaN."""

    def __init__(self, extents, dtype, device, interleaved=False):
        count = 1
        for extent in extents:
            count *= extent
        self.memory = torch.full((count + 2 * MARGIN,), float("nan"), dtype=dtype, device=device)
        self.inside = self.memory[MARGIN : MARGIN + count]
        if interleaved:
            b, h, n, d = extents
            self.tensor = self.inside.view(b, n, h, d).transpose(1, 2)
        else:
            self.tensor = self.inside.view(extents)

    def is_intact(self):
        ends = (self.memory[:MARGIN], self.memory[len(self.memory) - MARGIN :])
        return all(bool(end.isnan().all()) for end in ends)


class Problem:
    """The tensors of a case."""

    def __init__(self, case, shape, device):
        extents = (shape.batch, shape.heads, shape.queries, case.dim)
        keyed = (shape.batch, shape.kv_heads, shape.keys, case.dim)
        make = lambda of: Guarded(of, DTYPES[case.dtype], device, shape.interleaved)
        self.query, self.out = make(extents), make(extents)
        self.key, self.value = make(keyed), make(keyed)
        generator = torch.Generator(device=device).manual_seed(7 * shape.queries + shape.keys)
        for guarded in (self.query, self.key, self.value):
            guarded.inside.normal_(generator=generator)
        self.lse = Guarded(extents[:3], torch.float32, device) if case.has_lse else None
        self.tables = case.tables(
            shape, lambda values: torch.tensor(values, dtype=torch.int32, device=device)
        )

    def inputs(self):
        return [self.query.tensor, self.key.tensor, self.value.tensor]

    def arguments(self):
        outputs = [self.out.tensor] + ([self.lse.tensor] if self.lse else [])
        return self.inputs() + self.tables + outputs


class Worker:
    def __init__(self, folder, device):
        self.folder = folder
        self.device = device

    def synchronize(self):
        if self.device == "cuda":
            torch.cuda.synchronize()

    def hello(self, job):
        if self.device == "cpu":
            return {"device": "cpu", "torch": torch.__version__}
        properties = torch.cuda.get_device_properties(0)
        return {
            "device": properties.name,
            "multiprocessors": properties.multi_processor_count,
            "torch": torch.__version__,
            "cuda": torch.version.cuda,
            "cudnn": torch.backends.cudnn.version(),
        }

    def time_calls(self, calls, rounds, budget_ms):
        """Milliseconds of a call, one list for each of `calls`, which take turns."""
        counts = []
        for call in calls:
            call()
            self.synchronize()
            start = time.perf_counter()
            call()
            self.synchronize()
            one = (time.perf_counter() - start) * 1e3
            counts.append(max(1, min(50, int(budget_ms / max(one, 1e-3)))))
        times = [[] for _ in calls]
        for _ in range(rounds):
            for call, count, found in zip(calls, counts, times):
                found.append(self.time_some(call, count))
        return times

    def time_some(self, call, count):
        if self.device == "cpu":
            start = time.perf_counter()
            for _ in range(count):
                call()
            return (time.perf_counter() - start) * 1e3 / count
        begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        begin.record()
        for _ in range(count):
            call()
        end.record()
        end.synchronize()
        return begin.elapsed_time(end) / count

    def peaks(self, job):
        """FLOP/s of a product of matrices and bytes read and written by a copy."""
        size, count = (8192, 1 << 30) if self.device == "cuda" else (512, 1 << 24)
        dtype = torch.bfloat16 if self.device == "cuda" else torch.float32
        a = torch.randn(size, size, device=self.device).to(dtype)
        b = torch.randn(size, size, device=self.device).to(dtype)
        c = torch.empty_like(a)
        source = torch.empty(count, dtype=torch.uint8, device=self.device)
        target = torch.empty_like(source)
        calls = [lambda: torch.mm(a, b, out=c), lambda: target.copy_(source)]
        times = self.time_calls(calls, 5, 20)
        return {
            "flops": 2 * size**3 / (statistics.median(times[0]) * 1e-3),
            "bytes": 2 * count / (statistics.median(times[1]) * 1e-3),
        }

    def check(self, job):
        """All shapes of a case, against the definition."""
        case = BY_NAME[job["case"]]
        kernel = Kernel(self.folder, case.name, self.device)
        worst, wrong = 0.0, []
        for shape in cases.CHECKED:
            problem = Problem(case, shape, self.device)
            kernel.prepare(*problem.arguments())()
            self.synchronize()
            expected = reference.attention(case, shape, *problem.inputs(), problem.tables)
            lse = problem.lse.tensor if problem.lse else None
            error, message = reference.compare(case, problem.out.tensor, lse, expected)
            if not problem.out.is_intact() or (problem.lse and not problem.lse.is_intact()):
                message = "memory around the output was written"
            worst = max(worst, error)
            if message:
                wrong.append(f"{shape}: {message}")
        return {"shapes": len(cases.CHECKED), "worst": worst, "wrong": wrong}

    def time(self, job):
        """A case at one shape, in turns with its peers."""
        case = BY_NAME[job["case"]]
        shape = case.timed[job["shape"]] if self.device == "cuda" else small(case)
        problem = Problem(case, shape, self.device)
        kernel = Kernel(self.folder, case.name, self.device)
        calls = {"attnc": kernel.prepare(*problem.arguments())}
        compiled, absent = {}, {}
        for name in job["peers"]:
            try:
                call = peers.PEERS[name](case, shape, *problem.inputs(), problem.tables)
                start = time.perf_counter()
                call()
                self.synchronize()
                compiled[name] = time.perf_counter() - start
                calls[name] = call
            except Exception as error:  # Whatever it is, the others can be timed.
                absent[name] = f"{type(error).__name__}: {str(error).strip().splitlines()[0][:200]}"
        times = self.time_calls(list(calls.values()), job["rounds"], job["budget_ms"])
        pairs = reference.count_pairs(case, shape, problem.tables, self.device)
        return {
            "shape": str(shape),
            "flops": 4 * pairs * case.dim,
            "bytes": case.bytes_read(shape) if case.decode else 0,
            "ms": dict(zip(calls, times)),
            "first_call_s": compiled,
            "absent": absent,
        }


def small(case):
    """What is timed on a processor, to try this program."""
    return cases.Shape(1, 2, 2, 1 if case.decode else 256, 256)


def main():
    worker = Worker(sys.argv[1], sys.argv[2])
    # What libraries print does not get between the results.
    results = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        job = json.loads(line)
        try:
            result = getattr(worker, job["do"])(job)
            worker.synchronize()
        except KernelError as error:
            result = {"error": str(error)}
        except Exception as error:
            result = {"error": f"{type(error).__name__}: {error}"}
        try:
            worker.synchronize()
        except Exception as error:
            text = result.get("error", f"{type(error).__name__}: {error}")
            result = {"error": text, "is_dead": True}
        results.write(json.dumps(result) + "\n")
        results.flush()
        if result.get("is_dead"):
            os._exit(1)


if __name__ == "__main__":
    main()
