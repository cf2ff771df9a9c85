# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs kernels compiled for AArch64 in an emulator and compares their results.

on_aarch64.py --folder FOLDER --clang FILE [options] SPEC...

Compiles each function of each spec for AArch64 and links them, the runtime and
call_kernel.c to one program. qemu runs it on random tensors of several shapes,
and `attnc run --target=reference --expect` compares what it wrote with the
float64 reference. Prints a line for each result, and how many calls there were.
"""

import argparse
import json
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

INPUTS = Path(__file__).resolve().parent
ROOT = INPUTS.parents[2]
LIBRARIES = "/usr/aarch64-linux-gnu"
DTYPES = {"f16": "<f2", "bf16": "<V2", "f32": "<f4", "f64": "<f8", "i8": "|i1", "i32": "<i4",
          "i64": "<i8"}  # fmt: skip

# The extents that specs call by these names; any other is 1. No keys; prime
# lengths, which end in the tail of every loop, with more queries than keys;
# grouped heads and several tiles; few queries, whose keys are split. A cache has
# room for as many keys, in pages of 16 and as many more pages as sequences.
SHAPES = [
    {"query_length": 3, "kv_length": 0, "length": 0, "offsets_0": 1},
    {"query_length": 53, "kv_length": 29, "length": 53, "batch": 2, "offsets_0": 3},
    {"query_length": 211, "kv_length": 307, "length": 211, "heads": 2, "offsets_0": 4},
    {"query_length": 3, "kv_length": 1103, "length": 131, "heads": 3, "offsets_0": 4},
]


PAGE = 16


def name_extents(extents):
    """The shape with the extents of caches."""
    blocks = -(-extents["kv_length"] // PAGE)
    pages = (blocks + 1) * extents.get("batch", 1)
    room = {"capacity": extents["kv_length"], "blocks": blocks, "pages": pages}
    return {**extents, **room}


def parse_arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--clang", required=True)
    parser.add_argument("--target", default="cpu:aarch64")
    parser.add_argument("--with-threads", action="store_true")
    # The spec that the results have to agree with; without it, their own.
    parser.add_argument("--against", type=Path)
    # Of the specs those that have this text, or have it not.
    parser.add_argument("--only")
    parser.add_argument("--without", action="append", default=[])
    parser.add_argument("specs", nargs="+", type=Path)
    arguments = parser.parse_args()
    if arguments.only:
        arguments.specs = [s for s in arguments.specs if arguments.only in s.read_text()]
    for text in arguments.without:
        arguments.specs = [s for s in arguments.specs if text not in s.read_text()]
    return arguments


def run(*command):
    """(whether the command succeeded, all that it printed)"""
    words = [str(word) for word in command]
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode == 0:
        return True, done.stdout
    return False, f"{' '.join(words)}\nexit code {done.returncode}\n{done.stdout}"


def must_run(*command):
    succeeded, text = run(*command)
    if not succeeded:
        sys.exit(text)


def compile_spec(arguments, spec):
    """The functions of the spec as its manifest tells them."""
    options = [] if arguments.with_threads else ["--no-threads"]
    options += [f"--target={arguments.target}", f"--out-dir={arguments.folder}"]
    must_run("attnc", "compile", spec, *options)
    manifest = json.loads((arguments.folder / f"{spec.stem}.json").read_text())
    reference = arguments.against or spec
    return [dict(function, reference=reference) for function in manifest["functions"]]


def link_program(arguments):
    """The program that call_kernel.c describes, for the target."""
    clang = [arguments.clang, "--target=aarch64-linux-gnu"]
    objects = [arguments.folder / f"{spec.stem}.o" for spec in arguments.specs]
    sources = [INPUTS / "call_kernel.c", *sorted((ROOT / "lib/Runtime").glob("*.cpp"))]
    if arguments.with_threads:
        sources.append(INPUTS / "sequential_openmp.c")
    for source in sources:
        options = ["-O1", "-Wall", "-Wextra", "-Werror", f"-I{ROOT / 'include'}"]
        if source.suffix == ".cpp":
            options += ["-std=c++17", "-fno-exceptions", "-fno-rtti"]
            options.append('-DATTNC_VERSION_STRING="of the test"')
        objects.append(arguments.folder / f"{source.stem}.host.o")
        must_run(*clang, *options, "-c", source, "-o", objects[-1])
    program = arguments.folder / "call_kernel"
    must_run(*clang, "-fuse-ld=lld", "-rdynamic", *objects, "-lm", "-ldl", "-o", program)
    return program


def draw(dtype, shape, longest, random):
    """Floats of scale 1; bytes; integers that ascend, as ends of documents do."""
    if dtype == "i8":
        return random.integers(-127, 128, shape).astype(DTYPES[dtype])
    if dtype.startswith("i"):
        integers = np.sort(random.integers(0, longest + 1, shape), axis=None)
        return integers.reshape(shape).astype(DTYPES[dtype])
    numbers = random.standard_normal(shape).astype(np.float32)
    if dtype == "bf16":
        return (numbers.view(np.uint32) >> 16).astype(np.uint16).view("<V2")
    return numbers.astype(DTYPES[dtype])


def write_arguments(function, extents, folder):
    """A file for each argument; the results are zeros until the kernel has run.
    The files, how many are inputs, and what `attnc run` has to be told."""
    random = np.random.default_rng(extents["query_length"])
    longest = max(extents["query_length"], extents["kv_length"])
    if any("blocks" in argument["shape"] for argument in function["arguments"]):
        longest = extents["kv_length"]  # There is no room for more.
    files, options, num_inputs = [], [], 0
    for argument in function["arguments"]:
        name, dtype = argument["name"], argument["dtype"]
        shape = [extents.get(e, 1) if isinstance(e, str) else e for e in argument["shape"]]
        files.append(folder / f"{name}.npy")
        if argument["role"] == "input":
            array = draw(dtype, shape, longest, random)
            if argument["shape"][1:] == ["blocks"]:
                array = random.integers(0, extents["pages"], shape).astype(DTYPES[dtype])
            if name.endswith("scales"):
                array /= 64  # Bytes times these are of about unit size.
            options += ["--in", f"{name}={files[-1]}"]
            num_inputs += 1
        else:
            array = np.zeros(shape, DTYPES[dtype])
            options += ["--expect", f"{name}={files[-1]}"]
        np.save(files[-1], array)
    return files, num_inputs, options


def check(program, function, number):
    """Calls the function with the shape of that number: whether its results are
    right, and the comparison or what went wrong."""
    symbol = function["symbol"]
    folder = program.parent / f"{symbol}.{number}"
    folder.mkdir()
    extents = name_extents(SHAPES[number])
    files, num_inputs, options = write_arguments(function, extents, folder)
    emulator = shutil.which("qemu-aarch64") or "qemu-aarch64-static"
    succeeded, text = run(emulator, "-L", LIBRARIES, program, symbol, num_inputs, *files)
    if not succeeded:
        return False, text
    options += [f"--entry={symbol}", "--target=reference"]
    return run("attnc", "run", function["reference"], *options)


def main():
    arguments = parse_arguments()
    shutil.rmtree(arguments.folder, ignore_errors=True)
    arguments.folder.mkdir(parents=True)
    failed = 0
    with ThreadPoolExecutor(2) as pool:
        compiled = pool.map(lambda spec: compile_spec(arguments, spec), arguments.specs)
        functions = [function for of_spec in compiled for function in of_spec]
        program = link_program(arguments)
        calls = [(function, number) for function in functions for number in range(len(SHAPES))]
        results = pool.map(lambda call: check(program, *call), calls)
        for (function, number), (is_right, text) in zip(calls, results):
            failed += not is_right
            # The first line of a comparison is its heading.
            for line in text.splitlines()[is_right:]:
                print(f"{function['symbol']} {number}: {line}", flush=True)
    print(f"{len(functions)} kernels, {len(calls)} calls, {failed} failed")
    sys.exit(failed != 0)


main()
