# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A process for each number of threads, and what becomes of one that crashes.

All peers of a row run in one process, confined to as many processors as there are
threads. It writes a JSON object a line: the machine, what it is about to run, and
the rows. If a library ends it, the parent starts another one without that
library for that row.
"""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from typing import IO

from peers.cases import CASES
from peers.peer import all_peers


@dataclass
class Plan:
    """What a worker is to do."""

    threads: int
    rows: list[str]
    peers: list[str]
    rounds: int
    budget: float
    # Pairs of a row and a peer that ended a worker, with how.
    crashed: list[tuple[str, str, str]]


def environment(threads: int) -> dict[str, str]:
    """OpenMP and BLAS are told the number of threads before they are loaded; idle
    threads of one OpenMP runtime must not take the processors from another."""
    variables = os.environ | {"KMP_BLOCKTIME": "1"}
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        variables[name] = str(threads)
    return variables


def work(plan: Plan, out: IO[str]) -> None:
    """The worker's part."""
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: plan.threads])
    from peers.attnc import machine
    from peers.measure import clock, measure
    from peers.numpy_blas import sgemm_gflops

    def say(what: dict) -> None:
        print(json.dumps(what), file=out, flush=True)

    peers = [peer for peer in all_peers() if peer.name in plan.peers]
    found = machine(plan.threads) | {"sgemm_gflops": sgemm_gflops(clock(plan.threads))}
    found["load"] = os.getloadavg()[0]
    found["versions"] = {peer.name: peer.version() for peer in peers}
    say({"machine": found})
    for case in CASES:
        if case.name not in plan.rows:
            continue
        lost = {peer: how for row, peer, how in plan.crashed if row == case.name}
        row = measure(
            case,
            [peer for peer in peers if peer.name not in lost],
            plan.threads,
            plan.rounds,
            plan.budget,
            lambda peer: say({"begin": [case.name, peer]}),
        )
        row["cells"] |= {peer: {"reason": how} for peer, how in lost.items()}
        say({"result": row})
        gc.collect()


def run(plan: Plan) -> tuple[dict, list[dict]]:
    """The parent's part: the machine as the worker found it, and the rows."""
    found: dict = {}
    rows: list[dict] = []
    while True:
        at: list[str] = []
        arguments = [sys.executable, "-m", "peers", "--worker", json.dumps(vars(plan))]
        with subprocess.Popen(
            arguments,
            stdout=subprocess.PIPE,
            env=environment(plan.threads),
            text=True,
        ) as worker:
            assert worker.stdout is not None
            for line in worker.stdout:
                said = json.loads(line)
                if "machine" in said:
                    found = found or said["machine"]
                elif "begin" in said:
                    at = said["begin"]
                else:
                    rows.append(said["result"])
                    plan.rows.remove(said["result"]["row"])
                    left = f"{len(plan.rows)} rows left"
                    print(f"{at[0]}, threads {plan.threads}; {left}", file=sys.stderr)
        if worker.returncode == 0:
            return found, rows
        if worker.returncode > 0 or not at or at[1] == plan.peers[0]:
            sys.exit(f"a worker ended with {worker.returncode} at {at}")
        plan.crashed.append((at[0], at[1], f"signal {-worker.returncode}"))


def main(text: str) -> None:
    """Libraries that print to the standard output must not disturb the parent."""
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    work(Plan(**json.loads(text)), out)
