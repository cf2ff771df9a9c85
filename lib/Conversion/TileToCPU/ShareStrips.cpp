//===- ShareStrips.cpp - an instance for several threads ------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A kernel whose independent axis is not made of rows has as many instances as
// there are heads of sequences. Where that is fewer than threads, an instance
// is worked on in parts, each of which has some of its strips. What strips
// share is computed in each part, and stored by the first. Strips do not depend
// on each other, so that results do not depend on the number of parts.
//
//===----------------------------------------------------------------------===//

#include "KernelEmitter.h"

namespace attnc::cpu {

namespace arith = mlir::arith;

/// Not where a fold has few steps: they would be done before another thread has
/// begun.
bool KernelEmitter::canShareStrips() {
  bool hasFolds = false, hasFewSteps = false;
  kernel.walk([&](tile::FoldOp fold) {
    hasFolds = true;
    hasFewSteps |= fold.getInMemory();
  });
  return hasFolds && !hasFewSteps && !rowFold && !isUncut &&
         axes.getSize() > axes.getLanes();
}

Value KernelEmitter::countParts() {
  Value instances = constant(1);
  for (Value extent : kernel.getGrid())
    instances = arith::MulIOp::create(b, instances, extent);
  Value strips = constant(axes.getSize() / axes.getLanes());
  return callRuntime("attnc_rt_count_parts", {instances, strips}).front();
}

/// The strips of part `part`: as many as others have, or one more or less.
void KernelEmitter::beginPart(Value part, Value parts) {
  Value strips = constant(axes.getSize() / axes.getLanes());
  auto boundOf = [&](Value index) -> Value {
    Value product = arith::MulIOp::create(b, index, strips);
    return arith::DivUIOp::create(b, product, parts);
  };
  firstStrip = boundOf(part);
  endStrip = boundOf(arith::AddIOp::create(b, part, constant(1)));
  isFirstPart =
      arith::CmpIOp::create(b, arith::CmpIPredicate::eq, part, constant(0));
}

/// Emits `body` so that one part runs it.
void KernelEmitter::inFirstPart(function_ref<void()> body) {
  if (!isFirstPart)
    return body();
  auto branch = mlir::scf::IfOp::create(b, isFirstPart);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.thenBlock());
  body();
}

} // namespace attnc::cpu
