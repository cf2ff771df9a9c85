//===- AttnMasks.cpp - the parts of a mask --------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// `expand` and the verifiers of the mask as a whole, of predicates and of the
// combinators. The named patterns are in AttnMaskLibrary.cpp; the text form of
// the predicate is read in PredicateSyntax.cpp, `#attn.mask` itself in
// MaskSyntax.cpp.
//
//===----------------------------------------------------------------------===//
#include "PredicateSyntax.h"
#include "attnc/Dialect/Attn/IR/Attn.h"

using namespace attnc;
using namespace attnc::attn;

namespace {

using EmitError = function_ref<mlir::InFlightDiagnostic()>;

/// How deep and how large a mask may be: `expand` and the printer recurse.
constexpr unsigned kMaxMaskDepth = 64;
constexpr unsigned kMaxMaskNodes = 1024;

/// The operands of a combinator; nothing for a pattern.
SmallVector<Attribute> getOperands(Attribute node) {
  if (auto conjunction = dyn_cast<AndMaskAttr>(node))
    return SmallVector<Attribute>(conjunction.getOperands());
  if (auto disjunction = dyn_cast<OrMaskAttr>(node))
    return SmallVector<Attribute>(disjunction.getOperands());
  if (auto negation = dyn_cast<NotMaskAttr>(node))
    return {negation.getOperand()};
  return {};
}

/// Adds the nodes of the tree to `nodes` and returns its depth. Operands were
/// verified when they were built, so the recursion is bounded.
unsigned measure(Attribute node, unsigned &nodes) {
  ++nodes;
  unsigned depth = 0;
  for (Attribute operand : getOperands(node))
    depth = std::max(depth, measure(operand, nodes));
  return depth + 1;
}

/// Verifies the operands of a node. `own` is 1 if the node is a part of the
/// mask, 0 if it is what holds the mask.
LogicalResult verifyOperands(EmitError emitError, ArrayRef<Attribute> operands,
                             unsigned own = 1) {
  unsigned depth = 0, nodes = own;
  for (Attribute operand : operands) {
    if (!operand || !isa<MaskAttrInterface>(operand) || isa<MaskAttr>(operand))
      return emitError() << "operand " << operand
                         << " is not a mask pattern: write the whole "
                            "combination inside one #attn.mask<...>";
    depth = std::max(depth, measure(operand, nodes));
  }
  if (depth + own > kMaxMaskDepth)
    return emitError() << "mask is nested deeper than " << kMaxMaskDepth
                       << " levels";
  if (nodes > kMaxMaskNodes)
    return emitError() << "mask has more than " << kMaxMaskNodes << " parts";
  return success();
}

std::vector<MaskExpr> expandAll(ArrayRef<Attribute> operands,
                                MaskTerms &terms) {
  std::vector<MaskExpr> expanded;
  expanded.reserve(operands.size());
  for (Attribute operand : operands)
    expanded.push_back(cast<MaskAttrInterface>(operand).expand(terms));
  return expanded;
}

} // namespace

//===----------------------------------------------------------------------===//
// #attn.mask
//===----------------------------------------------------------------------===//

LogicalResult MaskAttr::verify(EmitError emitError, Attribute root) {
  return verifyOperands(emitError, root, /*own=*/0);
}

MaskExpr MaskAttr::expand(MaskTerms &terms) const {
  return cast<MaskAttrInterface>(getRoot()).expand(terms);
}

Mask MaskAttr::getMask() const {
  Mask mask;
  mask.predicate = expand(mask.terms);
  return mask;
}

//===----------------------------------------------------------------------===//
// Predicates
//===----------------------------------------------------------------------===//

LogicalResult PredicateMaskAttr::verify(EmitError emitError,
                                        mlir::StringAttr text) {
  MaskTerms terms;
  llvm::Expected<MaskExpr> predicate =
      parsePredicate(text.getValue(), terms, text.getContext());
  if (!predicate)
    return emitError() << llvm::toString(predicate.takeError());
  return success();
}

MaskExpr PredicateMaskAttr::expand(MaskTerms &terms) const {
  // The verifier read the same text.
  return llvm::cantFail(
      parsePredicate(getText().getValue(), terms, getContext()));
}

//===----------------------------------------------------------------------===//
// Combinators
//===----------------------------------------------------------------------===//

LogicalResult AndMaskAttr::verify(EmitError emitError,
                                  ArrayRef<Attribute> operands) {
  if (operands.size() < 2)
    return emitError() << "'and' joins at least two masks, got "
                       << operands.size();
  return verifyOperands(emitError, operands);
}

MaskExpr AndMaskAttr::expand(MaskTerms &terms) const {
  return MaskExpr::conjunction(expandAll(getOperands(), terms));
}

LogicalResult OrMaskAttr::verify(EmitError emitError,
                                 ArrayRef<Attribute> operands) {
  if (operands.size() < 2)
    return emitError() << "'or' joins at least two masks, got "
                       << operands.size();
  return verifyOperands(emitError, operands);
}

MaskExpr OrMaskAttr::expand(MaskTerms &terms) const {
  return MaskExpr::disjunction(expandAll(getOperands(), terms));
}

LogicalResult NotMaskAttr::verify(EmitError emitError, Attribute operand) {
  return verifyOperands(emitError, operand);
}

MaskExpr NotMaskAttr::expand(MaskTerms &terms) const {
  return MaskExpr::negation(
      cast<MaskAttrInterface>(getOperand()).expand(terms));
}
