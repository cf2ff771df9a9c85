//===- attend.cpp - Compile a spec and call it, in C++ --------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A spec in the program's text, with a window that the program chooses, and a
// kernel that was compiled with the program.
//
//===----------------------------------------------------------------------===//

#include "attnc-c/attnc.hpp"
#include "causal.h"

#include <iostream>
#include <string>
#include <vector>

/// Attention in which a query sees itself and `left` keys before it.
static std::string makeSpec(int left) {
  return R"(
func.func @windowed(%q: tensor<?x?x?x64xf32>, %k: tensor<?x?x?x64xf32>,
                    %v: tensor<?x?x?x64xf32>) -> tensor<?x?x?x64xf32> {
  %out = attn.attend %q, %k, %v mask(#attn.mask<window<)" +
         std::to_string(left) + R"(, 0>>)
    : (tensor<?x?x?x64xf32>, tensor<?x?x?x64xf32>, tensor<?x?x?x64xf32>)
    -> tensor<?x?x?x64xf32>
  return %out : tensor<?x?x?x64xf32>
}
)";
}

int main() try {
  constexpr int64_t length = 8, dim = 64;
  std::vector<float> q(length * dim), k(q), v(q), out(q), expected(q);
  for (int64_t i = 0; i < length * dim; ++i)
    v[i] = static_cast<float>(i / dim); // The value of key n is n.
  auto view = [&](std::vector<float> &data) {
    return attnc::Tensor(data.data(), {1, 1, length, dim});
  };

  attnc::Context context;
  attnc::Kernel windowed = context.compile(makeSpec(2)).kernel();
  windowed(view(q), view(k), view(v), view(out));
  std::cout << windowed.name()
            << ": the last query sees the mean of 5, 6 and 7, "
            << out[(length - 1) * dim] << "\n";

  // Ahead of time: the header says what the function takes.
  attnc::Tensor tensors[] = {view(q), view(k), view(v), view(expected)};
  DLTensor views[4];
  for (size_t i = 0; i < 4; ++i)
    views[i] = tensors[i].view();
  if (causal(&views[0], &views[1], &views[2], &views[3]) != ATTNC_OK)
    throw attnc::Error(ATTNC_INVALID_ARGUMENT, attnc_last_error());
  std::cout << "causal: the last query sees the mean of all, "
            << expected[(length - 1) * dim] << "\n";

  // What does not fit is refused, with the name of the argument.
  windowed(view(q), view(k), view(v),
           attnc::Tensor(out.data(), {1, 1, 4, dim}));
} catch (const attnc::Error &error) {
  std::cout << "refused: " << error.what() << "\n";
  for (const attnc::Diagnostic &diagnostic : error.diagnostics())
    std::cout << diagnostic.file << ":" << diagnostic.line << ":"
              << diagnostic.column << ": " << diagnostic.message << "\n";
  return error.status() == ATTNC_INVALID_ARGUMENT ? 0 : 1;
}
