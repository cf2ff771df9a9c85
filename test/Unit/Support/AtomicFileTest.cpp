//===- AtomicFileTest.cpp - Files that appear whole or not at all ---------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What is written, what is refused, and that every failure leaves the
// directory exactly as it was.
//
//===----------------------------------------------------------------------===//

#include "attnc/Support/AtomicFile.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

#include "gtest/gtest.h"

#include <atomic>
#include <csignal>
#include <map>
#include <sys/resource.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

using namespace attnc;
namespace fs = llvm::sys::fs;

/// Makes a directory called b once three temporary files are in `directory`,
/// the third of which takes a while to write. Returns whether it came in time.
static bool putDirectoryInTheWay(llvm::StringRef directory,
                                 const std::string &inTheWay,
                                 const std::atomic<bool> &isOver) {
  while (!isOver) {
    int temporaries = 0;
    std::error_code code;
    for (fs::directory_iterator it(directory, code), end; it != end && !code;
         it.increment(code))
      temporaries += llvm::StringRef(it->path()).ends_with(".tmp");
    if (temporaries == 3)
      return mkdir(inTheWay.c_str(), 0700) == 0;
  }
  return false;
}

namespace {

class AtomicFileTest : public testing::Test {
protected:
  void SetUp() override {
    ASSERT_FALSE(fs::createUniqueDirectory("attnc-atomic", directory));
  }
  void TearDown() override { EXPECT_FALSE(fs::remove_directories(directory)); }

  std::string path(llvm::StringRef name) const {
    llvm::SmallString<128> joined(directory);
    llvm::sys::path::append(joined, name);
    return joined.str().str();
  }

  static std::string read(const std::string &file) {
    auto buffer = llvm::MemoryBuffer::getFile(file);
    return buffer ? (*buffer)->getBuffer().str() : "unreadable";
  }

  static void write(const std::string &file, llvm::StringRef text) {
    FILE *stream = fopen(file.c_str(), "wb");
    ASSERT_NE(stream, nullptr);
    fwrite(text.data(), 1, text.size(), stream);
    fclose(stream);
  }

  /// The names in the directory; what temporary files would show up in.
  std::vector<std::string> list() const {
    std::vector<std::string> names;
    std::error_code code;
    for (fs::directory_iterator it(directory, code), end; it != end && !code;
         it.increment(code))
      names.push_back(llvm::sys::path::filename(it->path()).str());
    llvm::sort(names);
    return names;
  }

  static std::string messageOf(llvm::Error error) {
    return error ? llvm::toString(std::move(error)) : "no error";
  }

