//===- Npy.h - NumPy's array file format ------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Tensors from and to .npy files, versions 1 to 3, little-endian and in C
// order. Files are untrusted: a file is accepted whole or refused with one
// message that names it, sizes are checked before memory is asked for, and
// nothing in a file is ever executed (object arrays are pickles).
//
//===----------------------------------------------------------------------===//

#ifndef ATTNC_SUPPORT_NPY_H
#define ATTNC_SUPPORT_NPY_H

#include "attnc/Support/HostTensor.h"

#include <optional>

namespace attnc {

/// Reads a file. Without `as` the dtype is the file's. With it the file has to
/// hold that dtype; nothing is converted. NumPy has no bf16, so that files
/// contain it as two-byte voids ("<V2", what ml_dtypes and writeNpy produce)
/// or as "<u2", and `as` has to be BF16 for either to be read as such.
llvm::Expected<HostTensor> readNpy(llvm::StringRef path,
                                   std::optional<DType> as = std::nullopt);

/// Reads a file that is already in memory; `name` stands for it in messages.
llvm::Expected<HostTensor> parseNpy(llvm::StringRef bytes, llvm::StringRef name,
                                    std::optional<DType> as = std::nullopt);

/// Writes a version 1 file, by writeFileAtomically. The element types are those
/// of numpy.save, with bf16 as "<V2" like ml_dtypes.
llvm::Error writeNpy(llvm::StringRef path, const HostTensor &tensor);

} // namespace attnc

#endif // ATTNC_SUPPORT_NPY_H
