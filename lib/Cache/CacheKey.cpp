//===- CacheKey.cpp - what machine code depends on ------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Bytes of any content enter as their hash, so that a field is a short line.
//
//===----------------------------------------------------------------------===//

#include "attnc/Cache/CacheKey.h"

#include "attnc-c/runtime.h"
#include "attnc/Cache/Blake3.h"

using namespace attnc;

static std::string hashOf(std::string_view bytes) {
  return getHex(Blake3::hash(bytes));
}

/// Text that a caller gave, which may have line ends.
static std::string quote(std::string_view text) {
  std::string line;
  for (char c : text) {
    bool isPlain = c >= ' ' && c != '\\' && c != 0x7f;
    if (isPlain) {
      line += c;
      continue;
    }
    line += '\\';
    line += "0123456789abcdef"[uint8_t(c) >> 4];
    line += "0123456789abcdef"[uint8_t(c) & 15];
  }
  return line;
}

CacheKey::CacheKey(const KeyInputs &inputs) {
  // Instructions that ask the processor trap in a virtual machine.
  static const std::string host = describeHost();
  fields = {{"source", hashOf(inputs.source)},
            {"format", inputs.isBytecode ? "bytecode" : "text"},
            {"name", quote(inputs.name)},
            {"target", quote(inputs.target)},
            {"threads", inputs.threads ? "on" : "off"},
            {"tuning", inputs.tuning.empty() ? "none" : hashOf(inputs.tuning)},
            {"release", quote(inputs.release)},
            {"build", quote(inputs.build)},
            {"abi", std::to_string(ATTNC_RT_ABI_MAJOR) + "." +
                        std::to_string(ATTNC_RT_ABI_MINOR)},
            {"host", quote(host)}};
  digest = hashOf(print());
}

std::string CacheKey::print() const {
  std::string text;
  for (const auto &[name, value] : fields)
    text += name + ' ' + value + '\n';
  return text;
}

CacheKey::Fields CacheKey::parse(std::string_view text) {
  Fields fields;
  while (!text.empty()) {
    size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    size_t space = line.find(' ');
    if (space != std::string_view::npos)
      fields.emplace_back(line.substr(0, space), line.substr(space + 1));
  }
  return fields;
}
