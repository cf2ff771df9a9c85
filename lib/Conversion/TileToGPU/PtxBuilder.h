//===- PtxBuilder.h - the instructions of a GPU, by name --------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One method for each PTX instruction, or short sequence of them, that kernels
// use beside ordinary arithmetic: barriers in shared memory, bulk copies of
// tensors, products of warpgroups, exchanges within a warp. They are inline PTX
// where the nvvm dialect has no form that takes what kernels need (registers as
// the left operand of a warpgroup's product, a flushing exponential), so all of
// what talks to the asynchronous units reads the same way.
//
// Section numbers are of the PTX ISA, version 8.6.
//
//===----------------------------------------------------------------------===//
#ifndef ATTNC_LIB_CONVERSION_TILETOGPU_PTXBUILDER_H
#define ATTNC_LIB_CONVERSION_TILETOGPU_PTXBUILDER_H

#include "attnc/Support/LLVM.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace attnc::gpu {

inline constexpr int64_t kWarpThreads = 32, kWarpgroupThreads = 128;

/// Address spaces of LLVM's NVPTX backend.
inline constexpr unsigned kGlobalSpace = 1, kSharedSpace = 3;

class PtxBuilder : public mlir::ImplicitLocOpBuilder {
public:
  /// `hasBulkUnits`: whether there are units beside the threads that copy in
  /// bulk (sm_90 and later).
  PtxBuilder(mlir::Location loc, mlir::MLIRContext *context, bool hasBulkUnits)
      : ImplicitLocOpBuilder(loc, context), hasBulkUnits(hasBulkUnits) {}

  // Scalars.
  Value i32(int64_t value) { return integer(getI32Type(), value); }
  Value i64(int64_t value) { return integer(getI64Type(), value); }
  Value index(int64_t value) { return integer(getIndexType(), value); }
  Value getFalse() { return integer(getI1Type(), 0); }
  Value getTrue() { return integer(getI1Type(), 1); }
  Value f32(float value) {
    return mlir::arith::ConstantOp::create(*this, getF32FloatAttr(value));
  }
  Value add(Value a, Value b) { return binary<mlir::arith::AddIOp>(a, b); }
  Value sub(Value a, Value b) { return binary<mlir::arith::SubIOp>(a, b); }
  Value mul(Value a, Value b) { return binary<mlir::arith::MulIOp>(a, b); }
  Value bitAnd(Value a, Value b) { return binary<mlir::arith::AndIOp>(a, b); }
  Value bitOr(Value a, Value b) { return binary<mlir::arith::OrIOp>(a, b); }
  Value bitXor(Value a, Value b) { return binary<mlir::arith::XOrIOp>(a, b); }
  Value shiftRight(Value a, int64_t bits) {
    return shiftRight(a, integer(a.getType(), bits));
  }
  Value shiftRight(Value a, Value bits) {
    return binary<mlir::arith::ShRUIOp>(a, bits);
  }
  Value minimum(Value a, Value b) { return binary<mlir::arith::MinSIOp>(a, b); }
  Value maximum(Value a, Value b) { return binary<mlir::arith::MaxSIOp>(a, b); }
  Value compare(mlir::arith::CmpIPredicate predicate, Value a, Value b) {
    return createOrFold<mlir::arith::CmpIOp>(predicate, a, b);
  }
  Value select(Value condition, Value a, Value b) {
    return createOrFold<mlir::arith::SelectOp>(condition, a, b);
  }
  /// A scalar of type index, i32 or i64 as one of another of them.
  Value cast(Value value, Type type);

  // Memory.
  mlir::LLVM::LLVMPointerType pointer(unsigned space) {
    return mlir::LLVM::LLVMPointerType::get(getContext(), space);
  }
  /// `base` plus a number of bytes.
  Value offset(Value base, Value bytes);
  Value load(Type type, Value address, unsigned alignment);
  void store(Value value, Value address, unsigned alignment);
  /// `count` words of 32 bits, 1, 2 or 4 (9.7.9.8), or zeros if not `isThere`.
  /// Not moved to where they are used, since they are to be on their way.
  SmallVector<Value> loadWords(Value address, Value isThere, int64_t count);

  // Threads.
  Value threadIndex();
  Value blockIndex();
  /// `value`, which all threads of a warp agree on, as the compiler can see.
  Value uniform(Value value);
  /// A barrier of all threads of the block (9.7.13.1).
  void blockBarrier();
  /// A barrier of the threads of a warp (9.7.13.2).
  void warpBarrier();
  /// Barrier `id` of `threads` threads: waits, or only arrives.
  void namedBarrier(Value id, int64_t threads);
  void arriveAtNamedBarrier(Value id, int64_t threads);
  /// Takes registers from, or gives them to, the other warpgroups (9.7.19.5).
  void raiseRegisters(int64_t count) { registers("inc", count); }
  void lowerRegisters(int64_t count) { registers("dec", count); }
  /// The value of the thread whose number differs in the bits of `mask`. Of 32
  /// bits, or an index.
  Value shuffleXor(Value value, int64_t mask);
  /// The value, of 32 bits, of thread `lane` of the warp.
  Value shuffle(Value value, Value lane);
  /// The same of a pointer to global memory.
  Value shufflePointer(Value address, Value lane);
  /// An i32 with the bits of those threads of the warp for which `holds`.
  Value ballot(Value holds);
  /// The number of zeros below the lowest one of an i32; 32 if there is none.
  Value countZeros(Value bits);

