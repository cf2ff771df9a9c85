//===- Tolerance.h - When a result counts as right --------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The one place for numerical tolerances. A result is judged by the dtype that
// it is stored in and the length of its longest sum, never by numbers in a
// test. The essay below derives the bounds; getTolerance computes them.
//
//===----------------------------------------------------------------------===//
//
// What is compared. `expected` is the float64 reference over exactly the
// decoded inputs, so that inputs contribute no error. `actual` comes from a
// kernel that multiplies and sums in f32 (f64 for f64) and stores its result
// in dtype D. Let u be half the spacing of numbers above 1 (f32 2^-24, f16
// 2^-11, bf16 2^-8, f64 2^-53), n the number of terms of the longest sum, and
// S the largest finite magnitude in `expected`.
//
// Per element. |actual - expected| <= atol + rtol * |expected|, where
//
//   rtol = 2 u_D                          the stored result
//   atol = (E(n) + w_D) * S + t_D         what happened before it was stored
//   E(n) = u_c * (64 + 4 sqrt(n))         u_c: the unit u of the computation
//   w_D  = u_D for f16 and bf16, else 0
//   t_D  = the smallest subnormal of D
//
// rtol. Rounding to D costs u_D |x|. An error before the rounding can move the
// value across the boundary between two neighbours, which costs up to one more
// unit; hence twice.
//
// E(n), constant part. An exponential is computed to about 1e-6 relative, that
// is 17 units. A logit of magnitude L carries an error of a few units times L,
// which the exponential turns into a relative error of the same size; L = 10
// is large for attention and gives 30 to 40 more. Together about 64.
//
// E(n), part that grows. Summing n terms rounds n partial sums. The worst case
// grows like n; with signs that are not correlated, the error of a sum of n
// terms of size a has standard deviation below u a n / sqrt(2), while the sum
// of the same terms with mixed signs has size a sqrt(n). In units of the result
// that is 0.7 sqrt(n) u. Among 10^9 elements the largest deviation is about six
// standard deviations: 4 sqrt(n) u.
//
// w_D. A kernel may round an intermediate operand to D, as all do that feed
// softmax weights to 16-bit matrix units: each weight moves by at most u_D of
// itself, the result by at most u_D times the average of |v|.
//
// S and not the element's own magnitude: a sum that cancels to nearly zero has
// the absolute error of its terms. S and not the mean square: rows of one
// tensor differ in scale (a causal row with two keys is larger than one with
// thousands by the square root of that), and the error follows the row.
//
// t_D. Below the normal numbers of D rounding has an absolute, not a relative
// error.
//
// Converted operands. A kernel may round numbers of a cache to a type C of 16
// bits before it multiplies them, which is more than the inputs' own error.
// Values move by u_C of themselves, and with them the result by u_C S. The
// error of a logit c sum q k, the sum of errors c q k u_C / sqrt(3) with signs
// that are not correlated, has standard deviation 0.6 u_C for numbers of size
// one and c = 1 / sqrt(d); six of these are below 4 u_C. A weight moves by as
// much of itself, the result by at most that much of S, and a log-sum-exp by
// it.
//
//   atol += 5 u_C * S
//   nmse  = the larger of nmse_D and 4 nmse_C
//
// Twice for as many roundings again, and twice for keys of some other size.
//
// Over the tensor. The bound per element has to allow the largest of very many
// deviations, and so cannot see a small error in all of them. The normalised
// mean square error does:
//
//   sum (actual - expected)^2 <= nmse * sum expected^2 + count * t_D^2
//   nmse: bf16 2e-5, f16 1e-6, f32 1e-10, f64 1e-24
//
// Rounding to bf16 alone gives u^2/6 = 2.5e-6 on average, to f16 4e-8; dropping
// one of 64 equal keys gives 1.6e-2. The f32 limit is an error of 1e-5.
//
// Not a matter of tolerance. A NaN is expected exactly where one is, infinities
// have to be the same infinity, integers and bools are equal or wrong, and
// every element is checked.
//
// What the bounds cannot see: an error in elements that are smaller than S by
// more than 1 / (E + w_D). Tests choose inputs of one scale per tensor.
//
//===----------------------------------------------------------------------===//

#ifndef ATTNC_SUPPORT_TOLERANCE_H
#define ATTNC_SUPPORT_TOLERANCE_H

#include "attnc/Support/HostTensor.h"

#include <cstdint>
#include <optional>
#include <string>

namespace attnc {

/// The bounds of the essay above for one dtype and reduction length.
struct Tolerance {
  /// rtol: per magnitude of the expected element.
  double relative = 0.0;
  /// E(n) + w_D: per largest magnitude of the expected tensor.
  double perScale = 0.0;
  /// t_D: allowed whatever the magnitudes are.
  double floor = 0.0;
  /// The largest normalised mean square error.
  double nmse = 0.0;

  /// The largest accepted |actual - expected| for an element.
  double getBound(double expected, double scale) const {
    return perScale * scale + floor +
           relative * (expected < 0 ? -expected : expected);
  }
};

/// The tolerance for results of type `dtype` that are sums of up to
/// `reductionLength` terms (for attention: the larger of the head dimension
/// and the number of keys). Lengths below 1 count as 1. All zeros, that is
/// equality, for integers and bools.
/// `converted` is the type C of 16 bits that numbers of a cache are rounded to,
/// if there is one.
Tolerance getTolerance(DType dtype, int64_t reductionLength,
                       std::optional<DType> converted = std::nullopt);

/// The outcome of a comparison. The numbers are taken over the elements where
/// both tensors are finite, and are 0 when there are none.
struct Comparison {
  double maxAbs = 0.0;
  /// Over the elements whose expected value is not 0.
  double maxRel = 0.0;
  double meanAbs = 0.0;
  /// sum (actual - expected)^2 / sum expected^2; infinite for a nonzero error
  /// against zeros.
  double nmse = 0.0;
  /// S: the largest finite magnitude in the expected tensor.
  double scale = 0.0;
  /// The linear index of the first element out of bounds, -1 when none is.
  int64_t firstBad = -1;
  /// How many elements are out of bounds.
  int64_t numBad = 0;
  int64_t numElements = 0;
  bool pass = false;
  /// Why the comparison failed, one line; empty when it passed.
  std::string message;
};

/// Compares every element. The tensors need the same shape; the dtypes may
/// differ (a stored result against a float64 reference) unless exactly one is
/// an integer or bool, or both are and differ: such pairs fail. Tensors
/// without elements pass. 64-bit integers are compared exactly.
Comparison compare(const HostTensor &actual, const HostTensor &expected,
                   const Tolerance &tolerance);

} // namespace attnc

#endif // ATTNC_SUPPORT_TOLERANCE_H
