//===- AtomicFile.cpp - Files that appear whole or not at all -------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Works relative to an open directory, so that a directory which is renamed or
// replaced meanwhile cannot send the file elsewhere. POSIX only.
//
//===----------------------------------------------------------------------===//

#include "attnc/Support/AtomicFile.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/Path.h"

#include <atomic>
#include <cerrno>
#include <fcntl.h>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

using namespace attnc;

/// "cannot write 'out.o': " and the text of the last failed system call.
static llvm::Error makeSystemError(llvm::StringRef path,
                                   const llvm::Twine &what) {
  std::error_code code(errno, std::generic_category());
  return llvm::createStringError(code, "cannot write '" + path + "': " + what +
                                           ": " + code.message());
}

static llvm::Error makeRefusal(llvm::StringRef path, const llvm::Twine &why) {
  return llvm::createStringError("cannot write '" + path + "': " + why);
}

namespace {

/// A file descriptor that is closed at the end of its life.
class Descriptor {
public:
  Descriptor() = default;
  Descriptor(Descriptor &&other) : number(std::exchange(other.number, -1)) {}
  Descriptor &operator=(Descriptor &&other) {
    std::swap(number, other.number);
    return *this;
  }
  ~Descriptor() {
    if (number >= 0)
      ::close(number);
  }

  void reset(int newNumber) { number = newNumber; }
  int get() const { return number; }
  bool isOpen() const { return number >= 0; }
  int release() { return std::exchange(number, -1); }

private:
  int number = -1;
};

/// Content that is on the disk under a temporary name. Unless published, the
/// temporary file goes away with this object.
class StagedFile {
public:
  StagedFile() = default;
  StagedFile(StagedFile &&) = default;
  ~StagedFile() {
    if (directory.isOpen() && !temporaryName.empty())
      ::unlinkat(directory.get(), temporaryName.c_str(), 0);
  }

  llvm::Error stage(llvm::StringRef path,
                    llvm::ArrayRef<llvm::StringRef> pieces);
  llvm::Error publish();

  /// Removes a published file that replaced nothing; false when it replaced
  /// one, which cannot be brought back.
  bool retract();

  bool hasSameTarget(const StagedFile &other) const;
  llvm::StringRef getPath() const { return path; }

private:
  llvm::Error openDirectory();
  llvm::Error checkTarget();
  llvm::Error createTemporary();
  llvm::Error writePieces(llvm::ArrayRef<llvm::StringRef> pieces);

  std::string path;
  std::string name;
  std::string temporaryName;
  Descriptor directory;
  Descriptor content;
  bool targetExists = false;
};

} // namespace

llvm::Error StagedFile::openDirectory() {
  if (path.find('\0') != std::string::npos)
    return makeRefusal(
        llvm::StringRef(path).take_until([](char c) { return c == '\0'; }),
        "the path contains a zero byte");
  llvm::StringRef filename = llvm::sys::path::filename(path);
  // "dir/" has the file name "." in LLVM's reading, as has "dir/.".
  if (filename.empty() || filename == "." || filename == ".." ||
      filename == "/")
    return makeRefusal(path, "the path names no file");
  name = filename.str();
  llvm::SmallString<128> parent(llvm::sys::path::parent_path(path));
  if (parent.empty())
    parent = ".";
  int number = ::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (number < 0)
    return makeSystemError(path, "cannot open the directory '" + parent + "'");
  directory.reset(number);
  return llvm::Error::success();
}

/// A rename would silently replace a symbolic link, and whoever made it did
/// not mean that.
llvm::Error StagedFile::checkTarget() {
  struct stat status;
  if (::fstatat(directory.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW)) {
    if (errno != ENOENT)
      return makeSystemError(path, "cannot inspect the file");
    targetExists = false;
    return llvm::Error::success();
  }
  targetExists = true;
  if (S_ISREG(status.st_mode))
    return llvm::Error::success();
  if (S_ISLNK(status.st_mode))
    return makeRefusal(path, "it is a symbolic link; give the path of the file "
                             "itself or remove the link");
  if (S_ISDIR(status.st_mode))
    return makeRefusal(path, "it is a directory; give the path of a file");
  return makeRefusal(path, "it is not a regular file");
}

