//===- CacheInputs.h - made-up contents of caches ---------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_LIB_COMPILER_CACHEINPUTS_H
#define ATTNC_LIB_COMPILER_CACHEINPUTS_H

#include "attnc/Compiler/Shapes.h"
#include "attnc/Support/HostTensor.h"

namespace attnc {

/// The tokens that a sequence of `cache` has room for; nothing for a ring,
/// which any number has passed through.
std::optional<int64_t> getCapacity(const attn::SignatureCache &cache,
                                   const Shapes &shapes);

/// Fills the input `number` if a cache is made of it: pages in random order,
/// lengths that there is room for, numbers of about unit size. Returns whether
/// it was one.
bool fillCacheInput(HostTensor &tensor,
                    const attn::FunctionSignature &signature,
                    const Shapes &shapes, unsigned number, Random &random);

/// Makes every sequence as long as there is room for.
void fillLengths(const attn::FunctionSignature &signature, const Shapes &shapes,
                 std::vector<HostTensor> &inputs);

} // namespace attnc

#endif // ATTNC_LIB_COMPILER_CACHEINPUTS_H
