//===- CacheFolderTest.cpp - the cache on disk ----------------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What other users, other processes and accidents may do to the folder.
//
//===----------------------------------------------------------------------===//

#include "attnc/Cache/CacheFolder.h"

#include "attnc/Cache/Blake3.h"
#include "gtest/gtest.h"
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace attnc;
namespace fs = std::filesystem;

namespace {

/// A folder for each test, whose subfolder `cache` is not there yet.
class CacheFolderTest : public testing::Test {
protected:
  CacheFolderTest() {
    root = testing::TempDir() + "attnc-cache-XXXXXX";
    EXPECT_TRUE(mkdtemp(root.data()));
    path = root + "/deep/cache";
  }
  ~CacheFolderTest() override {
    std::error_code ignored;
    fs::permissions(root + "/deep", fs::perms::owner_all, ignored);
    fs::permissions(path, fs::perms::owner_all, ignored);
    fs::remove_all(root, ignored);
  }

  std::unique_ptr<CacheFolder> open() {
    std::unique_ptr<CacheFolder> folder;
    Problem problem = CacheFolder::open(path, folder);
    EXPECT_FALSE(problem) << problem.getMessage();
    return folder;
  }
  std::string getRefusal() {
    std::unique_ptr<CacheFolder> folder;
    return CacheFolder::open(path, folder).getMessage();
  }
  std::string getFile(const std::string &digest) {
    return path + "/" + digest + ".kernel";
  }
  /// Sets when an entry was last used.
  void age(const std::string &digest, int days) {
    timespec times[2] = {};
    times[0].tv_sec = times[1].tv_sec = time(nullptr) - days * 86400L;
    ASSERT_EQ(utimensat(AT_FDCWD, getFile(digest).c_str(), times, 0), 0);
  }

