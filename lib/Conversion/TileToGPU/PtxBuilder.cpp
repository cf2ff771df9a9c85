//===- PtxBuilder.cpp - the instructions of a GPU, by name ----------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The text of each instruction.
//
//===----------------------------------------------------------------------===//

#include "PtxBuilder.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace attnc;
using namespace attnc::gpu;
namespace LLVM = mlir::LLVM;
namespace NVVM = mlir::NVVM;
namespace arith = mlir::arith;

/// All threads of a warp.
static constexpr int64_t kWholeWarp = -1;

Value PtxBuilder::cast(Value value, Type type) {
  Type from = value.getType();
  if (from == type)
    return value;
  if (from.isIndex() || type.isIndex())
    return createOrFold<arith::IndexCastOp>(type, value);
  if (from.getIntOrFloatBitWidth() < type.getIntOrFloatBitWidth())
    return createOrFold<arith::ExtSIOp>(type, value);
  return createOrFold<arith::TruncIOp>(type, value);
}

Value PtxBuilder::offset(Value base, Value bytes) {
  return LLVM::GEPOp::create(*this, base.getType(), getI8Type(), base,
                             ValueRange{cast(bytes, getI64Type())});
}

Value PtxBuilder::load(Type type, Value address, unsigned alignment) {
  return LLVM::LoadOp::create(*this, type, address, alignment);
}

void PtxBuilder::store(Value value, Value address, unsigned alignment) {
  LLVM::StoreOp::create(*this, value, address, alignment);
}

SmallVector<Value> PtxBuilder::loadWords(Value address, Value isThere,
                                         int64_t count) {
  std::string zeros, registers, constraints;
  for (int64_t i = 0; i < count; ++i) {
    std::string name = "$" + std::to_string(i);
    zeros += "mov.b32 " + name + ", 0;\n";
    registers += (i == 0 ? "" : ", ") + name;
    constraints += "=&r,";
  }
  if (count > 1)
    registers = "{" + registers + "}";
  std::string form = count == 1 ? "" : "v" + std::to_string(count) + ".";
  std::string last = std::to_string(count), test = std::to_string(count + 1);
  SmallVector<Type> types(count, getI32Type());
  Type type = count == 1
                  ? Type(getI32Type())
                  : LLVM::LLVMStructType::getLiteral(getContext(), types);
  Value from = LLVM::PtrToIntOp::create(*this, getI64Type(), address);
  Value flag = arith::ExtUIOp::create(*this, getI32Type(), isThere);
  auto op = inlineAsm(type,
                      "{\n.reg .pred there;\nsetp.ne.b32 there, $" + test +
                          ", 0;\n" + zeros + "@there ld.global." + form +
                          "b32 " + registers + ", [$" + last + "];\n}",
                      constraints + "l,r", {from, flag});
  if (count == 1)
    return {op.getResult(0)};
  return unpack(op.getResult(0), count);
}

Value PtxBuilder::threadIndex() {
  return NVVM::ThreadIdXOp::create(*this, getI32Type());
}

Value PtxBuilder::blockIndex() {
  return NVVM::BlockIdXOp::create(*this, getI32Type());
}

Value PtxBuilder::uniform(Value value) {
  return NVVM::ShflOp::create(*this, value.getType(), i32(kWholeWarp), value,
                              i32(0), i32(kWarpThreads - 1),
                              NVVM::ShflKind::idx, mlir::UnitAttr());
}

void PtxBuilder::blockBarrier() { volatileAsm("bar.sync 0;"); }

void PtxBuilder::warpBarrier() {
  NVVM::SyncWarpOp::create(*this, i32(kWholeWarp));
}

void PtxBuilder::namedBarrier(Value id, int64_t threads) {
  volatileAsm("bar.sync $0, " + Twine(threads) + ";", "r", {id});
}

void PtxBuilder::arriveAtNamedBarrier(Value id, int64_t threads) {
  volatileAsm("bar.arrive $0, " + Twine(threads) + ";", "r", {id});
}

void PtxBuilder::registers(StringRef change, int64_t count) {
  volatileAsm("setmaxnreg." + change + ".sync.aligned.u32 " + Twine(count) +
              ";");
}

