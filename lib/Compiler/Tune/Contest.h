//===- Contest.h - times taken side by side ---------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A machine's clock and neighbours change within seconds by more than most
// schedules differ. So kernels are timed in rounds, one sample of each, and
// what counts is not their times but their ratios within a round.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_LIB_COMPILER_TUNE_CONTEST_H
#define ATTNC_LIB_COMPILER_TUNE_CONTEST_H

#include "../Timing.h"

namespace attnc {

/// Tensors of one shape to call a function with.
struct CallTensors {
  /// The shapes of the inputs, for people.
  std::string dims;
  std::vector<HostTensor> inputs, outputs;
};

/// A compiled function, ready to be called at several shapes.
class Contestant {
public:
  /// The tensors have to outlive the result.
  static llvm::Expected<Contestant>
  create(Kernel kernel, const attn::FunctionSignature &signature,
         ArrayRef<CallTensors *> shapes);

  MutableArrayRef<TimedCall> getCalls() { return calls; }

private:
  explicit Contestant(Kernel kernel) : kernel(std::move(kernel)) {}

  Kernel kernel;
  std::vector<TimedCall> calls;
};

/// Seconds of a call: for each shape, for each round.
using Times = std::vector<Samples>;

/// Times of each contestant, taken in common rounds, for at least `minSeconds`
/// for each of them and shape.
llvm::Expected<std::vector<Times>>
measureInRounds(ArrayRef<Contestant *> contestants, double minSeconds);

/// Times of one contestant divided by those of another, round by round.
struct PairedRatios {
  /// The geometric mean over the shapes.
  Samples all;
  std::vector<Samples> ofShape;

  static PairedRatios get(const Times &times, const Times &base);
};

/// Whether the ratios are those of something faster, and not of noise: three of
/// four rounds say so, the median by 3 %, and for no shape do three of four
/// rounds say the opposite.
bool isFaster(const PairedRatios &ratios);

} // namespace attnc

#endif // ATTNC_LIB_COMPILER_TUNE_CONTEST_H
