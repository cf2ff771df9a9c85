//===- MachineLimits.cpp - what this machine could do at most -------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The loops are built as LLVM IR, so that they have the target's vector length
// without a word about any particular processor.
//
//===----------------------------------------------------------------------===//

#include "attnc/JIT/MachineLimits.h"

#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Module.h"
#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>

using namespace attnc;

namespace {

/// Independent sums: latency times throughput of the multiply-add of every
/// processor so far is at most 10, and 12 fit a file of 16 registers.
constexpr unsigned numSums = 12;
/// Repetitions in one iteration, so that the loop's own instructions vanish.
constexpr unsigned unroll = 8;
/// Larger than the last-level cache share of a core of current machines.
constexpr int64_t bufferBytes = int64_t(256) << 20;
constexpr int64_t multiplyIterations = 200'000;

/// Builds `void name(parameters..., i64 iterations, ptr sink)`: a loop over
/// vectors that are summed up in the end and stored.
class LoopBuilder {
public:
  LoopBuilder(llvm::Module &module, int64_t vectorBytes)
      : module(module), builder(module.getContext()),
        lanes(vectorBytes / int64_t(sizeof(float))),
        vector(llvm::FixedVectorType::get(builder.getFloatTy(), lanes)) {}

  void buildMultiply();
  void buildRead();
  int64_t getLanes() const { return lanes; }

private:
  using Step = function_ref<llvm::Value *(llvm::Value *sum, unsigned number,
                                          llvm::Value *iteration)>;
  llvm::Function *declare(StringRef name, ArrayRef<llvm::Type *> parameters);
  void buildLoop(llvm::Function *function, llvm::Value *iterations,
                 llvm::Value *sink, Step step);

  llvm::Module &module;
  llvm::IRBuilder<> builder;
  int64_t lanes;
  llvm::FixedVectorType *vector;
};

} // namespace

llvm::Function *LoopBuilder::declare(StringRef name,
                                     ArrayRef<llvm::Type *> parameters) {
  auto *type = llvm::FunctionType::get(builder.getVoidTy(), parameters, false);
  auto *function = llvm::Function::Create(type, llvm::Function::ExternalLinkage,
                                          name, module);
  auto *entry = llvm::BasicBlock::Create(module.getContext(), "", function);
  builder.SetInsertPoint(entry);
  return function;
}

void LoopBuilder::buildLoop(llvm::Function *function, llvm::Value *iterations,
                            llvm::Value *sink, Step step) {
  llvm::BasicBlock *entry = builder.GetInsertBlock();
  auto *loop = llvm::BasicBlock::Create(module.getContext(), "loop", function);
  auto *exit = llvm::BasicBlock::Create(module.getContext(), "exit", function);
  builder.CreateBr(loop);
  builder.SetInsertPoint(loop);
  llvm::PHINode *iteration = builder.CreatePHI(builder.getInt64Ty(), 2);
  iteration->addIncoming(builder.getInt64(0), entry);
  SmallVector<llvm::PHINode *> sums;
  for (unsigned i = 0; i < numSums; ++i) {
    sums.push_back(builder.CreatePHI(vector, 2));
    sums.back()->addIncoming(llvm::Constant::getNullValue(vector), entry);
  }
  SmallVector<llvm::Value *> next(sums.begin(), sums.end());
  for (unsigned repetition = 0; repetition < unroll; ++repetition)
    for (unsigned i = 0; i < numSums; ++i)
      next[i] = step(next[i], repetition * numSums + i, iteration);
  for (unsigned i = 0; i < numSums; ++i)
    sums[i]->addIncoming(next[i], loop);
  llvm::Value *following = builder.CreateAdd(iteration, builder.getInt64(1));
  iteration->addIncoming(following, loop);
  builder.CreateCondBr(builder.CreateICmpSLT(following, iterations), loop,
                       exit);
  builder.SetInsertPoint(exit);
  llvm::Value *total = next[0];
  for (unsigned i = 1; i < numSums; ++i)
    total = builder.CreateFAdd(total, next[i]);
  builder.CreateAlignedStore(total, sink, llvm::Align(sizeof(float)));
  builder.CreateRetVoid();
}

