//===- UsefulWork.cpp - the arithmetic a function cannot avoid ------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Pairs are counted by what kernels visit: what strips of queries visit without
// mask code counts whole, the rest is decided by the predicate.
//
//===----------------------------------------------------------------------===//

#include "attnc/Dialect/Attn/Analysis/UsefulWork.h"

#include "attnc/Analysis/PairCount.h"

using namespace attnc;
using namespace attnc::attn;

namespace {

using GetExtent = function_ref<int64_t(Value, int64_t)>;

std::optional<double> countFlops(AttendOp op, GetExtent getExtent,
                                 GetTable getTable) {
  Value query = op.getQuery(), key = op.getKey();
  MaskExtents extents{getExtent(query, 0), getExtent(query, 1),
                      getExtent(query, 2), getExtent(key, 2)};
  MaskValues values = MaskValues::get(op, extents.keyLength, getTable);
  std::optional<double> pairs = countAllowedPairs(op, extents, values);
  if (!pairs)
    return std::nullopt;
  double dims =
      double(getExtent(query, 3)) + double(getExtent(op.getValue(), 3));
  return 2 * dims * *pairs;
}

double countFlops(ScanOp op, GetExtent getExtent) {
  Value query = op.getQuery(), value = op.getValue();
  double positions = double(getExtent(value, 0)) * double(getExtent(value, 1)) *
                     double(getExtent(value, 2));
  // What is read and what is written, per element of the state; delta also
  // reads what it corrects.
  double products = op.getTransition() == Transition::Delta ? 3 : 2;
  return 2 * products * double(getExtent(query, 3)) *
         double(getExtent(value, 3)) * positions;
}

double countFlops(ConvolveOp op, GetExtent getExtent) {
  double flops = 2 * double(op.getTaps());
  for (int64_t axis = 0; axis < 4; ++axis)
    flops *= double(getExtent(op.getValue(), axis));
  return flops;
}

double countFlops(StateSpaceOp op, GetExtent getExtent) {
  // Complex products with A and P, B of a real value, and the real parts of
  // those with C and conj(Q).
  double products = op.hasLowRank() ? 4 + 2 + 2 + 2 + 2 : 4 + 2 + 2;
  double flops = 2 * products * double(op.getStateSize());
  for (int64_t axis = 0; axis < 4; ++axis)
    flops *= double(getExtent(op.getValue(), axis));
  return flops;
}

} // namespace

std::optional<double> attn::countAllowedPairs(AttendOp op,
                                              const MaskExtents &extents,
                                              const MaskValues &values) {
  Mask mask = op.getEffectiveMask();
  if (!values.getMissing().empty() || !op.getWhere().empty())
    return std::nullopt;
  // The verifier of the mask has built its set before.
  AllowedPairs pairs = llvm::cantFail(AllowedPairs::get(
      mask, int64_t(op.getLattice().value_or(1)), op.getContext()));
  return pairs.countAll(
      extents.batch, extents.heads, extents.queryLength, extents.keyLength,
      [&](const MaskTerm &term, int64_t batch, ArrayRef<int64_t> indices) {
        return values.read(term, batch, indices);
      });
}

std::optional<double> attn::countUsefulFlops(mlir::func::FuncOp function,
                                             GetExtent getExtent,
                                             GetTable getTable) {
  std::optional<double> flops = 0;
  function.walk([&](Operation *op) {
    std::optional<double> ofOp = 0;
    if (auto attend = dyn_cast<AttendOp>(op))
      ofOp = countFlops(attend, getExtent, getTable);
    else if (auto scan = dyn_cast<ScanOp>(op))
      ofOp = countFlops(scan, getExtent);
    else if (auto convolve = dyn_cast<ConvolveOp>(op))
      ofOp = countFlops(convolve, getExtent);
    else if (auto stateSpace = dyn_cast<StateSpaceOp>(op))
      ofOp = countFlops(stateSpace, getExtent);
    if (flops && ofOp)
      *flops += *ofOp;
    else
      flops.reset();
  });
  return flops;
}
