//===- CacheFolder.cpp - the cache on disk --------------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Everything happens relative to the open folder: one that is renamed or
// replaced meanwhile cannot send a file elsewhere.
//
//===----------------------------------------------------------------------===//

#include "attnc/Cache/CacheFolder.h"

#include "attnc-c/attnc.h"
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace attnc;

namespace {

constexpr std::string_view extension = ".kernel";
constexpr std::string_view temporaryPrefix = ".attnc-",
                           temporarySuffix = ".tmp";
constexpr const char *pruneMark = ".pruned";
constexpr int64_t hour = 3600;

Problem refuse(const std::string &path, const std::string &why) {
  return Problem(ATTNC_IO_ERROR, "the cache '" + path + "' " + why);
}

std::string getSystemError() { return strerror(errno); }

int64_t getNow() { return static_cast<int64_t>(time(nullptr)); }

/// Whether only this user, or root, can have put something there.
bool isTrusted(const struct stat &status) {
  return (status.st_uid == geteuid() || status.st_uid == 0) &&
         (status.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

bool endsWith(std::string_view text, std::string_view end) {
  return text.size() >= end.size() &&
         text.substr(text.size() - end.size()) == end;
}

/// A number that is closed at the end.
struct File {
  int number = -1;
  explicit File(int number) : number(number) {}
  File(const File &) = delete;
  File &operator=(const File &) = delete;
  ~File() {
    if (number >= 0)
      close(number);
  }
};

/// Makes a folder and those above it.
bool makeFolders(const std::string &path) {
  for (size_t slash = path.find('/', 1); slash != std::string::npos;
       slash = path.find('/', slash + 1))
    if (mkdir(path.substr(0, slash).c_str(), 0700) && errno != EEXIST &&
        errno != EROFS && errno != EACCES)
      return false;
  return mkdir(path.c_str(), 0700) == 0 || errno == EEXIST;
}

/// Random, because numbers of processes recur: in other containers, say, that
/// share the folder.
std::string makeTemporaryName() {
  uint8_t random[16] = {};
  // What is drawn short is caught by O_EXCL.
  (void)!getrandom(random, sizeof(random), 0);
  std::string name(temporaryPrefix);
  for (uint8_t byte : random) {
    name += "0123456789abcdef"[byte >> 4];
    name += "0123456789abcdef"[byte & 15];
  }
  return name + std::string(temporarySuffix);
}

/// The names in an open folder.
std::vector<std::string> readNames(int directory) {
  std::vector<std::string> names;
  int again = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *stream = again >= 0 ? fdopendir(again) : nullptr;
  if (!stream) {
    if (again >= 0)
      close(again);
    return names;
  }
  while (dirent *entry = readdir(stream))
    names.emplace_back(entry->d_name);
  closedir(stream);
  std::sort(names.begin(), names.end());
  return names;
}

bool readAll(int file, size_t size, std::string &bytes) {
  bytes.resize(size);
  size_t done = 0;
  while (done < size) {
    ssize_t count = read(file, bytes.data() + done, size - done);
    if (count < 0 && errno == EINTR)
      continue;
    if (count <= 0)
      return false;
    done += static_cast<size_t>(count);
  }
  return true;
}

} // namespace

bool attnc::isEntryName(std::string_view name, std::string &digest) {
  if (name.size() != 64 + extension.size() || !endsWith(name, extension))
    return false;
  std::string_view digits = name.substr(0, 64);
  if (digits.find_first_not_of("0123456789abcdef") != std::string_view::npos)
    return false;
  digest = digits;
  return true;
}

Problem CacheFolder::open(const std::string &given,
                          std::unique_ptr<CacheFolder> &folder) {
  std::string path = given;
  // Behind a slash a symbolic link would be followed.
  while (path.size() > 1 && path.back() == '/')
    path.pop_back();
  if (path.empty() || path[0] != '/')
    return refuse(path, "has no absolute path");
  constexpr int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  int number = ::open(path.c_str(), flags);
  if (number < 0 && errno == ENOENT) {
    if (!makeFolders(path))
      return refuse(path, "cannot be created: " + getSystemError());
    number = ::open(path.c_str(), flags);
  }
  if (number < 0) {
    int code = errno;
    struct stat status;
    if (lstat(path.c_str(), &status) == 0 && S_ISLNK(status.st_mode))
      return refuse(path, "is a symbolic link; give the path of the folder");
    errno = code;
    return refuse(path, "cannot be opened: " + getSystemError());
  }
  std::unique_ptr<CacheFolder> opened(new CacheFolder(path, number));
  struct stat status;
  if (fstat(number, &status))
    return refuse(path, "cannot be inspected: " + getSystemError());
  if (status.st_uid != geteuid() && status.st_uid != 0)
    return refuse(path, "belongs to another user, who could put code there");
  if (!isTrusted(status))
    return refuse(path, "can be written by other users, who could put code "
                        "there; take that from them with chmod go-w");
  folder = std::move(opened);
  return {};
}

CacheFolder::~CacheFolder() { close(directory); }

CacheFolder::Find CacheFolder::load(const std::string &digest,
                                    CacheEntry &entry, std::string &why) const {
  std::string name = digest + std::string(extension);
  File file(openat(directory, name.c_str(),
                   O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK));
  if (file.number < 0) {
    if (errno == ENOENT)
      return Find::Miss;
    why = errno == ELOOP ? "it is a symbolic link" : getSystemError();
    return Find::Damaged;
  }
  struct stat status;
  if (fstat(file.number, &status) || !S_ISREG(status.st_mode)) {
    why = "it is no file";
    return Find::Damaged;
  }
  if (!isTrusted(status)) {
    why = "other users can write it";
    return Find::Damaged;
  }
  std::string bytes;
  if (status.st_size < 0 || size_t(status.st_size) > maxEntryBytes ||
      !readAll(file.number, size_t(status.st_size), bytes)) {
    why = "it cannot be read";
    return Find::Damaged;
  }
  if (Problem problem = CacheEntry::read(bytes, digest, entry)) {
    why = problem.getMessage();
    return Find::Damaged;
  }
  // What is used is not pruned. To an hour: a hit is no reason to write.
  if (getNow() - status.st_mtime > hour)
    (void)futimens(file.number, nullptr);
  return Find::Hit;
}

Problem CacheFolder::write(const std::string &temporary,
                           const std::string &bytes) const {
  File file(openat(directory, temporary.c_str(),
                   O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (file.number < 0)
    return refuse(path, "cannot be written: " + getSystemError());
  for (size_t done = 0; done < bytes.size();) {
    ssize_t count =
        ::write(file.number, bytes.data() + done, bytes.size() - done);
    if (count < 0 && errno == EINTR)
      continue;
    if (count < 0)
      return refuse(path, "cannot be written: " + getSystemError());
    done += static_cast<size_t>(count);
  }
  // A crash soon after the rename must not leave an empty entry.
  if (fsync(file.number))
    return refuse(path, "cannot be flushed: " + getSystemError());
  return {};
}

Problem CacheFolder::store(const std::string &digest, const CacheEntry &entry,
                           const CacheLimits &limits) const {
  std::string bytes = entry.write(digest);
  if (bytes.empty())
    return refuse(path, "takes no entry of more than 256 MiB");
  std::string temporary = makeTemporaryName();
  Problem problem = write(temporary, bytes);
  std::string name = digest + std::string(extension);
  if (!problem &&
      renameat(directory, temporary.c_str(), directory, name.c_str()))
    problem = refuse(path, "cannot be written: " + getSystemError());
  if (problem)
    (void)unlinkat(directory, temporary.c_str(), 0);
  else
    pruneNowAndThen(limits);
  return problem;
}

std::vector<CacheFile> CacheFolder::list() const {
  std::vector<CacheFile> files;
  for (const std::string &name : readNames(directory)) {
    CacheFile file;
    struct stat status;
    if (!isEntryName(name, file.digest) ||
        fstatat(directory, name.c_str(), &status, AT_SYMLINK_NOFOLLOW))
      continue;
    file.bytes = static_cast<uint64_t>(status.st_size);
    file.written = status.st_ctime;
    file.used = status.st_mtime;
    files.push_back(std::move(file));
  }
  return files;
}

bool CacheFolder::remove(const std::string &digest) const {
  return unlinkat(directory, (digest + std::string(extension)).c_str(), 0) == 0;
}

void CacheFolder::removeLeftovers() const {
  for (const std::string &name : readNames(directory)) {
    struct stat status;
    // A writer that lives is done within the hour.
    if (name.compare(0, temporaryPrefix.size(), temporaryPrefix) == 0 &&
        endsWith(name, temporarySuffix) &&
        fstatat(directory, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 &&
        getNow() - status.st_mtime > hour)
      (void)unlinkat(directory, name.c_str(), 0);
  }
}

size_t CacheFolder::prune(const CacheLimits &limits) const {
  removeLeftovers();
  std::vector<CacheFile> files = list();
  std::sort(files.begin(), files.end(),
            [](const CacheFile &a, const CacheFile &b) {
              return std::pair(a.used, a.digest) > std::pair(b.used, b.digest);
            });
  uint64_t bytes = 0;
  size_t removed = 0;
  int64_t oldest = limits.maxDays > 36500
                       ? 0
                       : getNow() - int64_t(limits.maxDays) * 24 * hour;
  for (const CacheFile &file : files) {
    bool fits =
        file.bytes <= limits.maxBytes - std::min(limits.maxBytes, bytes);
    if (fits && file.used >= oldest)
      bytes += file.bytes;
    else
      removed += remove(file.digest);
  }
  return removed;
}

void CacheFolder::pruneNowAndThen(const CacheLimits &limits) const {
  struct stat status;
  if (fstatat(directory, pruneMark, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
      getNow() - status.st_mtime < hour)
    return;
  File mark(openat(directory, pruneMark,
                   O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (mark.number < 0)
    return;
  (void)futimens(mark.number, nullptr);
  (void)prune(limits);
}

size_t CacheFolder::clear() const {
  size_t removed = 0;
  for (const CacheFile &file : list())
    removed += remove(file.digest);
  return removed;
}
