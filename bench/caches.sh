#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Layouts and element types of KV caches on one core, as tables; see README.md
# beside this file.
#
#   bench/caches.sh [TARGET] [--json] [--rounds=N]
#                   [--only=decode,rolling,prefill,cascade,peers]
#
# Peers are those of bench/peers.sh, which makes their environment.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=${ATTNC_BUILD_DIR:-$root/build}
attnc=$build/bin/attnc
[[ -x $attnc ]] || { echo "$attnc is not built; run test/run.sh" >&2; exit 1; }
for python in "$build"/{peers-venv,venv}/bin/python3 /usr/bin/python3; do
  [[ -x $python ]] && break
done
OMP_NUM_THREADS=1 ATTNC=$attnc exec "$python" "$root/bench/caches.py" "$@"
