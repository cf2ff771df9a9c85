//===- Report.h - what attnc explain tells ----------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Everything that `attnc explain` has found out, and the formats that it tells
// it in. A format computes nothing but its own layout.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_LIB_COMPILER_EXPLAIN_REPORT_H
#define ATTNC_LIB_COMPILER_EXPLAIN_REPORT_H

#include "attnc/Compiler/Explain/MaskGrid.h"
#include "attnc/Compiler/Explain/MaskPicture.h"
#include <string>
#include <vector>

namespace attnc {

/// The schedule that the compiler chose for an op.
struct ChosenSchedule {
  int64_t queryTile = 1, keyTile = 1, lanes = 1, splits = 1;
  /// The dtype of what products multiply.
  std::string products = "f32";
};

/// One of the attends that the compiler made of one.
struct ExplainedPart {
  /// The mask; empty for none.
  std::string mask;
  ChosenSchedule schedule;
};

/// A number or a table that a mask reads and nobody has given.
struct NeededValue {
  /// As the mask has it.
  std::string name;
  /// What to write on the command line; empty if the function computes it.
  std::string option;
};

/// A tensor and its size.
struct TensorBytes {
  std::string name;
  int64_t bytes;
};

/// What an op needs by definition, over all batches and heads.
struct NeededWork {
  /// Absent if allowed pairs were not counted.
  std::optional<double> flops;
  /// What is read or written at least once.
  std::vector<TensorBytes> tensors;

  int64_t getBytes() const;
};

/// One attn.attend.
struct ExplainedMask {
  /// Its number among the attn.attend ops of the function.
  unsigned operation;
  /// "file:line:column".
  std::string location;
  /// As in the spec; empty for no mask.
  std::string mask;
  /// Those of `picture.parts`.
  std::vector<ExplainedPart> parts;
  /// Whether the tiles of the picture are those of the first schedule, not of
  /// the command line.
  bool isSchedulePictured = true;
  std::vector<NeededValue> needed;
  MaskPicture picture;
  TileCounts tiles;
  NeededWork work;

  /// The mask, or words for none.
  StringRef getMaskText() const {
    return mask.empty() ? StringRef("none") : StringRef(mask);
  }
};

/// The shape of an input.
struct InputShape {
  std::string name;
  SmallVector<int64_t, 4> extents;
};

/// One function.
struct ExplainReport {
  std::string spec, function, target;
  std::vector<InputShape> inputs;
  std::vector<ExplainedMask> masks;
};

/// Text for a terminal, in UTF-8.
void printExplainText(raw_ostream &os, const ExplainReport &report);

/// One JSON object; docs/explain.md describes it.
std::string emitExplainJson(const ExplainReport &report);

/// A drawing of one mask that stands by itself.
std::string emitExplainSvg(const ExplainReport &report,
                           const ExplainedMask &mask);

/// A page that needs no other file.
std::string emitExplainHtml(const ExplainReport &report);

} // namespace attnc

#endif // ATTNC_LIB_COMPILER_EXPLAIN_REPORT_H
