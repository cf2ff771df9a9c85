//===- Tma.cpp - boxes of tensors -----------------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Where the elements of a box are in shared memory: one after another, the
// innermost axis first, and then exchanged by the swizzle. A row narrower than
// the swizzle is followed by a hole.
//
//===----------------------------------------------------------------------===//

#include "Bench.h"

namespace conformance {

namespace {

struct Form {
  const char *what;
  std::vector<uint64_t> sizes;
  std::vector<uint32_t> box;
  std::vector<int> start;
  unsigned swizzleBytes;
  /// Of CUtensorMapDataType, with its size.
  int dataType = 9;
  unsigned elementBytes = 2;
};

std::vector<uint8_t> randomBytes(Bench &bench, size_t count) {
  std::vector<uint8_t> bytes(count);
  for (uint8_t &byte : bytes)
    byte = uint8_t(bench.randomWord());
  return bytes;
}

size_t product(const std::vector<uint64_t> &sizes) {
  size_t count = 1;
  for (uint64_t size : sizes)
    count *= size;
  return count;
}

/// The bytes from one row of the box to the next.
size_t pitchOf(const Form &form) {
  return form.swizzleBytes ? form.swizzleBytes
                           : form.box[0] * form.elementBytes;
}

/// The bytes of the box in shared memory.
uint32_t footprintOf(const Form &form) {
  size_t bytes = pitchOf(form);
  for (size_t axis = 1; axis < form.box.size(); ++axis)
    bytes *= form.box[axis];
  return uint32_t(bytes);
}

/// Calls with the place of each element of the box in shared memory and in the
/// tensor, the latter -1 outside of it.
template <typename Function>
void forElements(const Form &form, Function function) {
  size_t count = 1;
  for (uint32_t side : form.box)
    count *= side;
  for (size_t i = 0; i < count; ++i) {
    size_t rest = i;
    int64_t index = 0, stride = 1;
    bool inside = true;
    for (size_t axis = 0; axis < form.sizes.size(); ++axis) {
      int64_t at = form.start[axis] + int64_t(rest % form.box[axis]);
      rest /= form.box[axis];
      inside &= at >= 0 && at < int64_t(form.sizes[axis]);
      index += at * stride;
      stride *= int64_t(form.sizes[axis]);
    }
    size_t place =
        i / form.box[0] * pitchOf(form) + i % form.box[0] * form.elementBytes;
    if (form.swizzleBytes)
      place ^= place / 128 % (form.swizzleBytes / 16) * 16;
    function(place, inside ? index * int64_t(form.elementBytes) : -1);
  }
}

Tensor tensorOf(const Form &form, uint64_t base) {
  Tensor tensor;
  tensor.base = base;
  tensor.dataType = form.dataType;
  tensor.elementBytes = form.elementBytes;
  tensor.sizes = form.sizes;
  tensor.box = form.box;
  tensor.swizzleBytes = form.swizzleBytes;
  return tensor;
}

/// Moves the elements of the box as the copy should.
void moveElements(const Form &form, bool isLoad, std::vector<uint8_t> &tensor,
                  std::vector<uint8_t> &box) {
  forElements(form, [&](size_t place, int64_t index) {
    if (isLoad && index < 0)
      memset(box.data() + place, 0, form.elementBytes);
    else if (isLoad)
      memcpy(box.data() + place, tensor.data() + index, form.elementBytes);
    else if (index >= 0)
      memcpy(tensor.data() + index, box.data() + place, form.elementBytes);
  });
}

std::string firstDifference(const std::vector<uint8_t> &actual,
                            const std::vector<uint8_t> &expected) {
  for (size_t i = 0; i < expected.size(); ++i)
    if (actual[i] != expected[i])
      return "byte " + std::to_string(i) + " is " + std::to_string(actual[i]) +
             ", expected " + std::to_string(expected[i]);
  return {};
}

void run(Bench &bench, const Form &form, bool isLoad) {
  uint32_t bytes = footprintOf(form);
  std::vector<uint8_t> tensor =
      randomBytes(bench, product(form.sizes) * form.elementBytes);
  std::vector<uint8_t> box = randomBytes(bench, bytes);
  uint64_t tensorAddress = bench.upload(tensor), boxAddress = bench.upload(box);
  TensorMap map = bench.driver.encode(tensorOf(form, tensorAddress));
  int start[5] = {};
  std::copy(form.start.begin(), form.start.end(), start);
  std::string entry = std::string(isLoad ? "load_" : "store_") +
                      std::to_string(form.sizes.size()) + "d";
  bench.driver.launch("tma", entry, 32, bytes + 1024,
                      {&map, &boxAddress, &bytes, &start[0], &start[1],
                       &start[2], &start[3], &start[4]});
  moveElements(form, isLoad, tensor, box);
  const std::vector<uint8_t> &expected = isLoad ? box : tensor;
  auto actual = bench.download<uint8_t>(isLoad ? boxAddress : tensorAddress,
                                        expected.size());
  bench.finish("tma/" + entry + ", " + form.what,
               firstDifference(actual, expected));
}

/// A load of rows that are narrower than the swizzle: where the elements are,
/// what is in the holes, and which bytes the barrier counts.
void runNarrow(Bench &bench, const Form &form) {
  uint32_t bytes = footprintOf(form);
  uint32_t moved = form.box[0] * form.box[1] * form.elementBytes;
  std::vector<uint8_t> tensor =
      randomBytes(bench, product(form.sizes) * form.elementBytes);
  std::vector<uint8_t> box = randomBytes(bench, bytes);
  uint64_t tensorAddress = bench.upload(tensor), boxAddress = bench.upload(box),
           flagsAddress = bench.upload(Words(1));
  TensorMap map = bench.driver.encode(tensorOf(form, tensorAddress));
  int x = form.start[0], y = form.start[1];
  bench.driver.launch(
      "tma", "load_narrow", 32, bytes + 1024,
      {&map, &boxAddress, &bytes, &x, &y, &moved, &flagsAddress});
  auto actual = bench.download<uint8_t>(boxAddress, bytes);
  uint32_t flags = bench.download<uint32_t>(flagsAddress, 1)[0];

  std::vector<uint8_t> elements = box;
  moveElements(form, true, tensor, elements);
  std::vector<uint8_t> isElement(bytes), inHoles = actual;
  forElements(form, [&](size_t place, int64_t) {
    memset(isElement.data() + place, 1, form.elementBytes);
  });
  for (size_t i = 0; i < bytes; ++i)
    if (isElement[i])
      inHoles[i] = box[i];
    else
      elements[i] = actual[i];
  std::string problem = bench.driver.problem;
  bench.finish(std::string("tma/load_narrow, ") + form.what,
               firstDifference(actual, elements));
  bench.finish(std::string("tma/load_narrow, ") + form.what + ", the holes",
               problem.empty() ? firstDifference(inHoles, box) : problem);
  std::string counted = flags == 1   ? ""
                        : flags == 3 ? "the holes are counted"
                                     : "fewer than " + std::to_string(moved);
  bench.finish(std::string("tma/load_narrow, ") + form.what + ", its bytes",
               problem.empty() ? counted : problem);
}

void runBulk(Bench &bench) {
  std::vector<uint8_t> in = randomBytes(bench, 4096);
  uint64_t from = bench.upload(in),
           to = bench.upload(std::vector<uint8_t>(in.size()));
  uint32_t bytes = 4096;
  bench.driver.launch("tma", "bulk", 32, bytes, {&from, &to, &bytes});
  bool isEqual = bench.download<uint8_t>(to, in.size()) == in;
  bench.finish("tma/bulk copies", isEqual ? "" : "the bytes differ");
}

} // namespace

void runTma(Bench &bench) {
  const Form loads[] = {
      {"inside", {64, 40}, {32, 8}, {16, 8}, 0},
      {"swizzle 32", {64, 40}, {16, 16}, {16, 8}, 32},
      {"swizzle 64", {64, 40}, {32, 16}, {32, 24}, 64},
      {"swizzle 128", {128, 40}, {64, 32}, {64, 8}, 128},
      {"beyond the end", {64, 40}, {64, 32}, {16, 24}, 128},
      {"before the beginning", {64, 40}, {64, 32}, {-8, -5}, 128},
      {"all outside", {64, 40}, {64, 16}, {0, 40}, 128},
      {"one axis", {1000}, {256}, {900}, 0},
      {"three axes", {64, 10, 7}, {64, 4, 3}, {0, 8, -1}, 128},
      {"four axes", {64, 5, 4, 3}, {32, 2, 3, 2}, {32, 1, 2, 2}, 64},
      {"five axes", {32, 5, 4, 3, 2}, {16, 2, 2, 2, 2}, {8, 3, 3, 1, 0}, 32},
      {"floats", {64, 40}, {32, 16}, {20, 30}, 128, 7, 4},
      {"bytes", {256, 40}, {128, 16}, {144, 30}, 128, 0, 1},
  };
  for (const Form &form : loads)
    run(bench, form, true);
  const Form narrow[] = {
      {"swizzle 128", {128, 40}, {32, 32}, {32, 8}, 128},
      {"swizzle 128, beyond the end", {128, 40}, {40, 16}, {104, 30}, 128},
      {"swizzle 64", {64, 40}, {16, 32}, {16, 8}, 64},
  };
  for (const Form &form : narrow)
    runNarrow(bench, form);
  const Form stores[] = {
      {"inside", {64, 40}, {32, 8}, {16, 8}, 0},
      {"swizzle 32", {64, 40}, {16, 16}, {16, 8}, 32},
      {"swizzle 64", {64, 40}, {32, 16}, {32, 24}, 64},
      {"swizzle 128", {128, 40}, {64, 32}, {64, 8}, 128},
      {"swizzle 128, a narrow box", {128, 40}, {32, 32}, {32, 8}, 128},
      {"beyond the end", {64, 40}, {64, 32}, {16, 24}, 128},
      {"before the beginning", {64, 40}, {64, 32}, {-8, -5}, 128},
      {"one axis", {1000}, {256}, {900}, 0},
      {"three axes", {64, 10, 7}, {64, 4, 3}, {0, 8, -1}, 128},
  };
  for (const Form &form : stores)
    run(bench, form, false);
  runBulk(bench);
}

} // namespace conformance
