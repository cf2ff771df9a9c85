//===- Device.cpp - what a plan has to know of a device -------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Data sheets, and devices as JSON, version 1 of the format that docs/plan.md
// describes. Rates are those of dense 16-bit matrix products that accumulate in
// f32; of processors, of f32 in vectors at the boost clock. Capacities of data
// sheets are taken as GiB.
//
//===----------------------------------------------------------------------===//

#include "attnc/Plan/Device.h"

#include "attnc/Support/BoundedFile.h"
#include "attnc/Support/StrictJson.h"
#include "llvm/ADT/STLExtras.h"

using namespace attnc;
using namespace attnc::plan;
using llvm::StringRef;
using llvm::Twine;
using Json = nlohmann::ordered_json;

namespace {

constexpr uint64_t deviceVersion = 1;
constexpr size_t maxNameBytes = 128;
constexpr JsonKind deviceKind = {"device", "a device", size_t(1) << 20};
constexpr double mostRate = 1e18;
constexpr uint64_t mostMemory = uint64_t(1) << 47;
constexpr uint64_t gib = uint64_t(1) << 30;

llvm::Expected<Device> readDevice(const JsonNode &root) {
  auto version = root.getNumber("version");
  if (!version)
    return version.takeError();
  if (*version != deviceVersion)
    return root.fail("has version " + Twine(*version) +
                     ", and this attnc reads version " + Twine(deviceVersion));
  if (llvm::Error error = root.expectObject(
          {"version", "name", "source", "flops", "bandwidth", "memory"}))
    return std::move(error);
  Device device;
  auto name = root.getString("name", maxNameBytes);
  if (!name)
    return name.takeError();
  device.name = std::move(*name);
  if (root.has("source")) {
    auto source = root.getString("source", size_t(1) << 10);
    if (!source)
      return source.takeError();
    device.source = std::move(*source);
  }
  auto flops = root.getReal("flops", 1, mostRate);
  if (!flops)
    return flops.takeError();
  device.flops = *flops;
  auto bandwidth = root.getReal("bandwidth", 1, mostRate);
  if (!bandwidth)
    return bandwidth.takeError();
  device.bandwidth = *bandwidth;
  auto memory = root.getNumber("memory", 1, mostMemory);
  if (!memory)
    return memory.takeError();
  device.memory = *memory;
  return device;
}

} // namespace

Device Device::times(uint64_t count) const {
  Device all = *this;
  all.flops *= double(count);
  all.bandwidth *= double(count);
  all.memory *= count;
  return all;
}

llvm::Expected<Device> Device::parse(StringRef text, StringRef path) {
  auto document = JsonDocument::parse(text, path, deviceKind);
  if (!document)
    return document.takeError();
  return readDevice(document->getRoot());
}

llvm::Expected<Device> Device::load(StringRef path) {
  auto text = readAtMost(path, deviceKind.mostBytes);
  if (!text)
    return text.takeError();
  return parse(*text, path);
}

std::string Device::emitJson() const {
  Json json = {{"version", deviceVersion}, {"name", name}};
  if (!source.empty())
    json["source"] = source;
  json["flops"] = flops;
  json["bandwidth"] = bandwidth;
  json["memory"] = memory;
  return json.dump(2) + "\n";
}

llvm::ArrayRef<Device> plan::getDevicePresets() {
  static const Device devices[] = {
      {"h100-sxm", "NVIDIA H100 data sheet, SXM5", 989.4e12, 3.35e12, 80 * gib},
      {"h200-sxm", "NVIDIA H200 data sheet, SXM5", 989.4e12, 4.8e12, 141 * gib},
      {"a100-80g", "NVIDIA A100 data sheet, 80 GB SXM4", 312e12, 2.039e12,
       80 * gib},
      {"a100-40g", "NVIDIA A100 data sheet, 40 GB SXM4", 312e12, 1.555e12,
       40 * gib},
      {"l40s", "NVIDIA L40S data sheet", 362.05e12, 864e9, 48 * gib},
      {"rtx-4090", "NVIDIA Ada GPU architecture, appendix A", 165.2e12, 1008e9,
       24 * gib},
      {"cpu-epyc-9654",
       "AMD EPYC 9654 data sheet: 96 cores, 3.7 GHz, 32 f32 operations a cycle "
       "and core, 12 channels of DDR5-4800; with 12 modules of 32 GiB",
       96 * 3.7e9 * 32, 460.8e9, 384 * gib}};
  return devices;
}

const Device *plan::findDevicePreset(StringRef name) {
  auto found = llvm::find_if(getDevicePresets(), [&](const Device &device) {
    return device.name == name;
  });
  return found == getDevicePresets().end() ? nullptr : &*found;
}
