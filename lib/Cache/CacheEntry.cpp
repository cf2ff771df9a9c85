//===- CacheEntry.cpp - one file of the cache -----------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Sizes are compared by subtraction, so that none can overflow.
//
//===----------------------------------------------------------------------===//

#include "attnc/Cache/CacheEntry.h"

#include "attnc-c/attnc.h"
#include "attnc/Cache/Blake3.h"
#include <cstring>

using namespace attnc;

static constexpr char magic[] = {'A', 'T', 'T', 'N', 'C', 'K', 'E', '1'};
static constexpr size_t checkedBytes = 64, headerBytes = 96;

static void appendSize(std::string &bytes, uint64_t size) {
  for (unsigned shift = 0; shift < 64; shift += 8)
    bytes += static_cast<char>(size >> shift);
}

static uint64_t readSize(std::string_view bytes) {
  uint64_t size = 0;
  for (size_t i = 8; i > 0; --i)
    size = size << 8 | static_cast<uint8_t>(bytes[i - 1]);
  return size;
}

static std::string_view asText(const Blake3Digest &digest) {
  return {reinterpret_cast<const char *>(digest.data()), digest.size()};
}

/// The bytes of a digest given in hexadecimal.
static std::string parseDigest(std::string_view digits) {
  std::string bytes;
  auto value = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  for (size_t i = 0; i + 1 < digits.size(); i += 2)
    bytes += static_cast<char>(value(digits[i]) << 4 | value(digits[i + 1]));
  return bytes;
}

static Blake3Digest getChecksum(std::string_view header,
                                std::string_view parts) {
  Blake3 hasher;
  hasher.update(header);
  hasher.update(parts);
  return hasher.finish();
}

std::string CacheEntry::write(std::string_view digest) const {
  if (fields.size() > maxEntryBytes || description.size() > maxEntryBytes ||
      object.size() > maxEntryBytes ||
      headerBytes + fields.size() + description.size() + object.size() >
          maxEntryBytes)
    return "";
  std::string file(magic, sizeof(magic));
  appendSize(file, fields.size());
  appendSize(file, description.size());
  appendSize(file, object.size());
  file += parseDigest(digest);
  std::string parts = fields + description + object;
  file += asText(getChecksum(file, parts));
  return file + parts;
}

Problem CacheEntry::read(std::string_view file, std::string_view digest,
                         CacheEntry &entry) {
  auto refuse = [](const char *why) { return Problem(ATTNC_IO_ERROR, why); };
  if (file.size() < headerBytes)
    return refuse("it is cut off");
  if (file.substr(0, sizeof(magic)) != std::string_view(magic, sizeof(magic)))
    return refuse("it is no entry of this release");
  std::string_view parts = file.substr(headerBytes);
  uint64_t sizes[3], rest = parts.size();
  for (size_t i = 0; i < 3; ++i) {
    sizes[i] = readSize(file.substr(8 + 8 * i));
    if (sizes[i] > rest)
      return refuse("it is cut off");
    rest -= sizes[i];
  }
  if (rest != 0)
    return refuse("it is longer than it says");
  if (file.substr(32, 32) != parseDigest(digest))
    return refuse("it is the entry of another kernel");
  if (file.substr(64, 32) !=
      asText(getChecksum(file.substr(0, checkedBytes), parts)))
    return refuse("its checksum is wrong");
  entry.fields = parts.substr(0, sizes[0]);
  entry.description = parts.substr(sizes[0], sizes[1]);
  entry.object = parts.substr(sizes[0] + sizes[1]);
  return {};
}
