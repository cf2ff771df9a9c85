# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Times the peers of one case in turns with attnc, and compares their results.

The order of a round is attnc, peer, attnc, another peer, ..., attnc: a ratio is a
peer's time by the mean of the two of attnc around it, so that it means something
on a machine whose clock moves. A peer leaves when its share of time is spent.
"""

from __future__ import annotations

import math
import statistics
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Callable

from peers.cases import Case
from peers.peer import Peer, Prepared

if TYPE_CHECKING:
    import numpy as np

    from peers.inputs import Inputs

# A sample is as many calls as take about so long.
SAMPLE_SECONDS = 0.004
# A first call of so long is a sample.
LONG_SECONDS = 0.5
# Before a sample, for the threads of the one before to go to sleep.
PAUSE_SECONDS = 0.005
# By how much results may differ, as a share of the largest value.
TOLERANCES = {"f32": 1e-4, "f16": 4e-3, "bf16": 2e-2}
CHECKED_ROWS = 8


def clock(threads: int) -> Callable[[], float]:
    """On one thread time on the processor, so that other programs disturb less."""
    return time.process_time if threads == 1 else time.perf_counter


@dataclass
class Variant:
    """A peer with a case."""

    name: str
    prepared: Prepared
    clock: Callable[[], float]
    # How many make a sample; 0 before the first.
    calls: int = 0
    spent: float = 0.0
    samples: list[float] = field(default_factory=list)
    ratios: list[float] = field(default_factory=list)

    def time_calls(self, count: int) -> float:
        """Seconds of a call."""
        start = self.clock()
        for _ in range(count):
            self.prepared.call()
        return (self.clock() - start) / count

    def sample(self) -> float:
        """Seconds of a call. The first of all calls is for pages and caches, unless
        it takes so long that they do not matter."""
        time.sleep(PAUSE_SECONDS)
        begin = time.perf_counter()
        seconds = None
        if self.calls == 0:
            seconds = self.time_calls(1)
            if seconds < LONG_SECONDS:
                seconds = self.time_calls(1)
            self.calls = math.ceil(SAMPLE_SECONDS / max(seconds, 4e-6))
            seconds = seconds if seconds >= LONG_SECONDS else None
        elif self.calls > 1:
            self.prepared.call()
        if seconds is None:
            seconds = self.time_calls(self.calls)
        self.spent += time.perf_counter() - begin
        self.samples.append(seconds)
        return seconds


def interleave(
    variants: list[Variant],
    rounds: int,
    budget: float,
    announce: Callable[[str], None],
) -> dict[str, str]:
    """Samples all, the first between the others. A peer takes part until its budget
    of seconds is spent; when all together have spent less than that after the
    rounds, there are up to five times as many. Returns those that failed, and how."""
    ours, others = variants[0], variants[1:]
    failed: dict[str, str] = {}
    announce(ours.name)
    before = ours.sample()
    for number in range(5 * rounds):
        if number >= rounds and sum(v.spent for v in variants) > budget:
            break
        for peer in others:
            if peer.name in failed or (number > 0 and peer.spent > budget):
                continue
            announce(peer.name)
            try:
                seconds = peer.sample()
            except Exception as error:  # Of any library: it is shown to the user.
                failed[peer.name] = first_line(error)
                continue
            after = ours.sample()
            peer.ratios.append(2 * seconds / (before + after))
            before = after
        if not others:
            ours.sample()
    return failed


def difference(result: np.ndarray, wanted: np.ndarray) -> float:
    """The largest, as a share of the largest wanted value; NaN counts as infinite."""
    import numpy as np

    wanted = wanted.astype(np.float32)
    found = np.abs(result.astype(np.float32) - wanted).max() / np.abs(wanted).max()
    return float(found) if np.isfinite(found) else math.inf


def compare(case: Case, inputs: Inputs, variants: list[Variant]) -> dict[str, dict]:
    """attnc's last rows with float64, and the whole results of the others with it."""
    rows = slice(max(0, case.queries - CHECKED_ROWS), case.queries)
    ours = variants[0].prepared.output()
    found = {variants[0].name: difference(ours[:, :, rows], inputs.reference(rows))}
    for variant in variants[1:]:
        found[variant.name] = difference(variant.prepared.output(), ours)
    limit = TOLERANCES[case.dtype]
    return {
        name: {"difference": value, "differs": value > limit}
        for name, value in found.items()
    }


def first_line(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return f"{type(error).__name__}: {lines[0] if lines else ''}"[:200]


def measure(
    case: Case,
    peers: list[Peer],
    threads: int,
    rounds: int,
    budget: float,
    announce: Callable[[str], None],
) -> dict:
    """A row of the table. `announce` is told the peer that is about to run."""
    from peers.inputs import Inputs

    inputs = Inputs(case)
    variants: list[Variant] = []
    cells: dict[str, dict] = {}
    for peer in peers:
        if reason := peer.supports(case):
            cells[peer.name] = {"reason": reason}
            continue
        announce(peer.name)
        try:
            prepared = peer.prepare(case, inputs, threads)
        except Exception as error:  # Of any library: it is shown to the user.
            if peer is peers[0]:
                raise
            cells[peer.name] = {"reason": first_line(error)}
            continue
        variants.append(Variant(peer.name, prepared, clock(threads)))
    for name, reason in interleave(variants, rounds, budget, announce).items():
        cells[name] = {"reason": reason}
    variants = [variant for variant in variants if variant.name not in cells]
    cells |= compare(case, inputs, variants)
    for variant in variants:
        cells[variant.name] |= {
            "median_seconds": statistics.median(variant.samples),
            "samples": variant.samples,
            "ratio": statistics.median(variant.ratios) if variant.ratios else 1.0,
            "ratios": variant.ratios,
        }
    return {
        "row": case.name,
        "shape": case.shape(),
        "threads": threads,
        "flops": case.flops(),
        "kv_bytes": case.kv_bytes,
        "cells": cells,
    }
