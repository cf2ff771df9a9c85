//===- Tensor.h - DLPack views of arrays ------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTNC_EXAMPLES_SERVING_TENSOR_H
#define ATTNC_EXAMPLES_SERVING_TENSOR_H

#include "attnc-c/dlpack.h"

#include "Workload.h"

#include <algorithm>
#include <initializer_list>

namespace serving {

inline DLDataType dtypeOf(const Element *) { return {kDLFloat, 16, 1}; }
inline DLDataType dtypeOf(const float *) { return {kDLFloat, 32, 1}; }
inline DLDataType dtypeOf(const int32_t *) { return {kDLInt, 32, 1}; }

/// A view of an array of the caller's, row-major, or with the distance of
/// neighbours along the first axis. It points into itself: it is not copied.
class Tensor {
public:
  template <typename T>
  Tensor(T *data, std::initializer_list<int64_t> extents,
         int64_t firstStride = 0) {
    std::copy(extents.begin(), extents.end(), shape);
    int64_t stride = 1;
    for (int64_t i = int64_t(extents.size()); i-- > 0; stride *= shape[i])
      strides[i] = stride;
    if (firstStride != 0)
      strides[0] = firstStride;
    view.data = data;
    view.device = {kDLCPU, 0};
    view.ndim = int32_t(extents.size());
    view.dtype = dtypeOf(data);
    view.shape = shape;
    view.strides = strides;
    view.byte_offset = 0;
  }
  Tensor(const Tensor &) = delete;
  Tensor &operator=(const Tensor &) = delete;

  operator const DLTensor *() const { return &view; }

private:
  int64_t shape[4], strides[4];
  DLTensor view;
};

} // namespace serving

#endif // ATTNC_EXAMPLES_SERVING_TENSOR_H