llvm::Error StagedFile::createTemporary() {
  // Unique within the process by the counter and across processes by the
  // number of the process; O_EXCL covers leftovers of a killed process, and
  // that somebody else foresees the name.
  static std::atomic<unsigned> counter{0};
  constexpr int attempts = 1000;
  for (int attempt = 0; attempt < attempts; ++attempt) {
    std::string candidate = ".attnc-" + llvm::utostr(::getpid()) + "-" +
                            llvm::utostr(counter.fetch_add(1)) + ".tmp";
    int number =
        ::openat(directory.get(), candidate.c_str(),
                 O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (number >= 0) {
      content.reset(number);
      temporaryName = std::move(candidate);
      return llvm::Error::success();
    }
    if (errno != EEXIST)
      break;
  }
  return makeSystemError(path, "cannot create a file in its directory");
}

llvm::Error StagedFile::writePieces(llvm::ArrayRef<llvm::StringRef> pieces) {
  // Linux transfers at most 2^31 - 4096 bytes in a call, others refuse more.
  constexpr size_t largestWrite = size_t(1) << 30;
  for (llvm::StringRef piece : pieces) {
    while (!piece.empty()) {
      ssize_t written = ::write(content.get(), piece.data(),
                                std::min(piece.size(), largestWrite));
      if (written < 0 && errno == EINTR)
        continue;
      if (written < 0)
        return makeSystemError(path, "cannot write to the disk");
      piece = piece.drop_front(static_cast<size_t>(written));
    }
  }
  // Without it, a crash soon after the rename may leave an empty file behind.
  if (::fsync(content.get()))
    return makeSystemError(path, "cannot flush to the disk");
  if (::close(content.release()))
    return makeSystemError(path, "cannot close the file");
  return llvm::Error::success();
}

llvm::Error StagedFile::stage(llvm::StringRef targetPath,
                              llvm::ArrayRef<llvm::StringRef> pieces) {
  path = targetPath.str();
  if (llvm::Error error = openDirectory())
    return error;
  if (llvm::Error error = checkTarget())
    return error;
  if (llvm::Error error = createTemporary())
    return error;
  return writePieces(pieces);
}

llvm::Error StagedFile::publish() {
  if (llvm::Error error = checkTarget())
    return error;
  if (::renameat(directory.get(), temporaryName.c_str(), directory.get(),
                 name.c_str()))
    return makeSystemError(path, "cannot rename the finished file");
  temporaryName.clear();
  // Makes the rename itself durable. The file is already complete under its
  // name; a file system that cannot flush directories is no failure.
  (void)::fsync(directory.get());
  return llvm::Error::success();
}

bool StagedFile::retract() {
  return !targetExists && ::unlinkat(directory.get(), name.c_str(), 0) == 0;
}

bool StagedFile::hasSameTarget(const StagedFile &other) const {
  struct stat mine, others;
  return name == other.name && ::fstat(directory.get(), &mine) == 0 &&
         ::fstat(other.directory.get(), &others) == 0 &&
         mine.st_dev == others.st_dev && mine.st_ino == others.st_ino;
}

llvm::Error attnc::writeFileAtomically(llvm::StringRef path,
                                       llvm::ArrayRef<llvm::StringRef> pieces) {
  StagedFile file;
  if (llvm::Error error = file.stage(path, pieces))
    return error;
  return file.publish();
}

llvm::Error attnc::writeFileAtomically(llvm::StringRef path,
                                       llvm::StringRef bytes) {
  return writeFileAtomically(path, llvm::ArrayRef<llvm::StringRef>(bytes));
}

llvm::Error attnc::writeFilesAtomically(llvm::ArrayRef<PathAndBytes> files) {
  llvm::SmallVector<StagedFile, 4> staged;
  for (const auto &[path, bytes] : files) {
    StagedFile file;
    if (llvm::Error error = file.stage(path, bytes))
      return error;
    for (const StagedFile &earlier : staged)
      if (earlier.hasSameTarget(file))
        return makeRefusal(path, "it is given twice, also as '" +
                                     earlier.getPath() + "'");
    staged.push_back(std::move(file));
  }
  for (size_t index = 0; index < staged.size(); ++index) {
    llvm::Error error = staged[index].publish();
    if (!error)
      continue;
    std::string replaced;
    for (StagedFile &published :
         llvm::MutableArrayRef<StagedFile>(staged).take_front(index))
      if (!published.retract())
        replaced += " '" + published.getPath().str() + "'";
    if (replaced.empty())
      return error;
    return llvm::createStringError(llvm::toString(std::move(error)) +
                                   "; already replaced:" + replaced);
  }
  return llvm::Error::success();
}