Value PtxBuilder::shuffleXor(Value value, int64_t mask) {
  if (value.getType().isIndex()) {
    Value wide = cast(value, getI64Type());
    Value low = shuffleXor(cast(wide, getI32Type()), mask);
    Value high = shuffleXor(cast(shiftRight(wide, 32), getI32Type()), mask);
    low = arith::ExtUIOp::create(*this, getI64Type(), low);
    high = arith::ExtUIOp::create(*this, getI64Type(), high);
    wide = bitOr(low, arith::ShLIOp::create(*this, high, i64(32)));
    return cast(wide, getIndexType());
  }
  return NVVM::ShflOp::create(*this, value.getType(), i32(kWholeWarp), value,
                              i32(mask), i32(kWarpThreads - 1),
                              NVVM::ShflKind::bfly, mlir::UnitAttr());
}

Value PtxBuilder::shuffle(Value value, Value lane) {
  return NVVM::ShflOp::create(*this, value.getType(), i32(kWholeWarp), value,
                              lane, i32(kWarpThreads - 1), NVVM::ShflKind::idx,
                              mlir::UnitAttr());
}

Value PtxBuilder::shufflePointer(Value address, Value lane) {
  Value wide = LLVM::PtrToIntOp::create(*this, getI64Type(), address);
  Value low = shuffle(cast(wide, getI32Type()), lane);
  Value high = shuffle(cast(shiftRight(wide, 32), getI32Type()), lane);
  low = arith::ExtUIOp::create(*this, getI64Type(), low);
  high = arith::ExtUIOp::create(*this, getI64Type(), high);
  wide = bitOr(low, arith::ShLIOp::create(*this, high, i64(32)));
  return LLVM::IntToPtrOp::create(*this, address.getType(), wide);
}

Value PtxBuilder::ballot(Value holds) {
  return NVVM::VoteSyncOp::create(*this, getI32Type(), i32(kWholeWarp), holds,
                                  NVVM::VoteSyncKind::ballot);
}

Value PtxBuilder::countZeros(Value bits) {
  return mlir::math::CountTrailingZerosOp::create(*this, bits);
}

void PtxBuilder::initBarrier(Value barrier, int64_t arrivals) {
  volatileAsm("mbarrier.init.shared::cta.b64 [$0], " + Twine(arrivals) + ";",
              "r", {barrier});
}

void PtxBuilder::fenceBarrierInit() {
  if (hasBulkUnits)
    volatileAsm("fence.mbarrier_init.release.cluster;");
}

void PtxBuilder::arrive(Value barrier) {
  volatileAsm("mbarrier.arrive.shared::cta.b64 _, [$0];", "r", {barrier});
}

void PtxBuilder::arriveAndExpect(Value barrier, Value bytes) {
  volatileAsm("mbarrier.arrive.expect_tx.shared::cta.b64 _, [$0], $1;", "r,r",
              {barrier, bytes});
}

void PtxBuilder::wait(Value barrier, Value parity) {
  // try_wait sleeps for a while by itself; the loop is for longer waits. Before
  // sm_90 threads can only ask.
  StringRef instruction = hasBulkUnits ? "try_wait" : "test_wait";
  volatileAsm("{\n"
              ".reg .pred done;\n"
              "again:\n"
              "mbarrier." +
                  instruction +
                  ".parity.shared::cta.b64 done, [$0], $1;\n"
                  "@done bra over;\n"
                  "bra again;\n"
                  "over:\n"
                  "}",
              "r,r", {barrier, parity});
}

void PtxBuilder::fenceAsyncShared() {
  if (hasBulkUnits)
    volatileAsm("fence.proxy.async.shared::cta;");
}

void PtxBuilder::copyChunk(Value shared, Value global, Value isThere) {
  Value bytes = select(isThere, i32(16), i32(0));
  volatileAsm(
      "cp.async.cg.shared.global [$0], [$1], 16, $2;", "r,l,r",
      {shared, LLVM::PtrToIntOp::create(*this, getI64Type(), global), bytes});
}

void PtxBuilder::arriveWhenCopied(Value barrier) {
  volatileAsm("cp.async.mbarrier.arrive.noinc.shared::cta.b64 [$0];", "r",
              {barrier});
}

