//===- DeviceCall.h - host tensors for a kernel on a GPU --------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Runs a function compiled for a GPU on tensors of the host, by the driver or
// by the emulator.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_LIB_COMPILER_DEVICECALL_H
#define ATTNC_LIB_COMPILER_DEVICECALL_H

#include "attnc/Support/HostTensor.h"
#include "attnc/Support/LLVM.h"
#include "llvm/Support/Error.h"

namespace attnc {

/// Makes the runtime use what `target` runs on: for `emulate:` the emulator
/// beside this program.
llvm::Error selectDriver(StringRef target);

/// Copies the tensors to device memory, calls `entry`, waits, and copies inputs
/// that are updated and outputs back.
llvm::Error callOnDevice(void *entry, MutableArrayRef<HostTensor> inputs,
                         MutableArrayRef<HostTensor> outputs);

} // namespace attnc

#endif // ATTNC_LIB_COMPILER_DEVICECALL_H
