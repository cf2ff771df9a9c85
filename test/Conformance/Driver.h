//===- Driver.h - a CUDA driver, opened by its path -------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The few functions of the driver that the conformance cases need, from
// libcuda.so.1 or from the emulator.
//
//===----------------------------------------------------------------------===//

#ifndef ATTNC_TEST_CONFORMANCE_DRIVER_H
#define ATTNC_TEST_CONFORMANCE_DRIVER_H

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace conformance {

struct alignas(64) TensorMap {
  uint8_t bytes[128];
};

/// A tensor as cuTensorMapEncodeTiled takes it; the innermost axis first.
struct Tensor {
  uint64_t base = 0;
  int dataType = 9;
  unsigned elementBytes = 2;
  std::vector<uint64_t> sizes;
  std::vector<uint32_t> box;
  unsigned swizzleBytes = 0;
};

class Driver {
public:
  /// Opens the library and the first device. False with `problem` set if that
  /// fails.
  bool open(const std::string &library, const std::string &folder);

  uint64_t allocate(size_t bytes);
  void copyToDevice(uint64_t to, const void *from, size_t bytes);
  void copyToHost(void *to, uint64_t from, size_t bytes);
  TensorMap encode(const Tensor &tensor);
  /// Runs a kernel of `<folder>/<file>.ptx` in one block.
  void launch(const std::string &file, const std::string &kernel,
              unsigned threads, unsigned sharedBytes,
              std::vector<void *> parameters);

  /// The first failure since it was last cleared.
  std::string problem;

  /// While true, calls do nothing and succeed.
  bool isIdle = false;
  /// Whether a failure has ended the context: no call succeeds any more.
  bool isLost = false;
  /// Whether that failure has been reported; `giveUp` then takes the place of
  /// the next call.
  bool isReported = false;
  std::function<void()> giveUp;

private:
  bool isOutOfUse();
  bool check(int result, const std::string &what);
  void *load(const std::string &file);
  template <typename... Arguments>
  int call(const char *name, Arguments... arguments);

  void *library = nullptr;
  std::string folder;
  std::map<std::string, void *> modules;
};

} // namespace conformance

#endif // ATTNC_TEST_CONFORMANCE_DRIVER_H
