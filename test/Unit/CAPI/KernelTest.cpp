//===- KernelTest.cpp - a function that can be called ---------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a kernel says of itself, what it takes, and what it refuses.
//
//===----------------------------------------------------------------------===//

#include "../MemoryMap.h"
#include "CInterface.h"
#include "CompiledSpecs.h"

#include <thread>

using namespace attnc;

namespace {

/// One module for all tests: compiling takes longer than they do.
class KernelTest : public CompiledSpecs {
protected:
  KernelTest() {
    static Owner<attnc_module> shared = compile(makeSpec(1));
    module = shared.get();
    kernel = getKernel(module);
  }

  attnc_module *module;
  Owner<attnc_kernel> kernel;
};

TEST_F(KernelTest, describes_its_arguments) {
  EXPECT_STREQ(attnc_kernel_name(kernel.get()), "windowed");
  EXPECT_EQ(attnc_module_num_functions(module), 1u);
  EXPECT_STREQ(attnc_module_function_name(module, 0), "windowed");
  EXPECT_EQ(attnc_module_function_name(module, 1), nullptr);
  ASSERT_EQ(attnc_kernel_num_arguments(kernel.get()), 4u);
  const char *names[] = {"q", "k", "v", "out"};
  for (size_t i = 0; i < 4; ++i) {
    attnc_argument argument = {};
    ASSERT_EQ(attnc_kernel_get_argument(kernel.get(), i, &argument), ATTNC_OK);
    EXPECT_STREQ(argument.name, names[i]);
    EXPECT_STREQ(argument.dtype_name, "f32");
    EXPECT_EQ(argument.dtype.code, kDLFloat);
    EXPECT_EQ(argument.dtype.bits, 32);
    EXPECT_EQ(argument.role, i == 3 ? ATTNC_ROLE_OUTPUT : ATTNC_ROLE_INPUT);
    ASSERT_EQ(argument.rank, 4);
    EXPECT_EQ(argument.dims[3], 8);
    auto symbol = static_cast<size_t>(-1 - argument.dims[2]);
    EXPECT_STREQ(attnc_kernel_symbol_name(kernel.get(), symbol),
                 i == 1 || i == 2 ? "kv_length" : "query_length");
  }
  attnc_argument none;
  EXPECT_EQ(attnc_kernel_get_argument(kernel.get(), 4, &none),
            ATTNC_INVALID_ARGUMENT);
  // Query heads are a multiple of those of keys.
  ASSERT_EQ(attnc_kernel_num_multiples(kernel.get()), 1u);
  attnc_multiple multiple = {};
  ASSERT_EQ(attnc_kernel_get_multiple(kernel.get(), 0, &multiple), ATTNC_OK);
  EXPECT_STREQ(attnc_kernel_symbol_name(
                   kernel.get(), static_cast<size_t>(-1 - multiple.extent)),
               "heads");
  EXPECT_STREQ(attnc_kernel_symbol_name(
                   kernel.get(), static_cast<size_t>(-1 - multiple.divisor)),
               "kv_heads");
}

TEST_F(KernelTest, computes_at_all_lengths) {
  for (int64_t length : {0, 1, 2, 9, 64, 65, 127}) {
    WindowedCall call(length);
    EXPECT_EQ(call.run(kernel.get()), ATTNC_OK) << attnc_last_error();
    EXPECT_TRUE(call.isRight(1)) << length;
  }
}

TEST_F(KernelTest, an_entry_is_the_function_of_the_header) {
  using Entry = int32_t(const DLTensor *, const DLTensor *, const DLTensor *,
                        const DLTensor *);
  auto *entry = reinterpret_cast<Entry *>(attnc_kernel_entry(kernel.get()));
  WindowedCall call(9);
  EXPECT_EQ(entry(call.pointers[0], call.pointers[1], call.pointers[2],
                  call.pointers[3]),
            ATTNC_OK);
  EXPECT_TRUE(call.isRight(1));
}

TEST_F(KernelTest, what_does_not_fit_is_refused_by_name) {
  WindowedCall typed(9);
  typed.tensors[1].dtype.code = kDLInt;
  EXPECT_EQ(typed.run(kernel.get()), ATTNC_INVALID_ARGUMENT);
  EXPECT_STREQ(
      attnc_last_error(),
      "windowed: argument k: the dtype is i32 but must be f32; convert "
      "the tensor first");
  WindowedCall placed(9);
  placed.tensors[2].device.device_type = kDLCUDA;
  EXPECT_EQ(placed.run(kernel.get()), ATTNC_INVALID_ARGUMENT);
  EXPECT_NE(std::string(attnc_last_error())
                .find("windowed: argument v: the tensor is on device"),
            std::string::npos);
  int64_t strides[4] = {72, 72, 1, 9};
  WindowedCall strided(9);
  strided.tensors[0].strides = strides;
  EXPECT_EQ(strided.run(kernel.get()), ATTNC_INVALID_ARGUMENT);
  EXPECT_NE(std::string(attnc_last_error())
                .find("windowed: argument q: the stride of the last dimension"),
            std::string::npos);
  WindowedCall missing(9);
  missing.pointers[3] = nullptr;
  EXPECT_EQ(missing.run(kernel.get()), ATTNC_INVALID_ARGUMENT);
  EXPECT_STREQ(attnc_last_error(),
               "windowed: argument out: the tensor pointer is null");
}

TEST_F(KernelTest, strides_of_rows_are_followed) {
  // Every second row of a buffer that is twice as long.
  WindowedCall call(9);
  std::vector<float> wide(2 * 9 * 8, -1000);
  for (size_t i = 0; i < call.data[2].size(); ++i)
    wide[i / 8 * 16 + i % 8] = call.data[2][i];
  int64_t strides[4] = {144, 144, 16, 1};
  call.tensors[2].data = wide.data();
  call.tensors[2].strides = strides;
  EXPECT_EQ(call.run(kernel.get()), ATTNC_OK) << attnc_last_error();
  EXPECT_TRUE(call.isRight(1));
}

TEST_F(KernelTest, a_wrong_number_of_tensors_is_refused) {
  WindowedCall call(9);
  EXPECT_EQ(attnc_kernel_call(kernel.get(), call.pointers, 3),
            ATTNC_INVALID_ARGUMENT);
  EXPECT_STREQ(attnc_last_error(),
               "windowed: 3 tensors were given but the kernel takes 4");
  EXPECT_EQ(attnc_kernel_call(kernel.get(), nullptr, 4),
            ATTNC_INVALID_ARGUMENT);
  EXPECT_STREQ(attnc_last_error(), "windowed: the array of tensors is null");
  EXPECT_EQ(attnc_kernel_call(nullptr, call.pointers, 4),
            ATTNC_INVALID_ARGUMENT);
}

TEST_F(KernelTest, owners_are_asked_whether_they_may_be_written) {
  WindowedCall call(9);
  DLManagedTensorVersioned owners[4] = {};
  const DLManagedTensorVersioned *pointers[4];
  for (size_t i = 0; i < 4; ++i) {
    owners[i].version = {DLPACK_MAJOR_VERSION, DLPACK_MINOR_VERSION};
    owners[i].dl_tensor = call.tensors[i];
    // Nothing is consumed.
    owners[i].deleter = [](DLManagedTensorVersioned *) { abort(); };
    pointers[i] = &owners[i];
  }
  owners[0].flags = DLPACK_FLAG_BITMASK_READ_ONLY;
  EXPECT_EQ(attnc_kernel_call_managed(kernel.get(), pointers, 4), ATTNC_OK);
  EXPECT_TRUE(call.isRight(1));
  owners[3].flags = DLPACK_FLAG_BITMASK_READ_ONLY;
  EXPECT_EQ(attnc_kernel_call_managed(kernel.get(), pointers, 4),
            ATTNC_INVALID_ARGUMENT);
  EXPECT_STREQ(attnc_last_error(),
               "windowed: argument out: the tensor is read-only but the kernel "
               "writes to it; copy it first");
  owners[3].flags = 0;
  owners[2].version.major = 7;
  EXPECT_EQ(attnc_kernel_call_managed(kernel.get(), pointers, 4),
            ATTNC_INVALID_ARGUMENT);
  EXPECT_STREQ(attnc_last_error(),
               "windowed: argument v: the tensor is of version 7 of DLPack but "
               "must be of version 1");
  pointers[1] = nullptr;
  EXPECT_EQ(attnc_kernel_call_managed(kernel.get(), pointers, 4),
            ATTNC_INVALID_ARGUMENT);
}

TEST_F(KernelTest, owners_of_old_are_taken_too) {
  WindowedCall call(9);
  DLManagedTensor owners[4] = {};
  const DLManagedTensor *pointers[4];
  for (size_t i = 0; i < 4; ++i) {
    owners[i].dl_tensor = call.tensors[i];
    owners[i].deleter = [](DLManagedTensor *) { abort(); };
    pointers[i] = &owners[i];
  }
  EXPECT_EQ(attnc_kernel_call_legacy(kernel.get(), pointers, 4), ATTNC_OK);
  EXPECT_TRUE(call.isRight(1));
  pointers[0] = nullptr;
  EXPECT_EQ(attnc_kernel_call_legacy(kernel.get(), pointers, 4),
            ATTNC_INVALID_ARGUMENT);
}

TEST_F(KernelTest, one_of_several_functions_is_named) {
  auto several = compile(makeSpec(0, "first") + makeSpec(2, "second"));
  attnc_kernel *none = nullptr;
  attnc_error *error = nullptr;
  EXPECT_EQ(attnc_kernel_create(several.get(), nullptr, &none, &error),
            ATTNC_INVALID_ARGUMENT);
  EXPECT_STREQ(attnc_error_message(error),
               "the module has several functions; name one of first, second");
  attnc_error_destroy(error);
  EXPECT_EQ(attnc_kernel_create(several.get(), "third", &none, &error),
            ATTNC_INVALID_ARGUMENT);
  EXPECT_STREQ(attnc_error_message(error),
               "the module has no function 'third'; it has first, second");
  attnc_error_destroy(error);
  auto second = getKernel(several.get(), "second");
  several.reset();
  WindowedCall call(9);
  EXPECT_EQ(call.run(second.get()), ATTNC_OK);
  EXPECT_TRUE(call.isRight(2));
}

TEST_F(KernelTest, code_of_another_processor_is_not_called) {
  setOption("target", "cpu:aarch64");
  auto foreign = compile(makeSpec(1));
  attnc_kernel *none = nullptr;
  EXPECT_EQ(attnc_kernel_create(foreign.get(), nullptr, &none, nullptr),
            ATTNC_UNAVAILABLE);
  EXPECT_NE(
      std::string(attnc_last_error()).find("cannot be run on this machine"),
      std::string::npos);
}

TEST_F(KernelTest, code_is_never_writable_and_executable) {
  EXPECT_EQ(findPermissions(attnc_kernel_entry(kernel.get())), "r-xp");
}

TEST_F(KernelTest, threads_call_it_at_once) {
  std::vector<std::thread> threads;
  std::atomic<int> numWrong{0};
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&, i] {
      for (int64_t length = 1; length < 40; ++length) {
        WindowedCall call(length + i);
        numWrong += call.run(kernel.get()) != ATTNC_OK || !call.isRight(1);
      }
    });
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_EQ(numWrong, 0);
}

TEST_F(KernelTest, is_called_from_C) {
  EXPECT_EQ(attncTestCompileFromC(folder.c_str(), makeSpec(0).c_str()), 0);
}

} // namespace