void PtxBuilder::copyTensor(Value shared, Value map,
                            ArrayRef<Value> coordinates, Value barrier) {
  std::string box, constraints = "r,l,r";
  for (size_t i = 0; i < coordinates.size(); ++i) {
    box += (i == 0 ? "$" : ", $") + std::to_string(3 + i);
    constraints += ",r";
  }
  SmallVector<Value> operands = {
      shared, LLVM::PtrToIntOp::create(*this, getI64Type(), map), barrier};
  llvm::append_range(operands, coordinates);
  volatileAsm("cp.async.bulk.tensor." + Twine(coordinates.size()) +
                  "d.shared::cluster.global.tile.mbarrier::complete_tx::bytes "
                  "[$0], [$1, {" +
                  box + "}], [$2];",
              constraints, operands);
}

void PtxBuilder::storeTensor(Value map, ArrayRef<Value> coordinates,
                             Value shared) {
  std::string box, constraints = "l,r";
  for (size_t i = 0; i < coordinates.size(); ++i) {
    box += (i == 0 ? "$" : ", $") + std::to_string(2 + i);
    constraints += ",r";
  }
  SmallVector<Value> operands = {
      LLVM::PtrToIntOp::create(*this, getI64Type(), map), shared};
  llvm::append_range(operands, coordinates);
  volatileAsm("cp.async.bulk.tensor." + Twine(coordinates.size()) +
                  "d.global.shared::cta.tile.bulk_group [$0, {" + box +
                  "}], [$1];",
              constraints, operands);
}

void PtxBuilder::waitStores() {
  volatileAsm("cp.async.bulk.commit_group;");
  volatileAsm("cp.async.bulk.wait_group 0;");
}

SmallVector<Value> PtxBuilder::product(Type element, ArrayRef<Value> a, Value b,
                                       ArrayRef<Value> sums, int64_t columns,
                                       bool isFirst, bool isColumnMajor) {
  // A thread has four sums of each eight columns.
  size_t count = columns / 2;
  std::string results, constraints;
  auto list = [](std::string &text, const std::string &item) {
    text += (text.empty() ? "" : ",") + item;
  };
  for (size_t i = 0; i < count; ++i) {
    list(results, "$" + std::to_string(i));
    list(constraints, "=f");
  }
  std::string left;
  for (size_t i = 0; i < a.size(); ++i) {
    list(left, "$" + std::to_string(count + i));
    list(constraints, a.size() == 1 ? "l" : "r");
  }
  // Registers have no order to be transposed.
  std::string flags = a.size() == 1 ? ", 0" : "";
  if (a.size() > 1)
    left = "{" + left + "}";
  list(constraints, "l");
  SmallVector<Value> operands(a);
  operands.push_back(b);
  if (!isFirst) {
    for (size_t i = 0; i < count; ++i)
      list(constraints, std::to_string(i));
    llvm::append_range(operands, sums);
  }
  std::string type = element.isBF16() ? "bf16" : "f16";
  std::string text =
      "wgmma.mma_async.sync.aligned.m64n" + std::to_string(columns) +
      "k16.f32." + type + "." + type + " {" + results + "}, " + left + ", $" +
      std::to_string(count + a.size()) + ", " + (isFirst ? "0" : "1") +
      ", 1, 1" + flags + ", " + (isColumnMajor ? "1" : "0") + ";";
  auto type32 = LLVM::LLVMStructType::getLiteral(
      getContext(), SmallVector<Type>(count, getF32Type()));
  auto op = inlineAsm(type32, text, constraints, operands);
  return unpack(op.getResult(0), count);
}

SmallVector<Value> PtxBuilder::pin(ArrayRef<Value> values) {
  std::string outputs, inputs;
  for (size_t i = 0; i < values.size(); ++i) {
    outputs += isa<FloatType>(values[i].getType()) ? "=f," : "=r,";
    inputs += (i == 0 ? "" : ",") + std::to_string(i);
  }
  SmallVector<Type> types(ValueRange(values).getTypes());
  auto type = LLVM::LLVMStructType::getLiteral(getContext(), types);
  auto op = inlineAsm(type, "", outputs + inputs, values);
  return unpack(op.getResult(0), values.size());
}

