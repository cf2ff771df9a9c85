//===- CacheCommand.cpp - attnc cache -------------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Looks at the folder that libattnc keeps kernels in, and clears it.
//
//===----------------------------------------------------------------------===//

#include "CacheCommand.h"

#include "BuildIdentity.h"
#include "attnc/Cache/CacheKey.h"
#include "attnc/Cache/CacheSettings.h"
#include "attnc/Compiler/Artifacts.h"
#include "attnc/Support/BoundedFile.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/Path.h"
#include <ctime>

using namespace attnc;
namespace cl = llvm::cl;

namespace {

constexpr StringRef helpNotes = R"(
ACTIONS
  info      the folder, what is in it, and the limits
  list      the entries, those used last first
  verify    read all entries; the exit code is 1 if one is damaged
  prune     remove what is over the limits, and what killed programs left
  clear     remove all entries
  why-miss  whether a spec is in the cache and, if not, what differs from the
            entry that is nearest; takes --target, --tuning and --no-threads

ENVIRONMENT
  ATTNC_CACHE_DIR       the folder; else $XDG_CACHE_HOME/attnc, ~/.cache/attnc
  ATTNC_CACHE_MAX_MIB   its size, 1024
  ATTNC_CACHE_MAX_DAYS  for how long an entry is kept after its last use, 90
  ATTNC_JIT             auto, off or require-cache; see docs/embedding.md
)";

struct CacheOptionsOnCommandLine : CommandLine {
  CacheOptionsOnCommandLine()
      : CommandLine("cache", "look at the kernels that libattnc keeps",
                    helpNotes) {}

  cl::opt<std::string> action{cl::Positional, cl::init("info"),
                              cl::desc("<action>"), cl::sub(subcommand),
                              cl::cat(category)};
  cl::opt<std::string> spec{cl::Positional, cl::desc("<spec.mlir>"),
                            cl::sub(subcommand), cl::cat(category)};
  cl::opt<std::string> target{"target",
                              cl::value_desc("name"),
                              cl::init("cpu"),
                              cl::desc("of why-miss: the option target"),
                              cl::sub(subcommand),
                              cl::cat(category)};
  cl::opt<std::string> tuning{"tuning", cl::value_desc("FILE"),
                              cl::desc("of why-miss: the option tuning"),
                              cl::sub(subcommand), cl::cat(category)};
  cl::opt<bool> noThreads{"no-threads",
                          cl::desc("of why-miss: the option threads is off"),
                          cl::sub(subcommand), cl::cat(category)};
};

/// An action on an open folder.
class CacheJob {
public:
  explicit CacheJob(const CacheOptionsOnCommandLine &arguments)
      : arguments(arguments) {}

  llvm::Error run();

private:
  llvm::Error printInfo();
  llvm::Error printList();
  llvm::Error verify();
  llvm::Error prune();
  llvm::Error clear();
  llvm::Error explainMiss();
  void printDifferences(const CacheKey &key);

  const CacheOptionsOnCommandLine &arguments;
  CacheSettings settings;
  std::unique_ptr<CacheFolder> folder;
};

struct Action {
  StringRef name;
  llvm::Error (CacheJob::*run)();
};

llvm::Error asError(const Problem &problem) {
  return problem ? fail(ExitCode::Diagnosed, problem.getMessage())
                 : llvm::Error::success();
}

std::string formatSize(uint64_t bytes) {
  std::string text;
  llvm::raw_string_ostream(text)
      << llvm::format("%.1f KiB", double(bytes) / 1024);
  return text;
}

std::string formatAge(int64_t since) {
  int64_t seconds = std::max<int64_t>(time(nullptr) - since, 0);
  for (auto [unit, size] : {std::pair<StringRef, int64_t>("days", 86400),
                            {"hours", 3600},
                            {"minutes", 60}})
    if (seconds >= 2 * size)
      return (Twine(seconds / size) + " " + unit).str();
  return std::to_string(seconds) + " seconds";
}

StringRef getField(const CacheKey::Fields &fields, StringRef name) {
  for (const auto &[field, value] : fields)
    if (field == name)
      return value;
  return "?";
}

} // namespace

llvm::Error CacheJob::printInfo() {
  std::vector<CacheFile> files = folder->list();
  uint64_t bytes = 0;
  for (const CacheFile &file : files)
    bytes += file.bytes;
  llvm::outs() << "folder   " << folder->getPath() << "\n"
               << "entries  " << files.size() << ", " << formatSize(bytes)
               << "\n"
               << "limits   " << (settings.limits.maxBytes >> 20) << " MiB, "
               << settings.limits.maxDays << " days without use\n"
               << "jit      " << attnc::getName(settings.mode) << "\n"
               << "build    " << getVersion() << " " << ATTNC_BUILD_IDENTITY
               << "\n";
  return llvm::Error::success();
}

llvm::Error CacheJob::printList() {
  std::vector<CacheFile> files = folder->list();
  llvm::sort(files, [](const CacheFile &a, const CacheFile &b) {
    return std::pair(-a.used, a.digest) < std::pair(-b.used, b.digest);
  });
  for (const CacheFile &file : files) {
    CacheEntry entry;
    std::string why;
    llvm::outs() << StringRef(file.digest).take_front(16) << "  ";
    if (folder->load(file.digest, entry, why) != CacheFolder::Find::Hit) {
      llvm::outs() << "damaged: " << why << "\n";
      continue;
    }
    CacheKey::Fields fields = CacheKey::parse(entry.fields);
    llvm::outs() << getField(fields, "name") << "  "
                 << getField(fields, "target") << "  " << formatSize(file.bytes)
                 << "  used " << formatAge(file.used) << " ago";
    if (getField(fields, "build") != ATTNC_BUILD_IDENTITY)
      llvm::outs() << "  of another build";
    llvm::outs() << "\n";
  }
  return llvm::Error::success();
}

