//===- LoadedObjectTest.cpp - Objects loaded in this process --------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the loader promises of memory and of calls, on objects of a few
// instructions that are made here.
//
//===----------------------------------------------------------------------===//

#include "attnc/JIT/LoadedObject.h"

#include "../MemoryMap.h"
#include "attnc-c/runtime.h"
#include "attnc/Target/CPU/ObjectEmission.h"
#include "llvm/AsmParser/Parser.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/TargetParser/Host.h"
#include "gtest/gtest.h"
#include <string>

using namespace attnc;

namespace {

/// Compiles LLVM IR for this machine and loads it.
llvm::Expected<LoadedObject> loadIR(const char *text) {
  llvm::LLVMContext context;
  llvm::SMDiagnostic diagnostic;
  std::unique_ptr<llvm::Module> module =
      llvm::parseAssemblyString(text, diagnostic, context);
  EXPECT_TRUE(module) << diagnostic.getMessage().str();
  auto machine =
      cpu::createTargetMachine({llvm::sys::getDefaultTargetTriple(), "", ""});
  if (!machine)
    return machine.takeError();
  cpu::optimizeModule(*module, **machine, {});
  auto bytes = cpu::emitModule(*module, **machine, cpu::EmissionKind::Object);
  if (!bytes)
    return bytes.takeError();
  return LoadedObject::load(*bytes, "test");
}

std::string messageOf(llvm::Error error) {
  return llvm::toString(std::move(error));
}

TEST(LoadedObject, pages_are_never_writable_and_executable) {
  auto object = loadIR("@state = global i32 3\n"
                       "define i32 @next() {\n"
                       "  %old = load i32, ptr @state\n"
                       "  %new = add i32 %old, 1\n"
                       "  store i32 %new, ptr @state\n"
                       "  ret i32 %new\n"
                       "}\n");
  ASSERT_TRUE(bool(object)) << messageOf(object.takeError());
  auto next = object->lookup("next");
  ASSERT_TRUE(bool(next)) << messageOf(next.takeError());
  EXPECT_EQ(reinterpret_cast<int32_t (*)()>(*next)(), 4);
  EXPECT_EQ(reinterpret_cast<int32_t (*)()>(*next)(), 5);

  std::string permissions = findPermissions(*next);
  ASSERT_FALSE(permissions.empty());
  EXPECT_EQ(permissions[2], 'x');
}

TEST(LoadedObject, calls_pass_arguments_in_order) {
  // Returns 0 if argument i of 9 points to i, more than fit in registers.
  auto object = loadIR(
      "define i32 @ordered(ptr %0, ptr %1, ptr %2, ptr %3, ptr %4, ptr %5,\n"
      "                    ptr %6, ptr %7, ptr %8) {\n"
      "  %a = load i32, ptr %0\n"
      "  %b = load i32, ptr %7\n"
      "  %c = load i32, ptr %8\n"
      "  %ab = mul i32 %b, 100\n"
      "  %s = add i32 %ab, %c\n"
      "  %t = add i32 %s, %a\n"
      "  %d = sub i32 %t, 708\n"
      "  ret i32 %d\n"
      "}\n");
  ASSERT_TRUE(bool(object)) << messageOf(object.takeError());
  auto entry = object->lookup("ordered");
  ASSERT_TRUE(bool(entry)) << messageOf(entry.takeError());
  int32_t numbers[] = {0, 1, 2, 3, 4, 5, 6, 7, 8};
  SmallVector<DLTensor *> arguments;
  for (int32_t &number : numbers)
    arguments.push_back(reinterpret_cast<DLTensor *>(&number));
  EXPECT_EQ(messageOf(callEntryPoint(*entry, arguments)), "");
}

TEST(LoadedObject, a_failure_carries_the_message_of_the_runtime) {
  auto object = loadIR("@f = private constant [2 x i8] c\"f\\00\"\n"
                       "@m = private constant [5 x i8] c\"oops\\00\"\n"
                       "declare i32 @attnc_rt_fail(i32, ptr, ptr)\n"
                       "define i32 @f_entry() {\n"
                       "  %s = call i32 @attnc_rt_fail(i32 2, ptr @f, ptr @m)\n"
                       "  ret i32 %s\n"
                       "}\n");
  ASSERT_TRUE(bool(object)) << messageOf(object.takeError());
  auto entry = object->lookup("f_entry");
  ASSERT_TRUE(bool(entry)) << messageOf(entry.takeError());
  llvm::Error error = callEntryPoint(*entry, {});
  ASSERT_TRUE(bool(error));
  bool isOutOfMemory = false;
  std::string message;
  llvm::handleAllErrors(std::move(error), [&](llvm::ErrorInfoBase &info) {
    isOutOfMemory = info.convertToErrorCode() == std::errc::not_enough_memory;
    message = info.message();
  });
  EXPECT_EQ(message, "f: oops");
  EXPECT_TRUE(isOutOfMemory);
}

TEST(LoadedObject, missing_symbols_are_reported) {
  auto object = loadIR("declare void @nobody_defines_this()\n"
                       "define i32 @caller() {\n"
                       "  call void @nobody_defines_this()\n"
                       "  ret i32 0\n"
                       "}\n");
  ASSERT_TRUE(bool(object)) << messageOf(object.takeError());
  auto absent = object->lookup("absent");
  ASSERT_FALSE(bool(absent));
  EXPECT_NE(messageOf(absent.takeError()).find("absent"), std::string::npos);
  auto caller = object->lookup("caller");
  ASSERT_FALSE(bool(caller));
  llvm::consumeError(caller.takeError());
}

TEST(LoadedObject, bytes_that_are_no_object_are_refused) {
  auto object = LoadedObject::load("not an object", "test");
  ASSERT_FALSE(bool(object));
  llvm::consumeError(object.takeError());
}

TEST(LoadedObject, too_many_arguments_are_refused) {
  SmallVector<DLTensor *> arguments(ATTNC_RT_MAX_ARGUMENTS + 1, nullptr);
  EXPECT_NE(messageOf(callEntryPoint(nullptr, arguments)), "");
}

} // namespace
