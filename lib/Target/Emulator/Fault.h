//===- Fault.h - what stops a kernel or a module ----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The emulator is the one library of the project that is compiled with
// exceptions: a check fails deep inside an instruction of one lane, and what
// follows is the end of the launch. They do not leave the library.
//
//===----------------------------------------------------------------------===//

#ifndef ATTNC_LIB_TARGET_EMULATOR_FAULT_H
#define ATTNC_LIB_TARGET_EMULATOR_FAULT_H

#include <cstdint>
#include <string>
#include <utility>

namespace attnc::emulator {

/// A check that failed. The message says what, not where; who catches it adds
/// the place.
struct Fault {
  explicit Fault(std::string message) : message(std::move(message)) {}
  std::string message;
};

/// `address` as messages show it.
inline std::string hex(uint64_t address) {
  static const char digits[] = "0123456789abcdef";
  std::string text;
  do
    text.insert(text.begin(), digits[address & 15]);
  while (address >>= 4);
  return "0x" + text;
}

} // namespace attnc::emulator

#endif // ATTNC_LIB_TARGET_EMULATOR_FAULT_H
