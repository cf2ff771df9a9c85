//===- Bind.h - Check tensors against a signature ---------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The checks of attnc_rt_bind for tensors of any device.
//
//===----------------------------------------------------------------------===//

#ifndef ATTNC_LIB_RUNTIME_BIND_H
#define ATTNC_LIB_RUNTIME_BIND_H

#include "attnc-c/runtime.h"

namespace attnc::rt {

/// attnc_rt_bind for tensors on a device of type `device`, kDLCPU or kDLCUDA;
/// all of them on the same one.
int32_t bind(const attnc_rt_signature &signature,
             const DLTensor *const *tensors, void *const *descriptors,
             DLDeviceType device);

} // namespace attnc::rt

#endif // ATTNC_LIB_RUNTIME_BIND_H
