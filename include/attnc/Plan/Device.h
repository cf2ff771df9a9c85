//===- Device.h - what a plan has to know of a device -----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Peaks of a data sheet. What is derived from them is a bound that no program
// on the device passes, not a prediction.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_PLAN_DEVICE_H
#define ATTNC_PLAN_DEVICE_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <string>

namespace attnc::plan {

/// The most devices that work on a model.
inline constexpr uint64_t mostDevices = 65536;

/// A device, or several that share the work without loss.
struct Device {
  std::string name;
  /// Where the figures are from; for presets.
  std::string source;
  /// Operations a second, a multiplication and an addition being two.
  double flops = 0;
  /// Bytes a second from memory.
  double bandwidth = 0;
  /// Bytes of memory.
  uint64_t memory = 0;

  /// `count` such devices, at most `mostDevices`, and no communication.
  Device times(uint64_t count) const;

  /// Reads text; `path` stands for it in messages.
  static llvm::Expected<Device> parse(llvm::StringRef text,
                                      llvm::StringRef path);
  /// Reads a file, or standard input for "-".
  static llvm::Expected<Device> load(llvm::StringRef path);

  /// What `parse` reads.
  std::string emitJson() const;
};

/// The devices that have a name.
llvm::ArrayRef<Device> getDevicePresets();

/// Null if no preset has this name.
const Device *findDevicePreset(llvm::StringRef name);

} // namespace attnc::plan

#endif // ATTNC_PLAN_DEVICE_H
