//===- DeviceTest.cpp - what a plan has to know of a device ---------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Presets that survive being printed and read, and devices that are refused.
//
//===----------------------------------------------------------------------===//

#include "attnc/Plan/Device.h"
#include "gtest/gtest.h"

using namespace attnc::plan;

namespace {

std::string refuse(const std::string &text) {
  auto device = Device::parse(text, "d.json");
  if (device)
    return "no error";
  return llvm::toString(device.takeError());
}

TEST(DeviceTest, PresetsSurviveARoundTrip) {
  ASSERT_GE(getDevicePresets().size(), 6u);
  for (const Device &device : getDevicePresets()) {
    SCOPED_TRACE(device.name);
    EXPECT_FALSE(device.source.empty());
    EXPECT_EQ(findDevicePreset(device.name), &device);
    auto read = Device::parse(device.emitJson(), "preset");
    ASSERT_TRUE(bool(read)) << llvm::toString(read.takeError());
    EXPECT_EQ(read->emitJson(), device.emitJson());
    EXPECT_EQ(read->flops, device.flops);
    EXPECT_EQ(read->bandwidth, device.bandwidth);
    EXPECT_EQ(read->memory, device.memory);
  }
  EXPECT_EQ(findDevicePreset("tpu"), nullptr);
}

TEST(DeviceTest, SeveralDevicesShareTheWork) {
  Device eight = findDevicePreset("a100-80g")->times(8);
  EXPECT_EQ(eight.flops, 8 * 312e12);
  EXPECT_EQ(eight.bandwidth, 8 * 2.039e12);
  EXPECT_EQ(eight.memory, uint64_t(640) << 30);
}

TEST(DeviceTest, FieldsAreCheckedWithTheirPlace) {
  EXPECT_EQ(refuse(R"({"version": 1, "name": "d", "flops": 0})"),
            "device 'd.json': /flops must be a number from 1 to 1e+18");
  EXPECT_EQ(refuse(R"({"version": 1, "name": "d", "flops": 1e12})"),
            "device 'd.json' has no 'bandwidth'");
  EXPECT_EQ(refuse(R"({"version": 1, "name": "d", "flops": 1e12,)"
                   R"( "bandwidth": 1e300})"),
            "device 'd.json': /bandwidth must be a number from 1 to 1e+18");
  EXPECT_EQ(refuse(R"({"version": 1, "name": "d", "flops": 1e12,)"
                   R"( "bandwidth": 1e12, "memory": 281474976710656})"),
            "device 'd.json': /memory must be a whole number from 1 to "
            "140737488355328");
  EXPECT_EQ(refuse(R"({"version": 1, "price": 3})"),
            "device 'd.json' has the key 'price'; it may have version, name, "
            "source, flops, bandwidth, memory");
  EXPECT_EQ(refuse(R"({"version": 9})"),
            "device 'd.json' has version 9, and this attnc reads version 1");
}

} // namespace
