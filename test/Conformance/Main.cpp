//===- Main.cpp - does a driver execute PTX as the project reads it? ------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//   attnc-gpu-conformance [driver library] [folder of .ptx files] [group]
//
// A group runs in a process of its own: a kernel that fails ends the context on
// a real device.
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
};

Counts runGroup(const Group &group, const std::string &library,
                const std::string &folder) {
  Driver driver;
  Bench bench(driver);
  if (driver.open(library, folder))
    group.run(bench);
  else
    bench.finish(group.name, driver.problem);
  return {bench.passed, bench.failed};
}

Counts runApart(const Group &group, const std::string &library,
                const std::string &folder) {
  int ends[2];
  fflush(stdout);
  if (pipe(ends))
    return {0, 1};
  pid_t child = fork();
  if (child == 0) {
    Counts counts = runGroup(group, library, folder);
    fflush(stdout);
    bool written = write(ends[1], &counts, sizeof(counts)) == sizeof(counts);
    _exit(written ? 0 : 1);
  }
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
    Counts counts = runApart(group, library, folder);
    total.passed += counts.passed;
    total.failed += counts.failed;
  }
  printf("%u passed, %u failed\n", total.passed, total.failed);
  return total.failed || !total.passed ? 1 : 0;
}
