# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Times the recurrences of examples/specs beside PyTorch, in decoding, over
lengths and on two threads.

Each spec is compiled to a shared library and called in this process, in turns
with the others of its table, so that ratios mean something on a machine whose
clock moves. Called by scans.sh; the environment variable ATTNC says where the
compiler is.
"""

import argparse
import ctypes
import signal
import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import state_spaces
from compiled import compile_library
from peers.attnc import machine
from peers.dlpack import describe
from peers.measure import Variant, clock, difference, first_line, interleave
from peers.peer import Prepared
from scan_models import MODELS, recur
from tables import add_options, report

SPECS = Path(__file__).parent.parent / "examples/specs"
PEERS = ("loop", "chunked", "compiled")
# As a share of the largest value.
TOLERANCE = 1e-4
CHECKED = 200

# The exponentials of Mamba and nothing else: a state of one row, whose written
# value is the sum of as many exponentials as Mamba's state has rows, each of a
# product as there.
EXPONENTIALS = """\
!one = tensor<?x?x?x1xf32>
!value = tensor<?x?x?x64xf32>
func.func @exponentials(%one: !one, %x: !value) -> !value {{
  %out = attn.scan %one, %one, %x transition identity write {{
  ^bb0(%b: index, %h: index, %t: index, %d: index, %v: f32):
{body}
    attn.yield %sum{last} : f32
  }} {{attn.schedule = #attn.schedule<query_tile = 1, key_tile = 1, lanes = 64,
                                      splits = 1>}}
    : !one, !one, !value -> !value
  return %out : !value
}}
"""
EXPONENTIAL = """\
    %rate{i} = arith.constant {rate:.6f} : f32
    %decay{i} = arith.mulf %v, %rate{i} : f32
    %exp{i} = math.exp %decay{i} : f32
    %sum{i} = arith.addf %{before}, %exp{i} : f32
"""


def exponentials(rows):
    body = "    %zero = arith.constant 0.0 : f32\n" + "".join(
        EXPONENTIAL.format(i=i, rate=-(i + 1) / 16, before=f"sum{i - 1}" if i else "zero")
        for i in range(rows)
    )
    return EXPONENTIALS.format(body=body.rstrip("\n"), last=rows - 1)


class Kernels:
    """The compiled functions, by name."""

    def __init__(self, target, folder):
        self.target, self.folder, self.libraries = target, folder, {}

    def load(self, name, text=None):
        if name not in self.libraries:
            text = text or (SPECS / f"{name}.mlir").read_text()
            spec = self.folder / f"{name}.mlir"
            self.libraries[name] = compile_library(text, spec, self.target)
        return self.libraries[name]

    def prepare(self, name, arrays, result, threads=1, text=None):
        """A call of the function on inputs and results."""
        library = self.load(name, text)
        function = getattr(library, name)
        tensors = [describe(array) for array in arrays]
        arguments = [ctypes.byref(tensor) for tensor in tensors]

        def call(arrays=arrays, tensors=tensors):
            library.attnc_rt_set_num_threads(threads)
            status = function(*arguments)
            if status != 0:
                library.attnc_last_error.restype = ctypes.c_char_p
                sys.exit(f"{name} returned {status}: {library.attnc_last_error()}")

        return Prepared(call, lambda: result)

    def prepare_model(self, model, batch, heads, length, threads=1):
        """A call of the model, and its inputs."""
        inputs = model.inputs(batch, heads, length)
        results = model.results(batch, heads, length)
        arrays = [*inputs.values(), *results]
        return self.prepare(model.name, arrays, results[0], threads), inputs


def announce(name):
    """Rows appear when they are complete."""


def take_turns(prepared, rounds, seconds, now=clock(1)):
    """Samples of each, the first of which is measured between the others."""
    variants = [Variant(name, call, now) for name, call in prepared.items()]
    failed = interleave(variants, rounds, seconds, announce)
    return {v.name: v for v in variants if v.name not in failed}, failed


def too_long(signal_number, frame):
    raise TimeoutError("took too long to compile")


def prepare_peer(model, peer, inputs, length, wanted, patience):
    """The peer, whose result is that of attnc, or why it is not timed."""
    try:
        from scan_torch import prepare

        prepared = prepare(model, peer, inputs, length)
        signal.signal(signal.SIGALRM, too_long)
        signal.alarm(patience)
        try:
            prepared.call()
        finally:
            signal.alarm(0)
        found = difference(prepared.output(), wanted)
    except Exception as error:  # Of any library: it is shown to the user.
        return first_line(error)
    return prepared if found <= TOLERANCE else f"differs by {found:.2g}"


def check(model, inputs, out, length):
    """attnc's first positions with float64."""
    length = min(length, CHECKED)
    found = difference(out[:, :, :length], recur(model, inputs, length))
    if found > TOLERANCE:
        sys.exit(f"{model.name} differs from its definition by {found:.2g}")
    return found


