//===- FakeDriver.h - A CUDA driver that runs nothing -----------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A library with the functions of the CUDA driver that the runtime calls. It
// records what it is asked for, fails where a test wants it to, and hands out
// host memory, so that the runtime is tested where there is no GPU.
//
//===----------------------------------------------------------------------===//

#ifndef ATTNC_TEST_UNIT_RUNTIME_FAKEDRIVER_H
#define ATTNC_TEST_UNIT_RUNTIME_FAKEDRIVER_H

#include <cstdint>
#include <map>
#include <string>
#include <vector>

struct FakeLaunch {
  std::string kernel;
  unsigned blocks, threads, sharedBytes;
  void *stream;
  void **parameters;
};

struct FakeTensorMap {
  int dataType, swizzle;
  const void *base;
  std::vector<uint64_t> sizes, strideBytes;
  std::vector<uint32_t> box;
};

struct FakeDriver {
  int numDevices = 2;
  int major = 9, minor = 0;
  int maxSharedBytes = 232448;
  /// Of every kernel.
  int staticSharedBytes = 1024;
  /// What attnc_emulator_report says.
  std::string report;
  /// How long a module takes to load.
  int loadMicroseconds = 0;
  /// Functions that fail, with what they return.
  std::map<std::string, int> failures;

  std::map<std::string, int> calls;
  std::vector<FakeLaunch> launches;
  std::vector<FakeTensorMap> maps;
  /// The last values of maxDynamicSharedBytes.
  std::map<std::string, int> allowedSharedBytes;
  void *allocationStream = nullptr;
};

/// The state of the library, for one thread at a time.
FakeDriver &fakeDriver();

/// Makes a context of a device, other than its primary one, or the primary one
/// current in this thread; null for none.
void fakeEnterContext(int device, bool isPrimary);
void fakeLeaveContext();
/// The device of the context that is current in this thread, or -1, and whether
/// it is a primary one.
int fakeCurrentDevice();
bool fakeIsPrimary();

#endif // ATTNC_TEST_UNIT_RUNTIME_FAKEDRIVER_H
