#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Checks attention kernels on a GPU and times them beside PyTorch.

    run.py --kernels DIR [--json FILE] [--seconds N] [--only NAME,...]
           [--no-check] [--no-time] [--peers flash,cudnn,flex] [--device cuda|cpu]

DIR has a library NAME.so for each case of cases.py that is to run. Needs PyTorch, and
nothing else of this repository. Kernels run in a second process; one that hangs or
destroys its context costs its own row only. What does not fit in the time is said.
"""

from __future__ import annotations

import argparse
import json
import os
import select
import statistics
import subprocess
import sys
import time

import cases

# Seconds that a job may take before it counts as hanging.
LIMITS = {"hello": 120, "peaks": 40, "check": 40, "time": 40, "flex": 150}


class Session:
    """The process that runs the kernels, started when there is a job for it."""

    def __init__(self, arguments):
        self.arguments = arguments
        self.deadline = time.monotonic() + arguments.seconds
        self.worker = None
        self.skipped = []

    def remaining(self):
        return self.deadline - time.monotonic()

    def start(self):
        here = os.path.dirname(os.path.abspath(__file__))
        command = [sys.executable, os.path.join(here, "worker.py")]
        self.worker = subprocess.Popen(
            command + [self.arguments.kernels, self.arguments.device],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
        )

    def stop(self):
        if self.worker:
            self.worker.kill()
            self.worker.wait()
        self.worker = None

    def read_line(self, limit):
        """A line of the worker, or what became of it."""
        line, end = b"", time.monotonic() + limit
        while not line.endswith(b"\n"):
            left = end - time.monotonic()
            ready, _, _ = select.select([self.worker.stdout], [], [], max(0, left))
            if not ready:
                return None, f"no result after {limit:.0f} s; the process was ended"
            part = os.read(self.worker.stdout.fileno(), 1 << 16)
            if not part:
                return None, f"the process ended with status {self.worker.wait()}"
            line += part
        return json.loads(line), None

    def run(self, what, job, limit):
        """The result of a job; {"skipped"} where there is no time for it."""
        # A processor is not what the limits are for.
        slow = 5 if self.arguments.device == "cpu" else 1
        limit = min(LIMITS[limit] * slow, self.remaining())
        if limit < 2:
            self.skipped.append(what)
            return {"skipped": True}
        if not self.worker:
            self.start()
        try:
            self.worker.stdin.write(json.dumps(job).encode() + b"\n")
            result, failure = self.read_line(limit)
        except BrokenPipeError:
            result, failure = None, f"the process ended with status {self.worker.wait()}"
        if result is None:
            result = {"error": failure, "is_dead": True}
        if result.get("is_dead"):
            self.stop()
        return result


def check(session, case):
    result = session.run(f"check of {case.name}", {"do": "check", "case": case.name}, "check")
    if result.get("skipped"):
        return result
    if "error" in result:
        print(f"{case.name:26} FAILED  {result['error']}")
    elif result["wrong"]:
        print(f"{case.name:26} WRONG   {len(result['wrong'])} of {result['shapes']} shapes")
        for line in result["wrong"]:
            print(f"    {line}")
    else:
        worst = f"error {result['worst']:.2f} of the bound"
        print(f"{case.name:26} ok      {result['shapes']} shapes, {worst}")
    sys.stdout.flush()
    return result


def summarize(result, peak):
    """Adds medians, rates and ratios; a ratio above 1 says that attnc is faster."""
    ms = result["ms"]
    own = ms["attnc"]
    result["median_ms"] = {name: statistics.median(of) for name, of in ms.items()}
    result["rate"] = {
        name: (result["bytes"] or result["flops"]) / (of * 1e-3)
        for name, of in result["median_ms"].items()
    }
    result["ratio"] = {
        name: statistics.median(theirs / ours for theirs, ours in zip(of, own))
        for name, of in ms.items()
        if name != "attnc"
    }
    of = peak["bytes"] if result["bytes"] else peak["flops"]
    # A copy reads and writes; decoding reads.
    result["share_of_peak"] = result["rate"]["attnc"] / of
    return result


def print_timing(case, result):
    unit, scale = ("GB/s", 1e9) if result["bytes"] else ("TFLOP/s", 1e12)
    text = (
        f"{case.name:26} {result['shape']:22} {result['median_ms']['attnc']:9.4f} ms"
        f" {result['rate']['attnc'] / scale:7.1f} {unit:7} {100 * result['share_of_peak']:5.1f} %"
    )
    for name, ratio in result["ratio"].items():
        text += f" | {name} {result['rate'][name] / scale:.1f}, ratio {ratio:.2f}"
    print(text)
    for name, why in result["absent"].items():
        print(f"    {name}: {why}")
    for name, seconds in result["first_call_s"].items():
        if name == "flex":
            print(f"    flex: compiled in {seconds:.1f} s")
    sys.stdout.flush()


def time_case(session, case, number, names, peak):
    what = f"timing of {case.name} at {case.timed[number]}"
    job = {"do": "time", "case": case.name, "shape": number, "peers": names}
    job.update(rounds=session.arguments.rounds, budget_ms=session.arguments.budget_ms)
    result = session.run(what, job, "flex" if "flex" in names else "time")
    if result.get("skipped"):
        return None
    if "error" in result:
        print(f"{case.name:26} {case.timed[number]}: {result['error']}")
        return result
    print_timing(case, summarize(result, peak))
    return result


def peer_names(case, arguments):
    if arguments.device == "cpu":
        found = ["math"] if case.sdpa_causal is not None else []
    else:
        found = ["flash", "cudnn"] if case.sdpa_causal is not None else []
        found += ["flex"] if case.flex else []
    return [name for name in found if name in arguments.peers.split(",")]


def run_timings(session, selected, arguments, peak):
    """Those with peers that compile for long come last."""
    timings = []
    jobs = [(case, number) for case in selected for number in range(len(case.timed))]
    if arguments.device == "cpu":
        jobs = [(case, 0) for case in selected]
    with_flex = lambda case: "flex" in peer_names(case, arguments)
    for wants_flex in (False, True):
        for case, number in jobs:
            if wants_flex and not with_flex(case):
                continue
            names = [n for n in peer_names(case, arguments) if (n == "flex") == wants_flex]
            result = time_case(session, case, number, names, peak)
            if result:
                timings.append({"case": case.name, **result})
    return timings


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--kernels", required=True, metavar="DIR")
    parser.add_argument("--json", metavar="FILE")
    parser.add_argument("--seconds", type=float, default=240)
    parser.add_argument("--only", default="", metavar="NAME,...")
    parser.add_argument("--no-check", action="store_true")
    parser.add_argument("--no-time", action="store_true")
    parser.add_argument("--peers", default="flash,cudnn,flex,math")
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--budget-ms", type=float, default=15, help="of calls in a row")
    parser.add_argument("--device", default="cuda", choices=("cuda", "cpu"))
    return parser.parse_args()


def select_cases(arguments):
    only = [name for name in arguments.only.split(",") if name]
    unknown = set(only) - {case.name for case in cases.CASES}
    if unknown:
        sys.exit(f"run.py: no case {', '.join(sorted(unknown))}")
    has = lambda case: os.path.exists(os.path.join(arguments.kernels, case.name + ".so"))
    wanted = [case for case in cases.CASES if not only or case.name in only]
    absent = [case.name for case in wanted if not has(case)]
    if absent:
        print(f"no library for {', '.join(absent)}")
    return [case for case in wanted if has(case)]


def main():
    arguments = parse_arguments()
    selected = select_cases(arguments)
    session = Session(arguments)
    report = {"checks": {}, "timings": []}
    try:
        report["environment"] = session.run("start", {"do": "hello"}, "hello")
        print(", ".join(f"{key} {value}" for key, value in report["environment"].items()))
        if "error" in report["environment"]:
            sys.exit("run.py: no device to run on")
        if not arguments.no_check:
            for case in selected:
                report["checks"][case.name] = check(session, case)
        if not arguments.no_time:
            peak = session.run("peaks", {"do": "peaks"}, "peaks")
            if "flops" in peak:
                report["peaks"] = peak
                flops, rate = peak["flops"] / 1e12, peak["bytes"] / 1e9
                print(f"peaks: product {flops:.1f} TFLOP/s, copy {rate:.0f} GB/s")
                report["timings"] = run_timings(session, selected, arguments, peak)
            else:
                print(f"no peaks: {peak.get('error', 'no time')}")
    finally:
        session.stop()
    for what in session.skipped:
        print(f"skipped, no time: {what}")
    report["skipped"] = session.skipped
    if arguments.json:
        with open(arguments.json, "w") as file:
            json.dump(report, file, indent=1)
    bad = [n for n, c in report["checks"].items() if c.get("error") or c.get("wrong")]
    bad += [t["case"] for t in report["timings"] if "error" in t]
    bad = set(bad)
    print(f"cases: {len(selected)}, failed: {len(bad)}, jobs skipped: {len(session.skipped)}")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
