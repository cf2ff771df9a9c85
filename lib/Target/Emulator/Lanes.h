//===- Lanes.h - operations on 32 lanes -------------------------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Handlers made from an operation on numbers: slot 0 is the result, the others
// are the operands.
//
//===----------------------------------------------------------------------===//

#ifndef ATTNC_LIB_TARGET_EMULATOR_LANES_H
#define ATTNC_LIB_TARGET_EMULATOR_LANES_H

#include "Decoder.h"
#include "Execution.h"
#include "Numbers.h"

namespace attnc::emulator {

template <typename Operation, typename To, typename From = To>
void unaryLanes(Execution &x) {
  To *result = x.lanes<To>(0);
  const From *a = x.lanes<From>(1);
  x.forLanes([&](unsigned lane) { result[lane] = Operation::apply(a[lane]); });
}

template <typename Operation, typename To, typename A = To, typename B = A>
void binaryLanes(Execution &x) {
  To *result = x.lanes<To>(0);
  const A *a = x.lanes<A>(1);
  const B *b = x.lanes<B>(2);
  x.forLanes([&](unsigned lane) {
    result[lane] = Operation::apply(a[lane], b[lane]);
  });
}

template <typename Operation, typename To, typename A = To, typename C = To>
void ternaryLanes(Execution &x) {
  To *result = x.lanes<To>(0);
  const A *a = x.lanes<A>(1), *b = x.lanes<A>(2);
  const C *c = x.lanes<C>(3);
  x.forLanes([&](unsigned lane) {
    result[lane] = Operation::apply(a[lane], b[lane], c[lane]);
  });
}

/// The width of a type in bits.
template <typename T>
constexpr unsigned widthOf = sizeof(T) * 8;

/// In place of a handler that there is not.
inline Handler refuse(Decoder &decoder) { decoder.unknown(); }

/// Whether a type is an integer, bits or a predicate.
inline bool isIntegerType(Type type) {
  return (type >= Type::B8 && type <= Type::S64) || type == Type::Pred;
}

/// The handler for unsigned types, whatever the sign.
template <typename Operation>
Handler binaryBits(Decoder &decoder, Type type) {
  switch (bitsOf(type)) {
  case 16:
    return binaryLanes<Operation, uint16_t>;
  case 32:
    return binaryLanes<Operation, uint32_t>;
  case 64:
    return binaryLanes<Operation, uint64_t>;
  default:
    return refuse(decoder);
  }
}

template <typename Operation>
Handler unaryBits(Decoder &decoder, Type type) {
  switch (bitsOf(type)) {
  case 16:
    return unaryLanes<Operation, uint16_t>;
  case 32:
    return unaryLanes<Operation, uint32_t>;
  case 64:
    return unaryLanes<Operation, uint64_t>;
  default:
    return refuse(decoder);
  }
}

/// Operand places of one type: the result and `count` sources.
inline void uniformOperands(Decoder &decoder, unsigned count, Type type) {
  decoder.expect(count + 1, count + 1);
  decoder.instruction.slots.push_back(decoder.target(size_t(0), type));
  for (unsigned i = 1; i <= count; ++i)
    decoder.instruction.slots.push_back(decoder.source(i, type));
}

} // namespace attnc::emulator

#endif // ATTNC_LIB_TARGET_EMULATOR_LANES_H
