//===- CompiledSpecs.h - what tests of the C interface share ----*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A context whose cache is a folder of the test, and small specs.
//
//===----------------------------------------------------------------------===//

#ifndef ATTNC_TEST_UNIT_CAPI_COMPILEDSPECS_H
#define ATTNC_TEST_UNIT_CAPI_COMPILEDSPECS_H

#include "attnc-c/attnc.h"
#include "gtest/gtest.h"
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

/// Attention of one batch and head with head dim 8 and a window.
inline std::string makeSpec(int left, const std::string &name = "windowed") {
  std::string type = "tensor<?x?x?x8xf32>";
  return "func.func @" + name + "(%q: " + type + ", %k: " + type +
         ", %v: " + type + ") -> " + type +
         " {\n"
         "  %out = attn.attend %q, %k, %v mask(#attn.mask<window<" +
         std::to_string(left) + ", 0>>) : (" + type + ", " + type + ", " +
         type + ") -> " + type +
         "\n"
         "  return %out : " +
         type + "\n}\n";
}

struct DestroyHandle {
  void operator()(attnc_context *handle) { attnc_context_destroy(handle); }
  void operator()(attnc_options *handle) { attnc_options_destroy(handle); }
  void operator()(attnc_module *handle) { attnc_module_destroy(handle); }
  void operator()(attnc_kernel *handle) { attnc_kernel_destroy(handle); }
  void operator()(attnc_error *handle) { attnc_error_destroy(handle); }
  void operator()(attnc_buffer *handle) { attnc_buffer_destroy(handle); }
};
template <typename Handle>
using Owner = std::unique_ptr<Handle, DestroyHandle>;

/// Warnings of the process, in the place of standard error.
inline std::vector<std::string> &getWarnings() {
  static std::vector<std::string> warnings;
  return warnings;
}

/// Each test has a folder for its cache.
class CompiledSpecs : public testing::Test {
protected:
  CompiledSpecs() {
    folder = testing::TempDir() + "attnc-capi-XXXXXX";
    EXPECT_TRUE(mkdtemp(folder.data()));
    getWarnings().clear();
    attnc_set_warning_handler(
        [](const char *message, void *data) {
          static_cast<std::vector<std::string> *>(data)->push_back(message);
        },
        &getWarnings());
    context = makeContext();
  }
  ~CompiledSpecs() override {
    attnc_set_warning_handler(nullptr, nullptr);
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
  }

  /// Another context on the same folder: what it finds, it finds on disk.
  Owner<attnc_context> makeContext(const char *mode = "auto") {
    attnc_context *created = nullptr;
    EXPECT_EQ(attnc_context_create(&created, nullptr), ATTNC_OK)
        << attnc_last_error();
    EXPECT_EQ(attnc_context_set(created, "cache-dir", folder.c_str(), nullptr),
              ATTNC_OK);
    EXPECT_EQ(attnc_context_set(created, "jit", mode, nullptr), ATTNC_OK);
    return Owner<attnc_context>(created);
  }

  Owner<attnc_module> compile(const std::string &spec,
                              attnc_context *where = nullptr) {
    attnc_module *module = nullptr;
    EXPECT_EQ(attnc_compile(where ? where : context.get(), spec.data(),
                            spec.size(), options.get(), &module, nullptr),
              ATTNC_OK)
        << attnc_last_error();
    return Owner<attnc_module>(module);
  }

  /// The error of a spec that does not compile.
  Owner<attnc_error> refusalOf(const std::string &spec,
                               attnc_context *where = nullptr) {
    attnc_module *module = nullptr;
    attnc_error *error = nullptr;
    EXPECT_NE(attnc_compile(where ? where : context.get(), spec.data(),
                            spec.size(), options.get(), &module, &error),
              ATTNC_OK);
    EXPECT_FALSE(module);
    EXPECT_TRUE(error);
    return Owner<attnc_error>(error);
  }

  void setOption(const char *key, const std::string &value) {
    if (!options) {
      attnc_options *created = nullptr;
      ASSERT_EQ(attnc_options_create(&created, nullptr), ATTNC_OK);
      options.reset(created);
    }
    ASSERT_EQ(attnc_options_set(options.get(), key, value.c_str(), nullptr),
              ATTNC_OK)
        << attnc_last_error();
  }

  static Owner<attnc_kernel> getKernel(attnc_module *module,
                                       const char *function = nullptr) {
    attnc_kernel *kernel = nullptr;
    EXPECT_EQ(attnc_kernel_create(module, function, &kernel, nullptr), ATTNC_OK)
        << attnc_last_error();
    return Owner<attnc_kernel>(kernel);
  }

  std::string folder;
  Owner<attnc_context> context;
  Owner<attnc_options> options;
};

/// Four tensors [1, 1, length, 8] and what windowed attention makes of them:
/// keys are zero, so that an output is the mean of the values in the window,
/// and the value of key n is n.
struct WindowedCall {
  explicit WindowedCall(int64_t length)
      : shape{1, 1, length, 8}, data(4, std::vector<float>(length * 8)) {
    for (size_t i = 0; i < data[2].size(); ++i)
      data[2][i] = static_cast<float>(i / 8);
    for (size_t i = 0; i < 4; ++i) {
      tensors[i] = {};
      tensors[i].data = data[i].data();
      tensors[i].device.device_type = kDLCPU;
      tensors[i].ndim = 4;
      tensors[i].dtype = {kDLFloat, 32, 1};
      tensors[i].shape = shape;
      pointers[i] = &tensors[i];
    }
  }

  WindowedCall(const WindowedCall &) = delete;
  WindowedCall &operator=(const WindowedCall &) = delete;

  int32_t run(const attnc_kernel *kernel) {
    return attnc_kernel_call(kernel, pointers, 4);
  }
  bool isRight(int left) const {
    for (int64_t q = 0; q < shape[2]; ++q) {
      float expected = 0;
      int64_t first = std::max<int64_t>(q - left, 0);
      for (int64_t k = first; k <= q; ++k)
        expected += static_cast<float>(k) / static_cast<float>(q - first + 1);
      if (std::abs(data[3][q * 8] - expected) > 1e-3f)
        return false;
    }
    return true;
  }

  int64_t shape[4];
  std::vector<std::vector<float>> data;
  DLTensor tensors[4];
  const DLTensor *pointers[4];
};

#endif // ATTNC_TEST_UNIT_CAPI_COMPILEDSPECS_H
