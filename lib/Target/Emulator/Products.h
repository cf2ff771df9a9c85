//===- Products.h - the arithmetic of matrix instructions -------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// mma and wgmma read elements of 8, 16 or 32 bits, multiply them exactly, add
// in double and round once. The hardware keeps fewer bits while it adds; what
// that costs is not modelled.
//
//===----------------------------------------------------------------------===//

#ifndef ATTNC_LIB_TARGET_EMULATOR_PRODUCTS_H
#define ATTNC_LIB_TARGET_EMULATOR_PRODUCTS_H

#include "Program.h"
#include <cstddef>

namespace attnc::emulator {

/// Reads `count` elements of `type` from `from` into every `stride`-th place.
void readElements(const uint8_t *from, Type type, unsigned count, double *to,
                  size_t stride);

/// sums[r][n] += a[r][k] * b[k][n] for `rows` rows; `a` is rows x depth, `b`
/// depth x columns and `sums` rows x columns, all dense.
void multiplyAdd(const double *a, const double *b, double *sums, unsigned rows,
                 unsigned depth, unsigned columns);

/// Whether mma or wgmma read elements of this type.
bool isMatrixElement(Type type);

/// Splits a shape such as "m16n8k16"; false if it is none.
bool parseShape(std::string_view text, MatrixShape &shape);

} // namespace attnc::emulator

#endif // ATTNC_LIB_TARGET_EMULATOR_PRODUCTS_H
