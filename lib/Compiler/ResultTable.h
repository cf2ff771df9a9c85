//===- ResultTable.h - what run tells of results ----------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The lines that `attnc run` prints about output tensors.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_LIB_COMPILER_RESULTTABLE_H
#define ATTNC_LIB_COMPILER_RESULTTABLE_H

#include "attnc/Support/HostTensor.h"
#include "attnc/Support/LLVM.h"
#include "attnc/Support/Tolerance.h"

namespace attnc {

/// Prints the heading of a table of comparisons.
void printComparisonHeading(raw_ostream &os);

/// Prints one row: the output called `name` against the reference or a file.
/// `note` stands at the end.
void printComparison(raw_ostream &os, StringRef name, StringRef against,
                     const Comparison &comparison, StringRef note);

/// Prints type, shape, range and mean of a tensor in one line.
void printSummary(raw_ostream &os, StringRef name, const HostTensor &tensor);

/// An argument as a POSIX shell has to read it.
std::string quoteForShell(StringRef argument);

} // namespace attnc

#endif // ATTNC_LIB_COMPILER_RESULTTABLE_H
