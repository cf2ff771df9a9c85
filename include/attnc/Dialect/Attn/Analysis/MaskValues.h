//===- MaskValues.h - the numbers that masks read, where known --*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a mask reads at run time, for tools that look at masks without running
// anything: elements of tables that somebody has, and those that a pattern
// computes itself.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_DIALECT_ATTN_ANALYSIS_MASKVALUES_H
#define ATTNC_DIALECT_ATTN_ANALYSIS_MASKVALUES_H

#include "attnc/Analysis/MaskExpr.h"
#include "attnc/Dialect/Attn/IR/Attn.h"
#include "llvm/ADT/StringMap.h"
#include <optional>
#include <string>
#include <vector>

namespace attnc::attn {

/// Integers, row-major; a number has no axes and one element.
struct IntegerTable {
  SmallVector<int64_t, 2> shape;
  std::vector<int64_t> elements;
};

/// The content of an operand of an attend op that its mask reads; nothing if it
/// is not known.
using GetTable =
    function_ref<std::optional<IntegerTable>(AttendOp op, StringRef name)>;

/// The values of the terms of one op's mask.
class MaskValues {
public:
  /// For `keys` keys. Each table is asked for once.
  static MaskValues get(AttendOp op, int64_t keys, GetTable getTable);

  /// What the patterns of a mask compute themselves; no table is known.
  static MaskValues getComputed(AttendOp op, int64_t keys);

  /// The names of the tables that are not known, in the order in which the mask
  /// reads them.
  ArrayRef<std::string> getMissing() const { return missing; }
  /// Whether all terms of a mask are known. It may be a part of the op's.
  bool knows(const Mask &mask) const;

  /// The element of a known table, or the nearest one there is.
  int64_t read(const MaskTerm &term, int64_t batch,
               ArrayRef<int64_t> indices) const;
  /// The same, or nothing if the table is not known.
  std::optional<int64_t> readIfKnown(const MaskTerm &term, int64_t batch,
                                     ArrayRef<int64_t> indices) const;

private:
  bool knows(const MaskTerm &term) const;

  int64_t keys = 0;
  llvm::StringMap<IntegerTable> tables;
  std::vector<std::string> missing;
};

} // namespace attnc::attn

#endif // ATTNC_DIALECT_ATTN_ANALYSIS_MASKVALUES_H
