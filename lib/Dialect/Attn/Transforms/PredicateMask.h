//===- PredicateMask.h - a predicate as a mask attribute --------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a pass knows as a predicate, written back as `#attn.mask<"...">` and
// with the tables that it reads.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_LIB_DIALECT_ATTN_TRANSFORMS_PREDICATEMASK_H
#define ATTNC_LIB_DIALECT_ATTN_TRANSFORMS_PREDICATEMASK_H

#include "attnc/Dialect/Attn/IR/Attn.h"
#include "llvm/Support/Error.h"

namespace attnc::attn {

/// The predicate, which reads `terms`, as a part of a mask. The error says why
/// it cannot be written.
llvm::Expected<PredicateMaskAttr> writePredicate(MLIRContext *context,
                                                 const MaskExpr &predicate,
                                                 const MaskTerms &terms);

/// The predicate with `true` and `false`, which have no text, only as the whole
/// of it, and without `and` in `and` and `or` in `or`.
MaskExpr simplifyPredicate(const MaskExpr &predicate);

/// Tables and the names that an attend binds them to.
struct TableBindings {
  SmallVector<Value> tables;
  SmallVector<Attribute> names;

  /// The attribute of an attend; null without tables.
  mlir::ArrayAttr getNamesAttr(MLIRContext *context) const {
    return names.empty() ? mlir::ArrayAttr()
                         : mlir::ArrayAttr::get(context, names);
  }
};

/// What an attend with `mask` binds; `getTable` gives the table of a name.
TableBindings bindTables(const Mask &mask, MLIRContext *context,
                         function_ref<Value(StringRef)> getTable);

} // namespace attnc::attn

#endif // ATTNC_LIB_DIALECT_ATTN_TRANSFORMS_PREDICATEMASK_H
