//===- CallEntry.cpp - call a kernel with any number of tensors -----------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A table of callers, one for each number of arguments.
//
//===----------------------------------------------------------------------===//

#include "attnc/Loader/CallEntry.h"

#include "attnc-c/runtime.h"
#include <array>
#include <utility>

using namespace attnc;

namespace {

using Call = int32_t (*)(void *, const DLTensor *const *);

template <size_t>
using Argument = const DLTensor *;

template <size_t... I>
int32_t call(void *entry, [[maybe_unused]] const DLTensor *const *tensors,
             std::index_sequence<I...>) {
  return reinterpret_cast<int32_t (*)(Argument<I>...)>(entry)(tensors[I]...);
}

template <size_t N>
int32_t callWith(void *entry, const DLTensor *const *tensors) {
  return call(entry, tensors, std::make_index_sequence<N>());
}

template <size_t... N>
constexpr std::array<Call, sizeof...(N)> getCalls(std::index_sequence<N...>) {
  return {callWith<N>...};
}

constexpr auto calls =
    getCalls(std::make_index_sequence<ATTNC_RT_MAX_ARGUMENTS + 1>());

} // namespace

int32_t attnc::callEntry(void *entry, const DLTensor *const *tensors,
                         size_t count) {
  return calls[count](entry, tensors);
}