  using Names = std::vector<std::string>;
  llvm::SmallString<128> directory;
};

TEST_F(AtomicFileTest, CreatesAndReplaces) {
  llvm::StringRef bytes("\0binary\n\xff", 9);
  ASSERT_EQ(messageOf(writeFileAtomically(path("a"), bytes)), "no error");
  EXPECT_EQ(read(path("a")), bytes);
  ASSERT_EQ(messageOf(writeFileAtomically(path("a"), "shorter")), "no error");
  EXPECT_EQ(read(path("a")), "shorter");
  ASSERT_EQ(messageOf(writeFileAtomically(path("a"), "")), "no error");
  EXPECT_EQ(read(path("a")), "");
  EXPECT_EQ(list(), Names({"a"}));
}

TEST_F(AtomicFileTest, JoinsPieces) {
  ASSERT_EQ(messageOf(writeFileAtomically(
                path("a"), llvm::ArrayRef<llvm::StringRef>{"one", "", "two"})),
            "no error");
  EXPECT_EQ(read(path("a")), "onetwo");
}

TEST_F(AtomicFileTest, HonoursTheUmask) {
  mode_t previous = umask(0027);
  EXPECT_EQ(messageOf(writeFileAtomically(path("a"), "x")), "no error");
  umask(previous);
  struct stat status;
  ASSERT_EQ(stat(path("a").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0640u);
}

TEST_F(AtomicFileTest, RelativePathIsInTheWorkingDirectory) {
  llvm::SmallString<128> previous;
  ASSERT_FALSE(fs::current_path(previous));
  ASSERT_FALSE(fs::set_current_path(directory));
  EXPECT_EQ(messageOf(writeFileAtomically("plain", "x")), "no error");
  ASSERT_FALSE(fs::set_current_path(previous));
  EXPECT_EQ(list(), Names({"plain"}));
}

TEST_F(AtomicFileTest, OpenReaderKeepsTheOldContent) {
  write(path("a"), "old");
  FILE *reader = fopen(path("a").c_str(), "rb");
  ASSERT_NE(reader, nullptr);
  ASSERT_EQ(messageOf(writeFileAtomically(path("a"), "new")), "no error");
  char bytes[8] = {};
  EXPECT_EQ(fread(bytes, 1, sizeof(bytes), reader), 3u);
  EXPECT_STREQ(bytes, "old");
  fclose(reader);
}

TEST_F(AtomicFileTest, RefusesSymbolicLinks) {
  write(path("target"), "precious");
  ASSERT_EQ(symlink("target", path("link").c_str()), 0);
  ASSERT_EQ(symlink("nowhere", path("dangling").c_str()), 0);
  for (const char *name : {"link", "dangling"})
    EXPECT_EQ(messageOf(writeFileAtomically(path(name), "x")),
              "cannot write '" + path(name) +
                  "': it is a symbolic link; give the path of the file itself "
                  "or remove the link");
  EXPECT_EQ(read(path("target")), "precious");
  EXPECT_EQ(list(), Names({"dangling", "link", "target"}));
}

TEST_F(AtomicFileTest, RefusesWhatIsNoFile) {
  ASSERT_FALSE(fs::create_directory(path("sub")));
  ASSERT_EQ(mkfifo(path("pipe").c_str(), 0600), 0);
  EXPECT_EQ(messageOf(writeFileAtomically(path("sub"), "x")),
            "cannot write '" + path("sub") +
                "': it is a directory; give the path of a file");
  EXPECT_EQ(messageOf(writeFileAtomically(path("pipe"), "x")),
            "cannot write '" + path("pipe") + "': it is not a regular file");
  EXPECT_EQ(list(), Names({"pipe", "sub"}));
}

TEST_F(AtomicFileTest, RefusesPathsWithoutAName) {
  for (const std::string &name :
       {std::string(), path("") + "/", path("."), path(".."), std::string("/")})
    EXPECT_EQ(messageOf(writeFileAtomically(name, "x")),
              "cannot write '" + name + "': the path names no file");
  llvm::StringRef hidden("a\0b", 3);
  EXPECT_EQ(messageOf(writeFileAtomically(hidden, "x")),
            "cannot write 'a': the path contains a zero byte");
  EXPECT_EQ(list(), Names());
}

TEST_F(AtomicFileTest, RefusesMissingDirectories) {
  EXPECT_EQ(messageOf(writeFileAtomically(path("no/such/file"), "x")),
            "cannot write '" + path("no/such/file") +
                "': cannot open the directory '" + path("no/such") +
                "': No such file or directory");
  write(path("file"), "");
  EXPECT_EQ(messageOf(writeFileAtomically(path("file/x"), "x")),
            "cannot write '" + path("file/x") +
                "': cannot open the directory '" + path("file") +
                "': Not a directory");
}

TEST_F(AtomicFileTest, StepsOverLeftovers) {
  // What a killed process with this number would have left behind.
  Names expected = {"a"};
  for (int number = 0; number < 300; ++number) {
    expected.push_back(".attnc-" + std::to_string(getpid()) + "-" +
                       std::to_string(number) + ".tmp");
    write(path(expected.back()), "leftover");
  }
  ASSERT_EQ(messageOf(writeFileAtomically(path("a"), "x")), "no error");
  llvm::sort(expected);
  EXPECT_EQ(list(), expected);
  EXPECT_EQ(read(path("a")), "x");
}

TEST_F(AtomicFileTest, ClosesItsFiles) {
  ASSERT_FALSE(fs::create_directory(path("sub")));
  int before = dup(0);
  close(before);
  for (const char *name : {"a", "b", "sub", "no/a"})
    llvm::consumeError(writeFileAtomically(path(name), "x"));
  int after = dup(0);
  close(after);
  EXPECT_EQ(before, after);
}

/// Limits the size of files for the time of its life, as a full disk would.
class FileSizeLimit {
public:
  explicit FileSizeLimit(rlim_t bytes) {
    previousHandler = std::signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &previous);
    struct rlimit limited = {bytes, previous.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limited);
  }
  ~FileSizeLimit() {
    setrlimit(RLIMIT_FSIZE, &previous);
    std::signal(SIGXFSZ, previousHandler);
  }

private:
  struct rlimit previous;
  void (*previousHandler)(int);
};

TEST_F(AtomicFileTest, FailedWriteLeavesNothing) {
  write(path("a"), "old");
  std::string large(100000, 'x');
  std::string message;
  {
    FileSizeLimit limit(4096);
    message = messageOf(writeFileAtomically(path("a"), large));
  }
  EXPECT_EQ(message, "cannot write '" + path("a") +
                         "': cannot write to the disk: File too large");
  EXPECT_EQ(read(path("a")), "old");
  EXPECT_EQ(list(), Names({"a"}));
}

TEST_F(AtomicFileTest, WritesSeveralFiles) {
  write(path("b"), "old");
  ASSERT_EQ(messageOf(writeFilesAtomically(
                {{path("a"), "1"}, {path("b"), "2"}, {path("c"), "3"}})),
            "no error");
  EXPECT_EQ(read(path("a")), "1");
  EXPECT_EQ(read(path("b")), "2");
  EXPECT_EQ(read(path("c")), "3");
  EXPECT_EQ(list(), Names({"a", "b", "c"}));
  EXPECT_EQ(messageOf(writeFilesAtomically({})), "no error");
  // One name in two directories is two targets.
  ASSERT_FALSE(fs::create_directory(path("sub")));
  ASSERT_EQ(
      messageOf(writeFilesAtomically({{path("a"), "4"}, {path("sub/a"), "5"}})),
      "no error");
  EXPECT_EQ(read(path("a")), "4");
  EXPECT_EQ(read(path("sub/a")), "5");
}

TEST_F(AtomicFileTest, OneFailureLeavesEveryTarget) {
  write(path("a"), "old");
  ASSERT_FALSE(fs::create_directory(path("sub")));
  EXPECT_EQ(messageOf(writeFilesAtomically(
                {{path("a"), "new"}, {path("b"), "new"}, {path("sub"), "x"}})),
            "cannot write '" + path("sub") +
                "': it is a directory; give the path of a file");
  std::string large(100000, 'x');
  std::string message;
  {
    FileSizeLimit limit(4096);
    message = messageOf(
        writeFilesAtomically({{path("a"), "new"}, {path("b"), large}}));
  }
  EXPECT_EQ(message, "cannot write '" + path("b") +
                         "': cannot write to the disk: File too large");
  EXPECT_EQ(read(path("a")), "old");
  EXPECT_EQ(list(), Names({"a", "sub"}));
}

TEST_F(AtomicFileTest, RefusesOneTargetTwice) {
  ASSERT_FALSE(fs::create_directory(path("sub")));
  EXPECT_EQ(messageOf(writeFilesAtomically(
                {{path("a"), "1"}, {path("sub/../a"), "2"}})),
            "cannot write '" + path("sub/../a") +
                "': it is given twice, also as '" + path("a") + "'");
  EXPECT_EQ(list(), Names({"sub"}));
}

// The one case in which targets have been replaced: a rename fails although
// everything was written and the targets had been looked at.
TEST_F(AtomicFileTest, FailedRenameIsRolledBackWhereThatIsPossible) {
  std::string large(size_t(32) << 20, 'x');
  for (int attempt = 0; attempt < 50; ++attempt) {
    write(path("old"), "old");
    std::atomic<bool> isOver{false};
    bool isInTime = false;
    std::thread intruder(
        [&] { isInTime = putDirectoryInTheWay(directory, path("b"), isOver); });
    std::string message = messageOf(writeFilesAtomically(
        {{path("old"), "new"}, {path("a"), "new"}, {path("b"), large}}));
    isOver = true;
    intruder.join();
    if (!isInTime) { // Everything was renamed before; once more.
      ASSERT_FALSE(fs::remove(path("a")));
      ASSERT_FALSE(fs::remove(path("b")));
      continue;
    }
    EXPECT_EQ(message, "cannot write '" + path("b") +
                           "': it is a directory; give the path of a file; "
                           "already replaced: '" +
                           path("old") + "'");
    EXPECT_EQ(read(path("old")), "new");
    EXPECT_EQ(list(), Names({"b", "old"}));
    return;
  }
  FAIL() << "the directory was never in time";
}

// Two writers and a reader: whatever is read is one of the two contents, whole.
TEST_F(AtomicFileTest, ConcurrentWritersNeverMix) {
  std::string first(20000, 'a'), second(30000, 'b');
  write(path("shared"), first);
  std::atomic<int> failures{0};
  std::atomic<bool> isDone{false};
  auto writeRepeatedly = [&](llvm::StringRef bytes) {
    for (int round = 0; round < 40; ++round)
      if (llvm::Error error = writeFileAtomically(path("shared"), bytes)) {
        llvm::consumeError(std::move(error));
        ++failures;
      }
  };
  std::thread reader([&] {
    while (!isDone) {
      std::string bytes = read(path("shared"));
      if (bytes != first && bytes != second)
        ++failures;
    }
  });
  std::thread one([&] { writeRepeatedly(first); });
  std::thread two([&] { writeRepeatedly(second); });
  one.join();
  two.join();
  isDone = true;
  reader.join();
  EXPECT_EQ(failures, 0);
  EXPECT_EQ(list(), Names({"shared"}));
}

} // namespace
