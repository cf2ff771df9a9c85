//===- serving.cpp - Serving with three caches in the same memory ---------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Answers the same sessions from a contiguous cache, from pages, and from pages
// with shared prefixes, and fails unless they give the same answers; see
// README.md beside this file. It links the kernels that attnc compiles from
// kernels.mlir, and the runtime.
//
//===----------------------------------------------------------------------===//

#include "Answers.h"
#include "Cache.h"
#include "Report.h"
#include "Server.h"

#include "attnc-c/runtime.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>

namespace serving {

namespace {

struct Options {
  WorkloadOptions workload;
  int64_t budgetBytes = int64_t(12) << 20;
  int64_t weightsBytes = int64_t(30) << 20;
  std::string jsonPath, svgPath;
};

[[noreturn]] void fail(const std::string &message) {
  std::fprintf(stderr, "serving: %s\n", message.c_str());
  std::exit(1);
}

int64_t parseNumber(const char *text, int64_t least, int64_t most) {
  char *end = nullptr;
  errno = 0;
  long long number = std::strtoll(text, &end, 10);
  if (errno != 0 || end == text || *end != 0 || number < least || number > most)
    fail(std::string("'") + text + "' is no number from " +
         std::to_string(least) + " to " + std::to_string(most));
  return number;
}

Options parseOptions(int argc, char **argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const char *value = std::strchr(argv[i], '=');
    std::string name(argv[i], value ? size_t(value - argv[i]) : 0);
    if (name == "--sessions")
      options.workload.numSessions = parseNumber(value + 1, 1, 100000);
    else if (name == "--seed")
      options.workload.seed = uint64_t(parseNumber(value + 1, 0, 1 << 30));
    else if (name == "--max-tokens")
      options.workload.maxTokens = parseNumber(value + 1, 256, 1 << 16);
    else if (name == "--budget-mib")
      options.budgetBytes = parseNumber(value + 1, 1, 1 << 16) << 20;
    else if (name == "--weights-mib")
      options.weightsBytes = parseNumber(value + 1, 0, 1 << 16) << 20;
    else if (name == "--json")
      options.jsonPath = value + 1;
    else if (name == "--svg")
      options.svgPath = value + 1;
    else
      fail(std::string("unknown option '") + argv[i] +
           "'; use --sessions=N, --seed=N, --max-tokens=N, --budget-mib=N, "
           "--weights-mib=N, --json=FILE, --svg=FILE");
  }
  if (options.budgetBytes < options.workload.maxTokens * tokenBytes)
    fail("the budget has no room for a session of --max-tokens");
  return options;
}

void writeFile(const std::string &path, const std::string &text) {
  if (path.empty())
    return;
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  if (!file)
    fail("cannot write " + path);
}

std::unique_ptr<Cache> makeCache(int kind, const Workload &workload,
                                 const Options &options) {
  int64_t maxTokens = options.workload.maxTokens;
  if (kind == 0)
    return makeContiguousCache(workload, options.budgetBytes, maxTokens);
  return makePagedCache(workload, options.budgetBytes, maxTokens, kind == 2);
}

/// Returns whether the answers agree.
bool compareAnswers(const Answers &answers,
                    const std::vector<Record> &records) {
  double error = answers.differenceFromDefinition();
  bool agree = error <= Answers::tolerance;
  std::printf("answers: %.1e from the definition", error);
  for (const Record &record : records) {
    std::printf(", %s %.1e", record.name.c_str(), record.largestDifference);
    agree &= record.largestDifference <= Answers::tolerance &&
             record.generatedTokens == records.front().generatedTokens;
  }
  std::printf(": %s\n", agree ? "they agree" : "THEY DIFFER");
  return agree;
}

int run(const Options &options) {
  Workload workload(options.workload);
  Answers answers(workload);
  std::vector<uint64_t> weights(options.weightsBytes / sizeof(uint64_t), 1);
  std::vector<Record> records;
  for (int kind = 0; kind < 3; ++kind) {
    std::unique_ptr<Cache> cache = makeCache(kind, workload, options);
    records.push_back(Server(workload, *cache, answers, weights).run());
  }
  std::printf("%lld sessions of up to %lld tokens in %lld MiB, %d thread(s)\n",
              static_cast<long long>(workload.size()),
              static_cast<long long>(options.workload.maxTokens),
              static_cast<long long>(options.budgetBytes >> 20),
              attnc_rt_get_num_threads());
  std::fputs(formatTable(records).c_str(), stdout);
  writeFile(options.jsonPath, formatJson(records));
  writeFile(options.svgPath, formatSvg(records));
  return compareAnswers(answers, records) ? 0 : 1;
}

} // namespace

void require(int32_t status) {
  if (status != ATTNC_OK)
    fail(attnc_last_error());
}

} // namespace serving

int main(int argc, char **argv) {
  return serving::run(serving::parseOptions(argc, argv));
}