SmallVector<Value> PtxBuilder::loadMatrices(Value address, bool isTransposed) {
  constexpr size_t count = 4;
  auto type = LLVM::LLVMStructType::getLiteral(
      getContext(), SmallVector<Type>(count, getI32Type()));
  std::string intrinsic = "llvm.nvvm.ldmatrix.sync.aligned.m8n8.x4.";
  intrinsic += isTransposed ? "trans.b16.p3" : "b16.p3";
  Value line = LLVM::IntToPtrOp::create(*this, pointer(kSharedSpace), address);
  auto op = LLVM::CallIntrinsicOp::create(*this, type, getStringAttr(intrinsic),
                                          ValueRange{line});
  return unpack(op.getResult(0), count);
}

SmallVector<Value> PtxBuilder::warpProduct(Type element, ArrayRef<Value> a,
                                           ArrayRef<Value> c,
                                           ArrayRef<Value> sums) {
  auto type = LLVM::LLVMStructType::getLiteral(
      getContext(), SmallVector<Type>(sums.size(), getF32Type()));
  SmallVector<Value> operands(a);
  llvm::append_range(operands, c);
  // The intrinsic of f16 takes pairs, that of bf16 whole registers.
  auto pair = mlir::VectorType::get({2}, element);
  if (element.isF16())
    for (Value &operand : operands)
      operand = LLVM::BitcastOp::create(*this, pair, operand);
  llvm::append_range(operands, sums);
  StringRef intrinsic = element.isF16()
                            ? "llvm.nvvm.mma.m16n8k16.row.col.f32.f32"
                            : "llvm.nvvm.mma.m16n8k16.row.col.bf16";
  auto op = LLVM::CallIntrinsicOp::create(*this, type, getStringAttr(intrinsic),
                                          operands);
  return unpack(op.getResult(0), sums.size());
}

Value PtxBuilder::unary(StringRef intrinsic, Value x) {
  return LLVM::CallIntrinsicOp::create(*this, getF32Type(),
                                       getStringAttr(intrinsic), ValueRange{x})
      .getResult(0);
}

Value PtxBuilder::divide(Value a, Value c) {
  return LLVM::CallIntrinsicOp::create(*this, getF32Type(),
                                       getStringAttr("llvm.nvvm.div.full.ftz"),
                                       ValueRange{a, c})
      .getResult(0);
}

Value PtxBuilder::andOr(Value a, Value mask, Value c) {
  return inlineAsm(getI32Type(), "lop3.b32 $0, $1, $2, $3, 0xea;", "=r,r,r,r",
                   {a, mask, c}, /*isVolatile=*/false)
      .getResult(0);
}

Value PtxBuilder::pack(Type element, Value low, Value high) {
  auto pair = mlir::VectorType::get({2}, getF32Type());
  Value values =
      mlir::vector::FromElementsOp::create(*this, pair, ValueRange{low, high});
  values = arith::TruncFOp::create(*this, pair.clone(element), values);
  return LLVM::BitcastOp::create(*this, getI32Type(), values);
}

LLVM::InlineAsmOp PtxBuilder::inlineAsm(Type result, const Twine &text,
                                        const Twine &constraints,
                                        ArrayRef<Value> operands,
                                        bool isVolatile) {
  SmallVector<Type> types;
  if (result)
    types.push_back(result);
  return LLVM::InlineAsmOp::create(
      *this, types, operands, text.str(), constraints.str(),
      /*has_side_effects=*/isVolatile, /*is_align_stack=*/false,
      LLVM::TailCallKind::None,
      LLVM::AsmDialectAttr::get(getContext(), LLVM::AsmDialect::AD_ATT),
      mlir::ArrayAttr());
}

void PtxBuilder::volatileAsm(const Twine &text, const Twine &constraints,
                             ArrayRef<Value> operands) {
  std::string clobbers = constraints.str();
  clobbers += clobbers.empty() ? "~{memory}" : ",~{memory}";
  inlineAsm({}, text, clobbers, operands);
}

SmallVector<Value> PtxBuilder::unpack(Value aggregate, size_t count) {
  SmallVector<Value> values;
  for (size_t i = 0; i < count; ++i)
    values.push_back(LLVM::ExtractValueOp::create(*this, aggregate, i));
  return values;
}