def measure_speed(kernels, models, options):
    """Median times; ratios are a peer's time by attnc's: the median of the rounds,
    and that of the best times."""
    heads, length, rows = options.heads, options.length, []
    runs = min(2, options.rounds)
    peaks = [machine(1, runs)["peak_gflops"]]
    for model in models:
        ours, inputs = kernels.prepare_model(model, 1, heads, length)
        ours.call()
        row = {"model": model.name}
        worst = check(model, inputs, ours.output(), length)
        prepared, reasons = {"attnc": ours}, {}
        for peer in filter(None, options.peers.split(",")):
            got = prepare_peer(
                model, peer, inputs, length, ours.output(), options.patience
            )
            (reasons if isinstance(got, str) else prepared)[peer] = got
        if model.name == "mamba":
            prepared["exponentials"] = prepare_exponentials(
                kernels, heads, length, model.dim
            )
        taken, failed = take_turns(prepared, options.rounds, options.seconds)
        reasons |= failed
        best = {name: min(v.samples) for name, v in taken.items()}
        rate = model.flops(1, heads, length) / best["attnc"] / 1e9
        row |= {
            "median_ms": statistics.median(taken["attnc"].samples) * 1e3,
            "best_ms": best["attnc"] * 1e3,
            "gflops": rate,
            "difference": worst,
        }
        for name in filter(None, options.peers.split(",")):
            row[name] = reasons.get(name)
            if name in taken:
                row[name] = statistics.median(taken[name].ratios)
                row[f"{name}_best"] = best[name] / best["attnc"]
            else:
                row[f"{name}_best"] = None
        row["of_exponentials"] = (
            best["exponentials"] / best["attnc"] if model.name == "mamba" else None
        )
        rows.append(row)
    peaks.append(machine(1, runs)["peak_gflops"])
    for row in rows:
        row["of_peak"] = row["gflops"] / max(peaks)
        row["peak_gflops"] = max(peaks)
    return rows


def prepare_exponentials(kernels, heads, length, dim):
    x = np.random.default_rng(2).uniform(0, 1, [1, heads, length, 64])
    x = x.astype(np.float32)
    one, out = np.ones([1, heads, length, 1], np.float32), np.zeros_like(x)
    call = kernels.prepare("exponentials", [one, x, out], out, text=exponentials(dim))
    call.call()
    rates = np.arange(1, dim + 1) / 16
    wanted = np.exp(-x[..., None].astype(np.float64) * rates).sum(-1).cumsum(2)
    found = difference(out, wanted)
    if found > TOLERANCE:
        sys.exit(f"the sum of exponentials differs by {found:.2g}")
    return call


