#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# attnc beside other attention on CPUs, as tables; see README.md beside this file.
# The first run makes <build>/peers-venv with packages from PyPI, some 5 GB.
#
#   bench/peers.sh [--quick] [--rows=NAME,...] [--peers=NAME,...] [--threads=1,2]
#                  [--json FILE] [--plot FILE.png]
#   bench/peers.sh --list       the rows and the peers; needs no packages
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=${ATTNC_BUILD_DIR:-$root/build}
requirements=$root/bench/peers/requirements.txt
venv=$build/peers-venv
export PYTHONPATH=$root/bench ATTNC=${ATTNC:-$build/bin/attnc}

for argument in "$@"; do
  case $argument in
  --list | -h | --help) exec /usr/bin/python3 -m peers "$argument" ;;
  esac
done

[[ -x $ATTNC ]] || { echo "$ATTNC is not built; run test/run.sh" >&2; exit 1; }
# The stamp is a copy of the requirements that were installed.
if ! cmp -s "$requirements" "$venv/requirements.txt"; then
  echo "peers.sh: creating $venv" >&2
  /usr/bin/python3 -m venv --clear "$venv"
  "$venv/bin/python3" -m pip install --quiet --disable-pip-version-check \
    --requirement "$requirements" >&2
  cp "$requirements" "$venv/requirements.txt"
fi
# What FlexAttention compiles for a case is kept for the next run.
export TORCHINDUCTOR_CACHE_DIR=$venv/torchinductor
exec "$venv/bin/python3" -m peers "$@"