void LoopBuilder::buildMultiply() {
  llvm::Function *function =
      declare("multiply", {builder.getInt64Ty(), builder.getPtrTy()});
  llvm::Value *sink = function->getArg(1);
  // Factors from memory, so that nothing is known of them.
  llvm::Value *factor =
      builder.CreateAlignedLoad(vector, sink, llvm::Align(sizeof(float)));
  buildLoop(function, function->getArg(0), sink,
            [&](llvm::Value *sum, unsigned, llvm::Value *) {
              return builder.CreateIntrinsic(llvm::Intrinsic::fma, {vector},
                                             {factor, factor, sum});
            });
}

void LoopBuilder::buildRead() {
  llvm::Function *function = declare(
      "read", {builder.getPtrTy(), builder.getInt64Ty(), builder.getPtrTy()});
  llvm::Value *begin = function->getArg(0);
  buildLoop(
      function, function->getArg(1), function->getArg(2),
      [&](llvm::Value *sum, unsigned number, llvm::Value *iteration) {
        llvm::Value *index = builder.CreateAdd(
            builder.CreateMul(iteration, builder.getInt64(numSums * unroll)),
            builder.getInt64(number));
        llvm::Value *address = builder.CreateGEP(vector, begin, index);
        return builder.CreateFAdd(
            sum, builder.CreateAlignedLoad(vector, address,
                                           llvm::Align(sizeof(float))));
      });
}

/// Runs `work(thread)` on all threads at once and returns the seconds from the
/// common start to the last end.
static double timeOnThreads(unsigned threads,
                            function_ref<void(unsigned)> work) {
  using Clock = std::chrono::steady_clock;
  std::atomic<unsigned> ready{0};
  Clock::time_point start;
  std::atomic<bool> go{false};
  auto run = [&](unsigned thread) {
    ++ready;
    while (!go.load(std::memory_order_acquire))
      std::this_thread::yield();
    work(thread);
  };
  SmallVector<std::thread> others;
  for (unsigned thread = 1; thread < threads; ++thread)
    others.emplace_back(run, thread);
  while (ready.load() + 1 < threads)
    std::this_thread::yield();
  start = Clock::now();
  go.store(true, std::memory_order_release);
  run(0);
  for (std::thread &other : others)
    other.join();
  return std::chrono::duration<double>(Clock::now() - start).count();
}

llvm::Expected<MachineLimits>
MachineLimits::create(const cpu::CodegenTarget &target, int64_t vectorBytes,
                      unsigned threads) {
  auto machine = cpu::createTargetMachine(target);
  if (!machine)
    return machine.takeError();
  llvm::LLVMContext context;
  llvm::Module module("machine-limits", context);
  LoopBuilder loops(module, vectorBytes);
  loops.buildMultiply();
  loops.buildRead();
  cpu::optimizeModule(module, **machine, {});
  auto bytes = cpu::emitModule(module, **machine, cpu::EmissionKind::Object);
  if (!bytes)
    return bytes.takeError();
  auto object = LoadedObject::load(*bytes, "machine-limits");
  if (!object)
    return object.takeError();
  auto buffer =
      HostTensor::create(DType::F32, {bufferBytes / int64_t(sizeof(float))});
  if (!buffer)
    return buffer.takeError();
  // Memory that was never written is one page of zeros.
  std::fill_n(static_cast<float *>(buffer->getData()), buffer->getNumElements(),
              1.0f);

  MachineLimits limits(std::move(*object), std::move(*buffer));
  auto multiply = limits.object.lookup("multiply");
  if (!multiply)
    return multiply.takeError();
  auto read = limits.object.lookup("read");
  if (!read)
    return read.takeError();
  limits.multiply = reinterpret_cast<Multiply>(*multiply);
  limits.read = reinterpret_cast<Read>(*read);
  limits.threads = threads;
  limits.floatsPerIteration = loops.getLanes() * numSums * unroll;
  limits.flopsPerIteration = 2 * limits.floatsPerIteration;
  return limits;
}

double MachineLimits::measureFlops() {
  double seconds = timeOnThreads(threads, [&](unsigned) {
    alignas(64) float sink[64] = {};
    multiply(multiplyIterations, sink);
  });
  return double(flopsPerIteration) * multiplyIterations * threads / seconds;
}

double MachineLimits::measureBandwidth() {
  int64_t iterations =
      buffer.getNumElements() / floatsPerIteration / int64_t(threads);
  const float *begin = static_cast<const float *>(buffer.getData());
  double seconds = timeOnThreads(threads, [&](unsigned thread) {
    alignas(64) float sink[64] = {};
    read(begin + thread * iterations * floatsPerIteration, iterations, sink);
  });
  return double(iterations * floatsPerIteration) * sizeof(float) * threads /
         seconds;
}