  std::string root, path;
};

std::string digestOf(const std::string &text) {
  return getHex(Blake3::hash(text));
}

/// The one entry that belongs to a number.
CacheEntry makeEntry(int number) {
  std::string text = std::to_string(number);
  return {"number " + text + "\n", text, std::string(20000 + number, 'x')};
}

TEST_F(CacheFolderTest, is_made_for_this_user_alone) {
  mode_t old = umask(0);
  auto folder = open();
  umask(old);
  ASSERT_TRUE(folder);
  struct stat status;
  ASSERT_EQ(stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0700u);
  ASSERT_FALSE(folder->store(digestOf("a"), makeEntry(1), {}));
  ASSERT_EQ(stat(getFile(digestOf("a")).c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
}

TEST_F(CacheFolderTest, holds_what_was_stored) {
  auto folder = open();
  CacheEntry entry;
  std::string why;
  EXPECT_EQ(folder->load(digestOf("a"), entry, why), CacheFolder::Find::Miss);
  ASSERT_FALSE(folder->store(digestOf("a"), makeEntry(1), {}));
  ASSERT_EQ(folder->load(digestOf("a"), entry, why), CacheFolder::Find::Hit);
  EXPECT_EQ(entry.object, makeEntry(1).object);
  ASSERT_EQ(folder->list().size(), 1u);
  EXPECT_EQ(folder->list()[0].digest, digestOf("a"));
}

TEST_F(CacheFolderTest, a_damaged_entry_is_told_and_replaced) {
  auto folder = open();
  ASSERT_FALSE(folder->store(digestOf("a"), makeEntry(1), {}));
  std::fstream file(getFile(digestOf("a")),
                    std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(500);
  file.put('!');
  file.close();
  CacheEntry entry;
  std::string why;
  EXPECT_EQ(folder->load(digestOf("a"), entry, why),
            CacheFolder::Find::Damaged);
  EXPECT_EQ(why, "its checksum is wrong");
  ASSERT_FALSE(folder->store(digestOf("a"), makeEntry(1), {}));
  EXPECT_EQ(folder->load(digestOf("a"), entry, why), CacheFolder::Find::Hit);
}

TEST_F(CacheFolderTest, an_entry_that_others_can_write_is_not_used) {
  auto folder = open();
  ASSERT_FALSE(folder->store(digestOf("a"), makeEntry(1), {}));
  chmod(getFile(digestOf("a")).c_str(), 0622);
  CacheEntry entry;
  std::string why;
  EXPECT_EQ(folder->load(digestOf("a"), entry, why),
            CacheFolder::Find::Damaged);
  EXPECT_EQ(why, "other users can write it");
}

TEST_F(CacheFolderTest, an_entry_that_is_a_link_is_not_followed) {
  auto folder = open();
  ASSERT_FALSE(folder->store(digestOf("a"), makeEntry(1), {}));
  fs::rename(getFile(digestOf("a")), root + "/elsewhere");
  fs::create_symlink(root + "/elsewhere", getFile(digestOf("a")));
  CacheEntry entry;
  std::string why;
  EXPECT_EQ(folder->load(digestOf("a"), entry, why),
            CacheFolder::Find::Damaged);
  EXPECT_EQ(why, "it is a symbolic link");
  // Healed in its place; what it led to is left alone.
  ASSERT_FALSE(folder->store(digestOf("a"), makeEntry(1), {}));
  EXPECT_EQ(folder->load(digestOf("a"), entry, why), CacheFolder::Find::Hit);
  EXPECT_TRUE(fs::exists(root + "/elsewhere"));
}

TEST_F(CacheFolderTest, a_link_is_refused_with_and_without_a_slash) {
  fs::create_directories(root + "/real");
  fs::create_directories(root + "/deep");
  fs::create_symlink(root + "/real", path);
  EXPECT_EQ(getRefusal(), "the cache '" + path +
                              "' is a symbolic link; give the path of the "
                              "folder");
  path += "/";
  EXPECT_NE(getRefusal().find("is a symbolic link"), std::string::npos);
}

TEST_F(CacheFolderTest, a_folder_that_others_can_write_is_refused) {
  fs::create_directories(path);
  chmod(path.c_str(), 0770);
  EXPECT_NE(getRefusal().find("can be written by other users"),
            std::string::npos);
  chmod(path.c_str(), 0755);
  EXPECT_EQ(getRefusal(), "");
}

TEST_F(CacheFolderTest, a_folder_of_another_user_is_refused) {
  if (geteuid() != 0)
    GTEST_SKIP() << "only root can give a folder away";
  fs::create_directories(path);
  ASSERT_EQ(chown(path.c_str(), 12345, 12345), 0);
  EXPECT_NE(getRefusal().find("belongs to another user"), std::string::npos);
}

TEST_F(CacheFolderTest, what_is_no_folder_is_refused) {
  fs::create_directories(root + "/deep");
  std::ofstream(path) << "a file";
  EXPECT_NE(getRefusal().find("cannot be opened"), std::string::npos);
  path = root + "/deep/cache/below";
  EXPECT_NE(getRefusal().find("cannot be opened"), std::string::npos);
  path = "relative";
  EXPECT_NE(getRefusal().find("has no absolute path"), std::string::npos);
}

/// Runs `body` as a user who is not root: root may write everywhere.
template <typename Body>
int runWithoutRights(Body body) {
  pid_t child = fork();
  if (child == 0) {
    if (geteuid() == 0 && (setgid(65534) || setuid(65534)))
      _exit(99);
    _exit(body());
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 98;
}

TEST_F(CacheFolderTest, a_folder_that_can_only_be_read_is_read) {
  auto folder = open();
  ASSERT_FALSE(folder->store(digestOf("a"), makeEntry(1), {}));
  chmod(root.c_str(), 0755);
  chmod((root + "/deep").c_str(), 0755);
  chmod(getFile(digestOf("a")).c_str(), 0444);
  chmod(path.c_str(), 0555);
  // A folder of root, as of an image, is that of nobody else who can write.
  EXPECT_EQ(runWithoutRights([&] {
              std::unique_ptr<CacheFolder> opened;
              if (CacheFolder::open(path, opened))
                return 1;
              CacheEntry entry;
              std::string why;
              if (opened->load(digestOf("a"), entry, why) !=
                  CacheFolder::Find::Hit)
                return 2;
              return opened->store(digestOf("b"), makeEntry(2), {}) ? 0 : 3;
            }),
            0);
}

TEST_F(CacheFolderTest, a_folder_that_cannot_be_made_is_told) {
  fs::create_directories(root + "/deep");
  chmod(root.c_str(), 0755);
  chmod((root + "/deep").c_str(), 0555);
  EXPECT_EQ(runWithoutRights([&] {
              std::unique_ptr<CacheFolder> opened;
              Problem problem = CacheFolder::open(path, opened);
              return problem.getMessage().find("cannot be created") !=
                             std::string::npos
                         ? 0
                         : 1;
            }),
            0);
}

// A disk may be full at any byte of an entry. The old entry stays, and nothing
// is left of the new one.
TEST_F(CacheFolderTest, a_full_disk_leaves_what_was_there) {
  auto folder = open();
  ASSERT_FALSE(folder->store(digestOf("a"), makeEntry(1), {}));
  auto ignored = signal(SIGXFSZ, SIG_IGN);
  rlimit previous;
  getrlimit(RLIMIT_FSIZE, &previous);
  for (rlim_t bytes :
       {rlim_t(0), rlim_t(1), rlim_t(95), rlim_t(4096), rlim_t(20000)}) {
    rlimit limited = {bytes, previous.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limited);
    Problem replaced = folder->store(digestOf("a"), makeEntry(2), {});
    Problem added = folder->store(digestOf("b"), makeEntry(3), {});
    setrlimit(RLIMIT_FSIZE, &previous);
    EXPECT_NE(replaced.getMessage().find("File too large"), std::string::npos)
        << bytes << ": " << replaced.getMessage();
    EXPECT_TRUE(added) << bytes;
    CacheEntry entry;
    std::string why;
    EXPECT_EQ(folder->load(digestOf("a"), entry, why), CacheFolder::Find::Hit);
    EXPECT_EQ(entry.description, "1");
    EXPECT_EQ(folder->load(digestOf("b"), entry, why), CacheFolder::Find::Miss);
    size_t numFiles = 0;
    for (const auto &file : fs::directory_iterator(path))
      numFiles += file.path().extension() != "";
    EXPECT_EQ(numFiles, 1u) << bytes;
  }
  signal(SIGXFSZ, ignored);
  EXPECT_FALSE(folder->store(digestOf("b"), makeEntry(3), {}));
}

TEST_F(CacheFolderTest, what_was_not_used_for_long_is_pruned) {
  auto folder = open();
  for (const char *name : {"a", "b", "c"})
    ASSERT_FALSE(folder->store(digestOf(name), makeEntry(1), {}));
  age(digestOf("a"), 10);
  age(digestOf("b"), 5);
  CacheLimits limits;
  limits.maxDays = 7;
  EXPECT_EQ(folder->prune(limits), 1u);
  EXPECT_FALSE(fs::exists(getFile(digestOf("a"))));
  // A use makes it young again.
  CacheEntry entry;
  std::string why;
  ASSERT_EQ(folder->load(digestOf("b"), entry, why), CacheFolder::Find::Hit);
  limits.maxDays = 3;
  EXPECT_EQ(folder->prune(limits), 0u);
}

TEST_F(CacheFolderTest, what_was_used_longest_ago_makes_room) {
  auto folder = open();
  for (const char *name : {"a", "b", "c"})
    ASSERT_FALSE(folder->store(digestOf(name), makeEntry(1), {}));
  age(digestOf("a"), 1);
  age(digestOf("b"), 3);
  age(digestOf("c"), 2);
  CacheLimits limits;
  limits.maxBytes = 2 * fs::file_size(getFile(digestOf("a")));
  EXPECT_EQ(folder->prune(limits), 1u);
  EXPECT_FALSE(fs::exists(getFile(digestOf("b"))));
  limits.maxBytes = 0;
  EXPECT_EQ(folder->prune(limits), 2u);
}

TEST_F(CacheFolderTest, only_entries_and_old_leftovers_are_removed) {
  auto folder = open();
  ASSERT_FALSE(folder->store(digestOf("a"), makeEntry(1), {}));
  std::ofstream(path + "/notes.txt") << "mine";
  std::ofstream(path + "/.attnc-0123.tmp") << "left";
  std::ofstream(path + "/.attnc-4567.tmp") << "being written";
  timespec times[2] = {};
  times[0].tv_sec = times[1].tv_sec = time(nullptr) - 2 * 3600;
  utimensat(AT_FDCWD, (path + "/.attnc-0123.tmp").c_str(), times, 0);
  CacheLimits none;
  none.maxBytes = 0;
  EXPECT_EQ(folder->prune(none), 1u);
  EXPECT_EQ(folder->clear(), 0u);
  EXPECT_TRUE(fs::exists(path + "/notes.txt"));
  EXPECT_FALSE(fs::exists(path + "/.attnc-0123.tmp"));
  EXPECT_TRUE(fs::exists(path + "/.attnc-4567.tmp"));
}

/// Stores and loads a few keys until killed; ends with 1 if a load finds what
/// is not whole.
[[noreturn]] void useUntilKilled(const std::string &path, unsigned seed) {
  std::unique_ptr<CacheFolder> folder;
  if (CacheFolder::open(path, folder))
    _exit(2);
  for (unsigned i = seed;; i = i * 1664525 + 1013904223) {
    int number = static_cast<int>(i >> 16) % 4;
    std::string digest = digestOf(std::to_string(number)), why;
    CacheEntry entry;
    switch (folder->load(digest, entry, why)) {
    case CacheFolder::Find::Hit:
      if (entry.object != makeEntry(number).object)
        _exit(3);
      break;
    case CacheFolder::Find::Miss:
      break;
    case CacheFolder::Find::Damaged:
      _exit(1);
    }
    if (folder->store(digest, makeEntry(number), {}))
      _exit(4);
    if (i % 8 == 0)
      folder->remove(digest);
  }
}

TEST_F(CacheFolderTest, processes_that_are_killed_leave_it_whole) {
  constexpr int numProcesses = 8, numRounds = 12;
  ASSERT_TRUE(open());
  for (int round = 0; round < numRounds; ++round) {
    std::vector<pid_t> children;
    for (unsigned i = 0; i < numProcesses; ++i) {
      pid_t child = fork();
      if (child == 0)
        useUntilKilled(path, round * numProcesses + i + 1);
      children.push_back(child);
    }
    usleep(20000 + 3000 * round);
    for (pid_t child : children) {
      // One that found something wrong has ended by itself.
      kill(child, SIGKILL);
      int status = 0;
      waitpid(child, &status, 0);
      EXPECT_TRUE(WIFSIGNALED(status))
          << "ended with " << WEXITSTATUS(status) << " in round " << round;
    }
    auto folder = open();
    for (const CacheFile &file : folder->list()) {
      CacheEntry entry;
      std::string why;
      EXPECT_EQ(folder->load(file.digest, entry, why), CacheFolder::Find::Hit)
          << why;
    }
  }
}

} // namespace
