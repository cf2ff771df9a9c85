//===- LoadedImageTest.cpp - machine code in memory, without LLVM ---------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Objects of a few instructions, made here by LLVM; whole, damaged, and with
// what kernels do not have.
//
//===----------------------------------------------------------------------===//

#include "attnc/Loader/LoadedImage.h"

#include "../MemoryMap.h"
#include "attnc-c/runtime.h"
#include "attnc/Target/CPU/ObjectEmission.h"
#include "llvm/AsmParser/Parser.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/TargetParser/Host.h"
#include "gtest/gtest.h"
#include <cmath>
#include <string>

using namespace attnc;

namespace {

/// The object that LLVM makes of some IR for this machine.
std::string makeObject(const char *text) {
  llvm::LLVMContext context;
  llvm::SMDiagnostic diagnostic;
  std::unique_ptr<llvm::Module> module =
      llvm::parseAssemblyString(text, diagnostic, context);
  EXPECT_TRUE(module) << diagnostic.getMessage().str();
  auto machine =
      cpu::createTargetMachine({llvm::sys::getDefaultTargetTriple(), "", ""});
  EXPECT_TRUE(bool(machine)) << llvm::toString(machine.takeError());
  cpu::optimizeModule(*module, **machine, {});
  auto bytes = cpu::emitModule(*module, **machine, cpu::EmissionKind::Object);
  EXPECT_TRUE(bool(bytes)) << llvm::toString(bytes.takeError());
  return std::string(bytes->begin(), bytes->end());
}

int32_t addOne(int32_t number) { return number + 1; }

void *resolve(const char *name, Problem &) {
  if (std::string_view(name) == "add_one")
    return reinterpret_cast<void *>(&addOne);
  if (std::string_view(name) == "cosf")
    return reinterpret_cast<void *>(static_cast<float (*)(float)>(&cosf));
  return nullptr;
}

std::unique_ptr<LoadedImage> load(const std::string &object) {
  std::unique_ptr<LoadedImage> image;
  Problem problem = LoadedImage::load(object, "test", resolve, image);
  EXPECT_FALSE(problem) << problem.getMessage();
  return image;
}

std::string refusalOf(const std::string &object) {
  std::unique_ptr<LoadedImage> image;
  Problem problem = LoadedImage::load(object, "test", resolve, image);
  EXPECT_FALSE(image);
  return problem.getMessage();
}

/// Data that is written, a table of addresses, a function and a constant of
/// this process and of the object.
constexpr const char *program =
    "@state = global i32 3\n"
    "@zeros = internal global [100 x i32] zeroinitializer\n"
    "@names = internal constant [2 x ptr] [ptr @first, ptr @second]\n"
    "@first = private constant [2 x i8] c\"a\\00\"\n"
    "@second = private constant [2 x i8] c\"b\\00\"\n"
    "declare i32 @add_one(i32)\n"
    "define i32 @next() {\n"
    "  %old = load i32, ptr @state\n"
    "  %new = call i32 @add_one(i32 %old)\n"
    "  store i32 %new, ptr @state\n"
    "  ret i32 %new\n"
    "}\n"
    "define ptr @name(i64 %i) {\n"
    "  %p = getelementptr [2 x ptr], ptr @names, i64 0, i64 %i\n"
    "  %n = load ptr, ptr %p\n"
    "  ret ptr %n\n"
    "}\n"
    "define i32 @count(i64 %i) {\n"
    "  %p = getelementptr [100 x i32], ptr @zeros, i64 0, i64 %i\n"
    "  %old = load i32, ptr %p\n"
    "  %new = add i32 %old, 1\n"
    "  store i32 %new, ptr %p\n"
    "  ret i32 %new\n"
    "}\n"
    "define ptr @where() {\n"
    "  ret ptr @add_one\n"
    "}\n"
    "define float @weigh(float %x) {\n"
    "  %y = fmul float %x, 0x3FB99999A0000000\n"
    "  ret float %y\n"
    "}\n";

template <typename Function>
Function *find(const LoadedImage &image, const char *name) {
  void *address = image.lookup(name);
  EXPECT_TRUE(address) << name;
  return reinterpret_cast<Function *>(address);
}

TEST(LoadedImage, runs_what_LLVM_compiled) {
  auto image = load(makeObject(program));
  ASSERT_TRUE(image);
  EXPECT_EQ(find<int32_t()>(*image, "next")(), 4);
  EXPECT_EQ(find<int32_t()>(*image, "next")(), 5);
  EXPECT_STREQ(find<const char *(int64_t)>(*image, "name")(0), "a");
  EXPECT_STREQ(find<const char *(int64_t)>(*image, "name")(1), "b");
  EXPECT_EQ(find<int32_t(int64_t)>(*image, "count")(99), 1);
  EXPECT_EQ(find<int32_t(int64_t)>(*image, "count")(99), 2);
  EXPECT_EQ(find<void *()>(*image, "where")(),
            reinterpret_cast<void *>(&addOne));
  EXPECT_FLOAT_EQ(find<float(float)>(*image, "weigh")(5), 0.5f);
  EXPECT_FALSE(image->lookup("zeros"));
  EXPECT_FALSE(image->lookup("absent"));
}

TEST(LoadedImage, pages_are_never_writable_and_executable) {
  auto image = load(makeObject(program));
  ASSERT_TRUE(image);
  EXPECT_EQ(findPermissions(image->lookup("next")), "r-xp");
}

TEST(LoadedImage, memory_is_given_back) {
  auto image = load(makeObject(program));
  ASSERT_TRUE(image);
  const void *address = image->lookup("next");
  image.reset();
  EXPECT_NE(findPermissions(address).substr(0, 3), "r-x");
}

TEST(LoadedImage, what_nobody_defines_is_named) {
  EXPECT_EQ(refusalOf(makeObject("declare void @nobody_defines_this()\n"
                                 "define void @caller() {\n"
                                 "  call void @nobody_defines_this()\n"
                                 "  ret void\n"
                                 "}\n")),
            "cannot load the code of 'test': nothing in this process defines "
            "nobody_defines_this");
}

TEST(LoadedImage, what_kernels_do_not_have_is_refused) {
  EXPECT_NE(refusalOf(makeObject("@slot = thread_local global i32 3\n"
                                 "define ptr @get() {\n"
                                 "  ret ptr @slot\n"
                                 "}\n"))
                .find("it has thread-local storage"),
            std::string::npos);
  EXPECT_NE(
      refusalOf(
          makeObject("@llvm.global_ctors = appending global [1 x { i32, ptr, "
                     "ptr }] [{ i32, ptr, ptr } { i32 1, ptr @start, ptr null "
                     "}]\n"
                     "@flag = global i32 0\n"
                     "define void @start() {\n"
                     "  store volatile i32 1, ptr @flag\n"
                     "  ret void\n"
                     "}\n"))
          .find("it has functions that run when it is loaded"),
      std::string::npos);
}

TEST(LoadedImage, bytes_that_are_no_object_are_refused) {
  EXPECT_EQ(refusalOf("not an object"),
            "cannot load the code of 'test': it has not the size of an object "
            "file");
  EXPECT_EQ(refusalOf(std::string(1000, 'x')),
            "cannot load the code of 'test': it is no relocatable ELF file of "
            "64 bits");
}

TEST(LoadedImage, an_object_of_another_machine_is_refused) {
  std::string object = makeObject(program);
  object[18] = static_cast<char>(object[18] + 1);
  EXPECT_EQ(
      refusalOf(object),
      "cannot load the code of 'test': it is for another kind of machine");
}

TEST(LoadedImage, an_object_that_is_cut_off_is_refused) {
  std::string object = makeObject(program);
  // The table of sections lies at the end.
  for (size_t size = 0; size < object.size(); ++size)
    EXPECT_NE(refusalOf(object.substr(0, size)), "") << size;
}

TEST(LoadedImage, damage_is_refused_or_harmless_until_it_is_called) {
  std::string object = makeObject(program);
  uint64_t state = 1;
  for (int i = 0; i < 20000; ++i) {
    std::string damaged = object;
    for (int flips = 1 + i % 3; flips > 0; --flips) {
      state = state * 6364136223846793005u + 1442695040888963407u;
      damaged[(state >> 33) % damaged.size()] = static_cast<char>(state >> 25);
    }
    std::unique_ptr<LoadedImage> image;
    Problem problem = LoadedImage::load(damaged, "test", resolve, image);
    EXPECT_EQ(bool(problem), !image);
  }
}

} // namespace
