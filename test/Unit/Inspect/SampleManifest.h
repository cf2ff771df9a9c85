//===- SampleManifest.h - a manifest that tests take apart ------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One of everything that a manifest may have.
//
//===----------------------------------------------------------------------===//

#ifndef ATTNC_TEST_UNIT_INSPECT_SAMPLEMANIFEST_H
#define ATTNC_TEST_UNIT_INSPECT_SAMPLEMANIFEST_H

#include <nlohmann/json.hpp>

namespace attnc {

inline nlohmann::ordered_json makeManifest() {
  return nlohmann::ordered_json::parse(R"({
    "schema": 1,
    "producer": {"name": "attnc", "version": "0.1.0", "llvm": "22.1.8"},
    "source": {"name": "toy", "sha256": "00ff"},
    "abi": {"major": 1, "minor": 2},
    "target": {"name": "cuda:sm_90a", "triple": "x86_64-linux", "cpu": "znver4",
               "features": "", "threads": true},
    "tuning": {"name": "t.json", "sha256": "ee"},
    "images": [{"kind": "cubin", "arch": "sm_90a", "bytes": 2048,
                "kernels": [{"name": "toy_0", "registers": 168},
                            {"name": "toy_1"}]}],
    "functions": [{
      "symbol": "toy",
      "arguments": [
        {"name": "q", "role": "input", "dtype": "f32", "shape": ["n", 64]},
        {"name": "w", "role": "input", "dtype": "i32", "shape": []},
        {"name": "cache", "role": "updated", "dtype": "bf16", "shape": [8]},
        {"name": "out", "role": "output", "dtype": "f32", "shape": ["n", 64]}],
      "symbols": ["n", "m"],
      "multiples": [{"extent": "n", "multiple_of": "m"}],
      "schedules": [{"operation": "attn.attend", "schedule": "#s",
                     "decode": "#d"}]}]})");
}

} // namespace attnc

#endif // ATTNC_TEST_UNIT_INSPECT_SAMPLEMANIFEST_H
