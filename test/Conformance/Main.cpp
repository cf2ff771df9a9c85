//===- Main.cpp - does a driver execute PTX as the project reads it? ------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//   attnc-gpu-conformance [driver library] [folder of .ptx files] [group]
//
// A group runs in a process of its own: a kernel that fails ends the context on
// a real device. The cases behind it then run in another process.
//
//===----------------------------------------------------------------------===//

#include "Bench.h"

#include <sys/wait.h>
#include <unistd.h>

using namespace conformance;

namespace {

struct Group {
  const char *name;
  void (*run)(Bench &);
};

const Group groups[] = {{"arithmetic", runArithmetic},
                        {"warp", runWarp},
                        {"matrix", runMatrix},
                        {"mma", runMma},
                        {"memory", runMemory},
                        {"barrier", runBarrier},
                        {"tma", runTma},
                        {"wgmma", runWgmma}};

struct Counts {
  unsigned passed = 0, failed = 0;
  /// The cases that are over, with those that were skipped; and whether there
  /// are more, which need another process.
  unsigned finished = 0;
  bool isUnfinished = false;
};

/// Runs in the child; what it has counted goes to `end`.
[[noreturn]] void runGroup(const Group &group, const std::string &library,
                           const std::string &folder, unsigned skipped,
                           int end) {
  Driver driver;
  Bench bench(driver, skipped);
  auto leave = [&](bool isUnfinished) {
    Counts counts{bench.passed, bench.failed, bench.finished, isUnfinished};
    fflush(stdout);
    bool written = write(end, &counts, sizeof(counts)) == sizeof(counts);
    _exit(written ? 0 : 1);
  };
  driver.giveUp = [&] { leave(true); };
  if (driver.open(library, folder)) {
    group.run(bench);
  } else {
    driver.isIdle = false;
    bench.finish(group.name, driver.problem);
  }
  leave(false);
  _exit(1);
}

Counts runApart(const Group &group, const std::string &library,
                const std::string &folder, unsigned skipped) {
  int ends[2];
  fflush(stdout);
  if (pipe(ends))
    return {0, 1};
  pid_t child = fork();
  if (child == 0)
    runGroup(group, library, folder, skipped, ends[1]);
  close(ends[1]);
  Counts counts;
  if (child < 0 || read(ends[0], &counts, sizeof(counts)) != sizeof(counts)) {
    printf("FAIL %s: the process ended early\n", group.name);
    counts = {0, 1};
  }
  close(ends[0]);
  if (child > 0)
    waitpid(child, nullptr, 0);
  return counts;
}

} // namespace

int main(int count, char **arguments) {
  std::string library = count > 1 ? arguments[1] : "libcuda.so.1";
  std::string self = arguments[0];
  size_t slash = self.rfind('/');
  std::string folder =
      count > 2 ? arguments[2]
                : (slash == std::string::npos ? "." : self.substr(0, slash)) +
                      "/../conformance";
  Counts total;
  for (const Group &group : groups) {
    if (count > 3 && std::string(arguments[3]) != group.name)
      continue;
    Counts counts;
    do {
      counts = runApart(group, library, folder, counts.finished);
      total.passed += counts.passed;
      total.failed += counts.failed;
    } while (counts.isUnfinished);
  }
  printf("%u passed, %u failed\n", total.passed, total.failed);
  return total.failed || !total.passed ? 1 : 0;
}
