//===- InputTables.h - the tables that callers pass to masks ----*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// From the inputs of a call to the tables and numbers that the masks of the
// function read.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_LIB_COMPILER_INPUTTABLES_H
#define ATTNC_LIB_COMPILER_INPUTTABLES_H

#include "attnc/Dialect/Attn/Analysis/FunctionSignature.h"
#include "attnc/Dialect/Attn/Analysis/MaskValues.h"
#include "attnc/Support/HostTensor.h"
#include <map>

namespace attnc {

/// Looks up what is bound to a name of a mask, as long as it is an input, an
/// element of one, or a constant.
class InputTables {
public:
  /// `inputs` are those that are known, by number of argument; not copied.
  explicit InputTables(const std::map<unsigned, const HostTensor *> &inputs)
      : inputs(inputs) {}

  std::optional<attn::IntegerTable> find(attn::AttendOp op,
                                         StringRef name) const;

  /// The number of the input that is bound to the name, if one is.
  static std::optional<unsigned> findInput(attn::AttendOp op, StringRef name);

private:
  std::optional<int64_t> evaluate(Value scalar) const;
  const HostTensor *getInput(Value value) const;

  const std::map<unsigned, const HostTensor *> &inputs;
};

} // namespace attnc

#endif // ATTNC_LIB_COMPILER_INPUTTABLES_H
