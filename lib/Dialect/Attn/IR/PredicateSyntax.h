//===- PredicateSyntax.h - the text form of a mask --------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The string inside `#attn.mask<"k <= q and q - k < 4096">`. Its grammar is
// given with `#attn.mask` in dialects/Attn/AttnMasks.td.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_LIB_DIALECT_ATTN_IR_PREDICATESYNTAX_H
#define ATTNC_LIB_DIALECT_ATTN_IR_PREDICATESYNTAX_H

#include "attnc/Analysis/MaskSet.h"
#include "attnc/Support/LLVM.h"
#include "llvm/Support/Error.h"

namespace attnc::attn {

/// The longest text that is read.
inline constexpr size_t kMaxPredicateLength = 4096;
/// How deep parentheses, `not` and unary minus may be nested.
inline constexpr unsigned kMaxPredicateDepth = 64;

/// Reads a predicate over the positions b, h, q, k and over names of numbers
/// and tables, which become terms in `terms`. The error names the column
/// of the text (from 1) and what is allowed there. An accepted predicate has
/// no term that could leave 64 bits for positions up to `maxPosition`.
llvm::Expected<MaskExpr> parsePredicate(StringRef text, MaskTerms &terms,
                                        MLIRContext *context);

} // namespace attnc::attn

#endif // ATTNC_LIB_DIALECT_ATTN_IR_PREDICATESYNTAX_H
