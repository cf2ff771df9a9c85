//===- Driver.h - the program attnc -----------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Everything behind `main`.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_COMPILER_DRIVER_H
#define ATTNC_COMPILER_DRIVER_H

namespace attnc {

/// Parses the command line and runs the command; returns the exit code. Prints
/// results to standard output and everything else to standard error.
int runDriver(int argc, const char *const *argv);

} // namespace attnc

#endif // ATTNC_COMPILER_DRIVER_H