def measure_decode(kernels, models, options):
    """One token for each of a batch: the rate at which states are read and written,
    beside that of a copy of as much memory."""
    rows = []
    for model in models:
        if not model.has_state:
            continue
        for batch in (1, options.batch):
            ours, inputs = kernels.prepare_model(model, batch, 32, 1)
            state = inputs["state"]
            copied = np.ones_like(state)
            copy = Prepared(lambda: np.copyto(copied, state), lambda: copied)
            taken, _ = take_turns({"attnc": ours, "copy": copy}, options.rounds * 3,
                                  options.seconds)  # fmt: skip
            best = {name: min(v.samples) for name, v in taken.items()}
            rows.append(
                {
                    "model": model.name,
                    "batch": batch,
                    "state_mib": state.nbytes / 2**20,
                    "best_us": best["attnc"] * 1e6,
                    "gbytes_per_second": 2 * state.nbytes / best["attnc"] / 1e9,
                    "copy_gbytes_per_second": 2 * state.nbytes / best["copy"] / 1e9,
                    "of_copy": statistics.median(taken["copy"].ratios),
                    "of_copy_best": best["copy"] / best["attnc"],
                }
            )
    return rows


def resident(field):
    """A field of the memory of this process, in KiB."""
    text = Path("/proc/self/status").read_text()
    return int(text.split(field + ":")[1].split()[0])


def measure_growth(call):
    """By how many KiB the memory of this process grows in a call, or None where the
    system does not say."""
    try:
        # Writing 5 makes the largest memory what it is now.
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        call()
        return None
    before = resident("VmRSS")
    call()
    return resident("VmHWM") - before


def measure_length(kernels, models, options):
    """One head: nanoseconds for a token, and what a call needs beyond its tensors."""
    rows = []
    for model in models:
        for length in map(int, options.lengths.split(",")):
            ours, inputs = kernels.prepare_model(model, 1, 1, length)
            grown = measure_growth(ours.call)
            variant = Variant(model.name, ours, clock(1))
            for _ in range(max(3, options.rounds // 2)):
                variant.sample()
            rows.append(
                {
                    "model": model.name,
                    "length": length,
                    "ns_per_token": statistics.median(variant.samples) / length * 1e9,
                    "best_ns_per_token": min(variant.samples) / length * 1e9,
                    "grown_kib": grown,
                }
            )
    return rows


def measure_threads(kernels, models, options):
    """Elapsed time of one thread by that of two."""
    rows = []
    for model in models:
        calls = {
            f"threads{n}": kernels.prepare_model(
                model, 1, options.heads, 4 * options.length, n
            )[0]
            for n in (2, 1)
        }
        taken, _ = take_turns(calls, options.rounds, options.seconds, time.perf_counter)
        best = {name: min(v.samples) for name, v in taken.items()}
        rows.append(
            {
                "model": model.name,
                "one_ms": best["threads1"] * 1e3,
                "two_ms": best["threads2"] * 1e3,
                "speed": statistics.median(taken["threads1"].ratios),
                "speed_best": best["threads1"] / best["threads2"],
            }
        )
    return rows


def measure_state_spaces(kernels, models, options):
    return state_spaces.measure(kernels, take_turns, options)


TABLES = {
    "speed": ("times of PyTorch relative to attnc", measure_speed),
    "state_spaces": ("S4 and S4D, PyTorch relative to attnc", measure_state_spaces),
    "decode": ("one token, states in and out", measure_decode),
    "length": ("one head", measure_length),
    "threads": ("two threads relative to one", measure_threads),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    add_options(parser, TABLES)
    parser.add_argument("--seconds", type=float, default=20, help="for each peer")
    parser.add_argument("--patience", type=int, default=120,
                        help="seconds for a peer's first call")  # fmt: skip
    parser.add_argument("--models", default=",".join(MODELS))
    parser.add_argument("--peers", default=",".join(PEERS))
    parser.add_argument("--heads", type=int, default=8)
    parser.add_argument("--length", type=int, default=2048)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--lengths", default="4096,32768,262144,1048576")
    options = parser.parse_args()
    models = [MODELS[name] for name in options.models.split(",")]
    with tempfile.TemporaryDirectory() as folder:
        kernels = Kernels(options.target, Path(folder))
        report(TABLES, options, kernels, models, options)


if __name__ == "__main__":
    main()