llvm::Error CacheJob::verify() {
  size_t numDamaged = 0;
  std::vector<CacheFile> files = folder->list();
  for (const CacheFile &file : files) {
    CacheEntry entry;
    std::string why;
    if (folder->load(file.digest, entry, why) != CacheFolder::Find::Damaged)
      continue;
    ++numDamaged;
    llvm::outs() << file.digest << ".kernel: " << why << "\n";
  }
  llvm::outs() << files.size() - numDamaged << " intact, " << numDamaged
               << " damaged\n";
  return numDamaged == 0
             ? llvm::Error::success()
             : fail(ExitCode::Diagnosed,
                    "damaged entries are not used, and replaced when they are "
                    "needed; attnc cache clear removes all");
}

llvm::Error CacheJob::prune() {
  llvm::outs() << folder->prune(settings.limits) << " removed\n";
  return llvm::Error::success();
}

llvm::Error CacheJob::clear() {
  llvm::outs() << folder->clear() << " removed\n";
  return llvm::Error::success();
}

/// The entry with the most equal fields, of the same source if there is one.
void CacheJob::printDifferences(const CacheKey &key) {
  CacheKey::Fields nearest;
  std::string nearestDigest;
  size_t most = 0;
  for (const CacheFile &file : folder->list()) {
    CacheEntry entry;
    std::string why;
    if (folder->load(file.digest, entry, why) != CacheFolder::Find::Hit)
      continue;
    CacheKey::Fields fields = CacheKey::parse(entry.fields);
    size_t equal = 0;
    for (const auto &[name, value] : key.getFields())
      if (getField(fields, name) == value)
        equal += name == "source" ? key.getFields().size() : 1;
    if (equal <= most)
      continue;
    most = equal;
    nearest = std::move(fields);
    nearestDigest = file.digest;
  }
  if (nearest.empty()) {
    llvm::outs() << "there is no entry to compare with\n";
    return;
  }
  llvm::outs() << "nearest: " << StringRef(nearestDigest).take_front(16)
               << ", which differs in\n";
  for (const auto &[name, value] : key.getFields())
    if (StringRef other = getField(nearest, name); other != value)
      llvm::outs() << "  " << llvm::left_justify(name, 9) << value << "\n"
                   << "     not   " << other << "\n";
}

llvm::Error CacheJob::explainMiss() {
  if (arguments.spec.empty())
    return fail(ExitCode::Usage,
                "why-miss takes a spec: attnc cache why-miss spec.mlir");
  constexpr size_t limit = size_t(16) << 20;
  llvm::Expected<llvm::SmallString<0>> source =
      readAtMost(arguments.spec, limit);
  if (!source)
    return source.takeError();
  llvm::SmallString<0> tuning;
  if (!arguments.tuning.empty()) {
    llvm::Expected<llvm::SmallString<0>> text =
        readAtMost(arguments.tuning, limit);
    if (!text)
      return text.takeError();
    tuning = std::move(*text);
  }
  StringRef name = llvm::sys::path::filename(arguments.spec);
  CacheKey key({source->str(), /*isBytecode=*/false, name, arguments.target,
                !arguments.noThreads, tuning.str(), getVersion(),
                ATTNC_BUILD_IDENTITY});
  CacheEntry entry;
  std::string why;
  StringRef digits = StringRef(key.getDigest()).take_front(16);
  switch (folder->load(key.getDigest(), entry, why)) {
  case CacheFolder::Find::Hit:
    llvm::outs() << "hit: " << digits << "\n";
    break;
  case CacheFolder::Find::Damaged:
    llvm::outs() << "miss: " << digits << " is damaged: " << why << "\n";
    break;
  case CacheFolder::Find::Miss:
    llvm::outs() << "miss: there is no " << digits << "\n";
    printDifferences(key);
  }
  return llvm::Error::success();
}

llvm::Error CacheJob::run() {
  constexpr Action actions[] = {
      {"info", &CacheJob::printInfo}, {"list", &CacheJob::printList},
      {"verify", &CacheJob::verify},  {"prune", &CacheJob::prune},
      {"clear", &CacheJob::clear},    {"why-miss", &CacheJob::explainMiss}};
  const Action *action = llvm::find_if(
      actions, [&](const Action &a) { return a.name == arguments.action; });
  if (action == std::end(actions)) {
    auto names =
        llvm::map_range(actions, [](const Action &a) { return a.name; });
    return fail(ExitCode::Usage, "attnc cache has no action '" +
                                     arguments.action + "'; the actions are " +
                                     llvm::join(names, ", "));
  }
  std::vector<std::string> warnings;
  if (Problem problem = CacheSettings::read(settings, warnings))
    return asError(problem);
  for (const std::string &warning : warnings)
    warn(warning);
  if (settings.folder.empty())
    return fail(ExitCode::Diagnosed, "nothing is kept: " + settings.whyNone);
  if (Problem problem = CacheFolder::open(settings.folder, folder))
    return asError(problem);
  return (this->*action->run)();
}

Command attnc::parseCacheCommand(ArrayRef<const char *> arguments) {
  auto parsed = std::make_unique<CacheOptionsOnCommandLine>();
  if (!parsed->parse(arguments))
    return nullptr;
  return [parsed = std::move(parsed)] { return CacheJob(*parsed).run(); };
}
