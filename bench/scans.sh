#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Recurrences beside PyTorch, and what they cost by length, as tables; see
# README.md beside this file. PyTorch is that of bench/peers.sh: without its
# environment attnc is timed alone.
#
#   bench/scans.sh [TARGET] [--json] [--rounds=N] [--models=gla,mamba,...]
#                  [--only=speed,state_spaces,decode,length,threads] [--peers=loop,chunked,compiled]
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=${ATTNC_BUILD_DIR:-$root/build}
export ATTNC=${ATTNC:-$build/bin/attnc} OMP_NUM_THREADS=1
[[ -x $ATTNC ]] || { echo "$ATTNC is not built; run test/run.sh" >&2; exit 1; }
for python in "$build"/{peers-venv,venv}/bin/python3 /usr/bin/python3; do
  [[ -x $python ]] && break
done
# One thread compiles what torch.compile writes, as one computes.
export TORCHINDUCTOR_COMPILE_THREADS=1
exec "$python" "$root/bench/scans.py" "$@"
