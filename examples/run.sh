#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Builds attnc and shows it at work: compiles full attention to an object file,
# runs it on the data shipped here and compares with the expected output, checks
# it against the float64 reference, measures causal attention, serves many
# sessions from a paged cache, runs a layer of Mamba on text, and compares what
# memories recall.
#
# The build directory is $ATTNC_BUILD_DIR, or build/ in the source tree.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
build=${ATTNC_BUILD_DIR:-build}
out=$build/examples
attnc=$build/bin/attnc

# example TITLE COMMAND...: shows the command as one would type it, and runs it.
example() {
  printf '\n%s\n  $ %s\n' "$1" "${*:2}"
  "${@:2}" | sed 's/^/  /'
}

scripts/setup.sh
echo "building attnc in $build"
mkdir -p "$out"
if ! { cmake --preset default -B "$build" &&
  cmake --build "$build" -j "$(nproc)" --target attnc attnc_library \
    attnc_compiler attnc_rt; } >"$out/build.log" 2>&1; then
  cat "$out/build.log" >&2
  echo "examples/run.sh: the build failed" >&2
  exit 1
fi

example "Compile full attention to an object file:" \
  "$attnc" compile examples/specs/full.mlir --target=cpu -o "$out/full.o"
find "$out" -name 'full.*' -printf '  %8s bytes  %p\n' | sort -k 3

example "Run it on real data, and compare with the expected output:" \
  "$attnc" run examples/specs/full.mlir \
  --in q=examples/data/q.npy --in k=examples/data/k.npy \
  --in v=examples/data/v.npy \
  --out out="$out/out.npy" --expect out=examples/data/expected.npy

example "Check it on random data against the float64 reference:" \
  "$attnc" run examples/specs/full.mlir --random --seed 1 --repeat 3 --check

example "Measure causal attention on one thread:" \
  "$attnc" bench examples/specs/causal.mlir --dims q=1x8x2048x64 \
  --dims k=1x8x2048x64 --dims v=1x8x2048x64 --threads 1

example "Serve 100 sessions from three caches in the same memory:" \
  env ATTNC="$attnc" examples/serving/run.sh --sessions=100 --max-tokens=1024 \
  --budget-mib=2 --svg="$out/serving.svg"

# The Python that has numpy: that of setup.sh --python, or the distribution's.
numpy_python=$build/venv/bin/python3
[[ -x $numpy_python ]] || numpy_python=/usr/bin/python3
python=(env PYTHONPATH=python ATTNC_LIBRARY="$build/lib" ATTNC_CACHE_DIR="$(realpath "$out")/cache"
  "$numpy_python")
"${python[@]}" examples/blocks/text.py --make="$out/mamba.safetensors"
example "Read a text with layers of Mamba, and write on:" \
  "${python[@]}" examples/blocks/text.py "$out/mamba.safetensors" \
  --prompt="$(head -n 1 examples/data/text.txt)" --bytes=16

example "Compare what five kinds of memory recall and cost:" \
  "${python[@]}" examples/tradeoff/recall.py --json="$out/recall.json"

printf '\nall examples passed\n'