  // Barriers in shared memory (9.7.13.15). `barrier` is an address as i32.
  void initBarrier(Value barrier, int64_t arrivals);
  /// Makes initialised barriers visible to the units that copy in bulk, if
  /// there are any.
  void fenceBarrierInit();
  void arrive(Value barrier);
  void arriveAndExpect(Value barrier, Value bytes);
  /// Waits until the phase of that parity is over.
  void wait(Value barrier, Value parity);
  /// Orders what threads wrote to shared memory before what asynchronous units
  /// do there. Those that copy in bulk came with those that multiply from
  /// there; without them there is nothing to order.
  void fenceAsyncShared();

  /// Copies 16 bytes to shared memory, or writes zeros if not `isThere`
  /// (9.7.9.25.3). Copies belong to a group once it is committed; a thread sees
  /// them when all but the last `pending` groups are waited for.
  void copyChunk(Value shared, Value global, Value isThere);
  void commitChunks() { volatileAsm("cp.async.commit_group;"); }
  void waitChunks(int64_t pending) {
    volatileAsm("cp.async.wait_group " + std::to_string(pending) + ";");
  }
  /// Arrives at a barrier, which counts each thread, when the copies of chunks
  /// are done that the thread began so far (9.7.13.15.14).
  void arriveWhenCopied(Value barrier);

  /// Copies a box of a tensor to shared memory and arrives at a barrier with
  /// its bytes (9.7.9.27.1.2). Coordinates are innermost first.
  void copyTensor(Value shared, Value map, ArrayRef<Value> coordinates,
                  Value barrier);

  /// Copies a box from shared memory to a tensor, leaving out what is outside.
  void storeTensor(Value map, ArrayRef<Value> coordinates, Value shared);
  /// Waits until the copies to tensors that this thread began are done.
  void waitStores();

  // Products of a warpgroup (9.7.15).
  void fenceProducts() { volatileAsm("wgmma.fence.sync.aligned;"); }
  void commitProducts() { volatileAsm("wgmma.commit_group.sync.aligned;"); }
  void waitProducts(int64_t pending) {
    volatileAsm("wgmma.wait_group.sync.aligned " + std::to_string(pending) +
                ";");
  }
  /// sums + a b, 64 rows by `columns`, 16 deep. `a` is one descriptor or four
  /// registers, `b` a descriptor. With `isFirst` the sums are not read, and
  /// `sums` may be empty. The result is there after waitProducts.
  SmallVector<Value> product(Type element, ArrayRef<Value> a, Value b,
                             ArrayRef<Value> sums, int64_t columns,
                             bool isFirst, bool isColumnMajor);
  /// The values, which the compiler must not read or move before this point.
  SmallVector<Value> pin(ArrayRef<Value> values);

  // Products of a warp (9.7.14.5).
  /// Four matrices of 8 by 8 numbers of 16 bits, a register of each: two
  /// neighbours of line `lane / 4`, or of that column if `isTransposed`. Thread
  /// 8 m + i has the address, an i32, of line i of matrix m.
  SmallVector<Value> loadMatrices(Value address, bool isTransposed);
  /// sums + a c, 16 rows by 8 columns, 16 deep, of four, two and four
  /// registers.
  SmallVector<Value> warpProduct(Type element, ArrayRef<Value> a,
                                 ArrayRef<Value> c, ArrayRef<Value> sums);

  // Arithmetic.
  /// The larger number, in one instruction. The op of arith is expanded.
  Value maximumNumber(Value a, Value c) {
    return mlir::LLVM::MaxNumOp::create(*this, a, c);
  }
  /// 2^x and log2 x, subnormal numbers being 0.
  Value exp2(Value x) { return unary("llvm.nvvm.ex2.approx.ftz.f32", x); }
  Value log2(Value x) { return unary("llvm.nvvm.lg2.approx.ftz.f", x); }
  /// a / b to 2 units in the last place: the correctly rounded quotient is a
  /// call, beside which products of warpgroups lose their overlap.
  Value divide(Value a, Value c);
  Value reciprocal(Value x) { return unary("llvm.nvvm.rcp.approx.ftz.f", x); }
  /// `(a & mask) | c` of 32 bits as one instruction (9.7.7.6), which takes a
  /// register for all but one of its constants.
  Value andOr(Value a, Value mask, Value c);
  /// Two f32 as one register of two `element`, the first in the low half.
  Value pack(Type element, Value low, Value high);

private:
  Value integer(Type type, int64_t value) {
    return mlir::arith::ConstantOp::create(*this, getIntegerAttr(type, value));
  }
  template <typename OpT>
  Value binary(Value a, Value b) {
    return createOrFold<OpT>(a, b);
  }
  Value unary(StringRef intrinsic, Value x);
  void registers(StringRef change, int64_t count);
  /// PTX that is not moved or removed if it is volatile.
  mlir::LLVM::InlineAsmOp inlineAsm(Type result, const Twine &text,
                                    const Twine &constraints,
                                    ArrayRef<Value> operands,
                                    bool isVolatile = true);
  void volatileAsm(const Twine &text, const Twine &constraints = "",
                   ArrayRef<Value> operands = {});
  SmallVector<Value> unpack(Value aggregate, size_t count);

  bool hasBulkUnits;
};

} // namespace attnc::gpu

#endif // ATTNC_LIB_CONVERSION_TILETOGPU_PTXBUILDER_H
