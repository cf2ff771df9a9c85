//===- Threads.h - The number of threads of kernels -------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// OpenMP keeps the number of threads per calling thread, the runtime's
// interface sets it for all of them. This header is the joint between the two.
//
//===----------------------------------------------------------------------===//

#ifndef ATTNC_LIB_RUNTIME_THREADS_H
#define ATTNC_LIB_RUNTIME_THREADS_H

namespace attnc::rt {

/// Hands a number of threads that was requested since this thread's last call
/// to the OpenMP runtime of this thread. Two loads when there was none.
void applyRequestedThreads();

} // namespace attnc::rt

#endif // ATTNC_LIB_RUNTIME_THREADS_H
