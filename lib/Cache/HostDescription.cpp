//===- HostDescription.cpp - this machine, as a field of a key ------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// LLVM derives the name and the features of the host from the same words.
// Taking all of them is safe: two machines that differ in one share no entries,
// though their code might be the same.
//
//===----------------------------------------------------------------------===//

#include "attnc/Cache/CacheKey.h"

#include <cstdio>
#include <unistd.h>
#if defined(__x86_64__)
#include <cpuid.h>
#elif defined(__aarch64__)
#include <sys/auxv.h>
#endif

using namespace attnc;

static void append(std::string &text, unsigned long long word) {
  char digits[32];
  snprintf(digits, sizeof(digits), " %llx", word);
  text += digits;
}

#if defined(__x86_64__)

/// The low word of XCR0: the registers that the system saves.
static uint32_t readSavedRegisters() {
  uint32_t low, high;
  __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return low;
}

static std::string describeProcessor() {
  std::string text = "x86_64";
  struct Leaf {
    unsigned leaf, subleaf;
    /// Which of eax, ebx, ecx, edx enter. The others hold numbers of this core,
    /// or nothing that code depends on.
    bool a, b, c, d;
  };
  constexpr Leaf leaves[] = {
      {0, 0, false, true, true, true},
      {1, 0, true, false, true, true},
      {7, 0, false, true, true, true},
      {7, 1, true, true, true, true},
      {0xd, 1, true, false, false, false},
      {0x19, 0, false, true, false, false},
      {0x24, 0, false, true, false, false},
      {0x80000001, 0, false, false, true, true},
      {0x80000008, 0, false, true, false, false},
  };
  for (const Leaf &leaf : leaves) {
    unsigned a = 0, b = 0, c = 0, d = 0;
    if (!__get_cpuid_count(leaf.leaf, leaf.subleaf, &a, &b, &c, &d))
      continue;
    append(text, leaf.leaf);
    text += ":";
    for (auto [isUsed, word] :
         {std::pair(leaf.a, a), {leaf.b, b}, {leaf.c, c}, {leaf.d, d}})
      if (isUsed)
        append(text, word);
    constexpr unsigned osxsave = 1u << 27;
    if (leaf.leaf == 1 && (c & osxsave))
      append(text, readSavedRegisters());
  }
  return text;
}

#elif defined(__aarch64__)

/// The line of a file of the kernel; empty without.
static std::string readLine(const char *path) {
  char line[256] = "";
  if (FILE *file = fopen(path, "re")) {
    if (!fgets(line, sizeof(line), file))
      line[0] = 0;
    fclose(file);
  }
  return line;
}

/// What /proc/cpuinfo says of the first processor that the kernel lists.
static std::string readProcessorInfo() {
  std::string text;
  if (FILE *file = fopen("/proc/cpuinfo", "re")) {
    char line[1024];
    while (fgets(line, sizeof(line), file) && line[0] != '\n')
      if (std::string_view(line).substr(0, 4) == "CPU ")
        text += line;
    fclose(file);
  }
  return text;
}

static std::string describeProcessor() {
  std::string text = "aarch64";
  append(text, getauxval(AT_HWCAP));
  append(text, getauxval(AT_HWCAP2));
  std::string midr =
      readLine("/sys/devices/system/cpu/cpu0/regs/identification/midr_el1");
  return text + " " + (midr.empty() ? readProcessorInfo() : midr);
}

#endif

std::string attnc::describeHost() {
  std::string text = describeProcessor();
  // The schedule asks for them in the same way.
  append(text,
         static_cast<unsigned long long>(sysconf(_SC_LEVEL1_DCACHE_SIZE)));
  append(text, static_cast<unsigned long long>(sysconf(_SC_LEVEL2_CACHE_SIZE)));
  return text;
}
