#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# What the analysis of masks adds to the time of a compilation, as a table; see
# README.md beside this file.
#
#   bench/mask_analysis.sh [--all] [--json] [--rounds=N] [--limit=MS] [MASK...]
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=${ATTNC_BUILD_DIR:-$root/build}
opt=$build/bin/attn-opt
[[ -x $opt ]] || { echo "$opt is not built; run test/run.sh" >&2; exit 1; }
ATTN_OPT=$opt exec /usr/bin/python3 "$root/bench/mask_analysis.py" "$@"
