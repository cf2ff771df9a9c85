//===- Tma.cpp - boxes of tensors -----------------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Where the elements of a box are in shared memory: one after another, the
// innermost axis first, and then exchanged by the swizzle.
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
    size_t place = i * form.elementBytes;
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

void run(Bench &bench, const Form &form, bool isLoad) {
  size_t boxBytes = form.elementBytes;
  for (uint32_t side : form.box)
    boxBytes *= side;
  std::vector<uint8_t> tensor =
      randomBytes(bench, product(form.sizes) * form.elementBytes);
  std::vector<uint8_t> box = randomBytes(bench, boxBytes);
  uint64_t tensorAddress = bench.upload(tensor), boxAddress = bench.upload(box);
  TensorMap map = bench.driver.encode(tensorOf(form, tensorAddress));
  uint32_t bytes = uint32_t(boxBytes);
  int start[5] = {};
  std::copy(form.start.begin(), form.start.end(), start);
  std::string entry = std::string(isLoad ? "load_" : "store_") +
                      std::to_string(form.sizes.size()) + "d";
  bench.driver.launch("tma", entry, 32, bytes + 1024,
                      {&map, &boxAddress, &bytes, &start[0], &start[1],
                       &start[2], &start[3], &start[4]});
  forElements(form, [&](size_t place, int64_t index) {
    if (isLoad && index < 0)
      memset(box.data() + place, 0, form.elementBytes);
    else if (isLoad)
      memcpy(box.data() + place, tensor.data() + index, form.elementBytes);
    else if (index >= 0)
      memcpy(tensor.data() + index, box.data() + place, form.elementBytes);
  });
  const std::vector<uint8_t> &expected = isLoad ? box : tensor;
  auto actual = bench.download<uint8_t>(isLoad ? boxAddress : tensorAddress,
                                        expected.size());
  std::string why;
  for (size_t i = 0; i < expected.size() && why.empty(); ++i)
    if (actual[i] != expected[i])
      why = "byte " + std::to_string(i) + " is " + std::to_string(actual[i]) +
            ", expected " + std::to_string(expected[i]);
  bench.finish("tma/" + entry + ", " + form.what, why);
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
      {"swizzle 128, a narrow box", {128, 40}, {32, 32}, {32, 8}, 128},
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
  const Form stores[] = {
      {"inside", {64, 40}, {32, 8}, {16, 8}, 0},
      {"swizzle 32", {64, 40}, {16, 16}, {16, 8}, 32},
      {"swizzle 64", {64, 40}, {32, 16}, {32, 24}, 64},
      {"swizzle 128", {128, 40}, {64, 32}, {64, 8}, 128},
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
